"""Joining the records of one leg: what each of them becomes, and which rows it changes."""

from datetime import timedelta

import pytest

from pipeline.rate.legs import Leg, Part, Replacement, Row, assemble, change_stop, merge_into
from schemas.cdr import RecordType
from schemas.outcomes import RejectReason, State
from tests.rate.calls import NOON, a_call, a_start, an_interim

LATER = NOON + timedelta(hours=10)
PENDING = Row("raw:1:0:0", 0, State.PENDING)


def in_hand(cdr, position: int) -> Part:
    return Part(cdr, position)


def in_ledger(cdr, offset: int = 1, version: int = 0, state: State = State.PENDING) -> Part:
    return Part(cdr, row=Row(f"raw:{offset}:0:{version}", version, state))


def test_a_start_alone_waits():
    """Nothing is known of the end."""
    part = in_hand(a_start(1, of=2), 0)
    assert Leg(pending=[0], waiting=[part]) == assemble([part], None)


def test_a_stop_in_hand_carries_the_leg():
    """The START in the same batch is merged into it, and the STOP, which knew all of the call, stays as it is."""
    leg = assemble([in_hand(a_start(1, of=2), 4), in_hand(a_call(2), 5)], None)
    assert ([4], "id-2", None, []) == (leg.merged, leg.merged_into, leg.carried, leg.waiting)


def test_a_row_that_waited_is_replaced():
    """The START of an earlier batch becomes MERGED."""
    start = a_start(1, of=2)
    leg = assemble([in_ledger(start), in_hand(a_call(2), 0)], None)
    assert [Replacement(PENDING, start, State.MERGED, "id-2")] == leg.replacements


def test_an_end_with_its_start_is_the_call():
    """The END carries the leg; what the START knows is on it: 61 s from the answer to the release."""
    end = a_call(2, record_type=RecordType.END, answered_at=None, measured_ms=None, called=None)
    leg = assemble([in_hand(a_start(1, of=2), 0), in_hand(end, 1)], None)
    position, joined = leg.carried
    assert (1, RecordType.STOP, 61_000, "+493023125000") == (
        position, joined.record_type, joined.measured_ms, joined.called,
    )  # fmt: skip


def test_an_end_that_waited_is_replaced_by_the_call():
    """The START came last: the row of the END takes the joined call, and rating decides its state."""
    end = a_call(2, record_type=RecordType.END, answered_at=None, measured_ms=None)
    leg = assemble([in_ledger(end, 2), in_hand(a_start(3, of=2), 0)], None)
    (replacement,) = leg.replacements
    assert ("raw:2:0:0", None, 61_000) == (replacement.row.row_id, replacement.state, replacement.cdr.measured_ms)
    assert [0] == leg.merged


def test_a_late_part_of_a_finished_call_changes_nothing_but_itself():
    """Its STOP is in the ledger."""
    late = in_hand(a_start(3, of=2), 7)
    assert Leg(merged=[7], merged_into="id-2", replacements=[]) == merge_into([late], "id-2")


def test_late_and_waiting_parts_merge_together():
    """A part that waited is replaced, one in hand is merged."""
    waiting, late = in_ledger(an_interim(1, of=2)), in_hand(a_start(3, of=2), 7)
    leg = merge_into([waiting, late], "id-2")
    assert ([7], [Replacement(PENDING, waiting.cdr, State.MERGED, "id-2")]) == (leg.merged, leg.replacements)


def test_a_call_that_nobody_ended_is_given_up():
    """The START carries the suspension, the INTERIM is merged into it; both may still be taken by a late STOP."""
    start, interim = in_ledger(a_start(1, of=9)), in_ledger(an_interim(2, of=9, reported_ms=30_000), 2)
    leg = assemble([start, interim], LATER)
    merged, suspended = leg.replacements
    assert ("raw:2:0:0", State.MERGED, "id-1") == (merged.row.row_id, merged.state, merged.merged_into)
    assert (RejectReason.NO_STOP, 30_000) == (suspended.cdr.reject_reason, suspended.cdr.provable_ms)
    assert [Row("raw:1:0:1", 1, State.REJECTED), Row("raw:2:0:1", 1, State.MERGED)] == [
        part.row for part in leg.waiting
    ]


def test_an_interim_without_start_is_an_orphan():
    """R25: the last proof carries it."""
    leg = assemble([in_ledger(an_interim(1, of=9, reported_ms=30_000))], LATER)
    assert [RejectReason.ORPHAN_INTERIM] == [replacement.cdr.reject_reason for replacement in leg.replacements]


def test_an_open_call_is_not_given_up_early():
    """Before its time it stays open."""
    leg = assemble([in_ledger(a_start(1, of=9))], NOON + timedelta(hours=1))
    assert ((), ()) == (leg.replacements, leg.merged)


def test_a_late_stop_takes_a_suspended_leg():
    """The suspended START becomes MERGED; the interim, merged already, and the STOP in hand stay as they are."""
    start = in_ledger(a_start(1, of=9), version=1, state=State.REJECTED)
    interim = in_ledger(an_interim(2, of=9), 2, 1, State.MERGED)
    leg = assemble([start, interim, in_hand(a_call(9), 0)], None)
    assert ["raw:1:0:1"] == [replacement.row.row_id for replacement in leg.replacements]
    assert leg.carried is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"duration_basis": "part"}, True), ({"fax": "t38"}, True), ({"duration_basis": "answer"}, False),
        ({"fax": "none"}, False), ({}, False),
    ],
)  # fmt: skip
def test_only_deltas_and_faxes_change_a_finished_call(told, expected):
    """Cumulative parts say nothing that the STOP does not know (R22); a fax in the middle is news (R43)."""
    assert expected is change_stop([in_hand(an_interim(1, of=2, **told), 0)])
