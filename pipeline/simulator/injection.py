"""The records of a run while faults are put on them: who may have one, how many fit, and what is added."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.simulator.calls import Mask
from pipeline.simulator.parties import Positions
from pipeline.simulator.records import MAIN_LEG, STOP, Records
from pipeline.simulator.world import World
from pipeline.simulator.writers import writer_named

NO_FAULT = -1
AGAIN, FURTHER = 1, 2
"""`copy` of a record that a fault added: the one that the fault is about, and one that only helps it."""
_NATIVE_ONLY = frozenset({"F11"})
_MISPRINTS = frozenset({"F10_SECONDS", "F10_SHARE", "F10_BLOCK"})


class TooFewRecords(ValueError):
    """A fault has a count that the records cannot hold."""

    def __init__(self, fault: str, count: int, fit: int) -> None:
        super().__init__(
            f"{count} records with fault {fault} are wanted and {fit} records can have it. Simulate more calls, or "
            "lower the rate."
        )
        self.fault = fault


def can_have(fault: str, format_name: str) -> bool:
    """Whether records of a format can have a fault."""
    writer = writer_named(format_name)
    if fault in _NATIVE_ONLY:
        return format_name == "native_json"
    if fault in {"F5", "F6"}:
        return writer.has_parts
    if fault in _MISPRINTS:
        return writer.prints_duration
    if fault == "F23":
        return writer.has_attempts
    needed: Mapping[str, Any] = {
        "F8": writer.has_sequence or None, "F8_CLOSED": writer.has_sequence or None,
        "F14": writer.local_stamps or None, "F14_GAP": writer.missing_hour, "F15": writer.rename,
        "F16": writer.quote, "F19": writer.foreign, "F20": writer.wrap, "F27": writer.restart or None,
    }  # fmt: skip
    return fault not in writer.cannot and needed.get(fault, True) is not None


class Injection:
    """Records while faults are put on them; a record that one fault touched is left alone by all others."""

    def __init__(self, records: Records, world: World, rng: np.random.Generator, faults: Sequence[str]) -> None:
        self.records, self.world, self.rng = records, world, rng
        self.numbers = {fault: number for number, fault in enumerate(faults)}
        self.free: Mask = np.ones(len(records.call), bool)
        self.copies: list[Records] = []
        counts = np.bincount(records.call - records.call.min(initial=0))
        alone = counts[records.call - records.call.min(initial=0)] == 1
        self.single: Mask = alone & (records.leg == MAIN_LEG) & (records.record_type == STOP)
        """Records that say everything that there is of their call."""

    def able(self, fault: str) -> Mask:
        """Records of the nodes whose format can have the fault."""
        able: Mask = np.array([can_have(fault, sbc.format) for sbc in self.world.sbcs])[self.records.sbc]
        return able

    def pick(self, fault: str, count: int, eligible: Mask) -> Positions:
        """Draw positions among those that may have the fault."""
        fit = np.flatnonzero(eligible & self.free & self.able(fault))
        if len(fit) < count:
            raise TooFewRecords(fault, count, len(fit))
        at = np.sort(self.rng.choice(fit, count, replace=False))
        self.free[at] = False
        return at

    def touch(self, at: Positions, fault: str, **changed: Positions) -> None:
        """Change fields of records in place and name the fault."""
        self.records.fault[at] = self.numbers[fault]
        for name, values in changed.items():
            getattr(self.records, name)[at] = values

    def copy(self, at: Positions, fault: str, delay_ms: Positions) -> Records:
        """Further records that look like these and come later."""
        originals = self.records.take(at)
        return originals._replace(
            arrival=originals.arrival + delay_ms,
            fault=np.full(len(at), self.numbers[fault]),
            copy=np.full(len(at), AGAIN),
        )

    def delays(self, count: int, seconds_max: int) -> Positions:
        """Milliseconds from one second up."""
        return self.rng.integers(1_000, seconds_max * 1_000 + 1, count)
