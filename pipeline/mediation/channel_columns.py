"""Names of Asterisk channels in columns: the twin of `asterisk_csv.endpoint`."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.record_bytes import WORD, RecordBytes

_HEXADECIMAL = np.isin(np.arange(256), list(b"0123456789abcdef"))
_ALL = np.ones(WORD, bool).view("<u8")[0]
_IS_HALF = np.isin(np.arange(256), list(b"12"))
_DASH, _SEMICOLON = b"-;"


def endpoints(channels: pa.Array) -> pa.Array:
    """`PJSIP/carrier-00000012` and `Local/1@c-0000000a;2` -> `carrier`, `1@c`; null for all that is no channel."""
    content = RecordBytes.of_texts(channels)
    data, ends = content.data, content.ends
    slash = pc.find_substring(channels, "/").to_numpy()
    starts = content.bounds[:-1] + slash + 1
    is_half = (data.take(ends - 2) == _SEMICOLON) & _IS_HALF.take(data.take(ends - 1))
    dash = ends - 2 * is_half - WORD - 1
    digits = np.ascontiguousarray(content.words[dash + 1]).view(np.uint8)
    are_hexadecimal = _HEXADECIMAL.take(digits).view("<u8") == _ALL
    fits = (slash >= 0) & (dash > starts) & (data.take(dash) == _DASH) & are_hexadecimal
    rows = None if fits.all() else np.where(fits, np.cumsum(fits) - 1, -1)
    return content.texts(starts.compress(fits), dash.compress(fits), rows)
