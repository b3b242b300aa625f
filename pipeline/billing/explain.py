"""How a line of a document came about: every figure with what it was made from, and the calls behind it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.billing.errors import UnknownDocument, UnknownLine
from pipeline.billing.invoice import exact_text
from pipeline.billing.issuing import Issued
from pipeline.billing.schema import LineKind
from pipeline.billing.snapshot import Snapshot, query
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings
from rating.tax.explain import Step

_TAX_ROUNDINGS = {
    "AGGREGATE": "the taxes of the state summed, rounded half up, handed back by largest remainder",
    "PER_JURISDICTION": "rounded half up, once for this document, jurisdiction and tax",
    "CAPPED": "rounded down, once for this document: the charge may not exceed its cap",
}
_DOCUMENTS = "FROM billing_documents ORDER BY sequence"
_LINES = "FROM billing_lines WHERE document_id = $number ORDER BY line_no"


class Explained(NamedTuple):
    """The steps of a line in order, and the calls that it sums."""

    steps: tuple[Step, ...]
    calls: tuple[Mapping[str, Any], ...]


def open_snapshot(settings: Settings) -> Snapshot:
    """Both tables as they are now. Raises LedgerError."""
    return Snapshot(
        UsageLedger.open(settings.ledger_url, settings.storage_options),
        BillingTable.open(settings.ledger_url, settings.storage_options),
    )


def documents(snapshot: Snapshot) -> list[Issued]:
    """All documents in the order of their numbers."""
    return [Issued.of(dict(row)) for row in snapshot.select(_DOCUMENTS)]


def document_named(snapshot: Snapshot, number: str) -> Issued:
    """One document. Raises UnknownDocument."""
    found = documents(snapshot)
    for document in found:
        if document.document_id == number:
            return document
    raise UnknownDocument(number, found[-1].document_id if found else None)


def explain_line(snapshot: Snapshot, number: str, line_no: int) -> Explained:
    """The steps of one line. Raises UnknownDocument or UnknownLine."""
    document_named(snapshot, number)
    lines = list(snapshot.select(_LINES, {"number": number}))
    line = next((line for line in lines if line["line_no"] == line_no), None)
    if line is None:
        raise UnknownLine(number, line_no, len(lines))
    steps = tuple(_steps(line))
    if line["kind"] not in _OF_CALLS:
        return Explained(steps, ())
    calls = snapshot.select(query("line_calls"), {"number": number, "line_no": line_no})
    return Explained(steps, tuple({name: _text(value) for name, value in call.items()} for call in calls))


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return exact_text(value) if isinstance(value, Decimal) else value


_OF_CALLS = frozenset({LineKind.USAGE, LineKind.INCLUDED, LineKind.FREE, LineKind.OVERAGE})


def _steps(line: Mapping[str, Any]) -> Iterator[Step]:
    yield Step("service period", line["service_period"])
    kind = LineKind(line["kind"])
    if kind is LineKind.CHANNEL_FEE:
        yield from _fee_steps(line)
    elif kind is LineKind.TAX:
        yield from _tax_steps(line)
    elif kind is LineKind.ADJUSTMENT:
        yield Step("adjustment", line["text"], f"decided by {line['author']}: {line['reason']}")
    else:
        yield from _call_steps(line)
    if line["tax_group"] is not None:
        yield Step("taxed as", line["tax_group"], "address, class, scope, taxing state, month of the service")
    yield Step("amount", str(line["amount"]))


def _fee_steps(line: Mapping[str, Any]) -> Iterator[Step]:
    days = f"{line['effective_from']} to {line['effective_until']} (exclusive)"
    yield Step("price of a channel", exact_text(line["unit_price"]), f"plan {line['plan_id']}")
    yield Step("channels", str(line["channel_limit"]), f"channel limit of {line['trunk_id']}")
    yield Step("days", f"{line['days']} of {line['days_in_period']}", days)
    exact = f"{exact_text(line['unit_price'])} x {line['channel_limit']} x {line['days']} / {line['days_in_period']}"
    yield Step("fee", exact, "the trunk's sum is rounded half up once and handed back to its days by largest remainder")


def _call_steps(line: Mapping[str, Any]) -> Iterator[Step]:
    yield Step("calls", str(line["calls"]), "see the calls below")
    yield Step("call seconds", str(line["call_seconds"]), "whole seconds before increments")
    yield Step("billed seconds", str(line["billed_seconds"]), "after increments")
    if line["rate_per_minute"] is not None:
        yield Step("rate a minute", exact_text(line["rate_per_minute"]), f"{line['destination']}, {line['direction']}")
    yield Step("exact amount", exact_text(Decimal(line["amount_exact"])), "sum of the charges in the ledger")
    yield Step("rounded", str(line["amount"]), "half up to cents, once for all parts of this line on all documents")


def _tax_steps(line: Mapping[str, Any]) -> Iterator[Step]:
    yield Step("tax", line["text"], f"{line['tax_id']} of {line['jurisdiction']} ({line['jurisdiction_id']})")
    yield Step("base", exact_text(line["base"]), line["rule_citation"])
    if line["exempt_reason"] is not None:
        yield Step("exempt", exact_text(line["exempt"]), f"certificate: {line['exempt_reason']}")
    if line["rate"] is not None:
        yield Step("rate", exact_text(line["rate"]), f"{line['rate_citation']} (mark {line['mark']})")
    yield Step("tax point", str(line["tax_point"]), f"law {line['law_version'][:16]}")
    yield Step("exact tax", exact_text(line["tax_unrounded"]))
    yield Step("rounding", line["rounding"], _TAX_ROUNDINGS[line["rounding"]])
