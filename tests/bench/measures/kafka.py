"""From raw JSON on Kafka to committed rows, broker and worker on one machine; and a plain Faust agent beside it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipeline.simulator.kafka import send_run
from tests.bench.measure import Measure
from tests.bench.stack import Stack, nodes, peak_memory_mb, processor_seconds, stack
from tests.simulator.runs import a_world

CALLS = int(os.environ.get("BENCH_CALLS", "1000000"))
PLAIN_EVENTS = 30_000
STEADY_RATE = 20_000
STEADY_SECONDS = 30


def _throughput(folder: Path) -> Mapping[str, float]:
    """Everything lies in Kafka before the worker starts; its start and its end are not measured."""
    with stack(folder) as one:
        sent = send_run(a_world("bench", sbcs=nodes(), calls=CALLS), one.kafka, None, lambda _: None)
        plain = _plain_agent(one)
        with one.worker() as worker:
            one.wait_for(lambda: one.rows() > 0)
            first, used = one.rows(), processor_seconds(worker)
            one.wait_for(lambda: one.rows() >= sent)
            used = processor_seconds(worker) - used
            speed = one.steady_speed()
            memory = peak_memory_mb(worker)
    return {
        "to ledger": speed,
        "of the worker's processor time": (sent - first) / used,
        "with a plain Faust agent": plain,
        "times faster": speed / plain,
        "peak memory, MB": memory,
    }


def _plain_agent(one: Stack) -> float:
    result = one.folder / "plain.txt"
    with one.process(sys.executable, "-m", "tests.bench.plain_agent", str(PLAIN_EVENTS), str(result)):
        one.wait_for(lambda: result.is_file() and bool(result.read_text()))
    one.ledger_url.rename(one.folder / "plain-ledger")
    return PLAIN_EVENTS / float(result.read_text())


def _latency(folder: Path) -> Mapping[str, float]:
    """20,000 a second for half a minute: from Kafka's stamp of a record to the commit that shows it."""
    with stack(folder) as one, one.worker():
        warm = send_run(a_world("bench", sbcs=nodes(), calls=1_000, seed=2), one.kafka, None, lambda _: None)
        one.wait_for(lambda: one.rows() >= warm)
        world = a_world("bench", sbcs=nodes(), calls=STEADY_RATE * STEADY_SECONDS)
        sent = warm + send_run(world, one.kafka, STEADY_RATE, lambda _: None)
        one.wait_for(lambda: one.rows() >= sent)
        latencies = one.latencies_ms()[warm:]
    return {"p50": float(np.percentile(latencies, 50)), "p99": float(np.percentile(latencies, 99))}


MEASURES = (
    Measure("kafka, CDR/s", _throughput, "", {"to ledger": 150_000, "times faster": 8}),
    Measure("produce to queryable at 20,000/s,", _latency, "ms", {"p99": 3_000}, "less"),
)
