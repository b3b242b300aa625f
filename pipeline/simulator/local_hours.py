"""Local hours on the nights on which clocks are set: passed twice in autumn, missing in spring (mediation.md R17)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.simulator.calls import Mask
from pipeline.simulator.records import Records
from pipeline.simulator.texts import HOUR_MS, local_offsets
from pipeline.simulator.traffic import Millis

Clarity = npt.NDArray[np.int64]
"""For each record 0 where its stamps are clear, DECIDED where it tells which hour it was, UNDECIDED where not."""
DECIDED, UNDECIDED = 1, 2
STAMPS = ("start", "answer", "release")
_BEHIND_THE_GAP = 3
"""Local hour behind the one that is missing, in most of America and Europe."""


def clarity_of_stamps(records: Records, zone: str, stamps: Sequence[str] = STAMPS) -> Clarity:
    """Of records that print these stamps and their duration.

    An hour later or earlier all stamps would read the same, if all of them stand in the same one of the two hours.
    """
    passes = np.stack([_which_pass(getattr(records, name), zone) for name in stamps])
    if "answer" in stamps:
        passes[1] = np.where(records.answered, passes[1], passes[0])
    touched = (passes > 0).any(axis=0)
    together = (passes > 0).all(axis=0) & (passes == passes[0]).all(axis=0)
    return np.where(together, UNDECIDED, np.where(touched, DECIDED, 0))


def clarity_by_order(records: Records, zone: str) -> Clarity:
    """Of records that print start and release and no duration: only the order may tell, of two different hours."""
    start, release = (_which_pass(stamp, zone) for stamp in (records.start, records.release))
    different = (start > 0) & (release > 0) & (start != release)
    return np.where((start > 0) | (release > 0), np.where(different, DECIDED, UNDECIDED), 0)


def _which_pass(millis: Millis, zone: str) -> npt.NDArray[np.int64]:
    """1 in an hour that comes again, 2 when it has come again, else 0."""
    now, later, earlier = (local_offsets(millis + shift, zone) for shift in (0, HOUR_MS, -HOUR_MS))
    return np.select([later == now - HOUR_MS, earlier == now + HOUR_MS], [1, 2], 0)


def is_behind_missing_hour(millis: Millis, zone: str) -> Mask:
    """Whether an instant lies in the hour from 03:00 of a night that has no 02:00."""
    now, before = (local_offsets(millis + shift, zone) for shift in (0, -HOUR_MS))
    behind: Mask = (before == now - HOUR_MS) & ((millis + now) // HOUR_MS % 24 == _BEHIND_THE_GAP)
    return behind
