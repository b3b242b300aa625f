"""Commands about reference data: whether the book loads, and what a dialled number is on a trunk."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.output import JsonOption, fail, print_rows

if TYPE_CHECKING:
    from rating.book import RateBook
    from rating.numbering.kinds import Number
    from rating.numbering.profiles import DiallingProfile

book = typer.Typer(help="The book: accounts, plans, trunks, addresses and decks.", no_args_is_help=True)

BookOption = Annotated[
    Path | None, typer.Option("--book", help="Folder of the book; default: book_path of the settings.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(book, name="book")
    app.command("number")(number)


@book.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the book; default: book_path of the settings.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Load the book of a folder, or name every problem with file, line, value and what was expected."""
    found = open_book(folder)
    row = {
        "accounts": len(found.accounts), "addresses": len(found.addresses), "plans": len(found.plans),
        "trunks": len(found.trunks), "decks": len(found.decks),
        "rates": sum(len(deck.rates) for deck in found.decks.values()), "area codes": len(found.area_codes.codes),
        "hash": found.hash,
    }  # fmt: skip
    print_rows([row], as_json=as_json)


def number(
    dialled: Annotated[str, typer.Argument(help="As dialled, such as 2125550100, +442079460123 or 911.")],
    trunk: Annotated[str | None, typer.Option("--trunk", help="Read it by the dial plan of this trunk.")] = None,
    country: Annotated[str, typer.Option("--country", help="Else by the usual plan of this country.")] = "US",
    on: Annotated[str | None, typer.Option("--on", help="Day, such as 2026-10-01; default: today.")] = None,
    folder: BookOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say which number was dialled and what it is: class, country, state. Code 1 if it is none that can be priced."""
    from phonenumbers import SUPPORTED_REGIONS

    from rating.numbering.classify import classify
    from rating.numbering.kinds import NumberClass
    from rating.numbering.profiles import profile_of, usual_profile

    found = open_book(folder)
    if trunk is not None and trunk not in found.trunks:
        fail(f"The book has no trunk {trunk!r} (known: {', '.join(sorted(found.trunks)) or 'none'}).")
    if country not in SUPPORTED_REGIONS:
        fail(f"{country!r} is no country. Write two capital letters of ISO 3166, such as US or DE.")
    profile = usual_profile(country) if trunk is None else profile_of(found.trunks[trunk])
    day = _day(on)
    read = classify(dialled, profile, day, found.area_codes)
    row = {
        "dialled": dialled,
        "on": str(day),
        "read by": _plan_text(profile),
        "number": read.e164,
        **read.kind._asdict(),
    }
    if trunk is not None:
        row["in plan"] = _included(read, found, trunk, day)
    print_rows([row], as_json=as_json)
    if read.kind.number_class in {NumberClass.INVALID, NumberClass.UNKNOWN_NANP}:
        raise typer.Exit(1)


def open_book(folder: Path | None) -> "RateBook":
    """Load a folder, by default the book of the settings with its registry, or end with code 2 and say why not."""
    from pipeline.book import BookFileError, load_book
    from pipeline.registry.book_source import current_book
    from pipeline.settings import load_settings

    try:
        return current_book(load_settings()) if folder is None else load_book(folder)
    except BookFileError as error:
        fail(str(error))


def _included(read: "Number", found: "RateBook", trunk: str, day: date) -> str:
    """Whether the plan of a trunk includes outbound calls to the number."""
    from rating.numbering.domestic import is_domestic
    from schemas.reference import Package

    plan = found.plan_at(found.trunks[trunk].plan_id, datetime.combine(day, time(), UTC))
    if plan is None:
        return "no plan in force"
    if plan.package is not Package.UNLIMITED:
        return "no, METERED"
    return "yes, within fair use" if is_domestic(read, plan) else "no, metered"


def _plan_text(profile: "DiallingProfile") -> str:
    plan = profile.plan
    abroad = " or ".join(plan.international_prefixes) or "only +"
    home = f", national numbers of {plan.default_country}" if plan.default_country else ""
    return f"{abroad} for abroad{home}{', bare E.164' if plan.accept_bare_e164 else ''}"


def _day(text: str | None) -> date:
    try:
        return datetime.now(UTC).date() if text is None else date.fromisoformat(text)
    except ValueError:
        fail(f"{text!r} is no day. Write year, month and day, such as 2026-10-01.")
