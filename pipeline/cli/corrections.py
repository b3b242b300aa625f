"""Commands that correct the ledger: replay rejects, correct a record, take a file back."""

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from pipeline.rate.corrections import Corrected, Corrections

AuthorOption = Annotated[str, typer.Option(help="Who corrects; default: the user of this machine.")]
NoteOption = Annotated[str, typer.Option(help="Why, for everybody who reads the row later.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.command("correct")(correct)
    files = typer.Typer(no_args_is_help=True, help="Files that the spool has loaded.")
    files.command("list")(list_files)
    files.command("rollback")(roll_back)
    app.add_typer(files, name="file")


def replay(
    reason: Annotated[list[str] | None, typer.Option(help="Reject reason; may be repeated. Default: all.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Source; may be repeated. Default: all.")] = None,
    author: AuthorOption = "",
    note: NoteOption = "replay",
    *,
    as_json: JsonOption = False,
) -> None:
    """Try rejected records again with today's book, settings and parsers; what can be priced now takes their place."""
    from schemas.outcomes import RejectReason

    unknown = sorted(set(reason or ()) - {known.value for known in RejectReason})
    if unknown:
        fail(f"{', '.join(unknown)} is no reject reason. Known: {', '.join(RejectReason)}.")
    corrected = _correcting(author, note, lambda corrections: corrections.replay(reason or (), source or ()))
    _print(corrected, as_json=as_json)


def correct(
    cdr_id: Annotated[str, typer.Argument(help="cdr_id of the record, see `trunkline rejects`.")],
    change: Annotated[
        list[str], typer.Option("--set", help="field=value of the canonical CDR, such as called=+442079460123.")
    ],
    note: NoteOption,
    author: AuthorOption = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Replace fields of one record and rate it again. The record as it was received stays in the ledger beside it."""
    from pipeline.rate.fields import BadChange, changed, changes_of

    try:
        changes = changes_of(change)
        corrected = _correcting(
            author, note, lambda corrections: corrections.correct(cdr_id, lambda cdr: changed(cdr, changes))
        )
    except BadChange as error:
        fail(str(error))
    if not corrected.looked_at:
        fail(f"No current row has cdr_id {cdr_id}. `trunkline rejects` lists those that were not priced.")
    _print(corrected, as_json=as_json)
    _tell_why_not(cdr_id)


def _tell_why_not(cdr_id: str) -> None:
    """A record that is still not priced after its correction says why."""
    from pipeline.cli.opened import open_views
    from pipeline.sql.texts import shown

    query = "SELECT reject_reason, reject_detail FROM rejects WHERE cdr_id = $id"
    for reason, detail in open_views(None).execute(query, {"id": cdr_id}).fetchall():
        problems.print(f"Still not priced, {reason}: {shown(detail)}", markup=False)


def list_files(*, as_json: JsonOption = False) -> None:
    """List the files whose records are in the ledger."""
    from pipeline.cli.opened import open_views
    from pipeline.sql.texts import shown

    found = open_views(None).sql("SELECT * FROM files").to_arrow_table()
    rows = [{name: shown(value) for name, value in row.items()} for row in found.to_pylist()]
    print_rows(rows, as_json=as_json, title="Files")


def roll_back(
    file: Annotated[str, typer.Argument(help="Partition of the file, see `trunkline file list`.")],
    note: NoteOption,
    author: AuthorOption = "",
    *,
    as_json: JsonOption = False,
) -> None:
    """Take all records of a loaded file back; put it into the spool again to load it anew."""
    corrected = _correcting(author, note, lambda corrections: corrections.roll_back(file))
    if not corrected.looked_at:
        fail(f"No current row comes from {file!r}. `trunkline file list` lists the files by their partition.")
    _print(corrected, as_json=as_json)


def _correcting(author: str, note: str, correction: "Callable[[Corrections], Corrected]") -> "Corrected":
    from datetime import UTC, datetime

    from pipeline.book import BookFileError
    from pipeline.ledger.errors import LedgerError
    from pipeline.ledger.table import UsageLedger
    from pipeline.rate.corrections import Author, Corrections
    from pipeline.registry.book_source import current_book
    from pipeline.settings import load_settings

    settings = load_settings()
    who = Author(author or getpass.getuser(), note)
    try:
        ledger = UsageLedger.open(settings.ledger_url, settings.storage_options)
        book = current_book(settings)
        return correction(Corrections(settings, ledger, book, lambda: datetime.now(UTC), who))
    except BookFileError as error:
        fail(str(error))
    except LedgerError as error:
        fail(str(error), code=3)


def _print(corrected: "Corrected", *, as_json: bool) -> None:
    written: dict[str, Any] = {state.lower(): count for state, count in sorted(corrected.by_state.items())}
    unchanged = max(0, corrected.looked_at - sum(corrected.by_state.values()))
    print_rows([{"looked_at": corrected.looked_at, **written, "unchanged": unchanged}], as_json=as_json)
