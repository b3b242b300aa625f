"""How the records of one leg come together beside the ledger (mediation.md R22 to R26). Pure: records in, verdicts out.

`pipeline.mediation.chains.close_chain` says what the records of a leg make together. Here its answer is turned into
what happens to each of them: a record in hand gets its state, a row of the ledger is replaced. What a leg comes to does
not depend on the order in which its records arrive.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from pipeline.mediation.chains import changes_stop, close_chain
from schemas.cdr import CDR, RecordType
from schemas.outcomes import RejectReason, State

OPEN_PARTS = (RecordType.START, RecordType.INTERIM, RecordType.END)
"""Record types that cannot be priced alone."""
SUSPENDED = (RejectReason.NO_STOP, RejectReason.ORPHAN_INTERIM)
"""Reasons of legs that were given up; a late STOP takes their place."""


class Row(NamedTuple):
    """A row of the ledger that may be replaced."""

    row_id: str
    version: int
    state: str


class Part(NamedTuple):
    """A record of the leg: one in hand, or the current row of an earlier one."""

    cdr: CDR
    position: int | None = None
    """Position in the batch in hand."""
    row: Row | None = None
    becomes: State = State.PENDING
    """Of one in hand that waits: the state that its row will have."""


class Replacement(NamedTuple):
    """A row that another row takes the place of."""

    row: Row
    cdr: CDR
    state: State | None
    """MERGED, or None where rating decides."""
    merged_into: str | None


class Leg(NamedTuple):
    """What becomes of the records of one leg. Records in hand that it does not name are rated as they are."""

    pending: Sequence[int] = ()
    merged: Sequence[int] = ()
    merged_into: str | None = None
    """cdr_id of the record that carries the leg."""
    carried: tuple[int, CDR] | None = None
    """The record in hand that carries the leg, with what the other records of it know and it does not."""
    replacements: Sequence[Replacement] = ()
    waiting: Sequence[Part] = ()
    """The parts that may still change, for the records that come later; their rows as they will be."""


def merge_into(parts: Sequence[Part], stop_id: str) -> Leg:
    """All these parts belong to a call whose STOP is in the ledger already, and they do not change it."""
    replacements = [_merged(part, stop_id) for part in parts if part.row]
    return Leg(merged=_in_hand(parts), merged_into=stop_id, replacements=replacements)


def assemble(parts: Sequence[Part], now: datetime | None, *, restarted: bool = False) -> Leg:
    """Put the records of one leg together, in their order of arrival.

    `now` gives up legs whose time is over, and `restarted` the one in hand, whose node began anew.
    """
    chain = close_chain([part.cdr for part in parts], now, restarted=restarted)
    if chain.leg is None or chain.carrier is None:
        return Leg(pending=_in_hand(parts), waiting=parts)
    carrier = parts[chain.carrier]
    others = [part for at, part in enumerate(parts) if at != chain.carrier]
    replacements = [_merged(part, chain.leg.cdr_id) for part in others if part.row and part.row.state != State.MERGED]
    carried = None
    if carrier.position is not None:
        carried = None if chain.leg == carrier.cdr else (carrier.position, chain.leg)
    elif carrier.row is not None and chain.leg != carrier.cdr:
        replacements.append(Replacement(carrier.row, chain.leg, None, None))
    return Leg(
        merged=_in_hand(others),
        merged_into=chain.leg.cdr_id,
        carried=carried,
        replacements=replacements,
        waiting=_still_waiting(chain.leg, carrier, others),
    )


def change_stop(parts: Sequence[Part]) -> bool:
    """Whether a part that comes after the STOP makes the call longer (R22), or a fax (R43)."""
    return any(changes_stop(part.cdr) for part in parts)


def _in_hand(parts: Sequence[Part]) -> list[int]:
    return [part.position for part in parts if part.position is not None]


def _merged(part: Part, carrier_id: str) -> Replacement:
    if part.row is None:
        raise ValueError(f"Record {part.cdr.cdr_id} has no row in the ledger that could be replaced.")
    return Replacement(part.row, part.cdr, State.MERGED, carrier_id)


def _still_waiting(leg: CDR, carrier: Part, others: Sequence[Part]) -> list[Part]:
    """The parts of a suspended leg, which a late STOP will take; none of a leg that is complete."""
    if leg.reject_reason not in SUSPENDED:
        return []
    return [_as_it_will_be(carrier, State.REJECTED), *(_as_it_will_be(part, State.MERGED) for part in others)]


def _as_it_will_be(part: Part, state: State) -> Part:
    return part._replace(becomes=state) if part.row is None else part._replace(row=_next(part.row, state))


def _next(row: Row, state: State) -> Row:
    """The row that takes the place of this one; a MERGED row that stays as it is keeps its number."""
    if row.state == state == State.MERGED:
        return row
    head, _, _ = row.row_id.rpartition(":")
    return Row(f"{head}:{row.version + 1}", row.version + 1, state)
