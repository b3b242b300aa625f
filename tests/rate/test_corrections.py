"""Corrections: rows that take the place of others, once, and only where something changes."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pyarrow.compute as pc
import pytest

from pipeline.ledger.marks import corrections_mark
from pipeline.ledger.table import UsageLedger
from pipeline.mediation.batch import split_by_call_group
from pipeline.rate.corrections import Author, Corrected, Corrections
from pipeline.rate.fields import CORRECTABLE, BadChange, changes_of
from pipeline.rate.stage import RateStage
from pipeline.settings import Settings
from pipeline.sources.spool import SpoolWorker
from pipeline.stream.messages import LegMessage
from rating.book import RateBook
from schemas.cdr import CDR
from tests.ledger.rows import a_table
from tests.rate.calls import NOON, RAW, Clock, a_book, a_call, a_start, batch, current_states, rows
from tests.sources.feeds import drop, event, settings_in

CLERK = Author("clerk", "ticket 7")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def ledger(settings) -> UsageLedger:
    return UsageLedger.open(settings.ledger_url)


def receive(settings: Settings, ledger: UsageLedger, *cdrs: CDR, book: RateBook | None = None) -> None:
    """Rate records as the workers of all partitions do."""
    book = book or a_book()
    cut = split_by_call_group(batch(*cdrs), settings.kafka.leg_partitions)
    offsets = [cdr.offset for cdr in cdrs]
    for partition, part in enumerate(cut):
        stage = RateStage(partition, ledger, lambda: book, Clock())
        stage.process([LegMessage(RAW, min(offsets), max(offsets), part)], None)


def corrections(settings: Settings, ledger: UsageLedger, book: RateBook | None = None) -> Corrections:
    return Corrections(settings, ledger, book or a_book(), Clock(NOON + timedelta(days=1)), CLERK)


def current(ledger: UsageLedger) -> list[dict]:
    found = rows(ledger)
    replaced = {row["replaces"] for row in found}
    return [row for row in found if row["row_id"] not in replaced]


def test_a_reject_is_replayed_when_its_trunk_is_known(settings, ledger):
    """The trunk came later: 61 s at 0.06 cost 0.061, and the new row names the one it replaces."""
    receive(settings, ledger, a_call(1, claimed_trunk_id="late"), a_call(2))
    done = corrections(settings, ledger, a_book(trunk_id="late")).replay(["UNKNOWN_TRUNK"])
    assert Corrected(1, Counter(RATED=1)) == done
    first, replacement, _ = rows(ledger)
    assert ("REJECTED", "RATED", first["row_id"], 1) == (
        first["state"], replacement["state"], replacement["replaces"], replacement["version"],
    )  # fmt: skip
    assert (Decimal("0.061"), "clerk", "ticket 7", None) == (
        replacement["charge"], replacement["author"], replacement["note"], replacement["reject_reason"],
    )  # fmt: skip


def test_a_replay_that_changes_nothing_writes_nothing(settings, ledger):
    """A reject that would be rejected for the same reason keeps its row."""
    receive(settings, ledger, a_call(1, claimed_trunk_id="nobody"))
    version = ledger.another_handle().version
    assert Corrected(1, Counter()) == corrections(settings, ledger).replay()
    assert version == ledger.another_handle().version


def test_replaying_twice_equals_once(settings, ledger):
    """The second replay finds no reject."""
    receive(settings, ledger, a_call(1, claimed_trunk_id="late"))
    book = a_book(trunk_id="late")
    corrections(settings, ledger, book).replay()
    assert Corrected(0, Counter()) == corrections(settings, ledger, book).replay()
    assert 2 == len(rows(ledger))


def test_a_replay_can_be_limited(settings, ledger):
    """By reason and by source."""
    receive(settings, ledger, a_call(1, claimed_trunk_id="late"))
    corrector = corrections(settings, ledger, a_book(trunk_id="late"))
    assert 0 == corrector.replay(["NO_RATE"]).looked_at
    assert 0 == corrector.replay(sources=["sbc9"]).looked_at
    assert 1 == corrector.replay(["UNKNOWN_TRUNK", "NO_RATE"], ["sbc1"]).looked_at


def test_a_reason_that_a_replay_cannot_help_is_left_alone(settings, ledger):
    """A key conflict is for a person to decide."""
    call = a_call(1)
    receive(settings, ledger, call, call._replace(offset=2, raw_sha256=b"\x01" * 32))
    assert 0 == corrections(settings, ledger).replay().looked_at


def test_bytes_are_read_again(settings, ledger):
    """A record whose parser was wrong: read again it is a call, and it goes where its call belongs."""
    readable = event(5).rstrip()
    unread = a_call(
        1, raw=readable, call_group_id="unread", cdr_id="unread", reject_reason="BAD_FIELD", reject_detail="?"
    )
    receive(settings, ledger, unread)
    assert Corrected(1, Counter(RATED=1)) == corrections(settings, ledger).replay(["BAD_FIELD"])
    (row,) = current(ledger)
    assert ("RATED", "leg-5", Decimal("0.061")) == (row["state"], row["leg_id"], row["charge"])


def test_bytes_that_are_read_again_may_be_a_duplicate(settings, ledger):
    """The SBC had sent the record again, readable: the one that is read now is the duplicate."""
    drop(settings, "cdr.json", event(5))
    book = a_book()
    SpoolWorker(settings, ledger, lambda: book, Clock()).look(final=True)
    unread = a_call(1, raw=event(5).rstrip(), call_group_id="unread", cdr_id="unread", reject_reason="BAD_FIELD")
    receive(settings, ledger, unread)
    assert Corrected(1, Counter(DUPLICATE=1)) == corrections(settings, ledger).replay(["BAD_FIELD"])


def test_a_record_is_corrected(settings, ledger):
    """A wrong release time is set right by a person: 60 s cost 0.06; the received record stays beside it."""
    receive(settings, ledger, a_call(1, reject_reason="NEG_DURATION", measured_ms=-5))
    done = corrections(settings, ledger).correct(
        "id-1", lambda cdr: cdr._replace(reject_reason=None, reject_detail=None, measured_ms=60_000)
    )
    assert Counter(RATED=1) == done.by_state
    first, corrected = rows(ledger)
    assert (-5, 60_000, Decimal("0.06")) == (first["measured_ms"], corrected["measured_ms"], corrected["charge"])


def test_a_corrected_stop_takes_its_waiting_start(settings, ledger):
    """The START waited for a STOP that was rejected; the correction makes them a call."""
    start, stop = a_start(1, of=2), a_call(2, reject_reason="NEG_DURATION", measured_ms=-5)
    receive(settings, ledger, start, stop)
    assert {"id-1@1": "PENDING", "id-2@2": "REJECTED"} == current_states(ledger)
    corrections(settings, ledger).correct("id-2", lambda cdr: cdr._replace(reject_reason=None, measured_ms=60_000))
    assert {"id-1@1": "MERGED", "id-2@2": "RATED"} == current_states(ledger)


def test_rerating_replaces_what_costs_otherwise(settings, ledger):
    """A deck of twice the price: every rated row is replaced once; a second time nothing is."""
    receive(settings, ledger, a_call(1), a_call(2, answered_at=None, measured_ms=0), a_call(3, claimed_trunk_id="x"))
    corrector = corrections(settings, ledger, a_book("0.12"))
    assert Corrected(2, Counter(RATED=1)) == corrector.rerate(pc.field("period") == "2026-10")
    assert Corrected(2, Counter()) == corrector.rerate(pc.field("period") == "2026-10")
    assert [Decimal("0.122"), Decimal(0), None] == [row["charge"] for row in current(ledger)]


def test_rerating_touches_only_what_it_is_told(settings, ledger):
    """Another account, another period: not looked at."""
    receive(settings, ledger, a_call(1))
    corrector = corrections(settings, ledger, a_book("0.12"))
    assert 0 == corrector.rerate(pc.field("account_id") == "other").looked_at
    assert 1 == corrector.rerate(pc.field("account_id") == "acme").looked_at


def test_a_file_is_taken_back_and_loaded_again(settings, ledger):
    """Rolled back, its rows are reversed; loaded again, the ledger says what it said before."""
    content, book = event(1) + event(2) + b"garbage\n", a_book()
    drop(settings, "cdr.json", content)
    SpoolWorker(settings, ledger, lambda: book, Clock()).look(final=True)
    before = Counter(row["state"] for row in current(ledger))
    partition = rows(ledger)[0]["partition"]
    assert Counter(REJECTED=3) == corrections(settings, ledger).roll_back(partition).by_state
    assert {"ROLLED_BACK"} == {row["reject_reason"] for row in current(ledger)}
    done = settings.spool_path / "sbc1" / "done" / "cdr.json"
    done.rename(settings.spool_path / "sbc1" / "cdr.json")
    SpoolWorker(settings, ledger, lambda: book, Clock()).look(final=True)
    again = Counter(row["state"] for row in current(ledger) if row["reject_reason"] != "ROLLED_BACK")
    assert before == again == Counter(RATED=2, REJECTED=1)


def test_rolling_back_twice_changes_nothing(settings, ledger):
    """The rows are reversed already."""
    book = a_book()
    drop(settings, "cdr.json", event(1))
    SpoolWorker(settings, ledger, lambda: book, Clock()).look(final=True)
    partition = rows(ledger)[0]["partition"]
    corrections(settings, ledger).roll_back(partition)
    assert Counter() == corrections(settings, ledger).roll_back(partition).by_state


def test_a_worker_in_between_makes_the_correction_look_again(settings, ledger):
    """Somebody replaced rows of the partition first: computed anew from what is there now, and committed."""
    receive(settings, ledger, a_call(1, claimed_trunk_id="late"))
    corrector = corrections(settings, ledger, a_book(trunk_id="late"))
    handle, original, refused = ledger.another_handle(), corrector._ledger.append, []

    def another_first(table, marks):
        if not refused:
            handle.refresh()
            refused.append(handle.append(a_table(), {corrections_mark(number): 1 for number in range(2)}))
        return original(table, marks)

    corrector._ledger.append = another_first
    assert Counter(RATED=1) == corrector.replay().by_state
    assert 1 == len(refused)


def test_a_correction_keeps_its_book(settings, ledger):
    """The snapshot that the new rows name is on the shelf."""
    receive(settings, ledger, a_call(1))
    book = a_book("0.12")
    corrections(settings, ledger, book).rerate(pc.field("row_id").is_valid())
    assert book.hash in ledger.books().hashes()


def test_a_correction_leaves_a_conflict_as_it_is(settings, ledger):
    """Two contents of one key are one call: the kept record is corrected, and the call is billed once."""
    call = a_call(1)
    receive(settings, ledger, call)
    receive(settings, ledger, call._replace(offset=2, raw_sha256=b"\x07" * 32))
    found = corrections(settings, ledger).correct("id-1", lambda cdr: cdr._replace(measured_ms=120_000))
    assert (1, {"RATED": 1}) == (found.looked_at, dict(found.by_state))
    assert {("RATED", None), ("REJECTED", "KEY_CONFLICT")} == {
        (row["state"], row["reject_reason"]) for row in current(ledger)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("called=+442079460123", {"called": "+442079460123"}),
        ("measured_ms=61000", {"measured_ms": 61_000}),
        ("answered_at=2026-10-01T14:00:00+02:00", {"answered_at": NOON}),
        ("is_billed_leg=FALSE", {"is_billed_leg": False}),
        ("source_ip=", {"source_ip": None}),
    ],
)
def test_changes_are_read(text, expected):
    """Numbers, times with their zone, yes and no, texts; empty means unknown."""
    assert expected == changes_of([text])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("called", "Write field=value"),
        ("charge=0", "changes nothing"),
        ("cdr_id=x", "changes nothing"),
        ("measured_ms=61.5", "expected a whole number"),
        ("answered_at=2026-10-01T14:00:00", "expected a time with its zone"),
        ("is_billed_leg=maybe", "expected true or false"),
    ],
)
def test_changes_that_are_none(text, message):
    """What was found and what was expected."""
    with pytest.raises(BadChange, match=message):
        changes_of([text])


def test_who_a_record_is_cannot_be_corrected():
    """Its identity and its bytes stay."""
    assert not {"cdr_id", "raw", "raw_sha256", "partition", "offset"} & set(CORRECTABLE)


def test_events_of_the_feed_are_json():
    """The builder writes what an SBC would."""
    assert "leg-5" == json.loads(event(5))["leg_id"]
