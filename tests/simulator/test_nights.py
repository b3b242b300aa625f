"""Profile `dst`: nights on which clocks are set, and the hours that a local stamp leaves open (mediation.md R17)."""

import re
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from pipeline.book import load_book
from pipeline.simulator import PROFILES, Sbc, build_world
from pipeline.simulator.local_hours import (
    DECIDED,
    UNDECIDED,
    clarity_by_order,
    clarity_of_stamps,
    is_behind_missing_hour,
)
from pipeline.simulator.profiles import NIGHTS
from pipeline.simulator.texts import local_date, local_offsets
from pipeline.simulator.traffic import epoch_ms
from pipeline.simulator.world import World
from pipeline.simulator.writers import WRITERS
from schemas.reference import ReferenceData
from tests.simulator.rating_runs import compared, rate_spool, settings_of
from tests.simulator.runs import BOOK, a_node, a_world, written_run

NEW_YORK = "America/New_York"
CALLS = PROFILES["dst"].calls
NODES = [
    a_node("native_json"), a_node("oracle_csv"), a_node("asterisk_csv"), a_node("freeswitch_csv"),
    Sbc("edge-berlin", "freeswitch_csv", "berlin-1", "Europe/Berlin"),
    a_node("fixed_width"),
    Sbc("edge-ribbon", "ribbon_act", "ribbon-1", NEW_YORK,
        options=dict(WRITERS["ribbon_act"].options) | {"observes_dst": True}),
    Sbc("edge-adelaide", "asterisk_csv", "adelaide-1", "Australia/Adelaide"),
]  # fmt: skip


@pytest.fixture(scope="module")
def old_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example book ten years earlier, so that its trunks are in force on all nights."""
    folder = tmp_path_factory.mktemp("old") / "book"
    shutil.copytree(BOOK, folder)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        path.write_text(re.sub(r"\b2026-(?=\d\d-\d\d)", "2016-", path.read_text()))
    return folder


@pytest.fixture(scope="module")
def nights(old_book: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path, pa.Table]:
    """All calls of the profile, on all nights."""
    folder = tmp_path_factory.mktemp("nights")
    reference = ReferenceData.model_validate_json(load_book(old_book).snapshot)
    world = build_world(PROFILES["dst"]._replace(calls=CALLS), reference, NODES, 3)
    return world, folder, written_run(world, folder)


def test_every_record_of_the_nights_ends_as_the_truth_says(nights, old_book):
    """Unclear hours are decided by the duration or stop the record; all others are rated to the millisecond."""
    _, folder, _ = nights
    found = compared(rate_spool(settings_of(folder, NODES, old_book)), folder)
    assert [] == found.differences


def test_unclear_hours_are_at_least_twenty_and_of_both_kinds(nights):
    """Hours that come twice and hours that do not exist, on nodes whose stamps tell no zone."""
    _, _, truth = nights
    rows = [row for row in truth.to_pylist() if row["fault"] in {"F14", "F14_GAP"}]
    kinds = Counter((row["fault"], row["state"], row["reason"]) for row in rows)
    assert kinds["F14", "REJECTED", "TZ_AMBIGUOUS"] >= 20
    assert kinds["F14", "RATED", None] >= 5
    assert kinds["F14_GAP", "REJECTED", "TZ_AMBIGUOUS"] >= 5
    unclear = {"edge-freeswitch-csv", "edge-berlin", "edge-fixed-width", "edge-ribbon"}
    assert unclear == {row["source"] for row in rows if row["state"] == "REJECTED"}
    assert unclear == {row["source"] for row in rows if row["fault"] == "F14_GAP"}
    assert unclear - {"edge-fixed-width"} == {row["source"] for row in rows if row["state"] == "RATED"}


def test_calls_fall_on_every_night(nights):
    """Within twelve hours of each evening, as many on each."""
    world, _, truth = nights
    started = [row["started_at"] for row in truth.to_pylist()]
    assert NIGHTS == world.profile.nights
    for night in NIGHTS:
        assert sum(night <= at < night + timedelta(hours=12) for at in started) > CALLS / len(NIGHTS) * 0.9


def test_the_book_decides_on_which_nights_there_are_calls():
    """The example book begins in 2026: two nights of it."""
    world = a_world("dst", sbcs=NODES)
    assert [2026, 2026] == [night.year for night in world.profile.nights]
    assert 2 == world.block_count


def _at(*utc: int) -> np.ndarray:
    return np.array([epoch_ms(datetime(*utc, tzinfo=UTC))], np.int64)


def test_the_hour_that_comes_twice():
    """New York, 2024-11-03: 05:30Z is 01:30 for the first time, 06:30Z for the second time."""
    from pipeline.simulator.records import Records  # noqa: PLC0415

    def clarity(start: np.ndarray, answer: np.ndarray, release: np.ndarray) -> int:
        known = dict.fromkeys(Records._fields, np.zeros(1, np.int64)) | {
            "start": start, "answer": answer, "release": release,
        }  # fmt: skip
        return int(clarity_of_stamps(Records(**known), NEW_YORK)[0])

    first, second = _at(2024, 11, 3, 5, 30), _at(2024, 11, 3, 6, 30)
    assert UNDECIDED == clarity(first, first + 5_000, first + 60_000)
    assert UNDECIDED == clarity(second, second + 5_000, second + 60_000)
    assert DECIDED == clarity(first, first + 5_000, second)
    assert DECIDED == clarity(_at(2024, 11, 3, 4, 59), first, first + 60_000)
    assert 0 == clarity(_at(2024, 11, 3, 7), _at(2024, 11, 3, 7), _at(2024, 11, 3, 7, 5))


@pytest.mark.parametrize(
    ("start", "release", "by_duration", "by_order"),
    [
        ((4, 59), (5, 1), DECIDED, UNDECIDED),
        ((5, 10), (5, 20), UNDECIDED, UNDECIDED),
        ((5, 50), (6, 10), DECIDED, DECIDED),
        ((6, 50), (7, 10), DECIDED, UNDECIDED),
        ((7, 10), (7, 20), 0, 0),
        ((4, 50), (7, 10), 0, 0),
    ],
)
def test_what_start_and_release_alone_tell(
    start: tuple[int, int], release: tuple[int, int], by_duration: int, by_order: int
):
    """New York, 2024-11-03: with a duration one of both hours fits; by order only if each is in another one."""
    from pipeline.simulator.records import Records  # noqa: PLC0415

    known = dict.fromkeys(Records._fields, np.zeros(1, np.int64))
    known |= {"start": _at(2024, 11, 3, *start), "release": _at(2024, 11, 3, *release)}
    record = Records(**known)
    assert by_duration == int(clarity_of_stamps(record, NEW_YORK, ("start", "release"))[0])
    assert by_order == int(clarity_by_order(record, NEW_YORK)[0])


def test_the_hour_behind_the_one_that_is_missing():
    """New York, 2024-03-10: 02:00 is missing and 07:30Z is 03:30; so it is on the day after, whose night is whole."""
    assert is_behind_missing_hour(_at(2024, 3, 10, 7, 30), NEW_YORK)[0]
    assert not is_behind_missing_hour(_at(2024, 3, 11, 7, 30), NEW_YORK)[0]
    assert not is_behind_missing_hour(_at(2024, 3, 10, 6, 30), NEW_YORK)[0]


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK, "Europe/London", "Asia/Kolkata", "Australia/Adelaide"])
def test_local_dates_and_offsets_are_those_of_the_zone(zone: str):
    """Every quarter of an hour of two days of 2024 in which clocks are set in London and in Adelaide."""
    moments = _at(2024, 10, 5, 12) + np.arange(2 * 96) * 900_000
    moments = np.concatenate([moments, _at(2024, 10, 26, 12) + np.arange(2 * 96) * 900_000])
    locals_ = [datetime.fromtimestamp(moment / 1_000, ZoneInfo(zone)) for moment in moments.tolist()]
    offsets = [local.utcoffset() // timedelta(milliseconds=1) for local in locals_]
    assert offsets == local_offsets(moments, zone).tolist()
    dates = local_date(moments, np.ones(len(moments), bool), zone, "%Y-%m-%d")
    assert [local.date().isoformat() for local in locals_] == dates.choices.take(pa.array(dates.at)).to_pylist()
