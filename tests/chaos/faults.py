"""What goes wrong and when: a plan that follows from a seed, and the hands that carry it out."""

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from tests.kafka_broker import KafkaBroker
from tests.stream.workers import PATIENCE_SECONDS, WorkerProcess

FREEZE_SECONDS = 9.0
"""Longer than the six seconds of a session: the group gives the partitions away."""
RESTART_SECONDS = 1.0


class Fault(StrEnum):
    """One thing that happens to a worker or the broker."""

    KILL = "kill -9"
    FREEZE = "freeze"
    BROKER = "broker restart"
    TERMINATE = "SIGTERM"


class Planned(NamedTuple):
    """A fault at a second of the run; `worker` is which of them, where it is one."""

    second: float
    fault: Fault
    worker: int


def plan(seed: int, duration: float, workers: int) -> list[Planned]:
    """Faults from the third second on, about one every five, each kind as often as any other."""
    dice = random.Random(seed)  # noqa: S311 - the plan must follow from the seed
    kinds: list[Fault] = []
    found = []
    second = 3.0
    while second < duration:
        if not kinds:
            kinds = [*Fault]
            dice.shuffle(kinds)
        found.append(Planned(round(second, 1), kinds.pop(), dice.randrange(workers)))
        second += dice.uniform(3, 7)
    return found


class Crew:
    """The workers, restarted by a supervisor whenever one has ended, as an operator's would."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._workers = [self._start(number) for number in range(count)]
        self._thaw_at: dict[int, float] = {}
        self.faults: Counter[str] = Counter()
        self.ended_by_themselves = 0

    def _start(self, number: int) -> WorkerProcess:
        return WorkerProcess(self._folder, name=f"worker-{number}")

    def carry_out(self, planned: Planned, broker: KafkaBroker | None) -> None:
        """Let a fault happen."""
        if planned.fault is Fault.BROKER and broker is None:
            return
        self.faults[planned.fault] += 1
        worker = self._workers[planned.worker]
        if planned.fault is Fault.KILL:
            worker.send_signal(signal.SIGKILL)
            worker.process.wait()
            self._workers[planned.worker] = self._start(planned.worker)
        elif planned.fault is Fault.TERMINATE:
            worker.send_signal(signal.SIGTERM)
        elif planned.fault is Fault.FREEZE:
            worker.send_signal(signal.SIGSTOP)
            self._thaw_at[planned.worker] = time.monotonic() + FREEZE_SECONDS
        elif broker is not None:
            broker.kill()
            time.sleep(RESTART_SECONDS)
            broker.start(wait=False)

    def look_after(self) -> None:
        """Wake those whose freeze is over, and start again those that ended."""
        for number, at in list(self._thaw_at.items()):
            if time.monotonic() >= at:
                self.thaw(number)
        for number, worker in enumerate(self._workers):
            if worker.process.poll() is not None:
                self.ended_by_themselves += worker.process.returncode == 3
                self._workers[number] = self._start(number)

    def thaw(self, number: int) -> None:
        """Let a frozen worker go on."""
        self._thaw_at.pop(number, None)
        self._workers[number].send_signal(signal.SIGCONT)

    def end(self) -> None:
        """SIGTERM for all; those that do not end are killed."""
        for number, worker in enumerate(self._workers):
            self.thaw(number)
            worker.send_signal(signal.SIGTERM)
        for worker in self._workers:
            worker.end(PATIENCE_SECONDS)

    def kill(self) -> None:
        """Leave none behind."""
        for worker in self._workers:
            worker.__exit__()

    def logs(self) -> Iterator[str]:
        """What the workers printed."""
        for number in range(len(self._workers)):
            yield (self._folder / f"worker-{number}.log").read_text(errors="replace")
