"""How calls end, and how long they are."""

import numpy as np
import pytest

from pipeline.mediation.causes import reject_class
from pipeline.simulator import outcomes
from schemas.outcomes import RejectClass

COUNT = 200_000


@pytest.fixture
def rng() -> np.random.Generator:
    """The same numbers in every run."""
    return np.random.default_rng(3)


def test_answered_and_unanswered_calls_have_their_shares(rng: np.random.Generator):
    """55 % answered; of the others 20, 40, 25, 10 and 5 %, within five standard errors."""
    drawn = np.bincount(outcomes.draw_outcomes(rng, np.full(COUNT, 0.55)), minlength=6) / COUNT
    expected = [0.55, 0.45 * 0.20, 0.45 * 0.40, 0.45 * 0.25, 0.45 * 0.10, 0.45 * 0.05]
    assert expected == pytest.approx(drawn[:6].tolist(), abs=5 * (0.25 / COUNT) ** 0.5)


def test_ringing_is_lognormal_around_eight_seconds(rng: np.random.Generator):
    """Mean 9.6 s, 90 % below 17 s, 99 % below 32 s."""
    ring = outcomes.draw_ring_ms(rng, np.zeros(COUNT, np.int64)) / 1_000
    found = [ring.mean(), *np.percentile(ring, [50, 90, 99])]
    assert [9.6, 8.0, 17.2, 32.3] == pytest.approx(found, rel=0.02)


def test_half_of_the_unanswered_calls_ring_until_a_timer(rng: np.random.Generator):
    """Exactly 30 or 60 s; all of them between 20 and 60 s."""
    ring = outcomes.draw_ring_ms(rng, np.full(COUNT, outcomes.NO_ANSWER))
    assert 0.5 == pytest.approx(np.isin(ring, (30_000, 60_000)).mean(), abs=0.01)
    assert 20_000 <= ring.min() <= ring.max() <= 60_000


def test_durations_are_the_mixture(rng: np.random.Generator):
    """0.6 % of 0 ms, a fifth up to 10 s, one in a thousand an hour or more, none beyond eight hours."""
    milliseconds = outcomes.draw_duration_ms(rng, COUNT)
    assert 0.006 == pytest.approx((milliseconds == 0).mean(), abs=0.002)
    assert 0.22 == pytest.approx((milliseconds <= 10_000).mean(), abs=0.02)
    assert 0.001 < (milliseconds >= 3_600_000).mean() < 0.003
    assert milliseconds.max() <= outcomes.DURATION_MAX_MS


def test_some_calls_end_where_rounding_decides(rng: np.random.Generator):
    """One in a hundred exactly on a second, another one 1 to 50 ms behind a full minute."""
    milliseconds = outcomes.draw_duration_ms(rng, COUNT)
    behind = milliseconds % 60_000
    assert 0.01 == pytest.approx(((behind >= 1) & (behind <= 50) & (milliseconds > 60_000)).mean(), abs=0.003)
    assert (milliseconds % 1_000 == 0).mean() > 0.015


@pytest.mark.parametrize("outcome", outcomes.OUTCOMES[1:-1], ids=lambda outcome: outcome.name)
def test_the_class_of_an_unanswered_call_is_what_mediation_reads(outcome: outcomes.Outcome):
    """The table of the simulator agrees with R39."""
    assert outcome.reject_class == reject_class(outcome.sip_status, outcome.q850)


def test_a_refused_call_is_a_capacity_matter():
    """403 or 503 with cause 34: never a failure of the callee (R40)."""
    assert RejectClass.CAPACITY == outcomes.OUTCOMES[outcomes.REFUSED].reject_class
