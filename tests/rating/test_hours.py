"""Hours of the week that rows of a deck hold in."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rating.hours import read_hours
from rating.prefixes import Deck, number_keys
from rating.timelines import to_microseconds
from schemas.reference import RateDeck
from tests.rating.cases import NEW_YEAR, a_rate

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("holds", "text", "at"),
    [
        (True, "Mon-Fri 08:00-18:00 UTC", MONDAY + timedelta(hours=8)),
        (False, "Mon-Fri 08:00-18:00 UTC", MONDAY + timedelta(hours=18)),
        (False, "Mon-Fri 08:00-18:00 UTC", MONDAY + timedelta(days=5, hours=9)),
        (True, "Sat-Mon 00:00-24:00 UTC", MONDAY + timedelta(hours=23, minutes=59)),
        (False, "Sat-Mon 00:00-24:00 UTC", MONDAY + timedelta(days=1)),
        (True, "Sun 00:00-24:00 UTC", MONDAY - timedelta(microseconds=1)),
        (True, "Mon 08:00-09:00 Europe/Berlin", MONDAY + timedelta(hours=6)),
        (True, "Mon 08:00-09:00 Europe/Berlin", datetime(2026, 11, 2, 7, tzinfo=UTC)),
        (False, "Mon 08:00-09:00 Europe/Berlin", datetime(2026, 11, 2, 6, tzinfo=UTC)),
        (True, "Sun 05:45-06:00 Asia/Kathmandu", MONDAY - timedelta(days=1)),
    ],
)
def test_the_local_time_of_the_answer_decides(holds, text, at):
    """Half-open, on the days named, by the clock of the zone in summer and in winter."""
    hours = read_hours(text)
    assert holds == hours.hold(at)
    assert [holds] == hours.hold_column(np.array([to_microseconds(at)])).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "", "always", "Mon-Fri 8:00-18:00 UTC", "Mon-Fri 08:00-18:00", "Mon-Fri 18:00-08:00 UTC", "Mon 08:00-08:00 UTC",
        "Mon-Fri 08:00-24:01 UTC", "Mon-Fri 08:60-18:00 UTC", "Day-Fri 08:00-18:00 UTC",
        "Mon 08:00-18:00 Atlantis/Town",
    ],
)  # fmt: skip
def test_what_is_not_hours_is_refused_with_what_was_expected(text):
    """The text, and how it should look."""
    with pytest.raises(ValueError, match="expected"):
        read_hours(text)


@pytest.mark.parametrize(
    ("overlap", "first", "second"),
    [
        (False, "Mon-Fri 08:00-18:00 UTC", "Mon-Fri 18:00-24:00 UTC"),
        (False, "Mon-Fri 08:00-18:00 UTC", "Sat-Sun 08:00-18:00 UTC"),
        (True, "Mon-Fri 08:00-18:00 UTC", "Fri-Sat 17:59-19:00 UTC"),
        (True, "Mon 08:00-09:00 UTC", "Tue 08:00-09:00 Europe/Berlin"),
    ],
)
def test_hours_overlap_or_not(overlap, first, second):
    """Two zones count as overlapping, for their clocks move against each other."""
    one, other = read_hours(first), read_hours(second)
    assert overlap == one.overlap(other) == other.overlap(one)


ZONES = ("UTC", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns")


@settings(deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(["Mon-Fri 08:00-18:00", "Sat-Mon 00:00-24:00", "Sun 01:30-02:30"]),
    st.lists(st.integers(0, 700 * 86_400_000_000), min_size=1, max_size=20),
)
def test_columns_agree(zone, text, elapsed):
    """Every instant of two years, changes of the clock included."""
    hours = read_hours(f"{text} {zone}")
    instants = [NEW_YEAR + timedelta(microseconds=passed) for passed in elapsed]
    column = hours.hold_column(np.array([to_microseconds(at) for at in instants]))
    assert [hours.hold(at) for at in instants] == column.tolist()


def found(deck, digits, at):
    """The row by the walk over prefixes and by the index, which must agree."""
    rate = deck.match(digits, at)
    keys = number_keys(np.array([int(digits)]), np.array([len(digits)]))
    position = int(deck.find(keys, np.array([to_microseconds(at)]))[0])
    assert rate == (deck.rates[position] if position >= 0 else None)
    return rate.row_id if rate else None


def test_a_row_of_these_hours_beats_the_row_of_any_and_a_longer_prefix_beats_both():
    """Peak and weekend rows over an ordinary one; outside them the ordinary one; the longer prefix always."""
    rates = [
        a_rate("44", row_id="any"),
        a_rate("44", row_id="peak", hours="Mon-Fri 08:00-18:00 UTC"),
        a_rate("44", row_id="weekend", hours="Sat-Sun 00:00-24:00 UTC", until=MONDAY + timedelta(days=6)),
        a_rate("4420", row_id="longer"),
    ]
    deck = Deck(RateDeck(deck_id="d", rates=tuple(rates)))
    nine, saturday, sunday = (MONDAY + timedelta(days=days, hours=9) for days in (0, 5, 6))
    assert ["any", "peak", "weekend", "any"] == [found(deck, "441", at) for at in (MONDAY, nine, saturday, sunday)]
    assert "longer" == found(deck, "4420", nine)


def test_a_prefix_that_holds_in_some_hours_only_leaves_the_others_to_a_shorter_one():
    """At night 4 prices what 44 prices by day."""
    day = a_rate("44", row_id="day", hours="Mon-Sun 06:00-22:00 UTC")
    deck = Deck(RateDeck(deck_id="d", rates=(a_rate("4", row_id="shorter"), day)))
    assert ["shorter", "day"] == [found(deck, "441", MONDAY + timedelta(hours=hour)) for hour in (0, 12)]
