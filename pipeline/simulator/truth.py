"""The truth table: for each written record what has to become of it.

`audit_key` names what a ledger row is compared by: the record's bytes, and for a call that two nodes reported (F2) the
call, because the first of the two that arrives is the one that is rated.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.simulator.calls import Mask
from pipeline.simulator.local_hours import UNDECIDED
from pipeline.simulator.outcomes import NORMAL_UNANSWERED
from pipeline.simulator.prices import Prices, expected_prices
from pipeline.simulator.records import INTERIM, START, Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from pipeline.simulator.writing import Writer, call_id, clarity, leg_id, printed_times, record_types
from schemas.cdr import INSTANT
from schemas.ledger import MONEY
from schemas.outcomes import RejectReason, State

_SEPARATOR = "\x1f"
_ID_CHARACTERS = 32

TRUTH_SCHEMA = pa.schema([
    ("source", pa.string()), ("node", pa.string()), ("sequence", pa.int64()),
    ("file", pa.string()), ("line", pa.int64()), ("raw_sha256", pa.binary(32)),
    ("audit_key", pa.binary()), ("cdr_id", pa.string()), ("call_id", pa.string()), ("leg_id", pa.string()),
    ("record_type", pa.string()), ("fault", pa.string()), ("is_copy", pa.bool_()), ("trunk_id", pa.string()),
    ("account_id", pa.string()), ("direction", pa.string()), ("calling", pa.string()), ("called", pa.string()),
    ("started_at", INSTANT), ("answered_at", INSTANT), ("released_at", INSTANT), ("measured_ms", pa.int64()),
    ("resolution_ms", pa.int64()), ("state", pa.string()), ("reason", pa.string()), ("deck_row", pa.string()),
    ("billed_seconds", pa.int64()), ("charge", MONEY), ("currency", pa.string()),
])  # fmt: skip
"""One row for each record that was written; instants are those that the source's resolution leaves of them."""

SKIPPED, LOST = "SKIPPED", "LOST"
"""What becomes of a line that is no CDR, and of a record that never arrived: no row of the ledger."""
_STATES_OF_TYPES = (
    State.RATED, State.MERGED, State.MERGED, State.RATED, State.RATED, State.MERGED, SKIPPED, SKIPPED,
)  # fmt: skip
_DIRECTIONS = np.array(["OUTBOUND", "INBOUND", "FORWARD"], object)


class Written(NamedTuple):
    """Records of one node as they were written to its files."""

    records: Records
    values: Sequence[bytes]
    """Their bytes, without line ends."""
    sbc: Sbc
    writer: Writer
    files: Sequence[str | None]
    """Of each record: the source's folder and the name; None where it never arrived."""
    lines: Sequence[int | None]
    """Of each record: its line in that file, from 1."""


def truth_table(written: Written, world: World, faults: Sequence[str]) -> pa.Table:
    """What has to become of these records."""
    records, writer = written.records, written.writer
    start, answer, release = printed_times(records, writer)
    types = record_types(records, writer)
    if not writer.zero_is_answered:
        empty = records.answered & (release == answer)
        records = records._replace(outcome=np.where(empty, NORMAL_UNANSWERED, records.outcome))
    measured = np.where(records.answered, release - answer, 0)
    states, reasons = _states(records, writer, written.sbc, faults)
    prices = expected_prices(records._replace(answer=answer), measured, world)
    priced = _priced(records, states) & writer.is_billed
    states, reasons = _with_refusals(states, reasons, prices, priced)
    rated = states == State.RATED
    plans = {plan.plan_id: plan.currency for plan in world.reference.plans}
    currencies = [plans[trunk.plan_id] for trunk in world.trunks]
    return pa.table(
        _identities(written, records, world, faults)
        | {
            "cdr_id": _record_ids(written, world, _is_read(records, states, reasons, faults), types),
            "record_type": [name or None for name in types],
            "trunk_id": [world.trunks[trunk].trunk_id for trunk in records.trunk.tolist()],
            "account_id": [world.trunks[trunk].account_id for trunk in records.trunk.tolist()],
            "currency": [currencies[trunk] for trunk in records.trunk.tolist()],
            "direction": _DIRECTIONS[records.direction],
            "calling": [world.parties.table[party].text for party in records.calling.tolist()],
            "called": [world.parties.table[party].digits for party in records.called.tolist()],
            "started_at": _instants(start, np.full(len(types), writer.tells_setup)),
            "answered_at": _instants(answer, records.answered),
            "released_at": _instants(release, ~np.isin(records.record_type, (START, INTERIM))),
            "measured_ms": measured,
            "resolution_ms": np.full(len(types), writer.resolution_ms),
            "state": states,
            "reason": reasons,
            "deck_row": [row if known else None for row, known in zip(prices.rows, priced & rated, strict=True)],
            "billed_seconds": pa.array(np.where(priced, prices.billed_seconds, 0), mask=~rated),
            "charge": pa.array(np.where(priced, prices.charges, 0), MONEY, mask=~rated),
        },
        schema=TRUTH_SCHEMA,
    )  # fmt: skip


def lost_table(written: Written, world: World, faults: Sequence[str]) -> pa.Table:
    """Records that never arrive: nothing must become of them, but for a gap in the numbers of their node."""
    table = truth_table(written, world, faults)
    for name in ("cdr_id", "reason", "deck_row", "billed_seconds", "charge"):
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), pa.nulls(len(table), table.schema.field(at).type))
    at = table.schema.get_field_index("state")
    return table.set_column(at, table.schema.field(at), pa.array([LOST] * len(table), pa.string()))


def _identities(
    written: Written, records: Records, world: World, faults: Sequence[str]
) -> dict[str, Sequence[object] | Mask]:
    """Where each record stands, which call it is of, and what is wrong with it."""
    hashes = [sha256(value).digest() for value in written.values]
    calls = [(written.writer.call or call_id)(records, world, at) for at in range(len(hashes))]
    twice = _is_fault(records, faults, "F2")
    return {
        "source": [written.sbc.source] * len(hashes),
        "node": [written.sbc.node] * len(hashes),
        "sequence": pa.array(records.sequence, mask=(records.sequence == 0) | (not written.writer.has_sequence)),
        "file": written.files,
        "line": written.lines,
        "raw_sha256": hashes,
        "audit_key": [
            f"call {call}".encode() if two else digest for call, two, digest in zip(calls, twice, hashes, strict=True)
        ],
        "call_id": calls,
        "leg_id": [leg_id(records, world, at) for at in range(len(hashes))],
        "fault": [faults[number] if number >= 0 else None for number in records.fault.tolist()],
        "is_copy": records.copy > 0,
    }


def _is_fault(records: Records, faults: Sequence[str], name: str) -> Mask:
    is_it: Mask = records.fault == (faults.index(name) if name in faults else -2)
    return is_it


def _states(
    records: Records, writer: Writer, sbc: Sbc, faults: Sequence[str]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """State and reason as far as the record itself decides them; prices may still refuse a RATED one."""
    states = np.array(_STATES_OF_TYPES, object)[records.record_type]
    reasons = np.full(len(states), None, object)
    copied = records.copy > 0
    for fault in ("F1", "F2", "F24"):
        states[_is_fault(records, faults, fault) & copied] = State.DUPLICATE
    for fault, reason in _reasons(writer).items():
        hit = _is_fault(records, faults, fault)
        hit &= ~copied | (fault == "F3")
        states[hit], reasons[hit] = State.REJECTED, reason
    unclear = _is_fault(records, faults, "F14")
    if unclear.any():
        unclear &= clarity(records, writer, sbc) == UNDECIDED
        states[unclear], reasons[unclear] = State.REJECTED, RejectReason.TZ_AMBIGUOUS
    return states, reasons


def _reasons(writer: Writer) -> Mapping[str, RejectReason]:
    """What a record with each fault is rejected for."""
    return {
        "F3": RejectReason.KEY_CONFLICT, "F5": RejectReason.NO_STOP, "F6": RejectReason.ORPHAN_INTERIM,
        "F9": RejectReason.NEG_DURATION, "F10_BLOCK": RejectReason.DURATION_MISMATCH, "F12_FUTURE": RejectReason.FUTURE,
        "F12_OLD": RejectReason.TOO_OLD, "F14_GAP": RejectReason.TZ_AMBIGUOUS, "F17": writer.cut_off[1],
        "F18": writer.misshapen, "F20": RejectReason.FILE_TOTALS, "F26_BYTES": RejectReason.TOO_LONG,
        "F27": RejectReason.NO_STOP,
    }  # fmt: skip


def _priced(records: Records, states: npt.NDArray[np.object_]) -> Mask:
    """Only answered legs that bill are priced; all others cost nothing."""
    priced: Mask = (states == State.RATED) & records.answered & records.billed
    return priced


def _with_refusals(
    states: npt.NDArray[np.object_], reasons: npt.NDArray[np.object_], prices: Prices, priced: Mask
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    refused = priced & np.array([reason is not None for reason in prices.reasons], bool)
    return np.where(refused, State.REJECTED, states), np.where(refused, prices.reasons, reasons)


def _is_read(
    records: Records, states: npt.NDArray[np.object_], reasons: npt.NDArray[np.object_], faults: Sequence[str]
) -> Mask:
    """Whether a record becomes a CDR with an identity."""
    unread = [
        RejectReason.TRUNCATED, RejectReason.BAD_QUOTE, RejectReason.UNKNOWN_LAYOUT, RejectReason.BAD_FIELD,
        RejectReason.FILE_TOTALS,
    ]  # fmt: skip
    read: Mask = ~np.isin(reasons.astype(str), list(map(str, unread)))
    read &= (states != SKIPPED) & ~_is_fault(records, faults, "F26_BYTES")
    return read


def _record_ids(written: Written, world: World, is_read: Mask, types: Sequence[str]) -> list[str | None]:
    """Hash of source, node, native key and type; what cannot be read has none."""
    ids: list[str | None] = []
    for at, known in enumerate(is_read.tolist()):
        key = written.writer.native_key(written.records, world, at) or (sha256(written.values[at]).hexdigest(),)
        text = _SEPARATOR.join([written.sbc.source, written.sbc.node, *key, types[at]])
        ids.append(sha256(text.encode()).hexdigest()[:_ID_CHARACTERS] if known else None)
    return ids


def _instants(millis: Millis, known: Mask) -> pa.Array:
    return pa.array(millis * 1_000, pa.int64(), mask=~known).cast(INSTANT)
