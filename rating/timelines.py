"""Values that change over time, for batches: many small step functions in two flat arrays.

The scalar rules walk their rows one by one. A batch asks the same question for a million rows, so each key (a
stretch of numbers, an identifier of a trunk) gets the sequence of its answers once, and a lookup begins at the newest
answer and steps back while it is too new. Traffic is recent, so nearly every row is done at once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

import numpy as np

from rating.columns import Integers

ALWAYS = -(2**63)
"""Start of the first step of every timeline: before any instant."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Steps = Sequence[tuple[int, int]]
"""`(since, value)` in order of time; `since` in microseconds of UTC, the first one `ALWAYS`."""


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC, exactly."""
    return (instant - _EPOCH) // _MICROSECOND


class Timelines(NamedTuple):
    """Step functions of time, numbered from 0; their steps lie one after the other in `since` and `value`."""

    since: Integers
    value: Integers
    newest: Integers

    @classmethod
    def build(cls, timelines: Iterable[Steps]) -> Self:
        """Lay the timelines one after the other; each must begin with `ALWAYS`."""
        lines = list(timelines)
        flat = [step for line in lines for step in line]
        since, value = np.array(flat, np.int64).reshape(-1, 2).T
        newest = np.cumsum([len(line) for line in lines], dtype=np.int64) - 1
        return cls(np.ascontiguousarray(since), np.ascontiguousarray(value), newest)

    def at(self, timeline: Integers, instant: Integers) -> Integers:
        """The value of timeline `timeline[i]` at `instant[i]`, in microseconds of UTC."""
        step = self.newest[timeline]
        early = np.flatnonzero(self.since[step] > instant)
        while early.size:
            step[early] -= 1
            early = early[self.since[step[early]] > instant[early]]
        return self.value[step]
