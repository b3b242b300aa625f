"""Numbers that belong to nobody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator.reserved import numbers_below
from tests.simulator.runs import a_world

FICTION = re.compile(
    r"1[2-9]\d\d55501\d\d|44207946\d{4}|447700900\d{3}|441632960\d{3}|331990\d{5}|3363998\d{4}|493023125\d{3}|61491570\d{3}"
)


@pytest.mark.parametrize(
    ("prefix", "longer", "number"),
    [
        ("1416", (), "14165550100"),
        ("1", ("1212",), "13125550100"),
        ("4420", (), "442079461000"),
        ("447", ("4470",), "447700900100"),
        ("33", ("336", "337"), "33199010000"),
        ("336", (), "33639981000"),
        ("4930", (), "493023125100"),
        ("52", (), "522000000000"),
        ("1712432", (), "17124320000"),
    ],
)
def test_the_first_number_below_a_prefix(prefix: str, longer: tuple[str, ...], number: str):
    """From a range for fiction where the prefix has one, else the prefix and zeros."""
    assert number == numbers_below(prefix, longer, ["212", "312"])[0]


@given(
    st.from_regex(r"[1-9][0-9]{0,6}", fullmatch=True),
    st.lists(st.from_regex(r"[0-9]{1,3}", fullmatch=True), max_size=3),
)
def test_numbers_lie_below_their_prefix_and_below_no_longer_one(prefix: str, endings: list[str]):
    """Whatever the deck, and 7 to 15 digits long."""
    longer = [prefix + ending for ending in endings]
    for number in numbers_below(prefix, longer, ["212", "312"]):
        assert number.startswith(prefix)
        assert not any(number.startswith(other) for other in longer)
        assert 7 <= len(number) <= 15


def test_nobody_is_called():
    """Every number of a run on the example book is reserved, a code, or zeros behind a prefix."""
    for party in a_world().parties.table:
        digits = re.sub(r"\D", "", party.digits)
        is_zeros = re.search(r"0{5}|00\d\d$", digits)
        assert FICTION.fullmatch(digits) or is_zeros or len(digits) <= 4 or party.kind, party
