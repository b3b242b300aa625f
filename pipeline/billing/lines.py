"""Lines of a document: charges that are alike, summed, and rounded to cents once.

A line that continues an earlier one (late calls of a month that was billed) is rounded so that all its parts together
are the rounded sum: cents = round(earlier + now) - earlier cents. So the order in which calls arrive changes no total.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact
from typing import Any, NamedTuple

from pipeline.billing.schema import LineKind

CENT = Decimal("0.01")
ZERO = Decimal(0)
NO_CENTS = Decimal("0.00")
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)
_EXACT = Context(prec=60, traps=[Inexact])


class LineKey(NamedTuple):
    """What calls and charges must have in common to stand on one line."""

    kind: str
    service_period: str
    trunk_id: str | None = None
    plan_id: str | None = None
    address_id: str | None = None
    direction: str | None = None
    destination: str | None = None
    destination_country: str | None = None
    rate_per_minute: Decimal | None = None
    charge_class: str | None = None
    call_scope: str | None = None
    taxing_state: str | None = None
    is_at_ppu: bool | None = None


class Sums(NamedTuple):
    """What is summed over the calls of a line; amounts are exact."""

    calls: int = 0
    call_seconds: int = 0
    billed_seconds: int = 0
    amount_exact: Decimal = ZERO
    amount: Decimal = NO_CENTS

    def plus(self, other: "Sums", sign: int = 1) -> "Sums":
        """Add or subtract, figure by figure, without rounding."""
        return Sums(
            self.calls + sign * other.calls,
            self.call_seconds + sign * other.call_seconds,
            self.billed_seconds + sign * other.billed_seconds,
            _signed_sum(self.amount_exact, other.amount_exact, sign),
            _signed_sum(self.amount, other.amount, sign),
        )

    @property
    def is_nothing(self) -> bool:
        """Nothing to show: no calls and no money."""
        return not (self.calls or self.call_seconds or self.amount_exact or self.amount)


Balances = dict[LineKey, Sums]
"""Lines by their key."""


class Line(NamedTuple):
    """One line of a document. Fields are those of the table `billing`, which describes them."""

    line_no: int
    kind: str
    service_period: str
    trunk_id: str | None = None
    plan_id: str | None = None
    address_id: str | None = None
    direction: str | None = None
    destination: str | None = None
    destination_country: str | None = None
    rate_per_minute: Decimal | None = None
    charge_class: str | None = None
    call_scope: str | None = None
    taxing_state: str | None = None
    is_at_ppu: bool | None = None
    calls: int = 0
    call_seconds: int = 0
    billed_seconds: int = 0
    days: int | None = None
    days_in_period: int | None = None
    channel_limit: int | None = None
    unit_price: Decimal | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    amount_exact: Decimal = ZERO
    amount: Decimal = NO_CENTS
    text: str | None = None
    tax_group: str | None = None
    tax_id: str | None = None
    tax_type: str | None = None
    level: str | None = None
    jurisdiction_id: str | None = None
    jurisdiction: str | None = None
    base: Decimal | None = None
    exempt: Decimal | None = None
    exempt_reason: str | None = None
    rate: Decimal | None = None
    tax_unrounded: Decimal | None = None
    tax_point: date | None = None
    compliance_period: str | None = None
    rounding: str | None = None
    rule_citation: str | None = None
    rate_citation: str | None = None
    mark: str | None = None
    law_version: str | None = None
    adjustment_id: str | None = None
    author: str | None = None
    reason: str | None = None

    @property
    def key(self) -> LineKey:
        """What it has in common with the parts of it on other documents."""
        return LineKey(*(getattr(self, name) for name in LineKey._fields))


def _signed_sum(left: Decimal, right: Decimal, sign: int) -> Decimal:
    return _EXACT.add(left, right) if sign > 0 else _EXACT.subtract(left, right)


def exact_sum(left: Decimal, right: Decimal) -> Decimal:
    """The sum with every digit, whatever the ambient decimal context. decimal.Inexact beyond 60 digits."""
    return _EXACT.add(left, right)


def to_cents(amount: Decimal) -> Decimal:
    """Cents, halves away from zero; what rounds to nothing has no sign."""
    return _EXACT.add(amount.quantize(CENT, context=_HALF_UP), ZERO)


def sum_cents(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of whole cents."""
    return sum(amounts, NO_CENTS)


def key_of(row: Mapping[str, Any]) -> LineKey:
    """The key of a summed row."""
    return LineKey(**{name: row[name] for name in LineKey._fields})


def sums_of(row: Mapping[str, Any]) -> Sums:
    """The figures of a summed row; cents are those of an issued line, else nothing yet."""
    return Sums(
        row["calls"], row["call_seconds"], row["billed_seconds"], row["amount_exact"], row.get("amount") or NO_CENTS
    )  # fmt: skip


def difference(now: Mapping[LineKey, Sums], before: Mapping[LineKey, Sums]) -> Balances:
    """What has changed between two sums of the same lines; lines that have not changed are left out."""
    keys = now.keys() | before.keys()
    changes = {key: now.get(key, Sums()).plus(before.get(key, Sums()), -1) for key in keys}
    return {key: change for key, change in changes.items() if not change._replace(amount=NO_CENTS).is_nothing}


def in_cents(change: Sums, before: Sums) -> Decimal:
    """The cents of a further part of a line: what the whole line is in cents now, less what was asked for already."""
    return _EXACT.subtract(to_cents(_EXACT.add(before.amount_exact, change.amount_exact)), before.amount)


def lines_of(changes: Mapping[LineKey, Sums], before: Mapping[LineKey, Sums], first: int) -> list[Line]:
    """Number the lines, in the order in which a document shows them, and round each once."""
    lines = []
    for line_no, key in enumerate(sorted(changes, key=_order), first):
        change = changes[key]
        amount = in_cents(change, before.get(key, Sums()))
        lines.append(Line(line_no, **key._asdict())._replace(**change._replace(amount=amount)._asdict()))
    return lines


def _order(key: LineKey) -> tuple[str, ...]:
    kind = str(list(LineKind).index(LineKind(key.kind)))
    return kind, *("" if value is None else str(value) for value in key[1:])
