"""One message of `cdr.leg`: canonical CDRs with the range of raw offsets that they came from.

The headers say which raw partition the CDRs were read from and which of its offsets the message covers, so that
the rate stage can drop what was sent twice without a look at the value. The value is an Arrow IPC stream (lz4) of
`CDR_SCHEMA`; a message without rows is normal, it moves the mark.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self

import pyarrow as pa

from schemas.cdr import CDR_SCHEMA

RAW_PARTITION, FIRST, UPTO, ROWS = "raw-partition", "first", "upto", "rows"

_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")


class BadLegMessage(Exception):
    """A message of `cdr.leg` that mediation cannot have written: broken machinery, so the worker stops."""


class LegMessage(NamedTuple):
    """The CDRs of one `cdr.leg` partition out of the raw offsets `first` to `upto`, both included."""

    raw_partition: str
    first: int
    upto: int
    cdrs: pa.RecordBatch

    def encode(self) -> tuple[list[tuple[str, bytes]], bytes]:
        """Return headers and value as Kafka takes them."""
        range_of = {RAW_PARTITION: self.raw_partition, FIRST: str(self.first), UPTO: str(self.upto)}
        texts = range_of | {ROWS: str(self.cdrs.num_rows)}
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, CDR_SCHEMA, options=_LZ4) as stream:
            stream.write_batch(self.cdrs)
        return [(name, text.encode()) for name, text in texts.items()], sink.getvalue().to_pybytes()

    @classmethod
    def decode(cls, headers: Iterable[tuple[str, bytes]], value: bytes) -> Self:
        """Read what `encode` wrote. Raises BadLegMessage for anything else."""
        texts = dict(headers)
        try:
            first, upto = int(texts[FIRST]), int(texts[UPTO])
            raw_partition = texts[RAW_PARTITION].decode()
            cdrs = _only_batch(pa.ipc.open_stream(value))
        except (KeyError, ValueError, pa.ArrowInvalid) as error:
            raise BadLegMessage(
                f"A message of cdr.leg cannot be read: {error!r}. Expected the headers {RAW_PARTITION}, {FIRST}, "
                f"{UPTO} and an Arrow IPC stream of CDRs; found the headers {sorted(texts)} and {len(value)} bytes. "
                "Only `trunkline worker` may write to this topic."
            ) from error
        return cls(raw_partition, first, upto, cdrs)


def row_count(headers: Iterable[tuple[str, bytes]]) -> int:
    """CDRs of a message, by its headers; 0 where they do not say. Only to plan with."""
    text = dict(headers).get(ROWS, b"0")
    return int(text) if text.isdigit() else 0


def _only_batch(stream: pa.RecordBatchStreamReader) -> pa.RecordBatch:
    if not stream.schema.equals(CDR_SCHEMA):
        raise ValueError("its columns are not those of this version's CDR; end all workers of the other version")
    return stream.read_next_batch()
