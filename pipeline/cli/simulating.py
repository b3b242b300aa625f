"""Simulated traffic with a progress bar, and what is printed of it."""

from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.cli.output import problems
from pipeline.memory import use_common_memory
from pipeline.settings import KafkaSettings
from pipeline.simulator import Simulated, World, write_spool

_BAR = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def written(world: World, folder: Path, truth: Path | None) -> Simulated:
    """Write the files of a run."""
    use_common_memory()
    with Progress(*_BAR, console=problems, transient=True) as progress:
        task = progress.add_task("Simulating", total=world.profile.calls)
        return write_spool(world, folder, truth, lambda count: progress.advance(task, count))


def sent(world: World, kafka: KafkaSettings, rate: int | None, truth: Path | None) -> dict[str, Any]:
    """Send a run to Kafka, after its truth table is written."""
    from pipeline.simulator.kafka import send_run
    from pipeline.simulator.spool import write_truth

    use_common_memory()
    if truth is not None:
        write_truth(world, truth)
    with Progress(*_BAR, console=problems, transient=True) as progress:
        task = progress.add_task("Sending", total=None if world.profile.is_endless else world.profile.calls)
        count = send_run(world, kafka, rate, lambda done: progress.advance(task, done))
    return {"records": count, "servers": kafka.bootstrap_servers, "truth": "" if truth is None else str(truth)}


def simulated_row(result: Simulated) -> dict[str, Any]:
    """What is printed of a run."""
    return {
        "calls": result.calls,
        "records": result.records,
        "files": result.files,
        "faults": " ".join(f"{fault}:{count}" for fault, count in result.faults.items() if count) or "none",
        "truth": "" if result.truth is None else str(result.truth),
    }
