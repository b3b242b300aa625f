"""Why a record of the ledger cost what it did: its steps with the book that rated it, and the legs beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from pipeline.rate.reading import records_of
from rating.book import RateBook
from rating.explain import Step, explain_call
from rating.rules import Rule
from schemas.cdr import CDR
from schemas.outcomes import State

Row = Mapping[str, Any]
BookOf = Callable[[str], RateBook]
"""The book with a hash."""

_ROWS = "SELECT * FROM current WHERE starts_with(cdr_id, $cdr_id) ORDER BY cdr_id, received_at, row_id"
_REPLACED = "SELECT count(*) FROM ledger WHERE cdr_id = $cdr_id AND row_id NOT IN (SELECT row_id FROM current)"
_LEGS = """
SELECT cdr_id, direction, calling, called, route_entry_index, route_entry_type, state, charge_kind, charge, currency,
    rule_ids, reject_reason
FROM current
WHERE call_group_id = $call_group_id AND state IN ('RATED', 'REJECTED')
ORDER BY started_at, route_entry_index, cdr_id
"""
_WHY = {
    State.DUPLICATE: "The same record, or the same call from another source, was here before; it is priced once.",
    State.PENDING: "A part of a call that waits for the record of its release; it costs nothing of its own.",
    State.MERGED: "A part of a call that another record prices; it costs nothing of its own.",
}

_RULE_TEXTS: Mapping[str, str] = {rule.value: rule.text for rule in Rule}


class Leg(NamedTuple):
    """A leg of the same call, what it cost, and why."""

    cdr_id: str
    direction: str | None
    numbers: str
    route_entry: str | None
    state: str
    charge: str
    why: str


class Explanation(NamedTuple):
    """One row of the ledger: what became of it and how."""

    row: Row
    steps: Sequence[Step]
    differs: bool
    """The recorded charge is not what the row's own book gives."""
    replaced: int
    """Earlier rows of the record that corrections replaced."""
    legs: Sequence[Leg]


def explain_records(connection: duckdb.DuckDBPyConnection, book_of: BookOf, cdr_id: str) -> list[Explanation]:
    """Every current row of a record, by its cdr_id or the beginning of it; for a merged one the row that prices it too.

    Raises UnknownBook where a snapshot is missing.
    """
    found = _explained(connection, lru_cache(book_of), cdr_id)
    named = {str(explanation.row["cdr_id"]) for explanation in found}
    priced_by = [
        str(explanation.row["duplicate_of"]) for explanation in found if explanation.row["duplicate_of"] is not None
    ]
    more = [other for other in dict.fromkeys(priced_by) if other not in named]
    return [*found, *(each for other in more for each in _explained(connection, lru_cache(book_of), other))]


def _explained(connection: duckdb.DuckDBPyConnection, book_of: BookOf, cdr_id: str) -> list[Explanation]:
    table: pa.Table = connection.sql(_ROWS, params={"cdr_id": cdr_id}).to_arrow_table()
    rows = table.to_pylist()
    legs = {group: _legs(connection, group) for group in {str(row["call_group_id"]) for row in rows}}
    explanations = []
    for row, record in zip(rows, records_of(table), strict=True):
        steps = list(_steps(row, record, book_of))
        replaced = connection.execute(_REPLACED, {"cdr_id": row["cdr_id"]}).fetchall()[0][0]
        beside = legs[str(row["call_group_id"])]
        differs = row["state"] == State.RATED and sum(step.amount or 0 for step in steps) != row["charge"]
        explanations.append(Explanation(row, steps, differs, int(replaced), beside if len(beside) > 1 else ()))
    return explanations


def _steps(row: Row, record: CDR, book_of: BookOf) -> Iterator[Step]:
    """What the state of a row says, and for a rated or rejected one the steps of its book."""
    state = State(row["state"])
    if state in _WHY:
        yield Step(state.lower(), str(row["duplicate_of"] or row["record_type"]), _WHY[state])
        return
    steps = explain_call(record, book_of(str(row["book_hash"])))
    if state is State.REJECTED and (steps[-1].name, steps[-1].value) != ("rejected", row["reject_reason"]):
        yield Step("rejected", str(row["reject_reason"]), str(row["reject_detail"] or ""))
        return
    yield from steps


def _legs(connection: duckdb.DuckDBPyConnection, call_group_id: str) -> list[Leg]:
    table: pa.Table = connection.sql(_LEGS, params={"call_group_id": call_group_id}).to_arrow_table()
    return [_leg(row) for row in table.to_pylist()]


def _leg(row: Row) -> Leg:
    entry = [str(row[name]) for name in ("route_entry_index", "route_entry_type") if row[name] is not None]
    price = f"{row['charge']:f} {row['currency'] or ''}".strip() if row["charge"] is not None else ""
    return Leg(
        cdr_id=str(row["cdr_id"]),
        direction=row["direction"],
        numbers=f"{row['calling'] or '-'} to {row['called'] or '-'}",
        route_entry=" ".join(entry) or None,
        state=str(row["state"]),
        charge=price,
        why=_why(row),
    )


def _why(row: Row) -> str:
    """The rule that weighed most, which is the last of the row, or the reason of the rejection."""
    if row["reject_reason"] is not None:
        return str(row["reject_reason"])
    rules = str(row["rule_ids"] or "").split()
    return _RULE_TEXTS[rules[-1]] if rules else ""
