"""Billing months: borders in local time, half-open, without gaps; and what is no month."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.period import Period

ZONES = (
    "UTC", "America/New_York", "America/Phoenix", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Europe/Berlin", "Pacific/Auckland", "Pacific/Kiritimati",
)  # fmt: skip
MICROSECOND = timedelta(microseconds=1)


def utc(text: str) -> datetime:
    """`2026-10-01 04:00` as an instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "zone", "start", "end", "hours"),
    [
        ("2026-10", "UTC", "2026-10-01 00:00", "2026-11-01 00:00", 744),
        ("2026-12", "UTC", "2026-12-01 00:00", "2027-01-01 00:00", 744),
        ("2026-02", "UTC", "2026-02-01 00:00", "2026-03-01 00:00", 672),
        ("2028-02", "UTC", "2028-02-01 00:00", "2028-03-01 00:00", 696),
        # Clocks in Germany go forward on 2026-03-29 and back on 2026-10-25.
        ("2026-03", "Europe/Berlin", "2026-02-28 23:00", "2026-03-31 22:00", 743),
        ("2026-07", "Europe/Berlin", "2026-06-30 22:00", "2026-07-31 22:00", 744),
        ("2026-10", "Europe/Berlin", "2026-09-30 22:00", "2026-10-31 23:00", 745),
        # In New York on 2026-03-08 and, at two in the morning, on the first day of November.
        ("2026-03", "America/New_York", "2026-03-01 05:00", "2026-04-01 04:00", 743),
        ("2026-10", "America/New_York", "2026-10-01 04:00", "2026-11-01 04:00", 744),
        ("2026-11", "America/New_York", "2026-11-01 04:00", "2026-12-01 05:00", 721),
        # Arizona keeps its time all year; Nepal is three quarters of an hour off.
        ("2026-03", "America/Phoenix", "2026-03-01 07:00", "2026-04-01 07:00", 744),
        ("2026-10", "Asia/Kathmandu", "2026-09-30 18:15", "2026-10-31 18:15", 744),
        # The first day is a day earlier or later in UTC.
        ("2026-01", "Pacific/Kiritimati", "2025-12-31 10:00", "2026-01-31 10:00", 744),
        ("2026-01", "Pacific/Pago_Pago", "2026-01-01 11:00", "2026-02-01 11:00", 744),
        # Lord Howe Island moves its clocks by half an hour only, on 2026-10-04.
        ("2026-10", "Australia/Lord_Howe", "2026-09-30 13:30", "2026-10-31 13:00", 743.5),
    ],
)
def test_borders_of_a_month(name: str, zone: str, start: str, end: str, hours: float) -> None:
    """Midnight of the first day to midnight of the next first day, on the clock of the zone."""
    assert (name, utc(start), utc(end)) == Period.month(name, zone)
    assert timedelta(hours=hours) == Period.month(name, zone).end - Period.month(name, zone).start


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        ("2026-10-31 23:59:59.999999", "UTC", "2026-10"),
        ("2026-11-01 00:00", "UTC", "2026-11"),
        ("2026-12-31 23:59:59.999999", "UTC", "2026-12"),
        ("2027-01-01 00:00", "UTC", "2027-01"),
        ("2026-11-01 03:59:59.999999", "America/New_York", "2026-10"),
        ("2026-11-01 04:00", "America/New_York", "2026-11"),
        ("2026-10-31 22:59:59.999999", "Europe/Berlin", "2026-10"),
        ("2026-10-31 23:00", "Europe/Berlin", "2026-11"),
        ("2026-10-31 12:00", "Pacific/Auckland", "2026-11"),
        ("2026-10-31 10:59:59.999999", "Pacific/Auckland", "2026-10"),
    ],
)
def test_a_call_belongs_to_the_month_of_its_answer_on_the_customers_clock(
    instant: str, zone: str, expected: str
) -> None:
    """Half-open: the last microsecond is in, midnight is out."""
    assert expected == Period.containing(utc(instant), zone).name


def test_a_midnight_that_comes_twice_begins_the_month_once() -> None:
    """Havana puts its clock back from one to midnight on 2026-11-01; the month begins with the first midnight."""
    november = Period.month("2026-11", "America/Havana")
    assert utc("2026-11-01 04:00") == november.start
    assert november == Period.containing(utc("2026-11-01 05:00"), "America/Havana")
    assert Period.month("2026-10", "America/Havana").end == november.start


def test_a_midnight_that_never_comes_begins_the_month_too() -> None:
    """Asuncion put its clock from midnight to one on 2017-10-01; that moment is the border."""
    october = Period.month("2017-10", "America/Asuncion")
    assert utc("2017-10-01 04:00") == october.start
    assert "2017-09" == Period.containing(october.start - MICROSECOND, "America/Asuncion").name
    assert "2017-10" == Period.containing(october.start, "America/Asuncion").name


def test_the_same_moment_may_lie_in_two_months_of_two_customers() -> None:
    """Half past eleven on the last evening in New York is November in Berlin."""
    evening = datetime(2026, 10, 31, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    found = [Period.containing(evening, zone).name for zone in ("America/New_York", "UTC", "Europe/Berlin")]
    assert ["2026-10", "2026-11", "2026-11"] == found


@pytest.mark.parametrize(
    "name",
    ["", "2026", "2026-00", "2026-13", "2026-1", "26-10", "2026-10-01", "2026/10", " 2026-10", "2026-10\n", "October"],
)
def test_what_is_no_month(name: str) -> None:
    """Four digits, a dash and 01 to 12; the message shows a good one."""
    with pytest.raises(ValueError, match=r"is not a month\. Write year and month, such as 2026-10"):
        Period.month(name)


def test_a_zone_that_does_not_exist_is_no_zone() -> None:
    """Nothing falls back to UTC."""
    with pytest.raises(ZoneInfoNotFoundError):
        Period.month("2026-10", "Europe/Atlantis")


@settings(deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)), st.sampled_from(ZONES))  # noqa: DTZ001 - bounds are naive
def test_months_follow_each_other_without_gap_or_overlap(instant: datetime, zone: str) -> None:
    """Every instant lies in exactly one month, and the next one begins where it ends."""
    month = Period.containing(instant, zone)
    following, before = Period.containing(month.end, zone), Period.containing(month.start - MICROSECOND, zone)
    assert month.contains(instant)
    assert (month.end, month.start) == (following.start, before.end)
    assert before.name < month.name < following.name
    assert not following.contains(instant)
    assert not before.contains(instant)
