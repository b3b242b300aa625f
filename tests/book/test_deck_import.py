"""Importing a price list: old rows end where new prices begin, and history stays."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.book.deck_import import Imported, Outcome, import_prices, write_deck
from pipeline.book.price_list import read_price_list, row_name
from rating.book_checks import check
from schemas.reference import Rate, RateDeck, ReferenceData

JANUARY, JUNE, DECEMBER, NEXT = (datetime(2026 + m // 13, (m - 1) % 12 + 1, 1, tzinfo=UTC) for m in (1, 6, 12, 13))


def _rate(prefix: str, rate: str = "0.01", since: datetime = JANUARY, until: datetime | None = None) -> Rate:
    return Rate(
        row_id=row_name(prefix, since), prefix=prefix, destination=f"To {prefix}", rate_per_minute=rate,
        effective_from=since, effective_until=until,
    )  # fmt: skip


def _rows(imported: Imported) -> list[tuple[str, str | None, datetime, datetime | None]]:
    return [(row.prefix, row.rate_per_minute, row.effective_from, row.effective_until) for row in imported.rates]


def test_a_new_price_ends_the_old_one() -> None:
    """Half-open: the old row ends in the instant in which the new one begins."""
    found = import_prices([_rate("44")], [_rate("44", "0.02", DECEMBER)], DECEMBER)
    assert [("44", "0.01", JANUARY, DECEMBER), ("44", "0.02", DECEMBER, None)] == _rows(found)
    assert {Outcome.CHANGED: 1} == found.outcomes


def test_a_price_that_does_not_change_goes_on() -> None:
    """Its row keeps its name and its start."""
    found = import_prices([_rate("44")], [_rate("44", since=DECEMBER)], DECEMBER)
    assert (_rate("44"),) == found.rates
    assert {Outcome.UNCHANGED: 1} == found.outcomes


def test_a_prefix_that_the_list_leaves_out_is_closed() -> None:
    """Unless the list only amends the deck."""
    closed = import_prices([_rate("44"), _rate("33")], [_rate("33", since=DECEMBER)], DECEMBER)
    assert ("44", "0.01", JANUARY, DECEMBER) in _rows(closed)
    assert {Outcome.CLOSED: 1, Outcome.UNCHANGED: 1} == closed.outcomes
    amended = import_prices([_rate("44"), _rate("33")], [_rate("33", since=DECEMBER)], DECEMBER, amend=True)
    assert ("44", "0.01", JANUARY, None) in _rows(amended)
    assert {Outcome.LEFT: 1, Outcome.UNCHANGED: 1} == amended.outcomes


def test_rows_that_had_not_begun_give_way() -> None:
    """A price announced for next year is withdrawn by a later list."""
    old = [_rate("44", until=NEXT), _rate("44", "0.05", NEXT)]
    found = import_prices(old, [_rate("44", "0.02", DECEMBER)], DECEMBER)
    assert [("44", "0.01", JANUARY, DECEMBER), ("44", "0.02", DECEMBER, None)] == _rows(found)


def test_a_price_announced_for_later_leaves_the_present_one_until_then() -> None:
    """The list holds from December, and its row for 44 from January."""
    found = import_prices([_rate("44")], [_rate("44", "0.02", NEXT)], DECEMBER)
    assert [("44", "0.01", JANUARY, NEXT), ("44", "0.02", NEXT, None)] == _rows(found)


def test_what_ended_before_stays_as_it_was() -> None:
    """History is never rewritten, and a prefix that comes back is new."""
    found = import_prices([_rate("44", until=JUNE)], [_rate("44", since=DECEMBER)], DECEMBER)
    assert [("44", "0.01", JANUARY, JUNE), ("44", "0.01", DECEMBER, None)] == _rows(found)
    assert {Outcome.ADDED: 1} == found.outcomes
    assert {Outcome.LEFT: 1} == import_prices([_rate("44", until=JUNE)], [], DECEMBER).outcomes


def test_the_file_of_a_deck_reads_back(tmp_path: Path) -> None:
    """Every row as it was, and no other file is left behind."""
    rates = (_rate("44", until=JUNE), _rate("44", "0.02", JUNE), _rate("4470", since=JUNE))
    write_deck(tmp_path / "us.csv", rates)
    assert rates == read_price_list(tmp_path / "us.csv", JANUARY).rates
    assert ["us.csv"] == [path.name for path in tmp_path.iterdir()]


_prices = st.dictionaries(st.sampled_from(["1", "44", "4420", "33"]), st.sampled_from(["0.01", "0.02", "0.03"]))
_months = st.sampled_from([JANUARY, JUNE, DECEMBER, NEXT])


@settings(deadline=None)
@given(st.lists(st.tuples(_months, _prices, st.booleans()), max_size=5))
def test_any_imports_give_a_sound_deck(imports: list[tuple[datetime, dict[str, str], bool]]) -> None:
    """No overlap; importing twice is importing once; from its start on exactly the last whole list holds."""
    rates: tuple[Rate, ...] = ()
    for since, prices, amend in imports:
        listed = [_rate(prefix, price, since) for prefix, price in prices.items()]
        rates = import_prices(rates, listed, since, amend=amend).rates
        check(ReferenceData(decks=(RateDeck(deck_id="d", rates=rates),)))
        assert rates == import_prices(rates, listed, since, amend=amend).rates
        current = {
            rate.prefix: rate.rate_per_minute
            for rate in rates
            if rate.effective_from <= since and (rate.effective_until is None or since < rate.effective_until)
        }
        assert prices.items() <= current.items()
        assert amend or prices == current
