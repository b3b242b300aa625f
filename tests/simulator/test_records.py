"""From calls to the records that nodes write of them."""

import numpy as np
import pytest

from pipeline.simulator.calls import FORWARD, INBOUND, Calls, draw_calls
from pipeline.simulator.records import ATTEMPT, INTERIM, INTERIM_MS, START, STOP, Records, records_of
from pipeline.simulator.spool import line_numbers
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import a_world

CALLS = 8_000


@pytest.fixture(scope="module")
def run() -> tuple[Calls, Records]:
    """8,000 calls and their records."""
    world = a_world("day", calls=CALLS, days=1)
    calls = draw_calls(world, 0, CALLS)
    return calls, records_of(calls, world, world.generator(0, 1))


def test_every_call_has_one_main_record(run: tuple[Calls, Records]):
    """A STOP of its only or first leg, with its own times."""
    calls, records = run
    main = records.take((records.leg == 0) & (records.record_type == STOP))
    main = main.take(np.argsort(main.call))
    assert np.array_equal(calls.number, main.call)
    for mine, its in ((main.start, calls.start), (main.answer, calls.answer), (main.release, calls.release)):
        assert np.array_equal(mine, its)


def test_a_call_route_has_a_forwarded_leg_that_answers_last(run: tuple[Calls, Records]):
    """As many as answered routed calls; within 6 s of the DID leg, ending with it, to a number of the deck."""
    calls, records = run
    forwarded = records.take(records.direction == FORWARD)
    assert (calls.routed & calls.answered).sum() == len(forwarded.call)
    behind = forwarded.answer - calls.answer[forwarded.call]
    assert 0 <= behind.min() <= behind.max() < 6_000
    assert np.array_equal(calls.release[forwarded.call], forwarded.release)
    assert (calls.direction[forwarded.call] == INBOUND).all()
    assert (forwarded.start <= forwarded.answer).all()
    assert (behind == 0).mean() > 0.5


def test_attempts_cost_nothing_and_come_first(run: tuple[Calls, Records]):
    """Unanswered, not billed, over before the call is answered."""
    calls, records = run
    attempts = records.take(records.record_type == ATTEMPT)
    assert len(attempts.call) > 100
    assert not attempts.billed.any()
    assert not attempts.answered.any()
    assert (attempts.release <= calls.answer[attempts.call]).all()
    assert {1, 2} == set(attempts.part.tolist())


def test_a_started_call_is_heard_of_every_quarter_of_an_hour(run: tuple[Calls, Records]):
    """As many INTERIMs as the call has full quarters; each tells how long it has lasted."""
    _, records = run
    started = records.take(records.record_type == START)
    assert len(started.call) > 30
    interims = records.take(records.record_type == INTERIM)
    expected = (started.release - started.answer) // INTERIM_MS
    found = [int((interims.call == call).sum()) for call in started.call]
    assert expected.tolist() == found
    assert np.array_equal(interims.reported, interims.part * INTERIM_MS)


def test_records_arrive_after_what_they_tell(run: tuple[Calls, Records]):
    """A STOP behind its release, a START behind its answer; all in the order of arrival."""
    _, records = run
    stops, starts = (records.take(records.record_type == kind) for kind in (STOP, START))
    assert (stops.arrival > stops.release).all()
    assert (starts.arrival > starts.answer).all()
    assert (np.diff(records.arrival) >= 0).all()


def test_only_native_nodes_tell_more_than_the_call(run: tuple[Calls, Records]):
    """Parts, attempts and forwarded legs are those of the first of the three nodes."""
    _, records = run
    more = (records.record_type != STOP) | (records.direction == FORWARD)
    assert {0} == set(records.sbc[more].tolist())
    assert {0, 1, 2} == set(records.sbc[~more].tolist())


def test_records_are_taken_and_joined_whole(run: tuple[Calls, Records]):
    """All columns keep one length."""
    _, records = run
    some = records.take(np.array([5, 3])).joined(records.take(np.array([1])))
    assert {3} == {len(column) for column in some}
    assert [records.call[5], records.call[3], records.call[1]] == some.call.tolist()
    assert (np.diff(some.sorted_by_arrival().arrival) >= 0).all()


def test_lines_are_numbered_as_framing_numbers_them():
    """From 1; a RADIUS packet of thirteen lines and a blank one ends at lines 13, 27, 41."""
    packet = b"\n".join([b"a = b"] * 13)
    assert [1, 2, 3] == line_numbers([b"{}"] * 3, 0, WRITERS["native_json"])
    assert [4, 5] == line_numbers([b"{}"] * 2, 3, WRITERS["native_json"])
    assert [13, 27, 41] == line_numbers([packet] * 3, 0, WRITERS["radius_text"])
    assert [55] == line_numbers([packet], 42, WRITERS["radius_text"])
