"""Tax of a document: its lines become the charges of a tax request, and the taxes become further lines.

Charges that are taxed alike are summed to one group first (address, class, scope, taxing state, month of the service);
the group keeps the exact amount and the printed cents, and a tax line names the groups that it stems from. The service
date of a group, for rules that ask for it instead of the bill date, is the first day of its month, as for fees.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pipeline.billing.lines import Line, sum_cents
from pipeline.billing.months import Month
from pipeline.billing.schema import LineKind
from pipeline.tax.provider import Provider
from rating.tax.explain import unsourced
from rating.tax.invoice import tax_invoice
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import TaxLine, TaxResult, TaxStop
from rating.tax.terms import CallScope, ChargeClass

UNTAXED = frozenset({LineKind.INCLUDED, LineKind.FREE, LineKind.TAX})


class Bill(NamedTuple):
    """What tax must know of a document beside its lines. Notes on an invoice count no channels again."""

    document_id: str
    month: Month
    bill_date: date
    provider: Provider
    counts_channels: bool = True


def grouped(lines: Iterable[Line], indeterminate: CallScope) -> list[Line]:
    """The lines with the name of their tax group; lines that no tax looks at have none.

    The group of calls with an unknown end says what the seller's policy counts them as (PRODUCT.md, Tax 2).
    """
    return [line._replace(tax_group=_group(line, indeterminate)) if _is_taxed(line) else line for line in lines]


def charge_lines(lines: Iterable[Line]) -> list[ChargeLine]:
    """One charge for each tax group, in order of their names."""
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.tax_group is not None:
            groups[line.tax_group].append(line)
    return [_charge(name, members) for name, members in sorted(groups.items())]


def tax_document(bill: Bill, lines: Sequence[Line]) -> TaxResult | TaxStop | None:
    """The taxes of these lines; None where neither a charge nor a fee can be due."""
    request = _request(bill, lines)
    if request is None or isinstance(request, TaxStop):
        return request
    return tax_invoice(request, bill.provider.law)


def tax_lines(result: TaxResult, service_period: str, first: int) -> Iterator[Line]:
    """Taxes as lines; a tax of 0.00 is left out unless a certificate made it so."""
    shown = (line for line in result.lines if line.amount or line.exempt_reason)
    for line_no, line in enumerate(shown, first):
        yield _tax_line(line_no, line, result, service_period)


def _request(bill: Bill, lines: Sequence[Line]) -> TaxRequest | TaxStop | None:
    month = bill.month
    trunks = month.trunks()
    in_service = {month.address(trunk).address_id: month.address(trunk) for trunk in trunks}
    charges = charge_lines(lines)
    named = {charge.address_id for charge in charges} - in_service.keys()
    earlier = [month.address(trunk) for trunk in month.book.trunks.values()] if named else []
    counted = [month.channel_counts(trunk) for trunk in trunks] if bill.counts_channels else []
    if not charges and not counted:
        return None
    return bill.provider.request(
        bill.document_id,
        account_id=month.account.account_id,
        bill_date=bill.bill_date,
        period=(month.first_day, month.end_day),
        lines=charges,
        addresses=[*in_service.values(), *(address for address in earlier if address.address_id in named)],
        trunks=counted,
    )


def _is_taxed(line: Line) -> bool:
    """An adjustment without a class is outside every tax."""
    return line.kind not in UNTAXED and line.charge_class is not None


def _group(line: Line, indeterminate: CallScope) -> str:
    scope = line.call_scope or CallScope.INDETERMINATE
    policy = f" as {indeterminate}" if scope == CallScope.INDETERMINATE else ""
    place = "" if line.is_at_ppu in (None, True) else " elsewhere"
    state = "" if line.taxing_state is None else f" {line.taxing_state}"
    return f"{line.address_id} {line.charge_class} {scope}{policy}{state}{place} {line.service_period}"


def _charge(name: str, members: Sequence[Line]) -> ChargeLine:
    first = members[0]
    return ChargeLine(
        name,
        first.address_id or "",
        ChargeClass(first.charge_class or ChargeClass.USAGE),
        CallScope(first.call_scope or CallScope.INDETERMINATE),
        sum((line.amount_exact for line in members), Decimal(0)),
        billed=sum_cents(line.amount for line in members),
        taxing_state=first.taxing_state,
        is_at_ppu=first.is_at_ppu is not False,
        service_date=date.fromisoformat(f"{first.service_period}-01"),
    )


def _tax_line(line_no: int, line: TaxLine, result: TaxResult, service_period: str) -> Line:
    return Line(
        line_no, LineKind.TAX, service_period, text=line.label, tax_id=line.tax_id, tax_type=line.tax_type,
        level=line.jurisdiction.level, jurisdiction_id=line.jurisdiction.jurisdiction_id,
        jurisdiction=line.jurisdiction.name or line.jurisdiction.jurisdiction_id, base=line.base, exempt=line.exempt,
        exempt_reason=line.exempt_reason, rate=None if line.rate is None else line.rate.value,
        tax_unrounded=line.tax_unrounded, tax_point=line.tax_point, compliance_period=result.compliance_period,
        rounding=line.rounding, rule_citation=line.citation,
        rate_citation=None if line.rate is None else line.rate.citation, mark=unsourced(line),
        law_version=result.law_version, amount_exact=line.amount, amount=line.amount,
    )  # fmt: skip
