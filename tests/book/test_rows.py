"""Rows of YAML and CSV files: where each value stands, and what is wrong with a row."""

import pytest

from pipeline.book.csv_rows import CsvForm, read_csv
from pipeline.book.models import path_name
from pipeline.book.problems import SHOWN, BookFileError, FileProblem
from pipeline.book.yaml_rows import read_record, read_rows
from schemas.reference import Account, AreaCode, DialPlan, Trunk
from tests.book.folders import TRUNKS

TWO = "- account_id: a\n  name: A\n- account_id: b\n  name: B\n"


def test_rows_of_a_list_with_their_lines() -> None:
    """A row begins at its first key, and each value has the line it stands on."""
    found = read_rows(TWO, "accounts.yaml", Account)
    assert ["a", "b"] == [row.account_id for row in found.rows]
    assert [1, 3] == [lines[()] for lines in found.lines]
    assert 4 == found.lines[1]["name",]


def test_lines_of_values_within_a_value() -> None:
    """The limit of a list in a list."""
    found = read_rows(TRUNKS, "trunks.yaml", Trunk)
    assert 11 == found.lines[0]["channel_limits", 0, "channel_limit"]
    assert 12 == found.lines[0]["source_hosts", 0]


@pytest.mark.parametrize("text", ["", "# nothing but a remark\n", "[]"])
def test_an_empty_file_is_an_empty_list(text: str) -> None:
    """A book without trunks is a book."""
    assert ([], [], []) == read_rows(text, "trunks.yaml", Trunk)


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_an_empty_value_leaves_its_field_out(nothing: str) -> None:
    """So the default holds; in quotes it is a text."""
    found = read_rows(f"- account_id: a\n  name: A\n  time_zone: {nothing}\n", "accounts.yaml", Account)
    assert "UTC" == found.rows[0].time_zone
    quoted = read_rows("- account_id: a\n  name: ''\n", "accounts.yaml", Account)
    assert "" == quoted.rows[0].name


def test_good_rows_beside_bad_ones_are_read() -> None:
    """One problem does not hide what else there is."""
    found = read_rows(TWO + "- account_id: c\n  naem: C\n", "accounts.yaml", Account)
    assert 2 == len(found.rows)
    assert ["no name", "the unknown key naem"] == [problem.found for problem in found.problems]
    assert [5, 6] == [problem.line for problem in found.problems]


def test_a_list_of_texts_is_a_tuple() -> None:
    """As the models hold it, and a text in its place is refused with words."""
    assert ("011",) == read_record('international_prefixes: ["011"]', "plan.yaml", DialPlan).rows[
        0
    ].international_prefixes
    found = read_record("international_prefixes: '011'", "plan.yaml", DialPlan)
    assert "plan.yaml:1: international_prefixes: found 011, expected a list" == str(found.problems[0])


def test_keys_of_an_inner_record_are_named() -> None:
    """An unknown key of a dial plan is told those of a dial plan."""
    text = TRUNKS + "  dial_plan: {default_cuntry: US}\n"
    (problem,) = read_rows(text, "trunks.yaml", Trunk).problems
    assert "found the unknown key default_cuntry, expected one of default_country, international_prefixes" in str(
        problem
    )


def test_csv_rows_with_their_lines() -> None:
    """Empty lines are nothing, and a quoted cell may hold a comma."""
    text = 'area_code,number_class,country,source\n212,US_LOWER48_DC,US,"NANPA, 2026"\n\n416,CANADA,CA,\n'
    found = read_csv(text, "codes.csv", AreaCode)
    assert (["212", "416"], [2, 4]) == ([row.area_code for row in found.rows], found.lines)
    assert ["NANPA, 2026", ""] == [row.source for row in found.rows]


def test_csv_of_another_form() -> None:
    """Headings of somebody else, a column that is not read, and a field that is supplied."""
    form = CsvForm(
        {"NPA": "area_code", "Note": None}, frozenset({"country"}), lambda values: {**values, "country": "CA"}
    )
    found = read_csv("NPA,number_class,Note\n416,CANADA,old\n", "codes.csv", AreaCode, form)
    assert ([], "416", "CA") == (found.problems, found.rows[0].area_code, found.rows[0].country)


def test_lines_end_as_they_may() -> None:
    """Files of other systems end lines with carriage return and line feed."""
    found = read_csv("area_code,number_class,country\r\n212,X,US\r\n", "codes.csv", AreaCode)
    assert "US" == found.rows[0].country


def test_a_path_is_written_with_points() -> None:
    """As the problem shows it."""
    assert "channel_limits.0.channel_limit" == path_name(("channel_limits", 0, "channel_limit"))


def test_the_message_shows_the_first_fifty() -> None:
    """In order of file and line; `problems` has all."""
    problems = [FileProblem("b.yaml", line, "x", "1", "2") for line in range(SHOWN + 5, 0, -1)]
    error = BookFileError("book", problems)
    lines = str(error).splitlines()
    assert "The book in book has 55 problems:" == lines[0]
    assert "  b.yaml:1: x: found 1, expected 2" == lines[1]
    assert "  ... and 5 more" == lines[-1]
    assert 55 == len(error.problems)
    assert "The book in book has 1 problem:" == str(BookFileError("book", problems[:1])).splitlines()[0]
