"""Profiles: how many faults so many records have, counted by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator.faults import can_have
from pipeline.simulator.profiles import ABOUT, PLAIN_RATES, PROFILES, RATES
from pipeline.simulator.writers import WRITERS


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
    assert set(RATES) == set(ABOUT)
    for fault in RATES:
        assert any(can_have(fault, name) for name in WRITERS), fault


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_found_by_its_name(name: str):
    """It begins at a midnight of UTC in October 2026 and stays within the month."""
    profile = PROFILES[name]
    assert name == profile.name
    assert (2026, 10, 0, 0) == (profile.start.year, profile.start.month, profile.start.hour, profile.start.minute)
    assert profile.start.day + profile.days <= 32
    assert set(profile.rates) <= set(RATES)


@pytest.mark.parametrize("fault", ["F5", "F6", "F10_SECONDS", "F10_SHARE", "F10_BLOCK"])
def test_only_native_records_have_parts_and_a_duration_of_their_own(fault: str):
    """START, INTERIM and the printed duration beside the times."""
    assert ["native_json"] == [name for name in WRITERS if can_have(fault, name)]
