"""Lanes: batches by size and age, in order, side by side, and a clean end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from faust.types import TP

from pipeline.stream.inflow import Inflow
from pipeline.stream.lanes import Lanes, Parcel

LEG = TP("cdr.leg", 0)
OTHER = TP("cdr.leg", 1)


def parcels(*numbers: int, rows: int = 1) -> list[Parcel[int]]:
    return [Parcel(number, rows, 10) for number in numbers]


class Recorder:
    """Remembers the batches that it was given."""

    def __init__(self, seconds: float = 0) -> None:
        self.batches: list[tuple[TP, list[int]]] = []
        self._seconds = seconds

    async def work(self, partition: TP, contents: Sequence[int]) -> None:
        await asyncio.sleep(self._seconds)
        self.batches.append((partition, list(contents)))


def ignore(_: BaseException) -> None:
    raise AssertionError("nothing should fail here")


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 10))


def test_a_batch_is_cut_at_its_rows() -> None:
    """Five messages of two rows make batches of at most four rows; the last one when the lane ends."""

    async def test() -> None:
        recorder = Recorder()
        lanes: Lanes[int] = Lanes(recorder.work, Inflow(), ignore, rows=4, seconds=60, at_once=2)
        lanes.put(LEG, parcels(1, 2, 3, 4, 5, rows=2))
        await asyncio.sleep(0.05)
        assert [(LEG, [1, 2]), (LEG, [3, 4])] == recorder.batches
        await lanes.end(drop=False)
        assert (LEG, [5]) == recorder.batches[-1]

    run(test)


def test_a_parcel_larger_than_a_batch_goes_alone() -> None:
    """A message is never cut: nine rows are one batch although four are asked for."""

    async def test() -> None:
        recorder = Recorder()
        lanes: Lanes[int] = Lanes(recorder.work, Inflow(), ignore, rows=4, seconds=60, at_once=2)
        lanes.put(LEG, [*parcels(1, rows=9), *parcels(2)])
        await lanes.end(drop=False)
        assert [(LEG, [1]), (LEG, [2])] == recorder.batches

    run(test)


def test_what_waits_goes_when_it_is_old_enough() -> None:
    """A single message does not wait for the next one: it goes after the flush time, not before."""

    async def test() -> None:
        recorder = Recorder()
        lanes: Lanes[int] = Lanes(recorder.work, Inflow(), ignore, rows=100, seconds=0.15, at_once=2)
        lanes.put(LEG, parcels(1))
        await asyncio.sleep(0.05)
        lanes.put(LEG, parcels(2))
        assert [] == recorder.batches
        await asyncio.sleep(0.2)
        assert [(LEG, [1, 2])] == recorder.batches
        await lanes.end(drop=True)

    run(test)


def test_partitions_do_not_wait_for_each_other() -> None:
    """A slow batch of one partition leaves the other one alone."""

    async def test() -> None:
        gate = asyncio.Event()
        done: list[TP] = []

        async def work(partition: TP, _: Sequence[int]) -> None:
            if partition == LEG:
                await gate.wait()
            done.append(partition)

        lanes: Lanes[int] = Lanes(work, Inflow(), ignore, rows=1, seconds=0, at_once=2)
        lanes.put(LEG, parcels(1))
        lanes.put(OTHER, parcels(2))
        await asyncio.sleep(0.05)
        assert [OTHER] == done
        gate.set()
        await lanes.end(drop=True)
        assert [OTHER, LEG] == done

    run(test)


def test_a_batch_is_made_up_when_its_turn_comes() -> None:
    """With one turn for two partitions, what comes while the second one waits goes with its first batch."""

    async def test() -> None:
        gate = asyncio.Event()
        done: list[tuple[TP, list[int]]] = []

        async def work(partition: TP, contents: Sequence[int]) -> None:
            await gate.wait()
            done.append((partition, list(contents)))

        lanes: Lanes[int] = Lanes(work, Inflow(), ignore, rows=4, seconds=0, at_once=1)
        lanes.put(LEG, parcels(1))
        lanes.put(OTHER, parcels(2))
        await asyncio.sleep(0)
        lanes.put(OTHER, parcels(3, 4))
        gate.set()
        await lanes.end(drop=False)
        assert [(LEG, [1]), (OTHER, [2, 3, 4])] == done

    run(test)


def test_what_is_dropped_before_its_turn_is_not_worked_on() -> None:
    """A revocation comes while one partition works and another one waits for it."""

    async def test() -> None:
        recorder, failures = Recorder(seconds=0.05), list[BaseException]()
        lanes: Lanes[int] = Lanes(recorder.work, Inflow(), failures.append, rows=1, seconds=0, at_once=1)
        lanes.put(LEG, parcels(1))
        lanes.put(OTHER, parcels(2))
        await asyncio.sleep(0)
        await lanes.end(drop=True)
        assert ([(LEG, [1])], []) == (recorder.batches, failures)

    run(test)


def test_dropping_waits_for_the_batch_in_work() -> None:
    """After a revocation the batch in work has ended and what waited is forgotten."""

    async def test() -> None:
        recorder = Recorder(seconds=0.1)
        inflow = Inflow()
        lanes: Lanes[int] = Lanes(recorder.work, inflow, ignore, rows=1, seconds=0, at_once=2)
        lanes.put(LEG, parcels(1, 2, 3))
        await asyncio.sleep(0.05)
        await lanes.end(drop=True)
        assert [(LEG, [1])] == recorder.batches
        assert 0 == inflow.bytes_in_hand

    run(test)


def test_a_failure_is_told_and_frees_its_bytes() -> None:
    """The reason reaches the worker, which stops; the lane does not go on."""

    async def test() -> None:
        failures: list[BaseException] = []
        inflow = Inflow()

        async def work(_: TP, contents: Sequence[int]) -> None:
            raise OSError(f"no space for {contents}")

        lanes: Lanes[int] = Lanes(work, inflow, failures.append, rows=1, seconds=0, at_once=2)
        lanes.put(LEG, parcels(1))
        await asyncio.sleep(0.05)
        assert ["no space for [1]"] == [str(failure) for failure in failures]
        assert 0 == inflow.bytes_in_hand

    run(test)


def test_no_fetch_begins_while_too_much_is_in_hand() -> None:
    """The bound is on bytes: it closes when they are reached and opens when they are done with."""

    async def test() -> None:
        inflow = Inflow(bytes_max=25)
        inflow.add(20)
        await asyncio.wait_for(inflow.room(), 1)
        inflow.add(10)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(inflow.room(), 0.05)
        inflow.add(-10)
        await asyncio.wait_for(inflow.room(), 1)

    run(test)
