"""`python -m tests.chaos --seed 1 --duration 120`: break a running system at seeded moments and audit its ledger.

With `--month` a worker rates a simulated month from files, is killed at seeded moments, and its ledger is compared with
the truth.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from pipeline.simulator.audit import Audit
from tests.chaos.month import Month, run_month
from tests.chaos.run import Experiment, Report, run_chaos
from tests.kafka_broker import KafkaUnavailable


def main() -> None:
    """Run, print the counts, and end with 1 if the ledger differs from the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duration", type=float, default=120, help="seconds of load and faults")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=int, default=2000, help="events a second")
    parser.add_argument("--keep", type=Path, help="folder for ledger and logs, kept afterwards")
    parser.add_argument("--month", action="store_true", help="a simulated month from files, without Kafka")
    parser.add_argument("--calls", type=int, default=3_000_000, help="of the month")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    experiment = Experiment(asked.seed, asked.duration, asked.workers, asked.rate)
    with tempfile.TemporaryDirectory(prefix="trunkline-chaos-") as temporary:
        folder = asked.keep or Path(temporary)
        if asked.month:
            sys.exit(0 if print_audit(run_month(folder, Month(asked.seed, asked.calls), _say)) else 1)
        try:
            report = run_chaos(folder, experiment, _say)
        except KafkaUnavailable as problem:
            sys.exit(str(problem))
    print_report(report, asked.seed)
    sys.exit(0 if report.audit.is_clean else 1)


def print_report(report: Report, seed: int) -> None:
    """The counts, one line each."""
    found = report.audit
    _say(f"seed {seed}: {', '.join(f'{count} x {fault}' for fault, count in sorted(report.faults.items()))}")
    _say(f"{report.ended_by_themselves} workers ended by themselves, {report.gaps} gaps")
    _say(f"{found.records} records: {found.calls} calls, {found.duplicates} duplicates, {found.broken} broken")
    _say(f"{found.lost} lost, {found.twice} twice, {found.foreign} foreign, {found.differing} differing")


def print_audit(found: Audit) -> bool:
    """What differs from the truth; whether nothing does."""
    for row in [*found.differences, *found.gaps]:
        _say(str(row))
    records = sum(row["found"] for row in found.balance)
    _say(f"{records} records: {found.difference_count} differ from the truth, {len(found.gaps)} gaps differ")
    return not (found.difference_count or found.gaps)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
