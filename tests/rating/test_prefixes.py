"""The longest prefix in force at the answer decides; the index for batches finds the same row."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rating.prefixes import Deck, number_key, number_keys
from rating.timelines import to_microseconds
from schemas.reference import Rate, RateDeck, RateStatus

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def day(number, milliseconds=0):
    return NEW_YEAR + timedelta(days=number, milliseconds=milliseconds)


def a_rate(prefix, since=0, until=None, status=RateStatus.PRICED):
    """A row named after its prefix and first day, such as `44@0`."""
    return Rate(
        row_id=f"{prefix}@{since}",
        prefix=prefix,
        destination="Somewhere",
        status=status,
        rate_per_minute="0.01" if status == RateStatus.PRICED else None,
        effective_from=day(since),
        effective_until=None if until is None else day(until),
    )


def a_deck(*rates):
    return Deck(RateDeck(deck_id="test", rates=rates))


def found(deck, digits, at):
    """Row id by the specification and by the index, which must agree."""
    rate = deck.match(digits, at)
    keys = number_keys(np.array([int(digits or 0)]), np.array([len(digits)]))
    position = int(deck.find(keys, np.array([to_microseconds(at)]))[0])
    assert rate == (deck.rates[position] if position >= 0 else None)
    return rate.row_id if rate else None


NESTED = a_deck(a_rate("4"), a_rate("44"), a_rate("4420"), a_rate("447"), a_rate("45"))


@pytest.mark.parametrize(
    ("row", "digits"),
    [
        ("4420@0", "442079460018"),
        ("447@0", "447700900123"),
        ("44@0", "441632960001"),
        ("4@0", "431234567"),
        ("45@0", "45"),
        ("44@0", "442"),
        ("44@0", "44"),
        ("4@0", "4"),
        (None, "33199000000"),
        (None, "5"),
        (None, ""),
        ("4@0", "499999999999999"),
    ],
)
def test_longest_prefix_wins(row, digits):
    """4420 beats 44 beats 4; a number shorter than a prefix does not have it; what no prefix begins has no row."""
    assert row == found(NESTED, digits, NEW_YEAR)


@pytest.mark.parametrize(
    ("row", "at"),
    [(None, day(9, -1)), ("1212@9", day(9)), ("1212@9", day(20, -1)), ("1212@20", day(20)), ("1212@20", day(999))],
)
def test_a_rate_is_in_force_from_its_start_up_to_its_end(row, at):
    """Half-open: at the very instant of a change the new rate counts, one millisecond before the old one."""
    deck = a_deck(a_rate("1212", 9, 20), a_rate("1212", 20))
    assert row == found(deck, "12125550100", at)


def test_in_a_gap_the_shorter_prefix_in_force_decides():
    """A row out of force does not count: days 10 to 19 fall back to prefix 1."""
    deck = a_deck(a_rate("1"), a_rate("1212", 0, 10), a_rate("1212", 20))
    assert ["1212@0", "1@0", "1212@20"] == [found(deck, "12125550100", day(at)) for at in (9, 10, 20)]


@pytest.mark.parametrize("status", [RateStatus.BLOCKED, RateStatus.UNPRICED])
def test_a_blocked_or_unpriced_prefix_never_falls_back(status):
    """The longer row wins although it has no price; a shorter prefix must not price the call."""
    deck = a_deck(a_rate("44"), a_rate("4470", status=status))
    assert "4470@0" == found(deck, "447012345678", NEW_YEAR)


def test_leading_zeros_are_digits():
    """0256 is not 256."""
    deck = a_deck(a_rate("0256"), a_rate("256"), a_rate("0"))
    assert ["0256@0", "256@0", "0@0"] == [found(deck, digits, NEW_YEAR) for digits in ("0256308200", "2563", "01")]


def test_prefixes_of_fifteen_digits_are_whole_numbers():
    """The longest prefix there is matches exactly one number, the last of all included."""
    deck = a_deck(a_rate("999999999999999"), a_rate("999999999999998"), a_rate("9"))
    assert "999999999999999@0" == found(deck, "999999999999999", NEW_YEAR)
    assert "999999999999998@0" == found(deck, "999999999999998", NEW_YEAR)
    assert "9@0" == found(deck, "999999999999997", NEW_YEAR)


def test_an_empty_deck_prices_nothing():
    """No row, no match, no failure."""
    assert None is found(a_deck(), "12125550100", NEW_YEAR)


@given(st.lists(st.text("0129", max_size=15), max_size=40))
def test_keys_order_numbers_as_text_does(numbers):
    """The line of numbers is the order of their texts, so that all numbers of a prefix lie side by side."""
    assert sorted(numbers) == sorted(numbers, key=lambda digits: number_key(int(digits or 0), len(digits)))


@st.composite
def decks(draw):
    """Nested prefixes of few digits, each with up to three periods that leave gaps or touch."""
    rates = []
    for prefix in draw(st.sets(st.text("01", min_size=1, max_size=6), max_size=25)):
        days = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=6)))
        ends = [*days[1:], None]
        periods = list(zip(days, ends, strict=True))[:: draw(st.sampled_from([1, 2]))]
        rates += [a_rate(prefix, since, until, draw(st.sampled_from(RateStatus))) for since, until in periods]
    return a_deck(*draw(st.permutations(rates)))


@given(decks(), st.lists(st.tuples(st.text("01", max_size=8), st.integers(-1, 31)), max_size=20))
def test_index_and_scan_of_all_rows_agree(deck, calls):
    """A scan of every row, the specification and the index name the same row, or none."""
    for digits, number in calls:
        in_force = [
            rate for rate in deck.rates
            if digits.startswith(rate.prefix) and rate.effective_from <= day(number)
            and (rate.effective_until is None or day(number) < rate.effective_until)
        ]  # fmt: skip
        expected = max(in_force, key=lambda rate: len(rate.prefix)).row_id if in_force else None
        assert expected == found(deck, digits, day(number))
