"""`make bench`: run the measures, print each figure beside its goal, and append them to benchmarks/results.jsonl.

A measure is a `Measure` in the list MEASURES of a module in `tests/bench/measures`. `python -m tests.bench simulator
decode` runs those whose names begin so. Memory comes from where workers take it.
"""

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from pipeline.memory import use_common_memory
from tests.bench.measure import ROOT, Figure, Measure, Skipped, append_results, chosen, context, figures_of, shown

RESULTS = ROOT / "benchmarks" / "results.jsonl"


def all_measures() -> list[Measure]:
    """Every measure of every module, in the order of their names."""
    names = sorted(path.stem for path in Path(__file__).parent.joinpath("measures").glob("*.py"))
    modules = [import_module(f"tests.bench.measures.{name}") for name in names]
    return [measure for module in modules for measure in module.MEASURES]


def main() -> None:
    """Run the chosen measures; a measure that cannot run says why and does not end the others."""
    parser = argparse.ArgumentParser(description="Measure Trunkline; every figure beside its goal.")
    parser.add_argument("names", nargs="*", help="only measures whose names begin so")
    parser.add_argument("--list", action="store_true", help="list the measures")
    arguments = parser.parse_args()
    measures = chosen(all_measures(), arguments.names)
    if arguments.list:
        sys.stdout.writelines(f"{measure.name} ({measure.unit})\n" for measure in measures)
        return
    use_common_memory()
    about = context()
    print(f"{about['machine']}, {about['cores']} cores, load {about['load']}, commit {about['commit']}\n")  # noqa: T201
    for measure in measures:
        append_results(RESULTS, _measured(measure), about)


def _measured(measure: Measure) -> list[Figure]:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder:
        try:
            figures = figures_of(measure, Path(folder))
        except Skipped as skipped:
            print(f"{measure.name:48} not measured: {skipped}", flush=True)  # noqa: T201
            return []
    for figure in figures:
        print(shown(figure), flush=True)  # noqa: T201
    print(f"{'':48} ({time.monotonic() - begun:.1f} s)", file=sys.stderr, flush=True)  # noqa: T201
    return figures


if __name__ == "__main__":
    main()
