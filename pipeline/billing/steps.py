"""Accounts step by step: as many in one commit as their calls fit in memory.

A close of several steps reads the ledger once and writes the calls that wait to a file for each step; else each commit
would read the whole ledger again. The view `waiting` holds the calls of all accounts, and in such a close of one step.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.dataset import dataset

from pipeline.billing.snapshot import Snapshot

CALLS_AT_ONCE = 1_500_000
"""Calls of the accounts that one commit closes; an account is never divided. More of them take more memory."""

_BATCH_ROWS = 100_000
_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")
_STEPS = pa.schema([("account_id", pa.string()), ("step", pa.int32())])


def steps(snapshot: Snapshot, accounts: Sequence[str]) -> Iterator[list[str]]:
    """Accounts in order; `waiting` is bound to their calls up to the variable `period`."""
    snapshot.put_accounts(accounts)
    snapshot.view("waiting")
    found = list(_divided(accounts, {row["account_id"]: row["calls"] for row in snapshot.rows("waiting_counts")}))
    if len(found) <= 1:
        yield from found
        return
    with tempfile.TemporaryDirectory(prefix="trunkline-close-") as folder:
        for some, path in zip(found, _write(snapshot, found, Path(folder)), strict=True):
            snapshot.bind("waiting", dataset(path, format="ipc"))
            yield some


def _divided(accounts: Sequence[str], calls: Mapping[str, int]) -> Iterator[list[str]]:
    some: list[str] = []
    total = 0
    for name in accounts:
        if some and total + calls.get(name, 0) > CALLS_AT_ONCE:
            yield some
            some, total = [], 0
        some.append(name)
        total += calls.get(name, 0)
    if some:
        yield some


def _write(snapshot: Snapshot, found: Sequence[Sequence[str]], folder: Path) -> list[Path]:
    """Write the calls that wait, each to the file of its step. What is only read once is not worth Parquet."""
    rows = [{"account_id": name, "step": step} for step, some in enumerate(found) for name in some]
    snapshot.put("steps", pa.Table.from_pylist(rows, schema=_STEPS))
    paths = [folder / f"{step}.arrow" for step in range(len(found))]
    batches = snapshot.connection.sql("FROM waiting JOIN steps USING (account_id)").to_arrow_reader(_BATCH_ROWS)
    with ExitStack() as files:
        writers = [files.enter_context(pa.ipc.new_file(str(path), batches.schema, options=_LZ4)) for path in paths]
        for batch in batches:
            for step, writer in enumerate(writers):
                writer.write_batch(batch.filter(pc.equal(batch.column("step"), step)))
    return paths
