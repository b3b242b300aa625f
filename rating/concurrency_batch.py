"""The twin of `concurrency.concurrency` for all trunks of a period at once.

Every start, release and change of limit becomes one integer, `trunk | instant | kind`, so that one sort brings them
into order: releases before starts of the same instant, so that these do not overlap.
"""

from typing import NamedTuple

import numpy as np

from rating.columns import Flags, Integers

_RELEASE, _BOUNDARY, _GOES_ON, _START = 0, 1, 2, 3
_CHANGE = np.array([-1, 0, 1, 1], np.int64)
"""What each kind of event does to the number of channels in use."""
_KIND_BITS = 2
_BITS = 63
_MICROSECONDS_PER_MS = 1000
_CALLS_AT_ONCE = 1_000_000
NO_LIMIT = np.iinfo(np.int64).max
"""The limit before a trunk's first one: nothing is above it."""


class Held(NamedTuple):
    """Channels of answered calls over `[from_us, until_us)`, microseconds of UTC, on trunks 0 to n - 1."""

    trunk: Integers
    from_us: Integers
    until_us: Integers
    goes_on: Flags
    """The call was answered before `from_us`: its earlier part is held elsewhere."""

    @classmethod
    def whole(cls, trunk: Integers, answered_us: Integers, released_us: Integers) -> "Held":
        """Calls from answer to release."""
        return cls(trunk, answered_us, released_us, np.zeros(len(trunk), np.bool_))

    def take(self, rows: Integers) -> "Held":
        """Some of them."""
        return Held(self.trunk[rows], self.from_us[rows], self.until_us[rows], self.goes_on[rows])


class Limits(NamedTuple):
    """Channel limits of all trunks: `channel_limit[i]` holds for `trunk[i]` from `since_us[i]` on."""

    trunk: Integers
    since_us: Integers
    channel_limit: Integers


class Stretches(NamedTuple):
    """From each instant at which something changed to the next one of the trunk, in order of trunk and time."""

    trunk: Integers
    from_us: Integers
    until_us: Integers
    channels: Integers
    channel_limit: Integers
    starts: Integers
    """Calls answered at `from_us`."""

    @property
    def is_over(self) -> Flags:
        """Stretches with more calls than the limit."""
        over: Flags = self.channels > self.channel_limit
        return over


class ConcurrencyColumns(NamedTuple):
    """Use of the channels of trunks 0 to n - 1; `peak_first_us` is 0 where the peak is."""

    peak: Integers
    peak_first_us: Integers
    over_limit_ms: Integers
    channel_ms: Integers
    answered_over_limit: Integers


def concurrency_columns(held: Held, limits: Limits, trunks: int) -> ConcurrencyColumns:
    """Use of the channels of trunks 0 to `trunks` - 1, a few of them at a time, so that memory stays small."""
    calls_of = np.bincount(held.trunk, minlength=trunks)
    group = np.cumsum(calls_of) // _CALLS_AT_ONCE
    parts = []
    for first, behind in zip(*_bounds(group), strict=True):
        rows = np.flatnonzero((held.trunk >= first) & (held.trunk < behind))
        own = np.flatnonzero((limits.trunk >= first) & (limits.trunk < behind))
        limits_of = Limits(limits.trunk[own] - first, limits.since_us[own], limits.channel_limit[own])
        found = stretches(held._replace(trunk=held.trunk - first).take(rows), limits_of)
        parts.append(summarise(found, behind - first))
    return ConcurrencyColumns(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def stretches(held: Held, limits: Limits) -> Stretches:
    """The line of each trunk, cut where its calls or its limit change.

    OverflowError if trunks and times do not fit one integer (a million trunks over a century do).
    """
    held = held.take(np.flatnonzero(held.from_us < held.until_us))
    first, last = _range(np.concatenate([held.from_us, held.until_us, limits.since_us]))
    shift = (last - first).bit_length()
    _check_width(shift, held.trunk, limits)

    def keys(of_trunk: Integers, instant: Integers, kind: int | Integers) -> Integers:
        return ((of_trunk << shift | (instant - first)) << _KIND_BITS) | kind

    events = np.concatenate(
        [
            keys(held.trunk, held.from_us, np.where(held.goes_on, _GOES_ON, _START)),
            keys(held.trunk, held.until_us, _RELEASE),
            keys(limits.trunk, limits.since_us, _BOUNDARY),
        ]
    )
    events.sort()
    kind, place = events & ((1 << _KIND_BITS) - 1), events >> _KIND_BITS
    channels, started = np.cumsum(_CHANGE[kind]), np.cumsum(kind == _START)
    is_last = np.append(place[1:] != place[:-1], np.ones(min(1, len(place)), np.bool_))
    place, channels = place[is_last], channels[is_last]
    starts = np.diff(started[is_last], prepend=0)
    owner, instant = place >> shift, (place & ((1 << shift) - 1)) + first
    has_next = np.append(owner[1:] == owner[:-1], np.zeros(min(1, len(owner)), np.bool_))
    until = np.append(instant[1:], instant[:1])
    cut = Stretches(owner, instant, until, channels, _limit_at(place, shift, first, limits), starts)
    return Stretches(*(column[has_next] for column in cut))


def summarise(found: Stretches, trunks: int) -> ConcurrencyColumns:
    """Peak, its first instant, and times in milliseconds of trunks 0 to `trunks` - 1."""
    peak = np.zeros(trunks, np.int64)
    if len(found.trunk):
        firsts, _ = _bounds(found.trunk)
        peak[found.trunk[firsts]] = np.maximum.reduceat(found.channels, firsts)
    at_peak = np.flatnonzero((found.channels == peak[found.trunk]) & (found.channels > 0))
    peak_first = np.zeros(trunks, np.int64)
    owners, first = np.unique(found.trunk[at_peak], return_index=True)
    peak_first[owners] = found.from_us[at_peak[first]]
    length = found.until_us - found.from_us
    over = _sums(found.trunk, np.where(found.is_over, length, 0), trunks)
    total = _sums(found.trunk, length * found.channels, trunks)
    beyond = np.where(found.is_over, np.minimum(found.starts, found.channels - found.channel_limit), 0)
    return ConcurrencyColumns(
        peak,
        peak_first,
        over // _MICROSECONDS_PER_MS,
        total // _MICROSECONDS_PER_MS,
        _sums(found.trunk, beyond, trunks),
    )


def _bounds(group: Integers) -> tuple[Integers, Integers]:
    """Where each stretch of equal neighbours begins, and where the next one does."""
    firsts = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1]))[: len(group)])
    return firsts, np.append(firsts[1:], len(group))[: len(firsts)]


def _range(instants: Integers) -> tuple[int, int]:
    return (int(instants.min()), int(instants.max())) if instants.size else (0, 0)


def _sums(trunk: Integers, values: Integers, trunks: int) -> Integers:
    """Whole sums by trunk, which stand in order. The running sum may wrap; its differences are right all the same."""
    bounds = np.searchsorted(trunk, np.arange(trunks + 1))
    running = np.concatenate(([0], np.cumsum(values)))
    sums: Integers = running[bounds[1:]] - running[bounds[:-1]]
    return sums


def _limit_at(place: Integers, shift: int, first: int, limits: Limits) -> Integers:
    """The limit in force at each `trunk | instant`."""
    begins = limits.trunk << shift | (limits.since_us - first)
    order = np.argsort(begins, kind="stable")
    found = np.searchsorted(begins[order], place, side="right") - 1
    if not len(order):
        return np.full(len(place), NO_LIMIT, np.int64)
    row = order[np.maximum(found, 0)]
    is_known = (found >= 0) & (limits.trunk[row] == place >> shift)
    return np.where(is_known, limits.channel_limit[row], NO_LIMIT)


def _check_width(shift: int, trunk: Integers, limits: Limits) -> None:
    highest = int(max(trunk.max(initial=0), limits.trunk.max(initial=0)))
    if shift + highest.bit_length() + _KIND_BITS > _BITS:
        raise OverflowError(
            f"{highest + 1} trunks over {(1 << shift) // 86_400_000_000} days do not fit 63 bits; "
            "compute the concurrency of fewer trunks or of a shorter time at once"
        )
