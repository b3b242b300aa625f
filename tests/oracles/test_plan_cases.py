"""Every case of `plan_cases.json`: channel fees, allowances, the fair-use split and concurrency, with their twins."""

import copy
import json
import os
from pathlib import Path

import pytest

from tests.oracles.plan_cases import RUNNERS, Case, difference

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("TRUNKLINE_ORACLES", ROOT.parent / "shared" / "oracles")) / "plan_cases.json"

if not FILE.is_file():
    pytest.skip(f"{FILE.name} is not in TRUNKLINE_ORACLES", allow_module_level=True)

pytestmark = pytest.mark.oracle
CASES: list[Case] = json.loads(FILE.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}: {case['title']}")
def test_the_answer_is_exact(case: Case) -> None:
    """Every field of the expectation; what differs is shown as (expected, found)."""
    assert not difference(case)


def test_all_cases_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The file gives cases, and the line says how many are exact."""
    wrong = sum(bool(difference(case)) for case in CASES)
    with capsys.disabled():
        line = f"{FILE.name}: {len(CASES) - wrong} exact, 0 not applicable, {wrong} wrong"
        print(f"\n{line}", end=" ")  # noqa: T201 - the count is the result
    assert CASES
    assert not wrong


@pytest.mark.parametrize("kind", sorted({case["kind"] for case in CASES} & set(RUNNERS)))
def test_the_comparison_sees_differences(kind: str) -> None:
    """An expectation that is changed in one number, or that names an unknown field, is found wrong."""
    case = copy.deepcopy(next(case for case in CASES if case["kind"] == kind))
    name = next(name for name, value in case["expected"].items() if isinstance(value, int))
    case["expected"] |= {name: case["expected"][name] + 1, "more": None}
    assert [name, "more"] == list(difference(case))


def test_an_unknown_kind_is_a_difference() -> None:
    """It is wrong, and does not end the run."""
    assert ["kind"] == list(difference({"kind": "roaming", "input": {}, "expected": {}}))
