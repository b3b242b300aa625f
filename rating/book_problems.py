"""What is wrong with reference data, as data: which row, which field, what was found, what was expected."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing to correct. `table` is accounts, addresses, plans, trunks, decks, decks/<deck id> or area_codes."""

    table: str
    position: int
    """Position of the row among those of its table, from 0, in the order they were given."""
    name: str
    """Identifier of the row."""
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        """The problem in a line, without the file that the row came from."""
        return f"{self.table}, {self.name}, {self.field}: found {self.found}, expected {self.expected}"


class BookError(ValueError):
    """Reference data that must not be used; `problems` lists all that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def one_of(known: Iterable[str]) -> str:
    """What was expected where a reference leads nowhere."""
    return f"one of {', '.join(sorted(known)) or 'none, for there are none'}"


def time_text(instant: datetime) -> str:
    """An instant of UTC as the files write it."""
    return instant.isoformat().replace("+00:00", "Z")


def empty_interval(table: str, position: int, name: str, start: datetime, end: datetime) -> Problem:
    """An end that is not after its start."""
    return Problem(
        table, position, name, "effective_until", time_text(end), f"an end after the start, {time_text(start)}"
    )
