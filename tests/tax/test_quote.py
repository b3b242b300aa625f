"""A quote for one charge at one address: the request it makes, the rows it prints, the numbers to look at."""

from datetime import date
from decimal import Decimal

import pytest

from pipeline.tax.provider import Provider, load_provider
from pipeline.tax.quote import Charge, WeakNumber, quote_request, step_rows, tax_rows, weak_numbers, written_address
from rating.tax.invoice import tax_invoice
from rating.tax.parameters import Parameter
from rating.tax.request import TaxRequest
from rating.tax.result import TaxResult, TaxStop
from rating.tax.terms import CallScope, ChargeClass, Mark
from tests.rating.tax.bills import a_bill, a_channel_fee, a_fee, a_law, a_parameter, a_trunk, a_value, the_fusf

MAY = date(2026, 5, 1)
CHICAGO = "1 N State St, Chicago, IL 60602"


@pytest.fixture(scope="module")
def shipped() -> Provider:
    """The tax data that ships, without any file of a provider."""
    return load_provider()


def asked(provider: Provider, text: str, charge: Charge, day: date = MAY) -> TaxRequest:
    """The request of a quote."""
    found = quote_request(provider, written_address(text), day, charge)
    assert isinstance(found, TaxRequest)
    return found


@pytest.mark.parametrize(
    ("text", "street", "city", "state", "post_code"),
    [
        (CHICAGO, "1 N State St", "Chicago", "IL", "60602"),
        ("1 Main St, Suite 2, Madison, wi 53703-0001", "1 Main St, Suite 2", "Madison", "WI", "53703-0001"),
        ("San Juan, PR 00901", "", "San Juan", "PR", "00901"),
    ],
)
def test_an_address_in_one_line(text: str, street: str, city: str, state: str, post_code: str) -> None:
    """The parts of a service address in the United States."""
    found = written_address(text)
    assert (street, city, state, post_code, "US") == (
        found.street, found.city, found.region, found.post_code, found.country,
    )  # fmt: skip


def test_a_quote_is_a_bill_of_one_charge(shipped: Provider) -> None:
    """Dated that day, over that day, from a seller that is registered where the address lies."""
    request = asked(shipped, CHICAGO, Charge(Decimal("100.00"), channels=10))
    (line,) = request.lines
    assert (MAY, MAY, date(2026, 5, 2)) == (request.bill_date, request.period_start, request.period_end)
    assert (Decimal("100.00"), ChargeClass.CHANNEL_MRC, CallScope.BUNDLED) == (
        line.amount, line.charge_class, line.scope,
    )  # fmt: skip
    assert {"IL"} == request.seller.nexus
    assert [10] == [count.channels for trunk in request.trunks for count in trunk.counts]


@pytest.mark.parametrize("scope", [CallScope.INTRASTATE, CallScope.INTERSTATE, CallScope.INTERNATIONAL])
def test_calls_of_a_quote_are_from_the_address(shipped: Provider, scope: CallScope) -> None:
    """So the state of the address may tax them: origin and service address agree."""
    (line,) = asked(shipped, CHICAGO, Charge(Decimal(10), ChargeClass.USAGE, scope)).lines
    assert ("IL", True, scope) == (line.taxing_state, line.is_at_ppu, line.scope)


def test_no_channels_are_no_count(shipped: Provider) -> None:
    """Fees for each line see a trunk without channels."""
    assert [()] == [trunk.counts for trunk in asked(shipped, CHICAGO, Charge(Decimal(10))).trunks]


def test_a_quote_before_the_first_safe_harbour_stops(shipped: Provider) -> None:
    """The split of a bundled charge is a number of the law too."""
    found = quote_request(shipped, written_address(CHICAGO), date(1990, 1, 1), Charge(Decimal(10)))
    assert isinstance(found, TaxStop)
    assert ["RATE_MISSING"] == [str(reason) for reason in found.reasons]


def a_result() -> TaxResult:
    """250.00 for channels in Minneapolis in May 2026, and ten lines at an invented 0.95."""
    fee = a_fee("US-MN.E911", "0.95", mark=Mark.ILLUSTRATIVE)
    found = tax_invoice(a_bill(a_channel_fee("250.00"), trunks=(a_trunk(10),)), a_law(the_fusf(), fee))
    assert isinstance(found, TaxResult)
    return found


def test_rows_of_a_quote() -> None:
    """162.25 x 0.370 = 60.0325, down to 60.03; ten lines x 0.95 = 9.50, marked as illustrative."""
    assert [
        {"tax": "US.FUSF", "jurisdiction": "United States", "base": "162.25", "rate": "0.370", "exact": "60.0325",
         "amount": "60.03", "mark": "S"},
        {"tax": "US-MN.E911", "jurisdiction": "US-MN", "base": "10", "rate": "0.95", "exact": "9.5",
         "amount": "9.50", "mark": "I"},
    ] == list(tax_rows(a_result()))  # fmt: skip


def test_every_step_names_its_tax_and_place() -> None:
    """The charge, the base, the rate, the exact tax, the tax: five steps for each of the two lines."""
    rows = list(step_rows(a_result()))
    assert ["US.FUSF US"] * 5 + ["US-MN.E911 US-MN"] * 5 == [row["tax"] for row in rows]
    assert ["charge fee", "base", "rate", "exact tax", "tax"] == [row["step"] for row in rows[:5]]
    assert {"tax", "step", "value", "source"} == set(rows[0])


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (a_parameter(name="b"), [WeakNumber("b", "missing", "rate", "")]),
        (a_parameter(a_value("0.5"), name="b"), []),
        (a_parameter(a_value("0.5")._replace(mark=Mark.UNCONFIRMED), name="b"),
         [WeakNumber("b", "unconfirmed", "rate: 0.5", "the test")]),
        (a_parameter(a_value("0.5")._replace(mark=Mark.ILLUSTRATIVE), name="b"),
         [WeakNumber("b", "illustrative", "rate: 0.5", "the test")]),
        (a_parameter(a_value("0.5", "2024-01-01", "2025-01-01")._replace(mark=Mark.ILLUSTRATIVE),
                     a_value("0.6", "2025-01-01"), name="b"),
         [WeakNumber("b", "illustrative", "rate: 0.5", "the test")]),
    ],
)  # fmt: skip
def test_numbers_to_look_at(shipped: Provider, parameter: Parameter, expected: list[WeakNumber]) -> None:
    """Without a value, or with one that no document confirms; sourced numbers are not listed."""
    assert expected == list(weak_numbers(shipped._replace(parameters={"b": parameter})))


def test_numbers_to_look_at_come_by_name(shipped: Provider) -> None:
    """Whatever order the files were read in."""
    names = ["c", "a", "b"]
    found = weak_numbers(shipped._replace(parameters={name: a_parameter(name=name) for name in names}))
    assert ["a", "b", "c"] == [row.number for row in found]
