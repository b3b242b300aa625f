"""The published rating cases are exact through `rate_call` and `rate_batch`; every oracle file has its runner."""

import pytest

from tests.oracles import rating_cases
from tests.oracles.registry import INPUTS, ORACLES
from tests.oracles.tally import FOLDER, Difference, Tally, tally

if not FOLDER.is_dir():
    pytest.skip(f"TRUNKLINE_ORACLES: there is no folder {FOLDER}", allow_module_level=True)

pytestmark = pytest.mark.oracle
RATING = {name: run for name, run in ORACLES.items() if name.startswith(("rating_", "lpm_"))}


@pytest.mark.parametrize("name", RATING)
def test_every_case_is_exact(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """None is left out, and the line says how many there are."""
    found = RATING[name]()
    with capsys.disabled():
        print(f"\n{found.line(name)}", end=" ")  # noqa: T201 - the count is the result
    assert found.passes, found.wrong


def test_no_file_is_forgotten() -> None:
    """Every file of cases in the folder is run by `make oracles`."""
    files = {path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".json", ".jsonl"}}
    assert files == {*ORACLES, *INPUTS}


def test_cases_that_differ_are_wrong_once() -> None:
    """A case is exact if all its answers are; a wrong one is counted once and keeps its first difference."""
    found = tally([("a", 1, 1), ("a", 1, 1), ("b", 2, 3), ("b", 2, 4)], not_applicable=7)
    assert Tally(1, 7, [Difference("b", 2, 3)]) == found
    assert "x.csv: 1 exact, 7 not applicable, 1 wrong" == found.line("x.csv")
    assert not found.passes


def test_a_file_without_cases_does_not_pass() -> None:
    """No case is no proof."""
    assert not tally([]).passes


def test_a_wrong_expectation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid whose first cost is changed by a millionth has one wrong case."""
    rows = rating_cases.read_csv("rating_grid.csv")[:3]
    rows[0] = rows[0] | {"cost_12dp": f"{float(rows[0]['cost_12dp']) + 0.000001:.12f}"}
    monkeypatch.setattr(rating_cases, "read_csv", lambda _: rows)
    found = rating_cases.grid()
    assert (2, ["0"]) == (found.exact, [difference.case for difference in found.wrong])
