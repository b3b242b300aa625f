"""Numbers that nodes give their records, and which of them never arrived (mediation.md R15).

The specification of view `sequence_gaps`, for the records of one feed. A number that nobody read is not missing: a
value that was skipped or could not be read, and arrived between the two records around the gap, had one.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.mediation.restarts import Restart
from schemas.cdr import CDR
from schemas.outcomes import Flag

STARTS_AGAIN_BELOW = 1_000
"""A counter that falls by more, from one record to the next, has started again."""
UNNUMBERED = frozenset({"asterisk_csv"})
"""Formats whose numbers count channels that write no record, too."""


class Gap(NamedTuple):
    """Consecutive numbers of a node that no record has."""

    node: str | None
    first: int
    last: int
    behind: CDR
    """The record with the next number."""


def sequence_gaps(cdrs: Iterable[CDR], unread: Sequence[int] = (), restarts: Sequence[Restart] = ()) -> list[Gap]:
    """The gaps between the numbers of each node, in the order of nodes and numbers.

    `unread` has the sorted offsets of values that came and gave no number. Where a counter falls behind a restart of
    its node, or by a thousand, a new epoch begins, which is compared only with itself.
    """
    of_node: dict[str | None, list[CDR]] = defaultdict(list)
    for cdr in cdrs:
        if cdr.record_seq is not None and cdr.source_format not in UNNUMBERED:
            of_node[cdr.source_node].append(cdr)
    return [
        gap
        for node, records in of_node.items()
        for epoch in _epochs(records, restarts)
        for gap in _gaps(node, epoch)
        if gap.last - gap.first + 1 > _came_unread(gap, epoch, unread)
    ]


def remark_gaps(legs: Sequence[CDR], gaps: Iterable[Gap]) -> list[CDR]:
    """The legs, those behind a gap with the remark SEQ_GAP."""
    behind = {(gap.node, gap.last + 1) for gap in gaps}
    return [
        leg._replace(flags=(*leg.flags, Flag.SEQ_GAP)) if (leg.source_node, leg.record_seq) in behind else leg
        for leg in legs
    ]


def _epochs(records: Sequence[CDR], restarts: Sequence[Restart]) -> Iterable[Sequence[CDR]]:
    """The records of a node in the order of arrival, cut where its counter started again."""
    ordered = sorted(records, key=lambda cdr: (cdr.offset, cdr.record_index))
    epoch: list[CDR] = []
    for cdr in ordered:
        if epoch and _starts_again(epoch[-1], cdr, restarts):
            yield epoch
            epoch = []
        epoch.append(cdr)
    yield epoch


def _starts_again(before: CDR, cdr: CDR, restarts: Sequence[Restart]) -> bool:
    fall = (before.record_seq or 0) - (cdr.record_seq or 0)
    restarted = any(restart.ends(before) and not restart.ends(cdr) for restart in restarts)
    return fall > STARTS_AGAIN_BELOW or (fall > 0 and restarted)


def _gaps(node: str | None, epoch: Sequence[CDR]) -> Iterable[Gap]:
    numbered = {cdr.record_seq or 0: cdr for cdr in reversed(epoch)}
    for before, after in pairwise(sorted(numbered)):
        if after > before + 1:
            yield Gap(node, before + 1, after - 1, numbered[after])


def _came_unread(gap: Gap, epoch: Sequence[CDR], unread: Sequence[int]) -> int:
    """How many values without a number arrived between the records on both sides of a gap."""
    before = next(cdr for cdr in epoch if cdr.record_seq == gap.first - 1)
    start, end = sorted((before.offset, gap.behind.offset))
    return bisect_left(unread, end) - bisect_left(unread, start)
