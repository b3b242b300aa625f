"""Pinned resolutions: one line of JSON for each, only ever appended, read back field by field."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tax.pinned import PinnedResolutions
from pipeline.tax.resolution import Method, Resolution
from rating.tax.jurisdictions import Jurisdiction
from tests.rating.tax.bills import MINNEAPOLIS, areas

APRIL, JULY = date(2026, 4, 1), date(2026, 7, 1)
OFFICE = Resolution("office", 1, APRIL, JULY, Method.ZIP4, areas(*MINNEAPOLIS), "MNB2026Q2 line 88", None, False, False)


@pytest.mark.parametrize(
    ("address_id", "version", "day", "is_found"),
    [
        ("office", 1, "2026-04-01", True),
        ("office", 1, "2026-06-30", True),
        ("office", 1, "2026-07-01", False),
        ("office", 1, "2026-03-31", False),
        ("office", 2, "2026-05-01", False),
        ("warehouse", 1, "2026-05-01", False),
    ],
)
def test_an_answer_is_that_of_an_address_a_version_and_its_days(
    tmp_path: Path, address_id: str, version: int, day: str, *, is_found: bool
) -> None:
    """Half-open days; another text of the address needs an answer of its own."""
    pinned = PinnedResolutions(tmp_path / "resolved.jsonl")
    pinned.pin([OFFICE])
    assert is_found is (pinned.find(address_id, version, date.fromisoformat(day)) is not None)


def test_what_a_line_says(tmp_path: Path) -> None:
    """Dates and shares as text, places by their codes: what a person or another program reads."""
    path = tmp_path / "resolved.jsonl"
    PinnedResolutions(path).pin(
        [OFFICE._replace(method=Method.HUD_MAX_SHARE, share=Decimal("0.98"), is_designated=True)]
    )
    row = json.loads(path.read_text())
    assert ("office", 1, "2026-04-01", "2026-07-01") == (
        row["address_id"], row["version"], row["valid_from"], row["valid_until"],
    )  # fmt: skip
    assert ("HUD_MAX_SHARE", "0.98", True, False) == (
        row["method"], row["share"], row["is_designated"], row["needs_review"],
    )  # fmt: skip
    assert list(MINNEAPOLIS) == row["jurisdictions"]


def test_quarters_of_one_address_stand_side_by_side(tmp_path: Path) -> None:
    """Each quarter has its own answer, and a later one leaves the earlier one alone."""
    pinned = PinnedResolutions(tmp_path / "resolved.jsonl")
    later = OFFICE._replace(valid_from=JULY, valid_until=date(2026, 10, 1), evidence="MNB2026Q3 line 90")
    assert (1, 1) == (pinned.pin([OFFICE]), pinned.pin([later]))
    assert OFFICE == pinned.find("office", 1, date(2026, 6, 30))
    assert later == pinned.find("office", 1, JULY)


def test_the_file_is_only_appended_to(tmp_path: Path) -> None:
    """What was written stays, byte for byte."""
    path = tmp_path / "resolved.jsonl"
    PinnedResolutions(path).pin([OFFICE])
    before = path.read_bytes()
    PinnedResolutions(path).pin([OFFICE, OFFICE._replace(version=2)])
    assert path.read_bytes().startswith(before)
    assert 2 == len(path.read_text().splitlines())


def test_a_folder_is_made_when_it_is_needed(tmp_path: Path) -> None:
    """Reading makes none."""
    path = tmp_path / "own" / "tax" / "resolved.jsonl"
    pinned = PinnedResolutions(path)
    assert pinned.find("office", 1, APRIL) is None
    assert not path.parent.exists()
    pinned.pin([OFFICE])
    assert path.is_file()


def test_a_place_that_is_none_is_refused(tmp_path: Path) -> None:
    """A file that somebody edited by hand does not tax a bill by half."""
    path = tmp_path / "resolved.jsonl"
    PinnedResolutions(path).pin([OFFICE])
    path.write_text(path.read_text().replace("US-MN-C053", "Hennepin"))
    with pytest.raises(ValueError, match="'Hennepin' is no jurisdiction"):
        PinnedResolutions(path)


RESOLUTIONS = st.builds(
    Resolution,
    st.text(min_size=1, max_size=8),
    st.integers(1, 9),
    st.just(APRIL),
    st.integers(1, 90).map(lambda days: APRIL + timedelta(days=days)),
    st.sampled_from(Method),
    st.lists(st.sampled_from(MINNEAPOLIS), unique=True, max_size=4).map(lambda names: areas(*names)),
    st.text(max_size=12),
    st.none() | st.decimals(0, 1, places=8),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(RESOLUTIONS, max_size=4, unique_by=lambda row: (row.address_id, row.version)))
def test_any_answer_comes_back_equal(tmp_path_factory: pytest.TempPathFactory, rows: list[Resolution]) -> None:
    """Any text of an address and its evidence, line breaks and quotes included, survives the file."""
    path = tmp_path_factory.mktemp("pinned") / "resolved.jsonl"
    assert len(rows) == PinnedResolutions(path).pin(rows)
    again = PinnedResolutions(path)
    assert rows == [again.find(row.address_id, row.version, APRIL) for row in rows]


def test_names_are_not_kept(tmp_path: Path) -> None:
    """A name never decides anything, so a place comes back by its code alone."""
    path = tmp_path / "resolved.jsonl"
    named = tuple(Jurisdiction(area.jurisdiction_id, area.level, "a name") for area in OFFICE.jurisdictions)
    PinnedResolutions(path).pin([OFFICE._replace(jurisdictions=named)])
    assert OFFICE == PinnedResolutions(path).find("office", 1, APRIL)
