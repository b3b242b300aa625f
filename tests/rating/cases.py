"""Small books and records for tests of rating, so that a test says only what matters."""

from datetime import UTC, date, datetime, timedelta

from rating.book import RateBook
from schemas.cdr import CDR, Direction
from schemas.reference import (
    Account,
    AreaCode,
    ChannelLimit,
    Package,
    Plan,
    Rate,
    RateDeck,
    RateStatus,
    ServiceAddress,
    Trunk,
    TrunkType,
)

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
"""When calls of these tests are answered."""

AREA_CODES = tuple(
    AreaCode(area_code=code, number_class=number_class, country=country, region=region, in_service=since)
    for code, number_class, country, region, since in (
        ("612", "US_LOWER48_DC", "US", "MN", date(1947, 1, 1)),
        ("651", "US_LOWER48_DC", "US", "MN", date(1998, 7, 12)),
        ("608", "US_LOWER48_DC", "US", "WI", date(1955, 1, 1)),
        ("471", "US_LOWER48_DC", "US", "MS", date(2026, 10, 5)),
        ("565", "US_LOWER48_DC", "US", "GA", None),
        ("907", "US_AK", "US", "AK", date(1957, 1, 1)),
        ("808", "US_HI", "US", "HI", date(1957, 8, 8)),
        ("787", "US_TERRITORY", "PR", "PR", date(1996, 3, 1)),
        ("416", "CANADA", "CA", "ON", date(1947, 1, 1)),
        ("876", "CARIBBEAN", "JM", None, date(1997, 5, 1)),
        ("800", "TOLL_FREE", "001", None, date(1966, 1, 1)),
        ("900", "PREMIUM", "001", None, date(1971, 1, 1)),
        ("700", "IXC_700", "001", None, date(1983, 1, 1)),
    )
)


def a_rate(prefix="1", rate="0.01", increments="6/6", *, since=NEW_YEAR, until=None, status=RateStatus.PRICED, **more):
    """A row named after its prefix; `rate` None is UNPRICED."""
    initial, following = (int(seconds) for seconds in increments.split("/"))
    if rate is None and status is RateStatus.PRICED:
        status = RateStatus.UNPRICED
    return Rate(
        **{"row_id": f"row-{prefix}", "destination": f"Destination {prefix}"} | more,
        prefix=prefix,
        status=status,
        rate_per_minute=rate if status is RateStatus.PRICED else None,
        initial_seconds=initial,
        next_seconds=following,
        effective_from=since,
        effective_until=until,
    )


def a_deck(*rates, deck_id="out", **more):
    return RateDeck(deck_id=deck_id, rates=rates or (a_rate(),), **more)


def a_plan(plan_id="plan", package=Package.METERED, **more):
    defaults = {"effective_from": NEW_YEAR, "outbound_deck": "out", "inbound_deck": "in"}
    return Plan(plan_id=plan_id, package=package, **defaults | more)


def an_address(region="MN", country="US", **more):
    defaults = {"address_id": "home", "account_id": "acme", "version": 1, "effective_from": NEW_YEAR}
    return ServiceAddress(street="1 Example Street", city="Sample", region=region, country=country, **defaults | more)


def a_trunk(trunk_id="trunk", **more):
    since = more.get("effective_from", NEW_YEAR)
    defaults = {
        "account_id": "acme",
        "name": trunk_id,
        "type": TrunkType.REGISTERED,
        "plan_id": "plan",
        "location": "NEW_YORK",
        "country": "US",
        "address_id": "home",
        "effective_from": since,
        "channel_limits": (ChannelLimit(effective_from=since, channel_limit=10),),
        "user_name": trunk_id,
        "dids": ("+16125550100",),
    }
    return Trunk(trunk_id=trunk_id, **defaults | more)


def an_account(account_id="acme", **more):
    return Account(account_id=account_id, name=account_id, **more)


def a_book(**tables):
    """A book with one account, address, plan and trunk, and a deck for each way, unless a table is given."""
    defaults = {
        "accounts": (an_account(),),
        "addresses": (an_address(),),
        "plans": (a_plan(),),
        "trunks": (a_trunk(),),
        "decks": (a_deck(), a_deck(a_rate(rate="0.005"), deck_id="in")),
        "area_codes": AREA_CODES,
    }
    return RateBook.build(**defaults | tables)


def a_cdr(seconds=61, called="+16085550199", calling="+16125550100", direction=Direction.OUTBOUND, **more):
    """An answered call of the trunk `trunk`."""
    answered_at = more.get("answered_at", NOON)
    defaults = {
        "source": "sbc",
        "source_format": "native_json",
        "partition": "cdr.raw.sbc-0",
        "offset": 0,
        "received_at": NOON + timedelta(hours=1),
        "raw_sha256": bytes(32),
        "cdr_id": "call",
        "call_group_id": "call",
        "claimed_trunk_id": "trunk",
        "started_at": (answered_at or NOON) - timedelta(seconds=5),
        "answered_at": answered_at,
        "measured_ms": None if seconds is None else seconds * 1000,
    }
    return CDR(calling=calling, called=called, direction=direction, **defaults | more)
