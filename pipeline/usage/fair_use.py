"""The fair-use trace of one trunk and month: how the allowance came about, and which call took how much of it.

It is the sum that the close does for all trunks at once, call by call, so that a customer can follow it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from pipeline.billing.fees import allowance
from pipeline.billing.months import Month, Segment
from pipeline.usage.records import records
from rating.book import RateBook
from rating.fair_use import EligibleCall, FairUse, OverageRate, overage_charge, split_calls
from rating.money import NANOS_DECIMALS, nanos_to_decimal
from schemas.reference import Package, Trunk

_INCLUDED = """\
SELECT
    answered_at, cdr_id, call_seconds, called, rate_per_minute, connection_fee, initial_seconds, next_seconds,
    charge_decimals, charge_rounding
FROM usage
WHERE trunk_id = $trunk AND period = $period AND charge_kind = 'INCLUDED'
"""


class NoFairUse(ValueError):
    """A trunk without an allowance in that month."""


class TracedCall(NamedTuple):
    """One call in the order of the allowance, and what its seconds beyond cost."""

    cdr_id: str
    answered_at: str
    called: str | None
    call_seconds: int
    included_seconds: int
    overage_seconds: int
    left_seconds: int
    """What is left of the allowance after this call."""
    billed_seconds: int
    charge: Decimal


class Trace(NamedTuple):
    """The allowance with its days, the split, and the calls."""

    segments: tuple[Segment, ...]
    days_in_period: int
    fair_use: FairUse
    calls: tuple[TracedCall, ...]

    @property
    def charge(self) -> Decimal:
        """What the overage of all calls costs."""
        return sum((call.charge for call in self.calls), Decimal(0))


def fair_use_trace(connection: duckdb.DuckDBPyConnection, book: RateBook, trunk_id: str, period: str) -> Trace:
    """Trace the fair use of a trunk in a month. NoFairUse says why there is none."""
    trunk = book.trunks.get(trunk_id)
    if trunk is None:
        raise NoFairUse(f"The book has no trunk {trunk_id!r} (known: {', '.join(sorted(book.trunks)) or 'none'}).")
    month = Month.of(book, book.accounts[trunk.account_id], period)
    included = allowance(month, trunk)
    if included is None:
        raise NoFairUse(_no_allowance(trunk, month))
    rows = records(connection, _INCLUDED, {"trunk": trunk_id, "period": period})
    found = split_calls((_eligible(row) for row in rows), included.allowance_seconds)
    facts = {(row["answered_at"], row["cdr_id"]): row for row in rows}
    segments = tuple(segment for segment in month.segments(trunk) if segment.plan.package is Package.UNLIMITED)
    return Trace(segments, month.days, found, tuple(_traced(found, facts)))


def _eligible(row: dict[str, Any]) -> EligibleCall:
    return EligibleCall(row["answered_at"], row["cdr_id"], row["call_seconds"])


def _traced(found: FairUse, facts: dict[tuple[Any, str], dict[str, Any]]) -> Iterator[TracedCall]:
    for call, included, overage, used_before in found.calls:
        row = facts[call.answered_at, call.cdr_id]
        billed, nanos = overage_charge(overage, _rate(row))
        yield TracedCall(
            call.cdr_id,
            call.answered_at.isoformat().replace("+00:00", "Z"),
            row["called"],
            call.call_seconds,
            included,
            overage,
            found.allowance_seconds - used_before - included,
            billed,
            nanos_to_decimal(nanos),
        )


def _rate(row: dict[str, Any]) -> OverageRate:
    return OverageRate(
        _nanos(row["rate_per_minute"]), _nanos(row["connection_fee"]), row["initial_seconds"], row["next_seconds"],
        row["charge_decimals"], row["charge_rounding"],
    )  # fmt: skip


def _nanos(amount: Decimal) -> int:
    return int(amount.scaleb(NANOS_DECIMALS))


def _no_allowance(trunk: Trunk, month: Month) -> str:
    name = month.period.name
    if not month.segments(trunk):
        return f"Trunk {trunk.trunk_id} is not in service in {name}."
    return (
        f"Trunk {trunk.trunk_id} has no allowance in {name}: its plan {trunk.plan_id} is METERED, and every call is "
        "charged. Only UNLIMITED plans have fair use."
    )


def allowance_sum(trace: Trace) -> str:
    """The allowance as a clerk writes it down."""
    parts = " + ".join(
        f"{segment.plan.minutes_per_channel} min x {segment.channel_limit} channels x {segment.days} days"
        for segment in trace.segments
    )
    return f"({parts}) / {trace.days_in_period} days x 60 = {trace.fair_use.allowance_seconds} seconds, rounded down"
