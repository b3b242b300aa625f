"""Which records have been received before (mediation.md R10 to R12). Pure: what is known comes as an argument.

The first record of a key stays. A further one with the same content is a duplicate, with other content a conflict.
Another key that reports the same leg of the same call is a duplicate too; the first one stays the leg.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.rate.sorted_hashes import Hashes, Mask, content_half

Contents = npt.NDArray[np.int64]


class Repeats(NamedTuple):
    """For each record whether its key was here before, with the same content or with other content."""

    same_content: Mask
    other_content: Mask


def find_repeats(identities: pa.Table, known: Contents) -> Repeats:
    """Compare each record with the first of its key: one `known` from before (-1: none), else one of this batch."""
    content = content_half(_hashes(identities, "content"))
    first = _first_of_key(identities)
    repeated = (known >= 0) | (first != np.arange(len(first)))
    same = content == np.where(known >= 0, known, content[first])
    return Repeats(repeated & same, repeated & ~same)


def may_report_one_call(identities: pa.Table, earlier: pa.Table) -> Mask:
    """True for the records of a call that another record, of this batch or earlier, has too."""
    groups = _hashes(identities, "group")
    _, at, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return (counts[at] > 1) | np.isin(groups, _hashes(earlier, "group"))


def keep_first(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """From pairs (later, earlier) in rising order decide which rows are duplicates, and of which row that stays."""
    kept: dict[int, int] = {}
    for later, earlier in pairs:
        if later not in kept and earlier not in kept:
            kept[later] = earlier
    return kept


def _first_of_key(identities: pa.Table) -> npt.NDArray[np.intp]:
    """For each row the first row of this batch with its key."""
    high, low = _hashes(identities, "key_high"), _hashes(identities, "key_low")
    in_order = np.sort(high)
    if not (in_order[1:] == in_order[:-1]).any():
        return np.arange(len(high))
    order = np.lexsort((low, high))
    begins = np.ones(len(order), bool)
    begins[1:] = (high[order[1:]] != high[order[:-1]]) | (low[order[1:]] != low[order[:-1]])
    first = np.empty(len(order), np.intp)
    first[order] = order[begins][np.cumsum(begins) - 1]
    return first


def _hashes(table: pa.Table, column: str) -> Hashes:
    hashes: Hashes = table.column(column).to_numpy()
    return hashes
