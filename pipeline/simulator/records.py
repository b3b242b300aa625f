"""From calls to legs to the records that nodes write of them, before any fault."""

from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from pipeline.simulator import outcomes
from pipeline.simulator.calls import FORWARD, Calls, Mask
from pipeline.simulator.parties import Positions
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from schemas.cdr import RecordType

MAIN_LEG, FORWARD_LEG, FIRST_ATTEMPT = 0, 1, 2
STOP, START, INTERIM, ATTEMPT = range(4)
RECORD_TYPES = (RecordType.STOP, RecordType.START, RecordType.INTERIM, RecordType.ATTEMPT)
INTERIM_MS = 900_000
_STARTED_SHARE = 0.03
"""Answered calls of native nodes whose START is reported too, and an INTERIM every 15 minutes."""
_HUNTED_SHARE = 0.05
_ANNOUNCED_SHARE = 0.4
"""Routed calls that hear an announcement before the final leg answers."""


class Records(NamedTuple):
    """Records of nodes; all arrays have one length. A leg is a call and the number of the leg in it."""

    call: Positions
    leg: Positions
    record_type: Positions
    part: Positions
    """Number of an INTERIM or ATTEMPT, from 1."""
    sbc: Positions
    trunk: Positions
    direction: Positions
    billed: Mask
    calling: Positions
    called: Positions
    asserted: Positions
    start: Millis
    answer: Millis
    release: Millis
    reported: Millis
    """Duration from the answer, as the node counts it; of an INTERIM, up to it."""
    outcome: Positions
    releaser: Positions
    codec: Positions
    secure: Mask
    mos: Positions
    arrival: Millis
    fault: Positions
    """Position in the list of faults of the run; -1 for none."""
    copy: Positions
    """0 for a record itself, 1 for one that a fault added."""

    @property
    def answered(self) -> Mask:
        """Whether the leg was answered."""
        answered: Mask = self.outcome == outcomes.ANSWERED
        return answered

    def take(self, at: npt.NDArray[np.integer] | Mask) -> Self:
        """The records at these positions."""
        columns: list[Any] = [column[at] for column in self]
        return type(self)(*columns)

    def joined(self, *others: "Records") -> Self:
        """These records and then the others."""
        columns: list[Any] = [np.concatenate(parts) for parts in zip(self, *others, strict=True)]
        return type(self)(*columns)

    def sorted_by_arrival(self) -> Self:
        """In the order in which they arrive."""
        return self.take(np.argsort(self.arrival, kind="stable"))


def records_of(calls: Calls, world: World, rng: np.random.Generator) -> Records:
    """Every record that the nodes write of these calls, in the order of arrival."""
    main = _main_legs(calls, rng)
    native = np.array([sbc.format == "native_json" for sbc in world.sbcs])[main.sbc]
    hunted = native & ~calls.routed & (rng.random(len(native)) < _HUNTED_SHARE)
    started = native & main.answered & (rng.random(len(native)) < _STARTED_SHARE)
    records = main.joined(
        _forward_legs(main, calls, world, rng), *_attempts(main.take(hunted), rng), *_parts(main.take(started))
    )
    return records.sorted_by_arrival()


def _main_legs(calls: Calls, rng: np.random.Generator) -> Records:
    count = len(calls.number)
    zeros = np.zeros(count, np.int64)
    return Records(
        calls.number, zeros + MAIN_LEG, zeros + STOP, zeros, calls.sbc, calls.trunk, calls.direction,
        np.ones(count, bool), calls.calling, calls.called, calls.asserted, calls.start, calls.answer, calls.release,
        np.where(calls.answered, calls.release - calls.answer, 0), calls.outcome, calls.releaser, calls.codec,
        calls.secure, calls.mos, calls.release + rng.integers(100, 3_000, count), zeros - 1, zeros,
    )  # fmt: skip


def _forward_legs(main: Records, calls: Calls, world: World, rng: np.random.Generator) -> Records:
    """The PSTN leg of a call route: answered with the DID leg or, behind an announcement, up to 6 s after it."""
    legs = main.take(np.flatnonzero(calls.routed & calls.answered))
    count = len(legs.call)
    announced = np.where(rng.random(count) < _ANNOUNCED_SHARE, rng.integers(0, 6_000, count), 0)
    answer = np.minimum(legs.answer + announced, legs.release)
    called = legs.called.copy()
    shares = rng.random(count)
    for trunk in range(len(world.trunks)):
        at = legs.trunk == trunk
        called[at] = world.parties.destinations[trunk].draw(shares[at])
    return legs._replace(
        leg=np.full(count, FORWARD_LEG), direction=np.full(count, FORWARD), called=called, answer=answer,
        start=np.minimum(legs.start + 300, answer), reported=legs.release - answer,
        arrival=legs.arrival + 20,
    )  # fmt: skip


def _attempts(hunted: Records, rng: np.random.Generator) -> list[Records]:
    """One or two entries that were tried before the one that took the call: they cost nothing."""
    tries = rng.integers(1, 3, len(hunted.call))
    found = []
    for number in (1, 2):
        legs = hunted.take(np.flatnonzero(tries >= number))
        count = len(legs.call)
        end = legs.start + np.minimum((legs.answer - legs.start) // 4 * number, 5_000)
        found.append(
            legs._replace(
                leg=np.full(count, FIRST_ATTEMPT + number),
                record_type=np.full(count, ATTEMPT),
                part=np.full(count, number),
                billed=np.zeros(count, bool),
                answer=end,
                release=end,
                reported=np.zeros(count, np.int64),
                outcome=np.full(count, outcomes.FAILED),
                mos=np.zeros(count, np.int64),
                arrival=end + 200,
            )
        )
    return found


def _parts(started: Records) -> list[Records]:
    """The START of a call, and an INTERIM for each quarter of an hour that it lasted."""
    lengths = started.release - started.answer
    found = [started._replace(record_type=np.full(len(lengths), START), reported=lengths * 0,
                              arrival=started.answer + 150)]  # fmt: skip
    for number in range(1, int(lengths.max(initial=0)) // INTERIM_MS + 1):
        longer = started.take(np.flatnonzero(lengths >= number * INTERIM_MS))
        count = len(longer.call)
        found.append(
            longer._replace(
                record_type=np.full(count, INTERIM),
                part=np.full(count, number),
                reported=np.full(count, number * INTERIM_MS),
                arrival=longer.answer + number * INTERIM_MS + 150,
            )
        )
    return found
