"""From calls to legs to the records that nodes write of them, before any fault."""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from pipeline.simulator import outcomes
from pipeline.simulator.calls import FORWARD, Calls, Mask
from pipeline.simulator.parties import Positions
from pipeline.simulator.sbcs import Telling
from pipeline.simulator.traffic import Millis
from pipeline.simulator.world import World
from schemas.cdr import RecordType

MAIN_LEG, FORWARD_LEG, FIRST_ATTEMPT = 0, 1, 2
STOP, START, INTERIM, ATTEMPT, END, MEDIA, FOREIGN, RESTART = range(8)
RECORD_TYPES = (
    RecordType.STOP, RecordType.START, RecordType.INTERIM, RecordType.ATTEMPT, RecordType.END, RecordType.MEDIA,
)  # fmt: skip
"""What records are called in the ledger; the last two kinds, foreign lines and restarts of nodes, are no CDRs."""
INTERIM_MS = 900_000
_STARTED_SHARE = 0.03
"""Answered calls of native nodes whose START is reported too, and an INTERIM every 15 minutes."""
_HUNTED_SHARE = 0.05
_MEASURED_SHARE = 0.3
"""Answered calls with a record of media figures, where a node writes such."""
_MEDIA_DELAY_MS = 60_000
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
    written: Millis
    """When the node wrote it, which is when it arrives unless a fault holds it up."""
    sequence: Positions
    """Number that the node gave it, in the order of writing, from 1; a record that is sent again has it again."""
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
    told = told_by(main, world)
    untold = told(Telling.ANSWERED) & ~main.answered
    native = told(Telling.LEGS)
    hunted = native & ~calls.routed & (rng.random(len(native)) < _HUNTED_SHARE)
    started = native & main.answered & (rng.random(len(native)) < _STARTED_SHARE)
    in_parts = (told(Telling.TRANSACTIONS) & main.answered) | told(Telling.EVENTS)
    measured = told(Telling.CALLS_AND_MEDIA) & main.answered
    if measured.any():
        measured &= rng.random(len(native)) < _MEASURED_SHARE
    one_by_one = in_parts | untold
    whole = main.take(~one_by_one) if one_by_one.any() else main
    records = whole.joined(
        _forward_legs(main, calls, world, rng),
        *_attempts(main.take(hunted), rng),
        *_parts(main.take(started)),
        *_both_ends(main.take(in_parts), told(Telling.EVENTS)[in_parts]),
        _media(main.take(measured)),
    )
    return numbered(records._replace(written=records.arrival).sorted_by_arrival(), len(world.sbcs))


def told_by(records: Records, world: World) -> Callable[[Telling], Mask]:
    """For each way of telling, which records are of nodes that tell so."""
    ways = [sbc.telling for sbc in world.sbcs]

    def told(way: Telling) -> Mask:
        mask: Mask = np.array([one is way for one in ways])[records.sbc]
        return mask

    return told


def numbered(records: Records, nodes: int) -> Records:
    """Give each record of a node its number, in their order; they are sorted by `written`."""
    sequence = np.empty(len(records.call), np.int64)
    for node in range(nodes):
        at = np.flatnonzero(records.sbc == node) if nodes > 1 else slice(None)
        sequence[at] = np.arange(1, len(sequence[at]) + 1)
    return records._replace(sequence=sequence)


def _main_legs(calls: Calls, rng: np.random.Generator) -> Records:
    count = len(calls.number)
    zeros = np.zeros(count, np.int64)
    return Records(
        calls.number, zeros + MAIN_LEG, zeros + STOP, zeros, calls.sbc, calls.trunk, calls.direction,
        np.ones(count, bool), calls.calling, calls.called, calls.asserted, calls.start, calls.answer, calls.release,
        np.where(calls.answered, calls.release - calls.answer, 0), calls.outcome, calls.releaser, calls.codec,
        calls.secure, calls.mos, calls.release + rng.integers(100, 3_000, count), zeros, zeros, zeros - 1, zeros,
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


def _both_ends(calls: Records, is_event: Mask) -> list[Records]:
    """The begin of each call, the conversation where the node tells it apart, and the end."""
    begin, events = np.where(is_event, calls.start, calls.answer) + 150, calls.take(is_event & calls.answered)
    none = np.zeros(len(calls.call), np.int64)
    return [
        calls._replace(record_type=none + START, reported=none, arrival=begin),
        events._replace(
            record_type=np.full(len(events.call), INTERIM), reported=np.zeros(len(events.call), np.int64),
            arrival=events.answer + 150,
        ),
        calls._replace(record_type=none + END),
    ]  # fmt: skip


def _media(measured: Records) -> Records:
    """The media figures of a call: a minute later."""
    count = len(measured.call)
    return measured._replace(
        record_type=np.full(count, MEDIA), arrival=measured.arrival + _MEDIA_DELAY_MS, billed=np.zeros(count, bool)
    )
