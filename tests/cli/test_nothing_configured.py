"""Commands in an empty folder without settings: each says what is missing, and none of them ends in a traceback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.settings import load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file, no environment, and settings that are read anew."""
    for name in ("TRUNKLINE_CONFIG", "TRUNKLINE_BOOK_PATH", "TRUNKLINE_LEDGER_URL", "TRUNKLINE_TAX_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def run(line: str) -> Result:
    """`trunkline` with these words."""
    return CliRunner().invoke(app, line.split())


@pytest.mark.parametrize(
    "line",
    [
        "simulate",
        "close 2026-10",
        "rerate --note n",
        "number +442079460018",
        "quote --to +442079460018",
        "book check",
        "file rollback sbc1/a.csv --note n",
    ],
)
def test_a_book_is_asked_for(line: str) -> None:
    """Code 2, and what a book looks like."""
    done = run(line)
    assert (2, "") == (done.exit_code, done.stdout)
    said = " ".join(done.stderr.split())
    assert "book:1: found no folder, expected a folder with accounts.yaml" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("audit 2026-13", "is not a month. Write year and month, such as 2026-10."),
        ("capacity 10/2026", "is not a month. Write year and month, such as 2026-10."),
        ("fair-use t1 2026", "is not a month. Write year and month, such as 2026-10."),
        ("adjust a1 five --text t --reason r", "'five' is no amount. Write digits with a point, such as 5.00."),
        ("tax where x --on yesterday", "'yesterday' is no day. Write year, month and day"),
        ("tax quote 1.00 Madison --on 2026-10-01", "'Madison' is no US address. Write street, city, state and ZIP"),
        ("what-if --period 2026-10", "Nothing is asked: give --deck FILE, --plans FILE, or both."),
        ("report revenue", "Give the month with --period, such as --period 2026-10."),
        ("trunk list", "Name the account: --account ID."),
        ("trunk import missing.json --account a", "missing.json cannot be read as JSON"),
        ("invoice show TL-000009", "There is no invoice or note 'TL-000009'. None has been issued yet."),
        ("explain no-such-call", "No current row of var/ledger has a cdr_id that begins with no-such-call"),
        ("correct x --set colour=red --note n", "'colour=red' changes nothing. Write field=value with one of:"),
        ("key revoke k9", "There is no key 'k9'. `trunkline key list` shows which there are."),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(line: str, said: str) -> None:
    """Code 2, what was found and what to write, on stderr."""
    done = run(line)
    assert (2, "") == (done.exit_code, done.stdout)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line", ["sources --json", "file list --json", "invoice list --json", "key list --json"])
def test_an_empty_list_is_no_problem(line: str) -> None:
    """Code 0 and no line."""
    done = run(line)
    assert (0, "") == (done.exit_code, done.stdout)


def test_an_empty_ledger_adds_up() -> None:
    """No record, no row, and the balance is what it should be."""
    status = run("status --json")
    assert 0 == status.exit_code
    (row,) = [json.loads(line) for line in status.stdout.splitlines()]
    assert (0, 0, 0) == tuple(row[name] for name in ("received", "rated", "rejected"))
    assert 0 == run("ledger verify").exit_code


@pytest.mark.parametrize(
    ("line", "column", "known"),
    [("formats --json", "format", "asterisk_csv"), ("views --json", "view", "usage"), ("report --json", "report", "")],
)
def test_what_there_is_can_be_listed_without_data(line: str, column: str, known: str) -> None:
    """Formats, views, reports: each with a word about it."""
    done = run(line)
    assert 0 == done.exit_code
    rows = [json.loads(text) for text in done.stdout.splitlines()]
    assert len(rows) == len({row[column] for row in rows})
    assert known in {row[column] for row in rows} | {""}
