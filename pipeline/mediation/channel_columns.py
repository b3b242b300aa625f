"""Names of Asterisk channels in columns: the twin of `asterisk_csv.endpoint`."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.record_bytes import WORD, RecordBytes

_HEXADECIMAL = np.isin(np.arange(256), list(b"0123456789abcdef"))
_DASH, _SEMICOLON, _HALVES = ord("-"), ord(";"), list(b"12")


def endpoints(channels: pa.Array) -> pa.Array:
    """`PJSIP/carrier-00000012` and `Local/1@c-0000000a;2` -> `carrier`, `1@c`; null for all that is no channel."""
    content = RecordBytes.of_texts(channels)
    data, ends = content.data, content.ends
    slash = pc.find_substring(channels, "/").to_numpy()
    starts = content.bounds[:-1] + slash + 1
    is_half = (data[ends - 2] == _SEMICOLON) & np.isin(data[ends - 1], _HALVES)
    dash = ends - 2 * is_half - WORD - 1
    digits = data[(dash + 1)[:, None] + np.arange(WORD)]
    fits = (slash >= 0) & (dash > starts) & (data[dash] == _DASH) & _HEXADECIMAL[digits].all(axis=1)
    rows = np.where(fits, np.cumsum(fits) - 1, -1).astype(np.int32)
    return content.texts(starts[fits], dash[fits], rows)
