"""Commands of the monthly close: invoices, notes, adjustments, and how a line came about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from pipeline.billing.close import CloseReport
    from pipeline.billing.issuing import Issued
    from pipeline.billing.parked import Parked
    from pipeline.settings import Settings

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="Month, such as 2026-10.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Only this account.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Compute everything, write nothing.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("close")(close)


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


def _print_report(report: "CloseReport", *, as_json: bool, dry_run: bool, folder: str) -> None:
    rows = [_issued_row(row, "would be issued" if dry_run else "issued") for row in report.issued]
    rows += [_issued_row(row, "closed before") for row in report.already]
    title = f"{report.period}: {len(report.issued)} documents, {len(report.parked)} accounts parked"
    print_rows(rows + [_parked_row(row) for row in report.parked], as_json=as_json, title=title)
    if not dry_run and not as_json and (report.issued or report.already):
        problems.print(f"Documents are in {folder}/{report.period}")
    if report.parked:
        raise typer.Exit(1)


def _issued_row(row: "Issued", state: str) -> dict[str, Any]:
    return {
        "account": row.account_id, "state": state, "document": row.document_id, "type": str(row.document_type),
        "date": str(row.issued_on), "total": str(row.total), "currency": row.currency, "reason": None, "detail": None,
    }  # fmt: skip


def _parked_row(row: "Parked") -> dict[str, Any]:
    return {
        "account": row.account_id, "state": "parked", "document": None, "type": None, "date": None, "total": None,
        "currency": None, "reason": str(row.reason), "detail": row.detail,
    }  # fmt: skip


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
