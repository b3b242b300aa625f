"""Party fields in columns read as one by one, wherever they say that they do."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.numbers import first_number
from pipeline.mediation.parties import read_party
from pipeline.mediation.party_columns import read_parties

PIECES = st.sampled_from([
    "<", ">", "sip:", "sips:", "tel:", "SIP:", "+", "1", "20", "2025550101", "0000000000", "@", "h", "198.51.100.1",
    ":5060", ";", ";user=phone", ";transport=tcp", ";rn=+1202", ";npdi", ";ext=5", ";tag=x", '"', "'", "Jo Doe", " ",
    ",", "%2B", "x12", "ext 5", "(0)", "anonymous", "*60", "\u0661", "\u00e9", "\u202d",
])  # fmt: skip
FIELDS = st.one_of(
    st.lists(PIECES, max_size=8).map("".join),
    st.builds("{}<sip:{}@{}{}>{}".format, st.sampled_from(["", "Jo ", '"J, D" ', "'J' ", "\u00c9 "]),
              st.sampled_from(["+12025550101", "1001", "12", "0000000000", "alice", "1" * 21]),
              st.sampled_from(["h", "198.51.100.1:5060", "[2001:db8::1]:5061", "", "a@b"]),
              st.sampled_from(["", ";user=phone", ";rn=1", ";user=phone;transport=udp"]),
              st.sampled_from(["", ";tag=a", "x", ";"])),
    st.none(),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(FIELDS, min_size=1, max_size=8))
def test_plain_fields_read_as_the_specification_reads_them(fields: list[str | None]) -> None:
    """Digits, display name and all parameters are those of `read_party`."""
    found = read_parties(pa.array(fields, pa.string()))
    rows = zip(fields, found.digits.to_pylist(), found.display.to_pylist(), found.is_plain.tolist(), strict=True)
    for field, digits, display, is_plain in rows:
        if is_plain:
            party = read_party(field)
            assert (digits, display) == (party.digits, party.display), field
            assert (None, None, None, False) == (party.rn, party.npdi, party.cic, party.from_display), field
            assert party.is_anonymous == (digits is None)


@settings(max_examples=200, deadline=None)
@given(st.lists(FIELDS.filter(lambda field: field is not None), min_size=1, max_size=8))
def test_plain_identities_are_the_first_number(fields: list[str]) -> None:
    """A field without a comma holds one identity, and its number is the one that counts."""
    found = read_parties(pa.array(fields, pa.string()), alone=True)
    for field, digits, is_plain in zip(fields, found.digits.to_pylist(), found.is_plain.tolist(), strict=True):
        if is_plain:
            assert digits == first_number(field), field


@pytest.mark.parametrize(
    ("field", "is_plain"),
    [
        ("+12025550101", True),
        ("<sip:+442079460321@198.51.100.1;user=phone>;tag=SD77", True),
        ('"WIRELESS CALLER" <sip:+12025550101@203.0.113.9:5061;user=phone>;tag=SDe', True),
        ("<tel:+12025550101>", True),
        (None, True),
        ("<sip:+12025550101;rn=+12025559999;npdi@h>", False),
        ("0000000000", True),
        ("anonymous", True),
        ("<sip:Anonymous@anonymous.invalid>;tag=1", True),
        ("12", True),
        ("*60", True),
        ("60*", False),
        ("*", False),
        ("alice", False),
        ("", True),
    ],
)
def test_the_usual_forms_take_the_fast_way(field: str | None, is_plain: bool) -> None:
    """The guard: what Oracle SBCs write is read in columns; what needs a decision is not."""
    assert [is_plain] == read_parties(pa.array([field], pa.string())).is_plain.tolist()
