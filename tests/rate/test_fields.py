"""A corrected record: its length follows from its times, unless a person names it."""

from datetime import timedelta

import pytest

from pipeline.rate.fields import BadChange, changed, changes_of
from schemas.outcomes import RejectReason
from tests.rate.calls import NOON, a_call

BACKWARDS = a_call(
    1, answered_at=NOON, released_at=NOON - timedelta(seconds=4), measured_ms=-4_000,
    reject_reason=RejectReason.NEG_DURATION, reject_detail="The release is 4000 ms before the answer.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "measured_ms"),
    [
        (["released_at=2026-10-01T12:01:01.500Z"], 61_500),
        (["answered_at=2026-10-01T13:59:00+02:00"], 56_000),
        (["answered_at=2026-10-01T11:59:00Z", "released_at=2026-10-01T12:00:00Z"], 60_000),
        (["measured_ms=61000"], 61_000),
        (["released_at=2026-10-01T12:01:01Z", "measured_ms=60000"], 60_000),
        (["answered_at="], 0),
        (["released_at="], None),
    ],
)
def test_length_of_a_corrected_call(texts, measured_ms):
    """Release less answer; a length that is named counts as it is; without an answer there is none."""
    found = changed(BACKWARDS, changes_of(texts))
    assert (measured_ms, None, None) == (found.measured_ms, found.reject_reason, found.reject_detail)


def test_other_fields_leave_the_length_alone():
    """A correction of the number says nothing of the time."""
    assert 61_000 == changed(a_call(1), changes_of(["called=+442079460123"])).measured_ms


@pytest.mark.parametrize("texts", [["called=+442079460123"], ["released_at=2026-10-01T11:59:59Z"], ["measured_ms=-1"]])
def test_a_call_of_negative_length_stays_stopped(texts):
    """It is refused with both times, before anything is written."""
    with pytest.raises(BadChange, match=r"would last -[0-9]+ ms, by answered_at 2026-10-01 12:00:00"):
        changed(BACKWARDS, changes_of(texts))
