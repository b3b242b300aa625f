"""The same truth in every format: what mediation reads is what was written, and it comes to the same seconds."""

from pathlib import Path

import pytest

from pipeline.mediation.feed import feed_of
from pipeline.mediation.format import parse_record
from pipeline.mediation.registry import FORMATS
from pipeline.simulator.run import blocks, values_of
from pipeline.simulator.truth import LOST, SKIPPED
from pipeline.simulator.writers import WRITERS, writer_named
from rating.call import rate_call
from rating.rated import RatedCall
from schemas.cdr import CDR
from schemas.outcomes import State
from tests.simulator.runs import BOOK, a_node, a_world, read_cdrs, written_run

CALLS = 600
BY_MEDIATION = {"F9", "F10_BLOCK", "F12_FUTURE", "F12_OLD", "F20", "F26", "F26_BYTES"}
"""Faults for which a single record is rejected before anybody asks for its price."""


@pytest.mark.parametrize("name", WRITERS)
def test_every_record_reads_as_its_truth(tmp_path: Path, name: str):
    """Identity, times, duration: nothing is lost on the way into a format but what the truth says is lost."""
    truth = written_run(a_world("day", sbcs=[a_node(name)], calls=CALLS, days=1, one_of_each=True), tmp_path)
    read = read_cdrs(tmp_path, a_node(name))
    rows = [row for row in truth.to_pylist() if row["state"] not in {SKIPPED, LOST}]
    keys = {row["cdr_id"] for row in rows if row["fault"] != "F3"}
    assert keys >= {row["cdr_id"] for row in rows if row["fault"] == "F3"}, "F3 is the same key with other content"
    assert {(row["file"], row["line"]) for row in rows} == set(read)
    for row in rows:
        _check(row, read[row["file"], row["line"]])


def _check(row: dict, cdr: CDR) -> None:
    assert row["raw_sha256"] == cdr.raw_sha256
    assert cdr.reject_reason == (row["reason"] if row["fault"] in BY_MEDIATION else None) or row["cdr_id"] is None
    if row["cdr_id"] is None:
        assert row["reason"] == cdr.reject_reason
        return
    assert (row["cdr_id"], row["record_type"]) == (cdr.cdr_id, cdr.record_type)
    assert row["call_id"] in {None, cdr.call_group_id}
    if cdr.record_type in {"STOP", "ATTEMPT"}:
        assert (row["started_at"], row["answered_at"]) == (cdr.started_at, cdr.answered_at)
        assert (row["released_at"], row["measured_ms"]) == (cdr.released_at, cdr.measured_ms)
        return
    for name in ("started_at", "answered_at", "released_at"):
        assert getattr(cdr, name) in {None, row[name]}


@pytest.mark.parametrize("name", WRITERS)
def test_every_record_costs_what_its_truth_says(tmp_path: Path, name: str):
    """Through mediation and rating: state, reason, seconds and charge of each sound record of its own."""
    from pipeline.book import load_book  # noqa: PLC0415

    book = load_book(BOOK)
    truth = written_run(a_world("day", sbcs=[a_node(name)], calls=CALLS, days=1, one_of_each=True, seed=2), tmp_path)
    read = read_cdrs(tmp_path, a_node(name))
    for row in truth.to_pylist():
        if row["state"] in {State.DUPLICATE, State.MERGED, SKIPPED, LOST}:
            continue
        if row["fault"] in {"F3", "F5", "F6", "F27"} or row["record_type"] == "END":
            continue
        found = rate_call(read[row["file"], row["line"]], book)
        if row["state"] == State.RATED:
            assert isinstance(found, RatedCall), found
            assert (row["billed_seconds"], row["charge"]) == (found.billed_seconds, found.charge)
            assert found.account_id == (row["account_id"] if WRITERS[name].is_billed else None)
        else:
            assert row["reason"] == found.reason


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_lines_are_rejected_for_what_was_done_to_them(name: str):
    """Every line of a run, cut off and reshaped, and never more than one line."""
    writer, feed = WRITERS[name], feed_of(a_node(name).settings, FORMATS[name].options)
    world = a_world("bench", sbcs=[a_node(name)], calls=60)
    for block in blocks(world):
        for value in values_of(block.records, world, a_node(name), ()):
            damage, reason = writer.cut_off
            assert [reason] == [found.reason for found in parse_record(damage(value), feed, FORMATS[name])]
            reshaped = parse_record(writer.reshape(value), feed, FORMATS[name])
            assert [writer.misshapen] == [found.reason for found in reshaped]
            assert value.count(b"\n") == damage(value).count(b"\n") == writer.reshape(value).count(b"\n")


@pytest.mark.parametrize("name", [name for name, writer in WRITERS.items() if writer.rename or writer.quote])
def test_odd_names_of_callers_are_read(name: str):
    """A Latin-1 letter is remarked (R52), raw quotes are repaired (R47); the call stays what it is."""
    writer, feed = WRITERS[name], feed_of(a_node(name).settings, FORMATS[name].options)
    world = a_world("bench", sbcs=[a_node(name)], calls=30)
    for block in blocks(world):
        for value in values_of(block.records, world, a_node(name), ()):
            (plain,) = parse_record(value, feed, FORMATS[name])
            for change in filter(None, (writer.rename, writer.quote)):
                changed = change(value)
                assert changed != value
                (odd,) = parse_record(changed, feed, FORMATS[name])
                assert (plain.key, plain.call) == (odd.key, odd.call)
                assert ("ENCODING" in odd.notes.flags) == (change is writer.rename)
                assert plain.fields.get("started_at") == odd.fields.get("started_at")


def test_writers_are_named_as_the_formats_are():
    """Each writes a format that mediation reads; an unknown one is told the known ones."""
    assert set(WRITERS) <= set(FORMATS)
    assert all(name == writer.name for name, writer in WRITERS.items())
    with pytest.raises(LookupError, match="The simulator writes no 'tap3'"):
        writer_named("tap3")


def test_nodes_of_all_formats_report_the_calls_of_each_other(tmp_path: Path):
    """Fault F2 across formats: both reports have one call, whole seconds and the same price."""
    rows = written_run(
        a_world("day", sbcs=[a_node(name) for name in WRITERS], calls=2_000, days=1), tmp_path
    ).to_pylist()
    assert len(WRITERS) == len({row["source"] for row in rows})
    twice = [row for row in rows if row["fault"] == "F2"]
    for row in (row for row in twice if row["is_copy"]):
        (original,) = (other for other in twice if other["call_id"] == row["call_id"] and not other["is_copy"])
        assert original["source"] != row["source"]
        assert original["measured_ms"] == row["measured_ms"]
