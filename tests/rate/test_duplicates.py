"""Repeats of a record, and reports of one call under two keys."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.assembly import is_same_leg
from pipeline.rate.duplicates import find_repeats, keep_first, may_report_one_call
from pipeline.rate.identity import CALL_COLUMNS, Identifier, answer_days, has_key, identified
from pipeline.rate.sorted_hashes import content_half
from schemas.cdr import Direction, RecordType
from schemas.outcomes import RejectReason
from tests.rate.calls import NOON, a_call, a_start, batch

IDENTIFIER = Identifier()
NOTHING_KNOWN = np.array([-1, -1])


def identities(*cdrs):
    return identified(IDENTIFIER, batch(*cdrs))


def content_of(cdr) -> int:
    return int(content_half(identities(cdr).column("content").to_numpy())[0])


def test_two_records_are_two_records():
    """Different keys are never repeats, whatever they hold."""
    repeats = find_repeats(identities(a_call(1), a_call(2)), NOTHING_KNOWN)
    assert [False, False] == (repeats.same_content | repeats.other_content).tolist()


def test_the_second_of_one_key_and_content_repeats():
    """The first stays."""
    call = a_call(1)
    repeats = find_repeats(identities(call, call._replace(offset=2)), NOTHING_KNOWN)
    assert ([False, True], [False, False]) == (repeats.same_content.tolist(), repeats.other_content.tolist())


def test_the_second_of_one_key_with_other_content_conflicts():
    """R11: never a duplicate."""
    call = a_call(1)
    repeats = find_repeats(identities(call, call._replace(raw_sha256=b"\x07" * 32)), NOTHING_KNOWN)
    assert ([False, False], [False, True]) == (repeats.same_content.tolist(), repeats.other_content.tolist())


def test_a_record_of_the_ledger_came_first():
    """The key is known with this content, or with another one."""
    call = a_call(1)
    same = find_repeats(identities(call), np.array([content_of(call)]))
    other = find_repeats(identities(call), np.array([content_of(a_call(2))]))
    assert ([True], [False]) == (same.same_content.tolist(), same.other_content.tolist())
    assert ([False], [True]) == (other.same_content.tolist(), other.other_content.tolist())


@pytest.mark.parametrize(
    ("changes", "is_one_call"),
    [
        ({"source_node": "node2"}, True),
        ({"source": "sbc2"}, True),
        ({"source_node": "node2", "started_at": NOON + timedelta(milliseconds=1_999)}, True),
        ({"source_node": "node2", "started_at": NOON + timedelta(milliseconds=2_000)}, False),
        ({"source_node": "node2", "started_at": NOON - timedelta(milliseconds=1_999)}, True),
        ({"source_node": "node2", "started_at": None}, False),
        ({"source_node": "node2", "route_attempt": 2}, False),
        ({"source_node": "node2", "route_attempt": None}, True),
        ({"source_node": "node2", "route_attempt": None, "answered_at": None}, False),
        ({"source_node": "node2", "is_billed_leg": False}, False),
        ({"source_node": "node2", "direction": Direction.INBOUND}, False),
        ({"source_node": "node2", "direction": None}, True),
        ({"source_node": "node2", "record_type": RecordType.ATTEMPT}, False),
        ({"source_node": "node2", "call_group_id": "another"}, False),
        ({"leg_id": "another"}, False),
        ({"leg_id": "leg-1", "record_seq": None}, True),
        ({"leg_id": "leg-1", "record_seq": 8}, False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_another_report_of_a_leg(changes, is_one_call):
    """R12: the same role in the same call, set up within two seconds, from another node or in another export."""
    first = a_call(1, record_seq=7, route_attempt=1)
    later = a_call(2, **({"call_group_id": "call-1", "route_attempt": 1} | changes))
    found = identities(first, later).select(CALL_COLUMNS)
    assert ([(1, 0)] if is_one_call else []) == IDENTIFIER.same_calls(found.slice(0, 0), found)


def test_pairs_are_sought_for_arrivals_only():
    """Two records of the ledger are not compared again."""
    first, second = a_call(1), a_call(2, call_group_id="call-1", source_node="node2")
    found = identities(first, second).select(CALL_COLUMNS)
    assert [] == IDENTIFIER.same_calls(found, found.slice(0, 0))
    assert [(1, 0)] == IDENTIFIER.same_calls(found.slice(0, 1), found.slice(1))


def test_suspects_are_the_records_of_calls_with_several():
    """A call of one record, here and earlier, is not looked at more closely."""
    found = identities(a_call(1), a_call(2), a_call(3, call_group_id="call-2"))
    assert [False, True, True] == may_report_one_call(found, found.slice(0, 0)).tolist()
    assert [True, False] == may_report_one_call(identities(a_call(1), a_call(9)), found).tolist()


@pytest.mark.parametrize(
    ("pairs", "kept"),
    [
        ([], {}),
        ([(1, 0)], {1: 0}),
        ([(1, 0), (2, 0), (2, 1)], {1: 0, 2: 0}),
        ([(1, 0), (2, 1)], {1: 0}),
    ],
)
def test_the_first_report_stays_the_leg(pairs, kept):
    """A duplicate is never named as the original of another one."""
    assert kept == keep_first(pairs)


def test_a_start_and_its_stop_are_one_chain_and_two_groups():
    """Parts of a leg meet by chain; reports of the same part by group."""
    found = identities(a_start(1, of=2), a_call(2))
    chains, groups, stops = (found.column(name).to_pylist() for name in ("chain", "group", "stop_group"))
    assert chains[0] == chains[1]
    assert groups[0] != groups[1] == stops[0] == stops[1]


def test_a_record_without_a_leg_is_a_leg_of_its_own():
    """Two STOPs of one call that name no leg do not become one."""
    found = identities(a_call(1, leg_id=None), a_call(2, leg_id=None, call_group_id="call-1"))
    assert 2 == len(set(found.column("chain").to_pylist()))


@pytest.mark.parametrize(
    ("reason", "key", "sound"),
    [
        (None, True, True),
        (RejectReason.BAD_FIELD, False, False),
        (RejectReason.TRUNCATED, False, False),
        (RejectReason.NEG_DURATION, True, False),
        (RejectReason.UNKNOWN_TRUNK, True, True),
        (RejectReason.NO_STOP, True, True),
        (RejectReason.ROLLED_BACK, True, False),
    ],
)
def test_what_can_be_believed_of_a_rejected_record(reason, key, sound):
    """Unreadable bytes have no key; what mediation stopped is not compared with other reports; the rest is."""
    record = a_call(1, reject_reason=reason)
    assert [key] == has_key(batch(record)).to_pylist()
    assert [sound] == identities(record).column("sound").to_pylist()


def test_a_record_is_filed_by_its_answer():
    """Else by its start, else by its receipt."""
    night = NOON.replace(hour=23, minute=59, second=58)
    cdrs = (
        a_call(1, started_at=night, answered_at=night + timedelta(seconds=5)),
        a_call(2, started_at=night, answered_at=None),
        a_call(3, started_at=None, answered_at=None, received_at=NOON + timedelta(days=3)),
    )
    assert ["2026-10-02", "2026-10-01", "2026-10-04"] == [str(day) for day in answer_days(batch(*cdrs)).to_pylist()]


REPORTS = st.fixed_dictionaries(
    {
        "source_node": st.sampled_from(["node1", "node2"]),
        "leg_id": st.sampled_from(["leg-1", "leg-2", None]),
        "record_seq": st.sampled_from([None, 7, 8]),
        "route_attempt": st.sampled_from([None, 1, 2]),
        "direction": st.sampled_from([None, Direction.OUTBOUND, Direction.INBOUND]),
        "record_type": st.sampled_from([RecordType.STOP, RecordType.ATTEMPT, RecordType.START]),
        "is_billed_leg": st.booleans(),
        "started_at": st.sampled_from([None, NOON, NOON + timedelta(milliseconds=1_999), NOON + timedelta(seconds=2)]),
        "answered_at": st.sampled_from([None, NOON + timedelta(seconds=5)]),
    }
)


@settings(max_examples=500, deadline=None)
@given(REPORTS, REPORTS)
def test_both_readings_of_the_rule_agree(one, two):
    """The specification on two records, and the query on their identities."""
    first, later = a_call(1, **one), a_call(2, call_group_id="call-1", **two)
    found = identities(first, later).select(CALL_COLUMNS)
    assert ([(1, 0)] if is_same_leg(later, first) else []) == IDENTIFIER.same_calls(found.slice(0, 0), found)
