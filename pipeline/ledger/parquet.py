"""One commit's rows as one Parquet file, written by Arrow, and what the Delta log says of it.

Arrow writes a dictionary column as it is: a text that repeats is neither copied for its row nor hashed again, as it
would be by the writer of `deltalake`. With 100,000 rows of 126 columns that is half of the processor time.
"""

import json
import time
from datetime import date
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake.transaction import AddAction
from pyarrow.fs import FileSystem

from pipeline.ledger.layout import MANY_VALUES, PRUNED_BY, ROW_GROUP_ROWS
from schemas.ledger import USAGE_SCHEMA

_LEAVES = {"flags": "flags.list.element"}
"""How Parquet calls the values of a list."""
_FEW_VALUES = [_LEAVES.get(name, name) for name in USAGE_SCHEMA.names if name not in MANY_VALUES]
_NANOS_PER_MS = 1_000_000
_BUFFER_BYTES = 4 << 20
"""Each write to the store of the ledger goes through Python, so there are few."""


def write_rows(folder: FileSystem, rows: pa.Table) -> AddAction:
    """Write rows of USAGE_SCHEMA, text perhaps as dictionaries, into a file of their own. Raises OSError."""
    name = f"part-{uuid4()}.lz4.parquet"
    with folder.open_output_stream(name, buffer_size=_BUFFER_BYTES) as sink:
        pq.write_table(
            rows,
            sink,
            row_group_size=ROW_GROUP_ROWS,
            write_batch_size=ROW_GROUP_ROWS,
            compression="lz4",
            use_dictionary=_FEW_VALUES,
            write_statistics=list(PRUNED_BY),
            store_decimal_as_integer=True,
            store_schema=False,
        )
        size = sink.tell()
    return AddAction(
        path=name,
        size=size,
        partition_values={},
        modification_time=time.time_ns() // _NANOS_PER_MS,
        data_change=True,
        stats=json.dumps(_statistics(rows)),
    )


def _statistics(rows: pa.Table) -> dict[str, object]:
    """What files are pruned by, as the Delta protocol writes it (Per-file Statistics)."""
    values = {name: pc.unique(rows.column(name)).to_pylist() for name in PRUNED_BY}
    return {
        "numRecords": len(rows),
        "minValues": {name: _plain(min(found)) for name, found in values.items()},
        "maxValues": {name: _plain(max(found)) for name, found in values.items()},
        "nullCount": dict.fromkeys(PRUNED_BY, 0),
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
