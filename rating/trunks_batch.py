"""Whose call each row of a batch is: the twin of `RateBook.attach` on columns.

Every identifier of the book gets the timeline of its answers, made by the specification itself at each instant where
an answer can change. A row is then a lookup in a dictionary of the few identifiers that its batch names, and one step
function. Rows that attach to nothing are -1: the specification says why.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.book import Attached, RateBook
from rating.columns import Flags, Integers
from rating.rules import Rule
from rating.tables import is_null, is_true
from rating.timelines import ALWAYS, Timelines, to_microseconds
from rating.trunks import TRUNK_RULES, choose
from schemas.cdr import Direction
from schemas.outcomes import RejectReason
from schemas.reference import Trunk

NOBODY = -1
UNKNOWN = -1
_Key = tuple[Rule, str, datetime, int]
"""Identifier, trunk, version of its plan and of its address: what an answer consists of."""
_COLUMNS = ("claimed_trunk_id", "user_name", "provider_id", "source_ip", "called")
"""Where a record names the identifiers of `TRUNK_RULES`."""


class TrunkTables(NamedTuple):
    """Identifiers of the book, the timeline of each, and what the timelines lead to."""

    lines: Mapping[Rule, Mapping[str, int]]
    timelines: Timelines
    attached: Sequence[Attached]

    @classmethod
    def build(cls, book: RateBook) -> Self:
        """Ask the specification for every identifier at every instant that can change its answer."""
        found: dict[_Key, tuple[int, Attached]] = {}
        steps: dict[tuple[Rule, tuple[str, ...]], int] = {}
        lines: dict[Rule, dict[str, int]] = {rule: {} for rule in TRUNK_RULES}
        timelines: list[list[tuple[int, int]]] = []
        for rule, trunks_of in book.directory.trunks.items():
            for value, trunks in trunks_of.items():
                key = (rule, tuple(trunk.trunk_id for trunk in trunks))
                if key not in steps:
                    steps[key] = len(timelines)
                    timelines.append(_timeline(book, rule, trunks, found))
                lines[rule][value] = steps[key]
        return cls(lines, Timelines.build(timelines or [[(ALWAYS, NOBODY)]]), tuple(row for _, row in found.values()))

    def attach(self, cdrs: pa.RecordBatch, at: Integers) -> Integers:
        """Position in `attached` of each row, or `NOBODY`; the first identifier that the book knows decides."""
        line = np.full(cdrs.num_rows, UNKNOWN, np.int64)
        is_open = np.ones(cdrs.num_rows, np.bool_)
        for rule, name in zip(TRUNK_RULES, _COLUMNS, strict=True):
            if not is_open.any():
                break
            rows = np.flatnonzero(is_open & _may_name(cdrs, rule))
            if not rows.size:
                continue
            column = cdrs.column(name)
            line[rows] = found = _positions_in(column, rows, self.lines[rule])
            decided = found != UNKNOWN
            if rule is Rule.TRUNK_BY_ID:
                decided |= ~is_null(column)[rows]
            is_open[rows[decided]] = False
        known = np.flatnonzero(line != UNKNOWN)
        line[known] = self.timelines.at(line[known], at[known])
        return line


def _may_name(cdrs: pa.RecordBatch, rule: Rule) -> Flags:
    """Rows whose column names an identifier of that kind: the DID only of a call that claims to be inbound."""
    if rule is not Rule.TRUNK_BY_DID:
        return np.full(cdrs.num_rows, cdrs.column(_COLUMNS[TRUNK_RULES.index(rule)]).null_count < cdrs.num_rows)
    return is_true(pc.equal(cdrs.column("direction"), Direction.INBOUND).fill_null(pa.scalar(value=False)))


def _positions_in(column: pa.Array, rows: Integers, positions: Mapping[str, int]) -> Integers:
    """`positions_of` in some rows; where they are many, a text is faster read than moved."""
    if 2 * rows.size < len(column):
        return positions_of(column.take(pa.array(rows)), positions)
    return positions_of(column, positions)[rows]


def positions_of(column: pa.Array, positions: Mapping[str, int]) -> Integers:
    """The position of each text, or `UNKNOWN`; the mapping is asked once for each distinct text."""
    if column.null_count == len(column):
        return np.full(len(column), UNKNOWN, np.int64)
    encoded = column.dictionary_encode()
    found = [*(positions.get(text, UNKNOWN) for text in encoded.dictionary.to_pylist()), UNKNOWN]
    indices = encoded.indices.fill_null(len(found) - 1) if column.null_count else encoded.indices
    answers: Integers = np.array(found, np.int64)[indices.to_numpy()]
    return answers


def _timeline(
    book: RateBook, rule: Rule, trunks: Sequence[Trunk], found: dict[_Key, tuple[int, Attached]]
) -> list[tuple[int, int]]:
    """What an identifier of these trunks leads to, from each instant on; new answers are added to `found`."""
    instants = sorted({instant for trunk in trunks for instant in _changes(book, trunk)})
    steps = [(ALWAYS, NOBODY)]
    for instant in instants:
        answer = _position(_attached(book, rule, trunks, instant), found)
        if answer != steps[-1][1]:
            steps.append((to_microseconds(instant), answer))
    return steps


def _changes(book: RateBook, trunk: Trunk) -> Iterator[datetime]:
    """Instants at which a trunk, its plan or its address changes. Before the first of them it does not exist."""
    plans = book.plans[trunk.plan_id]
    addresses = book.addresses[trunk.address_id] if trunk.address_id is not None else ()
    lives = [
        (trunk.effective_from, trunk.effective_until),
        *((plan.effective_from, plan.effective_until) for plan in plans),
    ]
    yield from (instant for life in lives for instant in life if instant is not None)
    yield from (status.effective_from for status in trunk.statuses)
    yield from (address.effective_from for address in addresses)


def _attached(book: RateBook, rule: Rule, trunks: Sequence[Trunk], at: datetime) -> Attached | None:
    trunk = choose(trunks, at)
    binding = None if isinstance(trunk, RejectReason) else book.binding_at(trunk, at)
    return None if binding is None else Attached(rule, binding)


def _position(attached: Attached | None, found: dict[_Key, tuple[int, Attached]]) -> int:
    if attached is None:
        return NOBODY
    trunk, _, plan, address = attached.binding
    key = (attached.rule, trunk.trunk_id, plan.effective_from, 0 if address is None else address.version)
    return found.setdefault(key, (len(found), attached))[0]
