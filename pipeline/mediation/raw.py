"""What arrives: consecutive records of one raw partition, not yet read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class RawBatch(NamedTuple):
    """Consecutive records of one raw partition, in order; the four sequences have the same length."""

    partition: str
    """Topic and number, such as `cdr.raw.sbc1-0`, or the id of a spool file."""
    offsets: Sequence[int]
    """Kafka offsets, or line numbers (of a record's last line) in a file."""
    values: Sequence[bytes]
    received_at: Sequence[datetime]
    """UTC."""
