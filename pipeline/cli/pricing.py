"""Commands about prices: what a call would cost, why one cost what it did, and what another deck would change."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.billing import explain as explain_line
from pipeline.cli.opened import LedgerOption, open_ledger
from pipeline.cli.output import JsonOption, console, fail, print_rows, problems
from pipeline.cli.watched import RowsBar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.pricing.explained import Explanation
    from pipeline.pricing.quotes import Quote
    from rating.book import RateBook
    from rating.explain import Step

BookOption = Annotated[
    Path | None, typer.Option("--book", help="Folder of the book; default: book_path of the settings.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("quote")(quote)
    app.command("explain")(explain)
    app.command("what-if")(what_if)


def quote(
    to: Annotated[str, typer.Option("--to", help="Number as the trunk dials it, or a DID with --direction INBOUND.")],
    seconds: Annotated[int, typer.Option("--seconds", min=0, help="Seconds from answer to release.")] = 60,
    at: Annotated[
        str | None, typer.Option("--at", help="Time of the answer, ISO 8601 with zone; default: now.")
    ] = None,
    trunk: Annotated[str | None, typer.Option("--trunk", help="Trunk id; default: one trunk of each plan.")] = None,
    calling: Annotated[str | None, typer.Option("--from", help="Number that calls.")] = None,
    direction: Annotated[str, typer.Option("--direction", help="OUTBOUND, INBOUND or FORWARD.")] = "OUTBOUND",
    book: BookOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Price a call that nobody has made; with --trunk every step of the price."""
    from pipeline.pricing.quotes import Call, quotes
    from pipeline.pricing.quotes import quote as quote_one
    from schemas.cdr import Direction

    if direction not in set(Direction):
        fail(f"{direction} is no direction. Known: {', '.join(Direction)}.")
    prices = _book(book)
    call = Call(to, seconds, _instant(at), calling, Direction(direction))
    if trunk is None:
        print_rows([_quoted(each) for each in quotes(call, prices)], as_json=as_json, title=f"{seconds} s to {to}")
        return
    if trunk not in prices.trunks:
        fail(f"The book has no trunk {trunk}. Known: {', '.join(sorted(prices.trunks))}.")
    priced = quote_one(call, trunk, prices)
    print_rows(_step_rows(priced.steps), as_json=as_json, title=f"{seconds} s to {to} on {trunk}")
    if priced.steps[-1].name == "rejected":
        raise typer.Exit(1)


def explain(
    cdr_id: Annotated[
        str, typer.Argument(help="cdr_id of the record, or the beginning of it; or an invoice's number.")
    ],
    line: Annotated[int | None, typer.Argument(metavar="[LINE]", help="Number of a line of that invoice.")] = None,
    ledger: LedgerOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show how a record came to its price, with the book of that time, or a line of an invoice to its amount."""
    if line is not None:
        explain_line(cdr_id, line, as_json=as_json)
        return
    from pipeline.ledger.errors import LedgerError
    from pipeline.pricing.explained import explain_records
    from pipeline.sql.connection import connect_to
    from rating.book import RateBook

    opened = open_ledger(ledger)
    books = opened.books()
    try:
        found = explain_records(connect_to(opened), lambda name: RateBook.from_snapshot(books.read(name)), cdr_id)
    except LedgerError as error:
        fail(str(error), code=3)
    if not found:
        fail(f"No current row of {opened.url} has a cdr_id that begins with {cdr_id}. `trunkline sql` finds them.")
    for explanation in found:
        if as_json:
            print_rows([_as_record(explanation)], as_json=True)
        else:
            _print_explanation(explanation)
    if any(explanation.differs for explanation in found):
        raise typer.Exit(1)


def what_if(
    period: Annotated[str, typer.Option("--period", help="Month to price again, such as 2026-10.")],
    deck: Annotated[
        Path | None, typer.Option("--deck", exists=True, dir_okay=False, help="Price list that takes a deck's place.")
    ] = None,
    deck_id: Annotated[
        str | None, typer.Option("--as", help="Deck it replaces; default: the name of the file.")
    ] = None,
    plans: Annotated[
        Path | None,
        typer.Option("--plans", exists=True, dir_okay=False, help="YAML of plans, as plans.yaml of a book."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, help="How many calls to list, those that change most.")] = 20,
    ledger: LedgerOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Price a month of the ledger again with another deck or other plans: what would change. Nothing is written."""
    from pipeline.book.problems import BookFileError
    from pipeline.ledger.errors import LedgerError
    from pipeline.memory import use_common_memory
    from pipeline.pricing.revisions import UnknownDeck, read_revision
    from pipeline.pricing.what_if import what_if as price_again
    from pipeline.sql.connection import connect_to
    from rating.book import RateBook
    from rating.book_problems import BookError

    if deck is None and plans is None:
        fail("Nothing is asked: give --deck FILE, --plans FILE, or both.")
    use_common_memory()
    opened = open_ledger(ledger)
    books = opened.books()

    def book_of(book_hash: str) -> RateBook:
        return RateBook.from_snapshot(books.read(book_hash))

    try:
        revision = read_revision(deck, deck_id, plans)
        with RowsBar("Pricing again") as bar:
            found = price_again(connect_to(opened), book_of, revision, period, top=top, progress=bar.show)
    except (BookFileError, BookError, UnknownDeck) as error:
        fail(str(error))
    except LedgerError as error:
        fail(str(error), code=3)
    if as_json:
        print_rows([{"account": row._asdict()} for row in found.accounts], as_json=True)
        print_rows([{"call": row._asdict()} for row in found.calls], as_json=True)
        return
    print_rows([row._asdict() for row in found.accounts], as_json=False, title=f"What {period} would cost")
    if found.calls:
        print_rows([row._asdict() for row in found.calls], as_json=False, title="Calls that change most")


def _book(folder: Path | None) -> "RateBook":
    from pipeline.book import BookFileError, load_book
    from pipeline.registry.book_source import current_book
    from pipeline.settings import load_settings

    try:
        return current_book(load_settings()) if folder is None else load_book(folder)
    except BookFileError as error:
        fail(str(error))


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text} is no time. Write 2026-10-05T12:00:00Z.")
    if instant.tzinfo is None:
        fail(f"{text} has no zone. Write 2026-10-05T12:00:00Z, or +02:00 in place of Z.")
    return instant.astimezone(UTC)


def _quoted(quoted: "Quote") -> dict[str, Any]:
    from rating.rated import RatedCall

    if not isinstance(quoted.result, RatedCall):
        rejected = {"charge": quoted.result.reason, "why": quoted.result.detail}
        return dict.fromkeys(_QUOTED) | {"trunk": quoted.trunk_id} | rejected
    result = quoted.result
    why = f"{result.destination or ''} {result.number_class}".strip()
    values = (
        quoted.trunk_id, result.plan_id, result.deck_row, result.rate_per_minute, result.billed_seconds,
        f"{result.charge:f}", result.currency, result.charge_kind, why,
    )  # fmt: skip
    return dict(zip(_QUOTED, values, strict=True))


_QUOTED = ("trunk", "plan", "deck_row", "rate_per_minute", "billed_seconds", "charge", "currency", "kind", "why")


def _step_rows(steps: "Iterable[Step]") -> list[dict[str, Any]]:
    """The steps, and the sum of their amounts as it grows to the charge."""
    from rating.explain import amount_text

    return [
        {
            "step": step.name,
            "value": step.value,
            "adds": None if step.amount is None else amount_text(step.amount),
            "why": step.why,
        }
        for step in steps
    ]


def _as_record(explanation: "Explanation") -> dict[str, Any]:
    row = explanation.row
    kept = ("row_id", "cdr_id", "state", "charge_kind", "charge", "currency", "reject_reason", "duplicate_of")
    return {name: row[name] for name in (*kept, "book_hash", "author", "note")} | {
        "steps": _step_rows(explanation.steps),
        "legs": [leg._asdict() for leg in explanation.legs],
        "differs": explanation.differs,
        "replaced": explanation.replaced,
    }


def _print_explanation(explanation: "Explanation") -> None:
    row = explanation.row
    console.print(f"[bold]{row['cdr_id']}[/] {row['state']} from {row['source']}, received {row['received_at']:%F %T}Z")
    if explanation.replaced:
        author = f" by {row['author']}: {row['note']}" if row["author"] else ""
        console.print(f"Corrected {explanation.replaced} times, last{author}.")
    print_rows(_step_rows(explanation.steps), as_json=False, title=f"Book {str(row['book_hash'])[:12]}")
    if explanation.legs:
        print_rows([leg._asdict() for leg in explanation.legs], as_json=False, title="Legs of the same call")
    if explanation.differs:
        problems.print(
            f"[bold red]The ledger holds {row['charge']:f}, which is not what its book gives.[/] Run `trunkline ledger "
            "verify`, and tell the maintainers: rating must be repeatable."
        )
