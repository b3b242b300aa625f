"""Every case of `number_cases.csv`: number, class, country, state and domestic set, one by one and as one column."""

import csv
import os
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.mediation.parties import read_party
from rating.numbering.area_codes import epoch_day
from rating.numbering.batch import classify_column
from rating.numbering.classify import classify
from rating.numbering.domestic import domestic_column, is_domestic
from rating.numbering.profiles import DiallingProfile, profile_of
from schemas.reference import ChannelLimit, Package, Plan, Trunk, TrunkType
from tests.numbering.tables import area_codes
from tests.oracles.tally import Broken, attempted
from tests.rating.test_prefixes import NEW_YEAR

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("TRUNKLINE_ORACLES", ROOT.parent / "shared" / "oracles")) / "number_cases.csv"

if not FILE.is_file():
    pytest.skip(f"{FILE.name} is not in TRUNKLINE_ORACLES", allow_module_level=True)

pytestmark = pytest.mark.oracle

Case = dict[str, str]
Answer = tuple[str, str, str, str, str]
EXPECTED = ("e164", "class", "country", "us_state", "unlimited_domestic")
with FILE.open(encoding="utf-8", newline="") as file:
    CASES: list[Case] = list(csv.DictReader(file))


def _profile(country: str) -> DiallingProfile:
    limit = ChannelLimit(effective_from=NEW_YEAR, channel_limit=1)
    trunk = Trunk(
        trunk_id="t", account_id="a", name="T", type=TrunkType.STATIC, plan_id="p", location="l", country=country,
        effective_from=NEW_YEAR, channel_limits=(limit,),
    )  # fmt: skip
    return profile_of(trunk)


def _plan(case: Case) -> Plan:
    """A plan with the domestic set of the case, the default one where it names none."""
    named = tuple(filter(None, case["plan_included_classes"].split(";")))
    plan = Plan(
        plan_id="p", package=Package.UNLIMITED, effective_from=NEW_YEAR, outbound_deck="d",
        excluded_prefixes=tuple(filter(None, case["plan_excluded_prefixes"].split(";"))),
    )  # fmt: skip
    return plan.model_copy(update={"domestic_classes": named}) if named else plan


def _dialled(case: Case) -> str:
    """The digits as the gate of mediation hands them on: without separators, out of a URI (mediation.md N8 to N15)."""
    return read_party(case["number"]).digits or case["number"]


def by_specification(case: Case) -> Answer:
    """The answer of `classify` and `is_domestic`."""
    day = date.fromisoformat(case["as_of"])
    number = classify(_dialled(case), _profile(case["trunk_country"]), day, area_codes())
    kind, domestic = number.kind, "Y" if is_domestic(number, _plan(case)) else "N"
    return number.e164 or "", kind.number_class, kind.country or "", kind.state or "", domestic


def by_columns(cases: list[Case]) -> list[Answer]:
    """The answers of `classify_column` and `domestic_column`, of all cases at once."""
    countries = sorted({case["trunk_country"] for case in cases})
    which = np.array([countries.index(case["trunk_country"]) for case in cases], np.int64)
    days = np.array([epoch_day(date.fromisoformat(case["as_of"])) for case in cases], np.int64)
    dialled = pa.array([_dialled(case) for case in cases], pa.string())
    column = classify_column(dialled, [_profile(country) for country in countries], which, days, area_codes())
    e164 = [f"+{digits}" if length else "" for digits, length in zip(column.digits, column.length, strict=True)]
    texts = [column.number_class(), column.country(), column.state()]
    domestic = ["Y" if domestic_column(column, _plan(case))[row] else "N" for row, case in enumerate(cases)]
    return list(zip(e164, *([text or "" for text in part.to_pylist()] for part in texts), domestic, strict=True))


def both_ways(cases: list[Case]) -> list[tuple[Answer | Broken, Answer | Broken]]:
    """The answers of the specification and of the columns; a row that breaks a column is asked alone."""
    columns = attempted(lambda: by_columns(cases))
    if isinstance(columns, Broken):
        columns = [attempted(lambda case=case: by_columns([case])[0]) for case in cases]
    alone = [attempted(lambda case=case: by_specification(case)) for case in cases]
    return list(zip(alone, columns, strict=True))


def expected(case: Case) -> Answer:
    """The columns that say what is right."""
    number, number_class, country, state, domestic = (case[name] for name in EXPECTED)
    return number, number_class, country, state, domestic


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['number']} {case['note']}")
def test_the_specification_is_exact(case: Case) -> None:
    """Each column of the case that says what is expected."""
    assert expected(case) == by_specification(case)


def test_columns_are_exact_and_all_cases_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """The file gives cases, and the line says how many are exact in both forms."""
    right = [{expected(case)} == set(answers) for case, answers in zip(CASES, both_ways(CASES), strict=True)]
    with capsys.disabled():
        line = f"{FILE.name}: {sum(right)} exact, 0 not applicable, {len(right) - sum(right)} wrong"
        print(f"\n{line}", end=" ")  # noqa: T201 - the count is the result
    assert right
    assert all(right)


def test_the_comparison_sees_differences() -> None:
    """A case whose state is changed is not what the specification says."""
    assert expected(CASES[0] | {"us_state": "ZZ"}) != by_specification(CASES[0])


@pytest.mark.parametrize(
    "number", ["+1 (205) 555-0100", "205.555.0100", "tel:+1-205-555-0100", "sip:12055550100@x;user=phone"]
)
def test_a_number_may_be_written_with_separators(number: str) -> None:
    """Mediation takes them out before rating sees the number."""
    case = dict.fromkeys(CASES[0], "") | {"number": number, "trunk_country": "US", "as_of": "2026-05-01"}
    answer = ("+12055550100", "US_LOWER48_DC", "US", "AL", "Y")
    assert [(answer, answer)] == both_ways([case])


def test_a_row_that_cannot_be_read_spoils_no_other() -> None:
    """Its answers say what broke it; those of the others stand."""
    unreadable = CASES[0] | {"as_of": "May"}
    (first, first_column), (second, second_column) = both_ways([unreadable, CASES[0]])
    assert isinstance(first, Broken)
    assert isinstance(first_column, Broken)
    assert second == second_column == by_specification(CASES[0])
