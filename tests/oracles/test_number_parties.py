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
    case = {"raw": "+12025550101", "context": {"role": "called"}, "expect": {"called": "+12025550101"}}
    assert not difference(case)
    assert ["called"] == list(difference(case | {"expect": {"called": "+12025550102"}}))


US: Case = {"default_country": "US", "idd": ["011"], "accept_bare_e164": True}
GB: Case = {"default_country": "GB", "idd": ["00"], "national_prefix": "0"}


@pytest.mark.parametrize(
    ("raw", "context", "expect"),
    [
        ("0034688886392", {"role": "called", "profile": {"idd": ["00"]}}, {"called": "+34688886392", "flags": []}),
        ("34688886392", {"role": "called", "profile": GB}, {"called": None, "reason": "NUM_UNPARSED"}),
        (
            "000442079460654",
            {"role": "called", "profile": {**GB, "digit_rules": [{"strip": "0"}]}},
            {"called": "+442079460654"},
        ),
        ("000442079460654", {"role": "called", "profile": {**GB, "access_digit": "0"}}, {"called": "+442079460654"}),
        (
            "9991#442079460123",
            {"role": "called", "profile": {**GB, "accept_bare_e164": True, "tech_prefix": "^9991#"}},
            {"called": "+442079460123", "tech_prefix": "9991#"},
        ),
        ("'12513001300'<sip:4.2.2.2:5060;user=phone>", {"role": "calling", "profile": US},
         {"calling": "+12513001300", "flags": ["FROM_DISPLAY"]}),
        ("sip:+12025550101;cic=+10288@c.example;user=phone", {"role": "called"}, {"cic": "0288"}),
        (
            "<sip:anonymous@anonymous.invalid>",
            {"role": "calling", "pai": "<tel:+12025550101>", "profile": {"trusted": True}},
            {"calling": "+12025550101", "presentation": "restricted"},
        ),
        ("Restricted", {"role": "calling"}, {"calling": None, "presentation": "unavailable"}),
        (
            "<sip:+12025550111@x>;reason=unconditional",
            {"role": "redirecting"},
            {"redirecting_e164": "+12025550111", "forwarded": True},
        ),
        ("*60", {"role": "called", "profile": US}, {"number_class": "feature", "billable": False, "block": False}),
        ("7777", {"role": "called", "profile": US}, {"number_class": "feature", "block": False}),
        ("112", {"role": "called", "profile": GB}, {"number_class": "emergency", "block": False}),
        ("441632960000ABC", {"role": "called", "profile": GB}, {"called": None, "reason": "NUM_UNPARSED"}),
        ("%2B442079460123", {"role": "called", "url_encoded": True}, {"called": "+442079460123"}),
        ("5550123", {"role": "called", "profile": {**US, "area_code": "202"}}, {"called": "+12025550123"}),
        ("+44 7700 900123 ext 12", {"role": "called"}, {"called": "+447700900123", "extension": "12"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_more_rows_of_the_table(raw: str, context: Case, expect: Case) -> None:
    """Rows N2 to N33 of mediation.md that a file may ask for, asked in the form of a case."""
    assert not difference({"raw": raw, "context": context, "expect": expect})
