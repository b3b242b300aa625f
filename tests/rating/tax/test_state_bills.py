"""Whole bills of nine states worked by hand: each tax line, the exact tax, the cents, and what a certificate changes.

The numbers are the worked examples of the tax facts; a small law says only what each example needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from rating.tax.exemptions import ExemptionKind
from rating.tax.fees import CountMethod, LineCount, Tier
from rating.tax.fusf import Seller
from rating.tax.invoice import tax_invoice
from rating.tax.law import Tax
from rating.tax.request import ChargeLine
from rating.tax.result import TaxLine, TaxResult
from rating.tax.terms import CallScope, Level, Rounding, TaxType
from tests.rating.tax.bills import (
    LOCAL,
    a_bill,
    a_certificate,
    a_channel_fee,
    a_fee,
    a_law,
    a_table,
    a_tax,
    a_trunk,
    a_usage,
    the_fusf,
    the_ppu,
)

INTRASTATE = frozenset({CallScope.INTRASTATE})
PRI = LineCount(CountMethod.PER_PRI, per_pri=23)
CENTREX = LineCount(
    CountMethod.TIERED,
    tiers=(Tier(25, Decimal(1)), Tier(100, Decimal("0.75")), Tier(250, Decimal("0.5")), Tier(500, Decimal("0.2"))),
)


@dataclass(frozen=True)
class StateBill:
    """A bill of one customer whose only address lies in these places."""

    places: tuple[str, ...]
    taxes: tuple[Tax, ...]
    lines: tuple[ChargeLine, ...] = ()
    channels: int = 0
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """`US-FL` of a place in Florida."""
        return self.places[0]

    def taxed(self) -> TaxResult:
        """The taxes of the bill, from a contributor that is registered in the state."""
        trunks = (a_trunk(self.channels, pri_links=2),) if self.channels else ()
        seller = Seller(nexus=frozenset({self.state[-2:]}))
        bill = a_bill(
            *self.lines, **({"addresses": {"minneapolis": the_ppu(names=self.places)}, "trunks": trunks,
            "seller": seller} | dict(self.changes))
        )  # fmt: skip
        result = tax_invoice(bill, a_law(*self.taxes, covered=("US", self.state)))
        assert isinstance(result, TaxResult), result
        return result

    def amounts(self) -> dict[str, str]:
        """Cents by tax, and by place where one tax is levied at several."""
        lines = self.taxed().lines
        names = [line.tax_id for line in lines]
        return {_name(line, names): str(line.amount) for line in lines}


def _name(line: TaxLine, names: list[str]) -> str:
    return line.tax_id if names.count(line.tax_id) == 1 else f"{line.tax_id} {line.jurisdiction.jurisdiction_id}"


def wisconsin(county: str, city: str) -> tuple[Tax, ...]:
    """State and local sales tax of Milwaukee, rounded together as a Streamlined state does."""
    table = a_table({"US-WI": "0.05", "US-WI-C079": county, "US-WI-P53000": city}, is_complete=True)
    state = a_tax("US-WI.SALES", table, rounding=Rounding.AGGREGATE)
    return state, state._replace(tax_id="US-WI.LOCAL", levels=LOCAL, tax_type=TaxType.LOCAL_SALES)


def florida() -> tuple[Tax, ...]:
    """Communications services tax in its four parts, and the capped E911 fee, which is in no base."""
    return (
        a_tax("US-FL.CST", {"US-FL": "0.0492"}),
        a_tax("US-FL.GRT_015", {"US-FL": "0.0015"}),
        a_tax("US-FL.GRT_237", {"US-FL": "0.0237"}),
        a_tax("US-FL.LOCAL", {"US-FL-C086": "0.0572"}, levels=LOCAL),
        a_fee("US-FL.E911", "0.40", LineCount(CountMethod.CAP_PER_BILL, cap=25)),
    )


def texas() -> tuple[Tax, ...]:
    """State tax on everything, local taxes on what is intrastate, two fees for each channel."""
    local = a_table({"US-TX-P05000": "0.01", "US-TX-D1": "0.01"}, is_complete=True)
    return (
        a_tax("US-TX.SALES", {"US-TX": "0.0625"}),
        a_tax("US-TX.LOCAL", local, levels=LOCAL, scopes=INTRASTATE, tax_type=TaxType.LOCAL_SALES),
        a_fee("US-TX.EQUALISATION", "0.06"),
        a_fee("US-TX.E911", "0.50"),
    )


def new_york() -> tuple[Tax, ...]:
    """State, city and metropolitan district on intrastate revenue."""
    local = a_table({"US-NY-P51000": "0.045", "US-NY-D1": "0.00375"}, is_complete=True)
    state = a_tax("US-NY.SALES", {"US-NY": "0.04"}, scopes=INTRASTATE)
    return state, a_tax("US-NY.LOCAL", local, levels=LOCAL, scopes=INTRASTATE)


AUSTIN = ("US-TX", "US-TX-C453", "US-TX-P05000", "US-TX-D1")
MILWAUKEE = ("US-WI", "US-WI-C079", "US-WI-P53000")
AGENCY = a_certificate(ExemptionKind.GOV_STATE, "US-TX")


@pytest.mark.parametrize(
    ("bill", "expected"),
    [
        # 12: 199.99 at 5 + 0.5 + 0 percent, and from 2024 on at 5 + 0.9 + 2 percent.
        (StateBill(MILWAUKEE, wisconsin("0.005", "0"), (a_channel_fee("199.99"),)),
         {"US-WI.SALES": "10.00", "US-WI.LOCAL US-WI-C079": "1.00", "US-WI.LOCAL US-WI-P53000": "0.00"}),
        (StateBill(MILWAUKEE, wisconsin("0.009", "0.02"), (a_channel_fee("199.99"),)),
         {"US-WI.SALES": "10.00", "US-WI.LOCAL US-WI-C079": "1.80", "US-WI.LOCAL US-WI-P53000": "4.00"}),
        # 14: Florida, 100.00: 4.92 + 0.15 + 2.37 is 7.44; local 5.72; ten lines of 0.40.
        (StateBill(("US-FL", "US-FL-C086"), florida(), (a_channel_fee("100"),), 10),
         {"US-FL.CST": "4.92", "US-FL.GRT_015": "0.15", "US-FL.GRT_237": "2.37", "US-FL.LOCAL": "5.72",
          "US-FL.E911": "4.00"}),
        # Forty lines: 25 of them bear the fee.
        (StateBill(("US-FL", "US-FL-C086"), florida()[-1:], (), 40), {"US-FL.E911": "10.00"}),
        # 15: Austin, 500.00: state on all 31.25; local on 500 x 0.351 = 175.50, so 1.755, up; 20 x 0.06 and 20 x 0.50.
        (StateBill(AUSTIN, texas(), (a_channel_fee("500"),), 20),
         {"US-TX.SALES": "31.25", "US-TX.LOCAL US-TX-P05000": "1.76", "US-TX.LOCAL US-TX-D1": "1.76",
          "US-TX.EQUALISATION": "1.20", "US-TX.E911": "10.00"}),
        # 23: the same for a state agency, all of it exempt; lines stay and say nothing is due.
        (StateBill(AUSTIN, texas(), (a_channel_fee("500"),), 20, {"exemptions": (AGENCY,)}),
         {"US-TX.SALES": "0.00", "US-TX.LOCAL US-TX-P05000": "0.00", "US-TX.LOCAL US-TX-D1": "0.00",
          "US-TX.EQUALISATION": "0.00", "US-TX.E911": "0.00"}),
        # 16: Washington, 24 channels that can call out: 24 x 0.25 and 24 x 0.70.
        (StateBill(("US-WA", "US-WA-C033"), (
            a_fee("US-WA.E911", "0.25"),
            a_tax("US-WA.E911_COUNTY", {"US-WA-C033": "0.70"}, levels=LOCAL,
                  line_count=LineCount(CountMethod.PER_CHANNEL_OUT)),
         ), (), 24), {"US-WA.E911": "6.00", "US-WA.E911_COUNTY": "16.80"}),
        # 17: Pennsylvania: 30 lines; the same as Centrex 25 + 5 x 0.75 = 28.75 lines; 300 Centrex lines 166.25; two
        # primary rate links 46 lines, all of them at 1.95.
        (StateBill(("US-PA",), (a_fee("US-PA.E911", "1.95"),), (), 30), {"US-PA.E911": "58.50"}),
        (StateBill(("US-PA",), (a_fee("US-PA.E911", "1.95", CENTREX),), (), 30), {"US-PA.E911": "56.06"}),
        (StateBill(("US-PA",), (a_fee("US-PA.E911", "1.95", CENTREX),), (), 300), {"US-PA.E911": "324.19"}),
        (StateBill(("US-PA",), (a_fee("US-PA.E911", "1.95", PRI),), (), 46), {"US-PA.E911": "89.70"}),
        # 18: Chicago, 100.00: 7 + 0.5 + 7 percent, and ten lines of 5.00, which may exceed the charge.
        (StateBill(("US-IL", "US-IL-P14000"), (
            a_tax("US-IL.EXCISE", {"US-IL": "0.07"}),
            a_tax("US-IL.IMF", {"US-IL": "0.005"}),
            a_tax("US-IL.MUNICIPAL", {"US-IL-P14000": "0.07"}, levels=LOCAL),
            a_fee("US-IL.E911", "5.00"),
         ), (a_channel_fee("100"),), 10),
         {"US-IL.EXCISE": "7.00", "US-IL.IMF": "0.50", "US-IL.MUNICIPAL": "7.00", "US-IL.E911": "50.00"}),
        # 19: New York City, 200.00, of which 70.20 intrastate: 2.808, 3.159 and 0.26325.
        (StateBill(("US-NY", "US-NY-C061", "US-NY-P51000", "US-NY-D1"), new_york(), (a_channel_fee("200"),)),
         {"US-NY.SALES": "2.81", "US-NY.LOCAL US-NY-P51000": "3.16", "US-NY.LOCAL US-NY-D1": "0.26"}),
        # 20: California, ten concurrent calls, however many numbers: 10 x 0.30 and 10 x 1.11.
        (StateBill(("US-CA",), (a_fee("US-CA.E911", "0.30"), a_fee("US-CA.PPP", "1.11")), (), 10),
         {"US-CA.E911": "3.00", "US-CA.PPP": "11.10"}),
    ],
)  # fmt: skip
def test_a_bill_worked_by_hand(bill: StateBill, expected: dict[str, str]) -> None:
    """Every line that is due, to the cent, and no other."""
    assert expected == bill.amounts()
    assert sum(Decimal(amount) for amount in expected.values()) == bill.taxed().total


def test_new_york_city_in_exact_numbers() -> None:
    """70.20 x 0.04 = 2.808, x 0.045 = 3.159, x 0.00375 = 0.26325; nothing is rounded before the cent."""
    places = ("US-NY", "US-NY-C061", "US-NY-P51000", "US-NY-D1")
    lines = StateBill(places, new_york(), (a_channel_fee("200"),)).taxed().lines
    assert ["70.2"] * 3 == [str(line.base) for line in lines]
    assert ["2.808", "3.159", "0.26325"] == [str(line.tax_unrounded) for line in lines]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (a_usage("100", CallScope.INTRASTATE, taxing_state="GA"), "4.00"),
        (a_usage("100", CallScope.INTERSTATE, taxing_state="GA"), None),
        (a_usage("100", CallScope.INTERNATIONAL, taxing_state="GA"), None),
        (a_usage("100", CallScope.INDETERMINATE, taxing_state="GA"), None),
    ],
)
def test_georgia_taxes_what_is_local(usage: ChargeLine, expected: str | None) -> None:
    """Example 13: 4 percent of 100.00 of local service, nothing on interstate usage, which has no line."""
    bill = StateBill(("US-GA",), (a_tax("US-GA.SALES", {"US-GA": "0.04"}, scopes=INTRASTATE),), (usage,))
    assert expected == bill.amounts().get("US-GA.SALES")


def test_a_state_certificate_leaves_the_federal_charge() -> None:
    """Example 23: a Texas agency pays no tax and no fee of Texas; 500.00 x 0.649 x 0.370 = 120.065 stays, down."""
    bill = StateBill(AUSTIN, (the_fusf(), *texas()), (a_channel_fee("500"),), 20, {"exemptions": (AGENCY,)})
    result = bill.taxed()
    assert ("120.06", "120.06") == (bill.amounts()["US.FUSF"], str(result.total))
    exempt = [line for line in result.lines if line.exempt_reason]
    assert {"GOV_STATE"} == {line.exempt_reason for line in exempt}
    assert 5 == len(exempt)
    assert all(line.base == line.exempt and not line.tax_unrounded for line in exempt)


def test_a_fee_is_in_no_base() -> None:
    """Florida: with ten lines of E911 fees or without them, the other taxes are the same."""
    with_fee = StateBill(("US-FL", "US-FL-C086"), florida(), (a_channel_fee("100"),), 10).amounts()
    without = StateBill(("US-FL", "US-FL-C086"), florida()[:-1], (a_channel_fee("100"),), 10).amounts()
    assert without == {name: amount for name, amount in with_fee.items() if name != "US-FL.E911"}


def test_a_bill_without_charges_bears_fees_only() -> None:
    """The channels are there, so the fees are due; nothing else has a base."""
    assert {"US-TX.EQUALISATION", "US-TX.E911"} == set(StateBill(AUSTIN, texas(), (), 20).amounts())


def test_levels_stand_in_their_order() -> None:
    """Federal, state, county, city, district."""
    lines = StateBill(AUSTIN, (*texas(), the_fusf()), (a_channel_fee("500"),), 20).taxed().lines
    levels = [line.jurisdiction.level for line in lines]
    assert [Level.FED, Level.STATE, Level.STATE, Level.STATE, Level.CITY, Level.DISTRICT] == levels
