"""Commands about what could not be priced: how much for which reason, which records, and one record in full."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opened import LedgerOption, open_views
from pipeline.cli.output import JsonOption, console, fail, print_rows
from pipeline.cli.sql import MaskOption

if TYPE_CHECKING:
    from pipeline.sql.rejected import Stopped

rejects_app = typer.Typer(help="Records that could not be priced.", invoke_without_command=True)
LISTED = 50
SHOWN_BYTES = 2000
"""Bytes of a record around the place where reading stopped; --json prints all."""


def register(app: typer.Typer) -> None:
    """Add `trunkline rejects`."""
    app.add_typer(rejects_app, name="rejects")


@rejects_app.callback()
def rejects(
    context: typer.Context,
    reason: Annotated[str | None, typer.Option(help="List the records of this reason.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Records to list, the newest first.")] = LISTED,
    ledger: LedgerOption = None,
    *,
    mask: MaskOption = False,
    as_json: JsonOption = False,
) -> None:
    """Count rejects by reason and source, or list those of one reason."""
    from schemas.outcomes import RejectReason

    if context.invoked_subcommand is not None:
        return
    if reason is not None and reason not in set(RejectReason):
        fail(f"{reason!r} is no reject reason. Known: {', '.join(RejectReason)}.")
    _print(_COUNTED if reason is None else _LISTED, reason, source, limit, ledger, mask=mask, as_json=as_json)


_COUNTED = """
SELECT * FROM reject_reasons WHERE source = coalesce($source, source) ORDER BY records DESC, reject_reason LIMIT $limit
"""
_LISTED = """
SELECT row_id, source, received_at, calling, called, reject_detail FROM rejects
WHERE reject_reason = $reason AND source = coalesce($source, source) ORDER BY received_at DESC, row_id LIMIT $limit
"""


_SUSPECTED = """
SELECT row_id, suspected_of, source, started_at, calling, called, measured_ms, charge, currency FROM suspects
ORDER BY started_at DESC, row_id LIMIT $limit
"""


def _print(
    query: str,
    reason: str | None,
    source: str | None,
    limit: int,
    ledger: str | None,
    *,
    mask: bool,
    as_json: bool,
    title: str = "Rejects",
) -> None:
    from pipeline.sql.texts import plain, shown

    given = {"reason": reason, "source": source, "limit": limit}
    connection = open_views(ledger, mask=mask)
    connection.execute(query, {name: value for name, value in given.items() if f"${name}" in query})
    columns = [column[0] for column in connection.description]
    text = plain if as_json else shown
    rows = [{name: text(value) for name, value in zip(columns, row, strict=True)} for row in connection.fetchall()]
    print_rows(rows, as_json=as_json, title=title)


@rejects_app.command()
def suspects(
    limit: Annotated[int, typer.Option(min=1, help="Calls to list, the newest first.")] = LISTED,
    ledger: LedgerOption = None,
    *,
    mask: MaskOption = False,
    as_json: JsonOption = False,
) -> None:
    """List priced calls that look like another call under a second name: same parties, start and length."""
    _print(_SUSPECTED, None, None, limit, ledger, mask=mask, as_json=as_json, title="Suspected duplicates")


@rejects_app.command()
def show(
    identity: Annotated[str, typer.Argument(metavar="ID", help="row_id or cdr_id of a reject.")],
    ledger: LedgerOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show one rejected record: its fields, its bytes, where reading stopped, what was expected, what to do next."""
    from pipeline.sql.rejected import find_rejects, next_step, stopped_at
    from pipeline.sql.texts import plain, shown

    found = find_rejects(open_views(ledger), identity)
    if not found:
        fail(f"No current reject has the row_id or cdr_id {identity!r}. List them with `trunkline rejects --reason R`.")
    for record in found:
        raw = record.pop("raw")
        step = next_step(record)
        place = stopped_at(raw, str(record["reject_reason"]), str(record["reject_detail"])) if raw else None
        known = {name: _hexadecimal(value) for name, value in record.items() if value not in (None, [])}
        if as_json:
            at = None if place is None else place._asdict()
            print_rows(
                [
                    {name: plain(value) for name, value in known.items()}
                    | {"raw": plain(raw), "stopped_at": at, "next": step}
                ],
                as_json=True,
            )
            continue
        print_rows([{"field": name, "value": shown(value)} for name, value in known.items()], as_json=False)
        _print_bytes(raw or b"", place)
        console.print(f"Next: {shown(step)}", markup=False)


def _hexadecimal(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _print_bytes(raw: bytes, place: "Stopped | None") -> None:
    """The record, with the place marked `>>> <<<` and in reverse where the terminal can."""
    from rich.text import Text

    from pipeline.sql.texts import plain

    start, end = (0, 0) if place is None else place
    first = max(0, start - SHOWN_BYTES // 2)
    last = min(len(raw), end + SHOWN_BYTES // 2)
    before, marked, after = (str(plain(part)) for part in (raw[first:start], raw[start:end], raw[end:last]))
    where = "" if place is None else f", reading stopped at byte {start}"
    text = Text(f"{len(raw)} bytes as they arrived{where}:\n{before}")
    if place is not None:
        text.append(f">>>{marked}<<<", style="reverse")
    console.print(text + Text(after))
