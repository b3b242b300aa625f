"""Invoices in SQL, by the two questions that an analyst asks first, with answers worked out by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.billing.adjustments import Adjustment, record
from pipeline.billing.analysts import BILLING_VIEWS, FOLDER, add_billing_views, billing_views
from pipeline.billing.close import issue_notes
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import connect_to
from pipeline.sql.export import export_views
from tests.billing.test_golden_months import a_provider
from tests.billing.test_kills import NOTED_ON
from tests.billing.world import World, a_call


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Two calls of `north` in October, closed; then one of them was shorter, with a note."""
    world = a_provider(tmp_path_factory.mktemp("analysts") / "world")
    world.receive(
        a_call("north-1", "+442079460018", "2026-10-05T10:00:00", 600, cdr_id="a"),
        a_call("north-1", "+442079460018", "2026-10-06T10:00:00", 1200, cdr_id="b"),
    )
    world.close(account="north")
    world.correct("b", measured_ms=600_000)
    issue_notes(world.settings, "2026-10", NOTED_ON)
    return views(world)


def views(world: World) -> duckdb.DuckDBPyConnection:
    """Ledger and invoices of a provider."""
    connected = connect_to(UsageLedger.open(world.settings.ledger_url), world.book)
    add_billing_views(connected, BillingTable.find(world.settings.ledger_url))
    return connected


def ask(connection: duckdb.DuckDBPyConnection, question: str) -> list[tuple[Any, ...]]:
    """Rows with money as text."""
    return [
        tuple(None if value is None else str(value) for value in row) for row in connection.sql(question).fetchall()
    ]


def test_invoices_with_their_sums(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten channels at 2.00; 30 minutes at 0.0120 are 0.36, of which ten minutes, 0.12, come back."""
    question = "SELECT document_id, document_type, corrects, plan_fees, usage, overage FROM invoices ORDER BY sequence"
    assert [
        ("TL-000001", "INVOICE", None, "20.00", "0.36", "0.00"),
        ("TL-000002", "CREDIT_NOTE", "TL-000001", "0.00", "-0.12", "0.00"),
    ] == ask(connection, question)
    sums = "SELECT document_id FROM invoices WHERE total <> plan_fees + usage + overage + adjustments + taxes"
    assert [] == ask(connection, sums)


def test_charges_and_taxes_are_the_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """A fee with its days and usage with its rate; taxes name who levies them. Nothing is in both."""
    assert [("CHANNEL_FEE", "31", "2.000000000", None, "20.00"), ("USAGE", None, None, "0.012000000", "0.36")] == ask(
        connection,
        "SELECT kind, days, unit_price, rate_per_minute, amount FROM charges WHERE document_id = 'TL-000001'"
        " ORDER BY line_no",
    )
    assert [("US",), ("US-WI",), ("US-WI-C025",)] == ask(
        connection, "SELECT DISTINCT jurisdiction_id FROM taxes WHERE amount > 0 ORDER BY 1"
    )
    assert [("0",)] == ask(
        connection,
        "SELECT (SELECT count(*) FROM invoice_lines) - (SELECT count(*) FROM charges) - (SELECT count(*) FROM taxes)",
    )


def test_calls_of_documents(connection: duckdb.DuckDBPyConnection) -> None:
    """The note takes back the call of twenty minutes and bills it with ten."""
    question = "SELECT document_id, cdr_id, sign, call_seconds FROM invoice_calls ORDER BY document_id, cdr_id, sign"
    assert [
        ("TL-000001", "a", "1", "600"),
        ("TL-000001", "b", "1", "1200"),
        ("TL-000002", "b", "-1", "1200"),
        ("TL-000002", "b", "1", "600"),
    ] == ask(connection, question)


def test_before_the_first_close_the_views_are_empty(tmp_path: Path) -> None:
    """Asking makes no table."""
    world = a_provider(tmp_path / "world")
    UsageLedger.open(world.settings.ledger_url)
    connected = views(world)
    for name in BILLING_VIEWS:
        assert [] == connected.table(name).fetchall()
    assert not (world.folder / "ledger" / "billing").exists()


@pytest.mark.parametrize("mask", [False, True])
def test_a_file_of_views_holds_invoices_as_well(tmp_path: Path, *, mask: bool) -> None:
    """Twenty for ten channels less an adjustment of one; masked, nobody is named and the figures are the same."""
    world = a_provider(tmp_path / "world")
    world.receive(a_call("north-1", "+442079460018", "2026-10-05T10:00:00", 600, cdr_id="a"))
    record(
        world.settings, Adjustment("north", Decimal("-1.00"), "Sorry, Annabella", "Clerk Joe", "Annabella was angry")
    )
    world.close(account="north")
    ledger, target = UsageLedger.open(world.settings.ledger_url), tmp_path / "views.duckdb"
    invoices = billing_views(BillingTable.find(ledger.url), mask=mask)
    export_views(ledger, target, mask=mask, progress=lambda *_: None, also=invoices)
    with duckdb.connect(str(target), read_only=True) as client:
        assert [("TL-000001", "20.00", "0.12", "-1.00")] == ask(
            client, "SELECT document_id, plan_fees, usage, adjustments FROM invoices"
        )
        assert [("a", "+4420***" if mask else "+442079460018")] == ask(
            client, "SELECT cdr_id, called FROM invoice_calls"
        )
        adjusted = ask(client, "SELECT text, author, reason FROM charges WHERE kind = 'ADJUSTMENT'")
        assert [("***", None, None) if mask else ("Sorry, Annabella", "Clerk Joe", "Annabella was angry")] == adjusted
    for name in (b"Annabella", b"Clerk Joe"):
        assert name not in target.read_bytes()


@pytest.mark.parametrize("name", BILLING_VIEWS)
def test_each_view_says_what_a_row_is(name: str) -> None:
    """A description and a grain."""
    assert "\n-- Grain: document_id" in (FOLDER / f"{name}.sql").read_text()
    assert sorted(BILLING_VIEWS) == sorted(path.stem for path in FOLDER.glob("*.sql"))
