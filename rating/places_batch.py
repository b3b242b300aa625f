"""Places of the legs of a batch for tax: `rating.tax.situs_batch` on each distinct combination of ends."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from rating.book_columns import BookColumns
from rating.columns import Integers
from rating.legs_batch import DIRECTIONS, INBOUND, OUTBOUND, Legs
from rating.numbering.kinds import Kind
from rating.rated_columns import Part
from rating.tables import table_of
from rating.tax.situs_batch import PlaceColumns, places_of_numbers, situs_columns


def places_of(legs: Legs, customer: Integers, book: BookColumns) -> Part:
    """Scope, both ends and the taxing state. An end that the direction does not ask for counts as one and the same."""
    calling = np.where(legs.direction == OUTBOUND, 0, legs.calling.kind)
    called = np.where(legs.direction == INBOUND, 0, legs.called.kind)
    sizes = (len(DIRECTIONS), len(legs.calling.kinds), len(legs.called.kinds), len(book.places.country))
    ends = (np.maximum(legs.direction, 0), calling, called, book.customers.place[customer])
    distinct = pa.array(np.ravel_multi_index(ends, sizes)).dictionary_encode()
    direction, calling, called, address = np.unravel_index(distinct.dictionary.to_numpy(), sizes)
    found = situs_columns(
        pa.array(DIRECTIONS, pa.string()).take(pa.array(direction)),
        _places(legs.calling.kinds, calling),
        _places(legs.called.kinds, called),
        PlaceColumns(*(column.take(pa.array(address)) for column in book.places)),
    )
    return Part(table_of(**found._asdict()), distinct.indices.to_numpy().astype(np.int64))


def _places(kinds: Sequence[Kind], rows: Integers) -> PlaceColumns:
    """The places of numbers of these kinds."""
    return PlaceColumns(*(column.take(pa.array(rows)) for column in _places_of_kinds(tuple(kinds))))


@lru_cache(maxsize=16)
def _places_of_kinds(kinds: tuple[Kind, ...]) -> PlaceColumns:
    columns = zip(*kinds, strict=True) if kinds else ((), (), ())
    return places_of_numbers(*(pa.array(column, pa.string()) for column in columns))
