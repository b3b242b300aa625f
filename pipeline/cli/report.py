"""The command `trunkline report`: revenue, margin and tax, as tables for people and files for spreadsheets."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opened import LedgerOption, open_ledger
from pipeline.cli.output import JsonOption, fail, print_rows
from pipeline.cli.sql import CsvOption, print_answer

if TYPE_CHECKING:
    import duckdb

    from pipeline.ledger.table import UsageLedger
    from pipeline.reports.catalog import Months

NEEDS_COSTS = "margin"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    name: Annotated[str | None, typer.Argument(help="Name of a report; without one they are listed.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="First month, such as 2026-10.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last month; default: the first.")] = None,
    cost_deck: Annotated[
        Path | None,
        typer.Option("--cost-deck", exists=True, dir_okay=False, help="A supplier's price list, for `margin`."),
    ] = None,
    cost_currency: Annotated[str, typer.Option("--cost-currency", help="Currency of that price list.")] = "USD",
    ledger: LedgerOption = None,
    *,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Report revenue, invoices, margin and tax over whole months."""
    from pipeline.billing.table import BillingTable
    from pipeline.ledger.errors import LedgerError
    from pipeline.reports.catalog import REPORTS, Months, UnknownReport, about, report_connection, run_report
    from pipeline.settings import load_settings

    if name is None:
        print_rows([{"report": each, "tells": about(each)} for each in REPORTS], as_json=as_json, title="Reports")
        return
    if period is None:
        fail("Give the month with --period, such as --period 2026-10.")
    if (name == NEEDS_COSTS) != (cost_deck is not None):
        fail("`margin` needs the price list of a supplier: --cost-deck FILE. No other report takes one.")
    opened = open_ledger(ledger)
    try:
        months = Months.between(period, until)
        about(name)
        billing = BillingTable.open(opened.url, load_settings().storage_options)
        connection = report_connection(opened, billing)
        if cost_deck is not None:
            _price_costs(connection, opened, cost_deck, cost_currency, months)
        print_answer(run_report(connection, name, months), as_csv=as_csv, as_json=as_json)
    except (ValueError, UnknownReport) as error:
        fail(str(error))
    except LedgerError as error:
        fail(str(error), code=3)


def _price_costs(
    connection: "duckdb.DuckDBPyConnection", ledger: "UsageLedger", deck: Path, currency: str, months: "Months"
) -> None:
    from pipeline.book.price_list import read_price_list
    from pipeline.book.problems import BookFileError
    from pipeline.cli.watched import RowsBar
    from pipeline.pricing.revisions import ANY_TIME
    from pipeline.reports.costs import Supplier, keep_costs
    from rating.book import RateBook
    from rating.book_problems import BookError

    books = ledger.books()
    try:
        rates = read_price_list(deck, ANY_TIME).rates
        with RowsBar("Pricing costs") as bar:
            keep_costs(
                connection,
                lambda book_hash: RateBook.from_snapshot(books.read(book_hash)),
                Supplier(rates, currency),
                months,
                bar.show,
            )
    except (BookFileError, BookError) as error:
        fail(str(error))
