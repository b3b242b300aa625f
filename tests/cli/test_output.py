"""What commands print: a table for people, JSON lines for scripts, problems on stderr."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.output import WIDTH_OF_A_PIPE, byte_progress, fail, print_rows

Captured = pytest.CaptureFixture[str]


def cells(printed: str) -> list[list[str]]:
    """The lines of a table, heading first, as cells without the space around them."""
    lines = [line for line in printed.splitlines() if line.startswith(("┃", "│"))]
    return [[cell.strip() for cell in re.split("[┃│]", line)[1:-1]] for line in lines]


def test_a_table_has_a_heading_and_a_line_for_each_row(capsys: Captured) -> None:
    """Columns stand in the order of the first row; the title stands above."""
    print_rows([{"b": "x", "a": 1}, {"b": "y", "a": 20}], as_json=False, title="Two rows")
    printed = capsys.readouterr()
    assert [["b", "a"], ["x", "1"], ["y", "20"]] == cells(printed.out)
    assert "Two rows" == printed.out.splitlines()[0].strip()
    assert "" == printed.err


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (0, "0"),
        (-5, "-5"),
        (True, "True"),
        (Decimal("0.000000500"), "0.000000500"),
        (Decimal("0E-9"), "0.000000000"),
        (Decimal("0.0120"), "0.0120"),
        (Decimal("1234567.89"), "1234567.89"),
        (date(2026, 10, 1), "2026-10-01"),
        (datetime(2026, 10, 1, 12, 30, tzinfo=UTC), "2026-10-01 12:30:00+00:00"),
        ("Zürich", "Zürich"),
        ("[red]loud[/red]", "[red]loud[/red]"),
        ("[/]", "[/]"),
        ("a[b", "a[b"),
        (["f1", "f2"], "['f1', 'f2']"),
    ],
)
def test_values_are_printed_as_they_are(capsys: Captured, value: object, text: str) -> None:
    """Nothing is rounded, null is empty, and brackets are no markup."""
    print_rows([{"value": value}], as_json=False)
    assert [["value"], [text]] == cells(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (0, 0),
        (True, True),
        (Decimal("0.0120"), "0.0120"),
        (Decimal("1234567.890000000"), "1234567.890000000"),
        (Decimal("0.000000500"), "0.000000500"),
        (Decimal("0E-9"), "0.000000000"),
        (date(2026, 10, 1), "2026-10-01"),
        (datetime(2026, 10, 1, 12, 30, tzinfo=UTC), "2026-10-01 12:30:00+00:00"),
        ("Zürich \u202e", "Zürich \u202e"),
        ("\x1b[2J\n\x00", "\x1b[2J\n\x00"),
        (["f1"], ["f1"]),
        ({"a": Decimal("1.10")}, {"a": "1.10"}),
    ],
)
def test_json_keeps_every_value(capsys: Captured, value: object, text: object) -> None:
    """Money is text with all its digits, so that no reader makes a float of it."""
    print_rows([{"value": value}], as_json=True, title="is not printed")
    assert {"value": text} == json.loads(capsys.readouterr().out)


def test_json_is_one_object_a_line(capsys: Captured) -> None:
    """A line end within a value does not end the line; letters are themselves."""
    print_rows([{"a": "x\ny"}, {"a": "é"}], as_json=True)
    lines = capsys.readouterr().out.splitlines()
    assert ['{"a": "x\\ny"}', '{"a": "é"}'] == lines


def test_no_rows_are_a_sentence_for_people_and_nothing_for_scripts(capsys: Captured) -> None:
    """With the title, or without one."""
    print_rows([], as_json=False, title="Rejects")
    print_rows([], as_json=False)
    assert ["Rejects: nothing to show", "Result: nothing to show"] == capsys.readouterr().out.splitlines()
    print_rows([], as_json=True, title="Rejects")
    assert "" == capsys.readouterr().out


def test_rows_may_come_one_by_one(capsys: Captured) -> None:
    """A generator is read once."""
    rows: Iterator[Mapping[str, Any]] = ({"n": number} for number in range(3))
    print_rows(rows, as_json=False)
    assert [["n"], ["0"], ["1"], ["2"]] == cells(capsys.readouterr().out)


def test_numbers_stand_right_and_text_left(capsys: Captured) -> None:
    """A column with a null among numbers is one of numbers; one with a single text is not."""
    rows = [{"whole": 1, "some": None, "mixed": 1}, {"whole": 100, "some": 1.5, "mixed": "long"}]
    print_rows(rows, as_json=False)
    first = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("│"))
    assert "│     1 │      │ 1     │" == first


def test_a_table_in_a_pipe_is_never_wider_than_its_limit(capsys: Captured) -> None:
    """Long text goes on in the next line and no letter is lost; a number is never broken."""
    text = "0123456789" * 40
    print_rows([{"text": text, "number": 10**18}], as_json=False)
    printed = capsys.readouterr().out
    assert WIDTH_OF_A_PIPE >= max(len(line) for line in printed.splitlines())
    rows = cells(printed)[1:]
    assert text == "".join(row[0] for row in rows)
    assert str(10**18) == rows[0][1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("over\rwritten", "over\\x0dwritten"),
        ("back\x08\x08", "back\\x08\\x08"),
        ("nul\x00", "nul\\x00"),
        ("\x9b31m", "\\x9b31m"),
        ("\x7f", "\\x7f"),
    ],
)
def test_received_text_cannot_steer_the_terminal(capsys: Captured, value: str, text: str) -> None:
    """Control characters of a record are written out, in a table and in a message."""
    print_rows([{"value": value}], as_json=False)
    assert [["value"], [text]] == cells(capsys.readouterr().out)
    with pytest.raises(typer.Exit):
        fail(value)
    assert f"trunkline: {text}" == capsys.readouterr().err.strip()


@given(st.text(min_size=1, max_size=30))
def test_no_text_breaks_a_table(text: str) -> None:
    """Whatever a record holds, printing it ends and sends no escape sequence."""
    with pytest.MonkeyPatch.context() as patched:
        sent: list[str] = []
        patched.setattr("sys.stdout", type("Sink", (), {"write": sent.append, "flush": lambda: None, "encoding": ""}))
        print_rows([{"value": text}], as_json=False, title="Any")
    printed = "".join(sent)
    assert not set(printed) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))}


@pytest.mark.parametrize("code", [1, 2, 3])
def test_fail_says_why_and_ends_with_its_code(capsys: Captured, code: int) -> None:
    """On stderr, and nothing on stdout that a script could read as an answer."""
    with pytest.raises(typer.Exit) as ended:
        fail("The ledger [var/ledger] is gone.", code=code)
    assert code == ended.value.exit_code
    printed = capsys.readouterr()
    assert ("", "trunkline: The ledger [var/ledger] is gone.") == (printed.out, printed.err.strip())


def test_bad_input_is_what_fail_means_by_itself() -> None:
    """Code 2."""
    with pytest.raises(typer.Exit) as ended:
        fail("no")
    assert 2 == ended.value.exit_code


@pytest.mark.parametrize("total", [None, 0, 100])
def test_no_bar_is_drawn_into_a_pipe(capsys: Captured, total: int | None) -> None:
    """Whether or not the size is known; counting is harmless."""
    with byte_progress("Reading", total) as advance:
        advance(10)
    assert ("", "") == tuple(capsys.readouterr())
