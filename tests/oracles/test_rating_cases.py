"""The published rating cases are exact through `rate_call` and `rate_batch`; every oracle file has its runner."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracles import __main__ as command
from tests.oracles import rating_cases
from tests.oracles.published_cases import published
from tests.oracles.registry import INPUTS, ORACLES
from tests.oracles.tally import FOLDER, Broken, Difference, Tally, tally
from tests.rating.cases import a_plan, a_rate

if not FOLDER.is_dir():
    pytest.skip(f"TRUNKLINE_ORACLES: there is no folder {FOLDER}", allow_module_level=True)

pytestmark = pytest.mark.oracle
RATING = {
    name: run for name, run in ORACLES.items() if name.startswith(("rating_", "lpm_")) and (FOLDER / name).is_file()
}
PUBLISHED = {
    "case_id": "c", "connect_fee": "0", "duration_s": "0", "rounding_method": "half_up", "decimals": "4",
    "peer_value": "0", "note": "[simple 1/1]",
}  # fmt: skip


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
    assert not files - {*ORACLES, *INPUTS}


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
    row = {"connect_fee": "0.02", "rate_per_min": "0.6", "initial_s": "60", "increment_s": "6", "duration_s": "61"}
    right = row | {"billed_s": "66", "cost_12dp": "0.680000000000"}
    rows = [right | {"cost_12dp": "0.680001000000"}, right, right | {"duration_s": "62"}]
    monkeypatch.setattr(rating_cases, "read_csv", lambda _: rows)
    found = rating_cases.grid()
    assert (2, ["0"]) == (found.exact, [difference.case for difference in found.wrong])


def test_a_case_that_no_deck_holds_spoils_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """An increment of no seconds breaks its own row only, and the row says what broke it."""
    row = {"connect_fee": "0", "rate_per_min": "0.6", "initial_s": "1", "increment_s": "1", "duration_s": "7"}
    right = row | {"billed_s": "7", "cost_12dp": "0.070000000000"}
    monkeypatch.setattr(rating_cases, "read_csv", lambda _: [right | {"increment_s": "0"}, right])
    found = rating_cases.grid()
    assert (1, ["0"]) == (found.exact, [difference.case for difference in found.wrong])
    assert isinstance(found.wrong[0].actual, Broken)


def test_a_file_that_breaks_a_book_is_asked_case_by_case() -> None:
    """Two rows of one prefix make no book; each of them alone does."""
    rate, plan = a_rate("0", "0.6", "1/1"), a_plan()
    cases = [rating_cases.Case("x", rate, plan, 1_000), rating_cases.Case("y", rate.model_copy(), plan, -1)]
    (first, twin), (second, _) = rating_cases.answers(cases)
    assert rating_cases.Answer(1, Decimal("0.010000")) == first == twin
    assert "NEG_DURATION" == second.reason


@pytest.mark.parametrize(
    ("rates", "row", "expected"),
    [
        ([("0", "0", 1, 1)], {"duration_s": "1", "connect_fee": "14.37", "decimals": "-1"}, "10"),
        ([("0", "0", 1, 1)], {"duration_s": "1", "connect_fee": "15", "decimals": "-1"}, "20"),
        ([("0", "0", 1, 1)], {"duration_s": "1", "connect_fee": "14", "decimals": "-1", "rounding_method": "up"}, "20"),
        # 5,000,000 units in steps of 10,240 are 489 steps = 5,007,360 units at 1 for 1,048,576.
        ([("0", "1", 1_048_576, 10_240)], {"duration_s": "5000000", "note": "[simple 10240/10240]"}, "4.7754"),
        ([("0", "1", 7, 7)], {"duration_s": "15", "note": "[simple 7/7]"}, "3"),
        # 49 steps of 102,400 are 5,017,600 units.
        ([("0", "0.1", 102_400, 102_400)], {"duration_s": "5000000", "note": "[tiered]"}, "4.9"),
        # 120 s: 60 s of the first price and none of the second, which is over before; then 60 s at 5 a minute.
        ([("0", "0.2", 60, 60), ("30", "0.1", 60, 1), ("50", "5", 60, 1)], {"duration_s": "120", "note": ""}, "5.2"),
    ],
)  # fmt: skip
def test_shapes_of_published_prices(
    rates: list[tuple[str, str, int, int]], row: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tens, units of data, steps longer than a day, pieces that the one before swallows."""
    names = ("from_second", "rate", "unit_seconds", "increment_seconds")
    intervals = [dict(zip(names, (int(since), *rest), strict=True)) for since, *rest in rates]
    rows = [PUBLISHED | row | {"rates": json.dumps(intervals), "expected_exact": expected}]
    monkeypatch.setattr(rating_cases, "read_csv", lambda _: rows)
    found = published()
    assert 1 == found.exact, found.wrong
    rows[0]["expected_exact"] += "1"
    assert ["c"] == [difference.case for difference in published().wrong]


def test_a_price_of_endless_digits_is_wrong_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of a unit an hour in steps of a second fits no deck."""
    rates = [{"from_second": 0, "rate": "1", "unit_seconds": 10_800, "increment_seconds": 1}]
    rows = [PUBLISHED | {"duration_s": "1", "rates": json.dumps(rates), "expected_exact": "0.0001"}]
    monkeypatch.setattr(rating_cases, "read_csv", lambda _: rows)
    (difference,) = published().wrong
    assert "no deck holds" in str(difference.actual)


def test_a_missing_or_broken_file_does_not_end_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The others run; the code says that something is wrong, or that a file is missing."""
    runs = {"good.csv": lambda: tally([("a", 1, 1)]), "broken.csv": lambda: tally([("a", 1, 1 // 0)])}
    monkeypatch.setattr(command, "ORACLES", runs)
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    for name in runs:
        (tmp_path / name).touch()
    assert 1 == command.main()
    assert "broken.csv: 0 exact, 0 not applicable, 1 wrong" in capsys.readouterr().out
    (tmp_path / "broken.csv").unlink()
    assert 2 == command.main()
    shown = capsys.readouterr().out
    assert "good.csv: 1 exact, 0 not applicable, 0 wrong" in shown
    assert "has no broken.csv" in shown
