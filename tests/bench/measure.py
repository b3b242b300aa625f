"""What a benchmark is: a name, a goal, and a function that measures on data of its own."""

import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Measure(NamedTuple):
    """One figure, or several of one run."""

    name: str
    run: Callable[[Path], Mapping[str, float] | float]
    """Measures in an empty folder; several figures have a name each. Raises Skipped."""
    unit: str
    goal: float | Mapping[str, float] | None = None
    better: Literal["more", "less"] = "more"


class Skipped(Exception):
    """A measure needs something that is not there; the text says what."""


class Figure(NamedTuple):
    """One measured value beside its goal."""

    name: str
    value: float
    unit: str
    goal: float | None
    better: str

    @property
    def of_goal(self) -> float | None:
        """How far the goal is met: 1 is just met, 2 is twice as good."""
        if self.goal is None or not self.value:
            return None
        return self.value / self.goal if self.better == "more" else self.goal / self.value


def figures_of(measure: Measure, folder: Path) -> list[Figure]:
    """Run a measure."""
    found = measure.run(folder)
    named = found.items() if isinstance(found, Mapping) else [("", found)]
    return [_figure(measure, name, value) for name, value in named]


def _figure(measure: Measure, name: str, value: float) -> Figure:
    goal = measure.goal.get(name) if isinstance(measure.goal, Mapping) else measure.goal
    return Figure(f"{measure.name} {name}".strip(), value, measure.unit, goal, measure.better)


def shown(figure: Figure) -> str:
    """`rate_batch    1,650,000 CDR/s   goal 1,500,000   1.10 of it`."""
    text = f"{figure.name:48} {_number(figure.value):>14} {figure.unit:10}"
    if figure.goal is None:
        return text.rstrip()
    ratio = figure.of_goal or 0.0
    return f"{text} goal {_number(figure.goal):>10}   {ratio:6.2f} of it{'' if ratio >= 1 else '   missed'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def context() -> dict[str, object]:
    """The machine, how busy it is, and the commit."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip() or "unknown",
        "machine": f"{platform.machine()} {_processor()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def append_results(file: Path, figures: Iterable[Figure], about: Mapping[str, object]) -> None:
    """One JSON line for each figure."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        for figure in figures:
            out.write(json.dumps({**about, **figure._asdict()}) + "\n")


def chosen(measures: Sequence[Measure], names: Sequence[str]) -> list[Measure]:
    """The measures whose names begin with one of these; all without any."""
    return [measure for measure in measures if not names or any(measure.name.startswith(name) for name in names)]
