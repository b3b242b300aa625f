"""Channels: how much load a trunk is offered, and which calls it refuses because all channels are busy."""

from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from pipeline.simulator.traffic import Millis

TARGET_BLOCKING = 0.01
_HALVINGS = 60


def erlang_b(load: float, channels: int) -> float:
    """Share of calls refused: B(0) = 1, B(k) = A B(k-1) / (k + A B(k-1)) for A erlang on k channels."""
    blocked = 1.0
    for channel in range(1, channels + 1):
        blocked = load * blocked / (channel + load * blocked)
    return blocked


def offered_load(channels: int, blocking: float = TARGET_BLOCKING) -> float:
    """The erlangs that so many channels refuse the share `blocking` of."""
    low, high = 0.0, 2.0 * channels + 2.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(middle, channels) < blocking else (low, middle)
    return low


def refused(starts: Millis, releases: Millis, limits: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Calls that find as many busy channels as their limit; `starts` rise. A release comes before a setup (R41)."""
    busy_never_reached = _peak(starts, releases) <= limits.min(initial=0) if len(starts) else True
    result = np.zeros(len(starts), bool)
    if busy_never_reached:
        return result
    busy: list[int] = []
    for at, (start, release, limit) in enumerate(zip(starts.tolist(), releases.tolist(), limits.tolist(), strict=True)):
        while busy and busy[0] <= start:
            heappop(busy)
        if len(busy) >= limit:
            result[at] = True
        else:
            heappush(busy, release)
    return result


def peak_channels(starts: Millis, releases: Millis) -> int:
    """The most calls at one time over half-open [start, release)."""
    return _peak(np.sort(starts), releases)


def _peak(starts: Millis, releases: Millis) -> int:
    ended = np.searchsorted(np.sort(releases), starts, side="right")
    return int((np.arange(1, len(starts) + 1) - ended).max(initial=0))
