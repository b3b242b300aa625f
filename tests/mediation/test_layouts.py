"""Column orders as data: which layout a line has, and what an unknown one is told."""

import pytest
from pydantic import ValidationError

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.layouts import Layout, configured_layout, layout_of, least_columns, shipped_layouts

NAMED = Layout(name="named", columns=("a", "b", "c"), shortest=2)
PLACED = Layout(name="placed", record="STOP", positions={"first": 1, "fifth": 5}, shortest=3, longest=6)


def test_columns_in_order() -> None:
    """A full line, and a shorter one whose missing values are empty."""
    assert {"a": "1", "b": "2", "c": "3"} == NAMED.row(["1", "2", "3"])
    assert {"a": "1", "b": "2", "c": ""} == NAMED.row(["1", "2"])


def test_positions_count_from_one() -> None:
    """As vendors' tables do; beyond the end of the line is empty."""
    assert {"first": "1", "fifth": "5"} == PLACED.row(["1", "2", "3", "4", "5"])
    assert {"first": "1", "fifth": ""} == PLACED.row(["1", "2", "3"])


@pytest.mark.parametrize(("layout", "fitting"), [(NAMED, {2, 3}), (PLACED, {3, 4, 5, 6})])
def test_lengths_that_fit(layout: Layout, fitting: set[int]) -> None:
    """From the shortest to the longest, both included."""
    assert fitting == {count for count in range(10) if layout.fits(count)}


def test_first_layout_that_fits() -> None:
    """The order in the file is the order of trying; the kind of line must be the same."""
    longer = Layout(name="longer", columns=("a", "b", "c", "d"))
    assert "named" == layout_of([NAMED, longer], ["1"] * 3).name
    assert "longer" == layout_of([NAMED, longer], ["1"] * 4).name
    assert "placed" == layout_of([NAMED, PLACED], ["1"] * 3, "STOP").name


def test_unknown_number_of_columns_names_the_known_ones() -> None:
    """UNKNOWN_LAYOUT with what the line has and what could be (R47)."""
    with pytest.raises(Unreadable) as caught:
        layout_of([NAMED, PLACED], ["1"] * 7)
    assert "UNKNOWN_LAYOUT" == caught.value.failure.reason
    assert "The line has 7 columns" in caught.value.failure.detail
    assert "named (2 to 3)" in caught.value.failure.detail
    with pytest.raises(Unreadable, match="none is known"):
        layout_of([NAMED], ["1"] * 3, "ATTEMPT")


@pytest.mark.parametrize(
    ("count", "knows_cuts", "reason"),
    [(4, True, "TRUNCATED"), (9, True, "TRUNCATED"), (10, True, "UNKNOWN_LAYOUT"), (3, True, "UNKNOWN_LAYOUT"),
     (9, False, "UNKNOWN_LAYOUT")],
)  # fmt: skip
def test_beginning_of_a_record(count: int, knows_cuts: bool, reason: str) -> None:
    """Less than half of 20 columns is a line that ends early; three are no beginning of anything (R29, R47)."""
    long = Layout(name="long", positions={"first": 1}, shortest=20, longest=30)
    with pytest.raises(Unreadable) as caught:
        layout_of([long], ["x"] * count, knows_cuts=knows_cuts)
    assert reason == caught.value.failure.reason


def test_least_columns_of_a_kind() -> None:
    """The shortest layout of that kind of line; 0 where there is none."""
    assert [2, 3, 0] == [least_columns([NAMED, PLACED], kind) for kind in (None, "STOP", "ATTEMPT")]


@pytest.mark.parametrize("fields", [{}, {"columns": ["a"], "positions": {"a": 1}}])
def test_a_layout_is_columns_or_positions(fields: dict[str, object]) -> None:
    """One of the two, or the file is refused when it is loaded."""
    with pytest.raises(ValidationError, match="either columns or positions"):
        Layout.model_validate({"name": "x", **fields})


def test_misspelt_key_is_refused() -> None:
    """`shortset` would silently be no bound."""
    with pytest.raises(ValidationError, match="shortset"):
        Layout.model_validate({"name": "x", "columns": ["a"], "shortset": 3})


@pytest.mark.parametrize(
    ("format_name", "records"),
    [
        ("oracle_csv", ["STOP", "STOP", "START", "INTERIM", "INTERIM", "INTERIM"]),
        ("ribbon_act", ["START", "STOP", "ATTEMPT"]),
        ("audiocodes", ["CALL", "CALL", "MEDIA"]),
        ("cucm_csv", ["1", "2"]),
        ("asterisk_csv", [None, None]),
        ("freeswitch_csv", [None, None]),
        ("cube_csv", [None]),
        ("sansay_csv", [None]),
    ],
)
def test_shipped_layouts(format_name: str, records: list[str | None]) -> None:
    """Every file of data/layouts is valid, and each of its lines can be found."""
    assert records == [layout.record for layout in shipped_layouts(format_name)]
    assert all(layout.shortest <= layout.most for layout in shipped_layouts(format_name))


def test_configured_layout() -> None:
    """Names from the settings of a source; the line must have all of them."""
    layout = configured_layout(("a", "b"))
    assert {"a": "1", "b": "2"} == layout.row(["1", "2"])
    assert not layout.fits(1)
