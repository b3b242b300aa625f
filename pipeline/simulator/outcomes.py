"""How calls end, how long they ring and how long they last."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.simulator.traffic import Millis
from schemas.outcomes import RejectClass

Draws = npt.NDArray[np.int64]


class Outcome(NamedTuple):
    """One way in which a call ends, in the words of each source."""

    name: str
    sip_status: int
    q850: int | None
    freeswitch: str
    asterisk: str
    reject_class: RejectClass | None


OUTCOMES = (
    Outcome("answered", 200, 16, "NORMAL_CLEARING", "ANSWERED", None),
    Outcome("busy", 486, 17, "USER_BUSY", "BUSY", RejectClass.BUSY),
    Outcome("no answer", 480, 19, "NO_ANSWER", "NO ANSWER", RejectClass.NOANSWER),
    Outcome("cancelled", 487, None, "ORIGINATOR_CANCEL", "NO ANSWER", RejectClass.CANCEL),
    Outcome("failed", 500, 41, "NORMAL_TEMPORARY_FAILURE", "FAILED", RejectClass.FAILURE),
    Outcome("invalid number", 404, 1, "UNALLOCATED_NUMBER", "FAILED", RejectClass.NO_ROUTE),
    Outcome("all channels busy", 503, 34, "NORMAL_CIRCUIT_CONGESTION", "CONGESTION", RejectClass.CAPACITY),
    Outcome("unanswered with a normal cause", 200, 16, "NORMAL_CLEARING", "NO ANSWER", RejectClass.FAILURE),
)
ANSWERED, BUSY, NO_ANSWER, CANCELLED, FAILED, INVALID, REFUSED, NORMAL_UNANSWERED = range(len(OUTCOMES))
UNANSWERED_SPLIT = {BUSY: 0.20, NO_ANSWER: 0.40, CANCELLED: 0.25, FAILED: 0.10, INVALID: 0.05}

RELEASED_BY = ("caller", "callee", "platform")
RELEASE_SPLIT = (0.55, 0.43, 0.02)
DURATION_MAX_MS = 28_800_000
_TIMER_SHARE = 0.5
"""Unanswered calls that ring exactly as long as a timer allows."""
_EMPTY_SHARE = 0.03
"""Short calls that end in the millisecond of their answer."""
_EDGE_SHARE = 0.01


def draw_outcomes(rng: np.random.Generator, answer_share: npt.NDArray[np.float64]) -> Draws:
    """ANSWERED with that probability for each call, else one of the split."""
    names, shares = zip(*UNANSWERED_SPLIT.items(), strict=True)
    unanswered = rng.choice(names, len(answer_share), p=shares)
    return np.where(rng.random(len(answer_share)) < answer_share, ANSWERED, unanswered)


def draw_ring_ms(rng: np.random.Generator, outcomes: Draws) -> Millis:
    """From setup to answer or end: lognormal, median 8 s; unanswered 20 to 60 s, half of them a timer of 30 or 60 s."""
    count = len(outcomes)
    ring = np.minimum(rng.lognormal(np.log(8_000), 0.6, count), 120_000)
    timer = np.where(
        rng.random(count) < _TIMER_SHARE, rng.choice([30_000, 60_000], count), rng.uniform(20_000, 60_000, count)
    )
    quick = rng.uniform(50, 900, count)
    by_outcome = np.select([outcomes == NO_ANSWER, outcomes >= FAILED, outcomes == BUSY], [timer, quick, quick], ring)
    return by_outcome.astype(np.int64)


def draw_duration_ms(rng: np.random.Generator, count: int) -> Millis:
    """Conversation: a mixture of short calls, lognormal ones (median 75 s), very long ones and fax-like ones."""
    kind = rng.choice(4, count, p=[0.20, 0.798, 0.001, 0.001])
    short = np.where(rng.random(count) < _EMPTY_SHARE, 0, rng.uniform(0, 10_000, count))
    normal = rng.lognormal(np.log(75_000), 1.1, count)
    drawn = np.choose(
        kind, [short, normal, rng.uniform(3_600_000, 14_400_000, count), rng.uniform(30_000, 180_000, count)]
    )
    milliseconds = np.minimum(np.floor(drawn), DURATION_MAX_MS).astype(np.int64)
    return _with_edges(rng, milliseconds)


def _with_edges(rng: np.random.Generator, milliseconds: Millis) -> Millis:
    """One call in a hundred ends exactly on a second, another one just behind a full minute."""
    edge = rng.random(len(milliseconds))
    on_second = milliseconds // 1_000 * 1_000
    behind_minute = np.maximum(milliseconds // 60_000, 1) * 60_000 + rng.integers(1, 51, len(milliseconds))
    return np.select([edge < _EDGE_SHARE, edge < 2 * _EDGE_SHARE], [on_second, behind_minute], milliseconds)
