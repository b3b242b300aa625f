"""The rate stage: every record one row, whatever is sent again, killed, or changed by others."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline.ledger.errors import ConcurrentWriter
from pipeline.ledger.marks import corrections_mark
from pipeline.ledger.table import UsageLedger
from pipeline.mediation.restarts import Restart
from pipeline.rate.stage import RateStage
from schemas.cdr import CDR, RecordType
from tests.ledger.rows import a_table
from tests.rate.calls import NOON, RAW, Clock, a_book, a_call, a_start, an_interim, current_states, message, rows


@pytest.fixture
def ledger(tmp_path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(ledger, clock) -> RateStage:
    book = a_book()
    return RateStage(0, ledger, lambda: book, clock)


def test_a_call_becomes_a_priced_row(stage, ledger):
    """61 s at 0.06 a minute, by the second, cost 0.061; the row names its book and is found by its position."""
    outcome = stage.process([message(a_call(7))], None)
    (row,) = rows(ledger)
    assert {"RATED": 1} == outcome.by_state
    assert (f"{RAW}:7:0:0", "RATED", Decimal("0.061000000"), a_book().hash) == (
        row["row_id"], row["state"], row["charge"], row["book_hash"],
    )  # fmt: skip


def test_the_bytes_are_kept_where_the_record_is_not_rated(stage, ledger):
    """A rated row needs no bytes; a rejected one keeps them for correction."""
    stage.process([message(a_call(1), a_call(2, claimed_trunk_id="nobody"))], None)
    rated, rejected = rows(ledger)
    assert (None, "UNKNOWN_TRUNK") == (rated["raw"], rejected["reject_reason"])
    assert rejected["raw"] == a_call(2, claimed_trunk_id="nobody").raw


def test_marks_move_with_the_rows(stage, ledger):
    """The commit carries the offset of cdr.leg and the raw offset that it reaches."""
    stage.process([message(a_call(1), a_call(2), upto=9)], 4)
    assert {"cdr.leg-0": 4, f"cdr.leg-0<{RAW}": 9} == ledger.marks()


def test_a_message_sent_again_is_dropped(stage, ledger):
    """Mediation may send a batch twice under other offsets; the raw range says that it is here already."""
    stage.process([message(a_call(1), a_call(2))], 0)
    again = stage.process([message(a_call(1), a_call(2))], 1)
    assert ({}, 1, 2) == (again.by_state, again.messages_dropped, len(rows(ledger)))


def test_records_at_or_below_the_mark_are_dropped_one_by_one(stage, ledger):
    """A range that overlaps what is here brings only what lies beyond the mark."""
    stage.process([message(a_call(1), a_call(2))], 0)
    outcome = stage.process([message(a_call(2), a_call(3))], 1)
    assert ({"RATED": 1}, [1, 2, 3]) == (outcome.by_state, [row["offset"] for row in rows(ledger)])


def test_messages_at_or_below_the_leg_mark_are_dropped(stage, ledger):
    """A consumer that begins too early reads messages that the ledger has."""
    stage.process([message(a_call(1)), message(a_call(2))], 1)
    outcome = stage.process([message(a_call(2)), message(a_call(3))], 2)
    assert ({"RATED": 1}, 1) == (outcome.by_state, outcome.messages_dropped)


def test_a_gap_in_the_raw_offsets_is_reported(stage):
    """Offsets 3 to 5 were never sent: one gap, and the batch is rated all the same."""
    stage.process([message(a_call(1), a_call(2))], None)
    outcome = stage.process([message(a_call(6))], None)
    assert [(RAW, 3, 5)] == [tuple(gap) for gap in outcome.gaps]
    assert {"RATED": 1} == outcome.by_state


def test_a_batch_without_records_moves_marks(stage, ledger):
    """All records of the raw range fell to other partitions."""
    empty = message(first=0, upto=99)
    assert {} == stage.process([empty], 5).by_state
    assert {"cdr.leg-0": 5, f"cdr.leg-0<{RAW}": 99} == ledger.marks()


def test_the_same_record_at_another_offset_is_a_duplicate(stage, ledger):
    """The SBC delivered its record twice: one RATED row, one DUPLICATE that names it."""
    call = a_call(1)
    stage.process([message(call, call._replace(offset=2))], None)
    assert {"id-1@1": "RATED", "id-1@2": "DUPLICATE"} == current_states(ledger)
    assert "id-1" == rows(ledger)[1]["duplicate_of"]


def test_duplicates_are_found_across_restarts(ledger, clock):
    """A new worker knows the keys from the ledger."""
    book = a_book()
    call = a_call(1)
    RateStage(0, ledger, lambda: book, clock).process([message(call)], None)
    RateStage(0, ledger, lambda: book, clock).process([message(call._replace(offset=2))], None)
    assert {"id-1@1": "RATED", "id-1@2": "DUPLICATE"} == current_states(ledger)


def test_the_same_key_with_other_content_is_a_conflict(stage, ledger):
    """R11: the second record is rejected, the first stays."""
    call = a_call(1)
    other = call._replace(offset=2, raw_sha256=b"\x01" * 32)
    stage.process([message(call), message(other)], None)
    first, second = rows(ledger)
    assert ("RATED", "REJECTED", "KEY_CONFLICT") == (first["state"], second["state"], second["reject_reason"])


def test_the_standby_sbc_reports_the_call_too(stage, ledger):
    """R12: another node, another key, setup 1.9 s apart: a duplicate. At 2 s it is a call of its own."""
    call = a_call(1)
    near = a_call(2, call_group_id="call-1", source_node="node2", started_at=NOON + timedelta(seconds=1.9))
    far = a_call(3, call_group_id="call-1", source_node="node3", started_at=NOON + timedelta(seconds=4))
    stage.process([message(call), message(near), message(far)], None)
    assert {"id-1@1": "RATED", "id-2@2": "DUPLICATE", "id-3@3": "RATED"} == current_states(ledger)


def test_a_start_waits_for_its_stop(stage, ledger):
    """PENDING first; the STOP is the call, and the START a part of it."""
    stage.process([message(a_start(1, of=2))], None)
    assert {"id-1@1": "PENDING"} == current_states(ledger)
    stage.process([message(a_call(2))], None)
    assert {"id-1@1": "MERGED", "id-2@2": "RATED"} == current_states(ledger)
    assert "id-2" == rows(ledger)[1]["duplicate_of"]


def test_a_start_behind_its_stop_is_merged_at_once(stage, ledger):
    """The order of arrival does not matter (R23)."""
    stage.process([message(a_call(2))], None)
    stage.process([message(a_start(3, of=2))], None)
    assert {"id-2@2": "RATED", "id-3@3": "MERGED"} == current_states(ledger)


def test_waiting_parts_survive_a_restart(ledger, clock):
    """PENDING rows are read back by the worker that takes the partition over."""
    book = a_book()
    RateStage(0, ledger, lambda: book, clock).process([message(a_start(1, of=3), an_interim(2, of=3))], None)
    RateStage(0, ledger, lambda: book, clock).process([message(a_call(3))], None)
    assert {"id-1@1": "MERGED", "id-2@2": "MERGED", "id-3@3": "RATED"} == current_states(ledger)


def test_deltas_behind_the_stop_make_the_call_longer(stage, ledger):
    """R22: parts of 20 s and 41 s; the one that came late replaces the priced row: 61 s cost 0.061."""
    stop = a_call(1, duration_basis="part", reported_ms=41_000, measured_ms=41_000)
    stage.process([message(stop)], None)
    stage.process([message(an_interim(2, of=1, duration_basis="part", reported_ms=20_000))], None)
    first, replacement, part = rows(ledger)
    assert (Decimal("0.041"), Decimal("0.061"), first["row_id"]) == (
        first["charge"], replacement["charge"], replacement["replaces"],
    )  # fmt: skip
    assert ("MERGED", "id-1") == (part["state"], part["duplicate_of"])


def test_a_fax_told_behind_the_stop_is_kept_and_costs_the_same(stage, ledger):
    """R43: the interim with the image comes last; the priced row gets fax t38 and keeps 61 s at 0.061."""
    stage.process([message(a_call(1))], None)
    stage.process([message(an_interim(2, of=1, fax="t38"))], None)
    first, replacement, part = rows(ledger)
    assert (None, "t38", first["row_id"]) == (first["fax"], replacement["fax"], replacement["replaces"])
    assert Decimal("0.061") == first["charge"] == replacement["charge"]
    assert ("MERGED", "id-1") == (part["state"], part["duplicate_of"])


def test_a_call_that_nobody_ended_is_suspended(stage, ledger, clock):
    """R26: after the longest call and a margin the START is NO_STOP with what its interim proves."""
    stage.process([message(a_start(1, of=9), an_interim(2, of=9, reported_ms=30_000))], None)
    clock.now += timedelta(hours=9)
    stage.give_up_open_legs()
    start = next(row for row in rows(ledger) if row["offset"] == 1 and row["version"] == 1)
    assert ("REJECTED", "NO_STOP", 30_000) == (start["state"], start["reject_reason"], start["provable_ms"])
    assert {"id-1@1": "REJECTED", "id-2@2": "MERGED"} == current_states(ledger)


@pytest.mark.parametrize("restarted", [False, True])
def test_a_late_stop_takes_the_place_of_the_suspension(stage, ledger, clock, restarted):
    """The call is rated once, and the suspended START becomes a part of it."""
    stage.process([message(a_start(1, of=9), an_interim(2, of=9, reported_ms=30_000))], None)
    clock.now += timedelta(hours=9)
    stage.give_up_open_legs()
    worker = RateStage(0, ledger, a_book, clock) if restarted else stage
    worker.process([message(a_call(9))], None)
    assert {"id-1@1": "MERGED", "id-2@2": "MERGED", "id-9@9": "RATED"} == current_states(ledger)


def test_giving_up_twice_changes_nothing(stage, ledger, clock):
    """A suspended leg is not suspended again."""
    stage.process([message(a_start(1, of=9))], None)
    clock.now += timedelta(hours=9)
    stage.give_up_open_legs()
    version = ledger.another_handle().version
    assert stage.give_up_open_legs().version is None
    assert version == ledger.another_handle().version


def media(offset: int, call: int, leg_id: str | None = None, **figures: Any) -> CDR:
    """The media record of a call, as a call manager writes it beside its CDR."""
    return a_call(
        offset, record_type=RecordType.MEDIA, call_group_id=f"call-{call}", leg_id=leg_id, answered_at=None,
        measured_ms=None, released_at=None, **figures,
    )  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["leg-first", "media-first"])
@pytest.mark.parametrize("together", [True, False])
def test_media_figures_come_to_their_leg(stage, ledger, order, together):
    """R45: merged, never priced; the call keeps its price and gets the figures, whichever record comes first."""
    records = [a_call(1), media(2, call=1, mos_x100=420)]
    arriving = [records[at]._replace(offset=place) for place, at in enumerate(order, 1)]
    for batch in [arriving] if together else [[record] for record in arriving]:
        stage.process([message(*batch)], None)
    current = {row["cdr_id"]: row for row in rows(ledger)}
    assert ("RATED", 420, Decimal("0.061")) == tuple(current["id-1"][name] for name in ("state", "mos_x100", "charge"))
    assert ("MERGED", "id-1") == (current["id-2"]["state"], current["id-2"]["duplicate_of"])


def test_media_of_a_call_with_two_legs_goes_to_the_one_it_names(stage, ledger):
    """Without a name it waits: nobody knows which leg it measures."""
    legs = [a_call(1), a_call(2, call_group_id="call-1", is_billed_leg=False)]
    stage.process(
        [message(*legs, media(3, call=1, leg_id="leg-2", mos_x100=300), media(4, call=1, mos_x100=100))], None
    )
    current = {row["cdr_id"]: (row["state"], row["mos_x100"]) for row in rows(ledger)}
    assert {
        "id-1": ("RATED", None),
        "id-2": ("RATED", 300),
        "id-3": ("MERGED", 300),
        "id-4": ("PENDING", 100),
    } == current


def test_a_worker_that_lost_its_partition_is_refused(ledger, clock):
    """Two workers on one partition: the one that did not see the other's commit writes nothing."""
    book = a_book()
    late = RateStage(0, ledger, lambda: book, clock)
    late.process([message(a_call(1))], 0)
    handle = ledger.another_handle()
    original = late._ledger.append

    def another_first(table, marks):
        handle.append(a_table(), {"cdr.leg-0": 5})
        return original(table, marks)

    late._ledger.append = another_first
    with pytest.raises(ConcurrentWriter):
        late.process([message(a_call(2))], 1)
    assert [1] == [row["offset"] for row in rows(ledger)]


def test_a_correction_in_between_is_no_other_writer(ledger, clock):
    """A person replaced rows while a leg was closed: the worker looks again and commits."""
    book = a_book()
    worker = RateStage(0, ledger, lambda: book, clock)
    worker.process([message(a_start(1, of=2))], None)
    handle, original, calls = ledger.another_handle(), worker._ledger.append, []

    def corrected_first(table, marks):
        if not calls:
            calls.append(handle.append(a_table(), {corrections_mark(0): 1}))
        return original(table, marks)

    worker._ledger.append = corrected_first
    worker.process([message(a_call(2))], None)
    assert {"id-1@1": "MERGED", "id-2@2": "RATED"} == current_states(ledger)


def test_a_new_book_counts_from_the_next_batch(ledger, clock):
    """One batch is rated with one book; the next one with the book of then."""
    books = [a_book("0.0600"), a_book("0.1200")]
    worker = RateStage(0, ledger, lambda: books[0], clock)
    worker.process([message(a_call(1))], None)
    books.pop(0)
    worker.process([message(a_call(2))], None)
    assert [Decimal("0.061"), Decimal("0.122")] == [row["charge"] for row in rows(ledger)]
    assert {a_book("0.0600").hash, a_book("0.1200").hash} == ledger.books().hashes()


def restarted(*cdrs, offset, node="node1"):
    """A message with these records, and a restart of that node at an offset."""
    known = message(*cdrs, first=min([offset, *(cdr.offset for cdr in cdrs)]), upto=offset)
    return known._replace(restarts=(Restart("sbc1", node, known.raw_partition, offset, NOON + timedelta(hours=1)),))


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("reloads", [True, False])
def test_a_restart_ends_the_open_calls_of_its_node(ledger, clock, is_one_batch, reloads):
    """R26: START and an interim of 900 s wait, or are in hand, when the node restarts; a late STOP is rated (R57)."""
    book = a_book()
    a_stage = RateStage(0, ledger, lambda: book, clock)
    parts = [a_start(1, of=9), an_interim(2, of=9, reported_ms=900_000)]
    other = a_start(3, of=8, source_node="node2")
    if is_one_batch:
        a_stage.process([restarted(*parts, other, offset=4)], None)
    else:
        a_stage.process([message(*parts, other)], None)
        a_stage.process([restarted(offset=4)], None)
    assert {"id-1@1": "REJECTED", "id-2@2": "MERGED", "id-3@3": "PENDING"} == current_states(ledger)
    replaced = {row["replaces"] for row in rows(ledger)}
    (start,) = (row for row in rows(ledger) if row["cdr_id"] == "id-1" and row["row_id"] not in replaced)
    assert ("NO_STOP", 900_000, "restart") == (start["reject_reason"], start["provable_ms"], start["closing_reason"])
    late = RateStage(0, ledger, lambda: book, clock) if reloads else a_stage
    late.process([message(a_call(9))], None)
    assert {"id-1@1": "MERGED", "id-2@2": "MERGED", "id-3@3": "PENDING", "id-9@9": "RATED"} == current_states(ledger)


def test_a_restart_of_a_node_without_open_calls_changes_nothing(stage, ledger):
    """A finished call stays as it is, and the mark moves on."""
    stage.process([message(a_call(1))], None)
    stage.process([restarted(offset=2)], None)
    assert {"id-1@1": "RATED"} == current_states(ledger)
    assert 1 == stage.process([restarted(offset=2)], None).messages_dropped


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_figures_of_the_report_that_saw_the_media(stage, ledger, is_one_batch):
    """R12: the standby node reports first, with zeroes; the leg is its record, the figures are the other's, once."""
    standby = a_call(1, packets_in=0, packets_out=9, flags=("NO_MEDIA",))
    active = a_call(2, call_group_id="call-1", source_node="node2", packets_in=3_190, mos_x100=441)
    again = a_call(3, call_group_id="call-1", source_node="node3", packets_in=7, mos_x100=100)
    for cdrs in [(standby, active)] if is_one_batch else [(standby,), (active,)]:
        stage.process([message(*cdrs)], None)
    stage.process([message(again)], None)
    found = rows(ledger)
    replaced = {row["replaces"] for row in found}
    (leg,) = (row for row in found if row["state"] == "RATED" and row["row_id"] not in replaced)
    assert ("id-1", 3_190, 9, 441, [], Decimal("0.061")) == (
        leg["cdr_id"], leg["packets_in"], leg["packets_out"], leg["mos_x100"], leg["flags"], leg["charge"],
    )  # fmt: skip
    assert {"DUPLICATE"} == {row["state"] for row in found if row["cdr_id"] in {"id-2", "id-3"}}


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_conflict_that_comes_again_is_a_duplicate(ledger, clock, is_one_batch):
    """R11, R14: first, other content, both again, and a third content: one call, two conflicts, two duplicates."""
    book = a_book()
    first = a_call(1)
    contents = [first, *(first._replace(raw_sha256=bytes([number]) * 32) for number in (7, 8))]
    cdrs = [contents[index]._replace(offset=offset) for offset, index in enumerate([0, 1, 0, 1, 2], 1)]
    for part in [cdrs] if is_one_batch else [[cdr] for cdr in cdrs]:
        RateStage(0, ledger, lambda: book, clock).process([message(*part)], None)
    assert ["RATED", "REJECTED", "DUPLICATE", "DUPLICATE", "REJECTED"] == [row["state"] for row in rows(ledger)]
