"""Calls that look like one call under two names (mediation.md R42). A remark for people; both are priced."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from schemas.cdr import CDR

SAME_START_WITHIN = timedelta(seconds=1)
_LOOK_BACK = 8
"""Earlier legs that each is compared with; more of the same parties do not begin within a second."""


def suspected_duplicates(legs: Iterable[CDR]) -> set[str]:
    """The ids of the later of two legs with the same parties and length that began within a second of each other.

    Legs of one call share their parties by nature, and so do the repeated attempts of an unanswered call; neither is
    suspected.
    """
    alike: dict[tuple[object, ...], list[CDR]] = defaultdict(list)
    for leg in legs:
        if leg.is_billed_leg and leg.answered_at and leg.started_at and leg.calling and leg.called:
            alike[leg.calling, leg.called, leg.measured_ms].append(leg)
    return {later.cdr_id for same in alike.values() for later in _repeats(same)}


def _repeats(legs: list[CDR]) -> Iterable[CDR]:
    ordered = sorted(legs, key=lambda leg: (leg.started_at or leg.received_at, leg.received_at, leg.offset))
    for at, later in enumerate(ordered):
        if any(_is_suspect(later, earlier) for earlier in ordered[max(0, at - _LOOK_BACK) : at]):
            yield later


def _is_suspect(later: CDR, earlier: CDR) -> bool:
    if later.call_group_id == earlier.call_group_id or later.started_at is None or earlier.started_at is None:
        return False
    return later.started_at - earlier.started_at <= SAME_START_WITHIN
