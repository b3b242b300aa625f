"""Stamps of a local clock become instants (mediation.md R16, R17), on daylight saving nights too.

The stamps of one record are resolved together: their order and the durations that the record prints tell most
repeated hours apart. Local stamps are never subtracted from each other.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise, product
from typing import NamedTuple

from pipeline.mediation.draft import Fields
from pipeline.mediation.notes import Notes
from schemas.outcomes import Flag, RejectReason

TIMES = ("started_at", "alerted_at", "answered_at", "released_at")
"""The stamps of a record in the order in which they happen."""
PRINTED_TOLERANCE = timedelta(minutes=10)
"""A printed duration may differ this much from that of the right hour; the wrong one is off by half an hour or more."""

Stamps = Mapping[str, datetime | None]
"""Local stamps without a zone, by name of the CDR field."""


class Printed(NamedTuple):
    """A duration that the record prints: from one of its stamps to another."""

    first: str
    last: str
    milliseconds: int


def candidates(local: datetime, zone: tzinfo) -> list[datetime]:
    """The instants at which a clock of that zone shows `local`: one; two on a fall-back night; none in a spring gap."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return [first.astimezone(UTC)]
    instants = sorted({first.astimezone(UTC), second.astimezone(UTC)})
    return [instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == local]


def resolve(stamps: Stamps, zone: tzinfo, printed: Sequence[Printed], notes: Notes) -> Fields:
    """Return the instants of the stamps in UTC.

    An hour that was decided by order or duration is flagged TZ_GUESSED; one that cannot be is TZ_AMBIGUOUS, and then
    only the start is given, so that the record can be filed.
    """
    named = {name: stamp for name in TIMES if (stamp := stamps.get(name)) is not None}
    choices = {name: candidates(stamp, zone) for name, stamp in named.items()}
    if all(len(choice) == 1 for choice in choices.values()):
        return {name: choice[0] for name, choice in choices.items()}
    possible = possible_times(choices, printed)
    if len(possible) == 1:
        notes.warn(Flag.TZ_GUESSED)
        return possible[0]
    _block(named, zone, len(possible), notes)
    return {"started_at": start.replace(tzinfo=zone).astimezone(UTC)} if (start := named.get("started_at")) else {}


def possible_times(choices: Mapping[str, Sequence[datetime]], printed: Sequence[Printed]) -> list[dict[str, datetime]]:
    """The combinations that follow the order of events and the durations that the record prints.

    `choices` has the instants that each stamp may mean, in the order of TIMES.
    """
    combinations = (dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values()))
    return [times for times in combinations if _is_in_order(times) and _fits(times, printed)]


def _is_in_order(times: Mapping[str, datetime]) -> bool:
    return all(earlier <= later for earlier, later in pairwise(times.values()))


def _fits(times: Mapping[str, datetime], printed: Sequence[Printed]) -> bool:
    return all(
        abs(times[span.last] - times[span.first] - timedelta(milliseconds=span.milliseconds)) <= PRINTED_TOLERANCE
        for span in printed
        if span.first in times and span.last in times
    )


def _block(named: Mapping[str, datetime], zone: tzinfo, possible: int, notes: Notes) -> None:
    shown = ", ".join(f"{name} {stamp:%Y-%m-%d %H:%M:%S}" for name, stamp in named.items())
    why = "the clock was set on that night" if possible == 0 else f"{possible} readings are possible"
    detail = f"The local times {shown} cannot be placed in {zone}: {why}. Correct the record with times in UTC."
    notes.block(RejectReason.TZ_AMBIGUOUS, detail)
