"""Every case of `cdr_cases.jsonl` that is one number: what mediation leaves to numbering."""

import json
import os
from pathlib import Path

import pytest

from tests.oracles.number_parties import Case, difference

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("TRUNKLINE_ORACLES", ROOT.parent / "shared" / "oracles")) / "cdr_cases.jsonl"

if not FILE.is_file():
    pytest.skip(f"{FILE.name} is not in TRUNKLINE_ORACLES", allow_module_level=True)

pytestmark = pytest.mark.oracle
LINES = FILE.read_text(encoding="utf-8").splitlines()
CASES: list[Case] = [case for line in LINES if (case := json.loads(line))["source_format"] == "number"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_party_is_read_as_expected(case: Case) -> None:
    """Number, class, presentation, routing number and reason, as far as the case names them."""
    assert not difference(case)


def test_the_file_gives_cases() -> None:
    """None would prove nothing."""
    assert CASES


def test_the_comparison_sees_differences() -> None:
    """A changed expectation is found wrong."""
    case = next(case for case in CASES if case["expect"].get("called"))
    assert ["called"] == list(difference({**case, "expect": {**case["expect"], "called": "+15"}}))
