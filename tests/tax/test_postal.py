"""Street lines in postal form: every direction and suffix of USPS Publication 28 that boundary files write short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tax.postal import STREET_LETTERS, read_address, street_address
from rating.tax.boundary import StreetAddress

DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip
SUFFIXES = {
    "ALLEY": "ALY", "AVENUE": "AVE", "BOULEVARD": "BLVD", "CENTER": "CTR", "CIRCLE": "CIR", "COURT": "CT",
    "COVE": "CV", "CREEK": "CRK", "CROSSING": "XING", "DRIVE": "DR", "EXPRESSWAY": "EXPY", "FREEWAY": "FWY",
    "HEIGHTS": "HTS", "HIGHWAY": "HWY", "JUNCTION": "JCT", "LANE": "LN", "LOOP": "LOOP", "PARKWAY": "PKWY",
    "PLACE": "PL", "PLAZA": "PLZ", "ROAD": "RD", "SQUARE": "SQ", "STREET": "ST", "TERRACE": "TER", "TRAIL": "TRL",
    "TURNPIKE": "TPKE", "WALK": "WALK", "WAY": "WAY",
}  # fmt: skip
"""Publication 28, appendix B (directions) and C1 (street suffixes)."""


def parts(street: str) -> tuple[int | None, str, str, str, str]:
    """House number, direction before, name, suffix, direction after."""
    found = street_address(street, "55401")
    return found.number, found.pre_direction, found.street, found.suffix, found.post_direction


@pytest.mark.parametrize(("word", "short"), SUFFIXES.items())
def test_a_suffix_is_written_short(word: str, short: str) -> None:
    """In full, in short, in any case, with a point: the same suffix."""
    expected = (12, "", "ELM", short, "")
    assert [expected] * 4 == [parts(f"12 Elm {text}") for text in (word, word.title(), short, f"{short.lower()}.")]


@pytest.mark.parametrize(("word", "short"), DIRECTIONS.items())
def test_a_direction_is_written_short(word: str, short: str) -> None:
    """Before the name or after the suffix, in full or in short."""
    before, after = (12, short, "ELM", "ST", ""), (12, "", "ELM", "ST", short)
    assert [before, before] == [parts(f"12 {text} Elm St") for text in (word.title(), f"{short}.")]
    assert [after, after] == [parts(f"12 Elm St {text}") for text in (word.title(), f"{short}.")]


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ("12 N Elm St SW", (12, "N", "ELM", "ST", "SW")),
        ("12 North Avenue", (12, "N", "AVENUE", "", "")),
        ("12 Avenue", (12, "", "AVENUE", "", "")),
        ("12 North", (12, "", "NORTH", "", "")),
        ("Court Street", (None, "", "COURT", "ST", "")),
        ("12 Avenue of the Arts", (12, "", "AVENUE OF THE ARTS", "", "")),
        ("12 St Paul Street", (12, "", "ST PAUL", "ST", "")),
        ("12 Park Place Drive", (12, "", "PARK PLACE", "DR", "")),
        ("100A Elm St", (100, "", "ELM", "ST", "")),
        ("1st Street", (None, "", "1ST", "ST", "")),
        ("12 42nd Street", (12, "", "42ND", "ST", "")),
        ("12-14 Elm St", (None, "", "12-14 ELM", "ST", "")),
        ("  12   Elm    St  ", (12, "", "ELM", "ST", "")),
        ("12 Elm St, Suite 400", (12, "", "ELM", "ST", "")),
        ("12 Elm St,", (12, "", "ELM", "ST", "")),
        ("PO Box 77", (None, "", "PO BOX 77", "", "")),
        ("12", (12, "", "", "", "")),
    ],
)
def test_street_lines(street: str, expected: tuple[int | None, str, str, str, str]) -> None:
    """A word that is all that names a street stays its name; what stands behind a comma is no part of it."""
    assert expected == parts(street)


@pytest.mark.parametrize(
    ("post_code", "zip5", "plus4"),
    [
        ("55401", "55401", None), ("55401-1234", "55401", "1234"), ("554011234", "55401", "1234"),
        (" 55401 ", "55401", None), ("00501", "00501", None), ("02108-0001", "02108", "0001"),
    ],
)  # fmt: skip
def test_zip_codes_are_text(post_code: str, zip5: str, plus4: str | None) -> None:
    """Zeros at the front stay: 00501 is Holtsville, not 501."""
    found = street_address("1 Main St", post_code)
    assert (zip5, plus4) == (found.zip5, found.plus4)


@pytest.mark.parametrize(
    "post_code", ["5540\u0661", "55401 1234", "55401-", "-1234", "55401-12345", "K1A 0B1", "SW1A 1AA"]
)
def test_what_is_no_zip_code(post_code: str) -> None:
    """Digits of another alphabet, other countries, halves."""
    with pytest.raises(ValueError, match="is no ZIP code"):
        street_address("1 Main St", post_code)


@pytest.mark.parametrize(
    ("text", "state", "post_code"),
    [
        ("1 Main St, Madison, WI 53703", "WI", "53703"),
        ("1 Main St, Madison,WI   53703-0001", "WI", "53703-0001"),
        ("1 Main St, Madison, wI 537030001", "WI", "537030001"),
        ("1 Calle Sol, San Juan, PR 00901", "PR", "00901"),
    ],
)
def test_the_last_part_of_an_address(text: str, state: str, post_code: str) -> None:
    """Two letters and a ZIP code, with blanks between; the letters in upper case."""
    found = read_address(text)
    assert (state, post_code) == (found.state, found.post_code)


@pytest.mark.parametrize(
    "text",
    ["", ",", "WI 53703", "1 Main St, Madison, Wisconsin 53703", "1 Main St, Madison, WI, 53703", "1 Main St, WI53703"],
)
def test_what_is_no_address(text: str) -> None:
    """A city is needed before the state, and state and ZIP code stand together."""
    with pytest.raises(ValueError, match="is no US address"):
        read_address(text)


NAMES = st.sampled_from(["ELM", "5TH", "MARTIN LUTHER KING JUNIOR", "BROADWAY", "OLD MILL"])
SHORT_DIRECTIONS = st.sampled_from(["", *DIRECTIONS.values()])


@given(st.integers(1, 99_999), SHORT_DIRECTIONS, NAMES, st.sampled_from(sorted(SUFFIXES.values())), SHORT_DIRECTIONS)
def test_parts_of_a_written_street_are_found_again(
    number: int, before: str, name: str, suffix: str, after: str
) -> None:
    """Put together in postal form and taken apart, each part is where it was; names keep twenty letters."""
    written = " ".join(part for part in (str(number), before, name, suffix, after) if part)
    expected = StreetAddress("55401", None, number, before, name[:STREET_LETTERS], suffix, after)
    assert expected == street_address(written, "55401")
    assert expected == street_address(written.lower(), "55401")
