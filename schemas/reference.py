"""Reference data as people write it: accounts, plans, trunks, service addresses, rate decks.

These models validate what the book is loaded from. Unknown keys are refused, text stays text (a rate is decimal
text, never a JSON number, which would pass through a float), and every interval is half-open.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$")]
RateText = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]
"""Money per minute, per call or per channel as published: digits, at most nine of them after one point."""
Prefix = Annotated[str, Field(pattern=r"^[0-9]{1,15}$")]
_TIER = r"[0-9]{1,5}:[0-9]{1,9}(\.[0-9]{1,9})?/[1-9][0-9]{0,4}"
TiersText = Annotated[str, Field(pattern=rf"^{_TIER}(;{_TIER})*$")]
"""Second of the call, rate per minute from there on, and its step in seconds: `60:0.05/1;120:0.02/6`."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
IncrementSeconds = Annotated[int, Field(ge=1, le=86_400)]


def _to_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A time with its zone, kept in UTC, so that one instant has one spelling and one hash."""


class Reference(BaseModel):
    """Base of all reference data: immutable, and strict about keys and types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Account(Reference):
    """Who pays. `time_zone` decides which period a call belongs to."""

    account_id: Identifier
    name: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    time_zone: str = "UTC"
    address_lines: tuple[str, ...] = ()


class ServiceAddress(Reference):
    """One version of a service address (PPU). The next version of the same address ends this one."""

    address_id: Identifier
    account_id: Identifier
    version: Annotated[int, Field(ge=1)] = 1
    effective_from: Instant
    street: str
    suite: str | None = None
    city: str
    region: str | None = None
    post_code: str | None = None
    country: Country


class Package(StrEnum):
    """How a trunk is billed. UNLIMITED needs country USA."""

    METERED = "METERED"
    UNLIMITED = "UNLIMITED"


class Plan(Reference):
    """One dated version of a billing plan; every number that moves money is here, none is in the code.

    `outbound_deck` must be written: null makes trunks that only receive calls, whose channels no 911 fee counts.
    """

    plan_id: Identifier
    package: Package
    effective_from: Instant
    effective_until: Instant | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    outbound_deck: Identifier | None
    inbound_deck: Identifier | None = None
    seconds_rounding: Literal["ceil", "half_up", "floor"] = "ceil"
    charge_decimals: Annotated[int, Field(ge=-6, le=9)] = 6
    charge_rounding: Literal["half_up", "up", "down"] = "half_up"
    free_below_seconds: Annotated[int, Field(ge=0)] = 0
    channel_fee: RateText = "0"
    minutes_per_channel: Annotated[int, Field(ge=0)] = 3000
    long_call_seconds: Annotated[int, Field(ge=0)] = 14_400
    """With the next three: what use of an UNLIMITED plan is reported as unfair. It never changes a price."""
    short_call_seconds: Annotated[int, Field(ge=0)] = 6
    short_call_percent: Annotated[int, Field(ge=0, le=100)] = 15
    mean_seconds_min: Annotated[int, Field(ge=0)] = 60
    domestic_classes: tuple[str, ...] = ("US_LOWER48_DC", "US_AK", "US_HI")
    excluded_prefixes: tuple[Prefix, ...] = ()
    blocked_classes: tuple[str, ...] = ("PREMIUM", "IXC_700", "US_GOV_710")
    free_classes: tuple[str, ...] = ("EMERGENCY", "CRISIS_988")


class TrunkType(StrEnum):
    """How the trunk connects. OPERATOR_CONNECT lives in the registry only (PRODUCT.md, Trunks 5)."""

    STATIC = "STATIC"
    REGISTERED = "REGISTERED"
    PROVIDER = "PROVIDER"
    OPERATOR_CONNECT = "OPERATOR_CONNECT"


class ChannelLimit(Reference):
    """The channel limit from an instant on."""

    effective_from: Instant
    channel_limit: Annotated[int, Field(ge=1, le=1000)]


class TrunkStatus(Reference):
    """Whether the trunk may carry calls, from an instant on."""

    effective_from: Instant
    enabled: bool


class DialPlan(Reference):
    """How the digits of this trunk are read (mediation.md, H)."""

    default_country: Country | None = None
    international_prefixes: tuple[str, ...] = ()
    national_prefix: str | None = None
    area_code: str | None = None
    tech_prefix: str | None = None
    access_digit: str | None = None
    accept_bare_e164: bool = False


class Trunk(Reference):
    """A customer's SIP connection: one plan, one location and one service address for life (PRODUCT.md, Trunks 1).

    `country` is where the trunk dials from; it selects the dial plan when none is given.
    `provider_id` is the identifier a provider trunk is found by: account SID, termination identifier, organisation
    UUID, project id or tenant id.
    """

    trunk_id: Identifier
    account_id: Identifier
    name: str
    type: TrunkType
    plan_id: Identifier
    location: str
    country: Country
    address_id: Identifier | None = None
    effective_from: Instant
    effective_until: Instant | None = None
    channel_limits: Annotated[tuple[ChannelLimit, ...], Field(min_length=1)]
    statuses: tuple[TrunkStatus, ...] = ()
    source_hosts: tuple[str, ...] = ()
    user_name: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    dids: tuple[Annotated[str, Field(pattern=r"^\+[0-9]{7,15}$")], ...] = ()
    number_format: Literal["E164", "INTERNATIONAL", "US_NATIONAL"] = "E164"
    dial_plan: DialPlan | None = None


class RateStatus(StrEnum):
    """A BLOCKED or UNPRICED row in force wins like any other: a shorter prefix never prices the call."""

    PRICED = "PRICED"
    BLOCKED = "BLOCKED"
    UNPRICED = "UNPRICED"


class Rate(Reference):
    """One row of a rate deck, in force over `[effective_from, effective_until)`."""

    row_id: str
    prefix: Prefix
    destination: str
    status: RateStatus = RateStatus.PRICED
    rate_per_minute: RateText | None = None
    connection_fee: RateText = "0"
    initial_seconds: IncrementSeconds = 60
    next_seconds: IncrementSeconds = 60
    tiers: TiersText | None = None
    """Other prices from later seconds of the call on, such as `60:0.05/1;120:0.02/6`."""
    hours: str | None = None
    """Hours of the week that the row holds in, such as `Mon-Fri 08:00-18:00 Europe/Berlin`; none is any time."""
    caller_country: Country | None = None
    """Country of the caller that the row holds for, of inbound calls; none is any caller."""
    effective_from: Instant
    effective_until: Instant | None = None


class RateDeck(Reference):
    """A price list. The rows of one prefix and the same hours never overlap in time."""

    deck_id: Identifier
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    rates: tuple[Rate, ...]


class AreaCode(Reference):
    """One +1 area code: its class, place and first day of service (numbering.md B.1)."""

    area_code: Annotated[str, Field(pattern=r"^[0-9]{3}$")]
    number_class: str
    country: str
    region: str | None = None
    in_service: date | None = None
    source: str = ""


class ReferenceData(Reference):
    """Everything that a book is built from, with all effective dates."""

    accounts: tuple[Account, ...] = ()
    addresses: tuple[ServiceAddress, ...] = ()
    plans: tuple[Plan, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    decks: tuple[RateDeck, ...] = ()
    area_codes: tuple[AreaCode, ...] = ()
