"""Local stamps without a zone on daylight saving nights (R17): order and durations decide, or nothing does."""

import pytest

from pipeline.mediation.local_times import Printed, candidates, resolve
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import zone_named
from tests.mediation.feeds import at

NEW_YORK = zone_named("America/New_York")


def resolved(zone: str, stamps: dict[str, str], *printed: Printed) -> tuple[dict[str, object], Notes]:
    notes = Notes()
    return resolve({name: at(text) for name, text in stamps.items()}, zone_named(zone), printed, notes), notes


@pytest.mark.parametrize(
    ("text", "instants"),
    [
        ("2024-07-01T12:00:00", ["2024-07-01T16:00:00Z"]),
        ("2024-11-03T00:59:59", ["2024-11-03T04:59:59Z"]),
        ("2024-11-03T01:00:00", ["2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z"]),
        ("2024-11-03T01:59:59", ["2024-11-03T05:59:59Z", "2024-11-03T06:59:59Z"]),
        ("2024-11-03T02:00:00", ["2024-11-03T07:00:00Z"]),
        ("2024-03-10T01:59:59", ["2024-03-10T06:59:59Z"]),
        ("2024-03-10T02:00:00", []),
        ("2024-03-10T02:59:59", []),
        ("2024-03-10T03:00:00", ["2024-03-10T07:00:00Z"]),
    ],
)
def test_what_a_clock_of_new_york_can_mean(text: str, instants: list[str]) -> None:
    """One instant, two in the hour that is repeated, none in the hour that is left out."""
    assert [at(instant) for instant in instants] == candidates(at(text), NEW_YORK)


def test_normal_day_needs_no_remark() -> None:
    """A day without a change: three instants, no flag."""
    times, notes = resolved(
        "Europe/Berlin", {"started_at": "2026-07-01T12:00:00", "released_at": "2026-07-01T12:01:00"}
    )
    assert at("2026-07-01T10:00:00Z") == times["started_at"]
    assert ([], None) == (notes.flags, notes.rejection())


def test_order_decides_the_repeated_hour() -> None:
    """01:59 then 01:01 on a fall-back night: the clock went back in between (R17 b)."""
    times, notes = resolved(
        "America/New_York", {"answered_at": "2024-11-03T01:59:00", "released_at": "2024-11-03T01:01:00"}
    )
    assert at("2024-11-03T05:59:00Z") == times["answered_at"]
    assert at("2024-11-03T06:01:00Z") == times["released_at"]
    assert ["TZ_GUESSED"] == notes.flags


def test_printed_duration_decides_the_repeated_hour() -> None:
    """01:10 to 02:20 with billsec 4200 began in the second 01:10; with 7800 in the first."""
    stamps = {"answered_at": "2024-11-03T01:10:00", "released_at": "2024-11-03T02:20:00"}
    for seconds, answer in ((4_200, "2024-11-03T06:10:00Z"), (7_800, "2024-11-03T05:10:00Z")):
        times, notes = resolved("America/New_York", stamps, Printed("answered_at", "released_at", seconds * 1_000))
        assert (at(answer), ["TZ_GUESSED"]) == (times["answered_at"], notes.flags)


def test_a_known_duration_in_an_unknown_hour_is_stopped() -> None:
    """01:10 to 01:20 lasted 10 minutes for certain, and nobody knows in which of the two hours: BLOCK."""
    times, notes = resolved(
        "America/New_York", {"started_at": "2024-11-03T01:10:00", "released_at": "2024-11-03T01:20:00"},
        Printed("started_at", "released_at", 600_000),
    )  # fmt: skip
    reason, detail = notes.rejection() or ("", "")
    assert "TZ_AMBIGUOUS" == reason
    assert "2 readings are possible" in detail
    assert ["started_at"] == list(times)


def test_hour_that_does_not_exist_is_stopped() -> None:
    """02:30 on the spring night: the clock was set, and no reading is possible."""
    _, notes = resolved("America/New_York", {"started_at": "2024-03-10T02:30:00", "released_at": "2024-03-10T03:10:00"})
    reason, detail = notes.rejection() or ("", "")
    assert "TZ_AMBIGUOUS" == reason
    assert "the clock was set on that night" in detail
    assert "Correct the record with times in UTC." in detail


def test_call_over_the_spring_gap() -> None:
    """01:59:50 to 03:00:10 in Berlin on 2024-03-31: 02:00 became 03:00, so 20 s passed, not an hour."""
    times, notes = resolved(
        "Europe/Berlin", {"answered_at": "2024-03-31T01:59:50", "released_at": "2024-03-31T03:00:10"}
    )
    assert (at("2024-03-31T00:59:50Z"), at("2024-03-31T01:00:10Z")) == (times["answered_at"], times["released_at"])
    assert ([], None) == (notes.flags, notes.rejection())


def test_missing_stamps_are_left_out() -> None:
    """An unanswered call has no answer, and none is made up."""
    notes = Notes()
    times = resolve({"started_at": at("2026-01-01T00:00:00"), "answered_at": None}, NEW_YORK, [], notes)
    assert {"started_at": at("2026-01-01T05:00:00Z")} == times


def test_printed_duration_may_be_ten_minutes_wrong() -> None:
    """The wrong hour is off by at least half an hour, so a coarse duration still decides."""
    stamps = {"answered_at": "2024-11-03T01:10:00", "released_at": "2024-11-03T02:20:00"}
    times, _ = resolved("America/New_York", stamps, Printed("answered_at", "released_at", 4_700_000))
    assert at("2024-11-03T06:10:00Z") == times["answered_at"]
