"""What is wrong with a file of the book: where, what was found, what was expected."""

from collections.abc import Iterable
from typing import NamedTuple

SHOWN = 50


class FileProblem(NamedTuple):
    """One thing to correct at one line of a file; line 1 where the whole file is meant."""

    file: str
    line: int
    name: str
    """The field, or the row and its field."""
    found: str
    expected: str

    def __str__(self) -> str:
        """`plans.yaml:12: package: found FLAT, expected METERED or UNLIMITED`."""
        name = f"{self.name}: " if self.name else ""
        return f"{self.file}:{self.line}: {name}found {self.found}, expected {self.expected}"


class BookFileError(ValueError):
    """A folder that no book can be made of. `problems` lists all that was found; the message shows the first fifty."""

    def __init__(self, folder: str, problems: Iterable[FileProblem]) -> None:
        self.folder = folder
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        shown = [f"  {problem}" for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            shown.append(f"  ... and {len(self.problems) - SHOWN} more")
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n".join([f"The book in {folder} has {count}:", *shown]))
