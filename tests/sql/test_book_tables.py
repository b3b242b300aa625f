"""The tables of reference data, of the example book and of hand-made parts."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.book import load_book
from pipeline.sql.book_tables import BOOK_TABLES, book_tables, reference_data
from pipeline.sql.catalog import VIEWS, definition
from rating.book import RateBook
from schemas.reference import ReferenceData
from tests.sql.views_over import views_over

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "book"


@pytest.fixture(scope="module")
def book() -> RateBook:
    return load_book(EXAMPLE)


def test_a_snapshot_without_its_decks(book):
    """All but the decks is read; they are most of a snapshot and no table."""
    data = reference_data(book.snapshot)
    assert (set(book.accounts), set(book.trunks), ()) == (
        {account.account_id for account in data.accounts},
        {trunk.trunk_id for trunk in data.trunks},
        data.decks,
    )


def test_every_table_has_its_columns(book):
    """With or without rows the schema is the same, and the grain is an identity."""
    tables, empty = book_tables(reference_data(book.snapshot)), book_tables(ReferenceData())
    for name, schema in BOOK_TABLES.items():
        assert (schema, schema) == (tables[name].schema, empty[name].schema)
        grain = [column.strip() for column in schema.metadata[b"grain"].decode().split(",")]
        rows = tables[name].select(grain).to_pylist()
        assert rows
        assert len(rows) == len({tuple(row.values()) for row in rows})


def test_a_limit_ends_where_the_next_begins(book):
    """Trunk heron-dispatch of the example book: 20 channels, from 16 October 2026 on 30."""
    limits = [
        (row["channel_limit"], row["effective_from"], row["effective_until"])
        for row in book_tables(reference_data(book.snapshot))["trunk_limits"].to_pylist()
        if row["trunk_id"] == "heron-dispatch"
    ]
    change = datetime(2026, 10, 16, 5, tzinfo=UTC)
    assert [(20, datetime(2026, 1, 1, 6, tzinfo=UTC), change), (30, change, None)] == limits


def test_a_trunk_has_the_zone_of_its_account(book):
    """Days of capacity are those of the account."""
    zones = {account.account_id: account.time_zone for account in book.accounts.values()}
    for row in book_tables(reference_data(book.snapshot))["trunks"].to_pylist():
        assert zones[row["account_id"]] == row["time_zone"]


def test_fees_are_exact():
    """A fee of nine decimals keeps them."""
    plan = {
        "plan_id": "p", "package": "METERED", "effective_from": "2026-01-01T00:00:00Z", "outbound_deck": "d",
        "channel_fee": "12.000000001",
    }  # fmt: skip
    data = ReferenceData.model_validate_json(json.dumps({"plans": [plan]}))
    assert [Decimal("12.000000001")] == book_tables(data)["plans"].column("channel_fee").to_pylist()


def test_usage_joins_the_book(book):
    """Names of accounts and trunks beside their charges."""
    rows = [{"offset": 1, "account_id": "blue-heron", "trunk_id": "heron-dispatch", "charge": "1.5"}]
    query = """
        SELECT accounts.name, trunks.name, sum(charge) FROM usage
        JOIN accounts USING (account_id) JOIN trunks USING (trunk_id) GROUP BY ALL
    """
    found = views_over(rows, reference_data(book.snapshot)).execute(query).fetchall()
    names = (book.accounts["blue-heron"].name, book.trunks["heron-dispatch"].name)
    assert [(*names, Decimal("1.5"))] == found


def test_fair_use_of_the_example_book(book):
    """780 channel-days of October at 3000 minutes: 180,000 x 780 / 31 = 4,529,032 seconds, rounded down."""
    plan = book.trunks["heron-dispatch"].plan_id
    row = {
        "offset": 1, "account_id": "blue-heron", "trunk_id": "heron-dispatch", "plan_id": plan,
        "charge_kind": "INCLUDED", "call_seconds": 4_529_031,
    }  # fmt: skip
    connection = views_over([row], reference_data(book.snapshot))
    assert [(4_529_032, 99, "NEAR")] == connection.execute(
        "SELECT allowance_seconds, used_percent, alert FROM fair_use"
    ).fetchall()


@pytest.mark.parametrize("name", VIEWS)
def test_the_header_of_a_view(name):
    """A description that ends, a grain, and a query that is not empty."""
    view = definition(name)
    assert view.description.endswith(".")
    assert not view.grain.endswith(".")
    assert "SELECT" in view.query


def test_an_unknown_view_lists_the_known_ones():
    """The error names them."""
    with pytest.raises(KeyError, match="Known: ledger, current"):
        definition("nothing")
