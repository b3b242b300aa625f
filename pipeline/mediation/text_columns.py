"""Columns of texts become columns of facts; each says of which rows the specification would say the same."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask, is_unknown, unknown_column
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.values import figure
from pipeline.mediation.word_values import DIGITS_MAX, digits

_WHOLE_DIGITS_MAX = 9
NO_TEXT = pa.scalar(None, pa.string())


def known_texts(texts: pa.Array) -> pa.Array:
    """Twin of `values.text_or_none`."""
    return pc.if_else(pc.equal(texts, ""), NO_TEXT, texts)


def is_blank(texts: pa.Array) -> Mask:
    """Where nothing stands."""
    return as_mask(pc.equal(texts, ""))


def whole_numbers(texts: pa.Array, blank: int | None = None) -> tuple[pa.Array, Mask]:
    """Twin of `values.whole_number` for up to nine digits: numbers, `blank` where nothing stands; what it can read."""
    (numbers, plain), empty = _digits(texts, _WHOLE_DIGITS_MAX), is_blank(texts)
    if blank is not None:
        numbers = pc.if_else(pa.array(empty), pa.scalar(blank, pa.int64()), numbers)
    return numbers, plain | empty


def long_numbers(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """As `whole_numbers` for up to 16 digits, of texts that may be missing."""
    if is_unknown(texts):
        return unknown_column(pa.int64(), len(texts)), np.ones(len(texts), bool)
    numbers, plain = _digits(texts.fill_null(""), DIGITS_MAX)
    return numbers, plain | as_mask(texts.is_null())


def _digits(texts: pa.Array, most: int) -> tuple[pa.Array, Mask]:
    """Numbers of at most so many digits; null for all other texts."""
    content = RecordBytes.of_texts(texts)
    values, readable = digits(content.words, content.bounds[:-1], content.ends)
    readable &= content.ends - content.bounds[:-1] <= most
    return pa.array(values, mask=~readable), readable


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
    numbers, plain = _digits(texts, _WHOLE_DIGITS_MAX)
    rest = ~(plain | is_blank(texts))
    return pc.coalesce(numbers, mapped(texts, figure, pa.int64())) if rest.any() else numbers


def losses(lost: pa.Array, received: pa.Array) -> pa.Array:
    """Twin of `media.loss_pct_x100`."""
    sent = pc.add(lost, received)
    known = pc.if_else(pc.equal(sent, 0), pa.scalar(None, pa.int64()), sent)
    return pc.divide(pc.add(pc.multiply(lost, 20_000), known), pc.multiply(known, 2))
