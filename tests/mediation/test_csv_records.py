"""Lines of separated values with the quotes that real sources write (R29, R47)."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Unreadable
from schemas.outcomes import RejectReason


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("", []),
        ("a", ["a"]),
        ("a,b,c", ["a", "b", "c"]),
        ("a,,c,", ["a", "", "c", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"say ""hello""",c', ['say "hello"', "c"]),
        ('"",""', ["", ""]),
        ('"a"', ["a"]),
    ],
)
def test_lines_that_follow_the_rules(line: str, values: list[str]) -> None:
    """RFC 4180 is read as it stands."""
    assert values == split_line(line)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ('2,""WIRELESS CALLER" <sip:1@h>;tag=x",3', ["2", "'WIRELESS CALLER' <sip:1@h>;tag=x", "3"]),
        ('2,"said "no" twice",3', ["2", "said 'no' twice", "3"]),
        ('"Desk 6" <1001>,x', ["'Desk 6' <1001>", "x"]),
        ('1,"Desk 6" <1001>,"x"', ["1", "'Desk 6' <1001>", "x"]),
        ('2,NULL,""User A" <1115>",1115', ["2", "NULL", "'User A' <1115>", "1115"]),
    ],
)
def test_inner_quotes_become_apostrophes(line: str, values: list[str]) -> None:
    """A quote that is not next to a comma or an end is part of a name; the number of columns stays right."""
    assert values == split_line(line)


@pytest.mark.parametrize("line", ['a,"b', '"', 'a,"b,c', '"never closed, and then more,,,'])
def test_unterminated_quote(line: str) -> None:
    """The record is rejected with where it ends; the next line is another record (R29)."""
    with pytest.raises(Unreadable, match="A quote is opened and not closed") as caught:
        split_line(line)
    assert RejectReason.BAD_QUOTE == caught.value.failure.reason


@pytest.mark.parametrize(("line", "reason"), [('a,"b', "TRUNCATED"), ('a,b,"c', "BAD_QUOTE"), ('a,"b,c', "BAD_QUOTE")])
def test_line_that_was_cut_within_a_quote(line: str, reason: str) -> None:
    """It ends before the columns that the shortest layout has; a whole line only forgot its quote (R29)."""
    with pytest.raises(Unreadable) as caught:
        split_line(line, columns_min=3)
    assert reason == caught.value.failure.reason


def test_other_separators() -> None:
    """Semicolons and tabs; a comma is then a character like others."""
    assert ["a", "b,c"] == split_line("a;b,c", ";")
    assert ["a", "b;c"] == split_line('a\t"b;c"', "\t")
    assert ["x", "'a' b"] == split_line('x|"a" b', "|")


@pytest.mark.parametrize(("count", "fits"), [(2_000, True), (2_001, False)])
def test_number_of_values_is_bounded(count: int, fits: bool) -> None:
    """2000 are read, 2001 are TOO_LONG (R54)."""
    line = "," * (count - 1)
    if fits:
        assert count == len(split_line(line))
        return
    with pytest.raises(Unreadable, match="2001 values, expected at most 2000") as caught:
        split_line(line)
    assert RejectReason.TOO_LONG == caught.value.failure.reason


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\n"), max_size=8), min_size=1)
)
def test_what_a_csv_writer_writes_is_read_back(values: list[str]) -> None:
    """Whatever the values hold, quotes and commas included."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(values)
    assert values == split_line(out.getvalue())


def values_or_reason(line: str) -> list[str] | RejectReason:
    """What a line comes to."""
    try:
        return split_line(line)
    except Unreadable as unreadable:
        return unreadable.failure.reason


@settings(deadline=None)
@given(st.text(st.sampled_from(list('",a b<>;\x00\\')), max_size=40))
def test_every_line_gives_values_or_a_reason(line: str) -> None:
    """No line of quotes, commas and NUL bytes does anything else, and no value comes from nowhere."""
    found = values_or_reason(line)
    assert found == RejectReason.BAD_QUOTE or len(found) <= line.count(",") + 1


@pytest.mark.parametrize("sign", ['"', '",', '""', '" "', 'a"b'])
def test_hostile_quotes_take_no_time(sign: str) -> None:
    """64 KiB of quotes are judged at once; no expression backtracks."""
    assert values_or_reason((sign * 65_536)[:65_535] + "x")
