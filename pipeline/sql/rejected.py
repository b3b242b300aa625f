"""One rejected record as a person needs it: what is known, what was expected, where in its bytes reading stopped."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb

from schemas.outcomes import RejectReason

_SHORT = re.compile(r" is '([^' ])',")
"""A value of one character, which is looked for as a whole value only."""
_QUOTED = re.compile(r"'([^']{2,})'|`([^`]{2,})`|\"([^\"]{2,})\"|(\+?[0-9]{4,})")
_BEGINNING = "The record begins"
_FIND = """
SELECT * FROM rejects WHERE row_id = $id OR cdr_id = $id OR starts_with(row_id, $id || ':')
ORDER BY row_id
"""


_AGAIN = "then `trunkline replay --reason {reason} --source {source}`"
_BY_HAND = '`trunkline correct {cdr_id} --set FIELD=VALUE --note "why"`'
_FILE_AGAIN = (
    '`trunkline file rollback {partition} --note "why"`, then put the whole file into the spool again; of a topic the '
    "records have to be sent again"
)
_LATE_STOP = "A STOP takes its place whenever it comes; ask the source for it. Without one the call is not billed."
_NEXT = {
    RejectReason.TOO_LONG: f"Nothing of it can be believed. If it is a CDR after all: {_BY_HAND}.",
    RejectReason.BAD_QUOTE: f"Ask the source for the record as it should be: {_FILE_AGAIN}.",
    RejectReason.TRUNCATED: f"Ask the source for the rest: {_FILE_AGAIN}.",
    RejectReason.UNKNOWN_LAYOUT: (
        f"If the release writes so, add its layout to option `layouts` or `columns` of source {{source}}, "
        f"{_AGAIN}. "
        f"If the line was cut: {_FILE_AGAIN}."
    ),
    RejectReason.BAD_FIELD: f"If the settings of source {{source}} are wrong, correct them, {_AGAIN}. Else {_BY_HAND}.",
    RejectReason.FILE_TOTALS: f"Ask the source for the file: {_FILE_AGAIN}.",
    RejectReason.NEG_DURATION: f"Find out which of the two times is right, then {_BY_HAND}.",
    RejectReason.DURATION_MISMATCH: f"Find out whether the times or the printed duration are right, then {_BY_HAND}.",
    RejectReason.TZ_AMBIGUOUS: f"Set `time_zone` of source {{source}}, {_AGAIN}; or name the times in UTC: {_BY_HAND}.",
    RejectReason.FUTURE: f"Set the node's clock and `time_zone` of source {{source}}, {_AGAIN}.",
    RejectReason.TOO_OLD: f"Raise `late_days` if the call may still be billed, {_AGAIN}.",
    RejectReason.NO_STOP: _LATE_STOP,
    RejectReason.ORPHAN_INTERIM: _LATE_STOP,
    RejectReason.KEY_CONFLICT: (
        "Compare it with the record that was kept (`trunkline sql \"FROM ledger WHERE cdr_id = '{cdr_id}'\"`); if this "
        f"one is right, correct the other: {_BY_HAND}."
    ),
    RejectReason.NUM_UNPARSED: f"Set the dial plan of the trunk or of source {{source}}, {_AGAIN}; or {_BY_HAND}.",
    RejectReason.ROLLED_BACK: "Its file was taken back. Put the file into the spool again to load it anew.",
}


def next_step(reject: Mapping[str, Any]) -> str:
    """What a person does about a reject, with the commands; for a reason of rating the book decides."""
    reason = RejectReason(reject["reject_reason"])
    text = _NEXT.get(reason, f"Correct the book (accounts, plans, trunks, decks), {_AGAIN}; or {_BY_HAND}.")
    names = {name: reject[name] for name in ("source", "cdr_id", "partition")}
    return text.format(reason=reason, **names)


class Stopped(NamedTuple):
    """Bytes `[start, end)` of the record that the detail speaks of."""

    start: int
    end: int


def find_rejects(connection: duckdb.DuckDBPyConnection, identity: str) -> list[dict[str, Any]]:
    """Current rejects whose row_id, or its beginning, or cdr_id is `identity`."""
    rows = connection.execute(_FIND, {"id": identity}).fetchall()
    columns = [column[0] for column in connection.description]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def stopped_at(raw: bytes, reason: str, detail: str) -> Stopped | None:
    """Where the record's bytes hold what the detail speaks of; its end, where it was cut off; None if it is nowhere."""
    if reason == RejectReason.TRUNCATED:
        return Stopped(len(raw), len(raw))
    for match in _QUOTED.finditer(detail.partition(_BEGINNING)[0]):
        found = next(group for group in match.groups() if group is not None).encode()
        at = raw.find(found)
        if at >= 0:
            return Stopped(at, at + len(found))
    return _short_value(raw, detail)


def _short_value(raw: bytes, detail: str) -> Stopped | None:
    short = _SHORT.search(detail)
    found = re.search(rb"(?:^|[,;|\" ])(" + re.escape(short[1].encode()) + rb")(?=$|[,;|\" ])", raw) if short else None
    return None if found is None else Stopped(*found.span(1))
