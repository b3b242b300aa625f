"""Marks: how far the ledger has come, kept as application transactions of its Delta log.

`cdr.leg-3` is the last offset of that partition of `cdr.leg` whose rows are in the ledger, and
`cdr.leg-3<cdr.raw.sbc1-0` the last offset of a raw partition (or line of a spool file) that reached it there. The
names that exist are read from the log; their values are always asked from the table itself.
"""

import json
from collections.abc import Iterator

import pyarrow.parquet as pq
from pyarrow.fs import FileSystem, FileType

LEG_TOPIC = "cdr.leg"
LOG = "_delta_log"


def corrections_mark(leg_partition: int) -> str:
    """Name of the mark that counts the commits which replace rows of one partition of `cdr.leg`.

    Its worker and a person who corrects or replays may both replace a row; only one of them can move this mark.
    """
    return f"corrections-{leg_partition}"


def leg_mark(leg_partition: int) -> str:
    """Name of the mark of one partition of `cdr.leg`."""
    return f"{LEG_TOPIC}-{leg_partition}"


def raw_mark(leg_partition: int, raw_partition: str) -> str:
    """Name of the mark of a raw partition in one partition of `cdr.leg`."""
    return f"{leg_mark(leg_partition)}<{raw_partition}"


def mark_names(log: FileSystem, version: int) -> set[str]:
    """Names of all marks set up to `version`: those of the last checkpoint, then those of each commit after it.

    `log` is the file system of the table's own folder. The layout is the Delta protocol's (Delta transaction log
    protocol, sections "Checkpoints" and "Transaction Identifiers").
    """
    checkpoint = _last_checkpoint(log)
    names = set() if checkpoint is None else set(_checkpointed(log, checkpoint))
    for commit in range(0 if checkpoint is None else checkpoint + 1, version + 1):
        names.update(_committed(log, commit))
    return names


def _last_checkpoint(log: FileSystem) -> int | None:
    path = f"{LOG}/_last_checkpoint"
    if log.get_file_info(path).type == FileType.NotFound:
        return None
    with log.open_input_stream(path) as file:
        return int(json.loads(file.read())["version"])


def _checkpointed(log: FileSystem, version: int) -> Iterator[str]:
    table = pq.read_table(f"{LOG}/{version:020}.checkpoint.parquet", columns=["txn"], filesystem=log)
    return (txn["appId"] for txn in table["txn"].drop_null().to_pylist())


def _committed(log: FileSystem, version: int) -> Iterator[str]:
    with log.open_input_stream(f"{LOG}/{version:020}.json") as file:
        actions = [json.loads(line) for line in file.read().splitlines()]
    return (action["txn"]["appId"] for action in actions if "txn" in action)
