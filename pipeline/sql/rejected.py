"""One rejected record as a person needs it: what is known, what was expected, where in its bytes reading stopped."""

import re
from typing import Any, NamedTuple

import duckdb

from schemas.outcomes import RejectReason

_QUOTED = re.compile(r"'([^']{2,})'|`([^`]{2,})`|\"([^\"]{2,})\"|(\+?[0-9]{4,})")
_BEGINNING = "The record begins"
_FIND = """
SELECT * FROM rejects WHERE row_id = $id OR cdr_id = $id OR starts_with(row_id, $id || ':')
ORDER BY row_id
"""


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
    return None
