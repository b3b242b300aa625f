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
    result = run_case({"source_format": "native_json", "raw": [NATIVE], "context": {}, "expect": {}})
    assert not differences({"measured_ms": 1_000}, result)
    assert ["measured_ms"] == list(differences({"measured_ms": 1_001}, result))


NATIVE = {
    "source_node": "n1", "leg_id": "a", "record_type": "STOP", "started_at": "2026-03-31T21:59:50.000Z",
    "answered_at": "2026-03-31T21:59:59.567Z", "released_at": "2026-03-31T22:00:00.567Z", "calling_raw": "+12025550101",
    "called_raw": "+442079460123", "sip_status": 200, "record_seq": 7,
}  # fmt: skip


def test_facts_that_a_case_may_name() -> None:
    """Period by the account's zone, gaps in three spellings, items of any state, records written as objects."""
    late = {**NATIVE, "leg_id": "b", "released_at": "2026-03-31T21:59:58.000Z", "record_seq": 10}
    case = {
        "source_format": "native_json", "raw": [NATIVE, late, "{"], "context": {"account_timezone": "Europe/Vienna"},
        "expect": {
            "received": 3, "calls": 2, "legs": 1, "suspended": 1, "rejected": 1, "pending": 0, "period": "2026-03",
            "billing_period": "2026-03", "answer_local": "2026-03-31T23:59:59.567", "gaps": [8, 9],
            "setup_utc": "2026-03-31T21:59:50.000Z", "called_e164": "+442079460123",
            "items": [
                {"key": "a", "state": "leg", "measured_ms": 1_000},
                {"key": "b", "state": "suspended", "reason": "NEG_DURATION"},
            ],
        },
    }  # fmt: skip
    result = run_case(case)
    assert not differences(case["expect"], result)
    assert not differences({"gaps": [[8, 9]]}, result)
    assert not differences({"gaps": [{"node": "n1", "first": 8, "last": 9}]}, result)
    assert ["gaps"] == list(differences({"gaps": [8]}, result))
    assert ["period"] == list(differences({"period": "2026-04"}, result))
    assert ["b.state"] == list(differences({"items": [{"key": "b", "state": "leg"}]}, result))
