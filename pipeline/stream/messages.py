"""One message of `cdr.leg`: canonical CDRs with the range of raw offsets that they came from.

The headers say which raw partition the CDRs were read from and which of its offsets the message covers, so that
the rate stage can drop what was sent twice without a look at the value. The value is an Arrow IPC stream (lz4) of
those columns of `CDR_SCHEMA` that hold something; a message without rows is normal, it moves the mark.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self

import pyarrow as pa

from pipeline.mediation.columns import batch_of, is_unknown
from pipeline.mediation.restarts import Restart, decode_restarts, encode_restarts
from schemas.cdr import CDR_SCHEMA

RAW_PARTITION, FIRST, UPTO, ROWS, RESTARTS = "raw-partition", "first", "upto", "rows", "restarts"

# Stages run side by side as it is; to share the columns of one message among threads costs a fifth more.
_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_IN_THIS_THREAD = pa.ipc.IpcReadOptions(use_threads=False)


class BadLegMessage(Exception):
    """A message of `cdr.leg` that mediation cannot have written: broken machinery, so the worker stops."""


class LegMessage(NamedTuple):
    """The CDRs of one `cdr.leg` partition out of the raw offsets `first` to `upto`, both included."""

    raw_partition: str
    first: int
    upto: int
    cdrs: pa.RecordBatch
    restarts: tuple[Restart, ...] = ()
    """Nodes that restarted in that range, the same in every partition."""

    def encode(self) -> tuple[list[tuple[str, bytes]], bytes]:
        """Return headers and value as Kafka takes them."""
        range_of = {RAW_PARTITION: self.raw_partition, FIRST: str(self.first), UPTO: str(self.upto)}
        texts = range_of | {ROWS: str(self.cdrs.num_rows)}
        more = [(RESTARTS, encode_restarts(self.restarts))] if self.restarts else []
        sink, known = pa.BufferOutputStream(), _known_columns(self.cdrs)
        with pa.ipc.new_stream(sink, known.schema, options=_LZ4) as stream:
            stream.write_batch(known)
        return [*((name, text.encode()) for name, text in texts.items()), *more], sink.getvalue().to_pybytes()

    @classmethod
    def decode(cls, headers: Iterable[tuple[str, bytes]], value: bytes) -> Self:
        """Read what `encode` wrote. Raises BadLegMessage for anything else."""
        texts = dict(headers)
        try:
            first, upto = int(texts[FIRST]), int(texts[UPTO])
            raw_partition = texts[RAW_PARTITION].decode()
            cdrs = _only_batch(pa.ipc.open_stream(value, options=_IN_THIS_THREAD))
            restarts = decode_restarts(texts.get(RESTARTS, b"[]"))
        except (KeyError, ValueError, pa.ArrowInvalid) as error:
            raise BadLegMessage(
                f"A message of cdr.leg cannot be read: {error!r}. Expected the headers {RAW_PARTITION}, {FIRST}, "
                f"{UPTO} and an Arrow IPC stream of CDRs; found the headers {sorted(texts)} and {len(value)} bytes. "
                "Only `trunkline worker` may write to this topic."
            ) from error
        return cls(raw_partition, first, upto, cdrs, restarts)


def row_count(headers: Iterable[tuple[str, bytes]]) -> int:
    """CDRs of a message, by its headers; 0 where they do not say. Only to plan with."""
    text = dict(headers).get(ROWS, b"0")
    return int(text) if text.isdigit() else 0


def _known_columns(cdrs: pa.RecordBatch) -> pa.RecordBatch:
    """The required columns, and those that some record has: of a usual format half."""
    columns = zip(cdrs.schema, cdrs.columns, strict=True)
    return cdrs.select([field.name for field, column in columns if _is_required(field) or not is_unknown(column)])


def _is_required(field: pa.Field) -> bool:
    return not field.nullable


def _only_batch(stream: pa.RecordBatchStreamReader) -> pa.RecordBatch:
    found, required = set(stream.schema), set(filter(_is_required, CDR_SCHEMA))
    if not required <= found <= set(CDR_SCHEMA):
        raise ValueError("its columns are not those of this version's CDR; end all workers of the other version")
    batch = stream.read_next_batch()
    return batch_of(dict(zip(batch.schema.names, batch.columns, strict=True)), CDR_SCHEMA, batch.num_rows)
