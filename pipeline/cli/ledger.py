"""Commands that look after the ledger: what it is, whether it is sound, and its files."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opened import LedgerOption, open_ledger
from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from pipeline.ledger.table import UsageLedger

ledger_app = typer.Typer(help="The usage ledger: show, verify, compact, vacuum.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add `trunkline ledger`."""
    app.add_typer(ledger_app, name="ledger")


@ledger_app.command()
def show(ledger: LedgerOption = None, *, as_json: JsonOption = False) -> None:
    """Show version, files, rows and marks of the ledger."""
    from schemas.ledger import LEDGER_FORMAT

    opened = open_ledger(ledger)
    marks = opened.marks()
    print_rows(
        [{"ledger": opened.url, "format": LEDGER_FORMAT, "version": opened.version, "files": len(opened.files()),
          **_totals(opened), "books": len(opened.books().hashes())}],
        as_json=as_json, title="Ledger",
    )  # fmt: skip
    print_rows([{"mark": name, "value": value} for name, value in marks.items()], as_json=as_json, title="Marks")


def _totals(ledger: "UsageLedger") -> dict[str, int]:
    """Rows and size as the log gives them; no data file is opened."""
    import pyarrow as pa
    import pyarrow.compute as pc

    files = pa.table(ledger.table.get_add_actions(flatten=True))
    size = pc.sum(files["size_bytes"]).as_py() or 0
    return {"rows": pc.sum(files["num_records"]).as_py() or 0, "megabytes": size // 1_000_000}


@ledger_app.command()
def verify(ledger: LedgerOption = None, *, as_json: JsonOption = False) -> None:
    """Check the whole ledger: schema, identities, corrections, balance, marks, books. Ends with 1 on a finding."""
    from pipeline.cli.watched import StepsBar
    from pipeline.ledger.errors import LedgerError
    from pipeline.sql.verification import AUDITS
    from pipeline.sql.verification import verify as checks_of

    opened = open_ledger(ledger)
    try:
        with StepsBar("Verifying", 1 + len(AUDITS)) as bar:
            checks = [bar.after(check) for check in checks_of(opened)]
    except LedgerError as error:
        fail(str(error), code=3)
    print_rows(
        [{"check": check.name, "findings": check.findings, "must hold": check.must_hold} for check in checks],
        as_json=as_json, title=f"Ledger {opened.url}, version {opened.version}",
    )  # fmt: skip
    wrong = [check for check in checks if check.findings]
    for check in wrong:
        for example in check.examples:
            problems.print(f"{check.name}: {example}", markup=False)
    if wrong:
        fail(
            f"{len(wrong)} of {len(checks)} checks failed. Keep a copy of the folder before anything is changed.",
            code=1,
        )


@ledger_app.command()
def compact(ledger: LedgerOption = None, *, as_json: JsonOption = False) -> None:
    """Merge small files now. Workers do it by themselves; it never disturbs them."""
    from pipeline.ledger.compaction import compact as merge
    from pipeline.ledger.errors import LedgerError

    opened = open_ledger(ledger)
    try:
        with problems.status("Merging files"):
            done = merge(opened)
    except LedgerError as error:
        fail(str(error), code=3)
    print_rows([{"ledger": opened.url, **done._asdict()}], as_json=as_json, title="Compacted")


@ledger_app.command()
def vacuum(
    hours: Annotated[
        int | None, typer.Option(min=0, help="Keep what snapshots of the last hours need; default: the ledger's 24.")
    ] = None,
    ledger: LedgerOption = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name the files.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete data files that no snapshot needs any longer. No row of the ledger is lost."""
    from deltalake.exceptions import DeltaError

    from pipeline.ledger.compaction import vacuum as delete

    opened = open_ledger(ledger)
    try:
        with problems.status("Looking for files"):
            gone = delete(opened, dry_run=dry_run, hours=hours)
    except (DeltaError, OSError) as error:
        fail(f"Ledger {opened.url} cannot be cleaned: {error}", code=3)
    title = "Would be deleted" if dry_run else "Deleted"
    print_rows([{"file": name} for name in gone], as_json=as_json, title=title)
