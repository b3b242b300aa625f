"""Nodes that restart: Accounting-On and -Off, REBOOT, SWITCHOVER (mediation.md R26).

The line itself is no CDR. What it tells is that all calls of the node that were open before it are over, at their last
proof of life. It travels beside the CDRs of its batch, because the calls may wait in any partition of `cdr.leg`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from schemas.cdr import CDR


class Restart(NamedTuple):
    """A line that tells a restart: of which node, and where and when it was read."""

    source: str
    node: str | None
    partition: str
    offset: int
    received_at: datetime

    def ends(self, part: CDR) -> bool:
        """Whether the record of an open call was here before the node restarted."""
        if (part.source, part.source_node) != (self.source, self.node):
            return False
        if part.partition == self.partition:
            return part.offset < self.offset
        return part.received_at <= self.received_at


def is_over(parts: Sequence[CDR], restarts: Iterable[Restart]) -> bool:
    """Whether one restart ends all records of a leg; a record that came after it proves that the call went on."""
    return any(all(restart.ends(part) for part in parts) for restart in restarts)


class _Written(msgspec.Struct, array_like=True):
    source: str
    node: str | None
    partition: str
    offset: int
    received_us: int


_DECODER = msgspec.json.Decoder(list[_Written])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def encode_restarts(restarts: Iterable[Restart]) -> bytes:
    """As JSON."""
    return msgspec.json.encode([(*restart[:4], (restart.received_at - _EPOCH) // _MICROSECOND) for restart in restarts])


def decode_restarts(value: bytes) -> tuple[Restart, ...]:
    """Read what `encode_restarts` wrote. Raises ValueError."""
    return tuple(_restart(written) for written in _DECODER.decode(value))


def _restart(written: _Written) -> Restart:
    at = _EPOCH + written.received_us * _MICROSECOND
    return Restart(written.source, written.node, written.partition, written.offset, at)
