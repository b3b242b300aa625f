"""Hashes of whole columns: the twins of `identity.raw_hash` and `identity.record_id`."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import numpy as np
import pyarrow as pa

from pipeline.mediation.identity import ID_CHARACTERS

_HASH_BYTES = 32


def raw_hashes(values: Sequence[bytes]) -> pa.Array:
    """SHA-256 of each value."""
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(_HASH_BYTES), len(values), [None, pa.py_buffer(_digests(values))]
    )


def record_ids(texts: pa.Array) -> pa.Array:
    """The ids of records by what names each of them; every text is known."""
    digits = np.frombuffer(_digests(texts.cast(pa.binary()).to_pylist()).hex().encode(), np.uint8)
    ids = np.ascontiguousarray(digits.reshape(len(texts), 2 * _HASH_BYTES)[:, :ID_CHARACTERS])
    ends = np.arange(len(texts) + 1, dtype=np.int32) * ID_CHARACTERS
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(ids))


def _digests(values: Iterable[bytes]) -> bytes:
    return b"".join([sha256(value).digest() for value in values])
