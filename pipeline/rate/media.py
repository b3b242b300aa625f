"""How records with media figures come to the leg that they measure (mediation.md R45). Pure: records in, verdicts out.

A media record names its leg, or belongs to the only leg of its call. It is never priced: its figures go to the leg
where the leg has none, and it is merged. Until the leg is here it waits.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.mediation.chains import with_media
from pipeline.rate.legs import Part, Replacement
from schemas.cdr import CDR
from schemas.outcomes import State


class Measured(NamedTuple):
    """What becomes of the media records of one call, and of its legs."""

    pending: Sequence[int]
    merged: dict[int, str]
    """Records in hand that were merged, with the cdr_id of their leg."""
    carried: dict[int, CDR]
    """Legs in hand with their figures."""
    replacements: list[Replacement]
    waiting: Sequence[Part]


def join_media(legs: Sequence[Part], media: Sequence[Part]) -> Measured:
    """Give the media records of one call to its legs."""
    of_leg: dict[int, list[Part]] = defaultdict(list)
    waiting = []
    for record in media:
        at = _leg_of(record.cdr, legs)
        if at is None:
            waiting.append(record)
        else:
            of_leg[at].append(record)
    pending = [record.position for record in waiting if record.position is not None]
    measured = Measured(pending, {}, {}, [], waiting)
    for at, records in of_leg.items():
        _measure(legs[at], records, measured)
    return measured


def _leg_of(record: CDR, legs: Sequence[Part]) -> int | None:
    named = [at for at, leg in enumerate(legs) if leg.cdr.leg_id is not None and leg.cdr.leg_id == record.leg_id]
    if named:
        return named[0]
    return 0 if len(legs) == 1 else None


def _measure(leg: Part, records: Sequence[Part], measured: Measured) -> None:
    replacements = [
        Replacement(record.row, record.cdr, State.MERGED, leg.cdr.cdr_id) for record in records if record.row
    ]
    measured.merged.update({record.position: leg.cdr.cdr_id for record in records if record.position is not None})
    with_figures = with_media(leg.cdr, [record.cdr for record in records])
    if leg.position is not None:
        measured.carried[leg.position] = with_figures
    elif leg.row is not None and with_figures != leg.cdr:
        replacements.append(Replacement(leg.row, with_figures, None, None))
    measured.replacements.extend(replacements)
