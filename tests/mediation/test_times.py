"""Instants: epochs, ISO 8601, and records from the future or too long ago (R16, R19)."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.iso_times import utc_instant
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import apply_arrival_rules, from_epoch_s, from_epoch_us, zone_named
from tests.mediation.feeds import at

RECEIVED = at("2026-10-01T12:00:00Z")
LATE_DAYS = 62


@pytest.mark.parametrize(
    ("seconds", "instant"),
    [
        (1_744_993_930, "2025-04-18T16:32:10Z"),
        (1_515_666_347, "2018-01-11T10:25:47Z"),
        (1_720_167_330, "2024-07-05T08:15:30Z"),
        (1, "1970-01-01T00:00:01Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ],
)
def test_epoch_seconds(seconds: int, instant: str) -> None:
    """CUCM, FreeSWITCH and Asterisk epochs of mediation.md R16."""
    assert at(instant) == from_epoch_s("connect", seconds)


@pytest.mark.parametrize("nothing", [0, None])
def test_epoch_zero_did_not_happen(nothing: int | None) -> None:
    """dateTimeConnect 0 is an unanswered call, not a call of 1970."""
    assert from_epoch_s("connect", nothing) is None
    assert from_epoch_us("answer_uepoch", nothing) is None


def test_epoch_microseconds_are_exact() -> None:
    """1515666347954373 us are 10:25:47.954373."""
    assert at("2018-01-11T10:25:47.954373Z") == from_epoch_us("answer_uepoch", 1_515_666_347_954_373)


@pytest.mark.parametrize("seconds", [-1, 253_402_300_800, 10**18])
def test_epoch_beyond_the_year_9999_is_refused(seconds: int) -> None:
    """A value that is no date says its name, itself and what was expected."""
    with pytest.raises(Unreadable, match=r"connect is .*, expected seconds since 1970"):
        from_epoch_s("connect", seconds)
    with pytest.raises(Unreadable, match="microseconds since 1970"):
        from_epoch_us("connect", seconds * 1_000_000)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-15T11:59:35.000+0000", "2026-01-15T11:59:35Z"),
        ("2026-01-15T12:59:35+01:00", "2026-01-15T11:59:35Z"),
        ("2020-03-05T11:05:35.782831+00:00", "2020-03-05T11:05:35.782831Z"),
        ("2026-01-15T11:59:35Z", "2026-01-15T11:59:35Z"),
        ("2026-03-29T02:30:00.000+0200", "2026-03-29T00:30:00Z"),
    ],
)
def test_iso_times_with_an_offset(text: str, instant: str) -> None:
    """With a colon in the offset or without; the offset decides, also in an hour that a zone leaves out."""
    assert at(instant) == utc_instant("startTime", text)


def test_iso_time_without_an_offset_needs_a_default() -> None:
    """DIDWW's inbound times are UTC and do not say it: only where the format knows that are they read."""
    text = "2019-10-31 14:50:18.930234"
    assert at("2019-10-31T14:50:18.930234Z") == utc_instant("time_start", text, default=UTC)
    with pytest.raises(Unreadable, match="a time with its offset"):
        utc_instant("time_start", text)


@pytest.mark.parametrize("text", ["", "now", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00", "20261"])
def test_iso_time_that_is_none(text: str) -> None:
    """No time, a day that is in no calendar, a time before the year 1."""
    with pytest.raises(Unreadable):
        utc_instant("startTime", text)


@pytest.mark.parametrize("field", ["started_at", "alerted_at", "answered_at", "released_at"])
@pytest.mark.parametrize(("ahead_s", "reason"), [(299, None), (300, None), (301, "FUTURE")])
def test_five_minutes_ahead_are_granted(field: str, ahead_s: int, reason: str | None) -> None:
    """Any time later than received + 5 min is FUTURE (R19); the border belongs to the good side."""
    notes = Notes()
    apply_arrival_rules({field: RECEIVED + timedelta(seconds=ahead_s)}, notes, RECEIVED, LATE_DAYS)
    assert reason == (rejection[0] if (rejection := notes.rejection()) else None)


def test_future_says_what_to_do() -> None:
    """The detail names the field, both times, and the next step."""
    notes = Notes()
    apply_arrival_rules({"released_at": at("2026-10-01T12:12:00Z")}, notes, RECEIVED, LATE_DAYS)
    _, detail = notes.rejection() or ("", "")
    assert "released_at is 2026-10-01T12:12:00Z, received 2026-10-01T12:00:00Z" in detail
    assert "Set the clock or the time zone of the node, then replay." in detail


@pytest.mark.parametrize(("days", "reason"), [(61, None), (62, None), (63, "TOO_OLD"), (100, "TOO_OLD")])
def test_late_window(days: int, reason: str | None) -> None:
    """Older than the late window is TOO_OLD; 62 days is the window of a month and the month before."""
    notes = Notes()
    apply_arrival_rules({"started_at": RECEIVED - timedelta(days=days)}, notes, RECEIVED, LATE_DAYS)
    assert reason == (rejection[0] if (rejection := notes.rejection()) else None)


def test_lateness_counts_from_the_answer() -> None:
    """Started 62 days and 1 hour ago, answered 61 days ago: the answer decides."""
    notes = Notes()
    times = {"started_at": RECEIVED - timedelta(days=62, hours=1), "answered_at": RECEIVED - timedelta(days=61)}
    apply_arrival_rules(dict(times), notes, RECEIVED, LATE_DAYS)
    assert notes.rejection() is None


def test_record_without_times_has_no_age() -> None:
    """A media record has no time of a call: neither rule applies."""
    notes = Notes()
    apply_arrival_rules({}, notes, RECEIVED, LATE_DAYS)
    assert notes.rejection() is None


def test_zones_are_iana_names() -> None:
    """Kolkata is five and a half hours ahead."""
    assert timedelta(hours=5, minutes=30) == datetime(2026, 1, 1, tzinfo=zone_named("Asia/Kolkata")).utcoffset()
    with pytest.raises(LookupError):
        zone_named("IST!")
