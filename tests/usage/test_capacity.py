"""Capacity by month and day; the view and the rules of `rating` count the same."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.cli import app, channels
from pipeline.usage.capacity import capacity
from rating.concurrency import HeldChannel, LimitFrom, concurrency
from rating.concurrency_batch import Held, Limits, stretches, summarise
from rating.timelines import to_microseconds
from schemas.reference import ReferenceData
from tests.sql.test_views import a_book
from tests.sql.views_over import views_over
from tests.usage.rows import TEN, on_channel

LIMIT = 2


def _book(limit: int = LIMIT) -> ReferenceData:
    return a_book({"trunks": {"t1": [{"effective_from": "2026-01-01T00:00:00Z", "channel_limit": limit}]}})


CALLS = [on_channel(1, 0, 300), on_channel(2, 60, 180), on_channel(3, 90, 120)]
REFUSED = {"offset": 9, "trunk_id": "t1", "direction": "OUTBOUND", "started_at": TEN, "reject_class": "CAPACITY"}


def test_a_month_of_a_trunk() -> None:
    """Three calls overlap for 30 seconds on two channels, one call was refused: 300 + 120 + 30 seconds in all."""
    (row,) = capacity(views_over([*CALLS, REFUSED], _book()), "2026-10")
    assert {
        "trunk_id": "t1", "channel_limit": 2, "peak": 3, "over_limit_ms": 30_000, "answered_over_limit": 1,
        "refused": 1, "channel_ms": 450_000,
    } == {name: value for name, value in row.items() if name != "peak_first_at"}  # fmt: skip
    assert TEN + timedelta(seconds=90) == row["peak_first_at"]


def test_the_peak_of_a_month_is_that_of_its_busiest_day() -> None:
    """Of two equal days the first is named."""
    day = 86_400
    later = [on_channel(4, day, day + 60), on_channel(5, day + 10, day + 60)]
    rows = views_over([on_channel(1, 0, 60), on_channel(2, 30, 60), *later], _book())
    assert [2, 2] == [row["peak"] for row in capacity(rows, "2026-10", daily=True)]
    (month,) = capacity(rows, "2026-10")
    assert (2, TEN + timedelta(seconds=30)) == (month["peak"], month["peak_first_at"])


def test_only_one_trunk_or_another_month() -> None:
    """Nothing was used by another trunk or in September."""
    rows = views_over(CALLS, _book())
    assert [] == capacity(rows, "2026-10", "t2")
    assert [] == capacity(rows, "2026-09")


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), min_size=1, max_size=25),
    st.integers(1, 4),
)
def test_sql_scalar_and_columns_agree(calls: list[tuple[int, int]], limit: int) -> None:
    """Peak, first instant of it, time above the limit, calls answered above it, and the sum of all calls."""
    rows = [on_channel(number, start, start + length) for number, (start, length) in enumerate(calls)]
    held = [_held(row) for row in rows]
    since = TEN - timedelta(days=30)
    expected = concurrency(held, [LimitFrom(since, limit)])
    answered, released = (np.array([to_microseconds(call[part]) for call in held], np.int64) for part in (0, 1))
    limits = Limits(np.zeros(1, np.int64), np.array([to_microseconds(since)]), np.array([limit]))
    columns = summarise(stretches(Held.whole(np.zeros(len(held), np.int64), answered, released), limits), 1)
    found = capacity(views_over(rows, _book(limit)), "2026-10")
    if not expected.peak:
        assert [] == found
        return
    (row,) = found
    assert expected.peak_first_at == row["peak_first_at"]
    assert (expected.peak, expected.over_limit_ms, expected.answered_over_limit, expected.channel_ms) == (
        row["peak"], row["over_limit_ms"], row["answered_over_limit"], row["channel_ms"],
    )  # fmt: skip
    assert [expected.peak, expected.over_limit_ms, expected.channel_ms, expected.answered_over_limit] == [
        int(column[0])
        for column in (columns.peak, columns.over_limit_ms, columns.channel_ms, columns.answered_over_limit)
    ]


_HOURS = st.integers(-30, 34 * 24)
_minutes = st.integers(-30 * 60, 33 * 24 * 60)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(["t1", "t2", "t9"]), _minutes, st.integers(0, 3 * 24 * 60)), max_size=15),
    st.lists(st.tuples(_HOURS, st.integers(1, 3)), min_size=1, max_size=4, unique_by=lambda change: change[0]),
    st.one_of(st.none(), _HOURS),
    st.sampled_from(["UTC", "America/Chicago", "Pacific/Auckland"]),
)
def test_days_agree_with_the_view(
    calls: list[tuple[str, int, int]], changes: list[tuple[int, int]], ends: int | None, zone: str
) -> None:
    """Calls over midnights and month ends, limits that change at any hour, a trunk that ends, one that is unknown."""
    first = datetime(2026, 10, 1, tzinfo=UTC)
    limits = [
        {"effective_from": first + timedelta(hours=hours), "channel_limit": limit} for hours, limit in sorted(changes)
    ]
    parts: dict[str, Any] = {"time_zone": zone, "trunks": {"t1": limits, "t2": limits[:1]}}
    if ends is not None and ends > max(hours for hours, _ in changes):
        parts["ends"] = {"t1": first + timedelta(hours=ends)}
    rows: list[dict[str, Any]] = [
        {
            "offset": number, "trunk_id": trunk, "direction": "INBOUND",
            "answered_at": first + timedelta(minutes=start), "released_at": first + timedelta(minutes=start + length),
        }
        for number, (trunk, start, length) in enumerate(calls)
    ]  # fmt: skip
    rows.append(REFUSED | {"trunk_id": "t2"})
    connection = views_over(rows, a_book(parts))
    found = [tuple(row[name] for name in COLUMNS) for row in capacity(connection, "2026-10", daily=True)]
    expected = connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM capacity_daily "  # noqa: S608 - names of this test
        "WHERE strftime(day, '%Y-%m') = '2026-10' AND (peak > 0 OR refused > 0) ORDER BY trunk_id, day"
    ).fetchall()
    assert [_on_unused_days(row) for row in expected] == [_on_unused_days(row) for row in found]


COLUMNS = (
    "trunk_id", "day", "channel_limit", "peak", "peak_first_at", "over_limit_ms", "channel_ms", "answered_over_limit",
    "refused",
)  # fmt: skip


def _on_unused_days(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The view names a limit on days without calls that lie between two others."""
    return row if row[3] else (*row[:2], None, *row[3:])


def _held(row: dict[str, Any]) -> HeldChannel:
    return HeldChannel(row["answered_at"], row["released_at"])


def test_the_command_raises_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON lines on stdout, the alarm on stderr."""
    monkeypatch.setattr(channels, "open_views", lambda _: views_over(CALLS, _book()))
    result = CliRunner().invoke(app, ["capacity", "2026-10", "--json"])
    assert 0 == result.exit_code
    assert 3 == json.loads(result.stdout)["peak"]
    assert "calls were answered above the channel limit of t1" in result.stderr
