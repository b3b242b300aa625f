"""Faults have exact counts and do not stack."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.simulator import THREE_SBCS, outcomes
from pipeline.simulator.calls import draw_calls
from pipeline.simulator.faults import TWIN_CALLS, Faulty, TooFewRecords, can_have, inject
from pipeline.simulator.profiles import ABOUT, NIGHT_RATES, PROFILES, RATES
from pipeline.simulator.records import INTERIM, START, STOP, Records, records_of
from pipeline.simulator.world import World
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import a_world, written_run

COUNTS = {"F1": 7, "F2": 6, "F3": 5, "F4": 40, "F9": 4, "F17": 3, "F18": 2, "F21_CAUSE": 5, "F21_ZERO": 6, "F24": 30,
          "F25_NUMBER": 4, "F25_AREA": 9}  # fmt: skip
COUNTS |= {"F7_CLOSED": 2, "F11": 4, "F26_BYTES": 2}
COUNTS |= {"F5": 5, "F6": 3, "F7_HOUR": 4, "F7_DAY": 3, "F10_SECONDS": 2, "F10_SHARE": 3, "F10_BLOCK": 4,
           "F12_FUTURE": 1, "F12_OLD": 2, "F15": 5, "F16": 4, "F26": 1, "F28": 3}  # fmt: skip
THREE_CAN_HAVE = [fault for fault in RATES if any(can_have(fault, sbc.format) for sbc in THREE_SBCS)]
COPIED = ("F1", "F2", "F3", "F11", "F13", "F19", "F24", "F28")


@pytest.fixture(scope="module")
def world() -> World:
    """1,200 calls."""
    return a_world("day", calls=1_200, days=1)


def _records(world: World) -> Records:
    return records_of(draw_calls(world, 0, world.profile.calls), world, world.generator(0, 1))


def _faulty(world: World, **counts: int) -> tuple[Records, Faulty]:
    counts = counts or COUNTS
    return _records(world), inject(_records(world), world, counts, world.generator(0, 2))


def _by_fault(faulty: Faulty) -> dict[str, Counter[int]]:
    names = list(faulty.counts)
    found = {name: Counter() for name in names}
    for fault, copy in zip(faulty.records.fault.tolist(), faulty.records.copy.tolist(), strict=True):
        if fault >= 0:
            found[names[fault]][copy] += 1
    return found


def test_every_fault_has_its_exact_count(world: World):
    """A fault that adds records marks the copy; a call that is reported twice, or never ends, is marked in both."""
    before, faulty = _faulty(world)
    expected = {fault: {1: count} if fault in COPIED else {0: count} for fault, count in COUNTS.items()}
    expected["F2"] = {0: 6, 1: 6}
    expected["F5"] = {0: 5, 1: 3}
    assert expected == _by_fault(faulty)
    assert len(before.call) + 7 + 6 + 5 + 4 + 30 + 3 + 3 == len(faulty.records.call)


@settings(max_examples=20, deadline=None)
@given(st.fixed_dictionaries({fault: st.integers(0, 8) for fault in THREE_CAN_HAVE}), st.integers(0, 1_000))
def test_counts_are_exact_whatever_they_are(counts: dict[str, int], seed: int):
    """Any counts, any seed."""
    world = a_world("day", calls=1_000, days=1, seed=seed)
    records = _records(world)
    found = _by_fault(inject(records, world, counts, world.generator(0, 2)))
    assert counts == {fault: (found[fault][1] if fault in COPIED else found[fault][0]) for fault in counts}


def test_a_record_has_one_fault_at_most(world: World):
    """The originals of copies have no other fault either."""
    _, faulty = _faulty(world)
    records = faulty.records
    names = list(faulty.counts)
    alike = Counter()
    columns = (records.call, records.leg, records.fault, records.copy)
    for call, leg, fault, copy in zip(*(column.tolist() for column in columns), strict=True):
        if fault >= 0 and names[fault] != "F4":
            alike[call, leg, copy] += 1
    assert max(alike.values()) == 1


def test_without_faults_records_stay_as_they_are(world: World):
    """Profile bench."""
    before, faulty = _faulty(world, F1=0)
    assert all(np.array_equal(one, other) for one, other in zip(before, faulty.records, strict=True))


def test_records_are_in_the_order_of_their_arrival(world: World):
    """A late record stands where it arrives."""
    _, faulty = _faulty(world)
    assert (np.diff(faulty.records.arrival) >= 0).all()


def test_late_records_are_late_by_one_to_six_hundred_seconds(world: World):
    """Fault F4 changes nothing but the arrival."""
    before, faulty = _faulty(world, F4=40)
    known = {(call, leg, kind, part): arrival for call, leg, kind, part, arrival in zip(
        *(column.tolist() for column in (before.call, before.leg, before.record_type, before.part, before.arrival)),
        strict=True)}  # fmt: skip
    late = faulty.records.take(faulty.records.fault == 0)
    keys = zip(*(column.tolist() for column in (late.call, late.leg, late.record_type, late.part)), strict=True)
    delays = [arrival - known[key] for key, arrival in zip(keys, late.arrival.tolist(), strict=True)]
    assert 1_000 <= min(delays) <= max(delays) <= 600_000


def test_a_call_reported_twice_lies_on_whole_seconds(world: World):
    """So a source that counts seconds tells the same duration as one that counts milliseconds; setups within 2 s."""
    _, faulty = _faulty(world, F2=40)
    twice = faulty.records.take(faulty.records.fault == 0)
    assert not (np.concatenate([twice.start, twice.answer, twice.release]) % 1_000).any()
    for call in np.unique(twice.call):
        one, other = (twice.take((twice.call == call) & (twice.copy == copy)) for copy in (0, 1))
        assert one.sbc[0] != other.sbc[0]
        assert abs(one.start[0] - other.start[0]) < 2_000
        assert (one.answer[0], one.release[0]) == (other.answer[0], other.release[0])


def test_other_faults_look_as_they_are_described(world: World):
    """Negative, zero, contradicting and unanswered-but-normal records."""
    _, faulty = _faulty(world)
    names = list(faulty.counts)
    of = {name: faulty.records.take(faulty.records.fault == names.index(name)) for name in names}
    assert (of["F9"].release < of["F9"].answer).all()
    assert (of["F21_ZERO"].release == of["F21_ZERO"].answer).all()
    assert (of["F21_ZERO"].written - of["F21_ZERO"].release < 60_000).all(), "a node writes when a call is over"
    assert (of["F21_CAUSE"].outcome == outcomes.NORMAL_UNANSWERED).all()
    before = _records(world)
    original = dict(zip(before.call, before.release, strict=True))
    assert [7_000] * 5 == [
        release - original[call] for call, release in zip(of["F3"].call, of["F3"].release, strict=True)
    ]


def test_printed_durations_differ_as_described(world: World):
    """2 s, 4 % of a call of 100 s or more, 60 %: two remarks and one that stops the record (R3)."""
    _, faulty = _faulty(world)
    names = list(faulty.counts)
    for name, ratio in (("F10_SHARE", 1.04), ("F10_BLOCK", 1.6)):
        found = faulty.records.take(faulty.records.fault == names.index(name))
        measured = found.release - found.answer
        assert found.reported / measured == pytest.approx(ratio, abs=0.001)
        assert (found.reported - measured >= 4_000).all()
    found = faulty.records.take(faulty.records.fault == names.index("F10_SECONDS"))
    assert {2_000} == set((found.reported - (found.release - found.answer)).tolist())


def test_calls_that_never_end_have_a_start_and_perhaps_an_interim(world: World):
    """Five of them: five STARTs, three of which are heard of again later; an orphan has neither START nor STOP."""
    _, faulty = _faulty(world)
    names = list(faulty.counts)
    opened = faulty.records.take(faulty.records.fault == names.index("F5"))
    assert {0: START, 1: INTERIM} == dict(zip(opened.copy.tolist(), opened.record_type.tolist(), strict=True))
    assert {900_000} == set(opened.reported[opened.record_type == INTERIM].tolist())
    orphans = faulty.records.take(faulty.records.fault == names.index("F6"))
    assert {INTERIM} == set(orphans.record_type.tolist())
    for call in (*opened.call[opened.copy == 0], *orphans.call):
        assert STOP not in faulty.records.record_type[faulty.records.call == call]


def test_two_calls_may_look_the_same(world: World):
    """Other ids, the same parties, start and duration (R42)."""
    before, faulty = _faulty(world)
    twins = faulty.records.take(faulty.records.fault == list(faulty.counts).index("F28"))
    for number, start, release in zip(twins.call - TWIN_CALLS, twins.start, twins.release, strict=True):
        original = before.take((before.call == number) & (before.leg == 0))
        assert (original.start[0], original.release[0]) == (start, release)


def test_formats_have_the_faults_that_they_can_have():
    """Open calls where a START is written; quotes only where values are quoted."""
    assert can_have("F5", "native_json")
    assert can_have("F5", "oracle_csv")
    assert not can_have("F5", "freeswitch_csv")
    assert {"oracle_csv", "asterisk_csv"} == {name for name in WRITERS if can_have("F16", name)}
    assert all(can_have("F1", name) for name in WRITERS)


def test_a_replayed_range_is_one_range_of_one_node(world: World):
    """30 records that stand one behind the other, again, behind all others."""
    _, faulty = _faulty(world)
    records = faulty.records
    again = records.take(records.fault == list(faulty.counts).index("F24"))
    assert 1 == len(np.unique(again.sbc))
    assert again.arrival.min() > records.take(records.fault != list(faulty.counts).index("F24")).arrival.max()


def test_too_few_records_are_told(world: World):
    """The message says which fault, how many were wanted, how many fit."""
    with pytest.raises(TooFewRecords, match=r"5000 records with fault F9 are wanted and \d+ records can have it"):
        _faulty(world, F9=5_000)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_a_rate_gives_exactly_its_share(profile):
    """round(rate x N); one of each in `tiny`."""
    if profile.one_of_each:
        assert {1} == set(profile.fault_counts(1_000_000).values())
    else:
        assert {fault: round(rate * 1_000_000) for fault, rate in profile.rates.items()} == profile.fault_counts(
            1_000_000
        )


def test_a_million_records_have_the_counts_of_the_specification():
    """The column `for N = 1,000,000` of synthetic-load.md, section 4."""
    counts = PROFILES["day"].fault_counts(1_000_000)
    listed = {"F1": 3_000, "F2": 2_000, "F3": 10, "F4": 20_000, "F9": 10, "F17": 20, "F18": 20, "F24": 10_000}
    listed |= {"F21_CAUSE": 5_000, "F21_ZERO": 5_000, "F25_NUMBER": 500, "F25_AREA": 5_000}
    assert listed.items() <= counts.items()


def test_every_fault_is_described():
    """What `trunkline simulate` prints has a sentence for each."""
    assert set(RATES) | set(NIGHT_RATES) == set(ABOUT)


def test_the_truth_names_the_fault_of_each_record(tmp_path: Path):
    """The truth table of a written run has the same counts."""
    world = a_world("day", calls=2_000, days=1, rates={"F1": Fraction(1, 100), "F25_AREA": Fraction(1, 200)})
    truth = written_run(world, tmp_path)
    before = sum(1 for copied in truth.column("is_copy").to_pylist() if not copied)
    found = Counter(truth.column("fault").to_pylist())
    assert (round(before / 100), round(before / 200)) == (found["F1"], found["F25_AREA"])
