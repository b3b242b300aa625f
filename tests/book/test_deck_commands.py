"""`trunkline deck`: what the commands print, write and answer."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.book import load_book
from pipeline.cli import app, deck
from pipeline.shipped import DATA
from tests.sql.views_over import views_over

OLD = "prefix,destination,rate_per_minute\n44,UK,0.01\n33,France,0.02\n"
NEW = "prefix,destination,rate_per_minute\n44,UK,0.03\n49,Germany,0.02\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A copy of the example book."""
    return Path(shutil.copytree(DATA / "book", tmp_path / "book"))


def _file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    result = CliRunner().invoke(app, ["deck", *arguments, "--json"])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_check_counts_and_warns(tmp_path: Path) -> None:
    """Figures on stdout, what may surprise on stderr, code 0."""
    code, (row,), err = _run("check", _file(tmp_path, "list.csv", OLD + "8816,Iridium,\n"))
    assert (0, 3, 1) == (code, row["rows"], row["unpriced"])
    assert "Iridium (8816)" in err


def test_check_names_every_problem(tmp_path: Path) -> None:
    """Code 2, and a line for each, without a traceback."""
    code, rows, err = _run("check", _file(tmp_path, "list.csv", OLD + "44x,UK,0.01\n49,Germany,much\n"))
    assert (2, []) == (code, rows)
    assert "list.csv:4: prefix" in err
    assert "list.csv:5: rate_per_minute" in err


def test_diff_without_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code 1 where something differs, 0 where nothing does."""
    monkeypatch.setattr(deck, "_has_ledger", lambda _: False)
    old, new = _file(tmp_path, "old.csv", OLD), _file(tmp_path, "new.csv", NEW)
    code, rows, err = _run("diff", old, new)
    assert 1 == code
    assert [("closed", "33"), ("up", "44"), ("new", "49")] == [(row["change"], row["prefix"]) for row in rows]
    assert ("0.01", "0.03") == (rows[1]["old rate"], rows[1]["new rate"])
    assert "calls" not in rows[0]
    assert "1 closed, 1 up, 1 new" in err
    assert (0, [], "Nothing changes\n") == _run("diff", old, old)


def test_diff_with_the_traffic_of_the_last_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The change that moves most money comes first."""
    call = {"deck_id": "old", "call_seconds": 60, "charge": "0.5"}
    calls = [{"offset": 1, "called": "+442079460100", **call}, {"offset": 2, "called": "+33123456789", **call},
             {"offset": 3, "called": "+442079460101", **call}]  # fmt: skip
    monkeypatch.setattr(deck, "_has_ledger", lambda _: True)
    monkeypatch.setattr(deck, "open_views", lambda _: views_over(calls))
    _, rows, _ = _run("diff", _file(tmp_path, "old.csv", OLD), _file(tmp_path, "new.csv", NEW))
    assert [("44", 2), ("33", 1), ("49", 0)] == [(row["prefix"], row["calls"]) for row in rows]


def test_import_closes_the_old_rows(book: Path) -> None:
    """447 costs 0.029 until the day of the list and 0.031 from then on; the book loads as before."""
    prices = _file(book.parent, "list.csv", "prefix,destination,rate_per_minute\n447,UK mobile,0.031\n")
    arguments = ("import", prices, "--deck", "us-outbound", "--from", "2026-12-01", "--book", str(book), "--amend")
    code, (row,), _ = _run(*arguments, "--dry-run")
    assert (0, 1, 39) == (code, row["changed"], row["left as it was"])
    assert 41 == len(load_book(book).decks["us-outbound"].rates)
    assert 0 == _run(*arguments)[0]
    rows = [rate for rate in load_book(book).decks["us-outbound"].rates if "447" == rate.prefix]
    assert [("0.0330", "2026-10-15"), ("0.0290", "2026-12-01"), ("0.031", "")] == [
        (rate.rate_per_minute, f"{rate.effective_until:%Y-%m-%d}" if rate.effective_until else "") for rate in rows
    ]


def test_import_makes_a_new_deck(book: Path) -> None:
    """Which no plan uses yet."""
    prices = _file(book.parent, "list.csv", OLD)
    assert 0 == _run("import", prices, "--deck", "wholesale", "--from", "2026-12-01T00:00:00Z", "--book", str(book))[0]
    assert 2 == len(load_book(book).decks["wholesale"].rates)


@pytest.mark.parametrize(
    ("since", "folder", "message"),
    [("December", "book", "is no time"), ("2026-12-01", "nowhere", "is no folder")],
)
def test_import_says_what_is_wrong(book: Path, since: str, folder: str, message: str) -> None:
    """A date that is none, a folder that is not there."""
    prices = _file(book.parent, "list.csv", OLD)
    code, _, err = _run("import", prices, "--deck", "d", "--from", since, "--book", str(book.parent / folder))
    assert 2 == code
    assert message in " ".join(err.split())
