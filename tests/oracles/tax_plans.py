"""The fair-use cases of `tax_cases.json`: allowance, split and overage in that file's own fields."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from rating.channels import DayLimit, allowance_seconds, segments
from rating.fair_use import EligibleCall, OverageRate, overage_charge, split_calls
from rating.money import nanos_to_decimal, parse_nanos
from tests.oracles.tax_bills import day

JsonObject = Mapping[str, Any]


def fair_use(given: JsonObject) -> dict[str, object]:
    """Used are all seconds of eligible calls; a line is printed for each call that goes beyond the allowance."""
    first, end = (date.fromisoformat(given["period"][edge]) for edge in ("start", "end"))
    minutes = Fraction(given["minutes_per_channel"])
    allowance = allowance_seconds(
        minutes.numerator, _channel_days(given, first, end), (end - first).days * minutes.denominator
    )
    calls = [_call(call) for call in given["calls"]]
    found = split_calls([call for call in calls if first <= call.answered_at.date() < end], allowance)
    rate = OverageRate(parse_nanos(given["rate_per_minute"]), 0, given["initial"], given["next"])
    lines, total = [], 0
    for split in found.calls:
        if split.overage_seconds:
            billed, charge = overage_charge(split.overage_seconds, rate)
            total += charge
            lines.append({
                "cdr_id": split.call.cdr_id, "included_seconds": split.included_seconds,
                "overage_seconds": split.overage_seconds, "billed_seconds": billed, "charge": _money(charge),
            })  # fmt: skip
    return {
        "allowance_seconds": allowance,
        "used_seconds": found.used_seconds + found.overage_seconds,
        "remaining_seconds": found.remaining_seconds,
        "overage": lines,
        "overage_charge": _money(total),
    }


def _channel_days(given: JsonObject, first: date, end: date) -> int:
    """Each stretch has an end of its own, so there may be days between two of them."""
    return sum(
        part.channel_days
        for stretch in given["channels"]
        for part in segments(
            [DayLimit(date.fromisoformat(stretch["from"]), stretch["count"])], first, end, day(stretch["to"])
        )
    )


def _call(call: JsonObject) -> EligibleCall:
    return EligibleCall(datetime.fromisoformat(call["answer"]), call["cdr_id"], call["seconds"])


def _money(nanos: int) -> str:
    return f"{nanos_to_decimal(nanos):.6f}"
