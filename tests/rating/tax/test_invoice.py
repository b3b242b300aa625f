"""The tax of a whole bill. The sums are worked out by hand from the rates of `bills`."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.tax.exemptions import ExemptionKind
from rating.tax.fees import CountMethod, LineCount
from rating.tax.fusf import Seller
from rating.tax.invoice import tax_invoice
from rating.tax.law import TaxLaw
from rating.tax.parameters import RateMissing, StopReason
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import BaseShare, Suspended, TaxLine, TaxResult, TaxStop
from rating.tax.terms import CallScope, ChargeClass, DateBasis, Level, Rounding, TaxType
from tests.rating.tax.bills import (
    MINNEAPOLIS,
    SAFE_HARBOR,
    a_bill,
    a_certificate,
    a_channel_fee,
    a_fee,
    a_law,
    a_parameter,
    a_table,
    a_tax,
    a_trunk,
    a_usage,
    a_value,
    minnesota_sales,
    the_fusf,
    the_ppu,
)

LAW = a_law(the_fusf(), *minnesota_sales(), a_fee("US-MN.E911", "0.80"))
STATE_AND_LOCAL = frozenset(Level) - {Level.FED}


def tax(request: TaxRequest, law: TaxLaw = LAW) -> TaxResult:
    """The taxes of a bill that has nothing missing."""
    result = tax_invoice(request, law)
    assert isinstance(result, TaxResult), result
    return result


def stopped(request: TaxRequest, law: TaxLaw = LAW) -> TaxStop:
    """Why a bill does not go out."""
    result = tax_invoice(request, law)
    assert isinstance(result, TaxStop), result
    return result


def amounts(result: TaxResult) -> dict[str, str]:
    """Cents by tax and jurisdiction."""
    return {f"{line.tax_id} {line.jurisdiction.jurisdiction_id}": str(line.amount) for line in result.lines}


def the_line(result: TaxResult, tax_id: str) -> TaxLine:
    """The one line of a tax."""
    (line,) = [line for line in result.lines if line.tax_id == tax_id]
    return line


def test_ten_channels_in_minneapolis() -> None:
    """250.00: federal 162.25 x 0.37 = 60.0325, down; sales 22.5625 handed back (example 9); 911 for ten channels."""
    result = tax(a_bill(a_channel_fee("250.00"), trunks=(a_trunk(10),)))
    assert {
        "US.FUSF US": "60.03",
        "US-MN.E911 US-MN": "8.00",
        "US-MN.SALES US-MN": "17.19",
        "US-MN.LOCAL US-MN-C053": "0.38",
        "US-MN.LOCAL US-MN-P43000": "1.25",
        "US-MN.LOCAL US-MN-D80004": "1.25",
        "US-MN.LOCAL US-MN-D80008": "1.87",
        "US-MN.LOCAL US-MN-D80009": "0.62",
    } == amounts(result)
    assert Decimal("90.59") == result.total
    assert (date(2026, 5, 1), "2026-05", "test") == (result.tax_point, result.compliance_period, result.law_version)


def test_every_cent_names_its_rule_and_its_number() -> None:
    """Base, shares of the charge lines, rate, citation and exact tax stand on the line."""
    bill = a_bill(a_channel_fee("250.00", "a"), a_usage("10.00", CallScope.INTERSTATE, "b"))
    line = the_line(tax(bill), "US.FUSF")
    assert line.rate is not None
    assert (Decimal("172.25"), Decimal("0.37"), Decimal("63.7325")) == (line.base, line.rate.value, line.tax_unrounded)
    assert (BaseShare("a", Decimal("162.25")), BaseShare("b", Decimal(10))) == line.shares
    assert ("the test", "the test", Rounding.CAPPED) == (line.citation, line.rate.citation, line.rounding)
    assert line.base == line.taxable


def test_cents_are_handed_back_to_the_charges() -> None:
    """63.73 over shares of 162.25 and 10.00: 60.0301 and 3.6998..., so 60.03 and 3.70; a tie goes to the smaller id."""
    bill = a_bill(a_channel_fee("250.00", "a"), a_usage("10.00", CallScope.INTERSTATE, "b"))
    assert {"a": Decimal("60.03"), "b": Decimal("3.70")} == the_line(tax(bill), "US.FUSF").by_charge()
    tie = a_bill(*(a_usage("0.10", CallScope.INTERSTATE, name) for name in "cab"))
    federal = the_line(tax(tie), "US.FUSF")
    assert Decimal("0.11") == federal.amount
    assert {"a": Decimal("0.04"), "b": Decimal("0.04"), "c": Decimal("0.03")} == federal.by_charge()


def test_the_federal_charge_in_the_base_of_the_sales_tax() -> None:
    """Example 8: 250.00 + 60.03 billed = 310.03; 27.98 when rounded together."""
    law = a_law(the_fusf(), *minnesota_sales(includes=("US.FUSF",)))
    result = tax(a_bill(a_channel_fee("250.00")), law)
    sales = [line for line in result.lines if line.tax_id != "US.FUSF"]
    assert {Decimal("310.03")} == {line.base for line in sales}
    assert Decimal("27.98") == sum(line.amount for line in sales)
    assert "21.31" == str(the_line(result, "US-MN.SALES").amount)


def test_an_included_tax_follows_its_charge_to_two_addresses() -> None:
    """Two equal charges in two states share 0.05 of federal charge: 0.03 and 0.02, ties by line id."""
    law = a_law(
        the_fusf({"2026-04-01": "0.05"}),
        a_tax("US-MN.SALES", {"US-MN": "0.10"}, includes=("US.FUSF",)),
        a_tax("US-WI.SALES", {"US-WI": "0.10"}, includes=("US.FUSF",)),
    )
    lines = [
        a_usage("0.50", CallScope.INTERSTATE, "a"),
        a_usage("0.50", CallScope.INTERSTATE, "b", address_id="madison", taxing_state="WI"),
    ]
    addresses = {"minneapolis": the_ppu(), "madison": the_ppu("madison", ["US-WI"])}
    result = tax(a_bill(*lines, addresses=addresses), law)
    assert Decimal("0.53") == the_line(result, "US-MN.SALES").base
    assert Decimal("0.52") == the_line(result, "US-WI.SALES").base


def test_a_missing_factor_stops_the_bill_and_says_everything_at_once() -> None:
    """A bill of July 2026: no factor, and no rate for the fee either; one look shows both."""
    fee = a_tax("US-MN.E911", {}, line_count=LineCount(CountMethod.PER_CHANNEL_OUT))
    stop = stopped(
        a_bill(a_channel_fee("10.00"), bill_date=date(2026, 7, 1), trunks=(a_trunk(1),)), a_law(the_fusf(), fee)
    )
    assert {StopReason.RATE_MISSING} == stop.reasons
    assert ["contribution factor of US", "rate of US-MN"] == [
        problem.what for problem in stop.problems if isinstance(problem, RateMissing)
    ]


def test_a_number_that_is_not_needed_is_not_missing() -> None:
    """A de minimis seller raises nothing in a quarter without a factor, nor does a bill without interstate revenue."""
    bill = a_bill(a_channel_fee("10.00"), bill_date=date(2026, 7, 1))
    small = Seller(de_minimis=True, nexus=frozenset({"MN"}))
    assert () == tax(bill._replace(seller=small), a_law(the_fusf())).lines
    intrastate = bill._replace(lines=(a_usage("10.00", CallScope.INTRASTATE),))
    assert "US.FUSF US" not in amounts(tax(intrastate))


def test_an_address_without_jurisdictions_stops_the_bill() -> None:
    """A US service address that was never resolved names the file to resolve it in."""
    stop = stopped(a_bill(a_channel_fee("10.00"), addresses={"minneapolis": the_ppu(names=())}))
    assert {StopReason.JURISDICTION_AMBIGUOUS} == stop.reasons
    assert (
        "JURISDICTION_AMBIGUOUS: the jurisdictions of service address minneapolis are not known. "
        "Decide them in resolutions.yaml of the tax folder." == stop.problems[0].message
    )


def test_a_state_whose_rules_nobody_wrote_stops_the_bill() -> None:
    """No rule file for Iowa: that is not the same as no tax in Iowa."""
    bill = a_bill(
        a_channel_fee("10.00"),
        addresses={"minneapolis": the_ppu(names=["US-IA"])},
        seller=Seller(nexus=frozenset({"IA"})),
    )
    expected = "RATE_MISSING: tax rules of US-IA on 2026-05-01. No value is known. "
    expected += "Add it with its source to rules/us-ia.yaml of the tax folder."
    assert [expected] == [problem.message for problem in stopped(bill).problems]


def test_a_trunk_without_charges_still_needs_its_jurisdictions() -> None:
    """No channel fee and no calls this month: 911 is due all the same, so an unresolved or unknown state stops."""
    unresolved = stopped(a_bill(trunks=(a_trunk(5),), addresses={"minneapolis": the_ppu(names=())}))
    assert {StopReason.JURISDICTION_AMBIGUOUS} == unresolved.reasons
    iowa = stopped(a_bill(trunks=(a_trunk(5),), addresses={"minneapolis": the_ppu(names=["US-IA"])}))
    assert ["tax rules of US-IA"] == [problem.what for problem in iowa.problems if isinstance(problem, RateMissing)]


def test_the_policy_for_unknown_ends_is_kept_with_the_result() -> None:
    """Calls to toll-free numbers: interstate by default, 3.70; intrastate by the seller's choice, nothing."""
    line = a_usage("10.00", CallScope.INDETERMINATE)
    by_default = tax(a_bill(line))
    assert ("3.70", CallScope.INTERSTATE) == (
        str(the_line(by_default, "US.FUSF").amount), by_default.allocation.indeterminate,
    )  # fmt: skip
    chosen = SAFE_HARBOR._replace(indeterminate=CallScope.INTRASTATE)
    assert "US.FUSF US" not in amounts(tax(a_bill(line, allocation=chosen)))


def test_a_place_abroad_has_no_tax_of_the_united_states() -> None:
    """Channels, calls to the United States and 911 channels of a trunk in Berlin: no row at all."""
    lines = [a_channel_fee("300.00"), a_usage("22.22", CallScope.INTERNATIONAL, taxing_state=None)]
    bill = a_bill(*lines, addresses={"minneapolis": the_ppu(names=(), country="DE")}, trunks=(a_trunk(30),))
    assert () == tax(bill).lines


def test_a_territory_is_in_the_united_states() -> None:
    """Puerto Rico pays the federal charge."""
    ppu = the_ppu(names=["US-PR"], country="PR")
    bill = a_bill(a_channel_fee("100.00"), addresses={"minneapolis": ppu})
    assert {"US.FUSF US": "24.01"} == amounts(tax(bill))
    assert (Suspended("fee", "US-PR"),) == tax(bill).suspended


@pytest.mark.parametrize(
    ("taxing_state", "is_at_ppu", "expected"),
    [
        ("MN", True, {"US.FUSF", "US-MN.SALES", "US-MN.LOCAL"}),
        ("MN", False, {"US.FUSF", "US-MN.SALES"}),
        ("WI", False, {"US.FUSF", "US-WI.SALES"}),
        (None, False, {"US.FUSF"}),
    ],
)
def test_who_may_tax_a_call(taxing_state: str | None, *, is_at_ppu: bool, expected: set[str]) -> None:
    """Example 21: all levels at the PPU; the state alone for a forwarded leg; no state when no two agree."""
    wisconsin = a_tax("US-WI.SALES", {"US-WI": "0.05"})
    wisconsin_local = a_tax("US-WI.LOCAL", {}, levels=STATE_AND_LOCAL - {Level.STATE})
    law = a_law(the_fusf(), *minnesota_sales(), wisconsin, wisconsin_local)
    line = a_usage("100.00", CallScope.INTERSTATE, taxing_state=taxing_state, is_at_ppu=is_at_ppu)
    assert expected == {found.tax_id for found in tax(a_bill(line), law).lines}


def test_a_state_where_the_seller_is_not_registered_waits() -> None:
    """Example 21 (d): a forwarded leg within Illinois; without nexus the line is in suspense, the rest is taxed."""
    line = a_usage("100.00", CallScope.INTRASTATE, taxing_state="IL", is_at_ppu=False)
    result = tax(a_bill(line, a_channel_fee("100.00")))
    assert (Suspended("usage", "US-IL"),) == result.suspended
    assert Decimal(100) == the_line(result, "US-MN.SALES").base


def test_a_reseller_keeps_its_lines_at_zero() -> None:
    """Example 22: certificates for the federal charge and for Minnesota; every line stays, with the exempt amount."""
    certificates = (
        a_certificate(ExemptionKind.RESALE_499, "US", frozenset({Level.FED})),
        a_certificate(ExemptionKind.RESALE_STATE, "US-MN", STATE_AND_LOCAL),
    )
    result = tax(a_bill(a_channel_fee("250.00"), exemptions=certificates))
    assert {Decimal("0.00")} == {line.amount for line in result.lines}
    assert {"RESALE_499", "RESALE_STATE"} == {line.exempt_reason for line in result.lines}
    federal = the_line(result, "US.FUSF")
    assert (Decimal("162.25"), Decimal(0), Decimal(0)) == (federal.exempt, federal.taxable, federal.tax_unrounded)
    assert len(MINNEAPOLIS) + 1 == len(result.lines)


def test_an_exempt_charge_needs_no_rate() -> None:
    """A reseller's bill goes out in a quarter without a factor."""
    certificate = a_certificate(ExemptionKind.RESALE_499, "US", frozenset({Level.FED}))
    bill = a_bill(a_usage("10.00", CallScope.INTERSTATE), bill_date=date(2026, 7, 1), exemptions=(certificate,))
    assert the_line(tax(bill), "US.FUSF").rate is None


def test_an_exempt_federal_charge_is_in_no_later_base() -> None:
    """What is not billed cannot be taxed again."""
    certificate = a_certificate(ExemptionKind.RESALE_499, "US", frozenset({Level.FED}))
    law = a_law(the_fusf(), *minnesota_sales(includes=("US.FUSF",)))
    result = tax(a_bill(a_channel_fee("250.00"), exemptions=(certificate,)), law)
    assert Decimal(250) == the_line(result, "US-MN.SALES").base


def test_fees_count_the_trunks_of_the_whole_bill() -> None:
    """A cap of 25 for each bill, over two trunks of 20 at two addresses of one state; inbound-only trunks are free."""
    cap = LineCount(CountMethod.CAP_PER_BILL, cap=25)
    trunks = (
        a_trunk(20),
        a_trunk(20, "st-paul", "second"),
        a_trunk(50, "st-paul", "inbound", is_outbound=False),
    )
    addresses = {"minneapolis": the_ppu(), "st-paul": the_ppu("st-paul", ["US-MN", "US-MN-C123"])}
    result = tax(a_bill(trunks=trunks, addresses=addresses), a_law(a_fee("US-MN.E911", "0.40", cap)))
    line = the_line(result, "US-MN.E911")
    assert (Decimal(25), Decimal("10.00")) == (line.base, line.amount)
    assert {"trunk": 20, "second": 20, "inbound": 0} == {share.line_id: int(share.amount) for share in line.shares}


def test_a_fee_is_in_no_base() -> None:
    """Sales tax and federal charge do not move when 911 is added."""
    without = tax(a_bill(a_channel_fee("250.00")))
    with_fee = tax(a_bill(a_channel_fee("250.00"), trunks=(a_trunk(10),)))
    assert without.total + Decimal("8.00") == with_fee.total


def test_a_service_date_rule_takes_the_rates_of_each_service_date() -> None:
    """100.00 of March at 37.6 % and 100.00 of April at 37 %: 74.60 in one line each, rounded together."""
    law = a_law(the_fusf()._replace(date_basis=DateBasis.SERVICE_DATE))
    lines = [
        a_usage("100.00", CallScope.INTERSTATE, "a", service_date=date(2026, 3, 31)),
        a_usage("100.00", CallScope.INTERSTATE, "b", service_date=date(2026, 4, 1)),
    ]
    result = tax(a_bill(*lines), law)
    assert [(date(2026, 3, 31), "37.60"), (date(2026, 4, 1), "37.00")] == [
        (line.tax_point, str(line.amount)) for line in result.lines
    ]


def test_two_tax_points_of_one_tax_are_rounded_once() -> None:
    """0.01 and 0.01 of tax rates 0.4 and 0.4 on two days: 0.008 in all, one cent, not none."""
    rates = a_table({"US-MN": "0.4"})
    law = a_law(a_tax("US-MN.SALES", rates, date_basis=DateBasis.SERVICE_DATE))
    lines = [
        a_usage("0.01", CallScope.INTRASTATE, "a", service_date=date(2026, 3, 31)),
        a_usage("0.01", CallScope.INTRASTATE, "b", service_date=date(2026, 4, 1)),
    ]
    assert ["0.01", "0.00"] == [str(line.amount) for line in tax(a_bill(*lines), law).lines]


def test_a_tax_that_does_not_exist_yet_has_no_line() -> None:
    """A fee that begins after the bill date."""
    law = a_law(a_fee("US-MN.I988", "0.12", effective_from=date(2026, 5, 2)))
    assert () == tax(a_bill(trunks=(a_trunk(5),)), law).lines


def test_charge_classes_outside_the_base() -> None:
    """Equipment is no telecommunications revenue; local-only service alone bears the federal excise (example 27)."""
    excise = a_tax("US.FET", {"US": "0.03"}, tax_type=TaxType.FET, charge_classes=frozenset({ChargeClass.LOCAL_ONLY}))
    law = a_law(the_fusf(), excise)
    local = a_channel_fee("30.00", "local", charge_class=ChargeClass.LOCAL_ONLY, scope=CallScope.INTRASTATE)
    phone = a_channel_fee("500.00", "phone", charge_class=ChargeClass.EQUIPMENT)
    assert {"US.FET US": "0.90"} == amounts(tax(a_bill(local, phone), law))


def test_the_cap_takes_the_printed_amounts() -> None:
    """Example 26: a ledger amount of 7.35294 interstate printed as 7.35: 2.7205878 would be above 7.35 x 0.37."""
    line = a_usage("7.35294", CallScope.INTERSTATE, billed=Decimal("7.35"))
    assert "2.71" == str(the_line(tax(a_bill(line)), "US.FUSF").amount)


def test_a_rate_change_takes_the_right_row() -> None:
    """St Paul: 0.5 % until 2024-03-31, 1.5 % from 2024-04-01 (example 10)."""
    city = a_parameter(a_value("0.005", "2018-01-01", "2024-04-01"), a_value("0.015", "2024-04-01"))
    table = a_table({"US-MN": "0.06875"})._replace(rates={"US-MN-P58000": city})
    law = a_law(a_tax("US-MN.LOCAL", table, levels=frozenset({Level.CITY})))
    addresses = {"minneapolis": the_ppu(names=["US-MN", "US-MN-P58000"])}
    bills = [a_bill(a_channel_fee("100.00"), addresses=addresses, bill_date=date(2024, 3, 31))]
    bills.append(bills[0]._replace(bill_date=date(2024, 4, 1)))
    assert ["0.50", "1.50"] == [str(tax(bill, law).total) for bill in bills]


LINES = [
    a_channel_fee("20.33", "a"),
    a_usage("7.01", CallScope.INTERSTATE, "b"),
    a_usage("3.33", CallScope.INTRASTATE, "c"),
    a_usage("0.05", CallScope.INDETERMINATE, "d"),
]


@pytest.mark.parametrize("order", list(permutations(LINES)))
def test_the_order_of_lines_decides_nothing(order: tuple[ChargeLine, ...]) -> None:
    """Any order gives the same tax lines, byte for byte."""
    law = a_law(the_fusf(), *minnesota_sales(includes=("US.FUSF",)))
    assert tax(a_bill(*LINES), law) == tax(a_bill(*order), law)


MONEY = st.decimals(min_value=0, max_value=100_000, places=6)


@given(st.lists(MONEY, min_size=1, max_size=6))
def test_splitting_a_charge_moves_the_bill_by_at_most_a_cent_for_each_rounding(parts: list[Decimal]) -> None:
    """One line or many of the same sum: the same tax, because rounding is by bill."""
    whole = a_bill(a_channel_fee(str(sum(parts))))
    split = a_bill(*(a_channel_fee(str(part), f"{number}") for number, part in enumerate(parts)))
    assert tax(whole).total == tax(split).total


@given(MONEY, st.sampled_from(sorted(set(CallScope))))
def test_a_credit_mirrors_its_charge(amount: Decimal, scope: CallScope) -> None:
    """The tax of -x is minus the tax of x, jurisdiction by jurisdiction."""
    charge, credit = (tax(a_bill(a_usage(str(value), scope))) for value in (amount, -amount))
    assert [line.amount for line in charge.lines] == [-line.amount for line in credit.lines]


@given(MONEY, st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))
def test_more_rate_is_never_less_tax(amount: Decimal, rate: Decimal, more: Decimal) -> None:
    """Monotone in the rate."""
    laws = [a_law(a_tax("US-MN.SALES", {"US-MN": str(value)})) for value in (rate, rate + more)]
    less, much = (tax(a_bill(a_channel_fee(str(amount))), law).total for law in laws)
    assert less <= much


@given(st.lists(st.tuples(MONEY, st.sampled_from(sorted(set(CallScope)))), min_size=1, max_size=8))
def test_the_federal_line_stays_within_its_cap(charges: list[tuple[Decimal, CallScope]]) -> None:
    """Never above base times factor, on ledger amounts and on printed ones, and less than two cents below."""
    lines = [
        a_usage(str(amount), scope, f"{number}", billed=round(amount, 2))
        for number, (amount, scope) in enumerate(charges)
    ]
    for line in tax(a_bill(*lines)).lines:
        if line.tax_id == "US.FUSF":
            assert line.amount <= line.tax_unrounded


def test_twice_is_once() -> None:
    """The same bill under the same law is the same value."""
    bill = a_bill(*LINES, trunks=(a_trunk(3),))
    assert tax(bill) == tax(bill)
