"""A tax line in words and in parts: its steps, the weakest of its marks, its cents by charge, and why a bill stops."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.tax.allocation import Allocation, AllocationMethod
from rating.tax.explain import Step, explain_tax, unsourced
from rating.tax.jurisdictions import UNITED_STATES
from rating.tax.parameters import DatedValue, RateMissing, StopReason
from rating.tax.result import (
    BaseShare,
    EngineRefusal,
    JurisdictionAmbiguous,
    TaxLine,
    TaxResult,
    TaxStop,
    compliance_period,
)
from rating.tax.rounding import cents_to_decimal
from rating.tax.terms import Mark, Rounding, TaxType

MAY = date(2026, 5, 1)
FACTOR = DatedValue(date(2026, 4, 1), date(2026, 7, 1), Decimal("0.370"), "DA 26-218")

FUSF = TaxLine(
    "US.FUSF", "Federal Universal Service Fund", TaxType.FUSF, UNITED_STATES, MAY, Decimal("162.25"), Decimal(0), None,
    FACTOR, Rounding.CAPPED, Decimal("60.0325"), Decimal("60.03"), "47 CFR 54.712", Mark.SOURCED,
    (BaseShare("channels", Decimal("162.25")),),
)  # fmt: skip
"""Example 1: 250.00 for channels, 64.9 percent of it interstate, the factor of the second quarter of 2026."""


def test_the_steps_of_the_federal_charge() -> None:
    """250.00 x 0.649 = 162.25; x 0.370 = 60.0325; down to 60.03. Each step names its document."""
    assert [
        Step("charge channels", "162.25"),
        Step("base", "162.25", "47 CFR 54.712"),
        Step("rate", "0.370", "DA 26-218 (from 2026-04-01 to 2026-07-01, tax point 2026-05-01)"),
        Step("exact tax", "60.0325", "rule US.FUSF"),
        Step("tax", "60.03", "rounded down, once for this bill, because the charge may not exceed its cap"),
    ] == list(explain_tax(FUSF))


def test_the_steps_of_an_exempt_tax() -> None:
    """The certificate takes the place of the rate: nothing is due on all of the base."""
    exempt = FUSF._replace(
        exempt=Decimal("162.25"),
        exempt_reason="RESALE_499",
        rate=None,
        tax_unrounded=Decimal(0),
        amount=Decimal("0.00"),
    )
    assert [
        Step("charge channels", "162.25"),
        Step("base", "162.25", "47 CFR 54.712"),
        Step("exempt", "162.25", "certificate: RESALE_499"),
        Step("exact tax", "0", "rule US.FUSF"),
        Step("tax", "0.00", "rounded down, once for this bill, because the charge may not exceed its cap"),
    ] == list(explain_tax(exempt))


@pytest.mark.parametrize(
    ("rounding", "words"),
    [
        (Rounding.AGGREGATE, "summed over the state, rounded once half up, handed back by largest remainder"),
        (Rounding.PER_JURISDICTION, "rounded half up, once for this bill, jurisdiction and tax"),
        (Rounding.CAPPED, "rounded down, once for this bill, because the charge may not exceed its cap"),
    ],
)
def test_every_rounding_has_its_words(rounding: Rounding, words: str) -> None:
    """The last step says how exact money became cents."""
    assert words == list(explain_tax(FUSF._replace(rounding=rounding)))[-1].source


@pytest.mark.parametrize(
    ("rule", "number", "expected"),
    [
        ("S", "S", "S"), ("S", "M", "M"), ("M", "S", "M"), ("M", "M", "M"), ("S", "I", "I"), ("I", "S", "I"),
        ("M", "I", "I"), ("I", "M", "I"), ("I", "I", "I"), ("S", None, "S"), ("M", None, "M"), ("I", None, "I"),
    ],
)  # fmt: skip
def test_the_weakest_mark_is_shown(rule: str, number: str | None, expected: str) -> None:
    """Sourced, unconfirmed, illustrative: a bill shows the weaker one of the rule and of the number."""
    rate = None if number is None else FACTOR._replace(mark=Mark(number))
    assert Mark(expected) is unsourced(FUSF._replace(mark=Mark(rule), rate=rate))


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Mark.UNCONFIRMED, "DA 26-218; unconfirmed: no document is at hand, confirm it before use (from"),
        (Mark.ILLUSTRATIVE, "DA 26-218; illustrative: invented, not a number of the law (from"),
        (Mark.SOURCED, "DA 26-218 (from"),
    ],
)
def test_what_is_not_sourced_says_so_in_its_step(mark: Mark, words: str) -> None:
    """The rate's own step carries the warning; the rule's step does not borrow it."""
    steps = {step.step: step.source for step in explain_tax(FUSF._replace(rate=FACTOR._replace(mark=mark)))}
    assert steps["rate"].startswith(words)
    assert "47 CFR 54.712" == steps["base"]


def test_an_open_rate_is_open() -> None:
    """No last day is invented."""
    steps = {step.step: step.source for step in explain_tax(FUSF._replace(rate=FACTOR._replace(effective_until=None)))}
    assert "DA 26-218 (from 2026-04-01 to open, tax point 2026-05-01)" == steps["rate"]


def test_numbers_are_written_out() -> None:
    """No exponent reaches a person: a ten millionth is 0.0000001, a thousand lines are 1000."""
    line = FUSF._replace(base=Decimal("1E+3"), tax_unrounded=Decimal("1E-7"))
    values = {step.step: step.value for step in explain_tax(line)}
    assert ("1000", "0.0000001") == (values["base"], values["exact tax"])


@pytest.mark.parametrize(
    ("amount", "shares", "expected"),
    [
        ("60.03", {"channels": "162.25"}, {"channels": "60.03"}),
        # A third each of 0.10: 3.33 cents, the one that is missing goes to the first.
        ("0.10", {"a": "1", "b": "1", "c": "1"}, {"a": "0.04", "b": "0.03", "c": "0.03"}),
        # 7.125 and 2.375 of 9.50 exactly halve the cent that is missing: the first line gets it.
        ("9.50", {"a": "75", "b": "25"}, {"a": "7.13", "b": "2.37"}),
        ("-0.10", {"a": "-1", "b": "-1", "c": "-1"}, {"a": "-0.04", "b": "-0.03", "c": "-0.03"}),
        ("0.00", {"a": "0", "b": "0"}, {"a": "0.00", "b": "0.00"}),
        ("10.00", {"trunk-1": "8", "trunk-2": "12"}, {"trunk-1": "4.00", "trunk-2": "6.00"}),
    ],
)
def test_the_cents_of_a_line_by_charge(amount: str, shares: dict[str, str], expected: dict[str, str]) -> None:
    """In proportion to what each charge added to the base, by largest remainder; a credit is the mirror."""
    parts = tuple(BaseShare(line_id, Decimal(share)) for line_id, share in shares.items())
    line = FUSF._replace(amount=Decimal(amount), shares=parts)
    assert expected == {line_id: str(cents) for line_id, cents in line.by_charge().items()}


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**7), st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
def test_no_cent_is_lost_between_the_charges(cents: int, weights: list[int]) -> None:
    """The parts sum to the tax, and none is a cent or more away from its exact share."""
    shares = tuple(BaseShare(f"{number:03}", Decimal(weight)) for number, weight in enumerate(weights))
    amount = cents_to_decimal(cents)
    found = FUSF._replace(amount=amount, shares=shares).by_charge()
    assert amount == sum(found.values())
    for share in shares if sum(weights) else ():
        exact = Fraction(amount) * Fraction(share.amount) / sum(weights)
        assert abs(Fraction(found[share.line_id]) - exact) < Fraction(1, 100)


@pytest.mark.parametrize(("reason", "taxable"), [(None, "162.25"), ("RESALE_499", "0"), ("GOV_FED", "0")])
def test_a_certificate_frees_all_or_nothing(reason: str | None, taxable: str) -> None:
    """Nothing of an exempt base bears tax."""
    assert Decimal(taxable) == FUSF._replace(exempt_reason=reason).taxable


def test_the_taxes_of_a_bill() -> None:
    """60.03 and 6.88 less 0.91; a bill without taxes has a total of two decimals all the same."""
    lines = tuple(FUSF._replace(amount=Decimal(amount)) for amount in ("60.03", "6.88", "-0.91"))
    split = Allocation(AllocationMethod.SAFE_HARBOR, Decimal("0.649"))
    result = TaxResult("bill", MAY, "2026-05", "law", split, lines)
    assert "66.00" == str(result.total)
    assert "0.00" == str(result._replace(lines=()).total)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-05-01", "2026-05"), ("2026-05-31", "2026-05"), ("2026-12-31", "2026-12"), ("2027-01-01", "2027-01")],
)
def test_the_month_of_the_report(day: str, expected: str) -> None:
    """That of the bill or credit, with two digits."""
    assert expected == compliance_period(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (
            RateMissing("contribution factor", date(2026, 7, 1), "parameters/us/fusf.yaml", "Values end on 2026-07-01"),
            (
                "RATE_MISSING: contribution factor on 2026-07-01. Values end on 2026-07-01. "
                "Add it with its source to parameters/us/fusf.yaml of the tax folder."
            ),
        ),
        (
            JurisdictionAmbiguous("office", "resolutions.yaml"),
            (
                "JURISDICTION_AMBIGUOUS: the jurisdictions of service address office are not known. "
                "Decide them in resolutions.yaml of the tax folder."
            ),
        ),
        (
            JurisdictionAmbiguous("office", "resolutions.yaml", "ZIP code 55401"),
            (
                "JURISDICTION_AMBIGUOUS: the jurisdictions of service address office are not known "
                "(known: ZIP code 55401). Decide them in resolutions.yaml of the tax folder."
            ),
        ),
        (
            EngineRefusal("afc", "-2000", "invalid safe harbour override"),
            "ENGINE_REFUSED: afc answered -2000: invalid safe harbour override. Correct the request and send it again.",
        ),
    ],
)
def test_why_a_bill_stops(problem: RateMissing | JurisdictionAmbiguous | EngineRefusal, expected: str) -> None:
    """The reason of the closed list, what was found, and what to do next."""
    assert expected == problem.message


def test_a_stop_lists_each_reason_once() -> None:
    """Two missing rates and an unknown address are two reasons."""
    missing = RateMissing("factor", MAY, "fusf.yaml")
    stop = TaxStop("bill", (missing, missing._replace(what="fee"), JurisdictionAmbiguous("office", "resolutions.yaml")))
    assert {StopReason.RATE_MISSING, StopReason.JURISDICTION_AMBIGUOUS} == stop.reasons
