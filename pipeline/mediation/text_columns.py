"""Columns of texts become columns of facts; each says of which rows the specification would say the same."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask
from pipeline.mediation.values import figure

_WHOLE = "^[0-9]{1,9}$"
_LONG = "^[0-9]{1,17}$"
NO_TEXT = pa.scalar(None, pa.string())


def known_texts(texts: pa.Array) -> pa.Array:
    """Twin of `values.text_or_none`."""
    return pc.if_else(pc.equal(texts, ""), NO_TEXT, texts)


def is_blank(texts: pa.Array) -> Mask:
    """Where nothing stands."""
    return as_mask(pc.equal(texts, ""))


def matches(texts: pa.Array, pattern: str) -> Mask:
    """Where the whole expression of RE2 matches."""
    return as_mask(pc.match_substring_regex(texts, pattern))


def whole_numbers(texts: pa.Array, blank: int | None = None) -> tuple[pa.Array, Mask]:
    """Twin of `values.whole_number` for up to nine digits: numbers, `blank` where nothing stands; what it can read."""
    plain, empty = matches(texts, _WHOLE), is_blank(texts)
    numbers = pc.if_else(pa.array(plain), texts, NO_TEXT).cast(pa.int64())
    if blank is not None:
        numbers = pc.if_else(pa.array(empty), pa.scalar(blank, pa.int64()), numbers)
    return numbers, plain | empty


def long_numbers(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """As `whole_numbers` for up to 17 digits, of texts that may be missing."""
    plain = matches(texts.fill_null(""), _LONG)
    return pc.if_else(pa.array(plain), texts, NO_TEXT).cast(pa.int64()), plain | as_mask(texts.is_null())


def mapped(texts: pa.Array, meaning: Callable[[str], object], data_type: pa.DataType) -> pa.Array:
    """What each text means; every different text is looked up once. Unknown stays unknown."""
    encoded = texts.dictionary_encode()
    meanings = [None if text is None else meaning(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(meanings, data_type).take(encoded.indices)


def readable_where(count: int, *masks: Mask) -> Mask:
    """All of the conditions."""
    mask: Mask = np.logical_and.reduce([np.ones(count, bool), *masks])
    return mask


def figures(texts: pa.Array) -> pa.Array:
    """Twin of `values.figure`."""
    plain = matches(texts, _WHOLE)
    numbers = pc.if_else(pa.array(plain), texts, NO_TEXT).cast(pa.int64())
    return numbers if plain.all() else pc.coalesce(numbers, mapped(texts, figure, pa.int64()))


def losses(lost: pa.Array, received: pa.Array) -> pa.Array:
    """Twin of `media.loss_pct_x100`."""
    sent = pc.add(lost, received)
    known = pc.if_else(pc.equal(sent, 0), pa.scalar(None, pa.int64()), sent)
    return pc.divide(pc.add(pc.multiply(lost, 20_000), known), pc.multiply(known, 2))
