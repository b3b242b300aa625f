"""Canada and the Caribbean are +1 and are not the United States: a row of prefix 1 never prices them (Rating 8)."""

import pytest

from rating.batch import rate_batch
from rating.call import rate_call
from rating.numbering.kinds import Kind, NumberClass, is_neighbour
from rating.rated import RatedCall, RejectedCDR
from schemas.cdr import cdrs_to_arrow
from tests.rating.cases import a_book, a_cdr, a_deck, a_rate

ONLY_THE_US = a_book()
WITH_TORONTO = a_book(decks=(a_deck(a_rate("1"), a_rate("1416", "0.02")), a_deck(deck_id="in")))


@pytest.mark.parametrize("called", ["+14165550101", "+18765550101", "+14169761234"])
def test_prefix_1_does_not_price_a_neighbour(called: str) -> None:
    """Toronto, Jamaica; the reason says which rows are missing."""
    cdr = a_cdr(called=called)
    book = a_book(plans=(ONLY_THE_US.plans["plan"][0].model_copy(update={"blocked_classes": ()}),))
    result = rate_call(cdr, book)
    assert isinstance(result, RejectedCDR)
    assert "NO_RATE" == result.reason
    assert "prefix 1 is the United States" in (result.detail or "")
    assert ["NO_RATE"] == rate_batch(cdrs_to_arrow([cdr]), book).column("reject_reason").to_pylist()


def test_a_row_of_its_own_prices_a_neighbour() -> None:
    """1416 at 0.02 a minute: 66 seconds are 0.022."""
    result = rate_call(a_cdr(61, "+14165550101"), WITH_TORONTO)
    assert isinstance(result, RatedCall)
    assert ("1416", "0.022000000") == (result.prefix, str(result.charge))


@pytest.mark.parametrize("called", ["+16085550101", "+17875550101", "+18005550101"])
def test_prefix_1_prices_the_united_states(called: str) -> None:
    """A state, a territory, a toll-free number without a place."""
    result = rate_call(a_cdr(called=called), ONLY_THE_US)
    assert isinstance(result, RatedCall)
    assert "1" == result.prefix


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind(NumberClass.CANADA, "CA"), True),
        (Kind(NumberClass.CA_NONGEO, "CA"), True),
        (Kind(NumberClass.CARIBBEAN, "JM"), True),
        (Kind(NumberClass.PREMIUM, "CA"), True),
        (Kind(NumberClass.PREMIUM, "001"), False),
        (Kind(NumberClass.US_TERRITORY, "PR"), False),
        (Kind(NumberClass.US_GOV_710, "US"), False),
        (Kind(NumberClass.INTERNATIONAL, "DE"), False),
        (Kind(NumberClass.INVALID), False),
    ],
)
def test_neighbours(kind: Kind, expected: bool) -> None:
    """What is dialled as +1 and lies outside the United States and their territories."""
    assert expected == is_neighbour(kind)
