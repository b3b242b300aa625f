"""One run: a broker, workers, a steady load and faults at seeded moments; then the audit."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pipeline.settings import Settings
from pipeline.stream.topics import create_topics
from tests.chaos.audit import Audit, audit
from tests.chaos.faults import Crew, plan
from tests.chaos.load import Load, sent_records
from tests.kafka_broker import ADDRESS_VARIABLE, KafkaBroker, KafkaUnavailable, missing_parts
from tests.stream.feed import worker_settings
from tests.stream.workers import states

DRAIN_SECONDS = 120
PARTITIONS = {"raw_partitions": 4, "leg_partitions": 4}


class Experiment(NamedTuple):
    """What a run is made of; the same seed gives the same faults and the same load."""

    seed: int
    duration: float
    """Seconds of load and faults."""
    workers: int = 2
    events_a_second: int = 2000


class Report(NamedTuple):
    """What happened and what the ledger came to."""

    audit: Audit
    faults: dict[str, int]
    ended_by_themselves: int
    """Workers that the ledger refused or that lost Kafka, and were started again."""
    gaps: int
    """Ranges of raw offsets that a rate stage missed."""


def run_chaos(folder: Path, experiment: Experiment, say: Callable[[str], None]) -> Report:
    """Raises KafkaUnavailable where no broker can be had."""
    broker = _broker(folder)
    address = broker.address if broker else os.environ[ADDRESS_VARIABLE]
    settings = worker_settings(folder, address, flush_seconds=0.5, kafka=PARTITIONS)
    create_topics(settings)
    crew = Crew(folder, experiment.workers)
    try:
        load = Load(settings, experiment.events_a_second, experiment.seed)
        load.start()
        _let_faults_happen(crew, broker, experiment, say)
        load.stop()
        say(f"{load.calls} calls sent; waiting until all are in the ledger")
        _drain(crew, settings)
        crew.end()
        return Report(audit(settings), dict(crew.faults), crew.ended_by_themselves,
                      sum(log.count("raw_offsets_missing") for log in crew.logs()))  # fmt: skip
    finally:
        crew.kill()
        if broker:
            broker.stop()


def _broker(folder: Path) -> KafkaBroker | None:
    if os.environ.get(ADDRESS_VARIABLE):
        return None
    if missing := missing_parts():
        raise KafkaUnavailable(missing)
    return KafkaBroker(folder / "kafka").start()


def _let_faults_happen(
    crew: Crew, broker: KafkaBroker | None, experiment: Experiment, say: Callable[[str], None]
) -> None:
    began = time.monotonic()
    faults = plan(experiment.seed, experiment.duration, experiment.workers)
    while (second := time.monotonic() - began) < experiment.duration:
        if faults and faults[0].second <= second:
            say(f"{second:6.1f} s  {faults[0].fault} (worker {faults[0].worker})")
            crew.carry_out(faults.pop(0), broker)
        crew.look_after()
        time.sleep(0.1)


def _drain(crew: Crew, settings: Settings) -> None:
    """Wait until the ledger has as many rows as Kafka has records, or for as long as seems right."""
    expected = len(sent_records(settings))
    until = time.monotonic() + DRAIN_SECONDS
    while sum(states(settings).values()) < expected and time.monotonic() < until:
        crew.look_after()
        time.sleep(0.5)
