"""What the PDF shows: the document's figures as text, in the order of the page. The template only places them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from pipeline.billing.document import BilledCharge, BilledTax, BilledTrunk, InvoiceDocument
from pipeline.billing.documents import words
from pipeline.billing.schema import LineKind

Paper = Literal["a4", "us-letter"]
_COUNTED = frozenset({LineKind.USAGE, LineKind.FREE})
_FEE_TYPES = frozenset({"E911_STATE", "E911_LOCAL", "I988", "PPP"})


def view_of(document: InvoiceDocument, paper: Paper, calls: Sequence[Sequence[str]] = ()) -> dict[str, Any]:
    """Everything that the template needs, as text."""
    names = {trunk.trunk_id: trunk.name for trunk in document.trunks}
    charges = document.charges
    return {
        "paper": paper,
        "title": words.TITLES[document.document_type],
        "number": document.number,
        "corrects": document.corrects,
        "account": document.customer.account_id,
        "issued": words.day(document.issued_on),
        "due": words.day(document.due_on),
        "period": words.days(document.period.first_day, document.period.end_day),
        "zone": document.period.time_zone,
        "currency": document.currency,
        "seller": document.seller.model_dump(mode="json"),
        "customer": document.customer.model_dump(mode="json"),
        "total": words.money(document.totals.total),
        "summary": list(_summary(document)),
        "trunks": [_trunk(trunk) for trunk in document.trunks],
        "fees": [_fee(line, names) for line in charges if line.kind is LineKind.CHANNEL_FEE],
        "plans": [_plan(trunk, charges) for trunk in document.trunks if trunk.included_seconds is not None],
        "overage": [_call_line(line, names) for line in charges if line.kind is LineKind.OVERAGE],
        "usage": list(_usage(document, names)),
        "adjustments": [_adjustment(line) for line in charges if line.kind is LineKind.ADJUSTMENT],
        "taxes": [_tax(tax) for tax in document.taxes],
        "tax_total": words.money(document.totals.taxes),
        "notes": list(document.notes),
        "calls": [list(row) for row in calls],
        "digest": document.calls.model_dump(),
        "call_count": words.count(document.calls.count),
        "previous": document.previous_sha256,
        "law": document.law_version,
    }


def _summary(document: InvoiceDocument) -> Iterable[list[str]]:
    totals = document.totals
    rows = [
        ("Plan fees", totals.plan_fees),
        ("Usage", totals.usage),
        ("Minutes beyond plans", totals.overage),
        ("Adjustments", totals.adjustments),
    ]
    yield from ([label, words.money(amount)] for label, amount in rows if amount != "0.00")
    yield ["Charges before tax", words.money(totals.net)]
    yield ["Taxes, fees and surcharges", words.money(totals.taxes)]


def _trunk(trunk: BilledTrunk) -> dict[str, str]:
    return {
        "name": trunk.name,
        "id": trunk.trunk_id,
        "type": words.TRUNK_TYPES.get(trunk.trunk_type, trunk.trunk_type),
        "package": words.PACKAGES.get(trunk.package, trunk.package),
        "plan": trunk.plan_id,
        "address": trunk.service_address,
        "channels": words.count(trunk.channel_limit),
        "calls": words.count(trunk.calls),
        "amount": words.money(trunk.amount),
    }


def _fee(line: BilledCharge, names: dict[str, str]) -> list[str]:
    first, end = line.effective_from, line.effective_until
    days = "" if first is None or end is None else words.days(first, end)
    return [
        names.get(line.trunk_id or "", line.trunk_id or ""), days, f"{line.days} of {line.days_in_period}",
        words.count(line.channel_limit or 0), words.money(line.unit_price or "0"), words.money(line.amount),
    ]  # fmt: skip


def _plan(trunk: BilledTrunk, charges: Iterable[BilledCharge]) -> list[str]:
    included = trunk.included_seconds or 0
    within = trunk.used_seconds - trunk.overage_seconds
    own = (line for line in charges if line.kind is LineKind.INCLUDED and line.trunk_id == trunk.trunk_id)
    return [
        trunk.name,
        words.count(sum(line.calls for line in own)),
        words.minutes(included),
        words.minutes(within),
        words.minutes(max(included - within, 0)),
        words.minutes(trunk.overage_seconds),
    ]


def _usage(document: InvoiceDocument, names: dict[str, str]) -> Iterable[dict[str, Any]]:
    """Usage by trunk, and by month of service where some of it is late."""
    lines = [line for line in document.charges if line.kind in _COUNTED]
    lines.sort(key=_trunk_and_month)
    for (trunk_id, service_period), group in groupby(lines, key=_trunk_and_month):
        rows = list(group)
        is_late = service_period != document.period.name
        calls, minutes, amount = _figures(rows)
        yield {
            "trunk": names.get(trunk_id, trunk_id),
            "late": words.month(service_period) if is_late else None,
            "rows": list(_printed_lines(rows)),
            "calls": calls,
            "minutes": minutes,
            "amount": amount,
        }


def _trunk_and_month(line: BilledCharge) -> tuple[str, str]:
    return line.trunk_id or "", line.service_period


def _printed_lines(lines: Iterable[BilledCharge]) -> Iterable[list[str]]:
    """Lines that differ only in what tax looks at are one row of the page; cents are summed, not rounded again."""
    for _, group in groupby(sorted(lines, key=_place_on_page), key=_place_on_page):
        alike = list(group)
        yield [*_place(alike[0]), *_figures(alike)]


def _place_on_page(line: BilledCharge) -> tuple[str, ...]:
    order = list(words.DIRECTIONS)
    direction = str(order.index(line.direction)) if line.direction in order else ""
    rate = Decimal(line.rate_per_minute or "0")
    return direction, line.destination or "", line.call_scope or "", f"{rate:020.9f}"


def _call_line(line: BilledCharge, names: dict[str, str]) -> list[str]:
    return [names.get(line.trunk_id or "", line.trunk_id or ""), *_place(line), *_figures([line])]


def _place(line: BilledCharge) -> list[str]:
    rate = "" if line.rate_per_minute is None else line.rate_per_minute
    direction, scope = words.DIRECTIONS.get(line.direction or "", ""), words.SCOPES.get(line.call_scope or "", "")
    return [words.charge_name(line), direction, scope, rate]


def _figures(lines: Sequence[BilledCharge]) -> list[str]:
    """Calls, minutes and amount of these lines."""
    return [
        words.count(sum(line.calls for line in lines)),
        words.minutes(sum(line.billed_seconds for line in lines)),
        words.money(_sum(line.amount for line in lines)),
    ]


def _adjustment(line: BilledCharge) -> list[str]:
    return [line.text or "", line.reason or "", words.money(line.amount)]


def _tax(tax: BilledTax) -> list[str]:
    is_fee = tax.tax_type in _FEE_TYPES
    base = words.count(int(tax.base.partition(".")[0])) if is_fee else words.money(tax.base)
    rate = "" if tax.rate is None else words.fee(tax.rate) if is_fee else words.percent(tax.rate)
    remark = "" if tax.exempt_reason is None else f"exempt: {tax.exempt_reason}"
    mark = "" if tax.mark == "S" else tax.mark
    return [tax.label, tax.jurisdiction, remark, base, rate, mark, words.money(tax.amount)]


def _sum(amounts: Iterable[str]) -> str:
    return str(sum((Decimal(amount) for amount in amounts), Decimal("0.00")))
