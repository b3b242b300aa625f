"""Whole runs: the same seed gives the same bytes, and every record reads as its truth."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from pipeline.simulator import FIVE_SBCS, THREE_SBCS, build_world, write_spool
from pipeline.simulator.calls import draw_calls
from pipeline.simulator.capacity import peak_channels
from pipeline.simulator.profiles import PROFILES
from pipeline.simulator.sbcs import sources_yaml
from schemas.outcomes import State
from tests.simulator.runs import a_world, bytes_of, example_reference, written_run


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    """Files and truth table, byte by byte."""
    for name in ("one", "other"):
        written_run(a_world(seed=5), tmp_path / name)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "other")


def test_another_seed_gives_another_run(tmp_path: Path):
    """No call has the same id."""
    calls = []
    for seed in (5, 6):
        truth = written_run(a_world(seed=seed), tmp_path / str(seed))
        calls.append(set(truth.column("call_id").to_pylist()))
    assert not calls[0] & calls[1]


def test_a_run_in_parts_has_all_its_calls(tmp_path: Path):
    """Blocks follow one another in time, and no file is written over."""
    truth = written_run(a_world("day", calls=1_000, days=1, rates={}, block_calls=300), tmp_path)
    assert 1_000 == len(set(truth.column("call_id").to_pylist()))
    written = sum(len(content.splitlines()) for content in bytes_of(tmp_path / "spool").values())
    assert len(truth) == written
    places = list(zip(truth.column("file").to_pylist(), truth.column("line").to_pylist(), strict=True))
    assert len(places) == len(set(places))


def test_files_lie_by_source_and_hour(tmp_path: Path):
    """A sub-folder for each source; names rise with time."""
    written_run(a_world(), tmp_path)
    folders = sorted(path.name for path in (tmp_path / "spool").iterdir())
    assert ["edge-atlanta", "edge-newyork", "edge-portland"] == folders
    assert (tmp_path / "spool" / "edge-newyork" / "cdr-20261005T15.json").is_file()


def test_a_run_without_truth_writes_the_same_files(tmp_path: Path):
    """The fast way writes what the other one does."""
    world = a_world("day", calls=500, days=1, rates={})
    written_run(world, tmp_path / "slow")
    result = write_spool(world, tmp_path / "fast" / "spool", None, lambda _: None)
    assert bytes_of(tmp_path / "slow" / "spool") == bytes_of(tmp_path / "fast" / "spool")
    assert result.truth is None


def test_the_result_counts_what_was_written(tmp_path: Path):
    """200 calls, one of each fault."""
    told = []
    result = write_spool(a_world(), tmp_path / "spool", tmp_path / "truth.parquet", told.append)
    assert (200, sum(told), len(bytes_of(tmp_path / "spool"))) == (result.calls, result.records, result.files)
    assert set(result.faults.values()) == {1}


def test_carried_calls_stay_within_the_channel_limits():
    """Three times the traffic that the trunks are made for: refused calls, and no peak above a limit."""
    world = a_world("day", calls=60_000, days=1)
    calls = draw_calls(world, 0, world.profile.calls)
    carried = calls.release - calls.start != 40
    assert 0.05 < 1 - carried.mean()
    for number, trunk in enumerate(world.trunks):
        at = carried & (calls.trunk == number)
        limit = max(limit.channel_limit for limit in trunk.channel_limits)
        assert peak_channels(calls.start[at], calls.release[at]) <= limit


def test_a_channel_limit_changes_when_the_book_says():
    """heron-dispatch: 20 channels until 2026-10-16 05:00 UTC, then 30."""
    world = a_world("month", calls=10)
    number = [trunk.trunk_id for trunk in world.trunks].index("heron-dispatch")
    change = 1_792_126_800_000
    assert [20, 20, 30] == world.limits(number, np.array([0, change - 1, change])).tolist()


def test_a_book_without_trunks_in_force_is_refused():
    """The message names the time that no trunk covers."""
    early = PROFILES["tiny"]._replace(start=PROFILES["tiny"].start - timedelta(days=3_650))
    with pytest.raises(ValueError, match="no trunk in force from 2016-10-07 to 2016-10-08"):
        build_world(early, example_reference(), THREE_SBCS, 1)


def test_directions_and_routes_have_their_shares():
    """70, 27 and 3 %, within five standard errors; only native nodes carry call routes."""
    calls = draw_calls(a_world("day", calls=50_000, limits_channels=False), 0, 50_000)
    routed, inbound = calls.routed.mean(), (calls.direction == 1).mean()
    assert 0.03 == pytest.approx(routed, abs=0.004)
    assert 0.30 == pytest.approx(inbound, abs=0.011)
    assert {0} == set(calls.sbc[calls.routed].tolist())


def test_every_trunk_and_plan_has_traffic(tmp_path: Path):
    """Ten trunks of all types, and rated, rejected, merged and duplicate records."""
    truth = written_run(a_world("day", calls=3_000, days=1), tmp_path)
    assert 10 == len(set(truth.column("trunk_id").to_pylist()))
    assert {State.RATED, State.REJECTED, State.MERGED, State.DUPLICATE} == set(truth.column("state").to_pylist())


def test_the_settings_of_the_nodes_are_yaml():
    """What `examples/demo.yaml` says of its sources is what the five nodes are."""
    demo = (Path(__file__).resolve().parents[2] / "examples" / "demo.yaml").read_text()
    assert demo.endswith(sources_yaml(FIVE_SBCS))
