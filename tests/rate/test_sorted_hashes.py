"""Hashes in sorted runs: the same answers as a dict, however they were added."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rate.sorted_hashes import SortedHashes, content_half, packed

LARGEST = 2**64 - 1
hashes = st.integers(0, LARGEST)


def array(*values: int) -> np.ndarray:
    return np.array(values, np.uint64)


def test_nothing_is_in_an_empty_set():
    """Neither hashes nor keys are found before any was added."""
    empty = SortedHashes()
    assert [False] == empty.contain(array(7)).tolist()
    assert [-1] == empty.find(array(7), array(9)).tolist()
    assert 0 == len(empty)


def test_the_smallest_and_the_largest_hash_are_found():
    """Both ends of 64 bits."""
    known = SortedHashes()
    known.add(array(LARGEST, 0))
    assert [True, True, False] == known.contain(array(0, LARGEST, 1)).tolist()


def test_a_key_is_both_of_its_hashes():
    """Keys whose first hash is the same are told apart by the second one."""
    known = SortedHashes()
    first, second = 1 << 40, 2 << 40
    known.add(array(5, 5), packed(array(first, second), array(10 << 32, 20 << 32)))
    assert [10, 20, -1] == known.find(array(5, 5, 5), array(first, second, 3 << 40)).tolist()


def test_the_content_is_kept_by_half():
    """What `find` returns is what `content_half` makes of the hash of the content."""
    content = array(0xDEADBEEF_00000001)
    known = SortedHashes()
    known.add(array(5), packed(array(1 << 40), content))
    assert content_half(content).tolist() == known.find(array(5), array(1 << 40)).tolist() == [0xDEADBEEF]


def test_repeated_hashes_are_counted():
    """It is a multiset: two records of one call are two hashes."""
    known = SortedHashes()
    known.add(array(7, 7))
    known.add(array(7))
    assert 3 == len(known)


def test_small_batches_are_merged():
    """1,000 batches of one hash leave few runs, so that a lookup stays fast."""
    known = SortedHashes()
    for value in range(1_000):
        known.add(array(value))
    assert len(known._runs) <= 8
    assert known.contain(np.arange(1_000, dtype=np.uint64)).all()


@given(st.lists(st.lists(hashes, max_size=8), max_size=12), st.lists(hashes, max_size=12))
def test_membership_is_that_of_a_set(batches, asked):
    """Any hashes in any batches."""
    known = SortedHashes()
    for batch in batches:
        known.add(array(*batch))
    expected = {value for batch in batches for value in batch}
    wanted = [*asked, *list(expected)[:5]]
    assert [value in expected for value in wanted] == known.contain(array(*wanted)).tolist()


@given(st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(0, 9)), st.integers(1, 4))
def test_finding_is_that_of_a_dict(contents, size):
    """Keys that share hashes, in batches of any size."""
    known = SortedHashes()
    entries = list(contents.items())
    for at in range(0, len(entries), size):
        part = entries[at : at + size]
        high = array(*(key[0] for key, _ in part))
        low = array(*(key[1] << 32 for key, _ in part))
        known.add(high, packed(low, array(*(content << 32 for _, content in part))))
    asked = [(high, low) for high in range(6) for low in range(6)]
    found = known.find(array(*(high for high, _ in asked)), array(*(low << 32 for _, low in asked)))
    assert [contents.get(key, -1) for key in asked] == found.tolist()


@pytest.mark.parametrize("count", [0, 1, 10_000])
def test_batches_of_any_size(count):
    """Nothing, one, and many."""
    known = SortedHashes()
    known.add(np.arange(count, dtype=np.uint64))
    assert count == len(known)
