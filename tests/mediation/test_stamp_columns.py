"""Stamps of many rows read as one by one, wherever the columns say that they do."""

from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.local_columns import LocalStamps, in_zone
from pipeline.mediation.local_times import candidates
from pipeline.mediation.notes import Notes
from pipeline.mediation.stamp_columns import zoned_instants
from pipeline.mediation.times import zone_named
from pipeline.mediation.zoned_times import ZonedClock

ZONES = st.sampled_from([
    "UTC", "America/Los_Angeles", "Asia/Kolkata", "Europe/Dublin", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kathmandu", "Africa/Monrovia",
])  # fmt: skip
NIGHTS = st.sampled_from(
    [(2018, 11, 4), (2024, 3, 10), (2026, 3, 29), (2026, 10, 25), (2026, 4, 5), (2017, 12, 18), (1972, 1, 7)]
)
CLOCKS = st.builds(
    "{:02}:{:02}:{:02}".format, st.integers(0, 24), st.sampled_from([0, 1, 14, 15, 29, 30, 44, 59]), st.integers(0, 60)
)
MONTHS = st.sampled_from(["JAN", "Mar", "APR", "OCT", "NOV", "DEC", "XXX"])
TOKENS = st.sampled_from(
    ["", "UTC ", "PST ", "PDT ", "IST ", "GMT ", "GMT+4 ", "UTC-03:30 ", "GMT+25 ", "Mon ", "PST Mon ", "MON ", "XYZ "]
)
STAMPS = st.one_of(
    st.builds("{}{} {}{} {} {}".format, CLOCKS, st.sampled_from(["", ".0", ".868", ".123456"]), TOKENS, MONTHS,
              st.sampled_from(["04", "10", "29", "30", "31", "5"]),
              st.sampled_from(["2018", "2024", "2026", "0001", "9999"])),
    st.sampled_from(["", "0", " ", "*12:00:00 UTC JAN 04 2026", "now", "12:00:00  UTC  JAN 04 2026",
                     "12:00:00 JAN 04 26", "12:00:00 UTC J\u00c4N 04 2026",
                     "\u0444\u0435\u0432\u0440. 11 2014 16:56:21 EET",
                     "12:00:00.868UTC JAN 04 2026", "12:00:00.1234567 UTC JAN 04 2026"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(STAMPS, min_size=1, max_size=12), ZONES)
def test_zoned_stamps(texts: list[str], zone_name: str) -> None:
    """The same instant, or the row is left to the specification because a remark or a refusal is due."""
    zone = zone_named(zone_name)
    found = zoned_instants(pa.array(texts, pa.string()), zone)
    for text, instant, is_plain in zip(texts, found.column.to_pylist(), found.decided.tolist(), strict=True):
        assert (specified(text, zone_name) if is_plain else "left") == (instant if is_plain else "left"), text
        assert is_plain == (specified(text, zone_name) != "remark"), text


def specified(text: str, zone_name: str) -> datetime | str | None:
    """What the clock of the specification reads, or that it has something to remark."""
    notes = Notes()
    try:
        instant = ZonedClock(zone_named(zone_name), notes).instant("time", text)
    except (Unreadable, OverflowError):
        return "remark"
    return "remark" if notes.flags or notes.rejection() else instant


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(NIGHTS, CLOCKS), min_size=1, max_size=12), ZONES)
def test_local_stamps(stamps: list[tuple[tuple[int, int, int], str]], zone_name: str) -> None:
    """A stamp that a clock shows once has one instant; all others are undecided."""
    texts = [f"{year:04}-{month:02}-{day:02} {clock}" for (year, month, day), clock in stamps]
    read = LocalStamps.of(pa.array(texts, pa.string()))
    found = in_zone(read, zone_named(zone_name))
    for text, instant, decided, known in zip(
        texts, found.column.to_pylist(), found.decided.tolist(), read.known.tolist(), strict=True
    ):
        assert known == is_time(text), text
        if known and decided:
            assert [instant] == candidates(datetime.fromisoformat(text), zone_named(zone_name)), text


def is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [("15:54:56.868 PST DEC 18 2017", True), ("01:59:40.000 PDT NOV 04 2018", True), ("", True), ("0", True),
     ("15:54:56.868 PDT DEC 18 2017", False), ("02:30:00.000 MAR 10 2024", False),
     ("*15:54:56 PST DEC 18 2017", False)],
)  # fmt: skip
def test_which_stamps_need_no_remark(text: str, is_plain: bool) -> None:
    """The guard, with a fall-back hour that its abbreviation decides."""
    assert [is_plain] == zoned_instants(pa.array([text]), zone_named("America/Los_Angeles")).decided.tolist()
