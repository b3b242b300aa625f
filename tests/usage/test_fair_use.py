"""The fair-use trace of the example book's dispatch centre, worked out by hand."""

import json
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from pipeline.book import load_book
from pipeline.cli import app, channels
from pipeline.shipped import DATA
from pipeline.usage.fair_use import NoFairUse, allowance_sum, fair_use_trace
from tests.sql.views_over import views_over
from tests.usage.rows import included

BOOK = load_book(DATA / "book")
ALLOWANCE = 4_529_032
"""3,000 minutes x 60 x (20 channels x 15 days + 30 x 16) / 31 = 4529032.26 seconds, rounded down."""
CALLS = [included(2, 100, after=60), included(1, ALLOWANCE - 32), included(3, 7, after=90)]


def test_the_allowance_is_a_sum_that_a_clerk_can_check() -> None:
    """Twenty channels until the 15th of October, thirty from the 16th on."""
    trace = fair_use_trace(views_over(CALLS), BOOK, "heron-dispatch", "2026-10")
    assert ALLOWANCE == trace.fair_use.allowance_seconds
    assert (
        "(3000 min x 20 channels x 15 days + 3000 min x 30 channels x 16 days) / 31 days x 60 = 4529032 seconds, "
        "rounded down"
    ) == allowance_sum(trace)


def test_the_crossing_call_is_split_and_its_rest_is_metered() -> None:
    """32 seconds are left for the second call; 68 more are 72 in steps of six, 0.0075 x 72 / 60 = 0.009."""
    trace = fair_use_trace(views_over(CALLS), BOOK, "heron-dispatch", "2026-10")
    assert ["cdr-1", "cdr-2", "cdr-3"] == [call.cdr_id for call in trace.calls]
    crossing, last = trace.calls[1:]
    assert (32, 68, 0, 72, Decimal("0.009")) == (
        crossing.included_seconds, crossing.overage_seconds, crossing.left_seconds, crossing.billed_seconds,
        crossing.charge,
    )  # fmt: skip
    assert (0, 7, 12, Decimal("0.0015")) == (
        last.included_seconds, last.overage_seconds, last.billed_seconds, last.charge,
    )  # fmt: skip
    assert Decimal("0.0105") == trace.charge


def test_other_trunks_months_and_kinds_take_nothing() -> None:
    """Only included calls of this trunk and month use the allowance."""
    rows = [
        included(1, 60), included(2, 60, trunk_id="acme-branches"), included(3, 60, period="2026-09"),
        included(4, 60, charge_kind="METERED"),
    ]  # fmt: skip
    assert 60 == fair_use_trace(views_over(rows), BOOK, "heron-dispatch", "2026-10").fair_use.used_seconds


@pytest.mark.parametrize(
    ("trunk", "period", "reason"),
    [
        ("nobody", "2026-10", "The book has no trunk 'nobody'"),
        ("heron-drivers", "2026-10", "its plan metered-us is METERED"),
        ("heron-dispatch", "2025-10", "is not in service in 2025-10"),
    ],
)
def test_why_there_is_no_fair_use(trunk: str, period: str, reason: str) -> None:
    """An unknown trunk, a METERED plan, a month before the trunk."""
    with pytest.raises(NoFairUse, match=reason):
        fair_use_trace(views_over(), BOOK, trunk, period)


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(channels, "open_views", lambda _: views_over(CALLS))
    result = CliRunner().invoke(app, ["fair-use", *arguments, "--book", str(DATA / "book")])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --overage only the calls beyond the allowance, as JSON lines for scripts; the sums go to stderr."""
    code, out, err = _run(monkeypatch, "heron-dispatch", "2026-10", "--overage", "--json")
    assert 0 == code
    rows = [json.loads(line) for line in out.splitlines()]
    assert [("cdr-2", "0.009000000"), ("cdr-3", "0.001500000")] == [(row["cdr_id"], row["charge"]) for row in rows]
    assert "3 calls used 4529032 seconds, 0 are left; overage 75 seconds, 0.010500000" in err


def test_a_charge_of_nothing_is_written_in_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never as 0E-9."""
    _, out, _ = _run(monkeypatch, "heron-dispatch", "2026-10", "--json")
    assert "0.000000000" == json.loads(out.splitlines()[0])["charge"]


def test_the_command_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code 1 for a trunk without fair use, 2 for a month that is none."""
    assert 1 == _run(monkeypatch, "heron-drivers", "2026-10")[0]
    code, _, err = _run(monkeypatch, "heron-dispatch", "October")
    assert 2 == code
    assert "is not a month" in err
