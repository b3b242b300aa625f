"""Price lists: our own form, suppliers' headings by a layout, and everything that is wrong with a file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.book.price_list import read_layout, read_price_list, row_name
from pipeline.book.problems import BookFileError
from schemas.reference import RateStatus

DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
INTERVALS = """\
Destination,Prefix,First Interval,Sub Interval,Rate,Status,Start Date,End Date
UNITED STATES,1,6,6,0.0098,Current,2009-01-05 00:00:00,
UNITED STATES - PREMIUM,1900,60,60,,Current,2010-02-20 00:00:00,
"""


def _file(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _problems(path: Path, layout: Path | None = None) -> list[str]:
    with pytest.raises(BookFileError) as error:
        read_price_list(path, DECEMBER, layout)
    return [str(problem) for problem in error.value.problems]


def test_a_supplier_s_headings_are_recognised(tmp_path: Path) -> None:
    """The shipped layout of intervals; the supplier's own dates are not used."""
    prices = read_price_list(_file(tmp_path, INTERVALS), DECEMBER)
    assert "intervals" == prices.layout
    us = prices.rates[0]
    assert ("1", "UNITED STATES", "0.0098", 6, 6) == (
        us.prefix, us.destination, us.rate_per_minute, us.initial_seconds, us.next_seconds,
    )  # fmt: skip
    assert (DECEMBER, None, "1@2026-12-01") == (us.effective_from, us.effective_until, us.row_id)


def test_an_empty_rate_is_unpriced_and_never_free(tmp_path: Path) -> None:
    """1900 has no rate, so calls there are refused."""
    premium = read_price_list(_file(tmp_path, INTERVALS), DECEMBER).rates[1]
    assert (RateStatus.UNPRICED, None) == (premium.status, premium.rate_per_minute)


def test_our_own_form_may_leave_names_and_dates_out(tmp_path: Path) -> None:
    """A row with a later date of its own keeps it; an earlier one gives way to the start of the list."""
    text = (
        "prefix,destination,rate_per_minute,status,effective_from\n"
        "44,UK,0.01,,\n33,France,0.02,,2027-01-01T12:00:00Z\n49,Germany,0.03,,2026-01-01T00:00:00Z\n"
        "4470,UK - personal,,BLOCKED,\n"
    )
    prices = read_price_list(_file(tmp_path, text), DECEMBER)
    assert "trunkline" == prices.layout
    assert ["44@2026-12-01", "33@2027-01-01T12:00:00", "49@2026-12-01", "4470@2026-12-01"] == [
        rate.row_id for rate in prices.rates
    ]
    assert RateStatus.BLOCKED is prices.rates[3].status


def test_a_row_is_named_after_its_prefix_date_and_hours() -> None:
    """Rows of one prefix at other hours are rows of their own."""
    assert "44@2026-12-01" == row_name("44", DECEMBER)
    assert "44@2026-12-01 Mon-Fri 08:00-18:00 UTC" == row_name("44", DECEMBER, "Mon-Fri 08:00-18:00 UTC")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (INTERVALS + "UK,44,60,60,abc,Current,,\n",
         "list.csv:4: rate_per_minute: found abc, expected money in digits"),
        (INTERVALS + "UK,1,60,60,0.01,Current,,\n",
         "list.csv:4: 1@2026-12-01, row_id: found 1@2026-12-01 a second time, expected each one once"),
        (INTERVALS.replace("Status", "Quality"), "list.csv:1: header: found Quality, expected one of"),
        (INTERVALS.replace("Prefix", "Code"), "list.csv:1: header: found no prefix, expected the column prefix"),
        (INTERVALS + "UK,44,60,60\n", "list.csv:4: found 4 cells, expected 8"),
        ("", "list.csv:1: found nothing, expected a header line"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """Line, value, and what was expected."""
    found = _problems(_file(tmp_path, text))
    assert any(problem in line for line in found), found


def test_a_layout_of_one_s_own(tmp_path: Path) -> None:
    """Its headings are used whatever they are."""
    layout = _file(
        tmp_path, "columns: {prefix: Code, destination: Name, rate_per_minute: USD/min}\nignored: [Zone]\n", "own.yaml"
    )
    prices = read_price_list(_file(tmp_path, "Code,Name,Zone,USD/min\n44,UK,EU,0.01\n"), DECEMBER, layout)
    assert ("own", "44", "0.01") == (prices.layout, prices.rates[0].prefix, prices.rates[0].rate_per_minute)


def test_a_layout_names_fields_that_there_are(tmp_path: Path) -> None:
    """A mistake in the layout is shown with its line."""
    layout = _file(tmp_path, "columns:\n  prefix: Code\n  price: USD\n", "own.yaml")
    with pytest.raises(BookFileError, match=r"own.yaml:3: columns: found the field price, expected one of row_id"):
        read_layout(layout)
