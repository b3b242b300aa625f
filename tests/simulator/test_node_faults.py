"""Faults of nodes and files: gaps in numbers, restarts, foreign lines, wrong trailers, calls beyond a limit."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.simulator.calls import draw_calls
from pipeline.simulator.faults import Faulty, TooFewRecords, inject
from pipeline.simulator.injection import AGAIN, FURTHER
from pipeline.simulator.records import FOREIGN, INTERIM, RESTART, START, Records, records_of
from pipeline.simulator.run import blocks, values_of
from pipeline.simulator.texts import HOUR_MS
from pipeline.simulator.world import World
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import a_node, a_world, bytes_of, written_run

NODES = [a_node(name) for name in ("oracle_csv", "radius_text", "fixed_width", "kamailio_acc")]
CALLS = 3_000


@pytest.fixture(scope="module")
def world() -> World:
    """3,000 calls of one day on four nodes."""
    return a_world("day", sbcs=NODES, calls=CALLS, days=1, rates={})


def _records(world: World) -> Records:
    return records_of(draw_calls(world, 0, world.profile.calls), world, world.generator(0, 1))


def _faulty(world: World, **counts: int) -> Faulty:
    return inject(_records(world), world, counts, world.generator(0, 2))


def _of(faulty: Faulty, fault: str) -> Records:
    return faulty.records.take(faulty.records.fault == list(faulty.counts).index(fault))


def test_nodes_number_their_records_in_the_order_of_writing(world: World):
    """1, 2, 3, ... for each, whatever arrives late; a record that is sent again has the number of the first one."""
    records = _faulty(world, F1=20, F4=100, F7_DAY=5).records
    for node in range(len(NODES)):
        first = records.take((records.sbc == node) & (records.copy == 0))
        assert list(range(1, len(first.call) + 1)) == sorted(first.sequence.tolist())
        assert (np.diff(first.written[np.argsort(first.sequence)]) >= 0).all()
    again = records.take(records.copy == AGAIN)
    numbers = {(call, node): number for call, node, number, copy in zip(
        *(column.tolist() for column in (records.call, records.sbc, records.sequence, records.copy)), strict=True)
        if not copy}  # fmt: skip
    assert [numbers[call, node] for call, node in zip(again.call.tolist(), again.sbc.tolist(), strict=True)] == (
        again.sequence.tolist()
    )


def test_a_gap_is_a_range_of_numbers_that_never_arrive(world: World):
    """Five gaps of 1 to 20 numbers on nodes that number their records; sound records stand on both sides."""
    faulty = _faulty(world, F8=5)
    lost = set(zip(faulty.lost.sbc.tolist(), faulty.lost.sequence.tolist(), strict=True))
    begins = [(node, number) for node, number in lost if (node, number - 1) not in lost]
    assert 5 == len(begins)
    assert {NODES[node].format for node, _ in lost} <= {"oracle_csv", "fixed_width"}
    there = set(zip(faulty.records.sbc.tolist(), faulty.records.sequence.tolist(), strict=True))
    assert not lost & there
    for node, number in begins:
        length = next(length for length in range(1, 30) if (node, number + length) not in lost)
        assert length <= 20
        assert {(node, number - 1), (node, number + length)} <= there
    assert CALLS == len(set(faulty.records.call.tolist()) | set(faulty.lost.call.tolist()))


def test_a_gap_that_closes_comes_a_day_late(world: World):
    """No number is missing in the end."""
    faulty = _faulty(world, F8_CLOSED=3)
    late = _of(faulty, "F8_CLOSED")
    assert 0 == len(faulty.lost.call)
    assert {86_400_000} == set((late.arrival - late.written).tolist())


def test_a_restart_cuts_off_calls_whose_start_was_told(world: World):
    """Off, and 20 s later On; up to five calls have a START, an INTERIM for each quarter of an hour before, no STOP."""
    faulty = _faulty(world, F27=2)
    told = _of(faulty, "F27")
    lines = told.take(told.record_type == RESTART)
    assert [0, 1, 0, 1] == lines.part.tolist()
    assert set(lines.sbc.tolist()) == set(told.sbc.tolist())
    assert {"oracle_csv", "radius_text"} >= {NODES[node].format for node in told.sbc.tolist()}
    assert {20_000} == set(np.diff(lines.arrival)[::2].tolist())
    cut = told.take(told.record_type == START)
    assert 2 <= len(cut.call) <= 10
    for at in range(len(cut.call)):
        down = lines.arrival[0] if cut.answer[at] < lines.arrival[0] < cut.release[at] else lines.arrival[2]
        mine = told.take((told.call == cut.call[at]) & (told.record_type == INTERIM))
        assert (down - cut.answer[at]) // 900_000 == len(mine.call)
        assert (mine.copy == FURTHER).all()
    calls = faulty.records.take(np.isin(faulty.records.call, cut.call))
    assert {START, INTERIM, RESTART} >= set(calls.record_type.tolist())


def test_foreign_lines_stand_among_the_records(world: World):
    """Four of them, on the node whose format knows such lines, and as many records as before."""
    faulty = _faulty(world, F19=4)
    foreign = _of(faulty, "F19")
    assert [FOREIGN] * 4 == foreign.record_type.tolist()
    assert {"kamailio_acc"} == {NODES[node].format for node in foreign.sbc.tolist()}
    values = values_of(foreign, world, NODES[3], tuple(faulty.counts))
    assert {WRITERS["kamailio_acc"].foreign} == set(values)
    assert len(_records(world).call) + 4 == len(faulty.records.call)


def test_a_wrong_trailer_is_about_its_whole_file(world: World):
    """Two hours of arrival of the node with trailers; no other record has the fault."""
    bad = _of(_faulty(world, F20=2), "F20")
    assert {2} == set(bad.sbc.tolist())
    hours = set((bad.arrival // HOUR_MS).tolist())
    assert 2 == len(hours)
    all_records = _records(world)
    mine = (all_records.sbc == 2) & np.isin(all_records.arrival // HOUR_MS, list(hours))
    assert mine.sum() == len(bad.call)


def test_trailers_tell_what_their_files_hold(tmp_path: Path):
    """HDR, records, TRL with their number and seconds; the one of fault F20 tells a record more."""
    truth = written_run(a_world("day", sbcs=[NODES[2]], calls=400, days=1, rates={"F20": 0}, seed=2), tmp_path)
    wrong = {row["file"] for row in truth.to_pylist() if row["reason"] == "FILE_TOTALS"}
    assert 1 == len(wrong)
    for name, content in bytes_of(tmp_path / "spool").items():
        header, *records, trailer = content.splitlines()
        assert (header[:3], trailer[:3]) == (b"HDR", b"TRL")
        seconds = sum(int(record[44:50]) for record in records)
        assert [len(records) + (name in wrong), seconds] == [int(trailer[3:12]), int(trailer[12:24])]


def test_calls_beyond_a_limit_find_all_channels_in_use(world: World):
    """At the answer of each of them as many other calls of its trunk are in progress as it has channels."""
    faulty = _faulty(world, F13=4)
    over = _of(faulty, "F13").take(_of(faulty, "F13").copy == AGAIN)
    assert 4 == len(over.call)
    records = faulty.records.take(faulty.records.answered & faulty.records.billed)
    for at in range(4):
        busy = (
            (records.answer <= over.answer[at])
            & (records.release > over.answer[at])
            & (records.trunk == over.trunk[at])
        )
        others = set(records.call[busy].tolist()) - {int(over.call[at])}
        assert len(others) >= int(world.limits(int(over.trunk[at]), over.answer[at : at + 1])[0])


@pytest.mark.parametrize("fault", ["F8", "F13", "F20", "F27"])
def test_what_does_not_fit_is_told(fault: str):
    """A run of three calls has no room for any of them."""
    world = a_world("day", sbcs=NODES, calls=3, days=1, rates={})
    with pytest.raises(TooFewRecords, match=f"with fault {fault} are wanted"):
        _faulty(world, **{fault: 50})


def test_a_record_of_more_than_64_kib_has_one_byte_more(world: World):
    """65,537 bytes, the shortest that is too long, in every format."""
    for sbc in NODES:
        small = a_world("day", sbcs=[sbc], calls=40, days=1, rates={"F26_BYTES": 1 / 20})
        (block,) = blocks(small)
        lengths = [len(value) for value in values_of(block.records, small, sbc, block.faults)]
        assert round(block.before_faults / 20) == sum(length == 65_537 for length in lengths)
