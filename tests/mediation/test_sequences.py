"""Numbers that nodes give their records (R15): gaps, epochs, values that came and could not be read."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.restarts import Restart
from pipeline.mediation.sequences import remark_gaps, sequence_gaps
from schemas.cdr import CDR
from tests.mediation.feeds import RECEIVED, a_source, assembled
from tests.mediation.formats.test_native_json import an_event
from tests.mediation.formats.test_oracle_csv import a_stop

NATIVE = a_source("native_json")


def record(sequence: int | None, offset: int = 0, node: str | None = "sbc1", **changes: Any) -> CDR:
    """A leg with that number."""
    known: dict[str, Any] = {"source_format": "oracle_csv", "record_seq": sequence, "source_node": node, **changes}
    return CDR(
        source="feed", partition="p", offset=offset, received_at=RECEIVED, raw_sha256=b"", cdr_id=f"{node}{sequence}",
        call_group_id="c", **known,
    )  # fmt: skip


def in_order(*sequences: int | None) -> list[CDR]:
    return [record(sequence, offset) for offset, sequence in enumerate(sequences)]


def ranges(records: list[CDR], unread: tuple[int, ...] = (), restarts: tuple[Restart, ...] = ()) -> list[list[int]]:
    return [[gap.first, gap.last] for gap in sequence_gaps(records, unread, restarts)]


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        ((90001, 90002, 90003, 90003, 90005), [[90004, 90004]]),
        ((90003, 90005, 90004), []),
        ((1, 5, 6, 9), [[2, 4], [7, 8]]),
        ((7,), []),
        ((), []),
        ((3, None, 5), [[4, 4]]),
        ((5001, 5002, 1, 2, 4), [[3, 3]]),
        ((5001, 5002, 4100), [[4101, 5000]]),
    ],
    ids=["the rule's own", "closes itself", "two", "one record", "none", "unnumbered", "starts again", "late file"],
)
def test_gaps_of_one_node(sequences: tuple[int | None, ...], expected: list[list[int]]) -> None:
    """Numbers between the lowest and the highest of an epoch that no record has."""
    assert expected == ranges(in_order(*sequences))


def test_nodes_count_by_themselves() -> None:
    """Two nodes of a pair have numbers of their own; a feed without node names is one node."""
    records = [record(1, 0, "a"), record(4, 1, "b"), record(3, 2, "a"), record(5, 3, "b"), record(7, 4, None)]
    (gap,) = sequence_gaps(records)
    assert ("a", 2, 2, records[2]) == gap


def test_numbers_of_asterisk_count_channels() -> None:
    """No gap is concluded from them."""
    assert [] == ranges([record(number, number, source_format="asterisk_csv") for number in (9, 12, 14)])


@pytest.mark.parametrize(
    ("offsets", "expected"), [((2,), []), ((4,), [[12, 12]]), ((0,), [[12, 12]]), ((), [[12, 12]])]
)
def test_number_of_a_value_that_was_not_read(offsets: tuple[int, ...], expected: list[list[int]]) -> None:
    """A skipped or broken line between the two records had the number that is missing."""
    assert expected == ranges([record(11, 1), record(13, 3)], offsets)


def test_restart_begins_an_epoch() -> None:
    """A counter that falls behind a restart of its node started again; without one the lower numbers are late ones."""
    records = [record(40, 0), record(41, 1), record(1, 3), record(3, 4)]
    assert [[2, 2], [4, 39]] == ranges(records)
    assert [[2, 2]] == ranges(records, restarts=(Restart("feed", "sbc1", "p", 2, RECEIVED),))
    assert [[2, 2], [4, 39]] == ranges(records, restarts=(Restart("feed", "sbc2", "p", 2, RECEIVED),))


@settings(deadline=None)
@given(st.sets(st.integers(1, 60), min_size=1), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(numbers: set[int], dice: Any) -> None:
    """Within one epoch the missing numbers are those between the lowest and the highest that nobody has."""
    arrived = sorted(numbers)
    dice.shuffle(arrived)
    missing = sorted(set(range(min(numbers), max(numbers))) - numbers)
    assert missing == [number for first, last in ranges(in_order(*arrived)) for number in range(first, last + 1)]


def test_leg_behind_a_gap_is_remarked() -> None:
    """The one with the next number, and no other."""
    records = in_order(1, 2, 5, 6)
    assert [(), (), ("SEQ_GAP",), ()] == [tuple(leg.flags) for leg in remark_gaps(records, sequence_gaps(records))]


def test_gap_of_a_feed() -> None:
    """The synthetic Oracle rows: 90001, 90002, 90003 twice, 90005; SEQ_GAP is a remark on the last (R15)."""
    lines = [a_stop({4: f"s{number}", 5: f"c{number}", 175: number}) for number in (90001, 90002, 90003, 90003, 90005)]
    found = assembled(lines, a_source("oracle_csv", "America/Los_Angeles"))
    assert (4, 1, [("10.0.3.129", 90004, 90004)]) == (
        len(found.legs), len(found.duplicates), [gap[:3] for gap in found.gaps],
    )  # fmt: skip
    assert ["SEQ_GAP" in leg.flags for leg in found.legs] == [False, False, False, True]


def test_broken_record_is_not_missing() -> None:
    """A line that was cut arrived; the node's numbers go on behind it."""
    values = [an_event(leg_id=f"{number}", ingress_call_id=f"{number}@h", record_seq=number) for number in (1, 3)]
    assert [] == assembled([values[0], b'{"record_seq": 2', values[1]], NATIVE).gaps
    assert [[2, 2]] == [[gap.first, gap.last] for gap in assembled(values, NATIVE).gaps]
