"""The harness of `make bench`."""

import json
from pathlib import Path

import pytest

from tests.bench.__main__ import all_measures
from tests.bench.measure import Figure, Measure, append_results, chosen, context, figures_of, shown


def _measure(value, goal=None, better="more") -> Measure:
    return Measure("speed", lambda folder: value, "CDR/s", goal, better)


def test_a_figure_stands_beside_its_goal(tmp_path: Path):
    """165,000 of 150,000 is 1.1 of the goal; half of it is missed."""
    (met,) = figures_of(_measure(165_000, 150_000), tmp_path)
    assert "165,000 CDR/s" in shown(met)
    assert "1.10 of it" in shown(met)
    (missed,) = figures_of(_measure(75_000, 150_000), tmp_path)
    assert shown(missed).endswith("0.50 of it   missed")


def test_less_may_be_better(tmp_path: Path):
    """A load time of 0.5 s is twice as good as a goal of 1 s."""
    (figure,) = figures_of(_measure(0.5, 1.0, "less"), tmp_path)
    assert 2.0 == figure.of_goal


def test_a_measure_may_have_several_figures(tmp_path: Path):
    """Each has its name, and its goal where there is one."""
    figures = figures_of(_measure({"a": 1.0, "b": 2.0}, {"a": 4.0}), tmp_path)
    assert [("speed a", 0.25), ("speed b", None)] == [(figure.name, figure.of_goal) for figure in figures]
    assert "goal" not in shown(figures[1])


def test_results_are_appended_with_machine_and_commit(tmp_path: Path):
    """One JSON line for each figure of each run."""
    file = tmp_path / "results.jsonl"
    for value in (1.0, 2.0):
        append_results(file, [Figure("speed", value, "CDR/s", None, "more")], context())
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [1.0, 2.0] == [line["value"] for line in lines]
    assert {"machine", "commit", "cores", "load", "python", "at"} < set(lines[0])


def test_measures_are_chosen_by_their_beginning():
    """All without a name."""
    measures = [_measure(1.0), Measure("decode", lambda folder: 1.0, "CDR/s")]
    assert measures == chosen(measures, [])
    assert ["decode"] == [measure.name for measure in chosen(measures, ["dec"])]


def test_every_area_is_measured():
    """The names are different; the goals of the specification are there."""
    measures = all_measures()
    names = [measure.name for measure in measures]
    assert len(names) == len(set(names))
    goals = {measure.name: measure.goal for measure in measures}
    assert {"a second": 500_000} == goals["simulator, native events to files,"]
    assert 1_500_000 == goals["rate_batch, deck of 30,000 prefixes"]
    assert {"to ledger": 150_000, "times faster": 8} == goals["kafka, CDR/s"]
    assert {"p99": 3_000} == goals["produce to queryable at 20,000/s,"]


@pytest.mark.bench
@pytest.mark.slow
@pytest.mark.parametrize("measure", all_measures(), ids=lambda measure: measure.name)
def test_measures_run(measure: Measure, tmp_path: Path):
    """Each measure gives figures above zero."""
    assert all(figure.value > 0 for figure in figures_of(measure, tmp_path))
