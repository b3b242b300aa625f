"""Values as text: exact for scripts, harmless on a terminal and in a spreadsheet."""

import io
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.texts import cell, plain, shown, write_csv


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("0.000000001"), "0.000000001"),
        (Decimal("0E-9"), "0.000000000"),
        (Decimal(10) ** 12, "1000000000000"),
        (datetime(2026, 10, 1, 12, tzinfo=UTC), "2026-10-01T12:00:00Z"),
        (date(2026, 10, 1), "2026-10-01"),
        (time(8, 30), "08:30:00"),
        (b"A\x00\xff\\", "A\\x00\\xFF\\x5C"),
        (["a", Decimal("1.5")], ["a", "1.5"]),
        ({"at": date(2026, 10, 1)}, {"at": "2026-10-01"}),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (None, None),
        (True, True),
        (7, 7),
    ],
)
def test_plain(value, expected):
    """Money never passes through a float, and no exponent is printed."""
    assert expected == plain(value)
    json.dumps(plain(value))


@pytest.mark.parametrize(
    "formula", ["=1+1", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1", "=HYPERLINK(1)"]
)
def test_formulas_are_text_in_a_spreadsheet(formula):
    """A display name from outside must not run on a clerk's desk."""
    assert f"'{formula}" == cell(formula)


@pytest.mark.parametrize("harmless", ["+12125550100", "-0.05", "12", "Acme = Co", "", "a@b", None, 5])
def test_numbers_stay_numbers(harmless):
    """A telephone number with its plus, and amounts, are not touched."""
    assert harmless == cell(harmless)


@given(st.text())
def test_no_text_begins_like_a_formula(text):
    """Whatever a record says: a cell that could be a formula is a number or is quoted."""
    written = cell(text)
    assert isinstance(written, str)
    assert written in {text, f"'{text}"}
    assert written[:1] not in set("=@\t\r\n")


def test_lists_and_structs_are_one_cell():
    """Flags side by side; a list that begins with a formula is quoted as well."""
    assert ("NO_MEDIA LOW_RES", "'=1 2", "{'a': 1}") == (
        cell(["NO_MEDIA", "LOW_RES"]),
        cell(["=1", "2"]),
        cell({"a": 1}),
    )


def test_a_terminal_is_not_driven_by_a_record():
    """Escape sequences, bells and text direction are written out; line breaks of a plan stay."""
    assert "\\x1B[31mred\\x07\\x202E" == shown("\x1b[31mred\x07\u202e")
    assert ("a\nb", '["x"]', 5) == (shown("a\nb"), shown(["x"]), shown(5))


def test_csv():
    """Header, money as digits, quotes where the value has them."""
    file = io.StringIO()
    write_csv(["name", "charge"], [('Say "hi"', Decimal("1.50")), ("=1", None)], file)
    assert 'name,charge\n"Say ""hi""",1.50\n\'=1,\n' == file.getvalue()
