"""Reading the files of a folder: what they give, where each row stands, and everything that is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

from pydantic import BaseModel, Field

from pipeline.book.csv_rows import CsvRows, read_csv
from pipeline.book.models import Path as FieldPath
from pipeline.book.problems import FileProblem
from pipeline.book.yaml_rows import Rows, read_record, read_rows
from rating.book_problems import Problem
from schemas.reference import Rate, RateDeck, Reference

Row = TypeVar("Row", bound=BaseModel)


class DeckHeader(Reference):
    """What `decks/<deck id>.yaml` says of the deck beside it."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    description: str = ""


class _Source(NamedTuple):
    """Where the rows of a table stand."""

    file: str
    lines: Sequence[Mapping[FieldPath, int]]


class Reading:
    """Collects what the files give."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources: dict[str, _Source] = {}
        self.problems: list[FileProblem] = []
        self.decks: list[RateDeck] = []

    def yaml_table(self, table: str, model: type[Row]) -> list[Row]:
        """Rows of `<table>.yaml`."""
        file = f"{table}.yaml"
        found: Rows[Row] = read_rows(self.text(self.folder / file), file, model)
        self.sources[table] = _Source(file, found.lines)
        self.problems += found.problems
        return found.rows

    def csv_table(self, table: str, file: str, path: Path, model: type[Row]) -> list[Row]:
        """Rows of a CSV file."""
        found: CsvRows[Row] = read_csv(self.text(path), file, model)
        self.sources[table] = _Source(file, [{(): line} for line in found.lines])
        self.problems += found.problems
        return found.rows

    def deck(self, path: Path) -> RateDeck:
        """The deck of a CSV file; its name is the deck id."""
        rates = self.csv_table(f"decks/{path.stem}", f"decks/{path.name}", path, Rate)
        header = path.with_suffix(".yaml")
        if not header.is_file():
            return RateDeck(deck_id=path.stem, rates=tuple(rates))
        found = read_record(self.text(header), f"decks/{header.name}", DeckHeader)
        self.problems += found.problems
        currency = found.rows[0].currency if found.rows else DeckHeader().currency
        return RateDeck(deck_id=path.stem, currency=currency, rates=tuple(rates))

    def text(self, path: Path) -> str:
        """Text of a file, which must be UTF-8; nothing, and a problem, where there is none."""
        file = str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else path.name
        return read_file(path, file, self.problems)

    def located(self, found: Iterable[Problem]) -> Iterator[FileProblem]:
        """Problems of rows as problems of lines."""
        for problem in found:
            source = self.sources.get(problem.table)
            lines: Mapping[FieldPath, int] = (
                source.lines[problem.position] if source and problem.position < len(source.lines) else {(): 1}
            )
            line = lines.get((problem.field,), lines[()])
            file = source.file if source else f"decks/{problem.name}.csv"
            yield FileProblem(file, line, f"{problem.name}, {problem.field}", problem.found, problem.expected)


def read_file(path: Path, name: str, problems: list[FileProblem]) -> str:
    """Text of a file, which must be UTF-8; nothing, and one more problem, where there is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(FileProblem(name, 1, "", "no file", f"{path}; it may be empty"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(FileProblem(name, line, "", f"byte 0x{error.object[error.start]:02x}", "UTF-8 text"))
    except OSError as error:
        problems.append(FileProblem(name, 1, "", str(error.strerror), "a file that can be read"))
    return ""
