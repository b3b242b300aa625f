"""The balance equals the truth for all faults, and the money is that of the truth."""

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipeline.ledger.table import UsageLedger
from pipeline.simulator import Sbc
from pipeline.simulator.injection import can_have
from pipeline.simulator.profiles import RATES
from pipeline.simulator.truth import LOST, SKIPPED
from pipeline.simulator.writers import WRITERS
from pipeline.sql.connection import connect_to
from tests.simulator.rating_runs import compared, rate_spool, settings_of
from tests.simulator.runs import a_node, a_world, all_nodes, example_reference, read_cdrs, written_run

NODES = all_nodes()
SEVERAL_MARKS = {"F5", "F8", "F8_CLOSED", "F13", "F20", "F27"}
"""Faults of several records each."""


class Day(NamedTuple):
    """A run of profile `day` through the worker."""

    folder: Path
    truth: pa.Table
    ledger: UsageLedger


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """100,000 calls on nodes of all formats, all faults at their rates."""
    folder = tmp_path_factory.mktemp("day")
    truth = written_run(a_world("day", sbcs=NODES, seed=4), folder)
    return Day(folder, truth, rate_spool(settings_of(folder, NODES)))


def test_every_record_ends_as_the_truth_says(day: Day):
    """State, reason, billed seconds and charge of each; the sums of each source; the gaps in its numbers."""
    found = compared(day.ledger, day.folder)
    assert ([], []) == (found.differences, found.gaps)
    arrived = pc.sum(pc.invert(pc.is_in(day.truth.column("state"), pa.array([SKIPPED, LOST])))).as_py()
    assert arrived == sum(row["found"] for row in found.balance)
    assert all(row["expected_charge"] == row["found_charge"] for row in found.money)


def test_every_fault_has_its_exact_count(day: Day):
    """round(rate x N) of each; of those that are several records, as many as there are calls, gaps, files, nodes."""
    rows = day.truth.to_pylist()
    before = sum(not row["is_copy"] for row in rows)
    found = Counter(row["fault"] for row in rows if row["fault"] in RATES)
    for fault, rate in RATES.items():
        if fault in SEVERAL_MARKS:
            continue
        marked = found[fault] // 2 if fault == "F2" else found[fault]
        assert round(rate * before) == marked, fault
    of = {fault: [row for row in rows if row["fault"] == fault] for fault in SEVERAL_MARKS}
    assert round(RATES["F5"] * before) == len({row["call_id"] for row in of["F5"]})
    assert 1 == len({row["file"] for row in of["F20"]}) == len({row["node"] for row in of["F27"]})
    assert {SKIPPED: 2} == {SKIPPED: Counter(row["state"] for row in of["F27"])[SKIPPED]}
    for fault in ("F8", "F8_CLOSED"):
        assert round(RATES[fault] * before) == _runs_of_numbers(of[fault])


def _runs_of_numbers(rows: list[dict]) -> int:
    numbers = {(row["node"], row["sequence"]) for row in rows}
    return sum((node, number - 1) not in numbers for node, number in numbers)


def test_a_gap_that_stays_is_found_and_one_that_closes_is_not(day: Day):
    """All numbers of lost records are within gaps; none of those that came a day late is."""
    gaps = connect_to(day.ledger).execute("SELECT source, first_missing, last_missing FROM sequence_gaps").fetchall()
    missing = {(source, number) for source, first, last in gaps for number in range(first, last + 1)}
    of = {fault: {(row["source"], row["sequence"]) for row in day.truth.to_pylist() if row["fault"] == fault}
          for fault in ("F8", "F8_CLOSED")}  # fmt: skip
    assert of["F8"]
    assert of["F8"] <= missing
    assert not of["F8_CLOSED"] & missing


def test_calls_beyond_the_limit_are_billed_and_counted(day: Day):
    """As many answers beyond the channel limit as the times of the truth come to, those of fault F13 among them."""
    rows = [row for row in day.truth.to_pylist() if row["state"] == "RATED" and row["answered_at"] is not None]
    bills = {sbc.source: WRITERS[sbc.format].is_billed for sbc in NODES}
    legs = [row for row in rows if row["direction"] != "FORWARD" and row["fault"] != "F11" and bills[row["source"]]]
    expected = _answers_over_limit(legs)
    found = connect_to(day.ledger).execute("SELECT sum(answered_over_limit)::BIGINT FROM capacity_daily").fetchone()
    assert (expected,) == found
    assert expected >= round(RATES["F13"] * sum(not row["is_copy"] for row in day.truth.to_pylist()))
    assert all(row["charge"] is not None for row in legs if row["fault"] == "F13")


def _answers_over_limit(legs: list[dict]) -> int:
    """Answers that find all channels of their trunk in use; an end in the same instant comes first."""
    limits = {trunk.trunk_id: trunk.channel_limits[0].channel_limit for trunk in example_reference().trunks}
    events = sorted(
        event
        for row in legs if row["measured_ms"] > 0
        for event in ((row["released_at"], 0, row["trunk_id"]), (row["answered_at"], 1, row["trunk_id"]))
    )  # fmt: skip
    busy, over = Counter(), 0
    for _, is_answer, trunk in events:
        busy[trunk] += 1 if is_answer else -1
        over += is_answer and busy[trunk] > limits[trunk]
    return over


def test_faults_fall_on_the_rows_that_they_name(day: Day):
    """What becomes of some, by hand from the table of faults."""
    states = {}
    for row in day.truth.to_pylist():
        states.setdefault(row["fault"], Counter())[row["state"], row["reason"]] += 1
    assert {("REJECTED", "TOO_LONG")} == set(states["F26_BYTES"]) == set(states["F26"])
    assert {("REJECTED", "FILE_TOTALS")} == set(states["F20"])
    assert {(SKIPPED, None)} == set(states["F19"])
    assert {(LOST, None)} == set(states["F8"])
    assert ("REJECTED", "NO_STOP") in states["F27"]
    assert {"RATED", "REJECTED"} >= {state for state, _ in states["F7_CLOSED"]}


def test_a_run_of_the_day_is_read_from_its_truth_again(day: Day):
    """One row for each record that was written, each with its place."""
    truth = pq.read_table(day.folder / "truth.parquet", columns=["file", "line", "state"])
    places = [(row["file"], row["line"]) for row in truth.to_pylist() if row["state"] != LOST]
    assert len(places) == len(set(places))


def test_shares_of_nodes_are_those_that_were_asked_for(day: Day):
    """A format that is read record by record has a twenty-fifth of the calls of another one."""
    counts = Counter(day.truth.column("source").to_pylist())
    few, many = counts[a_node("sansay_csv").source], counts[a_node("freeswitch_csv").source]
    assert Fraction(1, 40) < Fraction(few, many) < Fraction(1, 15)


def test_nodes_are_of_all_formats():
    """None is left out."""
    assert {sbc.format for sbc in NODES} == set(WRITERS)
    assert all(isinstance(sbc, Sbc) for sbc in NODES)


@pytest.mark.parametrize("name", sorted(name for name in WRITERS if can_have("F5", name)))
def test_calls_that_nobody_ends_end_as_the_truth_says_in_every_format(name: str, tmp_path: Path):
    """A START alone, with an INTERIM, an INTERIM alone; where a node tells its restarts, the calls that one ends."""
    nodes = [a_node(name)]
    rates = {fault: Fraction(1, 50) for fault in ("F1", "F4", "F5", "F6")} | {"F27": Fraction(1, 500)}
    truth = written_run(a_world("day", sbcs=nodes, calls=800, days=1, rates=rates, seed=6), tmp_path)
    found = compared(rate_spool(settings_of(tmp_path, nodes)), tmp_path)
    assert ([], []) == (found.differences, found.gaps)
    reasons = Counter((row["fault"], row["reason"]) for row in truth.to_pylist())
    before = sum(not row["is_copy"] for row in truth.to_pylist())
    assert round(before / 50) == reasons["F6", "ORPHAN_INTERIM"]
    assert round(before / 50) == len({row["call_id"] for row in truth.to_pylist() if row["fault"] == "F5"})
    assert can_have("F27", name) == (reasons["F27", "NO_STOP"] > 0)


@pytest.mark.parametrize("name", sorted(name for name in WRITERS if can_have("F10_BLOCK", name)))
def test_printed_durations_stop_what_they_have_to_in_every_format(name: str, tmp_path: Path):
    """2 s and 4 % are remarks, 60 % stops the record; the times bill (R3)."""
    rates = {fault: Fraction(1, 40) for fault in ("F10_SECONDS", "F10_SHARE", "F10_BLOCK")}
    truth = written_run(a_world("day", sbcs=[a_node(name)], calls=400, days=1, rates=rates, seed=8), tmp_path)
    reasons = Counter((row["fault"], row["state"], row["reason"]) for row in truth.to_pylist())
    assert 0 < reasons["F10_BLOCK", "REJECTED", "DURATION_MISMATCH"]
    assert 0 < reasons["F10_SECONDS", "RATED", None] + reasons["F10_SECONDS", "REJECTED", "UNKNOWN_NANP"]
    read = read_cdrs(tmp_path, a_node(name))
    for row in truth.to_pylist():
        if row["fault"] in rates:
            cdr = read[row["file"], row["line"]]
            assert (row["fault"] == "F10_BLOCK") == (cdr.reject_reason == "DURATION_MISMATCH")
            assert (row["fault"] == "F10_BLOCK") or "DURATION_MISMATCH" in cdr.flags
            assert row["measured_ms"] == cdr.measured_ms


@pytest.mark.parametrize("name", sorted(name for name in WRITERS if can_have("F23", name)))
def test_routes_that_failed_cost_nothing_in_every_format(name: str, tmp_path: Path):
    """One in twenty calls was tried elsewhere before: an attempt of its call, and the call bills as ever (R24)."""
    rates = {"F1": Fraction(1, 50), "F23": Fraction(1, 20)}
    truth = written_run(a_world("day", sbcs=[a_node(name)], calls=600, days=1, rates=rates, seed=9), tmp_path)
    ledger = rate_spool(settings_of(tmp_path, [a_node(name)]))
    found = compared(ledger, tmp_path)
    assert ([], []) == (found.differences, found.gaps)
    tried = [row for row in truth.to_pylist() if row["fault"] == "F23"]
    assert 30 == len(tried)
    assert {("ATTEMPT", "RATED", 0, 0)} == {
        (row["record_type"], row["state"], row["billed_seconds"], row["charge"]) for row in tried
    }
    attempts = connect_to(ledger).execute("SELECT count(*) FROM ledger WHERE record_type = 'ATTEMPT'").fetchone()
    others = sum(row["record_type"] == "ATTEMPT" for row in truth.to_pylist())
    assert (others,) == attempts
