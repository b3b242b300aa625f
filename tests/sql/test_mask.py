"""Masked views: nobody can be called from an export, and every total stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sql.views_over import views_over

PERSON = {
    "offset": 1, "calling": "+12125550100", "called": "+442079460123", "billing_number": "+12125550101",
    "redirecting": "+12125550102", "rn": "12125550103",
    "calling_raw": "sip:ann.lee@example.com", "called_raw": "02079460123", "pai_raw": "<tel:+12125550100>",
    "diversion_raw": "<sip:7@x>",
    "display_name": "Ann Lee", "raw": b"ann",
    "reject_detail": "number '+44 (0)20 7946 0123' has no rate", "note": "asked +1 212 555 0100",
}  # fmt: skip


def one(query, rows, *, mask=True):
    """The only row of a query."""
    (row,) = views_over(rows, mask=mask).execute(query).fetchall()
    return row


def test_numbers_keep_their_area():
    """+1 and the area code, or country and network, stay."""
    assert ("+1212***", "+4420***", "+1212***", "+1212***", "1212***") == one(
        "SELECT calling, called, billing_number, redirecting, rn FROM ledger", [PERSON]
    )


def test_texts_of_people_are_withheld():
    """As dialled, names, and the bytes."""
    assert ("***", "***", "***", "***", "***", None) == one(
        "SELECT calling_raw, called_raw, pai_raw, diversion_raw, display_name, raw FROM ledger", [PERSON]
    )


def test_sentences_lose_their_numbers():
    """Whatever blanks and brackets are between the digits."""
    assert ("number '+44 (0)2***' has no rate", "asked +1 212 ***") == one(
        "SELECT reject_detail, note FROM ledger", [PERSON]
    )


def test_unknown_stays_unknown_and_services_stay():
    """A null is no masked value; 911 is nobody's number."""
    row = {"offset": 1, "called": "911"}
    assert ("911", None, None) == one("SELECT called, calling, display_name FROM ledger", [row])


@pytest.mark.parametrize("view", ["ledger", "current", "cdr", "usage"])
def test_no_view_shows_the_whole_number(view):
    """The views over the ledger inherit the mask."""
    (text,) = one(f"SELECT to_json(v)::VARCHAR FROM {view} AS v", [PERSON])  # noqa: S608 - names of this test
    assert not [secret for secret in ("5550100", "79460123", "Ann", "ann") if secret in text]


@settings(deadline=None, max_examples=30)
@given(st.integers(10**6, 10**15 - 1), st.sampled_from(["", "+"]))
def test_no_subscriber_number_survives(number, plus):
    """Of any number only the first four digits are left."""
    (masked,) = one("SELECT called FROM usage", [{"offset": 1, "called": f"{plus}{number}"}])
    assert f"{plus}{str(number)[:4]}***" == masked


def test_totals_do_not_change():
    """The same balance and the same sums, masked or not."""
    rows = [PERSON | {"charge": "1.25", "call_seconds": 61}, {"offset": 2, "state": "REJECTED"}]
    balance = [views_over(rows, mask=mask).execute("FROM balance").fetchall() for mask in (False, True)]
    sums = [
        one("SELECT sum(charge), sum(call_seconds), count(*) FROM usage", rows, mask=mask) for mask in (False, True)
    ]
    assert (balance[0], sums[0]) == (balance[1], sums[1])
