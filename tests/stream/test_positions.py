"""Where reading goes on: by the marks of the ledger, whatever Kafka says."""

from pathlib import Path

import pytest
from faust.types import TP

from pipeline.ledger.table import UsageLedger
from pipeline.settings import KafkaSettings
from pipeline.stream.errors import LedgerAhead
from pipeline.stream.positions import LedgerPositions
from pipeline.stream.transport import NoReadOffsets, _target
from schemas.ledger import USAGE_SCHEMA

KAFKA = KafkaSettings(topic_prefix="test.", leg_partitions=2)
LEG, RAW = TP("test.cdr.leg", 1), TP("test.cdr.raw.sbc1", 0)


@pytest.fixture
def ledger(tmp_path: Path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


def commit(ledger: UsageLedger, **marks: int) -> None:
    ledger.append(USAGE_SCHEMA.empty_table(), marks)


def test_a_new_ledger_reads_from_the_beginning(ledger: UsageLedger) -> None:
    """Without marks there is no position; the beginning of the topic is taken."""
    assert {LEG: None, RAW: None} == LedgerPositions(ledger, KAFKA).of([LEG, RAW])


def test_a_leg_partition_goes_on_after_its_mark(ledger: UsageLedger) -> None:
    """Offset 41 of cdr.leg-1 is in the ledger: 42 is next. The prefix of the topic is no part of the mark."""
    commit(ledger, **{"cdr.leg-1": 41, "cdr.leg-0": 99})
    assert {LEG: 42} == LedgerPositions(ledger, KAFKA).of([LEG])


def test_a_raw_partition_goes_on_after_its_lowest_mark(ledger: UsageLedger) -> None:
    """Partition 0 has what came up to 70, partition 1 only up to 50: 51 must be sent again."""
    positions = LedgerPositions(ledger, KAFKA)
    commit(ledger, **{"cdr.leg-0<test.cdr.raw.sbc1-0": 70})
    assert {RAW: None} == positions.of([RAW])
    commit(ledger, **{"cdr.leg-1<test.cdr.raw.sbc1-0": 50})
    assert {RAW: 51} == positions.of([RAW])


@pytest.mark.parametrize(
    ("position", "begin", "end", "target"),
    [
        pytest.param(None, 5, 9, 5, id="nothing read yet: where the topic begins"),
        pytest.param(7, 5, 9, 7, id="in the middle"),
        pytest.param(9, 5, 9, 9, id="all read: where the next record comes"),
        pytest.param(3, 5, 9, 5, id="retention deleted what was not read"),
    ],
)
def test_seeking(position: int | None, begin: int, end: int, target: int) -> None:
    """A position of the ledger becomes an offset that the topic has."""
    assert target == _target(TP("cdr.leg", 0), position, begin, end)


def test_a_position_beyond_the_end_is_refused() -> None:
    """The ledger has read 9 records of a topic that has 3: it is another topic."""
    with pytest.raises(LedgerAhead, match=r"read cdr\.leg-0 up to offset 8, but the next offset there is 3"):
        _target(TP("cdr.leg", 0), 9, 0, 3)


def test_faust_knows_no_read_offsets() -> None:
    """Faust would drop what lies below an offset that it has seen; here only the marks drop."""
    offsets = NoReadOffsets()
    offsets[LEG] = 7
    assert (None, {}) == (offsets[LEG], dict(offsets))
