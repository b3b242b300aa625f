"""What a new deck changes, prefix by prefix, and what was called there."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.book.deck_diff import Change, ChangeKind, deck_changes
from pipeline.book.deck_report import deck_report
from pipeline.book.deck_traffic import Traffic, last_period, traffic_by_prefix
from pipeline.book.plus_one import is_covered
from schemas.reference import Rate, RateStatus
from tests.sql.views_over import views_over

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def _rate(prefix: str = "44", rate: str | None = "0.01", since: datetime = JANUARY, **more: Any) -> Rate:
    return Rate(
        row_id=f"{prefix}@{since:%m}", prefix=prefix, destination=more.pop("destination", "UK"), rate_per_minute=rate,
        effective_from=since, **more,
    )  # fmt: skip


BLOCKED = _rate(rate=None, status=RateStatus.BLOCKED)
UNPRICED = _rate(rate=None, status=RateStatus.UNPRICED)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ([], [_rate()], ChangeKind.NEW),
        ([_rate()], [], ChangeKind.CLOSED),
        ([_rate()], [_rate(rate="0.02")], ChangeKind.UP),
        ([_rate()], [_rate(rate="0.009")], ChangeKind.DOWN),
        ([_rate()], [_rate(connection_fee="0.1")], ChangeKind.UP),
        ([_rate()], [_rate(initial_seconds=1, next_seconds=1)], ChangeKind.STEPS),
        ([_rate()], [_rate(destination="Great Britain")], ChangeKind.NAME),
        ([_rate()], [BLOCKED], ChangeKind.BLOCKED),
        ([UNPRICED], [BLOCKED], ChangeKind.BLOCKED),
        ([], [BLOCKED], ChangeKind.BLOCKED),
        ([_rate()], [UNPRICED], ChangeKind.UNPRICED),
        ([BLOCKED], [_rate()], ChangeKind.OPENED),
    ],
)
def test_each_kind_of_change(old: list[Rate], new: list[Rate], kind: ChangeKind) -> None:
    """One prefix, one change."""
    assert [kind] == [change.kind for change in deck_changes(old, new)]


def test_no_difference() -> None:
    """A row with another name and date and the same price is no change; two spellings of a rate are no change of it."""
    assert [] == deck_changes([_rate()], [_rate(since=JUNE)])
    assert [] == deck_changes([_rate()], [_rate(rate="0.010")])


def test_what_prices_a_prefix_before_and_after() -> None:
    """A new prefix was priced by a shorter one; the numbers of a closed one fall back to it."""
    whole, london = _rate("44"), _rate("4420", "0.008")
    (new,) = deck_changes([whole], [whole, london])
    assert Change(ChangeKind.NEW, "4420", "", whole, london) == new
    (closed,) = deck_changes([whole, london], [whole])
    assert Change(ChangeKind.CLOSED, "4420", "", london, whole) == closed
    assert "UK" == closed.destination


@pytest.mark.parametrize(
    ("prefix", "shorter", "expected"),
    [
        ("1212", "1", True),  # New York
        ("1787", "1", True),  # Puerto Rico
        ("1416", "1", False),  # Toronto
        ("1242357", "1", False),  # the Bahamas
        ("1411", "1", False),  # a short code
        ("12", "1", True),
        ("1416555", "1416", True),
        ("4420", "44", True),
    ],
)
def test_what_a_shorter_prefix_prices(prefix: str, shorter: str, expected: bool) -> None:
    """Prefix 1 is the United States; any other prefix prices all below it."""
    assert expected == is_covered(prefix, shorter)


def test_prefix_1_does_not_take_over_a_closed_neighbour() -> None:
    """Without their own rows calls to Toronto have no price."""
    (closed,) = deck_changes([_rate("1"), _rate("1416")], [_rate("1")])
    assert (ChangeKind.CLOSED, None) == (closed.kind, closed.after)


def test_each_deck_is_taken_as_of_its_newest_row() -> None:
    """Or both as of an instant."""
    old = [_rate(effective_until=JUNE), _rate("44", "0.02", JUNE)]
    assert [ChangeKind.UP] == [change.kind for change in deck_changes([_rate()], old)]
    assert [] == deck_changes([_rate()], old, JANUARY)


def _call(offset: int, called: str, charge: str, **fields: Any) -> dict[str, Any]:
    return {"offset": offset, "called": called, "deck_id": "us", "call_seconds": 60, "charge": charge} | fields


def test_calls_are_counted_under_the_longest_prefix() -> None:
    """A call to London is one of 4420 if a deck has it; digits as dialled go by the prefix that priced them."""
    rows = views_over([
        _call(1, "+442079460100", "0.5"), _call(2, "+442079460101", "0.25"), _call(3, "+447700900123", "1"),
        _call(4, "02079460102", "2", prefix="44"), _call(5, "+442079460100", "9", deck_id="eu"),
        _call(6, "+442079460100", "9", period="2026-09"), _call(7, "+33123456789", "9"),
    ])  # fmt: skip
    assert "2026-10" == last_period(rows, "us")
    assert {"4420": Traffic(2, 120, Decimal("0.75")), "44": Traffic(2, 120, Decimal(3))} == traffic_by_prefix(
        rows, "us", "2026-10", ["44", "4420"]
    )
    assert last_period(rows, "other") is None


def test_a_report_names_what_may_surprise() -> None:
    """Rows without a rate are refused; Canada and the Caribbean are not priced by prefix 1."""
    report = deck_report([_rate("1", destination="US"), _rate("8816", None, status=RateStatus.UNPRICED)])
    assert (2, 1, 1) == tuple(report.figures[name] for name in ("rows", "priced", "unpriced"))
    assert ("0.01", "0.01", "60/60 2") == tuple(report.figures[name] for name in ("lowest", "highest", "increments"))
    unpriced, neighbours = report.warnings
    assert "calls to UK (8816) are refused" in unpriced
    assert "1204 CA" in neighbours
    assert [] == deck_report([_rate("44")]).warnings
