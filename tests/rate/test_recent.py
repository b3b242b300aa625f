"""The last records in memory: two generations, the older one goes as a whole."""

import numpy as np

from pipeline.rate.identity import CALL_COLUMNS, Identifier, identified
from pipeline.rate.recent import RecentCalls
from tests.rate.calls import a_call, batch

IDENTIFIER = Identifier()


def calls(*numbers: int):
    return identified(IDENTIFIER, batch(*(a_call(number) for number in numbers))).select(CALL_COLUMNS)


def names(tables) -> list[str]:
    return [name for table in tables for name in table.column("cdr_id").to_pylist()]


def groups(table) -> np.ndarray:
    return table.column("group").to_numpy()


def test_a_recent_call_is_found():
    """By the group of its records."""
    recent = RecentCalls()
    recent.add(calls(1, 2, 3))
    assert ["id-2"] == names(recent.of_groups(groups(calls(2))))


def test_an_unknown_call_is_not():
    """Nothing of it is here."""
    recent = RecentCalls()
    recent.add(calls(1))
    assert [] == names(recent.of_groups(groups(calls(9))))


def test_what_goes_out_of_memory_is_returned():
    """With room for two: the third batch pushes the first one out, so that it can be looked up in the ledger."""
    recent = RecentCalls(recent_max=2)
    assert [] == names(recent.add(calls(1, 2)))
    assert ["id-1", "id-2"] == names(recent.add(calls(3, 4)))
    assert [] == names(recent.of_groups(groups(calls(1))))
    assert ["id-3"] == names(recent.of_groups(groups(calls(3))))


def test_the_order_is_that_of_arrival():
    """Through both generations."""
    recent = RecentCalls(recent_max=2)
    for number in (1, 2, 3):
        recent.add(calls(number))
    assert ["id-1", "id-2", "id-3"] == names(recent.of_groups(groups(calls(3, 2, 1))))
