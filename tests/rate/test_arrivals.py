"""What of the messages in hand is new: by raw offsets, message by message and record by record."""

import pytest

from pipeline.mediation.restarts import Restart
from pipeline.rate.arrivals import Gap, new_arrivals
from tests.rate.calls import NOON, RAW, a_call, message

OTHER = "cdr.raw.sbc2-1"


def offsets(arrivals) -> list[int]:
    return arrivals.cdrs.column("offset").to_pylist()


def test_without_a_mark_everything_is_new():
    """A raw partition that the ledger has never seen begins anywhere; that is no gap."""
    found = new_arrivals([message(a_call(40), a_call(41), upto=49)], lambda _: None)
    assert ([40, 41], {RAW: 49}, 0, []) == (offsets(found), found.upto, found.messages_dropped, found.gaps)


def test_a_message_at_the_mark_is_dropped():
    """Its last offset is in the ledger."""
    found = new_arrivals([message(a_call(40), upto=41)], lambda _: 41)
    assert ([], {}, 1) == (offsets(found), found.upto, found.messages_dropped)


def test_a_message_across_the_mark_is_cut():
    """Offsets up to 40 are there, 41 is not."""
    found = new_arrivals([message(a_call(40), a_call(41), first=38, upto=45)], lambda _: 40)
    assert ([41], {RAW: 45}, 0, []) == (offsets(found), found.upto, found.messages_dropped, found.gaps)


@pytest.mark.parametrize(("first", "gaps"), [(41, []), (42, [Gap(RAW, 41, 41)]), (51, [Gap(RAW, 41, 50)])])
def test_a_range_behind_the_mark_plus_one_is_a_gap(first, gaps):
    """The gap names the first and the last offset that is missing."""
    found = new_arrivals([message(a_call(60), first=first)], lambda _: 40)
    assert (gaps, [60]) == (found.gaps, offsets(found))


def test_messages_of_one_batch_follow_each_other():
    """The second message is compared with the end of the first, not with the mark."""
    found = new_arrivals([message(a_call(1), upto=5), message(a_call(6), first=6), message(a_call(6))], lambda _: 0)
    assert ([1, 6], 1, []) == (offsets(found), found.messages_dropped, found.gaps)


def test_raw_partitions_are_apart():
    """Each has its own mark."""
    marks = {RAW: 10, OTHER: 3}
    batch = [message(a_call(9)), message(a_call(4, partition=OTHER), raw=OTHER)]
    found = new_arrivals(batch, marks.__getitem__)
    assert ([4], {OTHER: 4}, 1) == (offsets(found), found.upto, found.messages_dropped)


def test_an_empty_message_moves_the_mark():
    """No record of the range fell to this partition."""
    found = new_arrivals([message(first=1, upto=9)], lambda _: 0)
    assert ([], {RAW: 9}) == (offsets(found), found.upto)


def test_no_messages():
    """Nothing came: nothing moves."""
    found = new_arrivals([], lambda _: 0)
    assert ([], {}, 0, []) == (offsets(found), found.upto, found.messages_dropped, found.gaps)


def test_restarts_of_new_messages_only():
    """One at the mark was told before; one of a message that is dropped too."""
    told = [Restart("sbc1", "node1", RAW, offset, NOON) for offset in (40, 43)]
    across = message(a_call(41), first=38, upto=45)._replace(restarts=tuple(told))
    assert told[1:] == list(new_arrivals([across], lambda _: 40).restarts)
    assert told == list(new_arrivals([across], lambda _: None).restarts)
    assert [] == list(new_arrivals([across], lambda _: 45).restarts)
