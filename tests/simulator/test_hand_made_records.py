"""One call made by hand, as three formats write it, column by column (cdr-formats.md 2.4, 2.7 and 2.8)."""

import csv
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from pipeline.simulator import Sbc, outcomes
from pipeline.simulator.calls import OUTBOUND
from pipeline.simulator.records import STOP, Records
from pipeline.simulator.texts import lines
from pipeline.simulator.traffic import epoch_ms
from pipeline.simulator.world import World
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import a_world

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
"""08:00 in New York."""


@pytest.fixture(scope="module")
def world() -> World:
    """The example book."""
    return a_world()


def _one(value: int) -> np.ndarray:
    return np.array([value], np.int64)


def _record(world: World, *, answered: bool = True) -> Records:
    """Call 42 of the first trunk: set up at noon and a quarter second, answered 8 s later, 61 s long."""
    setup = epoch_ms(NOON) + 250
    answer = setup + 8_000
    release = answer + 61_000
    calling, called = world.parties.callers.parties[0], world.parties.destinations[0].parties[0]
    known = dict.fromkeys(Records._fields, _one(0)) | {
        "call": _one(42), "record_type": _one(STOP), "direction": _one(OUTBOUND), "calling": _one(calling),
        "called": _one(called), "asserted": _one(calling), "start": _one(setup), "answer": _one(answer),
        "release": _one(release), "reported": _one(61_000 if answered else 0), "billed": np.array([True]),
        "outcome": _one(outcomes.ANSWERED if answered else outcomes.FAILED), "secure": np.array([False]),
        "fault": _one(-1),
    }  # fmt: skip
    return Records(**known)


def _columns(world: World, name: str, *, answered: bool = True) -> list[str]:
    sbc = Sbc("edge", name, "edge-1", "America/New_York", options=WRITERS[name].options)
    parts = WRITERS[name].parts(_record(world, answered=answered), world, sbc)
    text = "".join(pa.chunked_array(lines(parts, 1), pa.string()).to_pylist())
    assert text.endswith("\n")
    (row,) = csv.reader([text])
    return row


def test_asterisk_writes_whole_seconds_of_the_wall_clock(world: World):
    """`duration` counts from the setup, 69 s, `billsec` from the answer, 61 s."""
    row = _columns(world, "asterisk_csv")
    numbers = [world.parties.table[at].text for at in
               (world.parties.callers.parties[0], world.parties.destinations[0].parties[0])]  # fmt: skip
    assert 21 == len(row)
    assert [world.trunks[0].trunk_id, *numbers] == row[:3]
    assert f'"Line" <{numbers[0]}>' == row[4]
    assert ["2026-10-05 08:00:00", "2026-10-05 08:00:08", "2026-10-05 08:01:09", "69", "61", "ANSWERED"] == row[9:15]
    assert f"{int(NOON.timestamp())}.42" == row[16]


def test_asterisk_leaves_the_answer_of_an_unanswered_call_empty(world: World):
    """And bills no second of it."""
    row = _columns(world, "asterisk_csv", answered=False)
    assert ("", "69", "0") == (row[10], row[12], row[13])


def test_freeswitch_writes_whole_seconds_of_the_wall_clock(world: World):
    """The template `example`: stamps, duration, billsec, cause, uuid."""
    row = _columns(world, "freeswitch_csv")
    assert ["2026-10-05 08:00:00", "2026-10-05 08:00:08", "2026-10-05 08:01:09", "69", "61"] == row[4:9]
    assert ["NORMAL_CLEARING", f"{world.tag}-00000042@sim"] == row[9:11]
    assert [world.trunks[0].trunk_id, "PCMU", "PCMU"] == row[12:]


def test_freeswitch_leaves_the_answer_of_an_unanswered_call_empty(world: World):
    """And bills no second of it."""
    row = _columns(world, "freeswitch_csv", answered=False)
    assert ("", "69", "0") == (row[5], row[7], row[8])


def test_cube_writes_zoned_stamps_and_hexadecimal_causes(world: World):
    """130 values; cause 16, a normal end, is 10; New York keeps daylight saving time until 1 November."""
    row = _columns(world, "cube_csv")
    assert 130 == len(row)
    assert str(int(NOON.timestamp()) + 69) == row[0]
    assert [f"{world.tag}-00000042-0", "0", "2", f"{world.tag}-00000042@sim"] == row[1:5]
    assert "08:00:00.250 EDT Mon Oct 05 2026" == row[7]
    assert ["08:00:08.250 EDT Mon Oct 05 2026", "08:01:09.250 EDT Mon Oct 05 2026", "10"] == row[9:12]
    assert ("1", "PCMU") == (row[13], row[34])
