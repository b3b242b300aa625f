"""Whatever the order, the batches and the restarts: the same records come to the same calls."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ledger.table import UsageLedger
from pipeline.rate.stage import RateStage
from schemas.cdr import CDR, RecordType
from tests.rate.calls import NOON, Clock, a_book, a_call, a_start, an_interim, in_batches, message, rows

BOOK = a_book()
RECORDS = (
    a_call(1),
    a_start(2, of=1),
    an_interim(3, of=1, reported_ms=30_000),
    a_call(4, answered_at=None, measured_ms=0),
    a_call(5, cdr_id="id-1", raw_sha256=a_call(1).raw_sha256, call_group_id="call-1", leg_id="leg-1"),
    a_call(6, call_group_id="call-4", leg_id="x", source_node="node2", started_at=NOON + timedelta(seconds=1),
           answered_at=None, measured_ms=0),
    a_start(7, of=99),
    a_call(8, record_type=RecordType.END, answered_at=None, measured_ms=None, call_group_id="call-9", leg_id="leg-9"),
    a_start(9, of=9),
)  # fmt: skip


def _outcome(tmp_path_factory: pytest.TempPathFactory, records: list[CDR], size: int, restarts: bool) -> list[tuple]:
    """Rate the records as a feed that numbers them by arrival; return what became of each call."""
    ledger = UsageLedger.open(str(tmp_path_factory.mktemp("ledger")))
    clock = Clock()
    stage = RateStage(0, ledger, lambda: BOOK, clock)
    arriving = [cdr._replace(offset=at) for at, cdr in enumerate(records, 1)]
    for records_in_hand in in_batches(arriving, size):
        if restarts:
            stage = RateStage(0, ledger, lambda: BOOK, clock)
        stage.process([message(*records_in_hand)], None)
    clock.now += timedelta(hours=10)
    stage.give_up_open_legs()
    found = rows(ledger)
    replaced = {row["replaces"] for row in found}
    current = [row for row in found if row["row_id"] not in replaced]
    assert len(RECORDS) == len(current)
    return sorted(
        (row["call_group_id"], row["state"], row["reject_reason"] or "", str(row["charge"]), row["measured_ms"] or -1)
        for row in current
    )


EXPECTED = [
    ("call-1", "DUPLICATE", "", "None", 61_000),
    ("call-1", "MERGED", "", "None", -1),
    ("call-1", "MERGED", "", "None", -1),
    ("call-1", "RATED", "", "0.061000000", 61_000),
    ("call-4", "DUPLICATE", "", "None", -1),
    ("call-4", "RATED", "", "0E-9", -1),
    ("call-9", "MERGED", "", "None", -1),
    ("call-9", "RATED", "", "0.061000000", 61_000),
    ("call-99", "REJECTED", "NO_STOP", "None", -1),
]
"""61 s at 0.06 a minute, for the call that a STOP ended and for the one that START and END tell together."""


def test_in_the_order_of_the_feed(tmp_path_factory):
    """One batch, in order."""
    assert EXPECTED == _outcome(tmp_path_factory, list(RECORDS), 100, restarts=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(RECORDS), size=st.integers(1, 9), restarts=st.booleans())
def test_any_order_any_batches_any_restarts(tmp_path_factory, order, size, restarts):
    """The order of arrival decides which of two equal reports is the duplicate, and nothing else."""
    assert EXPECTED == _outcome(tmp_path_factory, order, size, restarts)


def test_all_orders_of_a_delta_call(tmp_path_factory):
    """Parts of 20 s and 41 s, the STOP with the second: 61 s, however they come."""
    parts = [
        a_start(1, of=3, duration_basis="part", reported_ms=0),
        an_interim(2, of=3, duration_basis="part", reported_ms=20_000),
        a_call(3, duration_basis="part", reported_ms=41_000, measured_ms=41_000),
    ]
    for order in itertools.permutations(parts):
        ledger = UsageLedger.open(str(tmp_path_factory.mktemp("ledger")))
        stage = RateStage(0, ledger, lambda: BOOK, Clock())
        for at, cdr in enumerate(order, 1):
            stage.process([message(cdr._replace(offset=at))], None)
        found = rows(ledger)
        replaced = {row["replaces"] for row in found}
        rated = [row for row in found if row["row_id"] not in replaced and row["state"] == "RATED"]
        assert ["0.061000000"] == [str(row["charge"]) for row in rated], [cdr.record_type for cdr in order]


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, ("RATED", None, "0.061000000")),
        ({"fax": "t38"}, ("RATED", "t38", "0.061000000")),
        ({"reject_reason": "NO_RATE", "reject_detail": "of the interim only"}, ("RATED", None, "0.061000000")),
    ],
)
def test_a_leg_in_one_batch_is_that_of_three(tmp_path_factory, told, expected, size):
    """START, INTERIM and STOP: what the INTERIM tells counts, whether they come together or one by one."""
    ledger = UsageLedger.open(str(tmp_path_factory.mktemp("ledger")))
    stage = RateStage(0, ledger, lambda: BOOK, Clock())
    parts = [a_start(1, of=3), an_interim(2, of=3, **told), a_call(3)]
    for records in in_batches(parts, size):
        stage.process([message(*records)], None)
    found = rows(ledger)
    replaced = {row["replaces"] for row in found}
    current = sorted(
        (row["offset"], row["state"], row["fax"], str(row["charge"]), row["duplicate_of"])
        for row in found
        if row["row_id"] not in replaced
    )
    merged = [(row[1], row[3], row[4]) for row in current[:2]]
    assert [("MERGED", "None", "id-3")] * 2 == merged
    assert [(3, *expected, None)] == current[2:]
