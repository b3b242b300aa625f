"""Builders of small bills and laws, so that a test says only what matters."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from rating.tax.allocation import ALL_SCOPES, Allocation, AllocationMethod
from rating.tax.exemptions import Exemption, ExemptionKind
from rating.tax.fees import ChannelCount, CountMethod, LineCount, TrunkChannels
from rating.tax.fusf import Seller
from rating.tax.jurisdictions import Jurisdiction, level_of
from rating.tax.law import Tax, TaxLaw
from rating.tax.parameters import DatedValue, Parameter
from rating.tax.request import ChargeLine, PrimaryUse, TaxRequest
from rating.tax.stacks import RateTable
from rating.tax.terms import CallScope, ChargeClass, Level, Rounding, TaxType

SAFE_HARBOR = Allocation(AllocationMethod.SAFE_HARBOR, Decimal("0.649"))
FACTOR = {"2026-01-01": "0.376", "2026-04-01": "0.370"}
"""The federal contribution factor of the first two quarters of 2026; nothing is known from July on."""

MINNEAPOLIS = ("US-MN", "US-MN-C053", "US-MN-P43000", "US-MN-D80004", "US-MN-D80008", "US-MN-D80009")
MINNEAPOLIS_RATES = dict(zip(MINNEAPOLIS, ("0.06875", "0.0015", "0.005", "0.005", "0.0075", "0.0025"), strict=True))
"""The stack of Minneapolis in 2026: 9.025 percent."""

LOCAL = frozenset({Level.COUNTY, Level.CITY, Level.DISTRICT})


def areas(*names: str) -> tuple[Jurisdiction, ...]:
    """Jurisdictions by name."""
    return tuple(Jurisdiction(name, level_of(name)) for name in names)


def a_value(value: str, start: str = "2000-01-01", until: str | None = None) -> DatedValue:
    """A number over half-open days."""
    return DatedValue(
        date.fromisoformat(start), date.fromisoformat(until) if until else None, Decimal(value), "the test"
    )


def a_parameter(*values: DatedValue, name: str = "us/rate") -> Parameter:
    """A number of the law over time."""
    return Parameter(name, "rate", "FRACTION", values)


def a_table(rates: Mapping[str, str], *, is_complete: bool = False, usable_until: str | None = None) -> RateTable:
    """Rates of jurisdictions that are in force on every day."""
    until = date.fromisoformat(usable_until) if usable_until else None
    parameters = {name: a_parameter(a_value(rate)) for name, rate in rates.items()}
    return RateTable("rate", "parameters/us/rate.yaml", parameters, is_complete, until)


def a_tax(tax_id: str, rates: RateTable | Mapping[str, str], **changes: object) -> Tax:
    """A percentage tax of a state on all scopes; `changes` are fields of `Tax`."""
    area = tax_id.partition(".")[0]
    table = rates if isinstance(rates, RateTable) else a_table(rates)
    tax = Tax(
        tax_id, tax_id, area, frozenset({level_of(area)}), TaxType.STATE_SALES, table, "the test", scopes=ALL_SCOPES
    )
    return tax._replace(**changes)  # type: ignore[arg-type]


def the_fusf(factors: Mapping[str, str] = FACTOR) -> Tax:
    """The federal charge with the factors of the quarters given; the last one ends on 2026-07-01."""
    starts = [*factors, "2026-07-01"]
    values = [a_value(factor, start, until) for (start, factor), until in zip(factors.items(), starts[1:], strict=True)]
    table = RateTable("contribution factor", "parameters/us/fusf.yaml", {"US": a_parameter(*values)})
    federal = frozenset({CallScope.INTERSTATE, CallScope.INTERNATIONAL})
    return a_tax("US.FUSF", table, tax_type=TaxType.FUSF, scopes=federal, rounding=Rounding.CAPPED)


def minnesota_sales(*, includes: tuple[str, ...] = ()) -> list[Tax]:
    """State and local sales tax of Minnesota, rounded together."""
    table = a_table(MINNEAPOLIS_RATES)
    state = a_tax("US-MN.SALES", table, rounding=Rounding.AGGREGATE, includes=includes)
    local = state._replace(tax_id="US-MN.LOCAL", levels=LOCAL, tax_type=TaxType.LOCAL_SALES)
    return [state, local]


def a_fee(tax_id: str, fee: str, count: LineCount | None = None, **changes: object) -> Tax:
    """A fee for each outbound channel."""
    area = tax_id.partition(".")[0]
    count = count or LineCount(CountMethod.PER_CHANNEL_OUT)
    return a_tax(tax_id, {area: fee}, tax_type=TaxType.E911_STATE, line_count=count, **changes)


def a_law(*taxes: Tax, covered: Sequence[str] = ("US", "US-MN", "US-WI")) -> TaxLaw:
    """A law of a few taxes."""
    return TaxLaw.build(taxes, covered, "test")


def the_ppu(address_id: str = "minneapolis", names: Sequence[str] = MINNEAPOLIS, country: str = "US") -> PrimaryUse:
    """A service address that is resolved to jurisdictions."""
    state = names[0].partition("-")[2] if names else None
    return PrimaryUse(address_id, country, state, areas(*names))


def a_channel_fee(amount: str, line_id: str = "fee", **changes: object) -> ChargeLine:
    """A monthly charge for channels."""
    line = ChargeLine(line_id, "minneapolis", ChargeClass.CHANNEL_MRC, CallScope.BUNDLED, Decimal(amount))
    return line._replace(**changes)  # type: ignore[arg-type]


def a_usage(amount: str, scope: CallScope, line_id: str = "usage", **changes: object) -> ChargeLine:
    """Metered calls of one scope from the service address in Minneapolis."""
    line = ChargeLine(line_id, "minneapolis", ChargeClass.USAGE, scope, Decimal(amount), taxing_state="MN")
    return line._replace(**changes)  # type: ignore[arg-type]


def a_trunk(
    channels: int, address_id: str = "minneapolis", trunk_id: str = "trunk", **changes: object
) -> TrunkChannels:
    """A trunk with one channel count for ever."""
    trunk = TrunkChannels(trunk_id, address_id, (ChannelCount(date(2025, 1, 1), None, channels),))
    return trunk._replace(**changes)  # type: ignore[arg-type]


def a_certificate(kind: ExemptionKind, area: str, levels: frozenset[Level] = frozenset(Level)) -> Exemption:
    """A certificate of the year 2026 for all kinds of tax."""
    return Exemption(kind, area, levels, None, date(2026, 1, 1), date(2027, 1, 1))


def a_bill(*lines: ChargeLine, **changes: object) -> TaxRequest:
    """A bill of 2026-05-01 for a customer in Minneapolis, from a contributor registered in Minnesota and Wisconsin."""
    request = TaxRequest(
        "bill", date(2026, 5, 1), date(2026, 4, 1), date(2026, 5, 1), Seller(nexus=frozenset({"MN", "WI"})),
        SAFE_HARBOR, lines, {"minneapolis": the_ppu()},
    )  # fmt: skip
    return request._replace(**changes)  # type: ignore[arg-type]
