"""Marks: how far the ledger has come, kept as application transactions of its Delta log.

`cdr.leg-3` is the last offset of that partition of `cdr.leg` whose rows are in the ledger, and
`cdr.leg-3<cdr.raw.sbc1-0` the last offset of a raw partition (or line of a spool file) that reached it there.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

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


class MarkReader:
    """The marks of a snapshot, read from the log: once from its beginning, then commit by commit.

    The table itself replays its log for every mark that it is asked for, milliseconds each. The layout is the Delta
    protocol's (Delta transaction log protocol, sections "Checkpoints" and "Transaction Identifiers").
    """

    def __init__(self, log: FileSystem) -> None:
        """`log` is the file system of the table's own folder."""
        self._log = log
        self._version: int | None = None
        self._marks: dict[str, int | None] = {}

    def at(self, version: int) -> Mapping[str, int | None]:
        """Every mark set up to `version`; None where only the table can tell, for the mark was retired.

        FileNotFoundError where the clean-up of the log has taken what is needed.
        """
        if self._version is None or self._version > version:
            self._begin(version)
        try:
            self._follow(version)
        except FileNotFoundError:
            self._begin(version)
            self._follow(version)
        return self._marks

    def _begin(self, version: int) -> None:
        """At the last checkpoint, which stands for the commits before it."""
        checkpoint = _last_checkpoint(self._log)
        if checkpoint is not None and checkpoint > version:
            raise FileNotFoundError(f"no checkpoint for version {version}: the last one is of version {checkpoint}")
        self._marks = {} if checkpoint is None else dict(_checkpointed(self._log, checkpoint))
        self._version = -1 if checkpoint is None else checkpoint

    def _follow(self, version: int) -> None:
        for commit in range((-1 if self._version is None else self._version) + 1, version + 1):
            self._marks |= _committed(self._log, commit)
            self._version = commit


def _last_checkpoint(log: FileSystem) -> int | None:
    path = f"{LOG}/_last_checkpoint"
    if log.get_file_info(path).type == FileType.NotFound:
        return None
    with log.open_input_stream(path) as file:
        return int(json.loads(file.read())["version"])


def _checkpointed(log: FileSystem, version: int) -> Iterator[tuple[str, int | None]]:
    table = pq.read_table(f"{LOG}/{version:020}.checkpoint.parquet", columns=["txn"], filesystem=log)
    return map(_mark, table["txn"].drop_null().to_pylist())


def _committed(log: FileSystem, version: int) -> Iterator[tuple[str, int | None]]:
    with log.open_input_stream(f"{LOG}/{version:020}.json") as file:
        lines = file.read().splitlines()
    return (_mark(json.loads(line)["txn"]) for line in lines if line.startswith(_TXN))


_TXN = b'{"txn"'


def _mark(txn: Mapping[str, Any]) -> tuple[str, int | None]:
    return txn["appId"], txn["version"] if txn.get("lastUpdated") is None else None
