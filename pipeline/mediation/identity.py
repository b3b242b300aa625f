"""Who a record is (mediation.md R10) and which call it belongs to."""

from collections.abc import Iterable
from hashlib import sha256

SEPARATOR = "\x1f"
ID_CHARACTERS = 32


def record_id(source: str, node: str | None, key: Iterable[str], record_type: str) -> str:
    """128 bits of a hash: the same record has the same id however often, and wherever, it is read again.

    `key` is the native key with the native sequence where two records of one leg share the rest.
    """
    text = SEPARATOR.join((source, node or "", *key, record_type))
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:ID_CHARACTERS]


def unread_id(source: str, partition: str, offset: int, record_index: int) -> str:
    """The id of a record that could not be read: where it stands."""
    return record_id(source, None, (partition, str(offset), str(record_index)), "")


def raw_hash(value: bytes) -> bytes:
    """SHA-256 of a record's bytes."""
    return sha256(value).digest()
