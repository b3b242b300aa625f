"""Numbers and times are read from bytes as `int` and `datetime` read them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.local_columns import distinct
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.word_times import clock_times, instants, local_stamps
from pipeline.mediation.word_values import Read, whole_numbers

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def numbers_in(*texts: str) -> Read:
    content = RecordBytes.of([text.encode() for text in texts])
    return whole_numbers(content.words, content.bounds[:-1], content.bounds[1:])


def times_in(*texts: str) -> Read:
    content = RecordBytes.of([text.encode() for text in texts])
    return instants(content.words, content.bounds[:-1], content.bounds[1:])


def test_numbers_of_any_length() -> None:
    """From one digit to fifteen."""
    found = numbers_in("0", "7", "61000", "12345678", "123456789", "999999999999999")
    assert [0, 7, 61_000, 12_345_678, 123_456_789, 999_999_999_999_999] == found.values.tolist()
    assert found.readable.all()


@pytest.mark.parametrize(
    "text", ["", "-1", "01", "1.5", "1e3", "x", "12x", "1 ", "+1", "/", ":", "1234567x", "x23456789", "1" * 17]
)
def test_no_numbers(text: str) -> None:
    """Signs, leading zeros, fractions, letters, and more digits than are read at once."""
    assert not numbers_in("5", text, "6").readable[1]


@given(st.lists(st.one_of(st.integers(0, 10**17).map(str), st.text("0123456789-. ", max_size=17))))
def test_numbers_as_python_reads_them(texts: list[str]) -> None:
    """What is readable has the value that `int` gives it, and is written as Python writes it."""
    found = numbers_in(*texts)
    for text, number, readable in zip(texts, found.values.tolist(), found.readable.tolist(), strict=True):
        is_number = text.isdecimal() and text == str(int(text)) and len(text) <= 16
        assert is_number == readable
        assert not readable or number == int(text)


def test_times_with_and_without_decimals() -> None:
    """None, three or six."""
    found = times_in("1970-01-01T00:00:01Z", "1970-01-02T00:00:00.500Z", "1969-12-31T23:59:59.999999Z")
    assert [1_000_000, 86_400_500_000, -1] == found.values.tolist()
    assert found.readable.all()


@pytest.mark.parametrize("text", [
    "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:60Z", "0000-01-01T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00z",
    "2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00,000Z", "2026-01-01T00:00:00.00Z", "2026/01/01T00:00:00Z",
    "2026-01-01T00:00:00.0000000Z", "", "2026-01-01", "2026-01-01T00:00:0:Z", "2026-01-01T00:00:00.0x0Z",
])  # fmt: skip
def test_no_times(text: str) -> None:
    """Days that do not exist, other separators, other lengths."""
    assert not times_in("2026-10-01T12:00:00Z", text, "2026-10-01T12:00:00Z").readable[1]


@given(st.lists(st.datetimes(timezones=st.just(UTC))))
def test_times_as_python_reads_them(times: list[datetime]) -> None:
    """Every microsecond of the years 1 to 9999."""
    found = times_in(*(f"{time.replace(tzinfo=None).isoformat(timespec='microseconds')}Z" for time in times))
    assert found.readable.all()
    assert [(time - EPOCH) // timedelta(microseconds=1) for time in times] == np.asarray(found.values).tolist()


def stamps_in(*texts: str) -> Read:
    content = RecordBytes.of_texts(pa.array(["left out", *texts], pa.string())[1:])
    return local_stamps(content.words, content.bounds[:-1], content.ends)


def test_local_stamps() -> None:
    """Any number of decimals up to six, and no zone."""
    found = stamps_in("1970-01-01 00:00:01", "1970-01-01 00:00:01.5", "1970-01-01 00:00:01.000007")
    assert [1_000_000, 1_500_000, 1_000_007] == found.values.tolist()
    assert found.readable.all()


@pytest.mark.parametrize("text", ["1970-01-01T00:00:01", "1970-01-01 00:00:01Z", "1970-01-01 00:00:01.", "", "now"])
def test_no_local_stamps(text: str) -> None:
    """Instants, cut off stamps, words."""
    assert not stamps_in(text, "1970-01-01 00:00:01").readable[0]


@given(st.lists(st.one_of(st.integers(-(2**40), 2**40), st.integers(-3, 3), st.just(2**60))))
def test_different_numbers_are_told_apart(numbers: list[int]) -> None:
    """Close together or not: every number is found again where it says."""
    found, at = distinct(np.array(numbers, np.int64))
    assert numbers == found[at].tolist()
    assert len(set(numbers)) == len(found)


def test_clocks() -> None:
    """With decimals and without; 24:00 is none, and neither is a cut off fraction."""
    content = RecordBytes.of([b"00:00:01", b"23:59:59.999999", b"12:30:00.5", b"24:00:00", b"12:30:00.", b"12:30", b""])
    found = clock_times(content.words, content.bounds[:-1], content.ends)
    assert [True, True, True, False, False, False, False] == found.readable.tolist()
    assert [1_000_000, 86_399_999_999, 45_000_500_000] == found.values[:3].tolist()
