"""The tax of a bill against a second computation that shares nothing with it but the inputs.

The twin knows one law by heart (the rates of `bills`), computes in whole millionths of a millionth with integers, and
sums line by line. Both must agree on every amount.
"""

from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from rating.tax.exemptions import Exemption, ExemptionKind
from rating.tax.fusf import Seller
from rating.tax.invoice import tax_invoice
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import TaxResult
from rating.tax.terms import CallScope, ChargeClass, Level, Rounding, TaxType
from tests.rating.tax.bills import (
    MINNEAPOLIS_RATES,
    a_bill,
    a_certificate,
    a_fee,
    a_law,
    a_tax,
    a_trunk,
    minnesota_sales,
    the_fusf,
    the_ppu,
)

SCALE = 10**18
CENT = 10**16
LAW = a_law(
    the_fusf(),
    *minnesota_sales(),
    a_fee("US-MN.E911", "0.85"),
    a_tax("US-WI.SALES", {"US-WI": "0.05"}, scopes=frozenset({CallScope.INTRASTATE, CallScope.INTERSTATE})),
)
ADDRESSES = {"minneapolis": the_ppu(), "madison": the_ppu("madison", ["US-WI"])}
HOME = {"minneapolis": "MN", "madison": "WI"}
ORDER = list(MINNEAPOLIS_RATES)
Amounts = dict[tuple[str, str], int]


def units(text: Decimal | str) -> int:
    """An amount in units of 10**-18; no input has more than nine decimals."""
    return int(Decimal(text).scaleb(18))


def part(line: ChargeLine, scopes: set[str]) -> int:
    """The part of one charge that a base takes in."""
    amount = units(line.amount)
    if line.scope == "BUNDLED":
        interstate = amount * 649 // 1000
        return interstate * ("INTERSTATE" in scopes) + (amount - interstate) * ("INTRASTATE" in scopes)
    scope = "INTERSTATE" if line.scope == "INDETERMINATE" else line.scope
    return amount * (scope in scopes)


def levies(line: ChargeLine, area: str) -> bool:
    """Whether a jurisdiction may tax one charge."""
    state, home = area[3:5], HOME[line.address_id]
    if line.charge_class == "CHANNEL_MRC":
        return state == home
    if line.taxing_state != state:
        return False
    return len(area) == len("US-MN") or (state == home and line.is_at_ppu)


def half_up_cents(product: int, scale: int) -> int:
    """Whole cents of `product / scale`, halves away from zero."""
    sign = -1 if product < 0 else 1
    return sign * ((2 * abs(product) + scale) // (2 * scale))


def twin(bill: TaxRequest) -> Amounts:
    """Cents by (tax, jurisdiction), zero ones left out."""
    found: Amounts = defaultdict(int)
    frees_federal = any(row.kind is ExemptionKind.RESALE_499 for row in bill.exemptions)
    frees_state = any(row.kind is ExemptionKind.RESALE_STATE for row in bill.exemptions)
    federal = {"INTERSTATE"} | (set() if bill.seller.lire else {"INTERNATIONAL"})
    base = 0 if bill.seller.de_minimis or frees_federal else sum(part(line, federal) for line in bill.lines)
    found["US.FUSF", "US"] = (1 if base >= 0 else -1) * (abs(base) * 37 // (100 * CENT))
    bases = {area: sum(part(line, _ALL) for line in bill.lines if levies(line, area)) for area in ORDER}
    exact = {area: 0 if frees_state else bases[area] * units(MINNEAPOLIS_RATES[area]) for area in ORDER}
    found |= _largest_remainder(exact)
    wisconsin = sum(part(line, _DOMESTIC) for line in bill.lines if levies(line, "US-WI"))
    found["US-WI.SALES", "US-WI"] = half_up_cents(wisconsin * 5, 100 * CENT)
    found["US-MN.E911", "US-MN"] = 85 * sum(
        row.counts[0].channels for row in bill.trunks if row.address_id == "minneapolis"
    )
    return {key: cents for key, cents in found.items() if cents}


_ALL = {"INTRASTATE", "INTERSTATE", "INTERNATIONAL"}
_DOMESTIC = {"INTRASTATE", "INTERSTATE"}


def _largest_remainder(exact: dict[str, int]) -> Amounts:
    """One rounding of the sum, then a cent at a time to whoever is owed most, ties in the order of the stack."""
    sign = -1 if sum(exact.values()) < 0 else 1
    owed = {area: sign * value for area, value in exact.items()}
    total = half_up_cents(sum(owed.values()), SCALE * CENT)
    cents = {area: value // (SCALE * CENT) for area, value in owed.items()}
    while sum(cents.values()) < total:
        area = max(ORDER, key=lambda name: (owed[name] - cents[name] * SCALE * CENT, -ORDER.index(name)))
        cents[area] += 1
    names = {area: "US-MN.SALES" if area == "US-MN" else "US-MN.LOCAL" for area in ORDER}
    return {(names[area], area): sign * amount for area, amount in cents.items()}


@st.composite
def charges(draw: st.DrawFn) -> ChargeLine:
    """A charge of any kind, at one of two addresses, taxable here, there or nowhere."""
    address = draw(st.sampled_from(sorted(ADDRESSES)))
    amount = draw(st.decimals(-1000, 10_000, places=6))
    number = draw(st.uuids())
    if draw(st.booleans()):
        return ChargeLine(str(number), address, ChargeClass.CHANNEL_MRC, CallScope.BUNDLED, amount)
    scope = draw(st.sampled_from([scope for scope in CallScope if scope is not CallScope.BUNDLED]))
    state = draw(st.sampled_from(["MN", "WI", None]))
    line = ChargeLine(str(number), address, ChargeClass.USAGE, scope, amount, taxing_state=state)
    return line._replace(is_at_ppu=draw(st.booleans()))


CERTIFICATES = (
    a_certificate(ExemptionKind.RESALE_499, "US", frozenset({Level.FED})),
    a_certificate(ExemptionKind.RESALE_STATE, "US-MN", frozenset(Level) - {Level.FED})._replace(
        tax_types=frozenset({TaxType.STATE_SALES, TaxType.LOCAL_SALES})
    ),
)
SELLERS = [Seller(nexus=frozenset({"MN", "WI"})), Seller(lire=True, nexus=frozenset({"MN", "WI"}))]
SELLERS.append(Seller(de_minimis=True, nexus=frozenset({"MN", "WI"})))


@settings(max_examples=300)
@given(
    st.lists(charges(), max_size=8),
    st.sampled_from(SELLERS),
    st.lists(st.sampled_from(CERTIFICATES), unique=True),
    st.integers(1, 200),
)
def test_both_computations_agree(
    lines: list[ChargeLine], seller: Seller, certificates: list[Exemption], channels: int
) -> None:
    """Every amount of every jurisdiction, to the cent."""
    trunks = (a_trunk(channels), a_trunk(7, "madison", "other"))
    bill = a_bill(*lines, addresses=ADDRESSES, seller=seller, exemptions=tuple(certificates), trunks=trunks)
    result = tax_invoice(bill, LAW)
    assert isinstance(result, TaxResult), result
    assert twin(bill) == {
        (line.tax_id, line.jurisdiction.jurisdiction_id): int(line.amount * 100) for line in result.lines if line.amount
    }


@given(st.lists(charges(), max_size=8), st.sampled_from(SELLERS))
def test_what_every_result_keeps(lines: list[ChargeLine], seller: Seller) -> None:
    """Shares sum to the base, base times rate is the exact tax, cents lie within one cent of it, the cap holds."""
    result = tax_invoice(a_bill(*lines, addresses=ADDRESSES, seller=seller), LAW)
    assert isinstance(result, TaxResult)
    for line in result.lines:
        assert line.rate is not None
        assert line.base == sum(share.amount for share in line.shares)
        assert line.tax_unrounded == line.base * line.rate.value
        assert abs(line.amount - line.tax_unrounded) < Decimal("0.01")
        if line.rounding is Rounding.CAPPED:
            assert abs(line.amount) <= abs(line.tax_unrounded)
