"""The same truth in every format: what mediation reads is what was written, and it comes to the same seconds."""

from pathlib import Path

import pytest

from pipeline.mediation.feed import feed_of
from pipeline.mediation.format import parse_record
from pipeline.mediation.registry import FORMATS
from pipeline.simulator import Sbc
from pipeline.simulator.run import blocks, values_of
from pipeline.simulator.writers import WRITERS, writer_named
from rating.call import rate_call
from rating.rated import RatedCall
from schemas.cdr import CDR
from schemas.outcomes import State
from tests.simulator.runs import BOOK, a_world, read_cdrs, written_run

CALLS = 600
BY_MEDIATION = {"F9", "F10_BLOCK", "F12_FUTURE", "F12_OLD", "F26"}
"""Faults for which a single record is rejected before anybody asks for its price."""


def _node(name: str) -> Sbc:
    return Sbc("edge", name, "edge-1", "America/New_York", options=WRITERS[name].options)


@pytest.mark.parametrize("name", WRITERS)
def test_every_record_reads_as_its_truth(tmp_path: Path, name: str):
    """Identity, times, duration: nothing is lost on the way into a format but what the truth says is lost."""
    truth = written_run(a_world("day", sbcs=[_node(name)], calls=CALLS, days=1, one_of_each=True), tmp_path)
    read = read_cdrs(tmp_path, _node(name))
    rows = truth.to_pylist()
    assert {(row["file"], row["line"]) for row in rows} == set(read)
    for row in rows:
        _check(row, read[row["file"], row["line"]])


def _check(row: dict, cdr: CDR) -> None:
    assert row["raw_sha256"] == cdr.raw_sha256
    if row["cdr_id"] is None:
        assert row["reason"] == cdr.reject_reason
        return
    assert (row["cdr_id"], row["call_id"], row["record_type"]) == (cdr.cdr_id, cdr.call_group_id, cdr.record_type)
    assert (row["started_at"], row["answered_at"]) == (cdr.started_at, cdr.answered_at)
    if cdr.record_type in {"STOP", "ATTEMPT"}:
        assert (row["released_at"], row["measured_ms"]) == (cdr.released_at, cdr.measured_ms)
    assert cdr.reject_reason == (row["reason"] if row["fault"] in BY_MEDIATION else None)


@pytest.mark.parametrize("name", WRITERS)
def test_every_record_costs_what_its_truth_says(tmp_path: Path, name: str):
    """Through mediation and rating: state, reason, seconds and charge of each sound record of its own."""
    from pipeline.book import load_book  # noqa: PLC0415

    book = load_book(BOOK)
    truth = written_run(a_world("day", sbcs=[_node(name)], calls=CALLS, days=1, one_of_each=True, seed=2), tmp_path)
    read = read_cdrs(tmp_path, _node(name))
    for row in truth.to_pylist():
        if row["state"] in {State.DUPLICATE, State.MERGED} or row["fault"] in {"F3", "F5", "F6"}:
            continue
        found = rate_call(read[row["file"], row["line"]], book)
        if row["state"] == State.RATED:
            assert isinstance(found, RatedCall), found
            assert (row["billed_seconds"], row["charge"]) == (found.billed_seconds, found.charge)
            assert row["account_id"] == found.account_id
        else:
            assert row["reason"] == found.reason


def test_the_same_calls_come_to_the_same_seconds_in_every_format(tmp_path: Path):
    """Equal where a format keeps milliseconds; elsewhere within its resolution of the call."""
    billed, measured, resolution = {}, {}, {}
    for name in WRITERS:
        rates = {"F1": 0}
        sbcs = [_node(name)]
        world = a_world("day", sbcs=sbcs, calls=400, days=1, rates=rates)
        rows = [row for row in written_run(world, tmp_path / name).to_pylist()
                if row["record_type"] in {"STOP", "ATTEMPT"} and row["leg_id"].endswith("-0")]  # fmt: skip
        resolution[name] = rows[0]["resolution_ms"]
        billed[name] = {row["call_id"]: (row["reason"], row["billed_seconds"], row["charge"]) for row in rows}
        measured[name] = {row["call_id"]: row["measured_ms"] for row in rows}
    exact = [name for name in WRITERS if resolution[name] == 1]
    assert {"native_json", "oracle_csv", "audiocodes", "freeswitch_json", "radius_text", "cube_csv"} == set(exact)
    unhidden = set.intersection(*(set(calls) for calls in billed.values()))
    assert 400 == len(unhidden)
    for name in WRITERS:
        for call in unhidden:
            assert abs(measured[name][call] - measured["native_json"][call]) < resolution[name]
            same_number = billed[name][call][0] == billed["native_json"][call][0]
            if name in exact and name != "native_json" and same_number:
                assert billed["oracle_csv"][call] == billed[name][call]


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_lines_are_rejected_for_what_was_done_to_them(name: str):
    """Every line of a run, cut off and reshaped, and never more than one line."""
    writer, feed = WRITERS[name], feed_of(_node(name).settings, FORMATS[name].options)
    world = a_world("bench", sbcs=[_node(name)], calls=60)
    for block in blocks(world):
        for value in values_of(block.records, world, _node(name), ()):
            damage, reason = writer.cut_off
            assert [reason] == [found.reason for found in parse_record(damage(value), feed, FORMATS[name])]
            reshaped = parse_record(writer.reshape(value), feed, FORMATS[name])
            assert ["UNKNOWN_LAYOUT"] == [found.reason for found in reshaped]
            assert value.count(b"\n") == damage(value).count(b"\n") == writer.reshape(value).count(b"\n")


@pytest.mark.parametrize("name", [name for name, writer in WRITERS.items() if writer.rename or writer.quote])
def test_odd_names_of_callers_are_read(name: str):
    """A Latin-1 letter is remarked (R52), raw quotes are repaired (R47); the call stays what it is."""
    writer, feed = WRITERS[name], feed_of(_node(name).settings, FORMATS[name].options)
    world = a_world("bench", sbcs=[_node(name)], calls=30)
    for block in blocks(world):
        for value in values_of(block.records, world, _node(name), ()):
            (plain,) = parse_record(value, feed, FORMATS[name])
            for change in filter(None, (writer.rename, writer.quote)):
                changed = change(value)
                assert changed != value
                (odd,) = parse_record(changed, feed, FORMATS[name])
                assert (plain.key, plain.call) == (odd.key, odd.call)
                assert ("ENCODING" in odd.notes.flags) == (change is writer.rename)
                assert plain.fields["started_at"] == odd.fields["started_at"]


def test_writers_are_named_as_the_formats_are():
    """Each writes a format that mediation reads; an unknown one is told the known ones."""
    assert set(WRITERS) <= set(FORMATS)
    assert all(name == writer.name for name, writer in WRITERS.items())
    with pytest.raises(LookupError, match="The simulator writes no 'tap3'"):
        writer_named("tap3")


def test_ten_nodes_of_ten_formats_report_the_calls_of_each_other(tmp_path: Path):
    """Fault F2 across formats: both reports have one call, whole seconds and the same price."""
    sbcs = [Sbc(name.replace("_", "-"), name, name, "America/New_York", options=writer.options)
            for name, writer in WRITERS.items()]  # fmt: skip
    rows = written_run(a_world("day", sbcs=sbcs, calls=2_000, days=1), tmp_path).to_pylist()
    assert 10 == len({row["source"] for row in rows})
    twice = [row for row in rows if row["fault"] == "F2"]
    for row in (row for row in twice if row["is_copy"]):
        (original,) = (other for other in twice if other["call_id"] == row["call_id"] and not other["is_copy"])
        assert original["source"] != row["source"]
        assert original["measured_ms"] == row["measured_ms"]
