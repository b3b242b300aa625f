"""Load the book of a folder: accounts.yaml, addresses.yaml, plans.yaml, trunks.yaml, and a deck for each decks/*.csv.

Every problem of every file is reported at once, each with its file and line. `decks/<deck id>.yaml` beside a deck may
name its currency; area_codes.csv in the folder takes the place of the shipped table of +1 area codes.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from pipeline.book.problems import BookFileError, FileProblem
from pipeline.book.reading import Reading
from pipeline.shipped import DATA
from rating.book import RateBook
from rating.book_checks import check
from rating.book_problems import BookError
from schemas.reference import Account, AreaCode, Plan, ReferenceData, ServiceAddress, Trunk

AREA_CODES = "area_codes.csv"
SHIPPED_AREA_CODES = DATA / "numbering" / AREA_CODES


def load_book(path: Path) -> RateBook:
    """Load the book of a folder. BookFileError lists every problem with file, line, value and what was expected."""
    if not path.is_dir():
        expected = "a folder with accounts.yaml, addresses.yaml, plans.yaml, trunks.yaml and decks/, as data/book is"
        raise BookFileError(str(path), [FileProblem(str(path), 1, "", "no folder", expected)])
    with without_collection():
        return _load(path)


@contextmanager
def without_collection() -> Iterator[None]:
    """Pause the search for garbage, which would look at a million objects again and again that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _load(path: Path) -> RateBook:
    reading = Reading(path)
    accounts = reading.yaml_table("accounts", Account)
    addresses = reading.yaml_table("addresses", ServiceAddress)
    plans = reading.yaml_table("plans", Plan)
    trunks = reading.yaml_table("trunks", Trunk)
    are_tables_whole = not reading.problems
    decks = [reading.deck(file) for file in sorted((path / "decks").glob("*.csv"))]
    area_codes = load_area_codes(reading)
    try:
        if not reading.problems:
            return RateBook.build(
                accounts=accounts, addresses=addresses, plans=plans, trunks=trunks, decks=decks, area_codes=area_codes
            )
        if are_tables_whole:
            check(
                ReferenceData(
                    accounts=tuple(accounts), addresses=tuple(addresses), plans=tuple(plans), trunks=tuple(trunks),
                    decks=tuple(decks), area_codes=area_codes,
                )
            )  # fmt: skip
        else:  # a row that was refused would be missed by each row that names it
            check(ReferenceData(decks=tuple(decks), area_codes=area_codes))
    except BookError as error:
        reading.problems += reading.located(error.problems)
    raise BookFileError(str(path), reading.problems)


def load_area_codes(reading: Reading) -> tuple[AreaCode, ...]:
    """The folder's own table of +1 area codes, else the shipped one."""
    own = reading.folder / AREA_CODES
    path = own if own.is_file() else SHIPPED_AREA_CODES
    return tuple(reading.csv_table("area_codes", AREA_CODES, path, AreaCode))


@lru_cache(maxsize=1)
def shipped_area_codes() -> tuple[AreaCode, ...]:
    """The table of data/numbering, for what is asked without a book."""
    return load_area_codes(Reading(SHIPPED_AREA_CODES.parent))
