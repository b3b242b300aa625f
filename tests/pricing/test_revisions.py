"""What a book would be with another deck or other plans: what is replaced, what stays, and what is refused."""

import pytest

from pipeline.book.problems import BookFileError
from pipeline.pricing.quotes import Call, quote
from pipeline.pricing.revisions import Revision, UnknownDeck, read_revision
from rating.book_problems import BookError
from tests.rating.cases import NEW_YEAR, NOON, a_book, a_plan, a_rate

CALL = Call("+16085550199", 61, NOON)
"""66 s by steps of 6/6."""


def price(book, call=CALL):
    """What the call costs, with all its digits."""
    return f"{quote(call, 'trunk', book).result.charge:f}"


def deck_of(book):
    """The deck that the plan of the trunk dials by."""
    return book.plans["plan"][0].outbound_deck


def test_no_revision_is_the_same_book():
    """The same hash, so nothing would be priced otherwise."""
    assert a_book().hash == Revision().of(a_book()).hash


@pytest.mark.parametrize(
    ("rate", "increments", "expected"),
    [
        ("0.01", "6/6", "0.011000000"),  # 66 s
        ("0.02", "6/6", "0.022000000"),
        ("0.01", "1/1", "0.010167000"),  # 61 s: 0.0101666..., half up
        ("0.01", "60/60", "0.020000000"),  # 120 s
        ("0.01", "30/6", "0.011000000"),  # 30 + 6 x 6 s
        ("0", "60/60", "0.000000000"),
    ],
)
def test_a_deck_is_replaced_whole(rate, increments, expected):
    """The price is that of the new row; the book that it was made from keeps its own."""
    book = a_book()
    revised = Revision(deck_of(book), (a_rate("1", rate, increments),)).of(book)
    assert expected == price(revised)
    assert "0.011000000" == price(book)


def test_rows_that_the_new_deck_lacks_are_gone():
    """They are not filled up from the old one."""
    book = a_book()
    revised = Revision(deck_of(book), (a_rate("44"),)).of(book)
    assert "NO_RATE" == quote(CALL, "trunk", revised).result.reason


def test_other_decks_stay():
    """Accounts, addresses, trunks and numbers as well."""
    book = a_book()
    revised = Revision(deck_of(book), (a_rate("1", "0.5"),)).of(book)
    others = {name for name in book.decks if name != deck_of(book)}
    assert {name: list(book.decks[name].rates) for name in others} == {
        name: list(revised.decks[name].rates) for name in others
    }
    assert (book.accounts, book.trunks, book.plans) == (revised.accounts, revised.trunks, revised.plans)


def test_an_unknown_deck_is_named_with_the_known_ones():
    """And the option that helps."""
    with pytest.raises(UnknownDeck, match=r"No deck ghost in the book: found .*--as"):
        Revision("ghost", (a_rate("1"),)).of(a_book())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"free_below_seconds": 62}, "0.000000000"),
        ({"free_below_seconds": 61}, "0.011000000"),
        ({"charge_decimals": 2}, "0.010000000"),  # 0.011, half up
        ({"charge_decimals": 2, "charge_rounding": "up"}, "0.020000000"),
        ({"charge_decimals": 2, "charge_rounding": "down"}, "0.010000000"),
    ],
)
def test_a_plan_takes_the_place_of_all_its_versions(fields, expected):
    """The deck stays, the rules of the plan are the new ones."""
    assert expected == price(Revision(plans=(a_plan("plan", **fields),)).of(a_book()))


def test_other_plans_stay():
    """Only ids that are revised are replaced, and a new id is added."""
    book = a_book(plans=[a_plan(), a_plan("other")])
    revised = Revision(plans=(a_plan("new"),)).of(book)
    assert {"plan", "other", "new"} == set(revised.plans)
    assert book.plans["plan"] == revised.plans["plan"]


def test_plans_that_do_not_fit_are_refused():
    """A plan of a deck that nobody has, and one that begins after its trunk."""
    for plan in (a_plan("plan", outbound_deck="ghost"), a_plan("plan", effective_from=NOON)):
        with pytest.raises(BookError, match="expected"):
            Revision(plans=(plan,)).of(a_book())


def test_a_deck_file_is_named_after_itself_or_as_told(tmp_path):
    """Rows without a date hold from the beginning of time."""
    path = tmp_path / "us-outbound.csv"
    path.write_text("row_id,prefix,destination,rate_per_minute\nr1,1,United States,0.02\n")
    found = read_revision(path)
    assert ("us-outbound", ["1"]) == (found.deck_id, [rate.prefix for rate in found.rates])
    assert found.rates[0].effective_from < NEW_YEAR
    assert "other" == read_revision(path, "other").deck_id
    assert Revision() == read_revision()


@pytest.mark.parametrize("text", ["- plan_id: p\n", "nonsense", "- 5\n"])
def test_a_file_of_plans_that_is_none(tmp_path, text):
    """Every problem names the file."""
    path = tmp_path / "plans.yaml"
    path.write_text(text)
    with pytest.raises(BookFileError, match=r"plans\.yaml"):
        read_revision(plans=path)
