"""Fair use of an UNLIMITED trunk: which seconds of which call are included, and which are overage (Rating 10).

Eligible calls use the allowance in order of (answer time, CDR id), whatever the order in which they arrived, in whole
seconds before increments. The call that crosses the limit is split at that second; its overage is metered as a leg of
its own. `rating.fair_use_batch` is the fast twin.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from rating.charge import ChargeRounding, charge_nanos
from rating.duration import billed_seconds


class EligibleCall(NamedTuple):
    """A call that may use the allowance of its trunk in its period."""

    answered_at: datetime
    cdr_id: str
    call_seconds: int
    """Whole seconds, before increments."""


class SplitCall(NamedTuple):
    """A call and its two parts; they add up to its seconds."""

    call: EligibleCall
    included_seconds: int
    overage_seconds: int
    used_before: int
    """Seconds of the allowance that earlier calls took."""


class FairUse(NamedTuple):
    """The trace of one trunk in one period: every eligible call in its order."""

    allowance_seconds: int
    calls: tuple[SplitCall, ...]

    @property
    def used_seconds(self) -> int:
        """Included seconds of all calls; never more than the allowance."""
        return sum(split.included_seconds for split in self.calls)

    @property
    def overage_seconds(self) -> int:
        """Seconds of all calls beyond the allowance."""
        return sum(split.overage_seconds for split in self.calls)

    @property
    def remaining_seconds(self) -> int:
        """What is left of the allowance."""
        return self.allowance_seconds - self.used_seconds


class OverageRate(NamedTuple):
    """What meters the overage of a call: the deck row and the plan's rounding, as its ledger line keeps them."""

    rate_nanos: int
    fee_nanos: int
    initial_seconds: int
    next_seconds: int
    charge_decimals: int = 6
    charge_rounding: ChargeRounding = "half_up"


def split_calls(calls: Iterable[EligibleCall], allowance_seconds: int) -> FairUse:
    """Share the allowance among the eligible calls of one trunk and period."""
    left = allowance_seconds
    trace = []
    for call in sorted(calls, key=lambda call: (call.answered_at, call.cdr_id)):
        included = min(call.call_seconds, left)
        trace.append(SplitCall(call, included, call.call_seconds - included, allowance_seconds - left))
        left -= included
    return FairUse(allowance_seconds, tuple(trace))


def overage_charge(overage_seconds: int, rate: OverageRate) -> tuple[int, int]:
    """Billed seconds and charge in nanos of the seconds beyond: metered on their own, with the plan's increments."""
    billed = billed_seconds(overage_seconds, rate.initial_seconds, rate.next_seconds)
    return billed, charge_nanos(rate.rate_nanos, rate.fee_nanos, billed, rate.charge_decimals, rate.charge_rounding)


def used_percent(used_seconds: int, allowance_seconds: int) -> int | None:
    """Whole percent of the allowance, rounded down; None without an allowance."""
    return used_seconds * 100 // allowance_seconds if allowance_seconds else None
