"""`trunkline book check` and `trunkline number`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.shipped import DATA
from tests.book.folders import PLANS, write_book

BOOK = str(DATA / "book")


def _run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_check_counts_what_a_book_holds() -> None:
    """The example book; its hash is that of every ledger row rated with it."""
    code, (row,), _ = _run("book", "check", BOOK)
    assert (0, 4, 10, 4, 488) == (code, row["accounts"], row["trunks"], row["decks"], row["area codes"])
    assert 64 == len(row["hash"])


def test_check_names_every_problem(tmp_path: Path) -> None:
    """Code 2, file and line, no traceback."""
    write_book(tmp_path, plans=PLANS.replace("METERED", "FLAT").replace("channel_fee: 0", "channel_fee: free"))
    code, rows, err = _run("book", "check", str(tmp_path))
    assert (2, []) == (code, rows)
    assert "plans.yaml:2: package: found FLAT" in err
    assert "plans.yaml:5: channel_fee: found free" in err


@pytest.mark.parametrize(
    ("arguments", "number", "number_class", "state", "code"),
    [
        (("2125550100",), "+12125550100", "US_LOWER48_DC", "NY", 0),
        (("4655550100", "--on", "2026-06-17"), "+14655550100", "UNKNOWN_NANP", None, 1),
        (("4655550100", "--on", "2026-06-18"), "+14655550100", "US_LOWER48_DC", "NY", 0),
        (("3614567890", "--country", "DE"), "+3614567890", "INTERNATIONAL", None, 0),
        (("00442079460123", "--trunk", "delta-berlin"), "+442079460123", "INTERNATIONAL", None, 0),
        (("5550100",), None, "INVALID", None, 1),
    ],
)
def test_a_number_is_read(
    arguments: tuple[str, ...], number: str | None, number_class: str, state: str | None, code: int
) -> None:
    """By the usual plan of a country or by a trunk's, as of a day; code 1 for what has no price."""
    found, (row,), _ = _run("number", *arguments, "--book", BOOK)
    assert (code, number, number_class, state) == (found, row["number"], row["number_class"], row["state"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("1", "--trunk", "nobody"), "The book has no trunk 'nobody'"),
        (("1", "--country", "Germany"), "'Germany' is no country"),
        (("1", "--on", "soon"), "'soon' is no day"),
        (("1", "--book", "nowhere"), "found no folder"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], message: str) -> None:
    """Code 2 and what to write instead."""
    code, _, err = _run("number", "--book", BOOK, *arguments)
    assert 2 == code
    assert message in " ".join(err.split())


@pytest.mark.parametrize(
    ("trunk", "dialled", "answer"),
    [
        ("heron-dispatch", "6085550199", "yes, within fair use"),
        ("heron-dispatch", "7124320100", "no, metered"),
        ("heron-dispatch", "4165550100", "no, metered"),
        ("heron-drivers", "6085550199", "no, METERED"),
    ],
)
def test_whether_the_plan_includes_it(trunk: str, dialled: str, answer: str) -> None:
    """A domestic number, a listed prefix, Canada; a METERED plan includes nothing."""
    _, (row,), _ = _run("number", dialled, "--trunk", trunk, "--on", "2026-10-01", "--book", BOOK)
    assert answer == row["in plan"]
