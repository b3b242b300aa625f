"""The SQL of views and of the close agrees with the rules of `rating` on anything that can be generated."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.billing.snapshot import query
from rating.channels import allowance_seconds, days_of, trunk_segments
from rating.fair_use import EligibleCall, split_calls, used_percent
from schemas.period import Period
from tests.sql.test_views import a_book
from tests.sql.views_over import views_over
from tests.usage.rows import TEN, included

ZONES = ("UTC", "America/Chicago", "Pacific/Auckland", "Asia/Kathmandu")
POOLED = pa.schema([
    ("row_id", pa.string()), ("trunk_id", pa.string()), ("service_period", pa.string()), ("charge_kind", pa.string()),
    ("answered_at", pa.timestamp("us", "UTC")), ("cdr_id", pa.string()), ("call_seconds", pa.int64()),
    ("rate_per_minute", pa.decimal128(18, 9)), ("connection_fee", pa.decimal128(18, 9)),
])  # fmt: skip
_quietly = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@_quietly
@given(
    st.lists(
        st.tuples(st.integers(-60 * 24, 60 * 24), st.integers(1, 50)), min_size=1, max_size=5, unique_by=lambda c: c[0]
    ),
    st.one_of(st.none(), st.integers(0, 40 * 24)),
    st.sampled_from(ZONES),
    st.integers(1, 200_000),
)
def test_the_view_computes_the_allowance_of_the_rules(
    changes: list[tuple[int, int]], ends: int | None, zone: str, seconds: int
) -> None:
    """Limits that change at any hour, a trunk that begins and ends in the month, days of the account's zone."""
    first = datetime(2026, 10, 1, tzinfo=UTC)
    limits = [
        {"effective_from": first + timedelta(hours=hours), "channel_limit": limit} for hours, limit in sorted(changes)
    ]
    parts: dict[str, Any] = {"time_zone": zone, "trunks": {"t1": limits}}
    if ends is not None:
        parts["ends"] = {"t1": first + timedelta(hours=ends)}
    book = a_book(parts)
    rows = [included(1, seconds, trunk_id="t1", plan_id="unlimited")]
    (found,) = views_over(rows, book).execute(
        "SELECT used_seconds, allowance_seconds, used_percent FROM fair_use"
    ).fetchall()  # fmt: skip
    period = Period.month("2026-10", zone)
    channel_days = sum(part.channel_days for part in trunk_segments(book.trunks[0], period, zone))
    allowance = allowance_seconds(3000, channel_days, days_of(period, zone))
    assert (seconds, allowance, used_percent(seconds, allowance)) == found


_calls = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(0, 300)), max_size=25)


@_quietly
@given(_calls, st.lists(st.integers(0, 1000), min_size=2, max_size=2))
def test_the_close_splits_as_the_rules_do(calls: list[tuple[int, int, int]], allowances: list[int]) -> None:
    """The window of `beyond.sql` finds the calls with overage, and as many seconds of each."""
    rows = [
        {
            "row_id": f"r{n:02}", "trunk_id": f"t{trunk}", "service_period": "2026-10", "charge_kind": "INCLUDED",
            "answered_at": TEN + timedelta(seconds=after), "cdr_id": f"c{(n * 7) % 25:02}", "call_seconds": seconds,
            "rate_per_minute": Decimal("0.01"), "connection_fee": Decimal(0),
        }
        for n, (trunk, after, seconds) in enumerate(calls)
    ]  # fmt: skip
    connection = duckdb.connect()
    connection.register("pooled", pa.Table.from_pylist(rows, schema=POOLED))
    connection.register("allowances", pa.table({
        "trunk_id": ["t0", "t1"], "service_period": ["2026-10"] * 2, "allowance_seconds": allowances,
    }))  # fmt: skip
    found = connection.execute(f"SELECT cdr_id, overage_seconds FROM ({query('beyond')})").fetchall()  # noqa: S608
    expected = [
        (split.call.cdr_id, split.overage_seconds)
        for number, allowance in enumerate(allowances)
        for split in split_calls(
            (EligibleCall(row["answered_at"], row["cdr_id"], row["call_seconds"]) for row in rows
             if row["trunk_id"] == f"t{number}"), allowance,
        ).calls
        if split.overage_seconds
    ]  # fmt: skip
    assert sorted(expected) == sorted(found)
