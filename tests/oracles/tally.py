"""How many cases of an oracle file are exact, and what is wrong with the others."""

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("TRUNKLINE_ORACLES", ROOT.parent / "shared" / "oracles"))
"""Where the oracle files lie."""


Found = TypeVar("Found")


class Broken(str):
    """What broke a case, in words; it equals no expectation."""

    __slots__ = ()


def attempted(run: Callable[[], Found]) -> Found | Broken:
    """What a run gives. A case that breaks is a wrong one and never ends the run of the others."""
    try:
        return run()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this case's answer
        return Broken(f"{type(error).__name__}: {error}")


class Difference(NamedTuple):
    """A case whose answer is not the expected one."""

    case: str
    expected: object
    actual: object


class Tally(NamedTuple):
    """What a run of all cases of a file came to."""

    exact: int
    not_applicable: int
    wrong: Sequence[Difference]
    remark: str = ""
    """What the counts do not say."""

    def line(self, name: str) -> str:
        """`rating_grid.csv: 747 exact, 0 not applicable, 0 wrong`."""
        return f"{name}: {self.exact} exact, {self.not_applicable} not applicable, {len(self.wrong)} wrong"

    @property
    def passes(self) -> bool:
        """Whether the file gave cases and none is wrong."""
        return self.exact > 0 and not self.wrong


def tally(answers: Iterable[tuple[str, object, object]], not_applicable: int = 0, remark: str = "") -> Tally:
    """Compare `(case, expected, actual)`; a case that comes several times is exact if it always is."""
    wrong: dict[str, Difference] = {}
    seen = set()
    for case, expected, actual in answers:
        seen.add(case)
        if expected != actual:
            wrong.setdefault(case, Difference(case, expected, actual))
    return Tally(len(seen) - len(wrong), not_applicable, list(wrong.values()), remark)


def read_csv(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the oracles, each text as it stands."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
