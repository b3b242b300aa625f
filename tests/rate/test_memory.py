"""What is remembered of a partition: read from the ledger by day, kept up to date, within a bound."""

from datetime import date, timedelta

import pytest

from pipeline.ledger.table import UsageLedger
from pipeline.rate.identity import Identifier, identified
from pipeline.rate.memory import PartitionMemory
from pipeline.rate.stage import RateStage
from schemas.cdr import CDR
from schemas.outcomes import RejectReason, State
from tests.rate.calls import NOON, Clock, a_book, a_call, a_start, an_interim, batch, message

IDENTIFIER = Identifier()
BOOK = a_book()


@pytest.fixture
def ledger(tmp_path) -> UsageLedger:
    return UsageLedger.open(str(tmp_path / "ledger"))


def receive(ledger: UsageLedger, *cdrs: CDR, clock: Clock | None = None) -> RateStage:
    stage = RateStage(0, ledger, lambda: BOOK, clock or Clock())
    stage.process([message(*cdrs)], None)
    ledger.refresh()
    return stage


def memory(ledger: UsageLedger, **options) -> PartitionMemory:
    return PartitionMemory(ledger, 0, Identifier(), Clock(), **options)


def identities(*cdrs: CDR):
    return identified(IDENTIFIER, batch(*cdrs))


def is_known(remembered: PartitionMemory, *cdrs: CDR) -> list[bool]:
    return [content >= 0 for content in remembered.contents(identities(*cdrs)).tolist()]


def test_keys_come_from_the_ledger(ledger):
    """A record that was received is known, another one is not."""
    receive(ledger, a_call(1))
    assert [True, False] == is_known(memory(ledger), a_call(1), a_call(2))


def test_keys_are_those_of_their_day(ledger):
    """The same id on another day is another question: a key lives as long as its day of answer."""
    receive(ledger, a_call(1))
    tomorrow = NOON + timedelta(days=1)
    assert [False] == is_known(memory(ledger), a_call(1, started_at=tomorrow))


@pytest.mark.parametrize("reason", [RejectReason.BAD_FIELD, RejectReason.TRUNCATED, RejectReason.TOO_LONG])
def test_unreadable_records_have_no_key(ledger, reason):
    """Nothing in them can be believed, so a readable record of that id is new."""
    receive(ledger, a_call(1, reject_reason=reason))
    assert [False] == is_known(memory(ledger), a_call(1))


def test_rejects_of_rating_keep_their_key(ledger):
    """The same record again is a duplicate, whatever became of the first."""
    receive(ledger, a_call(1, claimed_trunk_id="nobody"))
    assert [True] == is_known(memory(ledger), a_call(1))


def test_what_is_remembered_is_known_at_once(ledger):
    """Without reading the ledger again."""
    remembered = memory(ledger)
    assert [False] == is_known(remembered, a_call(1))
    remembered.remember(identities(a_call(1)))
    assert [True] == is_known(remembered, a_call(1))


def test_a_bound_keeps_days_out_not_keys(ledger):
    """With room for one key the older day goes and is read again when it is asked for."""
    days = [a_call(number, started_at=NOON + timedelta(days=number)) for number in range(3)]
    receive(ledger, *days)
    remembered = memory(ledger, keys_max=1)
    assert [True, True, True] == is_known(remembered, *days)
    assert 1 == len(remembered._days)
    assert [True] == is_known(remembered, days[0])


def test_forgetting_reads_the_ledger_again(ledger):
    """Somebody else has written: what was remembered is void."""
    remembered = memory(ledger)
    is_known(remembered, a_call(1))
    receive(ledger, a_call(1))
    assert [False] == is_known(remembered, a_call(1))
    remembered.forget()
    assert [True] == is_known(remembered, a_call(1))


def test_calls_come_from_the_ledger_and_from_memory(ledger):
    """Both, the oldest first."""
    first, second = a_call(1), a_call(2, call_group_id="call-1", leg_id="b")
    receive(ledger, first)
    remembered = memory(ledger)
    remembered.calls(identities(a_call(9)))
    remembered.remember(identities(second))
    found = remembered.calls(identities(a_call(3, call_group_id="call-1")))
    assert ["id-1", "id-2"] == found.column("cdr_id").to_pylist()


def test_open_legs_are_read_once(ledger):
    """A START and an INTERIM of one leg wait together."""
    receive(ledger, a_start(1, of=9), an_interim(2, of=9), a_start(3, of=8))
    legs = memory(ledger).open_legs()
    assert [["id-1", "id-2"], ["id-3"]] == sorted([part.cdr.cdr_id for part in parts] for parts in legs.values())
    assert {State.PENDING} == {part.row.state for parts in legs.values() for part in parts}


def test_closed_legs_are_not_open(ledger):
    """Their STOP came: the rows that waited were replaced."""
    receive(ledger, a_start(1, of=2))
    receive(ledger, a_call(2))
    assert {} == memory(ledger).open_legs()


def test_suspended_legs_are_open_for_a_late_stop(ledger):
    """As they were received: the suspension is not inherited, and parts that were merged into it come along."""
    clock = Clock()
    stage = receive(ledger, a_start(1, of=9), an_interim(2, of=9, reported_ms=30_000), clock=clock)
    clock.now += timedelta(hours=9)
    stage.give_up_open_legs()
    ledger.refresh()
    ((start, interim),) = memory(ledger).open_legs().values()
    assert ("id-1", None, 1, State.REJECTED) == (
        start.cdr.cdr_id, start.cdr.reject_reason, start.row.version, start.row.state,
    )  # fmt: skip
    assert ("id-2", State.MERGED) == (interim.cdr.cdr_id, interim.row.state)


def test_parts_of_finished_calls_are_not_open(ledger):
    """A MERGED part belongs to a call that was rated."""
    receive(ledger, a_call(2))
    receive(ledger, a_start(3, of=2))
    assert {} == memory(ledger).open_legs()


def test_the_current_row_of_a_leg(ledger):
    """The last version of the record that carries it."""
    receive(ledger, a_call(1, duration_basis="part", reported_ms=41_000, measured_ms=41_000))
    receive(ledger, an_interim(2, of=1, duration_basis="part", reported_ms=20_000))
    part = memory(ledger).current_leg(date(2026, 10, 1), "id-1")
    assert (1, 61_000) == (part.row.version, part.cdr.measured_ms)


def test_there_may_be_no_such_row(ledger):
    """Nothing of that id on that day."""
    assert memory(ledger).current_leg(date(2026, 10, 1), "id-1") is None
