"""Stamps with a zone token (R16, R17): the token selects an offset of the node's own zone, or contradicts it."""

import pytest

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.local_times import Printed
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import zone_named
from pipeline.mediation.zoned_times import ZonedClock
from tests.mediation.feeds import at


def read(text: str, zone: str) -> tuple[object, Notes]:
    notes = Notes()
    return ZonedClock(zone_named(zone), notes).instant("connect", text), notes


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("15:54:56.868 PST DEC 18 2017", "America/Los_Angeles", "2017-12-18T23:54:56.868Z"),
        ("18:55:42.000 GMT+4 Tue Feb 11 2014", "UTC", "2014-02-11T14:55:42Z"),
        ("18:57:59.615  UTC Mon Dec 05 2022", "UTC", "2022-12-05T18:57:59.615Z"),
        ("06:13:54.950 UTC Thu Mar 02 2012", "Europe/Berlin", "2012-03-02T06:13:54.950Z"),
        ("10:00:00.000 GMT-03:30 Jan 15 2026", "UTC", "2026-01-15T13:30:00Z"),
        ("10:00:00.000 UTC+5:30 Jan 15 2026", "UTC", "2026-01-15T04:30:00Z"),
        ("10:00:00 Jan 15 2026", "America/New_York", "2026-01-15T15:00:00Z"),
        ("10:00:00.5 Z Jan 15 2026", "America/New_York", "2026-01-15T10:00:00.5Z"),
        ("9:05:07.123456 EST Jan 5 2026", "America/New_York", "2026-01-05T14:05:07.123456Z"),
        ("12:00:00.000 BST JUL 01 2026", "Europe/London", "2026-07-01T11:00:00Z"),
        ("12:00:00.000 UTC FEB 29 2024", "UTC", "2024-02-29T12:00:00Z"),
    ],
)
def test_the_records_own_zone_comes_first(text: str, zone: str, instant: str) -> None:
    """Abbreviations by the node's zone, GMT offsets as they read (GMT+4 is ahead of UTC), none at all by the node."""
    found, notes = read(text, zone)
    assert at(instant) == found
    assert (None, []) == (notes.rejection(), notes.flags)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("Asia/Kolkata", "JUN 15 2026", "2026-06-15T06:30:00Z"),
        ("Europe/Dublin", "JUN 15 2026", "2026-06-15T11:00:00Z"),
        ("Asia/Jerusalem", "JAN 15 2026", "2026-01-15T10:00:00Z"),
    ],
)
def test_ist_is_three_zones(zone: str, day: str, instant: str) -> None:
    """12:00 IST is +05:30 in India, +01:00 in Ireland in summer, +02:00 in Israel in winter."""
    assert at(instant) == read(f"12:00:00.000 IST {day}", zone)[0]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("12:00:00.000 IST JAN 15 2026", "Europe/Dublin"),
        ("12:00:00.000 PST JUN 15 2026", "America/Los_Angeles"),
        ("12:00:00.000 PST JAN 15 2026", "America/New_York"),
        ("12:00:00.000 CET JUN 15 2026", "Europe/Berlin"),
        ("12:00:00.000 XYZ JUN 15 2026", "UTC"),
    ],
    ids=["Irish summer time in winter", "PST in summer", "PST in New York", "CET in summer", "no abbreviation"],
)
def test_a_token_that_contradicts_the_node_is_ambiguous(text: str, zone: str) -> None:
    """The settings or the clock are wrong; nothing is guessed (R16)."""
    found, notes = read(text, zone)
    reason, detail = notes.rejection() or ("", "")
    assert (None, "TZ_AMBIGUOUS") == (found, reason)
    assert zone in detail
    assert "Set the time zone of the source" in detail


def test_fall_back_night_with_abbreviations() -> None:
    """01:59:40 PDT and 01:00:40 PST on 2018-11-04 are 08:59:40Z and 09:00:40Z, a minute apart (R17)."""
    connect, _ = read("01:59:40.000 PDT NOV 04 2018", "America/Los_Angeles")
    disconnect, _ = read("01:00:40.000 PST NOV 04 2018", "America/Los_Angeles")
    assert (at("2018-11-04T08:59:40Z"), at("2018-11-04T09:00:40Z")) == (connect, disconnect)


def test_fall_back_hour_without_a_token_cannot_be_decided() -> None:
    """01:30 in New York on 2024-11-03 happened twice."""
    found, notes = read("01:30:00.000 NOV 03 2024", "America/New_York")
    assert (None, "TZ_AMBIGUOUS") == (found, (notes.rejection() or ("",))[0])
    assert "both hours are possible" in (notes.rejection() or ("", ""))[1]


def test_spring_hour_does_not_exist() -> None:
    """02:30 in New York on 2024-03-10 never was, with an abbreviation or without."""
    for text in ("02:30:00.000 MAR 10 2024", "02:30:00.000 EST MAR 10 2024", "02:30:00.000 EDT MAR 10 2024"):
        found, notes = read(text, "America/New_York")
        assert (None, "TZ_AMBIGUOUS") == (found, (notes.rejection() or ("",))[0])


def test_half_hour_of_daylight_saving() -> None:
    """Lord Howe goes back by 30 minutes on 2026-04-05: 01:45 happened twice, 01:15 once."""
    assert read("01:45:00.000 APR 05 2026", "Australia/Lord_Howe")[0] is None
    assert at("2026-04-04T14:15:00Z") == read("01:15:00.000 APR 05 2026", "Australia/Lord_Howe")[0]


@pytest.mark.parametrize("mark", ["*", "."])
def test_unsynchronised_clock_is_remarked(mark: str) -> None:
    """A leading * or . of a Cisco clock means that it is not set by NTP; the time counts all the same (R19)."""
    found, notes = read(f"{mark}15:06:32.170 UTC Fri Sep 7 2007", "UTC")
    assert at("2007-09-07T15:06:32.170Z") == found
    assert ["CLOCK_UNSYNC"] == notes.flags


def test_wrong_weekday_is_passed_over() -> None:
    """2 March 2012 was a Friday, the device says Thursday: the date counts."""
    assert at("2012-03-02T06:13:54.950Z") == read("06:13:54.950 UTC Thu Mar 02 2012", "UTC")[0]


@pytest.mark.parametrize("nothing", ["", "0", "  ", "\t0 "])
def test_no_connect_time(nothing: str) -> None:
    """Empty, blank or 0 is an unanswered call, without any remark."""
    found, notes = read(nothing, "UTC")
    assert (None, None, []) == (found, notes.rejection(), notes.flags)


@pytest.mark.parametrize(
    "text",
    [
        "15:54:56.868 PST FOO 18 2017", "15:54:56.868 PST DEC 32 2017", "25:00:00.000 PST DEC 18 2017",
        "15:54 PST DEC 18 2017", "15:54:56.868 PST PDT DEC 18 2017", "DEC 18 2017", "15:54:56.868",
        "15:54:56.1234567 UTC DEC 18 2017", "\u0661\u0665:54:56.868 UTC DEC 18 2017", "x" * 65, "-1",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    """A wrong month, day, hour, too many tokens, other scripts' digits, an endless text."""
    with pytest.raises(Unreadable, match="connect is"):
        read(text, "America/Los_Angeles")


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("12:00:00.000 SGT JUL 01 2026", "Asia/Singapore", "2026-07-01T04:00:00Z"),
        ("12:00:00.000 COT JAN 05 2026", "America/Bogota", "2026-01-05T17:00:00Z"),
        ("12:00:00.000 BRT JAN 05 2026", "America/Sao_Paulo", "2026-01-05T15:00:00Z"),
        ("12:00:00.000 pst Dec 18 2017", "America/Los_Angeles", "2017-12-18T20:00:00Z"),
        ("12:00:00.000 gmt+4 feb 11 2014", "UTC", "2014-02-11T08:00:00Z"),
    ],
)
def test_tokens_of_zones_without_an_abbreviation_and_small_letters(text: str, zone: str, instant: str) -> None:
    """The time zone database has +08 for Singapore, so SGT contradicts nothing; letters may be small."""
    found, notes = read(text, zone)
    assert at(instant) == found
    assert notes.rejection() is None


@pytest.mark.parametrize("token", ["EST", "CET", "ist"])
def test_a_name_of_another_part_of_the_world_contradicts_a_zone_without_names(token: str) -> None:
    """EST on a node in Singapore is a wrong setting, not a local habit (R16)."""
    found, notes = read(f"12:00:00.000 {token} JUL 01 2026", "Asia/Singapore")
    assert (None, "TZ_AMBIGUOUS") == (found, (notes.rejection() or ("",))[0])


def read_call(setup: str, connect: str, disconnect: str, seconds: int | None) -> tuple[list[object], Notes]:
    """The instants of a record of a node in New York on the fall-back night, as minutes behind 05:00Z."""
    notes = Notes()
    stamps = {
        name: (name, f"{clock} Sun Nov 03 2024")
        for name, clock in (("started_at", setup), ("answered_at", connect), ("released_at", disconnect))
    }
    printed = [] if seconds is None else [Printed("answered_at", "released_at", seconds * 1_000)]
    found = ZonedClock(zone_named("America/New_York"), notes).instants(stamps, printed)
    midnight = at("2024-11-03T05:00:00Z")
    return [None if moment is None else (moment - midnight).total_seconds() / 60 for moment in found.values()], notes


def test_stamps_without_a_token_are_placed_together() -> None:
    """00:59 EDT, 01:50, 01:10: only one reading is in order and 20 minutes long; it is remarked (R17)."""
    found, notes = read_call("00:59:00.000", "01:50:00.000", "01:10:00.000", 1_200)
    assert [-1, 50, 70] == found
    assert (["TZ_GUESSED"], None) == (notes.flags, notes.rejection())


def test_a_token_on_one_stamp_decides_for_the_others() -> None:
    """01:50 EDT is known, so a call of a minute that ends at 01:51 without a token ends in the same hour."""
    found, notes = read_call("01:50:00.000 EDT", "01:50:00.000 EDT", "01:51:00.000", 60)
    assert [50, 50, 51] == found
    assert ["TZ_GUESSED"] == notes.flags


def test_a_sure_length_does_not_place_the_hour() -> None:
    """01:10 to 01:11 fits both hours: the length is certain, the hour is not, so the record is stopped (R17)."""
    found, notes = read_call("01:10:00.000", "01:10:00.000", "01:11:00.000", 60)
    assert [None, None, None] == found
    assert "TZ_AMBIGUOUS" == (notes.rejection() or ("",))[0]


def test_without_a_length_order_alone_decides() -> None:
    """01:50 to 01:10 can only be one hour after the other."""
    assert [50, 50, 70] == read_call("01:50:00.000", "01:50:00.000", "01:10:00.000", None)[0]


def test_a_stamp_that_no_clock_showed_stops_the_record() -> None:
    """02:30 of the spring night does not exist, whatever the others say."""
    notes = Notes()
    stamps = {
        "started_at": ("setup", "01:59:00.000 Mar 10 2024"),
        "answered_at": ("connect", "02:30:00.000 Mar 10 2024"),
    }
    found = ZonedClock(zone_named("America/New_York"), notes).instants(stamps)
    assert (at("2024-03-10T06:59:00Z"), None) == (found["started_at"], found["answered_at"])
    assert "TZ_AMBIGUOUS" == (notes.rejection() or ("",))[0]
