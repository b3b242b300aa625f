"""The truth: who called whom, when, for how long, and how it ended. Nothing here knows a format."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.simulator import outcomes
from pipeline.simulator.capacity import refused
from pipeline.simulator.parties import Positions
from pipeline.simulator.traffic import Millis, draw_starts
from pipeline.simulator.world import Stretch, World

Mask = npt.NDArray[np.bool_]

OUTBOUND, INBOUND, FORWARD = range(3)
INBOUND_SHARE = 0.27
ROUTED_SHARE = 0.03
ANSWERED_OUTBOUND, ANSWERED_INBOUND = 0.55, 0.75
_ANONYMOUS_ASSERTED, _ANONYMOUS = 0.05, 0.02
SECURE_SHARE = 0.3
"""TLS with SRTP."""
_NO_MOS_SHARE = 0.03
CODECS = ("PCMU", "PCMA", "G729")
NOBODY = -1
_SWITCHOVER_MS = 3_600_000
_REFUSED_MS = 40
"""A refused call ends this long after its setup."""


class Calls(NamedTuple):
    """Calls in the order of their setups; all arrays have one length. Instants are milliseconds since 1970."""

    number: Positions
    """Of the run, from 0."""
    trunk: Positions
    direction: Positions
    routed: Mask
    """An inbound call that its route sends on to a telephone number."""
    calling: Positions
    called: Positions
    asserted: Positions
    """Of an anonymous caller; NOBODY where there is none."""
    start: Millis
    answer: Millis
    """Of an unanswered call its release."""
    release: Millis
    outcome: Positions
    releaser: Positions
    codec: Positions
    secure: Mask
    mos: Positions
    """Times 100; 0 where it is not known."""
    sbc: Positions

    @property
    def answered(self) -> Mask:
        """Whether the call was answered."""
        answered: Mask = self.outcome == outcomes.ANSWERED
        return answered


def draw_calls(world: World, first: int, count: int, block: int = 0) -> Calls:
    """Draw the calls `first`, `first + 1`, ... of a run, which are those of one block."""
    rng = world.generator(block)
    trunk, start = _starts(rng, count, world.stretch(block))
    kind = rng.random(count)
    inbound = kind < INBOUND_SHARE + ROUTED_SHARE
    routed = kind < ROUTED_SHARE
    outcome = outcomes.draw_outcomes(rng, np.where(inbound, ANSWERED_INBOUND, ANSWERED_OUTBOUND))
    answer = start + outcomes.draw_ring_ms(rng, outcome)
    release = answer + np.where(outcome == outcomes.ANSWERED, outcomes.draw_duration_ms(rng, count), 0)
    if world.profile.limits_channels:
        for at in _turned_away(world, trunk, start, release):
            outcome[at] = outcomes.REFUSED
            answer[at] = release[at] = start[at] + _REFUSED_MS
    sbc = _sbcs(world, rng, routed)
    if world.profile.is_endless and len(world.sbcs) > 1:
        sbc = _switched_over(world, rng, sbc, start)
    is_native = np.array([one.format == "native_json" for one in world.sbcs])[sbc]
    routed, may_hide = routed & is_native, inbound | is_native
    calling, called, asserted = _parties(world, rng, trunk, inbound, may_hide)
    return Calls(
        first + np.arange(count), trunk, np.where(inbound, INBOUND, OUTBOUND), routed, calling, called, asserted,
        start, answer, release, outcome,
        rng.choice(3, count, p=outcomes.RELEASE_SPLIT),
        rng.choice(3, count, p=(0.60, 0.35, 0.05)),
        rng.random(count) < SECURE_SHARE,
        _mos(rng, outcome),
        sbc,
    )  # fmt: skip


def _starts(rng: np.random.Generator, count: int, stretch: Stretch) -> tuple[Positions, Millis]:
    """Trunks and setups, in the order of the setups."""
    sizes = rng.multinomial(count, stretch.shares)
    trunks = np.repeat(np.arange(len(sizes)), sizes)
    shares = rng.random(count)
    ends = np.cumsum(sizes)
    starts = np.concatenate([
        draw_starts(stretch.week[at], shares[end - size : end], stretch.start)
        for at, (size, end) in enumerate(zip(sizes, ends, strict=True))
    ])  # fmt: skip
    order = np.argsort(starts, kind="stable")
    return trunks[order], starts[order]


def _turned_away(world: World, trunk: Positions, start: Millis, release: Millis) -> Iterator[Positions]:
    """For each trunk the calls that find all its channels busy."""
    for number in range(len(world.trunks)):
        at = np.flatnonzero(trunk == number)
        yield at[refused(start[at], release[at], world.limits(number, start[at]))]


def _parties(
    world: World, rng: np.random.Generator, trunk: Positions, inbound: Mask, may_hide: Mask
) -> tuple[Positions, Positions, Positions]:
    """Numbers of both ends, and the asserted identity of callers who hide theirs.

    A node that writes no direction tells it by the caller's number, so its customers do not hide theirs.
    """
    count = len(trunk)
    first, second, hidden = rng.random(count), rng.random(count), rng.random(count)
    own, other = np.empty(count, np.int64), world.parties.callers.draw(second)
    for number in range(len(world.trunks)):
        at = trunk == number
        own[at] = world.parties.dids[number].draw(first[at])
        out = at & ~inbound
        other[out] = world.parties.destinations[number].draw(second[out])
    calling, called = np.where(inbound, other, own), np.where(inbound, own, other)
    is_asserted, is_nobody = may_hide & (hidden < _ANONYMOUS_ASSERTED), may_hide & (hidden > 1 - _ANONYMOUS)
    asserted = np.where(is_asserted, calling, NOBODY)
    return np.where(is_asserted | is_nobody, 0, calling), called, asserted


def _sbcs(world: World, rng: np.random.Generator, routed: Mask) -> Positions:
    """Which node carries each call; call routes live on native nodes, whose records can tell of them."""
    shares = np.array([sbc.share for sbc in world.sbcs])
    drawn = np.searchsorted(np.cumsum(shares) / shares.sum(), rng.random(len(routed)), side="right")
    drawn = np.minimum(drawn, len(world.sbcs) - 1)
    native = [at for at, sbc in enumerate(world.sbcs) if sbc.format == "native_json"]
    if native:
        drawn = np.where(routed, native[0], drawn)
    return drawn


def _switched_over(world: World, rng: np.random.Generator, sbc: Positions, start: Millis) -> Positions:
    """For an hour of the day another node carries the calls of one."""
    first, last = (int(start[at]) for at in (0, -1)) if len(start) else (0, 0)
    begun, node = first + int(rng.random() * (last - first)), int(rng.integers(len(world.sbcs)))
    away = (sbc == node) & (start >= begun) & (start < begun + _SWITCHOVER_MS)
    return np.where(away, (node + 1) % len(world.sbcs), sbc)


def _mos(rng: np.random.Generator, outcome: Positions) -> Positions:
    """Mean opinion scores around 4.2; unknown for 3 % of the answered calls and all others."""
    count = len(outcome)
    scores = np.clip(rng.normal(420, 20, count), 100, 450).astype(np.int64)
    return np.where((outcome == outcomes.ANSWERED) & (rng.random(count) > _NO_MOS_SHARE), scores, 0)
