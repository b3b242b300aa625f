"""Credits: a reversal and a replacement with the rates of the original bill."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rating.tax.credits import TaxCredit, credit_taxes, reverse
from rating.tax.invoice import tax_invoice
from rating.tax.law import TaxLaw
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import TaxResult, TaxStop
from tests.rating.tax.bills import a_bill, a_channel_fee, a_law, a_trunk, minnesota_sales, the_fusf

LAW = a_law(the_fusf(), *minnesota_sales())
FEDERAL = a_law(the_fusf())
AUGUST = date(2026, 8, 15)


def credit(bill: TaxRequest, left: ChargeLine, law: TaxLaw = FEDERAL) -> TaxCredit:
    """The credit that leaves one charge of a bill."""
    found = credit_taxes(bill, [left], law, AUGUST)
    assert isinstance(found, TaxCredit)
    return found


def test_a_full_credit_gives_everything_back() -> None:
    """Example 25: -60.03 at the factor of May, reported in August, although August has no factor."""
    found = credit(a_bill(a_channel_fee("250.00")), a_channel_fee("0"))
    assert Decimal("-60.03") == found.net
    assert (date(2026, 5, 1), "2026-08") == (found.reversal.tax_point, found.reversal.compliance_period)


def test_a_partial_credit_is_the_difference_of_two_rounded_taxes() -> None:
    """100.00 of 250.00: -60.03 + 36.01 = -24.02; the tax of the difference would be 24.013."""
    found = credit(a_bill(a_channel_fee("250.00")), a_channel_fee("150.00"))
    assert ("-60.03", "36.01", "-24.02") == (
        str(found.reversal.total),
        str(found.replacement.total),
        str(found.net),
    )
    assert "2026-08" == found.replacement.compliance_period


def test_a_reversal_mirrors_every_line() -> None:
    """Bases, shares, exact and rounded taxes are negative; the rate is the original's."""
    bill = a_bill(a_channel_fee("250.00"), trunks=(a_trunk(10),))
    original = tax_invoice(bill, LAW)
    assert isinstance(original, TaxResult)
    for before, after in zip(original.lines, reverse(original, AUGUST).lines, strict=True):
        assert (before.base, before.amount, before.tax_unrounded) == (-after.base, -after.amount, -after.tax_unrounded)
        assert [share.amount for share in before.shares] == [-share.amount for share in after.shares]
        assert before.rate == after.rate


def test_a_bill_that_could_not_be_taxed_cannot_be_credited() -> None:
    """The stop of the original is the answer."""
    bill = a_bill(a_channel_fee("250.00"), bill_date=date(2026, 7, 1))
    assert isinstance(credit_taxes(bill, [], FEDERAL, AUGUST), TaxStop)


@given(st.decimals(0, 10_000, places=2), st.decimals(0, 1, places=2))
def test_two_credits_in_a_row_end_where_one_does(charge: Decimal, part: Decimal) -> None:
    """The taxes left after a partial credit are those of a bill of what is left."""
    left = a_channel_fee(str(charge * part))
    found = credit(a_bill(a_channel_fee(str(charge))), left, LAW)
    direct = tax_invoice(a_bill(left), LAW)
    original = tax_invoice(a_bill(a_channel_fee(str(charge))), LAW)
    assert isinstance(direct, TaxResult)
    assert isinstance(original, TaxResult)
    assert direct.total == original.total + found.net
