"""One commit as one Parquet file: dictionaries, types, statistics, and a store that fails."""

import json
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from pipeline.ledger.errors import LedgerUnavailable
from pipeline.ledger.parquet import write_rows
from pipeline.ledger.table import UsageLedger
from schemas.ledger import USAGE_SCHEMA
from tests.ledger.rows import a_row, a_table

DESTINATIONS = ["Malta", None, "Malta", "Guam"]


@pytest.fixture
def folder(tmp_path):
    return SubTreeFileSystem(str(tmp_path), LocalFileSystem())


def encoded(rows: pa.Table, *names: str) -> pa.Table:
    """The rows with these columns as dictionaries."""
    for name in names:
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, name, rows.column(name).dictionary_encode())
    return rows


def some_rows() -> pa.Table:
    """Four rows of two days."""
    days = [date(2026, 10, 2), date(2026, 10, 1)] * 2
    return a_table(*(
        a_row(at, destination=name, day=day, charge=Decimal("0.0123"))
        for at, (name, day) in enumerate(zip(DESTINATIONS, days, strict=True))
    ))  # fmt: skip


def test_dictionaries_are_texts_again(tmp_path):
    """What was handed over as a dictionary is read as text, by the ledger as by anybody."""
    ledger = UsageLedger.open(str(tmp_path / "ledger"))
    rows = some_rows()
    ledger.append(encoded(rows, "destination", "state", "period"), {"cdr.leg-0": 1})
    first = ledger.read(USAGE_SCHEMA.names, [date(2026, 10, 2)], 0)
    assert [rows.to_pylist()[0], rows.to_pylist()[2]] == first.to_pylist()
    texts = duckdb.execute('SELECT destination FROM read_parquet(?) ORDER BY "offset"', [ledger.files()]).fetchall()
    assert DESTINATIONS == [text for (text,) in texts]


@pytest.mark.parametrize("names", [(), ("state", "destination")])
def test_dictionaries_and_texts_are_written_alike(folder, tmp_path, names):
    """How the rows were handed over is not seen in the file: same schema, same values, each word once."""
    file = pq.ParquetFile(tmp_path / write_rows(folder, encoded(some_rows(), *names)).path)
    assert (pa.string(), DESTINATIONS) == (
        file.schema_arrow.field("destination").type,
        file.read()["destination"].to_pylist(),
    )
    assert file.metadata.row_group(0).column(file.schema_arrow.get_field_index("destination")).has_dictionary_page


def test_several_chunks_are_one_file(folder, tmp_path):
    """Rows from two tables, with dictionaries of their own."""
    chunks = [encoded(some_rows().slice(0, 2), "destination"), encoded(some_rows().slice(2), "destination")]
    added = write_rows(folder, pa.concat_tables(chunks))
    assert DESTINATIONS == pq.read_table(tmp_path / added.path).column("destination").to_pylist()


def test_money_is_a_whole_number(folder, tmp_path):
    """DECIMAL(18,9) takes eight bytes, and is exact."""
    file = pq.ParquetFile(tmp_path / write_rows(folder, some_rows()).path)
    charge = file.schema.column(file.schema_arrow.get_field_index("charge"))
    assert ("INT64", [Decimal("0.012300000")] * 4) == (charge.physical_type, file.read()["charge"].to_pylist())


def test_the_log_entry(folder, tmp_path):
    """Name, size, and the least and greatest of what files are pruned by."""
    added = write_rows(folder, encoded(some_rows(), "period"))
    assert ((tmp_path / added.path).stat().st_size, {}, True) == (added.size, added.partition_values, added.data_change)
    assert {
        "numRecords": 4,
        "minValues": {"day": "2026-10-01", "leg_partition": 0, "period": "2026-10", "state": "RATED"},
        "maxValues": {"day": "2026-10-02", "leg_partition": 0, "period": "2026-10", "state": "RATED"},
        "nullCount": {"day": 0, "leg_partition": 0, "period": 0, "state": 0},
    } == json.loads(added.stats)


def test_a_row_without_its_day_is_not_written(folder):
    """A required column with a null is broken machinery, not a file."""
    rows = some_rows()
    with pytest.raises(pa.ArrowException):
        write_rows(folder, rows.set_column(6, USAGE_SCHEMA.field("day"), pa.nulls(4, pa.date32())))


def test_a_folder_that_is_gone(tmp_path):
    """Nothing is committed where the file could not be written."""
    ledger = UsageLedger.open(str(tmp_path / "ledger"))
    (tmp_path / "ledger").rename(tmp_path / "moved")
    (tmp_path / "ledger").write_text("in its place")
    with pytest.raises(LedgerUnavailable, match="cannot be written"):
        ledger.append(some_rows(), {"cdr.leg-0": 1})
