"""Each summing view against a plain Python loop over the same rows, seeded: exact, to the last nano."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sql.views_over import views_over

Row = Mapping[str, Any]
ROWS = 300
START = datetime(2026, 10, 30, tzinfo=UTC)


def a_chance_row(offset: int, dice: random.Random) -> dict[str, Any]:
    """A leg of one of three trunks, answered or not, in one of all states, late in October or early in November."""
    started = START + timedelta(seconds=dice.randrange(4 * 86_400))
    seconds = dice.choice([0, 1, 59, 60, 61, 3600])
    answered = started + timedelta(seconds=5) if dice.random() < 0.7 else None
    trunk = dice.choice(["t1", "t2", "t3"])
    return {
        "offset": offset,
        "state": dice.choice(["RATED"] * 8 + ["REJECTED", "DUPLICATE"]),
        "day": (answered or started).date(),
        "period": f"{(answered or started):%Y-%m}",
        "source": dice.choice(["sbc1", "sbc2"]),
        "source_node": dice.choice(["nyc-1", "nyc-2", None]),
        "account_id": "acme" if trunk == "t1" else "cobalt",
        "trunk_id": trunk,
        "currency": "USD" if trunk == "t1" else "EUR",
        "direction": dice.choice(["OUTBOUND", "INBOUND", "FORWARD"]),
        "charge_kind": dice.choice(["METERED", "INCLUDED", "FREE"]),
        "number_class": dice.choice(["US_LOWER48_DC", "INTERNATIONAL"]),
        "destination_country": dice.choice(["US", "GB"]),
        "destination": dice.choice(["New York", "London", None]),
        "is_billed_leg": dice.random() < 0.9,
        "started_at": started,
        "answered_at": answered,
        "released_at": answered and answered + timedelta(seconds=seconds),
        "call_seconds": seconds if answered else 0,
        "billed_seconds": -(-seconds // 60) * 60 if answered else 0,
        "charge": str(Decimal(dice.randrange(10**9)).scaleb(-9)) if answered else "0",
        "codec_in": dice.choice(["PCMU", "PCMA", None]),
        "codec_out": dice.choice(["G729", None]),
        "mos_x100": dice.choice([None, 312, 433]),
        "t38_pages": dice.choice([None, 2]),
        "reject_class": None if answered else dice.choice(["CAPACITY", "FAILURE", "NO_ROUTE", "BUSY"]),
        "flags": ["OVER_CAPACITY"] if answered and dice.random() < 0.2 else [],
    }


@pytest.fixture(scope="module", params=range(3))
def rows(request) -> list[dict[str, Any]]:
    """Rows of one seed; the seed is the name of the case."""
    dice = random.Random(request.param)  # noqa: S311 - chance, not secrecy
    return [a_chance_row(offset, dice) for offset in range(ROWS)]


def rated(rows: Iterable[Row]) -> Iterator[Row]:
    """What `usage` holds."""
    return (row for row in rows if row["state"] == "RATED")


def billed(rows: Iterable[Row]) -> Iterator[Row]:
    """Rated legs that cost something of their own."""
    return (row for row in rated(rows) if row["is_billed_leg"])


def grouped(rows: Iterable[Row], grain: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the columns of a grain."""
    found = defaultdict(list)
    for row in rows:
        found[tuple(row[name.strip()] for name in grain.split(","))].append(row)
    return found


def viewed(rows: list[dict[str, Any]], view: str, grain: str, figures: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows of a view as figures by grain."""
    query = f"SELECT {grain}, {figures} FROM {view}"  # noqa: S608 - names of this file
    width = grain.count(",") + 1
    return {row[:width]: row[width:] for row in views_over(rows).execute(query).fetchall()}


def traffic(legs: list[Row]) -> tuple[Any, ...]:
    """Calls, answered calls, seconds, billed seconds and charge."""
    own = [leg for leg in legs if leg["is_billed_leg"]]
    return (
        len(own),
        sum(leg["answered_at"] is not None for leg in own),
        sum(leg["call_seconds"] for leg in legs),
        sum(leg["billed_seconds"] for leg in legs),
        sum((Decimal(leg["charge"]) for leg in legs), Decimal(0)),
    )


TRAFFIC = "calls, answered, call_seconds, billed_seconds, charge"
DAILY = "day, account_id, trunk_id, direction, charge_kind, currency"
DESTINATION = "period, account_id, direction, charge_kind, number_class, destination_country, destination, currency"


@pytest.mark.parametrize(("view", "grain"), [("usage_daily", DAILY), ("usage_by_destination", DESTINATION)])
def test_traffic_and_money(rows, view, grain):
    """Sums of money are exact decimals, and no leg is counted in two places."""
    expected = {key: traffic(legs) for key, legs in grouped(rated(rows), grain).items()}
    assert expected == viewed(rows, view, grain, TRAFFIC)


def test_money_is_not_lost_between_views(rows):
    """The total of each currency is the same by day, by destination and leg by leg."""
    connection = views_over(rows)
    totals = [
        dict(connection.execute(f"SELECT currency, sum(charge) FROM {view} GROUP BY currency").fetchall())  # noqa: S608
        for view in ("usage", "usage_daily", "usage_by_destination")
    ]
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for leg in rated(rows):
        expected[leg["currency"]] += Decimal(leg["charge"])
    assert [dict(expected)] * 3 == totals


def test_codecs(rows):
    """Mean scores are whole hundredths, rounded down, over the calls that have one."""

    def figures(legs: list[Row]) -> tuple[Any, ...]:
        scores = [leg["mos_x100"] for leg in legs if leg["mos_x100"] is not None]
        pages = sum(leg["t38_pages"] or 0 for leg in legs)
        mean = sum(scores) // len(scores) if scores else None
        return len(legs), sum(leg["call_seconds"] for leg in legs), pages, len(scores), mean

    grain = "period, account_id, trunk_id, codec_in, codec_out"
    answered = (leg for leg in billed(rows) if leg["answered_at"])
    expected = {key: figures(legs) for key, legs in grouped(answered, grain).items()}
    assert expected == viewed(rows, "usage_by_codec", grain, "answered, call_seconds, t38_pages, mos_calls, mos_x100")


def test_sbcs(rows):
    """What failed in the network is counted where it failed; a busy line is no failure."""

    def figures(legs: list[Row]) -> tuple[int, ...]:
        failed = [leg for leg in legs if not leg["answered_at"] and leg["reject_class"] in {"FAILURE", "NO_ROUTE"}]
        return len(legs), sum(leg["answered_at"] is not None for leg in legs), len(failed)

    grain = "period, account_id, trunk_id, source, source_node"
    expected = {key: figures(legs) for key, legs in grouped(billed(rows), grain).items()}
    assert expected == viewed(rows, "usage_by_sbc", grain, "calls, answered, failed")


def test_capacity_refusals(rows):
    """Unanswered calls of class CAPACITY, by day of the ledger."""
    refused = (row for row in rated(rows) if not row["answered_at"] and row["reject_class"] == "CAPACITY")
    grain = "day, account_id, trunk_id"
    expected = {key: (len(legs),) for key, legs in grouped(refused, grain).items()}
    assert expected == viewed(rows, "capacity_refusals", grain, "refused")


def test_channels_day_by_day(rows):
    """Peak and milliseconds of each UTC day, by walking through every second in which something changes."""

    def at_once(spans: list[tuple[datetime, datetime]], day: date) -> tuple[int, int]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        ends = midnight + timedelta(days=1)
        clipped = [(max(begin, midnight), min(end, ends)) for begin, end in spans if begin < ends and end > midnight]
        peak = max((sum(b <= begin < e for b, e in clipped) for begin, _ in clipped), default=0)
        return peak, sum(int((end - begin).total_seconds() * 1000) for begin, end in clipped)

    used = [leg for leg in billed(rows) if leg["answered_at"] and leg["direction"] != "FORWARD"]
    found = viewed(rows, "capacity_daily", "trunk_id, day", "peak, channel_ms")
    for trunk, legs in grouped(used, "trunk_id").items():
        spans = [(leg["answered_at"], leg["released_at"]) for leg in legs]
        for (name, day), figures in found.items():
            if (name,) == trunk:
                assert at_once(spans, day) == figures, day


SHARES: list[tuple[str, Callable[[Row], bool]]] = [
    ("rejects", lambda row: row["state"] == "REJECTED"),
    ("duplicates", lambda row: row["state"] == "DUPLICATE"),
    ("usage", lambda row: row["state"] == "RATED"),
    ("cdr", lambda row: True),
]


@pytest.mark.parametrize(("view", "holds"), SHARES, ids=[name for name, _ in SHARES])
def test_every_row_is_in_the_view_of_its_state(rows, view, holds):
    """And in no other."""
    found = views_over(rows).execute(f'SELECT "offset" FROM {view}').fetchall()  # noqa: S608 - names of this file
    assert sorted(row["offset"] for row in rows if holds(row)) == sorted(offset for (offset,) in found)
