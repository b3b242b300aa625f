"""The twin of `fair_use.split_calls` for all trunks of a period at once: ten million calls in a few seconds."""

import numpy as np
import pyarrow as pa

from rating.columns import Integers

_BITS = 63
_CALLS_AT_ONCE = 1_000_000


def included_seconds(
    trunk: Integers, answered_us: Integers, cdr_id: pa.Array, call_seconds: Integers, allowance_seconds: Integers
) -> Integers:
    """Included seconds of each call, in the order given; the rest of its `call_seconds` is overage.

    Row i belongs to trunk `trunk[i]` of 0 to n - 1, whose allowance is `allowance_seconds[trunk[i]]`. All rows are
    eligible and of one period. `answered_us` in microseconds of UTC.
    """
    if not len(trunk):
        return np.zeros(0, np.int64)
    order = _in_order(trunk, answered_us, cdr_id)
    owner, seconds = trunk[order], call_seconds[order]
    used = np.cumsum(seconds)
    is_first = np.concatenate(([True], owner[1:] != owner[:-1]))
    starts = np.flatnonzero(is_first)
    base = (used - seconds)[starts]
    used_before = used - seconds - np.repeat(base, np.diff(np.append(starts, len(owner))))
    included = np.empty_like(call_seconds)
    included[order] = np.clip(allowance_seconds[owner] - used_before, 0, seconds)
    return included


def _in_order(trunk: Integers, answered_us: Integers, cdr_id: pa.Array) -> Integers:
    """Row numbers by trunk, answer time, CDR id. Ids are compared only where trunk and time are equal."""
    order = _by_trunk_and_time(trunk, answered_us)
    sorted_trunk, sorted_since = trunk[order], answered_us[order]
    ties = np.flatnonzero((sorted_trunk[1:] == sorted_trunk[:-1]) & (sorted_since[1:] == sorted_since[:-1]))
    places = np.union1d(ties, ties + 1)
    id_at: dict[int, str] = dict(zip(places.tolist(), cdr_id.take(pa.array(order[places])).to_pylist(), strict=True))
    for first, behind in _runs(ties):
        order[first:behind] = order[sorted(range(first, behind), key=id_at.__getitem__)]
    return order


def _by_trunk_and_time(trunk: Integers, answered_us: Integers) -> Integers:
    """Row numbers by trunk and time, some trunks after the other: a million rows are sorted faster than ten."""
    since = answered_us - answered_us.min()
    shift = int(since.max()).bit_length()
    if shift + int(trunk.max()).bit_length() > _BITS:
        order: Integers = np.lexsort((since, trunk))
        return order
    key = (trunk << shift) | since
    calls_of = np.bincount(trunk)
    group = ((np.cumsum(calls_of) - calls_of) // _CALLS_AT_ONCE)[trunk]
    parts = []
    for number in range(int(group.max()) + 1):
        rows = np.flatnonzero(group == number)
        parts.append(rows[np.argsort(key[rows])])
    return np.concatenate(parts)


def _runs(ties: Integers) -> list[tuple[int, int]]:
    """Stretches `[first, behind)` of equal neighbours, from the positions that equal the next one."""
    if not ties.size:
        return []
    breaks = np.flatnonzero(np.diff(ties) > 1)
    firsts = ties[np.concatenate(([0], breaks + 1))]
    lasts = ties[np.concatenate((breaks, [len(ties) - 1]))]
    return list(zip(firsts.tolist(), (lasts + 2).tolist(), strict=True))
