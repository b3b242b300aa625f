"""Where charges belong: the primary place of use or two of three, registered or suspended, known or not."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from rating.tax.allocation import Parts
from rating.tax.fusf import Seller
from rating.tax.parameters import RateMissing
from rating.tax.request import ChargeLine, PrimaryUse
from rating.tax.result import JurisdictionAmbiguous, Suspended
from rating.tax.situated import situate, situs_problems, suspended_lines, us_lines
from rating.tax.situs import TERRITORIES
from rating.tax.terms import PER_CALL, CallScope, ChargeClass
from tests.rating.tax.bills import MINNEAPOLIS, a_bill, a_channel_fee, a_law, a_trunk, a_usage, the_ppu

LONDON = PrimaryUse("london", "GB")
NOWHERE = PrimaryUse("nowhere", "US", "MN", (), "ZIP code 55401")
EVERYWHERE = {"minneapolis": the_ppu(), "london": LONDON, "nowhere": NOWHERE}


def places_of(line: ChargeLine, **changes: object) -> list[str]:
    """Names of the jurisdictions that may tax a line."""
    return [area.jurisdiction_id for area in situate(line, a_bill(line, **changes)).jurisdictions]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # Not per call: the PPU at every level, whatever state calls went to.
        (a_channel_fee("100"), ["US", *MINNEAPOLIS]),
        (a_channel_fee("100", taxing_state="WI"), ["US", *MINNEAPOLIS]),
        (a_channel_fee("100", charge_class=ChargeClass.DID_MRC), ["US", *MINNEAPOLIS]),
        # Metered, MN to MN and MN to WI from the PPU: origin and service address agree, at every level.
        (a_usage("10", CallScope.INTRASTATE), ["US", *MINNEAPOLIS]),
        (a_usage("10", CallScope.INTERSTATE), ["US", *MINNEAPOLIS]),
        (a_usage("10", CallScope.INTRASTATE, charge_class=ChargeClass.OVERAGE), ["US", *MINNEAPOLIS]),
        # A forwarded leg from WI to WI: both ends agree, so the state and nothing below it.
        (a_usage("10", CallScope.INTRASTATE, taxing_state="WI", is_at_ppu=False), ["US", "US-WI"]),
        # A forwarded leg within MN: the ends are in the state of the PPU, but neither is the PPU.
        (a_usage("10", CallScope.INTRASTATE, is_at_ppu=False), ["US", "US-MN"]),
        # A forwarded leg from WI to IL: no two agree, no state.
        (a_usage("10", CallScope.INTERSTATE, taxing_state=None, is_at_ppu=False), ["US"]),
        # Two of three name a state where the seller is not registered.
        (a_usage("10", CallScope.INTRASTATE, taxing_state="IL", is_at_ppu=False), ["US"]),
    ],
)
def test_who_may_tax_a_charge(line: ChargeLine, expected: list[str]) -> None:
    """PRODUCT.md, Tax 1, and example 21: federal always, state and below by the PPU or two of three."""
    assert expected == places_of(line)


@pytest.mark.parametrize("charge_class", list(ChargeClass))
def test_what_is_measured_call_by_call(charge_class: ChargeClass) -> None:
    """Usage, overage and toll-free usage; every other charge follows the PPU."""
    line = a_channel_fee("1", charge_class=charge_class)
    assert (charge_class in PER_CALL) is line.is_per_call
    assert (charge_class.name in {"USAGE", "OVERAGE", "TOLLFREE_USAGE"}) is line.is_per_call


@pytest.mark.parametrize(
    ("country", "is_home"),
    [
        ("US", True),
        *((territory, True) for territory in sorted(TERRITORIES)),
        ("GB", False),
        ("CA", False),
        ("", False),
    ],
)
def test_the_united_states(country: str, *, is_home: bool) -> None:
    """50 states, DC and the territories; Canada shares the number plan only."""
    assert is_home is PrimaryUse("office", country).is_in_us


@pytest.mark.parametrize(
    ("amount", "billed", "parts", "printed"),
    [
        ("100.00", None, ("35.1", "64.9"), ("35.1", "64.9")),
        ("12.2549", "12.25", ("4.3014699", "7.9534301"), ("4.29975", "7.95025")),
        ("-100.00", None, ("-35.1", "-64.9"), ("-35.1", "-64.9")),
        ("0", None, ("0", "0"), ("0", "0")),
    ],
)
def test_both_amounts_of_a_charge_are_split(
    amount: str, billed: str | None, parts: tuple[str, str], printed: tuple[str, str]
) -> None:
    """The exact one of the ledger and the printed one, by the safe harbour: 35.1 and 64.9 percent."""
    line = a_channel_fee(amount, billed=None if billed is None else Decimal(billed))
    found = situate(line, a_bill(line))
    assert Parts(Fraction(parts[0]), Fraction(parts[1])) == found.parts
    assert Parts(Fraction(printed[0]), Fraction(printed[1])) == found.billed


def test_charges_abroad_have_no_place() -> None:
    """A trunk in London has no US tax at all; the others come in the order of their ids."""
    lines = a_channel_fee("1", "c"), a_channel_fee("1", "a"), a_channel_fee("1", "b", address_id="london")
    assert ["a", "c"] == [line.line_id for line in us_lines(a_bill(*lines, addresses=EVERYWHERE))]


@pytest.mark.parametrize(
    ("line", "nexus", "expected"),
    [
        (a_channel_fee("1"), {"MN"}, []),
        (a_channel_fee("1"), set(), [Suspended("fee", "US-MN")]),
        (a_usage("1", CallScope.INTRASTATE, taxing_state="WI", is_at_ppu=False), {"MN"}, [Suspended("usage", "US-WI")]),
        (a_usage("1", CallScope.INTRASTATE, taxing_state="WI", is_at_ppu=False), {"WI"}, []),
        (a_usage("1", CallScope.INTERSTATE, taxing_state=None, is_at_ppu=False), set(), []),
        (a_channel_fee("1", address_id="london"), set(), []),
    ],
)
def test_what_waits_for_a_registration(line: ChargeLine, nexus: set[str], expected: list[Suspended]) -> None:
    """A state that may tax where the seller is not registered; never a call that no state may tax."""
    bill = a_bill(line, addresses=EVERYWHERE, seller=Seller(nexus=frozenset(nexus)))
    assert expected == list(suspended_lines(bill))


def problems_of(*lines: ChargeLine, **changes: object) -> list[RateMissing | JurisdictionAmbiguous]:
    """What stops a bill of these lines under a law of the federation, Minnesota and Wisconsin."""
    bill = a_bill(*lines, **({"addresses": EVERYWHERE} | changes))
    return list(situs_problems([situate(line, bill) for line in us_lines(bill)], bill, a_law()))


@pytest.mark.parametrize(
    ("lines", "trunks", "expected"),
    [
        ([a_channel_fee("1")], [], []),
        ([a_channel_fee("1", address_id="nowhere")], [], ["nowhere"]),
        (
            [a_channel_fee("1", "a", address_id="nowhere"), a_channel_fee("1", "b", address_id="nowhere")],
            [],
            ["nowhere"],
        ),
        ([], ["nowhere"], ["nowhere"]),
        ([a_channel_fee("1", address_id="london")], ["london"], []),
        ([], [], []),
    ],
)
def test_an_address_without_jurisdictions_stops_a_bill_once(
    lines: list[ChargeLine], trunks: list[str], expected: list[str]
) -> None:
    """For its charges or for its trunks, whose 911 fees nobody could place; an address abroad has none to know."""
    found = problems_of(*lines, trunks=tuple(a_trunk(1, address_id=name) for name in trunks))
    assert expected == [problem.address_id for problem in found if isinstance(problem, JurisdictionAmbiguous)]
    assert all("ZIP code 55401" in problem.message for problem in found)


def test_a_state_without_rules_stops_a_bill() -> None:
    """The PPU lies in Iowa, which this law does not know: the file to write is named."""
    iowa = the_ppu("iowa", ("US-IA", "US-IA-C153"))
    (missing,) = problems_of(
        a_channel_fee("1", address_id="iowa"), addresses={"iowa": iowa}, seller=Seller(nexus=frozenset({"IA"}))
    )
    assert RateMissing("tax rules of US-IA", date(2026, 5, 1), "rules/us-ia.yaml") == missing


def test_a_trunk_in_a_state_without_rules_stops_a_bill_even_without_nexus() -> None:
    """Fees for each line may be due there, so silence would be a guess."""
    iowa = the_ppu("iowa", ("US-IA",))
    found = problems_of(trunks=(a_trunk(1, address_id="iowa"),), addresses={"iowa": iowa}, seller=Seller())
    assert ["tax rules of US-IA"] == [problem.what for problem in found if isinstance(problem, RateMissing)]
