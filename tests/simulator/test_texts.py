"""Columns of text."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator.texts import Whole, coded, identity, iso_instant, lines, local_offsets, local_stamp
from pipeline.simulator.traffic import epoch_ms

INSTANTS = st.lists(
    st.integers(epoch_ms(datetime(2018, 1, 1, tzinfo=UTC)), epoch_ms(datetime(2030, 1, 1, tzinfo=UTC))),
    min_size=1,
)


def _text(parts: list, count: int) -> list[str]:
    return pa.chunked_array(lines(parts, count), pa.string()).to_pylist()


def test_a_missing_part_leaves_nothing():
    """Neither its value nor the text around it."""
    names = coded(',"codec":"', ["PCMU", "PCMA"], np.array([1, -1, 0]), '"')
    assert ['{,"codec":"PCMA"}', "{}", '{,"codec":"PCMU"}'] == _text(["{", names, "}"], 3)


def test_numbers_keep_their_sign_and_ids_their_zeros():
    """-5 is -5, and call 42 is 00000042."""
    assert ["-5/00000042", "0/12345678"] == _text(
        [Whole(np.array([-5, 0])), "/", *identity("", np.array([42, 12_345_678]))], 2
    )


@given(INSTANTS)
def test_an_instant_is_written_as_python_writes_it(millis: list[int]):
    """To the millisecond, in UTC."""
    written = _text(iso_instant("", np.array(millis), np.ones(len(millis), bool), ""), len(millis))
    expected = [datetime.fromtimestamp(at / 1_000, UTC).isoformat(timespec="milliseconds") for at in millis]
    assert [text.replace("+00:00", "Z") for text in expected] == written


def test_an_unknown_instant_is_not_written():
    """An unanswered call has no answer time, not even an empty one."""
    assert ["[]"] == _text(["[", *iso_instant('"', np.array([0]), np.array([False])), "]"], 1)


@given(INSTANTS, st.sampled_from(["America/New_York", "Asia/Kolkata", "Australia/Adelaide", "America/Sao_Paulo"]))
def test_a_local_stamp_is_what_the_wall_clock_shows(millis: list[int], zone: str):
    """In whole seconds, through every change of daylight saving."""
    written = _text(local_stamp("", np.array(millis), np.ones(len(millis), bool), zone, ""), len(millis))
    local = [datetime.fromtimestamp(at // 1_000, UTC).astimezone(ZoneInfo(zone)) for at in millis]
    assert [at.strftime("%Y-%m-%d %H:%M:%S") for at in local] == written


def test_the_night_of_the_change_has_two_offsets():
    """New York, 2024-11-03: at 05:59 UTC four hours behind, at 06:00 UTC five."""
    change = epoch_ms(datetime(2024, 11, 3, 6, tzinfo=UTC))
    assert [-4, -5] == (local_offsets(np.array([change - 60_000, change]), "America/New_York") // 3_600_000).tolist()
