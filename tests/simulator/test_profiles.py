"""Profiles: how many faults so many records have, counted by hand."""

from datetime import timedelta
from fractions import Fraction
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator.calls import draw_calls
from pipeline.simulator.faults import TWIN_CALLS, can_have
from pipeline.simulator.profiles import ABOUT, NIGHT_RATES, PLAIN_RATES, PROFILES, RATES
from pipeline.simulator.run import blocks
from pipeline.simulator.traffic import epoch_ms
from pipeline.simulator.writers import WRITERS
from tests.simulator.runs import a_node, a_world


@pytest.mark.parametrize(
    ("fault", "records", "count"),
    [
        ("F1", 100_000, 300),  # 0.3 %
        ("F2", 100_000, 200),
        ("F3", 100_000, 1),
        ("F4", 100_000, 2_000),  # 2 %
        ("F5", 100_000, 50),
        ("F6", 100_000, 20),
        ("F12_OLD", 49_999, 0),  # 0.49999
        ("F12_OLD", 50_001, 1),  # 0.50001
        ("F17", 100_000, 2),
        ("F24", 100_000, 1_000),  # 1 %
        ("F26", 300_000, 2),  # 1.5, to the even number
        ("F1", 0, 0),
        ("F1", 166, 0),  # 0.498
        ("F1", 167, 1),  # 0.501
    ],
)
def test_a_rate_is_an_exact_count(fault: str, records: int, count: int):
    """round(r x N), never an odd."""
    assert count == PROFILES["day"].fault_counts(records)[fault]


@pytest.mark.parametrize(("name", "kinds"), [("tiny", PLAIN_RATES), ("faults", RATES)])
@pytest.mark.parametrize("records", [1, 200, 1_000_000])
def test_one_of_each_is_one_of_each(name: str, kinds: dict, records: int):
    """However many records there are."""
    assert dict.fromkeys(kinds, 1) == PROFILES[name].fault_counts(records)


def test_the_profile_for_throughput_is_clean():
    """No fault, no truth table, no channel limit."""
    bench = PROFILES["bench"]
    assert {} == bench.fault_counts(10**7)
    assert (False, False) == (bench.has_truth, bench.limits_channels)


@given(st.integers(0, 10**7))
def test_counts_are_within_half_a_fault(records: int):
    """Of the rate times the records, for every fault."""
    for fault, count in PROFILES["month"].fault_counts(records).items():
        assert abs(count - RATES[fault] * records) <= Fraction(1, 2)


def test_every_fault_is_described_and_some_format_can_have_it():
    """No rate without words, no words without a rate."""
    assert set(RATES) | set(NIGHT_RATES) == set(ABOUT)
    for fault in ABOUT:
        assert any(can_have(fault, name) for name in WRITERS), fault


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "dst"])
def test_a_profile_is_found_by_its_name(name: str):
    """It begins at a midnight of UTC in October 2026 and stays within the month."""
    profile = PROFILES[name]
    assert name == profile.name
    assert (2026, 10, 0, 0) == (profile.start.year, profile.start.month, profile.start.hour, profile.start.minute)
    assert profile.start.day + profile.days <= 32
    assert set(profile.rates) <= set(RATES)


def test_nights_begin_in_the_evening_and_follow_one_another():
    """20:00 UTC, so that each holds the midnights of Berlin, of UTC and of Chicago (06:00 UTC in winter)."""
    nights = PROFILES["dst"].nights
    assert sorted(nights) == list(nights)
    assert {20} == {night.hour for night in nights}
    assert set(PROFILES["dst"].rates) == set(NIGHT_RATES)


def test_an_endless_run_has_a_block_for_each_day():
    """Day 8 begins a week after day 1, with the same hours; a switchover moves calls from one node to the next."""
    world = a_world("soak", calls=2_000)
    assert world.block_count is None
    first, eighth = world.stretch(0), world.stretch(7)
    assert timedelta(days=7) == eighth.start - first.start
    assert first.week[0].tolist() == eighth.week[0].tolist()
    calls = draw_calls(world, 14_000, 2_000, 7)
    assert (epoch_ms(eighth.start) <= calls.start).all()
    assert (calls.start < epoch_ms(eighth.start + timedelta(days=1))).all()
    days = list(islice(blocks(world), 3))
    assert [0, 2_000, 4_000] == [int(day.records.call[day.records.call < TWIN_CALLS].min()) for day in days]


def test_numbers_of_nodes_go_on_from_block_to_block():
    """The last number of a node in one day, and the first one of the next, are neighbours."""
    world = a_world("soak", sbcs=[a_node("oracle_csv")], calls=500, rates={})
    one, two = islice(blocks(world), 2)
    assert list(range(1, 501)) == sorted(one.records.sequence.tolist())
    assert list(range(501, 1_001)) == sorted(two.records.sequence.tolist())


def test_blocks_of_a_run_follow_each_other_in_time():
    """However different the weeks of its trunks are, no call of a block begins before one of the block before."""
    world = a_world("month", calls=4_000, rates={}, block_calls=1_000)
    assert 4 == world.block_count
    drawn = [draw_calls(world, 1_000 * block, 1_000, block).start for block in range(4)]
    assert all(before.max() <= after.min() for before, after in pairwise(drawn))
    assert drawn[-1].max() > epoch_ms(world.profile.start + timedelta(days=30))


@pytest.mark.parametrize(
    ("faults", "formats"),
    [
        (["F11"], {"native_json"}),
        (["F10_SECONDS", "F10_SHARE", "F10_BLOCK"], {
            "native_json", "oracle_csv", "audiocodes", "freeswitch_json", "freeswitch_csv", "freeswitch_xml",
            "freeswitch_event", "asterisk_csv", "radius_text", "sansay_csv", "cucm_csv", "infobip_calllog",
            "didww_json", "jambonz_json", "generic_csv", "generic_json"}),
        (["F5", "F6"], {"native_json", "oracle_csv", "ribbon_act", "audiocodes", "radius_text"}),
        (["F8", "F8_CLOSED"], {"oracle_csv", "ribbon_act", "audiocodes", "sansay_csv", "fixed_width"}),
        (["F20"], {"fixed_width"}),
        (["F23"], {"oracle_csv", "ribbon_act", "sansay_csv"}),
        (["F27"], {"oracle_csv", "ribbon_act", "radius_text"}),
        (["F14", "F14_GAP"], {"freeswitch_csv", "ribbon_act", "fixed_width"}),
        (["F16"], {"oracle_csv", "asterisk_csv"}),
    ],
)  # fmt: skip
def test_a_fault_falls_on_formats_that_can_have_it(faults: list[str], formats: set[str]):
    """START and INTERIM, a printed duration, numbers of the node, trailers, restarts, local stamps, quotes."""
    for fault in faults:
        assert formats == {name for name in WRITERS if can_have(fault, name)}
