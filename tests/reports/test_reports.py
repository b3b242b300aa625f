"""Reports of revenue, invoices, margin and tax: rows in, rows out."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from pipeline.billing.schema import BILLING_SCHEMA
from pipeline.billing.table import BillingTable
from pipeline.cli import app
from pipeline.ledger.table import UsageLedger
from pipeline.reports.catalog import (
    OWN_REPORTS,
    REPORTS,
    Months,
    UnknownReport,
    about,
    report_connection,
    run_report,
    shown,
)
from pipeline.reports.costs import Supplier, keep_costs, supplier_book
from pipeline.tax.reports import REPORTS as TAX_REPORTS
from rating.book import RateBook
from schemas.reference import Account, Plan, Rate, RateDeck, Trunk
from tests.ledger.rows import a_row, a_table

START = datetime(2026, 1, 1, tzinfo=UTC)
OCTOBER = Months("2026-10", "2026-11")
ANSWERED = datetime(2026, 10, 1, 10, tzinfo=UTC)


def a_rate(prefix: str, rate: str) -> Rate:
    """A row of a deck that bills by the second."""
    return Rate(
        row_id=prefix, prefix=prefix, destination=f"Zone {prefix}", rate_per_minute=rate, initial_seconds=1,
        next_seconds=1, effective_from=START,
    )  # fmt: skip


def a_book() -> RateBook:
    """An account in euros with one metered trunk that dials from Germany."""
    trunk = {
        "trunk_id": "t1", "account_id": "acme", "name": "Front desk", "type": "STATIC", "plan_id": "metered",
        "location": "FRANKFURT", "country": "DE", "effective_from": START,
        "channel_limits": ({"effective_from": START, "channel_limit": 5},),
    }  # fmt: skip
    plan = {
        "plan_id": "metered", "package": "METERED", "effective_from": START, "outbound_deck": "eu", "currency": "EUR",
        "blocked_classes": ("INTERNATIONAL",),
    }  # fmt: skip
    return RateBook.build(
        accounts=[Account(account_id="acme", name="Acme", currency="EUR")],
        plans=[Plan.model_validate(plan, strict=False)],
        trunks=[Trunk.model_validate(trunk, strict=False)],
        decks=[RateDeck(deck_id="eu", currency="EUR", rates=(a_rate("44", "0.10"),))],
    )


def a_call(offset: int, called: str, seconds: int, charge: str, **fields):
    """An answered call of account acme on trunk t1."""
    return a_row(offset, **{
        "account_id": "acme", "trunk_id": "t1", "plan_id": "metered", "claimed_trunk_id": "t1", "currency": "EUR",
        "direction": "OUTBOUND", "charge_kind": "METERED", "number_class": "INTERNATIONAL", "destination_country": "GB",
        "destination": "United Kingdom", "called": called, "answered_at": ANSWERED, "started_at": ANSWERED,
        "measured_ms": seconds * 1000, "call_seconds": seconds, "billed_seconds": seconds, "charge": Decimal(charge),
    } | fields)  # fmt: skip


def a_line(kind: str, amount: str, **fields):
    """A line of invoice TL-1 of October."""
    return {
        "part": "LINE", "document_id": "TL-1", "account_id": "acme", "currency": "EUR", "kind": kind,
        "service_period": "2026-10", "amount": Decimal(amount), "calls": 0,
    } | fields  # fmt: skip


DOCUMENT = {
    "part": "DOCUMENT", "document_id": "TL-1", "account_id": "acme", "currency": "EUR", "sequence": 1,
    "document_type": "INVOICE", "period": "2026-10", "issued_on": date(2026, 11, 1), "total": Decimal("12.38"),
    "document": b"{}", "sha256": "0",
}  # fmt: skip
TAX = {
    "compliance_period": "2026-11", "tax_id": "US-MN.SALES", "tax_type": "SALES", "level": "STATE",
    "jurisdiction_id": "US-MN", "jurisdiction": "Minnesota", "text": "Minnesota sales tax", "base": Decimal(20),
    "exempt": Decimal(0), "rate": Decimal("0.06875"), "tax_unrounded": Decimal("1.375"),
}  # fmt: skip


@pytest.fixture
def ledger(tmp_path, monkeypatch) -> UsageLedger:
    """Two calls on an invoice with fee and tax, one call that came later, one of November, one reject."""
    monkeypatch.chdir(tmp_path)
    opened = UsageLedger.open("ledger")
    book = a_book()
    opened.books().keep(book.hash, book.snapshot)
    rows = [
        a_call(1, "+442079460123", 60, "0.10"),
        a_call(2, "+442079460124", 30, "0.05"),
        a_call(3, "+33123456789", 120, "0.30", destination="France", destination_country="FR"),
        a_call(4, "+442079460123", 60, "0.10", period="2026-11"),
        a_row(5, state="REJECTED", reject_reason="NO_RATE"),
    ]
    opened.append(a_table(*(row | {"book_hash": book.hash} for row in rows)), {})
    billed = [
        {"part": "CALL", "document_id": "TL-1", "account_id": "acme", "row_id": row["row_id"], "sign": 1}
        for row in rows[:2]
    ]
    lines = [a_line("CHANNEL_FEE", "10.85"), a_line("USAGE", "0.15", calls=2), a_line("TAX", "1.38", **TAX)]
    BillingTable.open("ledger").issue(pa.Table.from_pylist([DOCUMENT, *lines, *billed], schema=BILLING_SCHEMA), 1)
    return opened


def rows_of(ledger: UsageLedger, name: str, months: Months = OCTOBER):
    """The rows of a report as dictionaries."""
    answer = run_report(report_connection(ledger, BillingTable.open(ledger.url)), name, months)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def test_revenue_by_destination(ledger):
    """October: 0.15 to the United Kingdom, 0.30 to France, the larger one first."""
    found = [
        (row["destination"], row["calls"], row["billed_seconds"], row["charge"]) for row in rows_of(ledger, "revenue")
    ]
    assert [("France", 1, 120, Decimal("0.30")), ("United Kingdom", 2, 90, Decimal("0.15"))] == found


def test_unbilled_revenue(ledger):
    """The call to France stands on no document; in two months the one of November does neither."""
    assert [("2026-10", 1, Decimal("0.30"))] == [
        (row["service_period"], row["calls"], row["charge"]) for row in rows_of(ledger, "unbilled")
    ]
    both = rows_of(ledger, "unbilled", Months("2026-10", "2026-12"))
    assert ["2026-10", "2026-11"] == [row["service_period"] for row in both]


def test_what_was_invoiced(ledger):
    """Fee, usage and tax of the one invoice: together its total."""
    found = {row["kind"]: row["amount"] for row in rows_of(ledger, "invoiced")}
    assert {"CHANNEL_FEE": Decimal("10.85"), "USAGE": Decimal("0.15"), "TAX": Decimal("1.38")} == found
    assert DOCUMENT["total"] == sum(found.values())


def test_tax_reports_read_the_issued_lines(ledger):
    """Tax goes by the month in which it is reported, which is that of the bill's date."""
    (row,) = rows_of(ledger, "sales_tax", Months("2026-11", "2026-12"))
    assert ("US-MN", "Minnesota sales tax", Decimal(20), Decimal("1.38")) == tuple(
        row[name] for name in ("jurisdiction_id", "label", "taxable", "tax")
    )
    assert [] == rows_of(ledger, "sales_tax")


@pytest.mark.parametrize("name", TAX_REPORTS)
def test_every_tax_report_runs(ledger, name):
    """Each of them finds its columns in what closing writes."""
    assert isinstance(rows_of(ledger, name), list)


def costs_of(ledger: UsageLedger, *rates: Rate, currency: str = "EUR"):
    """A connection with the costs of the calls of October."""
    connection = report_connection(ledger, BillingTable.open(ledger.url))
    books = ledger.books()
    seen: list[tuple[int, int]] = []
    keep_costs(
        connection, lambda book_hash: RateBook.from_snapshot(books.read(book_hash)), Supplier(rates, currency), OCTOBER,
        lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen in ([(3, 3)], [])
    return connection


def test_margin(ledger):
    """90 seconds at 0.04 a minute cost 0.06 of 0.15; for France the supplier has no price, so no margin is told."""
    connection = costs_of(ledger, a_rate("44", "0.04"))
    answer = run_report(connection, "margin", OCTOBER)
    found = {row[5]: dict(zip(answer.columns, row, strict=True)) for row in answer.rows}
    kingdom, france = found["United Kingdom"], found["France"]
    assert (Decimal("0.15"), Decimal("0.06"), Decimal("0.09"), 0) == tuple(
        kingdom[name] for name in ("charge", "cost", "margin", "calls_without_cost")
    )
    assert (None, None, 1) == tuple(france[name] for name in ("cost", "margin", "calls_without_cost"))
    reasons = connection.execute("SELECT reason FROM costs WHERE cost IS NULL").fetchall()
    assert [("NO_RATE",)] == reasons


def test_no_margin_between_two_currencies(ledger):
    """Euros less dollars is not a number."""
    answer = run_report(costs_of(ledger, a_rate("44", "0.04"), currency="USD"), "margin", OCTOBER)
    assert {None} == {row[answer.columns.index("margin")] for row in answer.rows}


def test_our_own_rules_do_not_bind_the_supplier():
    """What our plan blocks or gives away, the supplier sells."""
    book = supplier_book(a_book(), Supplier((a_rate("44", "0.04"),), "USD"))
    (plan,) = book.plans["metered"]
    assert ("METERED", "USD", (), ()) == (plan.package, plan.currency, plan.blocked_classes, plan.free_classes)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-10", None, Months("2026-10", "2026-11")),
        ("2026-12", None, Months("2026-12", "2027-01")),
        ("2026-10", "2026-12", Months("2026-10", "2027-01")),
    ],
)
def test_months(first, last, expected):
    """The last month is included."""
    assert expected == Months.between(first, last)


def test_months_in_the_wrong_order():
    """The message names both."""
    with pytest.raises(ValueError, match="2026-09 lies before the first, 2026-10"):
        Months.between("2026-10", "2026-09")


def test_every_report_says_what_it_tells():
    """The header of its file; names are unique."""
    assert len(REPORTS) == len(set(REPORTS))
    assert all(about(name).endswith(".") for name in OWN_REPORTS)
    with pytest.raises(UnknownReport, match="Known: invoiced, margin"):
        about("nothing")


def run(*arguments: str, code: int = 0):
    """A command that ends with `code`."""
    done = CliRunner().invoke(app, ["report", *arguments])
    assert code == done.exit_code, done.output
    return done


def test_reports_are_listed():
    """Without a name."""
    names = [json.loads(line)["report"] for line in run("--json").stdout.splitlines()]
    assert list(REPORTS) == names


def test_report_command(ledger):
    """CSV for a spreadsheet."""
    text = run("unbilled", "--period", "2026-10", "--ledger", "ledger", "--csv").stdout
    assert [("acme", "0.30")] == [(row["account_id"], row["charge"]) for row in csv.DictReader(io.StringIO(text))]


def test_margin_command(ledger):
    """The supplier's price list is a file as decks are."""
    Path("carrier.csv").write_text(
        "prefix,destination,rate_per_minute,connection_fee,initial_seconds,next_seconds\n44,UK,0.04,0,1,1\n"
    )
    done = run("margin", "--period", "2026-10", "--ledger", "ledger", "--cost-deck", "carrier.csv", "--cost-currency",
               "EUR", "--json")  # fmt: skip
    found = {json.loads(line)["destination"]: json.loads(line)["margin"] for line in done.stdout.splitlines()}
    assert {"United Kingdom": "0.09", "France": None} == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing", "--period", "2026-10"], "Known: invoiced"),
        (["revenue"], "--period 2026-10"),
        (["revenue", "--period", "October"], "is not a month"),
        (["revenue", "--period", "2026-10", "--until", "2026-01"], "lies before"),
        (["margin", "--period", "2026-10"], "--cost-deck FILE"),
    ],
)
def test_wrong_usage(ledger, arguments, message):
    """Each mistake has its own message and ends with 2."""
    assert message in " ".join(run(*arguments, "--ledger", "ledger", code=2).stderr.split())


def test_a_price_list_that_cannot_be_read(ledger):
    """The message names file and line."""
    Path("carrier.csv").write_text("prefix,rate_per_minute\n44,cheap\n")
    done = run("margin", "--period", "2026-10", "--ledger", "ledger", "--cost-deck", "carrier.csv", code=2)
    assert "carrier.csv" in done.stderr


@pytest.mark.parametrize(
    ("exact", "text"),
    [
        (Decimal("1187.827330000000000000000000000000"), "1187.82733"),
        (Decimal("3.000"), "3.00"),
        (Decimal(3), "3.00"),
        (Decimal("-0.005"), "-0.005"),
        (Decimal("0.00000000000000000000000000000000000001"), "0.00000000000000000000000000000000000001"),
        (7, "7"),
    ],
)
def test_amounts_are_shown_without_empty_digits(exact: object, text: str) -> None:
    """No digit that says something is lost, and cents stay."""
    assert text == format(shown(exact), "f" if isinstance(exact, Decimal) else "")
