"""Commands about rate decks: what a price list says, what it would change, and putting it into the book."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.book import BookOption
from pipeline.cli.opened import LedgerOption, open_views
from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.book.deck_diff import Change
    from pipeline.book.deck_traffic import Traffic
    from pipeline.book.price_list import PriceList
    from schemas.reference import Rate

deck = typer.Typer(help="Rate decks: check a price list, compare two, import one from a date.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A price list, CSV.")]
LayoutOption = Annotated[
    Path | None,
    typer.Option("--layout", exists=True, dir_okay=False, help="YAML that names the headings of a supplier's file."),
]
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def register(app: typer.Typer) -> None:
    """Add `trunkline deck`."""
    app.add_typer(deck, name="deck")


@deck.command()
def check(file: FileArgument, layout: LayoutOption = None, *, as_json: JsonOption = False) -> None:
    """Read a price list, name every problem with its line, and say what it holds."""
    from pipeline.book.deck_report import deck_report

    prices = _price_list(file, _ANY_TIME, layout)
    for warning in (report := deck_report(prices.rates)).warnings:
        problems.print(f"[yellow]Note:[/] {warning}")
    print_rows([{"file": file.name, "layout": prices.layout, **report.figures}], as_json=as_json)


@deck.command()
def diff(
    old: FileArgument,
    new: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The next price list.")],
    layout: LayoutOption = None,
    at: Annotated[str | None, typer.Option("--at", help="Instant to compare at; default: the newest of each.")] = None,
    deck_id: Annotated[str | None, typer.Option("--deck", help="Deck in the ledger; default: the name of OLD.")] = None,
    period: Annotated[str | None, typer.Option(help="Month of the traffic; default: the last one.")] = None,
    ledger: LedgerOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the prefixes whose price changes, with the calls of a month beside them. Code 1 if anything differs."""
    from pipeline.book.deck_diff import deck_changes

    moment = None if at is None else _instant(at)
    before, after = (_price_list(file, _ANY_TIME, layout) for file in (old, new))
    changes = deck_changes(before.rates, after.rates, moment)
    month, traffic = _traffic(changes, (before, after), deck_id or old.stem, period, ledger)
    moved = {change.prefix: traffic[change.prefix].charge for change in changes if change.prefix in traffic}
    rows = [_change_row(change, traffic) for change in changes]
    rows.sort(key=lambda row: (-moved.get(row["prefix"], 0), row["prefix"]))
    print_rows(rows, as_json=as_json, title=f"{old.name} to {new.name}" + (f", traffic of {month}" if month else ""))
    problems.print(_counted([change.kind for change in changes]))
    if changes:
        raise typer.Exit(1)


@deck.command(name="import")
def import_(
    file: FileArgument,
    deck_id: Annotated[str, typer.Option("--deck", help="Deck of the book, a new one or one that is there.")],
    since: Annotated[str, typer.Option("--from", help="From when the prices hold: 2026-12-01, or with time and zone.")],
    book: BookOption = None,
    layout: LayoutOption = None,
    *,
    amend: Annotated[bool, typer.Option("--amend", help="Leave prefixes alone that the list does not name.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a price list into a deck of the book: old rows end where the new prices begin."""
    from pipeline.book.deck_import import import_prices, write_deck
    from pipeline.settings import load_settings

    folder = book or load_settings().book_path
    start = _instant(since)
    path = folder / "decks" / f"{deck_id}.csv"
    if not path.parent.is_dir():
        fail(f"{path.parent} is no folder. Name the folder of the book with --book, or book_path in the settings.")
    prices = _price_list(file, start, layout)
    rates = _price_list(path, _ANY_TIME, None).rates if path.is_file() else ()
    imported = import_prices(rates, prices.rates, start, amend=amend)
    if not dry_run:
        write_deck(path, imported.rates)
    row = {"deck": deck_id, "from": start.isoformat(), "rows": len(imported.rates)}
    row |= {str(outcome): count for outcome, count in sorted(imported.outcomes.items())}
    print_rows([row], as_json=as_json, title=f"{'Would write' if dry_run else 'Wrote'} {path}")


def _price_list(file: Path, since: datetime, layout: Path | None) -> "PriceList":
    from pipeline.book.price_list import read_price_list
    from pipeline.book.problems import BookFileError

    try:
        return read_price_list(file, since, layout)
    except BookFileError as error:
        fail(str(error))


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no time. Write a day such as 2026-12-01, or 2026-12-01T00:00:00Z.")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _traffic(
    changes: "Sequence[Change]",
    lists: "tuple[PriceList, PriceList]",
    deck_id: str,
    period: str | None,
    ledger: str | None,
) -> "tuple[str | None, Mapping[str, Traffic]]":
    """The calls of a month by prefix, where there is a ledger and the deck priced calls in it."""
    from pipeline.book.deck_traffic import last_period, traffic_by_prefix

    if not changes or not _has_ledger(ledger):
        return None, {}
    connection = open_views(ledger)
    month = period or last_period(connection, deck_id)
    if month is None:
        return None, {}
    prefixes = (rate.prefix for prices in lists for rate in prices.rates)
    return month, traffic_by_prefix(connection, deck_id, month, prefixes)


def _has_ledger(ledger: str | None) -> bool:
    """A ledger that is named is opened; the one of the settings only if it is there, for opening would make it."""
    from pipeline.settings import load_settings

    url = load_settings().ledger_url
    return ledger is not None or "://" in url or Path(url).is_dir()


def _change_row(change: "Change", traffic: "Mapping[str, Traffic]") -> "dict[str, Any]":
    row: dict[str, Any] = {
        "change": str(change.kind), "prefix": change.prefix, "hours": change.hours, "destination": change.destination,
        **_priced("old", change.before), **_priced("new", change.after),
    }  # fmt: skip
    if not traffic:
        return row
    from pipeline.book.deck_traffic import Traffic

    calls = traffic.get(change.prefix, Traffic())
    return {**row, "calls": calls.calls, "seconds": calls.seconds, "charge": f"{calls.charge:f}"}


def _priced(when: str, rate: "Rate | None") -> "dict[str, str]":
    """What prices the prefix: its rate, its increments, and its prefix, which may be a shorter one."""
    if rate is None:
        return {f"{when} prefix": "", f"{when} rate": "no rate", f"{when} steps": ""}
    price = rate.rate_per_minute if rate.rate_per_minute is not None else str(rate.status)
    fee = "" if rate.connection_fee == "0" else f" + {rate.connection_fee}"
    steps = f"{rate.initial_seconds}/{rate.next_seconds}"
    return {f"{when} prefix": rate.prefix, f"{when} rate": f"{price}{fee}", f"{when} steps": steps}


def _counted(kinds: "Sequence[str]") -> str:
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "Nothing changes"
