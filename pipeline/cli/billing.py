"""Commands of the monthly close: invoices, notes, adjustments, and how a line came about."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.output import JsonOption, fail, print_rows, problems
from rating.tax.terms import ChargeClass

if TYPE_CHECKING:
    from pipeline.billing.close import CloseReport
    from pipeline.billing.issuing import Issued
    from pipeline.settings import Settings

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="Month, such as 2026-10.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Only this account.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Compute everything, write nothing.")]


NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the document, such as TL-000001.")]

invoice = typer.Typer(help="Invoices and notes: list them, show one, explain a line.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("close")(close)
    app.command("credit")(credit)
    app.command("rerate")(rerate)
    app.command("adjust")(adjust)
    app.command("audit")(audit)
    app.add_typer(invoice, name="invoice")


def close(
    period: PeriodArgument, account: AccountOption = None, *, dry_run: DryRunOption = False, as_json: JsonOption = False
) -> None:
    """Close a month: plan fees, usage, fair use, tax, numbered invoices. Running it again changes nothing.

    Ends with 1 when an account is parked; the others are closed all the same.
    """
    from pipeline.billing.close import close_period

    settings = _settings()
    with _stops(), _progress(f"Closing {period}") as advance:
        report = close_period(settings, period, account=account, dry_run=dry_run, progress=advance)
    _print_report(report, as_json=as_json, dry_run=dry_run, folder=str(settings.invoice_path))


def credit(
    period: PeriodArgument,
    account: AccountOption = None,
    on: Annotated[str | None, typer.Option("--on", help="Date of the notes; default: today.")] = None,
    *,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Issue credit and debit notes for corrected invoices of a month now. Without it the next close issues them."""
    from pipeline.billing.close import issue_notes

    settings = _settings()
    with _stops():
        noted_on = datetime.now(UTC).date() if on is None else date.fromisoformat(on)
        report = issue_notes(settings, period, noted_on, account=account, dry_run=dry_run)
    _print_report(report, as_json=as_json, dry_run=dry_run, folder=str(settings.invoice_path))


def rerate(
    note: Annotated[str, typer.Option(help="Why, for everybody who reads the rows later.")],
    deck: Annotated[str | None, typer.Option(help="Only calls that this deck priced.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Only calls from this UTC day on: 2026-10-01.")] = None,
    account: AccountOption = None,
    author: Annotated[str, typer.Option(help="Who decides; default: the user of this machine.")] = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Price calls again with today's book. Where a price changes, a reversal and a replacement go on a note.

    Doing it twice changes nothing the second time.
    """
    from pipeline.billing.rerate import rerate_calls

    with _stops(), _progress("Rating again") as _advance:
        day = None if since is None else date.fromisoformat(since)
        corrected = rerate_calls(
            _settings(), author or getpass.getuser(), note, datetime.now(UTC), deck=deck, since=day, account=account
        )
    changed = sum(corrected.by_state.values())
    print_rows([{"looked_at": corrected.looked_at, "changed": changed}], as_json=as_json, title="Rated again")


def adjust(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Who gets the adjustment.")],
    amount: Annotated[str, typer.Argument(help="Whole cents, such as 5.00; write credits after --: -- -5.00.")],
    text: Annotated[str, typer.Option(help="Words on the invoice.")],
    reason: Annotated[str, typer.Option(help="Why, on the invoice too.")],
    author: Annotated[str, typer.Option(help="Who decides; default: the user of this machine.")] = "",
    charge_class: Annotated[
        ChargeClass | None, typer.Option("--class", help="Taxed like such a charge; default: not taxed.")
    ] = None,
    trunk: Annotated[str | None, typer.Option(help="Trunk whose service address taxes it.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Put a charge or a credit on the next invoice of an account. Recorded twice, it is billed once."""
    from pipeline.billing.adjustments import Adjustment, record

    with _stops():
        value = _amount(amount)
        adjustment = Adjustment(account, value, text, author or getpass.getuser(), reason, charge_class, trunk)
        is_new = record(_settings(), adjustment)
    row = {"adjustment": adjustment.adjustment_id, "account": account, "amount": str(value),
           "state": "recorded" if is_new else "was recorded before"}  # fmt: skip
    print_rows([row], as_json=as_json, title="Adjustment")


def audit(period: PeriodArgument, *, as_json: JsonOption = False) -> None:
    """Prove a closed month: balance, sums, hash chain, no call twice, no call unbilled. Ends with 1 on any finding."""
    from pipeline.billing.audit import FILES, PROOFS, audit_period

    with _stops():
        report = audit_period(_settings(), period)
    rows = [{"proof": proof, "findings": report.count(proof)} for proof in (*PROOFS, FILES)]
    print_rows(rows, as_json=as_json, title=f"{period}: {report.documents} documents, {report.calls} calls")
    if report.findings:
        print_rows((finding._asdict() for finding in report.findings), as_json=as_json, title="Findings")
        raise typer.Exit(1)


@invoice.command("list")
def list_documents(
    period: Annotated[str | None, typer.Option("--period", help="Only this month.")] = None,
    account: AccountOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List invoices and notes in the order of their numbers."""
    from pipeline.billing.explain import documents, open_snapshot

    with _stops():
        found = documents(open_snapshot(_settings()))
    shown = [row for row in found if period in (None, row.period) and account in (None, row.account_id)]
    print_rows(
        [
            {"document": row.document_id, "type": str(row.document_type), "account": row.account_id,
             "period": row.period, "date": str(row.issued_on), "corrects": row.corrects, "total": str(row.total),
             "currency": row.currency}
            for row in shown
        ],
        as_json=as_json, title="Documents",
    )  # fmt: skip


@invoice.command()
def show(number: NumberArgument) -> None:
    """Print a document as JSON, exactly as it was issued."""
    from pipeline.billing.explain import document_named, open_snapshot

    with _stops():
        document = document_named(open_snapshot(_settings()), number)
    typer.echo(document.document.decode(), nl=False)


@invoice.command()
def explain(
    number: NumberArgument,
    line: Annotated[int, typer.Argument(metavar="LINE", help="Number of the line in the JSON document.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Show how a line came about: every figure with its source, and the calls that it sums."""
    from pipeline.billing.explain import explain_line, open_snapshot

    with _stops():
        explained = explain_line(open_snapshot(_settings()), number, line)
    print_rows((step._asdict() for step in explained.steps), as_json=as_json, title=f"Line {line} of {number}")
    if explained.calls:
        print_rows(explained.calls, as_json=as_json, title=f"{len(explained.calls)} calls")


def _print_report(report: "CloseReport", *, as_json: bool, dry_run: bool, folder: str) -> None:
    rows = [_issued_row(row, "would be issued" if dry_run else "issued") for row in report.issued]
    rows += [_issued_row(row, "closed before") for row in report.already]
    print_rows(rows, as_json=as_json, title=f"{report.period}: {len(report.issued)} documents")
    if report.parked:
        parked = (row._asdict() | {"state": "parked"} for row in report.parked)
        print_rows(parked, as_json=as_json, title=f"{len(report.parked)} accounts wait")
    if not dry_run and not as_json and (report.issued or report.already):
        problems.print(f"Documents are in {folder}/{report.period}")
    for page in report.unprintable:
        problems.print(
            f"{page.document_id} of {page.account_id}: no font has {page.text!r}, so the PDF shows a box in its place. "
            "Put a font that has it into the folder of the setting invoice.font_path and run this again."
        )
    if report.parked:
        raise typer.Exit(1)


def _issued_row(row: "Issued", state: str) -> dict[str, Any]:
    return {
        "account": row.account_id, "state": state, "document": row.document_id, "type": str(row.document_type),
        "date": str(row.issued_on), "total": str(row.total), "currency": row.currency,
    }  # fmt: skip


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        fail(f"{text!r} is no amount. Write digits with a point, such as 5.00.")


def _settings() -> "Settings":
    from pipeline.settings import load_settings

    return load_settings()


@contextmanager
def _progress(text: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr over accounts."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=problems, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _stops() -> Iterator[None]:
    """Turn what can go wrong into a message and an exit code: 2 for the input, 3 for the machinery."""
    from pipeline.billing.errors import AnotherCloser, BillingError
    from pipeline.ledger.errors import LedgerError

    try:
        yield
    except (AnotherCloser, LedgerError) as error:
        fail(str(error), code=3)
    except (BillingError, ValueError) as error:
        # Errors of the book, the tax data and the law are ValueErrors that say what to correct.
        fail(str(error))
