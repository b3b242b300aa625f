"""Lines of a document: what is summed together, and how the cents of a line and of its parts are rounded."""

from decimal import Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.billing.earlier import EarlierLines, add
from pipeline.billing.lines import (
    Line,
    LineKey,
    Sums,
    difference,
    exact_sum,
    in_cents,
    key_of,
    lines_of,
    sum_cents,
    sums_of,
    to_cents,
)

NANOS = st.decimals(min_value=-1000, max_value=1000, places=9)
USAGE = LineKey("USAGE", "2026-10", "t1", "p1")


def sums(amount: str, calls: int = 1, asked: str = "0.00") -> Sums:
    """So many calls of a minute each, of this exact amount."""
    return Sums(calls, 60 * calls, 60 * calls, Decimal(amount), Decimal(asked))


@pytest.mark.parametrize(
    ("exact", "cents"),
    [
        ("0", "0.00"),
        ("0.004999999", "0.00"),
        ("0.005", "0.01"),
        ("0.014999999", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("2.675", "2.68"),
        ("1.005", "1.01"),
        ("-0.004999999", "0.00"),
        ("-0.005", "-0.01"),
        ("-1.005", "-1.01"),
        ("-2.674999999", "-2.67"),
        ("999999999999.995", "1000000000000.00"),
    ],
)
def test_cents_are_rounded_half_away_from_zero(exact: str, cents: str) -> None:
    """A half cent goes up, one of a credit goes down, and a billion-th below a half stays."""
    assert cents == str(to_cents(Decimal(exact)))


@given(NANOS)
def test_rounding_is_the_nearest_cent_and_symmetric(amount: Decimal) -> None:
    """Never more than half a cent away; a credit is the mirror of a charge."""
    assert Decimal("0.005") >= abs(to_cents(amount) - amount)
    assert -to_cents(amount) == to_cents(-amount)


def test_rounding_ignores_the_ambient_context() -> None:
    """Three digits of precision and truncation elsewhere change no cent."""
    with localcontext(prec=3, rounding="ROUND_DOWN"):
        assert Decimal("12345.68") == to_cents(Decimal("12345.675"))
        assert Decimal("12345.675000001") == exact_sum(Decimal("12345.675"), Decimal("0.000000001"))


def test_a_sum_that_would_lose_a_digit_is_an_error() -> None:
    """Sixty digits fit; the sixty-first is not dropped in silence."""
    assert Decimal("1" + "0" * 49 + ".0000000001") == exact_sum(Decimal("1e49"), Decimal("1e-10"))
    with pytest.raises(Inexact):
        exact_sum(Decimal("1e49"), Decimal("1e-11"))


def test_cents_of_no_lines_are_nothing() -> None:
    """Zero with two decimals, as a document shows it."""
    assert "0.00" == str(sum_cents([]))
    assert "0.30" == str(sum_cents([Decimal("0.10"), Decimal("0.20")]))
    assert "-0.05" == str(sum_cents([Decimal("0.10"), Decimal("-0.15")]))


def test_sums_add_figure_by_figure() -> None:
    """2 calls of 0.012 and 3 of 0.0345: 5 calls, 300 s, 0.0465; taken back again, the first two are left."""
    both = sums("0.012", 2, "0.01").plus(sums("0.0345", 3, "0.03"))
    assert Sums(5, 300, 300, Decimal("0.0465"), Decimal("0.04")) == both
    assert sums("0.012", 2, "0.01") == both.plus(sums("0.0345", 3, "0.03"), -1)


@pytest.mark.parametrize(
    ("found", "nothing"),
    [
        (Sums(), True),
        (Sums(calls=1), False),
        (Sums(call_seconds=1), False),
        (Sums(amount_exact=Decimal("0.000000001")), False),
        (Sums(amount=Decimal("-0.01")), False),
        (Sums(amount_exact=Decimal("0.000000000"), amount=Decimal("0.00")), True),
    ],
)
def test_nothing_is_no_calls_and_no_money(found: Sums, nothing: bool) -> None:
    """A billionth is something."""
    assert nothing is found.is_nothing


@pytest.mark.parametrize(
    ("earlier", "asked", "now", "cents"),
    [
        ("0", "0.00", "0.004", "0.00"),
        ("0.004", "0.00", "0.004", "0.01"),  # 0.008 is 0.01, nothing was asked for
        ("0.008", "0.01", "0.004", "0.00"),  # 0.012 is 0.01, which was asked for already
        ("0.012", "0.01", "0.003", "0.01"),  # 0.015 is 0.02
        ("0.006", "0.01", "-0.006", "-0.01"),  # taken back whole
        ("0.006", "0.01", "-0.002", "-0.01"),  # 0.004 is 0.00
        ("1.23", "1.23", "0", "0.00"),
        ("0", "0.00", "-0.005", "-0.01"),
    ],
)
def test_a_further_part_asks_for_what_is_missing(earlier: str, asked: str, now: str, cents: str) -> None:
    """round(earlier + now) less the cents of before."""
    assert Decimal(cents) == in_cents(sums(now), sums(earlier, asked=asked))


@given(st.lists(NANOS, max_size=8))
def test_parts_never_drift(amounts: list[Decimal]) -> None:
    """After every further part, the cents asked for so far are the rounding of the exact sum so far."""
    whole = Sums()
    for amount in amounts:
        change = Sums(1, 1, 1, amount)
        cents = in_cents(change, whole)
        whole = whole.plus(change._replace(amount=cents))
        assert to_cents(whole.amount_exact) == whole.amount


def test_only_what_has_changed_is_a_difference() -> None:
    """One line grew by two calls, one is gone, one is new, one is as it was."""
    same, grown, gone, new = (USAGE._replace(destination=name) for name in ("same", "grown", "gone", "new"))
    before = {same: sums("1"), grown: sums("1"), gone: sums("0.5", 2)}
    now = {same: sums("1"), grown: sums("1.2", 3), new: sums("0.07")}
    expected = {
        grown: Sums(2, 120, 120, Decimal("0.2")),
        gone: Sums(-2, -120, -120, Decimal("-0.5")),
        new: Sums(1, 60, 60, Decimal("0.07")),
    }
    assert expected == difference(now, before)


def test_cents_that_were_asked_for_are_no_difference() -> None:
    """What the ledger says has no cents yet; a document of before has. The calls are the same."""
    assert {} == difference({USAGE: sums("1.234")}, {USAGE: sums("1.234", asked="1.23")})


def test_a_call_moved_to_another_rate_is_two_lines() -> None:
    """A line of one rate loses the call, a line of another rate gets it."""
    old, new = (USAGE._replace(rate_per_minute=Decimal(rate)) for rate in ("0.01", "0.02"))
    change = difference({new: sums("0.02")}, {old: sums("0.01")})
    assert {old: Decimal("-0.01"), new: Decimal("0.02")} == {key: found.amount_exact for key, found in change.items()}


def test_lines_stand_in_the_order_of_their_kinds() -> None:
    """Usage, included, free, overage: not the order of the alphabet. Numbers go on from the fees."""
    kinds = ["OVERAGE", "FREE", "INCLUDED", "USAGE"]
    lines = lines_of({LineKey(kind, "2026-10"): sums("0.01") for kind in kinds}, {}, 3)
    assert [(3, "USAGE"), (4, "INCLUDED"), (5, "FREE"), (6, "OVERAGE")] == [(line.line_no, line.kind) for line in lines]


def test_lines_of_a_kind_stand_by_month_and_trunk() -> None:
    """A late month comes first, then trunk by trunk; a line without a trunk stands before those that have one."""
    places = [("2026-10", "t2"), ("2026-10", None), ("2026-09", "t2"), ("2026-10", "t1")]
    lines = lines_of({LineKey("USAGE", month, trunk): sums("0.01") for month, trunk in places}, {}, 1)
    expected = [("2026-09", "t2"), ("2026-10", None), ("2026-10", "t1"), ("2026-10", "t2")]
    assert expected == [(line.service_period, line.trunk_id) for line in lines]


def test_a_line_is_rounded_once_and_not_call_by_call() -> None:
    """Three lines of 0.004 make three times 0.00; one line of all three makes 0.01."""
    apart = lines_of({USAGE._replace(destination=name): sums("0.004") for name in "abc"}, {}, 1)
    together = lines_of({USAGE: sums("0.012", 3)}, {}, 1)
    assert (Decimal("0.00"), Decimal("0.01")) == tuple(
        sum_cents(line.amount for line in lines) for lines in (apart, together)
    )


def test_a_line_keeps_its_key_and_its_figures() -> None:
    """What calls have in common is on the line, and the line gives it back."""
    key = LineKey(
        "USAGE", "2026-10", "t1", "p1", "h1", "OUTBOUND", "Germany", "DE", Decimal("0.0123"), "USAGE_OUTBOUND",
        "INTERNATIONAL", "US-WI", True,
    )  # fmt: skip
    (line,) = lines_of({key: Sums(2, 61, 66, Decimal("0.01353"))}, {}, 7)
    assert key == line.key
    assert (7, 2, 61, 66) == (line.line_no, line.calls, line.call_seconds, line.billed_seconds)
    assert (Decimal("0.01353"), Decimal("0.01")) == (line.amount_exact, line.amount)


def test_a_row_of_sql_becomes_key_and_figures() -> None:
    """A summed row has no cents, or null ones; a line of a document has them."""
    row = LineKey("FREE", "2026-10", "t1")._asdict() | {
        "calls": 4, "call_seconds": 40, "billed_seconds": 60, "amount_exact": Decimal(0), "other": "ignored",
    }  # fmt: skip
    assert LineKey("FREE", "2026-10", "t1") == key_of(row)
    assert Sums(4, 40, 60, Decimal(0), Decimal("0.00")) == sums_of(row) == sums_of(row | {"amount": None})
    assert Decimal("1.20") == sums_of(row | {"amount": Decimal("1.20")}).amount


def test_sums_of_earlier_documents_add_up() -> None:
    """An invoice of two calls and its note that takes one back: one call is left. Tax and fees are no calls."""
    key = USAGE._asdict()
    invoice = Line(1, **key)._replace(calls=2, amount_exact=Decimal("0.02"), amount=Decimal("0.02"))
    note = Line(1, **key)._replace(calls=-1, amount_exact=Decimal("-0.01"), amount=Decimal("-0.01"))
    others = [Line(2, "TAX", "2026-10"), Line(3, "CHANNEL_FEE", "2026-10"), Line(4, "ADJUSTMENT", "2026-10")]
    earlier = EarlierLines({}, {"TL-000001": [invoice, note, *others], "TL-000002": [invoice]})
    assert {USAGE: Sums(1, 0, 0, Decimal("0.01"), Decimal("0.01"))} == earlier.of_calls("TL-000001")
    assert {} == earlier.of_calls("TL-000009")


def test_adding_changes_the_sums_in_place() -> None:
    """A known line grows, an unknown one is put there."""
    other = USAGE._replace(trunk_id="t2")
    balances = {USAGE: sums("1")}
    add(balances, {USAGE: sums("0.5"), other: sums("2")})
    assert {USAGE: sums("1.5", 2), other: sums("2")} == balances


def test_accounts_do_not_share_what_they_had() -> None:
    """Two accounts without earlier documents are two values."""
    first, second = EarlierLines.none(), EarlierLines.none()
    add(first.whole, {USAGE: sums("1")})
    assert {} == second.whole
