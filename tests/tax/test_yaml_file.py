"""Strict YAML: text and nothing but text, every problem with its line, keys that are unknown, missing or repeated."""

from datetime import date
from decimal import Decimal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tax.problems import FileProblem, TaxDataError
from pipeline.tax.yaml_file import Day, Number, Record, line_at, read_record


class Row(Record):
    """One row of the file of this test."""

    name: str
    rate: Number | None = None
    start: Day | None = None


class Sheet(Record):
    """The file of this test."""

    title: str
    size: int = 0
    rows: tuple[Row, ...] = ()
    first: Row | None = None


def problems_of(text: str) -> list[str]:
    """What is wrong with a text, as printed."""
    with pytest.raises(TaxDataError) as caught:
        read_record(text, "sheet.yaml", Sheet)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("NO", "NO"), ("on", "on"), ("0.10", "0.10"), ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("0o17", "0o17"),
     ("~", "~"), ("null", "null"), ("2026-05-01", "2026-05-01"), ("''", ""), ('"a: b"', "a: b"), ("1e3", "1e3")],
)  # fmt: skip
def test_a_word_is_the_text_that_was_written(text: str, expected: str) -> None:
    """No truth value, float, sexagesimal or octal number, null or date is ever guessed."""
    assert expected == read_record(f"title: {text}", "sheet.yaml", Sheet).title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"),
        ("0.06875", "0.06875"),
        ("999999999.9999999999", "999999999.9999999999"),
        ("1.50", "1.50"),
        ("007", "7"),
    ],
)
def test_a_number_keeps_its_digits(text: str, expected: str) -> None:
    """Up to nine digits before the point and ten after it, zeros at the end included."""
    row = read_record(f"title: t\nfirst: {{name: a, rate: {text}}}", "sheet.yaml", Sheet).first
    assert row is not None
    assert expected == str(row.rate)


@pytest.mark.parametrize(
    "text",
    ["-1", "+1", ".5", "5.", "1e-3", "1,5", "1 000", "NaN", "Infinity", "0x10", "1_0", "0.12345678901", "1234567890"],
)
def test_what_is_no_number(text: str) -> None:
    """Signs, exponents, groups and words are refused, and a good number is shown."""
    (problem,) = problems_of(f"title: t\nfirst: {{name: a, rate: '{text}'}}")
    expected = "a decimal of digits with at most one point, such as 0.06875"
    assert f"sheet.yaml:2: found '{text}' for first.rate, expected {expected}" == problem


@pytest.mark.parametrize("text", ["2026-5-1", "01.05.2026", "2026-05", "20260501", "2026-05-01T00:00:00", "May 2026"])
def test_what_is_no_day(text: str) -> None:
    """Year, month and day with dashes and nothing else."""
    assert [f"sheet.yaml:2: found '{text}' for first.start, expected a day such as 2026-04-01"] == problems_of(
        f"title: t\nfirst: {{name: a, start: '{text}'}}"
    )


@pytest.mark.parametrize(("text", "is_good"), [("2028-02-29", True), ("2026-02-29", False), ("2026-13-01", False)])
def test_a_day_is_a_day_of_the_calendar(text: str, *, is_good: bool) -> None:
    """A leap day only in a leap year."""
    document = f"title: t\nfirst: {{name: a, start: {text}}}"
    if is_good:
        first = read_record(document, "sheet.yaml", Sheet).first
        assert first is not None
        assert date.fromisoformat(text) == first.start
    else:
        assert problems_of(document)[0].startswith(f"sheet.yaml:2: found '{text}' for first.start")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["sheet.yaml:1: found nothing, expected the keys title, size, rows, first"]),
        ("# only a remark\n", ["sheet.yaml:1: found nothing, expected the keys title, size, rows, first"]),
        ("size: 1", ["sheet.yaml:1: found no title, expected the key title"]),
        ("title: t\nsiez: 1", ["sheet.yaml:2: found unknown key siez, expected one of title, size, rows, first"]),
        ("title: t\n\nrows:\n- nmae: a\n", [
            "sheet.yaml:4: found no rows.0.name, expected the key rows.0.name",
            "sheet.yaml:4: found unknown key rows.0.nmae, expected one of name, rate, start",
        ]),
        ("title: t\ntitle: u", ["sheet.yaml:2: found title a second time, expected each key once"]),
        ("title: t\nrows:\n- {name: a}\n- name: b\n  rate: 1\n  rate: 2\n", [
            "sheet.yaml:6: found rate a second time, expected each key once",
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_and_where(text: str, expected: list[str]) -> None:
    """File, line, what was found, what was expected."""
    assert expected == problems_of(text)


def test_a_word_is_no_whole_number() -> None:
    """The key and the line are named."""
    (problem,) = problems_of("title: t\nsize: many")
    assert problem.startswith("sheet.yaml:2: found 'many' for size, expected")


def test_all_problems_of_a_file_are_listed() -> None:
    """A person corrects the file once, not once for each line."""
    lines = [problem.split(": ", 1)[0] for problem in problems_of(
        "title: t\nrows:\n- {name: a, rate: x}\n- {name: b, start: y}\n- {rate: 1}\n"
    )]  # fmt: skip
    assert ["sheet.yaml:3", "sheet.yaml:4", "sheet.yaml:5"] == lines


@pytest.mark.parametrize(
    "text", ["title: [", "title: {a", "title: 'open", "title: a: b", "title: t\n  size: 1", "\ttitle: t", "title: *x"]
)
def test_what_is_no_yaml(text: str) -> None:
    """One problem with the line that the parser stopped at, and the usual cause."""
    (problem,) = problems_of(text)
    assert problem.startswith("sheet.yaml:")
    assert problem.endswith("expected YAML; quote text that holds a colon")


@pytest.mark.parametrize("text", ["- a\n- b", "just words", "7"])
def test_a_file_is_a_record(text: str) -> None:
    """A list or a word is none."""
    assert 1 == len(problems_of(text))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("title",), 1),
        (("rows",), 4),
        (("rows", 0), 4),
        (("rows", 0, "name"), 4),
        (("rows", 1), 5),
        (("rows", 1, "rate"), 6),
        (("rows", 1, "start"), 5),
        (("rows", 9), 4),
        (("nothing",), 1),
    ],
)
def test_the_line_of_a_value(path: tuple[str | int, ...], line: int) -> None:
    """That of the value, else of the nearest thing around it."""
    text = "title: t\n# a remark\nrows:\n- {name: a}\n- name: b\n  rate: 0.5\n"
    assert line == line_at(text, path)


def test_a_record_is_never_changed() -> None:
    """What was read is what is used."""
    sheet = read_record("title: t", "sheet.yaml", Sheet)
    with pytest.raises(ValueError, match="frozen"):
        sheet.title = "u"  # type: ignore[misc]


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, st.decimals(0, 10**6, places=8), st.dates()), max_size=3))
def test_what_was_written_is_read(rows: list[tuple[str, Decimal, date]]) -> None:
    """Any text, number of up to ten decimals and day survive the file."""
    written = [{"name": name, "rate": f"{rate:f}", "start": str(day)} for name, rate, day in rows]
    sheet = read_record(yaml.safe_dump({"title": "t", "rows": written}), "sheet.yaml", Sheet)
    assert rows == [(row.name, row.rate, row.start) for row in sheet.rows]


def test_a_message_shows_twenty_problems_and_keeps_all() -> None:
    """A file of a thousand bad lines does not fill the screen."""
    error = TaxDataError(FileProblem("sheet.yaml", line, "x", "y") for line in range(1, 22))
    assert "sheet.yaml:20: found x, expected y\n... and 1 more" == "\n".join(str(error).splitlines()[-2:])
    assert 21 == len(error.problems)
