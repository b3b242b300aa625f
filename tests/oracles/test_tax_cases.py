"""Every case of `tax_cases.json`: the fields that an expectation names must be equal. Counts are printed for each kind.

Fields that are exact by their meaning are compared as decimals, all others as they stand. A kind without a function
fails.
"""

import json
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.tally import Broken, attempted
from tests.oracles.tax_cases import KINDS

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("TRUNKLINE_ORACLES", ROOT.parent / "shared" / "oracles")) / "tax_cases.json"
EXACT = {"base", "interstate", "intrastate", "international"}

if not FILE.is_file():
    pytest.skip(f"{FILE.name} is not in TRUNKLINE_ORACLES", allow_module_level=True)

pytestmark = pytest.mark.oracle


def cases_by_kind() -> dict[str, list[dict[str, Any]]]:
    """The cases of the file, by kind, in its order."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for case in json.loads(FILE.read_text())["cases"]:
        found[case["kind"]].append(case)
    return found


CASES = cases_by_kind()


def agrees(expected: object, actual: object, name: str = "") -> bool:
    """Whether everything that is expected is there and equal."""
    match expected, actual:
        case dict(), dict():
            return all(key in actual and agrees(value, actual[key], key) for key, value in expected.items())
        case list(), list():
            return len(expected) == len(actual) and all(
                agrees(*pair, name) for pair in zip(expected, actual, strict=True)
            )
        case str(), str() if name in EXACT or name.endswith("_unrounded"):
            return Decimal(expected) == Decimal(actual)
        case _:
            return expected == actual and isinstance(expected, bool) == isinstance(actual, bool)


def answer(case: dict[str, Any]) -> dict[str, Any] | Broken:
    """What the function of the case's kind gives, or what broke it; a kind without a function breaks every case."""
    return attempted(lambda: KINDS[case["kind"]](case["input"]))


@pytest.mark.parametrize("kind", sorted(CASES))
def test_every_case_of_a_kind_is_exact(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """None is skipped; what differs is shown with its title, expectation and result."""
    results = [(case, answer(case)) for case in CASES[kind]]
    wrong = [
        (case["title"], case["expected"], actual) for case, actual in results if not agrees(case["expected"], actual)
    ]
    with capsys.disabled():
        print(f"\n{FILE.name} {kind}: {len(results) - len(wrong)} of {len(results)}", end=" ")  # noqa: T201 - the count is the result
    assert not wrong, wrong


def test_the_comparison_sees_differences() -> None:
    """A missing field, another length, another amount and a number for a truth value are differences; zeros are not."""
    assert agrees({"base": "1.50", "rows": [{"tax": "0.10"}]}, {"base": "1.5", "rows": [{"tax": "0.10", "more": 1}]})
    assert not agrees({"tax": "0.10"}, {"tax": "0.1"})
    assert not agrees({"tax": "0.10"}, {})
    assert not agrees({"rows": []}, {"rows": [1]})
    assert not agrees({"is": True}, {"is": 1})
    assert not agrees({"state": None}, {"state": "MN"})


def test_an_unknown_kind_is_wrong_and_ends_nothing() -> None:
    """Its answer says so and agrees with no expectation, not even with an empty one."""
    found = answer({"kind": "carbon_tax", "input": {}})
    assert isinstance(found, Broken)
    assert not agrees({}, found)
