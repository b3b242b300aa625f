"""Calls that were answered while all channels of their trunk were in use (mediation.md R41).

A call holds a channel over [setup, release), ringing included, whichever way it goes; a release comes before a setup of
the same instant. The remark says that the SBC did not enforce the limit, or that clocks are wrong; the call is billed.
View `capacity_daily` counts the same calls in the ledger, where the limit is that of the trunk.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from heapq import heappop, heappush

from schemas.cdr import CDR, Direction
from schemas.outcomes import Flag, RejectClass


def remark_over_capacity(legs: Sequence[CDR], channel_limit: int) -> list[CDR]:
    """The legs, those answered above the limit of their trunk with the remark OVER_CAPACITY."""
    of_trunk: dict[str | None, list[CDR]] = defaultdict(list)
    for leg in legs:
        if _holds_channel(leg):
            of_trunk[leg.claimed_trunk_id].append(leg)
    above = {leg.cdr_id for calls in of_trunk.values() for leg in _above(calls, channel_limit)}
    return [leg._replace(flags=(*leg.flags, Flag.OVER_CAPACITY)) if leg.cdr_id in above else leg for leg in legs]


def _holds_channel(leg: CDR) -> bool:
    """The PSTN leg of a call route holds none (R32), and a call that was refused for want of one neither."""
    if not leg.is_billed_leg or leg.direction is Direction.FORWARD or leg.reject_class == RejectClass.CAPACITY:
        return False
    begun = leg.started_at or leg.answered_at
    return begun is not None and leg.released_at is not None and begun < leg.released_at


def _above(calls: Sequence[CDR], channel_limit: int) -> list[CDR]:
    """The answered calls that found so many channels in use."""
    found: list[CDR] = []
    held: list[datetime] = []
    for call in sorted(calls, key=lambda call: (_begun(call), call.offset, call.record_index)):
        while held and held[0] <= _begun(call):
            heappop(held)
        if len(held) >= channel_limit and call.answered_at is not None:
            found.append(call)
        heappush(held, call.released_at or _begun(call))
    return found


def _begun(call: CDR) -> datetime:
    return call.started_at or call.answered_at or call.received_at
