"""Bytes to characters (R52)."""

import pytest

from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.texts import decode_text, without_controls
from schemas.outcomes import Flag, RejectReason


@pytest.mark.parametrize(
    ("value", "text", "is_utf8"),
    [
        (b"plain", "plain", True),
        ("J\u00f6rg".encode(), "J\u00f6rg", True),
        (b"\xef\xbb\xbfwith a mark", "with a mark", True),
        (b"J\xf6rg", "J\u00f6rg", False),
        (b"10 \x80 a month", "10 \u20ac a month", False),
        (b"\x81 is in no code page", "\x81 is in no code page", False),
        (b"", "", True),
    ],
    ids=["ascii", "utf-8", "byte order mark", "latin-1", "windows-1252 euro", "latin-1 control", "empty"],
)
def test_encodings_are_tried_in_order(value: bytes, text: str, is_utf8: bool) -> None:
    """UTF-8, then Windows-1252, then Latin-1, which reads anything."""
    assert (text, is_utf8) == decode_text(value)


def test_other_encodings_are_remarked() -> None:
    """A record that is not UTF-8 has the flag ENCODING, and only then."""
    assert [Flag.ENCODING] == readable(b"Jos\xe9")[1].flags
    assert [] == readable(b"Jose")[1].flags


def test_controls_go() -> None:
    """NUL, bell, delete and C1 controls go; letters and blanks stay."""
    assert "A B\u00e9" == without_controls("A\x00 \x07B\x7f\x9f\u00e9")


def test_a_flag_is_made_once() -> None:
    """The same remark twice is one flag, in the order of the first."""
    notes = Notes()
    for flag in (Flag.LOW_RES, Flag.ENCODING, Flag.LOW_RES):
        notes.warn(flag)
    assert [Flag.LOW_RES, Flag.ENCODING] == notes.flags


def test_the_first_reason_by_precedence_is_reported() -> None:
    """Of TOO_OLD, TOO_LONG and NEG_DURATION the list of reasons names TOO_LONG first, whatever the order of finding."""
    notes = Notes()
    assert notes.rejection() is None
    for reason in (RejectReason.TOO_OLD, RejectReason.TOO_LONG, RejectReason.NEG_DURATION):
        notes.block(reason, f"because of {reason}")
    assert (RejectReason.TOO_LONG, "because of TOO_LONG") == notes.rejection()


def test_of_equal_reasons_the_first_detail_stays() -> None:
    """Two impossible stamps of one record: the first one is told."""
    notes = Notes()
    notes.block(RejectReason.TZ_AMBIGUOUS, "setup")
    notes.block(RejectReason.TZ_AMBIGUOUS, "connect")
    assert (RejectReason.TZ_AMBIGUOUS, "setup") == notes.rejection()
