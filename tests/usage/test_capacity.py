"""Capacity by month and day; the view and the rules of `rating` count the same."""

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.cli import app, channels
from pipeline.usage.capacity import capacity
from rating.concurrency import HeldChannel, LimitFrom, concurrency
from rating.concurrency_batch import Limits, stretches, summarise
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
    columns = summarise(stretches(np.zeros(len(held), np.int64), answered, released, limits), 1)
    found = capacity(views_over(rows, _book(limit)), "2026-10")
    if not expected.peak:
        assert not any(row["peak"] for row in found)
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


def _held(row: dict[str, Any]) -> HeldChannel:
    return HeldChannel(row["answered_at"], row["released_at"])


def test_the_command_raises_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON lines on stdout, the alarm on stderr."""
    monkeypatch.setattr(channels, "open_views", lambda _: views_over(CALLS, _book()))
    result = CliRunner().invoke(app, ["capacity", "2026-10", "--json"])
    assert 0 == result.exit_code
    assert 3 == json.loads(result.stdout)["peak"]
    assert "calls were answered above the channel limit of t1" in result.stderr
