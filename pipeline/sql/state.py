"""What `trunkline status` tells: the ledger as a whole, and how far each partition has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import duckdb

from pipeline.ledger.marks import LEG_TOPIC
from pipeline.sql.verification import marks_table

_TOTALS = """
SELECT
    coalesce(sum(received), 0)::BIGINT, coalesce(sum(rated), 0)::BIGINT, coalesce(sum(rejected), 0)::BIGINT,
    coalesce(sum(duplicate), 0)::BIGINT, coalesce(sum(pending), 0)::BIGINT, coalesce(sum(merged), 0)::BIGINT,
    coalesce(sum(abs(difference)), 0)::BIGINT,
    (SELECT max(rated_at) FROM ledger)
FROM balance
"""


class LedgerState(NamedTuple):
    """One line about everything."""

    ledger: str
    version: int
    files: int
    received: int
    rated: int
    rejected: int
    duplicate: int
    pending: int
    merged: int
    difference: int
    """0, or the balance of some source and period does not add up."""
    last_rated_at: datetime | None
    book: str | None
    """Hash of the book that the last row was rated with."""


class Position(NamedTuple):
    """How far the ledger has come in one partition, and how much more there is in Kafka."""

    partition: str
    committed: int
    """Last offset whose rows are in the ledger, in every partition of `cdr.leg`."""
    end: int | None = None
    """Offset that the next message of the partition will have; None without a look at Kafka."""
    lag: int | None = None
    """Messages that are not in the ledger yet."""


def ledger_state(connection: duckdb.DuckDBPyConnection) -> LedgerState:
    """Count the snapshot's records by what became of them."""
    ((url, version, files, book),) = connection.execute("FROM snapshot").fetchall()
    (totals,) = connection.execute(_TOTALS).fetchall()
    return LedgerState._make([url, version, files, *totals, book])


def positions(marks: Mapping[str, int], ends: Mapping[str, int] | None = None) -> list[Position]:
    """Positions of the partitions of Kafka that have marks; `ends` are their end offsets, by the same names."""
    committed: dict[str, int] = {}
    for mark in marks_table(dict(marks)).to_pylist():
        name = mark["raw_partition"] or f"{LEG_TOPIC}-{mark['leg_partition']}"
        committed[name] = min(committed.get(name, mark["value"]), mark["value"])
    return [
        _position(name, value, (ends or {}).get(name))
        for name, value in sorted(committed.items())
        if not _is_file(name)
    ]


def loaded_files(marks: Mapping[str, int]) -> int:
    """Number of spool files that have marks."""
    names = {mark["raw_partition"] for mark in marks_table(dict(marks)).to_pylist()}
    return sum(name is not None and _is_file(name) for name in names)


def _is_file(partition: str) -> bool:
    return "@" in partition


def _position(name: str, committed: int, end: int | None) -> Position:
    return Position(name, committed, end, None if end is None else max(0, end - 1 - committed))
