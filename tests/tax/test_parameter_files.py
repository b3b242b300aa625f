"""Parameter files: what is refused, with its line, and how own values lie over shipped ones."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.tax.law_files import SHIPPED
from pipeline.tax.parameter_files import in_folder, load_parameters, overlay, read_parameter
from pipeline.tax.problems import FileProblem, TaxDataError
from rating.tax.parameters import DatedValue, Parameter, RateMissing
from rating.tax.terms import Mark
from tests.tax.public_data import public_file

HEAD = "description: a fee\nunit: USD_PER_LINE\ncitation: statute 1\n"


def a_file(*values: str, head: str = HEAD) -> str:
    """A parameter file with rows of values."""
    return head + "values:\n" + "".join(f"  - {{{value}}}\n" for value in values)


def problems_of(text: str) -> list[str]:
    """Every problem of a file, as printed."""
    with pytest.raises(TaxDataError) as caught:
        read_parameter(text, "us-xx/fee")
    return [str(problem) for problem in caught.value.problems]


def test_a_parameter_keeps_text_exactly() -> None:
    """Value, days, citation and mark; those of the file where the row has none."""
    parameter = read_parameter(
        a_file(
            "effective_from: 2024-01-01, effective_until: 2025-01-01, value: 0.10",
            'effective_from: 2025-01-01, value: "0.20", citation: statute 2, mark: M',
        ),
        "us-xx/fee",
    )
    assert (
        DatedValue(date(2024, 1, 1), date(2025, 1, 1), Decimal("0.10"), "statute 1", Mark.SOURCED),
        DatedValue(date(2025, 1, 1), None, Decimal("0.20"), "statute 2", Mark.UNCONFIRMED),
    ) == parameter.values
    assert ("us-xx/fee", "a fee", "USD_PER_LINE") == parameter[:3]


ONE = "effective_from: 2024-01-01"


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (
            a_file(f"{ONE}, valeu: 1, value: 1"),
            "5: found unknown key values.0.valeu",
            "one of effective_from, effective_until, value, citation, mark",
        ),
        (HEAD + "colour: red\n", "4: found unknown key colour", "one of description, unit, citation, mark, place"),
        (
            a_file("effective_from: 01.02.2024, value: 1"),
            "5: found '01.02.2024' for values.0.effective_from",
            "a day such as 2026-04-01",
        ),
        (a_file("effective_from: 2024-02-30, value: 1"), "5: found '2024-02-30'", "Input should be a valid date"),
        (a_file(f"{ONE}, value: 1e-3"), "5: found '1e-3' for values.0.value", "a decimal of digits"),
        (a_file(ONE), "5: found no values.0.value", "the key values.0.value"),
        (HEAD + "unit: USD\n", "4: found unit a second time", "each key once"),
        (
            a_file(f"{ONE}, effective_until: 2024-01-01, value: 1"),
            "5: found a period that ends 2024-01-01",
            "an end after 2024-01-01",
        ),
        (
            a_file(f"{ONE}, value: 1", "effective_from: 2025-01-01, value: 2"),
            "6: found a value from 2025-01-01",
            "a start not before the end of the value before it, open",
        ),
        (
            a_file(f"{ONE}, effective_until: 2024-06-01, value: 1", "effective_from: 2024-07-01, value: 2"),
            "6: found no value from 2024-06-01 to 2024-07-01",
            "no gap, or `gaps: allowed`",
        ),
        (HEAD + "values: [", "4: found expected the node content", "YAML; quote text that holds a colon"),
        ("", "1: found nothing", "the keys description, unit"),
    ],
)
def test_what_is_refused(text: str, found: str, expected: str) -> None:
    """Each problem names file, line, what was found and what was expected."""
    (problem,) = problems_of(text)
    assert problem.startswith(f"us-xx/fee.yaml:{found}")
    assert f"expected {expected}" in problem


def test_a_gap_may_be_allowed() -> None:
    """A number that nobody knows for some days."""
    rows = (
        "effective_from: 2024-01-01, effective_until: 2024-06-01, value: 1",
        "effective_from: 2024-07-01, value: 2",
    )
    parameter = read_parameter(a_file(*rows, head=HEAD + "gaps: allowed\n"), "us-xx/fee")
    assert isinstance(parameter.on(date(2024, 6, 15)), RateMissing)


def test_yaml_guesses_nothing() -> None:
    """A float, a base-60 number and a boolean word stay the text that was written."""
    parameter = read_parameter(a_file("effective_from: 2024-01-01, value: 0.1, citation: NO"), "us-xx/fee")
    assert (Decimal("0.1"), "NO") == (parameter.values[0].value, parameter.values[0].citation)


def test_all_files_are_read_before_the_load_fails(tmp_path: Path) -> None:
    """Two bad files give two problems."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("unit: BUSHEL\n")
    with pytest.raises(TaxDataError) as caught:
        load_parameters([tmp_path])
    assert {"a.yaml", "b.yaml"} == {problem.file for problem in caught.value.problems}


def test_a_long_list_of_problems_is_cut() -> None:
    """Twenty are shown, all are kept."""
    error = TaxDataError(FileProblem("file", line, "x", "y") for line in range(25))
    assert 25 == len(error.problems)
    assert "... and 5 more" == str(error).splitlines()[-1]


def test_own_values_lie_over_shipped_ones(tmp_path: Path) -> None:
    """A new quarter is one file with one value; what was shipped for other days stays."""
    (tmp_path / "own/us").mkdir(parents=True)
    (tmp_path / "shipped/us").mkdir(parents=True)
    (tmp_path / "shipped/us/rate.yaml").write_text(a_file("effective_from: 2026-01-01, value: 1"))
    row = "effective_from: 2026-04-01, effective_until: 2026-07-01, value: 2, citation: own"
    (tmp_path / "own/us/rate.yaml").write_text(a_file(row))
    found = load_parameters([tmp_path / "shipped", tmp_path / "own"])["us/rate"]
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert ["1", "2", "2", "1"] == [_value(found, day) for day in days]


def test_an_own_value_has_the_unit_of_the_shipped_one(tmp_path: Path) -> None:
    """A fee laid over a rate is a mistake."""
    for folder, unit in (("shipped", "FRACTION"), ("own", "USD_PER_LINE")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rate.yaml").write_text(f"description: rate\nunit: {unit}\ncitation: statute\n")
    with pytest.raises(TaxDataError, match=r"rate\.yaml:1: found unit USD_PER_LINE, expected FRACTION, as shipped"):
        load_parameters([tmp_path / "shipped", tmp_path / "own"])


START = date(2026, 1, 1)


@st.composite
def parameters(draw: st.DrawFn, value: str) -> Parameter:
    """A parameter with up to four periods that do not overlap; the last one may be open."""
    borders = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=8)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    ends: list[date | None] = [START + timedelta(days=end) for _, end in pairs]
    if draw(st.booleans()):
        ends[-1] = None
    rows = [
        DatedValue(START + timedelta(days=start), end, Decimal(value), "test")
        for (start, _), end in zip(pairs, ends, strict=True)
    ]
    return Parameter("us/rate", "rate", "FRACTION", tuple(rows))


@given(parameters("1"), parameters("2"))
def test_an_overlay_is_the_own_value_where_there_is_one(shipped: Parameter, own: Parameter) -> None:
    """Day by day; and the periods of the result never overlap."""
    merged = overlay(shipped, own)
    for offset in range(-1, 45):
        day = START + timedelta(days=offset)
        expected = _value(own, day) or _value(shipped, day)
        assert expected == _value(merged, day)
        assert sum(value.contains(day) for value in merged.values) <= 1


def _value(parameter: Parameter, day: date) -> str | None:
    found = parameter.on(day)
    return str(found.value) if isinstance(found, DatedValue) else None


def test_parameters_of_a_folder() -> None:
    """Only those directly in it, by the last part of their names."""
    one = Parameter("us-mn/sales/US-MN", "", "", ())
    other = Parameter("us-mn/sales/more/US-MN", "", "", ())
    assert {"US-MN": one} == in_folder({one.name: one, other.name: other}, "us-mn/sales")


def test_the_federal_factors_agree_with_the_published_table() -> None:
    """Each quarter: the same factor on its first and last day, and the number of the FCC notice in the citation."""
    factors = load_parameters([SHIPPED / "parameters"])["us/fusf/contribution_factor"]
    with public_file("fusf_factor.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for day in (row["effective_from"], row["effective_to"]):
            found = factors.on(date.fromisoformat(day))
            assert isinstance(found, DatedValue), day
            assert Decimal(row["contribution_factor"]) == found.value
            assert not row["source"].startswith("DA") or row["source"] in found.citation
    assert len(rows) == len(factors.values)


def test_no_factor_is_extrapolated() -> None:
    """The third quarter of 2026 is not known."""
    factors = load_parameters([SHIPPED / "parameters"])["us/fusf/contribution_factor"]
    assert isinstance(factors.on(date(2026, 7, 1)), RateMissing)


def test_every_shipped_number_has_a_source() -> None:
    """A citation of some length for each value; unconfirmed ones carry the mark."""
    for parameter in load_parameters([SHIPPED / "parameters"]).values():
        for value in parameter.values:
            assert len(value.citation) > 10, parameter.name
            assert ("no document at hand" in value.citation) <= (value.mark is Mark.UNCONFIRMED), parameter.name
            assert value.mark is not Mark.ILLUSTRATIVE, parameter.name
