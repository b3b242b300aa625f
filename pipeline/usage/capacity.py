"""Capacity of the trunks in a month, from the view `capacity_daily`: by month, or by local day."""

from typing import Any

import duckdb

from pipeline.usage.records import records

_DAILY = """\
SELECT trunk_id, day, channel_limit, peak, peak_first_at, over_limit_ms, answered_over_limit, refused, channel_ms
FROM capacity_daily
WHERE strftime(day, '%Y-%m') = $period AND ($trunk IS NULL OR trunk_id = $trunk)
ORDER BY trunk_id, day
"""
_MONTHLY = """\
SELECT
    trunk_id,
    arg_max(channel_limit, (peak, -epoch_us(day))) AS channel_limit,
    max(peak) AS peak,
    arg_max(peak_first_at, (peak, -epoch_us(day))) AS peak_first_at,
    sum(over_limit_ms)::BIGINT AS over_limit_ms,
    sum(answered_over_limit)::BIGINT AS answered_over_limit,
    sum(refused)::BIGINT AS refused,
    sum(channel_ms)::BIGINT AS channel_ms
FROM capacity_daily
WHERE strftime(day, '%Y-%m') = $period AND ($trunk IS NULL OR trunk_id = $trunk)
GROUP BY trunk_id
ORDER BY trunk_id
"""


def capacity(
    connection: duckdb.DuckDBPyConnection, period: str, trunk_id: str | None = None, *, daily: bool = False
) -> list[dict[str, Any]]:
    """Peak, time above the limit, calls answered above it and calls refused, of each trunk (and day) of a month.

    Days are those of the account's zone. `peak_first_at` is UTC.
    """
    return records(connection, _DAILY if daily else _MONTHLY, {"period": period, "trunk": trunk_id})
