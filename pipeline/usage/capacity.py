"""Capacity of the trunks in a month, by local day of the account: peak, time above the limit, calls without a channel.

The view `capacity_daily` says the same of the whole ledger in SQL. This is the way for a month of ten million calls:
each call is cut at the midnights of its account, and each trunk and day is counted by `rating.concurrency_batch`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any

import duckdb
import numpy as np

from pipeline.usage.records import records
from pipeline.usage.trunk_days import Calendar, LimitStep, cut_at_midnights, day_limits, limit_at
from rating.concurrency_batch import NO_LIMIT, Held, concurrency_columns
from rating.timelines import to_microseconds
from schemas.period import Period

_CALLS = """\
SELECT
    trunk_id,
    epoch_us(answered_at) AS answered_us,
    epoch_us(coalesce(released_at, answered_at + to_milliseconds(measured_ms))) AS released_us
FROM usage
WHERE
    is_billed_leg AND direction IN ('OUTBOUND', 'INBOUND') AND answered_at < $until
    AND coalesce(released_at, answered_at + to_milliseconds(measured_ms)) > $since
    AND ($trunk IS NULL OR trunk_id = $trunk)
"""
_REFUSED = """\
SELECT usage.trunk_id, timezone(coalesce(trunks.time_zone, 'UTC'), usage.started_at)::DATE AS day, count(*) AS refused
FROM usage
LEFT JOIN trunks USING (trunk_id)
WHERE
    usage.answered_at IS NULL AND usage.reject_class = 'CAPACITY' AND ($trunk IS NULL OR trunk_id = $trunk)
    AND strftime(timezone(coalesce(trunks.time_zone, 'UTC'), usage.started_at), '%Y-%m') = $period
GROUP BY ALL
"""
_LIMITS = "SELECT trunk_id, effective_from, effective_until, channel_limit FROM trunk_limits"
_ZONES = "SELECT trunk_id, time_zone FROM trunks"

_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNUSED = {"channel_limit": None, "peak": 0, "peak_first_at": None, "over_limit_ms": 0, "answered_over_limit": 0,
           "refused": 0, "channel_ms": 0}  # fmt: skip

Row = dict[str, Any]
"""trunk_id, perhaps day, and the fields of `_UNUSED`; `peak_first_at` is UTC."""


def capacity(
    connection: duckdb.DuckDBPyConnection, period: str, trunk_id: str | None = None, *, daily: bool = False
) -> list[Row]:
    """Peak, time above the limit, calls answered above it and calls refused, of each trunk (and day) of a month.

    A day is there if the trunk had a call in progress, or one was refused. `connection` sees the views of pipeline.sql.
    """
    days: dict[tuple[str, date], Row] = {
        (row["trunk_id"], row["day"]): row for row in _used(connection, period, trunk_id)
    }
    for row in records(connection, _REFUSED, {"period": period, "trunk": trunk_id}):
        key = row["trunk_id"], row["day"]
        days[key] = days.get(key, {"trunk_id": key[0], "day": key[1], **_UNUSED}) | {"refused": row["refused"]}
    rows = [days[key] for key in sorted(days)]
    return rows if daily else [_month(list(own)) for _, own in groupby(rows, lambda row: row["trunk_id"])]


def _month(days: Sequence[Row]) -> Row:
    """The sums of a trunk's days, and the first of its busiest ones."""
    busiest = max(days, key=lambda row: row["peak"])
    summed = {name: sum(row[name] for row in days) for name in ("over_limit_ms", "answered_over_limit", "refused")}
    busy = {name: busiest[name] for name in ("channel_limit", "peak", "peak_first_at")}
    return {"trunk_id": busiest["trunk_id"], **busy, **summed, "channel_ms": sum(row["channel_ms"] for row in days)}


def _used(connection: duckdb.DuckDBPyConnection, period: str, trunk_id: str | None) -> Iterator[Row]:
    """Rows of days with calls, zone by zone."""
    utc = Period.month(period)
    around = {"since": utc.start - _DAY, "until": utc.end + _DAY, "trunk": trunk_id}
    calls = connection.sql(_CALLS, params=around).to_arrow_table()
    ids = calls.column("trunk_id").combine_chunks().dictionary_encode()
    names = ids.dictionary.to_pylist()
    held = Held.whole(
        ids.indices.to_numpy().astype(np.int64), calls.column("answered_us").to_numpy(),
        calls.column("released_us").to_numpy(),
    )  # fmt: skip
    zones = {row["trunk_id"]: row["time_zone"] for row in records(connection, _ZONES, {})}
    steps = _limit_steps(connection)
    for zone in sorted({zones.get(name, "UTC") for name in names}):
        is_here = np.array([zones.get(name, "UTC") == zone for name in names], np.bool_)
        rows = np.flatnonzero(is_here[held.trunk])
        calendar = Calendar.month(utc.start.date(), (utc.end - utc.start).days, zone)
        yield from _used_days(held.take(rows), names, steps, calendar)


def _used_days(
    held: Held, names: Sequence[str], steps: Mapping[str, Sequence[LimitStep]], calendar: Calendar
) -> Iterator[Row]:
    days = len(calendar.days)
    limits = day_limits({number: steps.get(name, ()) for number, name in enumerate(names)}, calendar)
    found = concurrency_columns(cut_at_midnights(held, calendar), limits, len(names) * days)
    for place in np.flatnonzero(found.peak).tolist():
        trunk, day = divmod(place, days)
        peak_us = int(found.peak_first_us[place])
        yield {
            "trunk_id": names[trunk],
            "day": calendar.days[day],
            "channel_limit": limit_at(steps.get(names[trunk], ()), peak_us),
            "peak": int(found.peak[place]),
            "peak_first_at": _EPOCH + timedelta(microseconds=peak_us),
            "over_limit_ms": int(found.over_limit_ms[place]),
            "answered_over_limit": int(found.answered_over_limit[place]),
            "refused": 0,
            "channel_ms": int(found.channel_ms[place]),
        }


def _limit_steps(connection: duckdb.DuckDBPyConnection) -> dict[str, list[LimitStep]]:
    """Every limit of each trunk, and none from its end on."""
    steps: dict[str, list[LimitStep]] = defaultdict(list)
    for row in records(connection, _LIMITS, {}):
        own = steps[row["trunk_id"]]
        own.append(LimitStep(to_microseconds(row["effective_from"]), row["channel_limit"]))
        if row["effective_until"] is not None:
            own.append(LimitStep(to_microseconds(row["effective_until"]), NO_LIMIT))
    return {name: _without_handovers(own) for name, own in steps.items()}


def _without_handovers(steps: Sequence[LimitStep]) -> list[LimitStep]:
    """Where one limit ends and the next begins, only the beginning counts."""
    begins = {step.since_us for step in steps if step.channel_limit != NO_LIMIT}
    return [step for step in sorted(steps) if step.channel_limit != NO_LIMIT or step.since_us not in begins]
