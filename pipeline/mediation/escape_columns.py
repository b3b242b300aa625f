"""URL-encoded texts in columns: the twin of `urllib.parse.unquote`."""

from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.text_columns import mapped

_PERCENT, _ASCII_MAX = ord("%"), 127
_IS_DIGIT = np.isin(np.arange(256), list(b"0123456789abcdefABCDEF"))
_DIFFERENT_MAX = 8
_ESCAPED_PERCENT = "%25"


def unquoted(texts: pa.Array) -> pa.Array:
    """Each different escape is replaced everywhere at once, where few are used and each is one character by itself."""
    escapes = _escapes(texts)
    if escapes is None:
        return mapped(texts, unquote, pa.string())
    for escape in sorted(escapes, key=lambda escape: escape == _ESCAPED_PERCENT):
        texts = pc.replace_substring(texts, escape, unquote(escape))
    return texts


def _escapes(texts: pa.Array) -> list[str] | None:
    """The different escapes; None where they are many, broken, or parts of longer characters.

    The sign of the escapes itself is put back last, so that no replacement makes an escape of what was none.
    """
    data = RecordBytes.of_texts(texts.fill_null("")).data
    at = np.flatnonzero(data == _PERCENT)
    if not (_IS_DIGIT[data[at + 1]] & _IS_DIGIT[data[at + 2]]).all():
        return None
    codes = np.unique(data[at + 1].astype(np.int32) * 256 + data[at + 2])
    escapes = [f"%{chr(code // 256)}{chr(code % 256)}" for code in codes.tolist()]
    is_plain = len(escapes) <= _DIFFERENT_MAX and all(int(escape[1:], 16) <= _ASCII_MAX for escape in escapes)
    return escapes if is_plain else None
