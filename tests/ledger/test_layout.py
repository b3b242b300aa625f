"""How the Parquet files of the ledger are written: compression, dictionaries, row groups, statistics."""

import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.ledger.compaction import compact
from pipeline.ledger.layout import MANY_VALUES
from pipeline.ledger.table import UsageLedger
from schemas.ledger import USAGE_SCHEMA
from tests.ledger.rows import a_row, a_table


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> UsageLedger:
    """A ledger of one commit: two partitions of legs, two days, four states."""
    ledger = UsageLedger.open(str(tmp_path_factory.mktemp("layout") / "ledger"))
    rows = [
        a_row(1, leg_partition=1, day=date(2026, 10, 2), state="REJECTED"),
        a_row(2, leg_partition=0, day=date(2026, 10, 1), state="RATED"),
        a_row(3, leg_partition=1, day=date(2026, 10, 1), state="DUPLICATE", period="2026-09"),
        a_row(4, leg_partition=0, day=date(2026, 10, 1), state="MERGED"),
    ]
    ledger.append(a_table(*rows), {"cdr.leg-0": 1})
    return ledger


def columns_of(path: str) -> dict[str, pq.ColumnChunkMetaData]:
    """What the footer of a file says of each column, by its path."""
    group = pq.ParquetFile(path).metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    return {column.path_in_schema: column for column in columns}


def test_a_commit_is_one_file(written: UsageLedger) -> None:
    """Of all rows of the batch, in one row group, with the columns of the ledger in their order."""
    (path,) = written.files()
    file = pq.ParquetFile(path)
    assert (4, 1) == (file.metadata.num_rows, file.metadata.num_row_groups)
    assert USAGE_SCHEMA.names == file.schema_arrow.names


def test_appended_files_are_fast_to_write(written: UsageLedger) -> None:
    """LZ4 for every column."""
    assert {"LZ4"} == {column.compression.removesuffix("_RAW") for column in columns_of(written.files()[0]).values()}


@pytest.mark.parametrize("name", MANY_VALUES)
def test_a_column_of_many_values_has_no_dictionary(written: UsageLedger, name: str) -> None:
    """Nearly every row has a value of its own."""
    assert not columns_of(written.files()[0])[name].has_dictionary_page


@pytest.mark.parametrize("name", ["state", "source", "period", "book_hash", "record_type", "source_format"])
def test_a_column_of_few_values_has_one(written: UsageLedger, name: str) -> None:
    """A word is written once for each row group."""
    assert columns_of(written.files()[0])[name].has_dictionary_page


def the_statistics(ledger: UsageLedger) -> dict[str, dict[str, object]]:
    """What the log says of the only file: least, greatest and missing values of its columns."""
    log = Path(ledger.url) / "usage" / "_delta_log" / f"{ledger.version:020}.json"
    (added,) = [action["add"] for line in log.read_text().splitlines() if "add" in (action := json.loads(line))]
    found: dict[str, dict[str, object]] = json.loads(added["stats"])
    return found


def test_the_log_says_what_files_are_pruned_by(written: UsageLedger) -> None:
    """Day, partition, period and state, and no other column: the log stays small."""
    statistics = the_statistics(written)
    assert {"day": "2026-10-01", "leg_partition": 0, "period": "2026-09", "state": "DUPLICATE"} == statistics[
        "minValues"
    ]
    assert {"day": "2026-10-02", "leg_partition": 1, "period": "2026-10", "state": "REJECTED"} == statistics[
        "maxValues"
    ]
    assert 4 == statistics["numRecords"]


@pytest.mark.parametrize(
    ("day", "leg_partition", "expected"),
    [
        (date(2026, 10, 1), 0, [2, 4]),
        (date(2026, 10, 1), 1, [3]),
        (date(2026, 10, 2), 1, [1]),
        (date(2026, 10, 2), 0, []),
        (date(2026, 9, 30), 0, []),
    ],
)
def test_one_day_of_one_partition(written: UsageLedger, day: date, leg_partition: int, expected: list[int]) -> None:
    """Its rows and no other, with the types of the ledger."""
    found = written.read(["offset", "day"], [day], leg_partition)
    assert expected == sorted(found["offset"].to_pylist())
    assert [USAGE_SCHEMA.field("offset").type, USAGE_SCHEMA.field("day").type] == found.schema.types


def test_several_days_of_one_partition(written: UsageLedger) -> None:
    """The days that were asked for, and not those between them."""
    days = [date(2026, 9, 1), date(2026, 10, 2)]
    assert [[], [1], [1, 3]] == [
        sorted(written.read(["offset"], asked, 1)["offset"].to_pylist())
        for asked in (days[:1], days, [*days, date(2026, 10, 1)])
    ]


def test_compacted_files_are_small(tmp_path: Path) -> None:
    """Three commits become one file with ZSTD; no row, value or mark changes."""
    ledger = UsageLedger.open(str(tmp_path / "ledger"))
    for offset in range(3):
        ledger.append(a_table(a_row(offset)), {"cdr.leg-0": offset})
    before = sorted(ledger.read(USAGE_SCHEMA.names, [date(2026, 10, 1)], 0).to_pylist(), key=lambda row: row["offset"])
    assert (3, 1) == compact(ledger)
    after = sorted(ledger.read(USAGE_SCHEMA.names, [date(2026, 10, 1)], 0).to_pylist(), key=lambda row: row["offset"])
    assert (before, {"cdr.leg-0": 2}) == (after, ledger.marks())
    columns = columns_of(ledger.files()[0])
    assert {"ZSTD"} == {column.compression for column in columns.values()}
    assert not any(columns[name].has_dictionary_page for name in MANY_VALUES)
