"""Ledger rows: the record, its price where it has one, and the bookkeeping."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from pipeline.rate.judge import undecided
from pipeline.rate.legs import Replacement, Row
from pipeline.rate.rows import Bookkeeping, Stamp, ledger_rows, row_ids, with_records
from rating.batch import rate_batch
from schemas.ledger import PRICE_FIELDS, USAGE_SCHEMA
from schemas.outcomes import State
from tests.rate.calls import RAW, a_book, a_call, a_start, batch

STAMP = Stamp(3, datetime(2026, 10, 2, tzinfo=UTC), "hash-1")
NOBODY = pa.table({})


def rows_of(*cdrs, states=None, duplicate_of=None, stamp=STAMP) -> list[dict]:
    """The rows of these records with these verdicts."""
    judgement = undecided(len(cdrs), NOBODY)
    judgement = judgement._replace(states=states or {}, duplicate_of=duplicate_of or {})
    records, bookkeeping = with_records(batch(*cdrs), judgement)
    return ledger_rows(records, rate_batch(records, a_book()), bookkeeping, stamp).to_pylist()


def test_the_schema_is_that_of_the_ledger():
    """Every column, in order, with its type; text of few values may be a dictionary."""
    records, bookkeeping = with_records(batch(a_call(1)), undecided(1, NOBODY))
    rows = ledger_rows(records, rate_batch(records, a_book()), bookkeeping, STAMP)
    assert USAGE_SCHEMA.names == rows.schema.names
    assert USAGE_SCHEMA.types == [
        found.value_type if pa.types.is_dictionary(found) else found for found in rows.schema.types
    ]
    assert pa.types.is_dictionary(rows.schema.field("destination").type)


def test_a_row_says_who_wrote_it_when_and_with_what():
    """The stamp of the commit, the partition that wrote it, the day of the answer."""
    (row,) = rows_of(a_call(1))
    assert (3, "hash-1", STAMP.rated_at, date(2026, 10, 1), "2026-10", None) == (
        row["leg_partition"], row["book_hash"], row["rated_at"], row["day"], row["period"], row["author"],
    )  # fmt: skip


def test_a_duplicate_has_no_price_and_keeps_its_bytes():
    """Whatever rating would have said of it."""
    (row,) = rows_of(a_call(1), states={0: State.DUPLICATE}, duplicate_of={0: "id-0"})
    assert {None} == {row[name] for name in PRICE_FIELDS}
    assert ("DUPLICATE", "id-0", a_call(1).raw, None) == (
        row["state"], row["duplicate_of"], row["raw"], row["reject_reason"],
    )  # fmt: skip


def test_a_waiting_part_has_no_reason():
    """A START has no trunk to be unknown: it is PENDING, not rejected."""
    (row,) = rows_of(a_start(1, of=2, claimed_trunk_id="nobody"), states={0: State.PENDING})
    assert ("PENDING", None, None) == (row["state"], row["reject_reason"], row["charge"])


def test_a_conflict_says_what_to_do():
    """The reason is that of the judgement, not of rating."""
    (row,) = rows_of(a_call(1), states={0: State.REJECTED})
    assert "KEY_CONFLICT" == row["reject_reason"]
    assert row["reject_detail"].startswith("A record with the same cdr_id and other content")


def test_rows_beside_each_other_do_not_mix():
    """A rated call between a duplicate and a reject keeps its price, and they get none."""
    rated, duplicate, rejected = rows_of(
        a_call(1), a_call(2), a_call(3, claimed_trunk_id="nobody"),
        states={1: State.DUPLICATE}, duplicate_of={1: "id-1"},
    )  # fmt: skip
    assert [Decimal("0.061"), None, None] == [rated["charge"], duplicate["charge"], rejected["charge"]]
    assert ["RATED", "DUPLICATE", "REJECTED"] == [rated["state"], duplicate["state"], rejected["state"]]
    assert [None, None, "UNKNOWN_TRUNK"] == [row["reject_reason"] for row in (rated, duplicate, rejected)]


def test_row_ids_name_the_place_and_the_version():
    """partition:offset:record_index:version."""
    ids = row_ids(batch(a_call(7, record_index=2)), pa.array([3], pa.int32()))
    assert [f"{RAW}:7:2:3"] == ids.to_pylist()


def test_a_record_that_carries_a_leg_is_put_in_its_place():
    """What the other records of the leg know replaces the record in hand; the order stays."""
    longer = a_call(2, measured_ms=120_000)
    judgement = undecided(3, NOBODY)._replace(carried={1: longer})
    records, _ = with_records(batch(a_call(1), a_call(2), a_call(3)), judgement)
    assert [61_000, 120_000, 61_000] == records.column("measured_ms").to_pylist()


def test_replacements_follow_the_records_in_hand():
    """A replaced row is the next version of its record and names the row it replaces."""
    waiting = Replacement(Row(f"{RAW}:1:0:0", 0, State.PENDING), a_start(1, of=2), State.MERGED, "id-2")
    judgement = undecided(1, NOBODY)._replace(replacements=[waiting])
    records, bookkeeping = with_records(batch(a_call(2)), judgement)
    stop, start = ledger_rows(records, rate_batch(records, a_book()), bookkeeping, STAMP).to_pylist()
    assert (f"{RAW}:2:0:0", None) == (stop["row_id"], stop["replaces"])
    assert (f"{RAW}:1:0:1", f"{RAW}:1:0:0", "MERGED", "id-2", None) == (
        start["row_id"], start["replaces"], start["state"], start["duplicate_of"], start["charge"],
    )  # fmt: skip


def test_corrected_records_take_the_place_of_their_rows():
    """Version and predecessor come from the rows that are corrected."""
    bookkeeping = Bookkeeping.of(undecided(1, NOBODY), [Row("raw:1:0:4", 4, State.REJECTED)])
    assert ([5], ["raw:1:0:4"]) == (bookkeeping.version.to_pylist(), bookkeeping.replaces.to_pylist())
