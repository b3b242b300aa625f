"""What the accounting of SIP proxies has in common: INVITE and BYE, the tags of their dialog (cdr-formats.md 2.9)."""

import numpy as np

from pipeline.simulator.outcomes import OUTCOMES
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import END, Records
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import OF_ANSWERED_CALLS, Times, call_id, tags

STATUSES = [f"{outcome.sip_status}" for outcome in OUTCOMES]
REASONS = ["OK", "Busy Here", "Temporarily Unavailable", "Request Terminated", "Server Internal Error", "Not Found",
           "Service Unavailable", "OK"]  # fmt: skip
CANNOT = OF_ANSWERED_CALLS | {"F21_CAUSE"}
"""No record says everything of an answered call, and an INVITE with status 200 is always answered."""
_METHODS = ("INVITE", "BYE")
_SECOND_MS = 1_000


def is_bye(records: Records) -> Positions:
    """1 for the BYE of a call, 0 for its INVITE."""
    bye: Positions = (records.record_type == END).astype(np.int64)
    return bye


def is_swapped(records: Records) -> Positions:
    """1 for the BYE of a callee, which has the tags exchanged (mediation.md R37)."""
    swapped: Positions = ((records.record_type == END) & (records.releaser == 1)).astype(np.int64)
    return swapped


def instants(records: Records) -> Millis:
    """Of the BYE the release; of the INVITE the answer, or the refusal."""
    return np.where(is_bye(records) | ~records.answered, records.release, records.answer)


def told_times(records: Records, _: int) -> Times:
    """A proxy tells the answer and the release, to the second; the setup of a refused call is its refusal."""
    answer, release = (column // _SECOND_MS * _SECOND_MS for column in (records.answer, records.release))
    return Times(np.where(records.answered, answer, release), answer, release)


def key_of_transaction(records: Records, world: World, at: int) -> tuple[str, ...]:
    """Call-ID, tags in their alphabetical order, method, time."""
    one = records.take(np.array([at]))
    moment = float(instants(one)[0] // _SECOND_MS)
    return (call_id(records, world, at), *tags(records, world, at), _METHODS[int(is_bye(one)[0])], str(moment))
