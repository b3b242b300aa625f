"""Plan fees and allowances of a month, by day in the account's zone."""

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.billing.fees import allowance, channel_fees
from pipeline.billing.lines import sum_cents
from pipeline.billing.months import Month
from rating.book import RateBook
from rating.tax.fees import outbound_channels
from schemas.reference import (
    Account,
    ChannelLimit,
    Package,
    Plan,
    Rate,
    RateDeck,
    ServiceAddress,
    Trunk,
    TrunkType,
)

ORACLES = Path(os.environ.get("TRUNKLINE_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def a_month(period: str, limits: list[tuple[datetime, int]], zone: str = "UTC", **fields: Any) -> Month:
    """One trunk with these channel limits on one plan; fields are those of the trunk, `plans` replaces the plan."""
    plans = fields.pop("plans", None) or [a_plan()]
    trunk = {
        "trunk_id": "t", "account_id": "a", "name": "Trunk", "type": TrunkType.REGISTERED, "plan_id": "p",
        "location": "NEW_YORK", "country": "US", "effective_from": limits[0][0], "user_name": "u", "address_id": "h",
        "channel_limits": tuple(ChannelLimit(effective_from=at, channel_limit=limit) for at, limit in limits),
    }  # fmt: skip
    rate = Rate(row_id="1", prefix="1", destination="x", rate_per_minute="0.01", effective_from=SINCE)
    account = Account(account_id="a", name="A", time_zone=zone)
    address = ServiceAddress(
        address_id="h", account_id="a", effective_from=SINCE, street="1 Main Street", city="Madison", region="WI",
        post_code="53703", country="US",
    )  # fmt: skip
    book = RateBook.build(
        accounts=[account],
        addresses=[address],
        plans=plans,
        decks=[RateDeck(deck_id="d", rates=(rate,))],
        trunks=[Trunk(**trunk | fields)],
    )
    return Month.of(book, account, period)


def a_plan(**fields: Any) -> Plan:
    """Two dollars a channel, ten minutes each."""
    known: dict[str, Any] = {
        "plan_id": "p", "package": Package.METERED, "effective_from": SINCE, "outbound_deck": "d",
        "channel_fee": "2.00", "minutes_per_channel": 10,
    }  # fmt: skip
    return Plan(**known | fields)


def fees(month: Month) -> list[tuple[int | None, int | None, str]]:
    """Channels, days and cents of each line."""
    return [(line.channel_limit, line.days, str(line.amount)) for line in channel_fees(month)]


def test_a_whole_month_is_the_whole_price() -> None:
    """Ten channels at 2.00."""
    assert [(10, 31, "20.00")] == fees(a_month("2026-10", [(SINCE, 10)]))


def test_a_change_is_prorated_by_day_and_rounded_once() -> None:
    """2.00 x (10 x 15 + 20 x 16) / 31 = 30.3226: 30.32. Parts 9.6774 and 20.6452: 9.68 and 20.64, by remainder."""
    month = a_month("2026-10", [(SINCE, 10), (datetime(2026, 10, 16, tzinfo=UTC), 20)])
    assert [(10, 15, "9.68"), (20, 16, "20.64")] == fees(month)


def test_days_are_those_of_the_account() -> None:
    """03:00 UTC on the 16th is still the 15th in Chicago."""
    change = datetime(2026, 10, 16, 3, tzinfo=UTC)
    assert [15, 16] == [days for _, days, _ in fees(a_month("2026-10", [(SINCE, 1), (change, 2)]))]
    chicago = a_month("2026-10", [(SINCE, 1), (change, 2)], "America/Chicago")
    assert [14, 17] == [days for _, days, _ in fees(chicago)]


def test_the_day_of_the_end_does_not_count() -> None:
    """A trunk that ends on the 11th pays ten days."""
    month = a_month("2026-10", [(SINCE, 31)], effective_until=datetime(2026, 10, 11, tzinfo=UTC))
    assert [(31, 10, "20.00")] == fees(month)


def test_a_trunk_of_another_month_pays_nothing() -> None:
    """It is not listed either."""
    month = a_month("2026-10", [(datetime(2026, 11, 1, tzinfo=UTC), 5)])
    assert [] == fees(month) == month.trunks()


def test_a_new_price_within_the_month_cuts_the_line() -> None:
    """2.00 until the 15th, 4.00 from the 16th: 10 x 2 x 15 / 31 + 10 x 4 x 16 / 31 = 30.3226."""
    middle = datetime(2026, 10, 16, tzinfo=UTC)
    plans = [a_plan(effective_until=middle), a_plan(effective_from=middle, channel_fee="4.00")]
    lines = list(channel_fees(a_month("2026-10", [(SINCE, 10)], plans=plans)))
    assert [(Decimal("2.00"), date(2026, 10, 1)), (Decimal("4.00"), date(2026, 10, 16))] == [
        (line.unit_price, line.effective_from) for line in lines
    ]
    assert Decimal("30.32") == sum_cents(line.amount for line in lines)


def test_a_free_channel_makes_no_line() -> None:
    """A price of zero is not printed."""
    assert [] == fees(a_month("2026-10", [(SINCE, 10)], plans=[a_plan(channel_fee="0")]))


def test_a_metered_trunk_has_no_allowance() -> None:
    """Only UNLIMITED plans include minutes."""
    month = a_month("2026-10", [(SINCE, 10)])
    assert allowance(month, month.trunks()[0]) is None


def test_days_on_which_a_plan_only_takes_calls_count_for_no_fee() -> None:
    """Thirty channels that only receive calls; from the 16th ten, whose plan has a deck for outbound calls."""
    change = datetime(2026, 10, 16, tzinfo=UTC)
    plans = [
        a_plan(outbound_deck=None, inbound_deck="d", effective_until=change),
        a_plan(inbound_deck="d", effective_from=change),
    ]
    month = a_month("2026-10", [(SINCE, 30), (change, 10)], plans=plans)
    counted = month.channel_counts(month.trunks()[0])
    assert 10 == outbound_channels([counted], month.first_day, month.end_day)
    assert [(30, False), (10, True)] == [(count.channels, count.is_outbound) for count in counted.counts]


def _cases(kind: str) -> list[dict[str, Any]]:
    path = ORACLES / "plan_cases.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there; set TRUNKLINE_ORACLES")
    cases = json.loads(path.read_text())["cases"]
    return [case for case in cases if case["kind"] == kind and _is_billable(case["input"])]


def _is_billable(given: dict[str, Any]) -> bool:
    """A calendar month, and a trunk that the book takes: since 2025, limits of at least 1, each from its own day."""
    first, end = date.fromisoformat(given["period_start"]), date.fromisoformat(given["period_end"])
    starts = sorted(change.get("at") or change["from"] for change in given["changes"])
    is_month = first.day == end.day == 1 and (end.year - first.year) * 12 + end.month - first.month == 1
    is_life = (
        bool(starts)
        and starts[0] > f"{SINCE:%Y-%m-%d}T"
        and (given.get("ends") is None or starts[0][:10] < given["ends"])
    )
    has_limits = all(change["channel_limit"] for change in given["changes"])
    return is_month and is_life and has_limits and len(set(starts)) == len(starts)


def _month_of(case: dict[str, Any], **plan: Any) -> Month:
    given = case["input"]
    zone = given.get("billing_time_zone", "UTC")
    limits = sorted(
        (_instant(change.get("at") or change["from"], zone), change["channel_limit"]) for change in given["changes"]
    )
    until = None if given.get("ends") is None else _instant(given["ends"], zone)
    return a_month(given["period_start"][:7], limits, zone, effective_until=until, plans=[a_plan(**plan)])


def _instant(text: str, zone: str) -> datetime:
    """An instant, or the local midnight of a day."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))


@pytest.mark.oracle
def test_published_prorations() -> None:
    """Every case of whole-month periods: the sum of the lines is the published charge in cents."""
    for case in _cases("channel_proration"):
        month = _month_of(case, channel_fee=case["input"]["price_per_channel"])
        found = sum_cents(line.amount for line in channel_fees(month))
        assert case["expected"]["charge_2dp"] == str(found), case["id"]


@pytest.mark.oracle
def test_published_allowances() -> None:
    """Every case: whole seconds, rounded down once."""
    for case in _cases("fair_use_allowance"):
        month = _month_of(
            case, package=Package.UNLIMITED, minutes_per_channel=case["input"]["minutes_per_channel"],
        )  # fmt: skip
        found = allowance(month, month.book.trunks["t"])
        seconds = 0 if found is None else found.allowance_seconds
        assert case["expected"]["allowance_seconds"] == seconds, case["id"]
