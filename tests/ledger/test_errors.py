"""What the errors of the ledger say: what was found, where, and what to do next; and how the files are written."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from pipeline.ledger.delta import open_or_create, reach
from pipeline.ledger.errors import ConcurrentWriter, LedgerError, LedgerUnavailable, OtherLedgerFormat
from pipeline.ledger.layout import FORMAT_PROPERTY, MANY_VALUES, PROPERTIES
from schemas.ledger import LEDGER_FORMAT, USAGE_SCHEMA

SCHEMA = pa.schema([pa.field("name", pa.string(), nullable=False)])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ConcurrentWriter("/ledger", ["cdr.leg-0", "cdr.leg-0<a-0"]),
            ["/ledger", "cdr.leg-0, cdr.leg-0<a-0", "Nothing was written", "start it again"],
        ),
        (
            LedgerUnavailable("s3://bucket/ledger", "written", OSError("disk full\nat line 1\nat line 2")),
            ["s3://bucket/ledger", "cannot be written: disk full.", "Nothing was acknowledged", "free space"],
        ),
        (OtherLedgerFormat("/ledger", "7", 1), ["/ledger", "has format 7", "writes format 1", "ledger_url"]),
        (OtherLedgerFormat("/ledger", None, 1), ["has format none", "writes format 1"]),
    ],
)
def test_a_message_says_what_where_and_what_next(error: LedgerError, words: list[str]) -> None:
    """Every error of the ledger is one sentence after another that a person can act on."""
    assert isinstance(error, LedgerError)
    assert [] == [word for word in words if word not in str(error)]


def test_the_traces_of_a_library_do_not_reach_the_message() -> None:
    """Only the first line of a cause is shown."""
    assert "line 2" not in str(LedgerUnavailable("/ledger", "read", OSError("first\nline 2")))


def _fail(error: Exception) -> Callable[[], int]:
    def attempt() -> int:
        raise error

    return attempt


@pytest.mark.parametrize("error", [OSError("no space"), DeltaError("no log"), PermissionError("denied")])
def test_trouble_with_the_store_is_one_kind_of_error(error: Exception) -> None:
    """Whatever the library raises, the cause is kept beside it."""
    with pytest.raises(LedgerUnavailable, match=f"Ledger /ledger cannot be read: {error}") as caught:
        reach("/ledger", "read", _fail(error))
    assert error is caught.value.__cause__


def test_a_mistake_of_ours_is_not_trouble_with_the_store() -> None:
    """It comes through as it is, so that nobody looks for it in the bucket."""
    with pytest.raises(KeyError):
        reach("/ledger", "read", _fail(KeyError("name")))


def test_what_was_reached_is_given_back() -> None:
    """A number, a table or nothing."""
    assert 7 == reach("/ledger", "read", lambda: 7)
    assert reach("/ledger", "read", lambda: None) is None


def test_a_table_is_created_once(tmp_path: Path) -> None:
    """The second time it is opened, and the properties of the first stay."""
    first = open_or_create(str(tmp_path), "notes", SCHEMA, {FORMAT_PROPERTY: "1"}, {})
    again = open_or_create(f"{tmp_path}/", "notes", SCHEMA, {FORMAT_PROPERTY: "2"}, {})
    assert (0, 0) == (first.version(), again.version())
    assert "1" == again.metadata().configuration[FORMAT_PROPERTY]


def test_a_table_that_is_a_file_cannot_be_opened(tmp_path: Path) -> None:
    """The message names the folder."""
    (tmp_path / "ledger").write_text("not a folder")
    with pytest.raises(LedgerUnavailable, match=f"Ledger {tmp_path}/ledger cannot be opened"):
        open_or_create(str(tmp_path / "ledger"), "usage", SCHEMA, {}, {})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (FORMAT_PROPERTY, str(LEDGER_FORMAT)),
        ("delta.dataSkippingStatsColumns", "day,leg_partition,period,state"),
        ("delta.enableExpiredLogCleanup", "true"),
        ("delta.setTransactionRetentionDuration", "interval 30 days"),
    ],
)
def test_properties_of_the_table(tmp_path: Path, name: str, expected: str) -> None:
    """A new ledger carries them in its log, where every Delta tool finds them."""
    open_or_create(str(tmp_path), "usage", USAGE_SCHEMA, PROPERTIES, {})
    assert expected == DeltaTable(str(tmp_path / "usage")).metadata().configuration[name]


def test_the_layout_names_columns_that_exist() -> None:
    """A column that was renamed would silently lose its statistics or its encoding."""
    pruned = str(PROPERTIES["delta.dataSkippingStatsColumns"]).split(",")
    assert set() == {*MANY_VALUES, *pruned} - set(USAGE_SCHEMA.names)
    assert len(set(MANY_VALUES)) == len(MANY_VALUES)
