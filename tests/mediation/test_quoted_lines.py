"""Lines are cut as Python's CSV reader cuts them, or not at all."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.quoted_lines import cut_lines


def cut(*lines: str, separator: str = ",", shapes_max: int = 8) -> list[list[str] | None]:
    """All values of each line; None where it is left to others."""
    found: list[list[str] | None] = [None] * len(lines)
    for group in cut_lines([line.encode() for line in lines], range(40), separator, shapes_max):
        assert list(range(group.width)) == sorted(group.values)
        rows = zip(*(group.values[place].to_pylist() for place in range(group.width)), strict=True)
        for line, row in zip(group.lines.tolist(), rows, strict=True):
            found[line] = list(row)
    return found


def test_lines_of_several_lengths() -> None:
    """With quotes and without, with separators inside of quotes, with empty values."""
    lines = ['a,"b",c', '"x,y",2,3', ",,", '"","",""', "1,2", '"one","two"']
    expected = [["a", "b", "c"], ["x,y", "2", "3"], ["", "", ""], ["", "", ""], ["1", "2"], ["one", "two"]]
    assert expected == cut(*lines)


def test_doubled_quotes_are_one() -> None:
    """Callers' names in Asterisk's own lines, beside lines without any."""
    lines = ['"a","""Jo"" <1001>","b"', '"a","Jo","b"', '"""","x","y"', '"c","d","e"""']
    expected = [["a", '"Jo" <1001>', "b"], ["a", "Jo", "b"], ['"', "x", "y"], ["c", "d", 'e"']]
    assert expected == cut(*lines)


def test_doubled_quotes_of_lines_of_another_length() -> None:
    """They belong to no value of the lines around them; two values of a line may hold some."""
    lines = ["a,b", '"x","""y""",z', '"p","q"', '"""r""","""s""",t', '"v","w"']
    expected = [["a", "b"], ["x", '"y"', "z"], ["p", "q"], ['"r"', '"s"', "t"], ["v", "w"]]
    assert expected == cut(*lines)


@pytest.mark.parametrize("line", [
    '"a","b', 'a"b,c', '"a"b,c', 'a,b"', '"a" ,b', ' "a",b', '"a","b""', 'J\u00f6rg,1', "a\tb,c", "a\x7f,b", "one", "",
    '""a"",b', 'a,""b"",c', "a,\x00",
])  # fmt: skip
def test_left_to_others(line: str) -> None:
    """Open quotes, quotes inside of values, accents and control characters; the lines around it are cut."""
    assert [["x", "y"], None, ["z", "1"]] == cut("x,y", line, "z,1")


def test_other_separators_and_other_backslashes() -> None:
    """A flat store is separated by bars; a backslash is a character as any other."""
    assert [["a,b", "\\N"]] == cut("a,b|\\N", separator="|")


def test_rare_numbers_of_values_are_left_to_others() -> None:
    """Only the most frequent ones are looked for, so that hostile lines cost no more than others."""
    assert [["a", "b"], ["c", "d"], None] == cut("a,b", "c,d", "e,f,g", shapes_max=1)


def test_no_lines() -> None:
    """Nothing is cut."""
    assert [] == cut()


@given(
    st.lists(st.lists(st.sampled_from(['"', ",", "a", "b", '""', '","', " "]), max_size=12).map("".join), max_size=5)
)
def test_whatever_is_cut_is_what_the_csv_reader_reads(lines: list[str]) -> None:
    """And every line without quotes that has more than one value is cut."""
    for line, values in zip(lines, cut(*lines), strict=True):
        if values is not None:
            assert [values] == list(csv.reader([line], strict=True))
        elif '"' not in line:
            assert "," not in line
