"""Lanes: what was fetched of a partition waits for its turn, in order, and one batch at a time is worked on.

Batches of different partitions are worked on side by side, as many as there are turns. A batch is made up when its turn
comes, so that the batches of a stage that is behind grow, and each of them costs less.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from faust.types import TP

from pipeline.stream.inflow import Inflow

Content = TypeVar("Content")


class Parcel(NamedTuple, Generic[Content]):
    """A part of a fetch that is not cut further."""

    content: Content
    rows: int
    bytes_held: int


Work = Callable[[TP, Sequence[Content]], Awaitable[None]]


class Lane(Generic[Content]):
    """The way of one partition: waits until a batch is large or old enough, then works on it."""

    def __init__(
        self,
        work: Callable[[Sequence[Content]], Awaitable[None]],
        inflow: Inflow,
        turns: asyncio.Semaphore,
        rows: int,
        seconds: float,
    ) -> None:
        self._work = work
        self._inflow = inflow
        self._turns = turns
        self._rows = rows
        self._seconds = seconds
        self._waiting: deque[tuple[float, Parcel[Content]]] = deque()
        """With the time of arrival, by the clock of the event loop."""
        self._rows_waiting = 0
        self._is_closing = False
        self._changed = asyncio.Event()

    def put(self, parcels: Iterable[Parcel[Content]]) -> None:
        """Take what was fetched, in order."""
        now = asyncio.get_running_loop().time()
        for parcel in parcels:
            self._waiting.append((now, parcel))
            self._rows_waiting += parcel.rows
            self._inflow.add(parcel.bytes_held)
        self._changed.set()

    async def run(self) -> None:
        """Work until closed and empty. What `work` raises ends it."""
        while await self._is_due():
            async with self._turns:
                # What waited for its turn may have been dropped meanwhile.
                if self._waiting:
                    await self._work_on(self._next_batch())

    async def _work_on(self, batch: Sequence[Parcel[Content]]) -> None:
        try:
            await self._work([parcel.content for parcel in batch])
        finally:
            self._inflow.add(-sum(parcel.bytes_held for parcel in batch))

    def close(self, *, drop: bool) -> None:
        """End after the batch in work; first work on what still waits, unless it is dropped."""
        if drop:
            self._inflow.add(-sum(parcel.bytes_held for _, parcel in self._waiting))
            self._waiting.clear()
            self._rows_waiting = 0
        self._is_closing = True
        self._changed.set()

    async def _is_due(self) -> bool:
        loop = asyncio.get_running_loop()
        while not self._is_closing and self._rows_waiting < self._rows:
            self._changed.clear()
            left = self._waiting[0][0] + self._seconds - loop.time() if self._waiting else None
            if left is not None and left <= 0:
                return True
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return True
        return bool(self._waiting)

    def _next_batch(self) -> list[Parcel[Content]]:
        batch = [self._waiting.popleft()[1]]
        rows = batch[0].rows
        while self._waiting and rows + self._waiting[0][1].rows <= self._rows:
            batch.append(self._waiting.popleft()[1])
            rows += batch[-1].rows
        self._rows_waiting -= rows
        return batch


class Lanes(Generic[Content]):
    """The lanes of all partitions that one stage of this worker has."""

    def __init__(self, work: Work[Content], inflow: Inflow, on_failure: Callable[[BaseException], None],
                 *, rows: int, seconds: float, at_once: int) -> None:  # fmt: skip
        self._work = work
        self._inflow = inflow
        self._turns = asyncio.Semaphore(at_once)
        self._on_failure = on_failure
        self._rows = rows
        self._seconds = seconds
        self._lanes: dict[TP, Lane[Content]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, partition: TP, parcels: Iterable[Parcel[Content]]) -> None:
        """Send what was fetched on its way."""
        if partition not in self._lanes:
            work = partial(self._work, partition)
            lane: Lane[Content] = Lane(work, self._inflow, self._turns, self._rows, self._seconds)
            self._lanes[partition] = lane
            self._start(lane.run())
        self._lanes[partition].put(parcels)

    async def end(self, *, drop: bool) -> None:
        """Close all lanes and wait for the batches in work; with `drop`, forget what waits."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            lane.close(drop=drop)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, run: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(run)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._on_failure(error)
