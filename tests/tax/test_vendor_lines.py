"""Taxes of other engines become lines of the bill: grouped, summed exactly, rounded once; numbers without noise."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tax.engines.protocol import EngineFailed, decode, decode_object, encode, without_noise
from pipeline.tax.engines.vendor_lines import VendorTax, vendor_lines
from rating.tax.jurisdictions import UNITED_STATES, Jurisdiction, level_of
from rating.tax.rounding import half_up
from rating.tax.terms import Level, Mark, Rounding, TaxType

MAY = date(2026, 5, 1)
CALIFORNIA = Jurisdiction("US-CA", Level.STATE, "California")
ULTS = VendorTax(
    "channels", "454", "ULTS (VoIP)", CALIFORNIA, Decimal("35.1"), Decimal("0.0475"), Decimal("1.66725"), "AFC 454"
)
"""Avalara's documented sample: VoIP of 100.00 in California, measure 35.1, rate 4.75 percent, tax 1.66725."""


def test_the_documented_sample() -> None:
    """1.66725 is 1.67; the measure, the rate and the engine's own tax stay as they came."""
    (line,) = vendor_lines([ULTS], MAY)
    assert ("454", "ULTS (VoIP)", TaxType.OTHER, CALIFORNIA) == (
        line.tax_id, line.label, line.tax_type, line.jurisdiction,
    )  # fmt: skip
    assert (Decimal("35.1"), Decimal("1.66725"), "1.67") == (line.base, line.tax_unrounded, str(line.amount))
    assert line.rate is not None
    assert (Decimal("0.0475"), MAY, "AFC 454") == (line.rate.value, line.rate.effective_from, line.rate.citation)
    assert (Rounding.PER_JURISDICTION, Mark.SOURCED, None) == (line.rounding, line.mark, line.exempt_reason)


@pytest.mark.parametrize(
    ("taxes", "exact", "amount"),
    [
        # Rounded alone, two of 0.004 would be nothing; together they are 0.008, a cent.
        (["0.004", "0.004"], "0.008", "0.01"),
        # Rounded alone, two of 0.006 would be two cents; together they are 0.012, one.
        (["0.006", "0.006"], "0.012", "0.01"),
        (["1.66725", "1.66725"], "3.3345", "3.33"),
        (["2.5", "-2.5"], "0", "0.00"),
        (["-0.005"], "-0.005", "-0.01"),
        (["0.0049999999"], "0.0049999999", "0.00"),
    ],
)
def test_the_taxes_of_all_charges_are_rounded_once(taxes: list[str], exact: str, amount: str) -> None:
    """PRODUCT.md, Tax 4: unrounded for each charge, rounded once for the bill, the jurisdiction and the tax."""
    (line,) = vendor_lines([ULTS._replace(line_id=f"{n}", tax=Decimal(tax)) for n, tax in enumerate(taxes)], MAY)
    assert (Decimal(exact), amount) == (line.tax_unrounded, str(line.amount))
    assert [f"{n}" for n in range(len(taxes))] == [share.line_id for share in line.shares]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, 1),
        ({"line_id": "usage"}, 1),
        ({"label": "another text"}, 1),
        ({"tax_id": "455"}, 2),
        ({"rate": Decimal("0.05")}, 2),
        ({"jurisdiction": Jurisdiction("US-NV", Level.STATE, "Nevada")}, 2),
    ],
)
def test_what_makes_a_line_of_its_own(changes: dict[str, object], lines: int) -> None:
    """Another tax, rate or authority; not another charge."""
    assert lines == len(vendor_lines([ULTS, ULTS._replace(**changes)], MAY))  # type: ignore[arg-type]


def test_lines_stand_in_the_order_of_levels() -> None:
    """Federal, state, county, city, district, then code, then tax, whatever order the engine answers in."""
    places = ["US-CA-D1", "US-CA-P44000", "US-CA-C037", "US-CA"]
    taxes = [ULTS._replace(jurisdiction=Jurisdiction(place, level_of(place))) for place in places]
    taxes += [ULTS._replace(tax_id="100"), ULTS._replace(tax_id="162", jurisdiction=UNITED_STATES)]
    found = [(line.jurisdiction.jurisdiction_id, line.tax_id) for line in vendor_lines(taxes, MAY)]
    assert [
        ("US", "162"), ("US-CA", "100"), ("US-CA", "454"), ("US-CA-C037", "454"), ("US-CA-P44000", "454"),
        ("US-CA-D1", "454"),
    ] == found  # fmt: skip


def test_no_tax_is_no_line() -> None:
    """An engine that finds nothing to tax."""
    assert () == vendor_lines([], MAY)


@settings(deadline=None)
@given(st.lists(st.decimals(-1000, 1000, places=5), min_size=1, max_size=6))
def test_a_line_is_the_rounded_sum(taxes: list[Decimal]) -> None:
    """Half up of the exact sum, and the cents by charge make the line again."""
    (line,) = vendor_lines([ULTS._replace(line_id=f"{n}", tax=tax) for n, tax in enumerate(taxes)], MAY)
    assert half_up(sum((Fraction(tax) for tax in taxes), Fraction())) == line.amount
    assert line.amount == sum(line.by_charge().values())


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (Decimal("1.6672499999999997"), "1.66725"),
        (Decimal("0.30000000000000004"), "0.3"),
        (Decimal("0.0000000004999"), "0"),
        (Decimal("0.0000000005"), "1E-9"),
        (Decimal("-0.0000000005"), "-1E-9"),
        (Decimal("12.254900000"), "12.2549"),
        (7, "7"),
        (0, "0"),
    ],
)
def test_noise_of_binary_engines_is_taken_off(number: Decimal | int, expected: str) -> None:
    """Half up at the ninth decimal, which the ledger keeps; a credit is the mirror."""
    assert expected == str(without_noise(number))


@given(st.decimals(-(10**6), 10**6, places=9))
def test_a_number_without_noise_stays(number: Decimal) -> None:
    """Nine decimals are kept, and taking the noise off twice changes nothing."""
    assert number == without_noise(number)


@given(st.decimals(-(10**6), 10**6, places=6))
def test_a_binary_fraction_gives_its_decimal_back(number: Decimal) -> None:
    """An amount with six decimals that went through a binary fraction is the same amount again."""
    assert number == without_noise(Decimal(float(number)))


@settings(deadline=None)
@given(st.decimals(-(10**9), 10**9, places=9))
def test_numbers_keep_their_digits_on_the_wire(number: Decimal) -> None:
    """Written as a JSON number and read back, digit by digit."""
    assert number == Decimal(decode_object(encode({"chg": number}))["chg"])


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b'{"tax": }', b"\xff"])
def test_what_is_no_json(body: bytes) -> None:
    """An error page of a proxy is broken machinery, not a tax of nothing."""
    with pytest.raises(EngineFailed, match="which is no JSON"):
        decode(body)


@pytest.mark.parametrize("body", [b"[]", b"7", b'"error"', b"null", b"true"])
def test_what_is_no_object(body: bytes) -> None:
    """Every answer of an engine is an object."""
    with pytest.raises(EngineFailed, match="expected a JSON object"):
        decode_object(body)
