"""One runner for each kind of `plan_cases.json`; an answer has the fields of the case's expectation."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from rating.channels import DayLimit, Segment, allowance_seconds, channel_fee, exact_fee, local_day, segments
from rating.concurrency import Concurrency, HeldChannel, LimitFrom, concurrency
from rating.concurrency_batch import Held, Limits, stretches, summarise
from rating.duration import whole_seconds
from rating.fair_use import EligibleCall, FairUse, OverageRate, overage_charge, split_calls
from rating.fair_use_batch import included_seconds
from rating.money import nanos_to_decimal, parse_nanos
from rating.timelines import to_microseconds

Case = Mapping[str, Any]
NANOS = 10**9


def difference(case: Case) -> dict[str, tuple[object, object]]:
    """Fields whose answer is not the expected one, as (expected, found); a field that is not found is different."""
    if case["kind"] not in RUNNERS:
        return {"kind": (case["kind"], f"no runner; known are {', '.join(RUNNERS)}")}
    found = RUNNERS[case["kind"]](case["input"])
    expected = case["expected"]
    return {
        name: (value, found.get(name)) for name, value in expected.items() if name not in found or value != found[name]
    }


def _channel_proration(given: Case) -> dict[str, object]:
    parts, days = _segments(given)
    channel_days = sum(part.channel_days for part in parts)
    price = parse_nanos(given["price_per_channel"])
    exact = exact_fee(price, channel_days, days) / NANOS
    return {
        "days_in_period": days,
        "channel_days": channel_days,
        "segments": [_shown(part) for part in parts],
        "charge_exact": f"{exact.numerator}/{exact.denominator}",
        "charge_6dp": _money(channel_fee(price, channel_days, days, 6), 6),
        "charge_2dp": _money(channel_fee(price, channel_days, days, 2), 2),
    }


def _fair_use_allowance(given: Case) -> dict[str, object]:
    parts, days = _segments(given)
    channel_days = sum(part.channel_days for part in parts)
    exact = exact_fee(given["minutes_per_channel"] * 60, channel_days, days)
    return {
        "days_in_period": days,
        "channel_days": channel_days,
        "allowance_seconds_exact": f"{exact.numerator}/{exact.denominator}",
        "allowance_seconds": allowance_seconds(given["minutes_per_channel"], channel_days, days),
    }


def _segments(given: Case) -> tuple[list[Segment], int]:
    first, end = date.fromisoformat(given["period_start"]), date.fromisoformat(given["period_end"])
    ends = None if given["ends"] is None else date.fromisoformat(given["ends"])
    limits = [DayLimit(_first_day(change, given), change["channel_limit"]) for change in given["changes"]]
    return segments(limits, first, end, ends), (end - first).days


def _first_day(change: Case, given: Case) -> date:
    if "at" in change:
        return local_day(datetime.fromisoformat(change["at"]), given["billing_time_zone"])
    return date.fromisoformat(change["from"])


def _shown(part: Segment) -> dict[str, object]:
    return {
        "from": part.first_day.isoformat(), "until": part.end_day.isoformat(), "channel_limit": part.channel_limit,
        "days": part.days,
    }  # fmt: skip


def _fair_use_split(given: Case) -> dict[str, object]:
    start, end = datetime.fromisoformat(given["period_start"]), datetime.fromisoformat(given["period_end"])
    calls = [
        (EligibleCall(datetime.fromisoformat(call["answered_at"]), call["cdr_id"],
                      whole_seconds(call["measured_ms"], "ceil")), call["eligible"])
        for call in given["calls"]
    ]  # fmt: skip
    inside = [(call, is_eligible) for call, is_eligible in calls if start <= call.answered_at < end]
    eligible = [call for call, is_eligible in inside if is_eligible]
    found = split_calls(eligible, given["allowance_seconds"])
    assert _included_in_columns(eligible, given["allowance_seconds"]) == _included(found)
    included = _included(found)
    rate = OverageRate(
        parse_nanos(given["rate_per_minute"]), parse_nanos(given["connection_fee"]), given["initial_s"],
        given["increment_s"],
    )  # fmt: skip
    lines: list[dict[str, object]] = []
    total = 0
    for call, is_eligible in sorted(inside, key=lambda pair: (pair[0].answered_at, pair[0].cdr_id)):
        share = included[call.cdr_id] if is_eligible else 0
        if is_eligible and (share or not call.call_seconds):
            lines.append({"cdr_id": call.cdr_id, "part": "INCLUDED", "seconds": share, "charge_6dp": "0.000000"})
        if call.call_seconds > share or not is_eligible:
            billed, charge = overage_charge(call.call_seconds - share, rate)
            total += charge
            part = "OVERAGE" if is_eligible else "METERED"
            lines.append({"cdr_id": call.cdr_id, "part": part, "seconds": call.call_seconds - share,
                          "billed_seconds": billed, "charge_6dp": _money(charge, 6)})  # fmt: skip
    return {
        "lines": lines,
        "not_in_period": [call.cdr_id for call, _ in calls if not start <= call.answered_at < end],
        "used_seconds": found.used_seconds,
        "remaining_seconds": found.remaining_seconds,
        "total_6dp": _money(total, 6),
    }


def _included(found: FairUse) -> dict[str, int]:
    return {split.call.cdr_id: split.included_seconds for split in found.calls}


def _included_in_columns(calls: list[EligibleCall], allowance: int) -> dict[str, int]:
    included = included_seconds(
        np.zeros(len(calls), np.int64),
        np.array([to_microseconds(call.answered_at) for call in calls], np.int64),
        pa.array([call.cdr_id for call in calls], pa.string()),
        np.array([call.call_seconds for call in calls], np.int64),
        np.array([allowance], np.int64),
    )
    return {call.cdr_id: seconds for call, seconds in zip(calls, included.tolist(), strict=True)}


def _concurrency(given: Case) -> dict[str, object]:
    calls = [
        HeldChannel(datetime.fromisoformat(call["answered_at"]), datetime.fromisoformat(call["released_at"]))
        for call in given["calls"]
    ]
    since = min((call.answered_at for call in calls), default=datetime.fromisoformat("2026-01-01T00:00:00Z"))
    found = concurrency(calls, [LimitFrom(since, given["channel_limit"])])
    assert _in_columns(calls, since, given["channel_limit"]) == _columns_of(found)
    return {
        "peak": found.peak,
        "peak_first_at": None if found.peak_first_at is None else _time(found.peak_first_at),
        "over_limit_ms": found.over_limit_ms,
        "over_limit_intervals": [
            {"from": _time(over.from_at), "until": _time(over.until_at), "peak": over.peak} for over in found.over_limit
        ],
        "channel_ms": found.channel_ms,
    }


def _in_columns(calls: list[HeldChannel], since: datetime, limit: int) -> tuple[int, int, int, int]:
    answered, released = (
        np.array([to_microseconds(call[part]) for call in calls], np.int64) for part in (0, 1)
    )  # fmt: skip
    limits = Limits(np.zeros(1, np.int64), np.array([to_microseconds(since)]), np.array([limit]))
    columns = summarise(stretches(Held.whole(np.zeros(len(calls), np.int64), answered, released), limits), 1)
    peak, first, over, total, _ = (int(column[0]) for column in columns)
    return peak, first, over, total


def _columns_of(found: Concurrency) -> tuple[int, int, int, int]:
    first = 0 if found.peak_first_at is None else to_microseconds(found.peak_first_at)
    return found.peak, first, found.over_limit_ms, found.channel_ms


def _money(nanos: int, decimals: int) -> str:
    return str(nanos_to_decimal(nanos).quantize(Decimal(1).scaleb(-decimals)))


def _time(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


RUNNERS: dict[str, Callable[[Case], dict[str, object]]] = {
    "channel_proration": _channel_proration,
    "fair_use_allowance": _fair_use_allowance,
    "fair_use_split": _fair_use_split,
    "concurrency": _concurrency,
}
