"""Columns of texts become columns of facts; each says of which rows the specification would say the same."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, is_unknown, known_rows, number_column, unknown_column
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.values import figure
from pipeline.mediation.word_values import DIGITS_MAX, Read, digits

_WHOLE_DIGITS_MAX = 9
NO_TEXT = pa.scalar(None, pa.string())


def known_texts(texts: pa.Array) -> pa.Array:
    """Twin of `values.text_or_none`."""
    blank = is_blank(texts)
    if not blank.any():
        return texts
    return known_where(texts, ~blank)


def known_where(texts: pa.Array, known: Mask) -> pa.Array:
    """The texts of these rows, none of which is missing; nothing is copied."""
    if not known.any():
        return unknown_column(pa.string(), len(texts))
    if texts.offset:
        return pc.if_else(pa.array(known), texts, NO_TEXT)
    bits = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.StringArray.from_buffers(len(texts), texts.buffers()[1], texts.buffers()[2], bits)


def is_blank(texts: pa.Array) -> Mask:
    """Where nothing stands, or an empty text."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    blank: Mask = offsets[1:] == offsets[:-1]
    return blank | ~known_rows(texts) if texts.null_count else blank


def whole_numbers(texts: pa.Array, blank: int | None = None) -> tuple[pa.Array, Mask]:
    """Twin of `values.whole_number` for up to nine digits: numbers, `blank` where nothing stands; what it can read."""
    values, plain = _digits(texts, _WHOLE_DIGITS_MAX)
    empty = is_blank(texts)
    if blank is None:
        return number_column(values, plain, pa.int64()), plain | empty
    plain |= empty
    return number_column(np.where(empty, blank, values), plain, pa.int64()), plain


def long_numbers(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """As `whole_numbers` for up to 16 digits."""
    if is_unknown(texts):
        return unknown_column(pa.int64(), len(texts)), np.ones(len(texts), bool)
    values, plain = _digits(texts, DIGITS_MAX)
    return number_column(values, plain, pa.int64()), plain | ~known_rows(texts)


def _digits(texts: pa.Array, most: int) -> Read:
    """Numbers of at most so many digits."""
    content = RecordBytes.of_texts(texts)
    values, readable = digits(content.words, content.bounds[:-1], content.ends)
    readable &= content.ends - content.bounds[:-1] <= most
    return Read(values, readable & known_rows(texts) if texts.null_count else readable)


def mapped(texts: pa.Array, meaning: Callable[[str], object], data_type: pa.DataType) -> pa.Array:
    """What each text means; every different text is looked up once. Unknown stays unknown."""
    if is_unknown(texts):
        return unknown_column(data_type, len(texts))
    encoded = texts.dictionary_encode()
    meanings = [None if text is None else meaning(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(meanings, data_type).take(encoded.indices)


def readable_where(count: int, *masks: Mask) -> Mask:
    """All of the conditions."""
    mask: Mask = np.logical_and.reduce([np.ones(count, bool), *masks])
    return mask


def figures(texts: pa.Array) -> pa.Array:
    """Twin of `values.figure`."""
    if is_unknown(texts):
        return unknown_column(pa.int64(), len(texts))
    values, plain = _digits(texts, _WHOLE_DIGITS_MAX)
    numbers = number_column(values, plain, pa.int64())
    rest = ~(plain | is_blank(texts))
    return pc.coalesce(numbers, mapped(texts, figure, pa.int64())) if rest.any() else numbers


def losses(lost: pa.Array, received: pa.Array) -> pa.Array:
    """Twin of `media.loss_pct_x100`."""
    sent = pc.add(lost, received)
    known = pc.if_else(pc.equal(sent, 0), pa.scalar(None, pa.int64()), sent)
    return pc.divide(pc.add(pc.multiply(lost, 20_000), known), pc.multiply(known, 2))
