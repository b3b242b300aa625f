"""Accounts step by step: as many in one commit as their calls fit in memory.

A close of several steps reads the ledger once and writes the calls that wait to a file for each step; else each commit
would read the whole ledger again. The view `waiting` holds the calls of all accounts, and in such a close of one step.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from pipeline.billing.snapshot import Snapshot

CALLS_AT_ONCE = 1_500_000
"""Calls of the accounts that one commit closes; an account is never divided. More of them take more memory."""

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
        _write(snapshot, found, folder)
        for number, some in enumerate(found):
            snapshot.set("step", str(number))
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


def _write(snapshot: Snapshot, found: Sequence[Sequence[str]], folder: str) -> None:
    """Write the calls of each step to files of its own, and let `waiting` be those of one."""
    rows = [{"account_id": name, "step": number} for number, some in enumerate(found) for name in some]
    snapshot.put("steps", pa.Table.from_pylist(rows, schema=_STEPS))
    divided = snapshot.connection.sql("FROM waiting JOIN steps USING (account_id)")
    divided.write_parquet(folder, compression="lz4", partition_by=["step"])
    snapshot.set("step_files", f"{folder}/*/*.parquet")
    snapshot.view("waiting_of_step", as_name="waiting")
