"""Every case of `cdr_cases.jsonl`: all fields that an expectation names, and its counts, through mediation."""

import json
import os
from pathlib import Path

import pytest

from tests.oracles.cdr_cases import Case, differences, run_case

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("TRUNKLINE_ORACLES", ROOT.parent / "shared" / "oracles")) / "cdr_cases.jsonl"
NUMBERS = "number"

if not FILE.is_file():
    pytest.skip(f"{FILE.name} is not in TRUNKLINE_ORACLES", allow_module_level=True)

pytestmark = pytest.mark.oracle
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
RECORDS = [case for case in CASES if case["source_format"] != NUMBERS]


@pytest.mark.parametrize("case", RECORDS, ids=lambda case: case["title"])
def test_records_become_the_expected_legs(case: Case) -> None:
    """What differs is shown as (expected, found)."""
    assert not differences(case["expect"], run_case(case))


def test_all_cases_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The file gives cases, and the line says how many are exact."""
    wrong = sum(bool(differences(case["expect"], run_case(case))) for case in RECORDS)
    with capsys.disabled():
        line = f"{FILE.name}: {len(RECORDS) - wrong} exact, {len(CASES) - len(RECORDS)} not applicable, {wrong} wrong"
        print(f"\n{line}", end=" ")  # noqa: T201 - the count is the result
    assert RECORDS
    assert not wrong


def test_the_comparison_sees_differences() -> None:
    """An expectation that is changed in one field is found wrong in that field."""
    case = next(case for case in RECORDS if "measured_ms" in case["expect"])
    changed = case["expect"] | {"measured_ms": case["expect"]["measured_ms"] + 1}
    assert ["measured_ms"] == list(differences(changed, run_case(case)))
