"""How many channels of a trunk were in use at once: exact peak, and the time above the limit (PRODUCT.md, Trunks 7).

An answered call holds a channel over `[answered_at, released_at)`, so an end and a start in the same instant do not
overlap, and a call of no length holds none. `rating.concurrency_batch` is the fast twin.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

_MILLISECOND = timedelta(milliseconds=1)


class HeldChannel(NamedTuple):
    """The channel of one answered call."""

    answered_at: datetime
    released_at: datetime


class LimitFrom(NamedTuple):
    """The channel limit from an instant on."""

    since: datetime
    channel_limit: int


class OverLimit(NamedTuple):
    """A stretch `[from_at, until_at)` with more calls than the limit, and the most at once within it."""

    from_at: datetime
    until_at: datetime
    peak: int


class Concurrency(NamedTuple):
    """Use of the channels of one trunk."""

    peak: int
    peak_first_at: datetime | None
    over_limit: tuple[OverLimit, ...]
    channel_ms: int
    """Milliseconds of all calls together."""
    answered_over_limit: int
    """Calls that were answered while no channel was left: billable, and an alarm."""

    @property
    def over_limit_ms(self) -> int:
        """Milliseconds with more calls than the limit."""
        return sum((stretch.until_at - stretch.from_at for stretch in self.over_limit), timedelta()) // _MILLISECOND


def concurrency(calls: Iterable[HeldChannel], limits: Sequence[LimitFrom]) -> Concurrency:
    """Walk through every instant at which something changes. Before the first limit nothing is above it."""
    held = [call for call in calls if call.answered_at < call.released_at]
    changes = {instant: 0 for call in held for instant in call} | {limit.since: 0 for limit in limits}
    for call in held:
        changes[call.answered_at] += 1
        changes[call.released_at] -= 1
    instants = sorted(changes)
    channels, peak, peak_first_at = 0, 0, None
    over: list[OverLimit] = []
    answered_over = 0
    starts = Counter(call.answered_at for call in held)
    for position, instant in enumerate(instants):
        channels += changes[instant]
        if channels > peak:
            peak, peak_first_at = channels, instant
        limit = _limit_at(limits, instant)
        if channels and limit is not None and channels > limit:
            answered_over += min(starts[instant], channels - limit)
            _extend(over, OverLimit(instant, instants[position + 1], channels))
    total = sum((call.released_at - call.answered_at for call in held), timedelta())
    return Concurrency(peak, peak_first_at, tuple(over), total // _MILLISECOND, answered_over)


def _limit_at(limits: Sequence[LimitFrom], instant: datetime) -> int | None:
    begun = [limit for limit in limits if limit.since <= instant]
    return max(begun, key=lambda limit: limit.since).channel_limit if begun else None


def _extend(over: list[OverLimit], stretch: OverLimit) -> None:
    """Add a stretch, as a part of the one before if it begins where that ends."""
    if over and over[-1].until_at == stretch.from_at:
        before = over.pop()
        stretch = OverLimit(before.from_at, stretch.until_at, max(before.peak, stretch.peak))
    over.append(stretch)
