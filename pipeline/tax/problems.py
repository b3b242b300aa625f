"""What is wrong with a file of tax data: where, what was found, what was expected."""

from collections.abc import Iterable
from typing import NamedTuple

SHOWN = 20


class FileProblem(NamedTuple):
    """One problem at one line of a file."""

    file: str
    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        """`rules/us-mn.yaml:12: found X, expected Y`."""
        return f"{self.file}:{self.line}: found {self.found}, expected {self.expected}"


class TaxDataError(ValueError):
    """Tax data that cannot be used. `problems` lists everything that was found; the message shows the first twenty."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"... and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))
