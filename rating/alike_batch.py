"""Refused calls of a batch that the specification refuses with one and the same sentence.

A plan that blocks a class of numbers, and a row of a deck that is blocked or has no price yet, refuse every call of a
customer to a number alike, whenever it was answered and however long it took. One of them is asked about, and the
others get its answer. Sentences that tell the time of the call or its duration are asked for call by call.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.batch_parts import Judged
from rating.book_columns import BookColumns
from rating.charges_batch import NO_DURATION, Charges
from rating.columns import Flags, Integers
from rating.legs_batch import Legs
from rating.prefixes import NO_ROW
from rating.trunks_batch import UNKNOWN


class Alike(NamedTuple):
    """Rows by what is said of them."""

    asked: Integers
    """One row of the batch for each sentence."""
    answer: Integers
    """For each of the rows the position of its sentence in `asked`."""


def group_alike(rows: Integers, called: pa.Array, judged: Judged, book: BookColumns) -> Alike:
    """Which of these rows of a batch are refused alike; `called` is the column of the batch."""
    priced = judged.priced.positions
    place = np.minimum(np.searchsorted(priced, rows), max(0, len(priced) - 1))
    repeats = _repeats(judged.legs, judged.charges, book)
    is_alike = (priced[place] == rows) & repeats[place] if priced.size else np.zeros(len(rows), np.bool_)
    place = place[is_alike]
    facts = (
        judged.customer[rows[is_alike]],
        judged.legs.direction[place],
        judged.legs.called.kind[place],
        judged.charges.rate[place],
        _codes(called.take(pa.array(rows[is_alike]))),
    )
    _, first, which = np.unique(np.column_stack(facts), axis=0, return_index=True, return_inverse=True)
    alone = np.flatnonzero(~is_alike)
    answer = np.empty(len(rows), np.int64)
    answer[is_alike] = which.reshape(-1)
    answer[alone] = len(first) + np.arange(len(alone))
    return Alike(np.concatenate([rows[is_alike][first], rows[alone]]), answer)


def _repeats(legs: Legs, charges: Charges, book: BookColumns) -> Flags:
    """Legs that their class refuses, or the row of the deck that prices their number."""
    is_read = (legs.direction != UNKNOWN) & (charges.call_seconds != NO_DURATION)
    by_row = (charges.rate != NO_ROW) & ~book.rates.is_priced[charges.rate]
    by_row &= ~(legs.is_neighbour & book.rates.is_nanp[charges.rate])
    repeats: Flags = is_read & (legs.is_refused | by_row)
    return repeats


def _codes(texts: pa.Array) -> Integers:
    """A number for each different text, and for none."""
    encoded = pc.dictionary_encode(texts, null_encoding="encode")
    codes: Integers = encoded.indices.to_numpy().astype(np.int64)
    return codes
