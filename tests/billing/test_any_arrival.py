"""How the calls of a month arrive changes no byte of its invoices: any order, batches, workers and restarts.

The month holds an UNLIMITED trunk whose calls go beyond its fair use while its channel limit changes, metered and
inbound calls, forwarded legs, calls told in parts, and records sent twice; all of it is taxed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from pipeline.billing.audit import audit_period
from pipeline.ledger.table import UsageLedger
from pipeline.mediation.batch import leg_partition_of
from pipeline.rate.stage import RateStage
from pipeline.sql.connection import connect_to
from pipeline.stream.messages import LegMessage
from pipeline.usage.fair_use import Trace, allowance_sum, fair_use_trace
from schemas.cdr import CDR, RecordType, cdrs_to_arrow
from tests.billing.test_properties import a_month, a_world
from tests.billing.world import ARRIVED, RAW, World, a_call, invoice_of

PERIOD = "2026-10"
UNLIMITED_TRUNK = "heron-dispatch"


def records() -> list[CDR]:
    """Forty calls, three at one instant, one told in three parts, two sent twice: 48 records."""
    calls = a_month(5)
    at = "2026-10-20T15:00:00"
    together = [a_call(UNLIMITED_TRUNK, "+16125550177", at, seconds, cdr_id=f"at-once-{seconds}") for seconds in (7, 8)]
    together = [call._replace(call_group_id=call.cdr_id) for call in together]
    whole = a_call("acme-branches", "+16125550178", "2026-10-21T15:00:00", 600, cdr_id="whole", leg_id="leg")
    parts = [
        whole._replace(
            cdr_id=f"part-{kind}", raw_sha256=str(kind).encode().ljust(32), record_type=kind, measured_ms=None,
            released_at=None,
        )
        for kind in (RecordType.START, RecordType.INTERIM)
    ]  # fmt: skip
    abroad = a_call("delta-berlin", "+442079460018", "2026-10-09T09:00:00", 61)
    return [*calls, *together, whole, *parts, abroad, calls[3], calls[20]]


RECORDS = records()


class Arrival(NamedTuple):
    """How records arrive."""

    order: Sequence[CDR]
    batch_size: int = len(RECORDS)
    workers: int = 1
    restart_before: frozenset[int] = frozenset()
    """Batches before which all workers start again."""


def arrive(world: World, arrival: Arrival) -> None:
    """Rate the records as a feed that numbers them by arrival. A worker that starts again is sent its last batch twice.

    Each worker owns one partition and knows after a restart only what the ledger tells it.
    """
    ledger = UsageLedger.open(world.settings.ledger_url)
    book = world.book
    size, workers = arrival.batch_size, arrival.workers
    feed = [cdr._replace(partition=RAW, offset=offset) for offset, cdr in enumerate(arrival.order, 1)]
    batches = [feed[first : first + size] for first in range(0, len(feed), size)]
    stages = [RateStage(number, ledger, lambda: book, lambda: ARRIVED) for number in range(workers)]
    for number, batch in enumerate(batches):
        again: list[list[CDR]] = []
        if number in arrival.restart_before:
            stages = [RateStage(number, ledger, lambda: book, lambda: ARRIVED) for number in range(workers)]
            again = batches[max(0, number - 1) : number]
        for sent in [*again, batch]:
            for partition, stage in enumerate(stages):
                own = [cdr for cdr in sent if leg_partition_of(cdr.call_group_id.encode(), workers) == partition]
                stage.process([LegMessage(RAW, sent[0].offset, sent[-1].offset, cdrs_to_arrow(own))], None)
    for stage in stages:
        stage.close()


class Outcome(NamedTuple):
    """What a month came to."""

    files: dict[str, bytes]
    """Every file of every invoice."""
    fair_use: Trace
    fees: list[tuple[str | None, int | None, str]]
    """Channel fees of the account whose limit changes: trunk, channels, amount."""


def outcome(folder: Path, arrival: Arrival) -> Outcome:
    """Let the month arrive, close it, and prove it."""
    world = a_world(folder)
    arrive(world, arrival)
    report = world.close(PERIOD)
    assert () == audit_period(world.settings, PERIOD).findings
    invoice = invoice_of(report.issued, "blue-heron")
    fees = [(line.trunk_id, line.channel_limit, line.amount) for line in invoice.charges if line.kind == "CHANNEL_FEE"]
    views = connect_to(UsageLedger.open(world.settings.ledger_url), world.book)
    return Outcome(world.files(), fair_use_trace(views, world.book, UNLIMITED_TRUNK, PERIOD), fees)


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The month that arrived in the order of the list, in one batch, at one worker."""
    return outcome(tmp_path_factory.mktemp("in-order") / "world", Arrival(RECORDS))


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(arrival=Arrival(RECORDS[::-1], 11, 3, frozenset({1, 2, 3, 4})))
@given(
    arrival=st.builds(
        Arrival,
        st.permutations(RECORDS),
        st.sampled_from([8, 13, 25, len(RECORDS)]),
        st.integers(1, 3),
        st.frozensets(st.integers(0, 5), max_size=3),
    )
)
def test_no_arrival_changes_a_byte_of_an_invoice(
    in_order: Outcome, tmp_path_factory: pytest.TempPathFactory, arrival: Arrival
) -> None:
    """JSON, CSV, Parquet, UBL, FOCUS and PDF of all accounts are those of the month that came in order."""
    found = outcome(tmp_path_factory.mktemp("any") / "world", arrival)
    assert in_order.fair_use == found.fair_use
    assert in_order.fees == found.fees
    assert in_order.files.keys() == found.files.keys()
    assert [] == [name for name, content in in_order.files.items() if content != found.files[name]]


@pytest.mark.slow
def test_the_month_has_everything_that_an_arrival_could_disturb(in_order: Outcome) -> None:
    """Two limits, 20 channels for 15 days and 30 for 16: 10 min x (20 x 15 + 30 x 16) / 31 = 251.61 min, 15096 s.

    The fees are 24.90 x 300 / 31 = 240.97 and 24.90 x 480 / 31 = 385.55, together 626.52 as 24.90 x 780 / 31 is.
    """
    assert 15_096 == in_order.fair_use.fair_use.allowance_seconds, allowance_sum(in_order.fair_use)
    assert [("heron-dispatch", 20, "240.97"), ("heron-dispatch", 30, "385.55")] == in_order.fees
    assert any(0 < call.included_seconds < call.call_seconds for call in in_order.fair_use.calls)
    assert in_order.fair_use.charge > 0
    assert {".pdf", ".json", ".csv", ".parquet", ".xml"} == {Path(name).suffix for name in in_order.files}
