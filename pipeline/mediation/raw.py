"""What arrives: consecutive records of one raw partition, not yet read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt


class RawBatch(NamedTuple):
    """Consecutive records of one raw partition, in order; the four sequences have the same length."""

    partition: str
    """Topic and number, such as `cdr.raw.sbc1-0`, or the id of a spool file."""
    offsets: Sequence[int]
    """Kafka offsets, or line numbers (of a record's last line) in a file."""
    values: Sequence[bytes]
    received_at: Sequence[datetime]
    """UTC."""

    def take(self, positions: npt.NDArray[np.int64]) -> Self:
        """The records at these positions of the batch."""
        if len(positions) == len(self.values):
            return self
        at = positions.tolist()
        offsets, values, received_at = ([column[position] for position in at] for column in self[1:])
        return self._replace(offsets=offsets, values=values, received_at=received_at)
