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


def test_fields_and_records_that_there_are_not() -> None:
    """Both are differences of their case, and break no other."""
    result = run_case({"source_format": "native_json", "raw": [NATIVE], "context": {}})
    assert {"colour": ("red", "no such field")} == differences({"colour": "red"}, result)
    assert {"zz": ("a record", "no record")} == differences({"items": [{"key": "zz", "state": "leg"}]}, result)
    assert {"a.colour": ("red", "no such field")} == differences({"items": [{"key": "a", "colour": "red"}]}, result)
    assert not differences({"items": [{"key": "7", "state": "leg"}, {"key": "n1", "measured_ms": 1_000}]}, result)


def test_limit_and_receipts_that_a_case_tells() -> None:
    """Channels as a setting of the case or of the trunk; one receipt for each record (R41, R19)."""
    second = {**NATIVE, "leg_id": "b", "started_at": "2026-03-31T21:59:55.000Z", "record_seq": 8}
    case = {"source_format": "native_json", "raw": [NATIVE, second], "context": {"trunk": {"channel_limit": 1}}}
    expected = {
        "peak": 2,
        "items": [{"key": "a", "flags": []}, {"key": "b", "flags": ["OVER_CAPACITY", "SUSPECT_DUP"]}],
    }
    found = differences(expected, run_case(case))
    assert {} == {name: pair for name, pair in found.items() if name != "b.flags"}
    assert "OVER_CAPACITY" in run_case(case).named("b")[1].flags
    received = ["2026-03-31T22:00:02Z", "2026-03-31T21:50:00Z"]
    late = run_case({**case, "context": {"received_at": received}})
    assert ["leg", "suspended"] == [late.named(key)[0] for key in ("a", "b")]
