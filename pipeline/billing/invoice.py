"""From lines and taxes to one document: parties, trunks, charges, taxes, totals, notes."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from pipeline.billing.document import (
    BilledCharge,
    BilledPeriod,
    BilledTax,
    BilledTrunk,
    CallDigest,
    Customer,
    InvoiceDocument,
    Seller,
    Totals,
)
from pipeline.billing.fees import allowance
from pipeline.billing.lines import Line, sum_cents
from pipeline.billing.months import Month
from pipeline.billing.schema import DocumentType, LineKind
from pipeline.billing.settings import InvoiceSettings
from rating.tax.allocation import Allocation
from rating.tax.result import TaxResult
from rating.tax.situs import TERRITORIES, UNITED_STATES
from rating.tax.terms import CallScope, Mark
from schemas.reference import ServiceAddress, Trunk

_OF_TAX = frozenset(BilledTax.model_fields) & frozenset(Line._fields)


class Draft(NamedTuple):
    """A document before it has a number."""

    document_type: DocumentType
    month: Month
    issued_on: date
    charges: tuple[Line, ...]
    taxes: tuple[Line, ...]
    calls: CallDigest
    corrects: str | None = None
    tax_result: TaxResult | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Charges, then taxes."""
        return self.charges + self.taxes

    @property
    def total(self) -> Decimal:
        """What the document asks for."""
        return sum_cents(line.amount for line in self.lines)


class Place(NamedTuple):
    """Where a document stands in the sequence: its number, and the hash of the document before."""

    number: str
    previous_sha256: str


def build_document(draft: Draft, place: Place, settings: InvoiceSettings) -> InvoiceDocument:
    """Write a draft down as a document. The same draft at the same place gives the same document."""
    month, account = draft.month, draft.month.account
    return InvoiceDocument(
        document_type=draft.document_type,
        number=place.number,
        corrects=draft.corrects,
        previous_sha256=place.previous_sha256,
        issued_on=draft.issued_on,
        due_on=draft.issued_on + timedelta(days=settings.payment_days),
        currency=account.currency,
        period=BilledPeriod(
            name=month.period.name, first_day=month.first_day, end_day=month.end_day, time_zone=account.time_zone
        ),
        seller=Seller(
            name=settings.seller_name, address_lines=settings.seller_address,
            contact_lines=settings.seller_contact, payment_lines=settings.payment_lines,
            registration=settings.seller_registration, country=settings.seller_country,
        ),
        customer=Customer(
            account_id=account.account_id, name=account.name, address_lines=account.address_lines,
            country=next((month.address(trunk).country for trunk in month.trunks()), settings.seller_country),
        ),
        trunks=tuple(_billed_trunk(month, trunk, draft.charges) for trunk in month.trunks()),
        charges=tuple(_billed_charge(line) for line in draft.charges),
        taxes=tuple(_billed_tax(line) for line in draft.taxes),
        totals=_totals(draft),
        calls=draft.calls,
        notes=tuple(_notes(draft)),
        book_hash=month.book.hash,
        law_version=None if draft.tax_result is None else draft.tax_result.law_version,
    )  # fmt: skip


def exact_text(amount: Decimal) -> str:
    """Decimal text without an exponent and without zeros at the end: 1.500000000 is `1.5`."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _billed_charge(line: Line) -> BilledCharge:
    values = {name: getattr(line, name) for name in BilledCharge.model_fields}
    for name in ("rate_per_minute", "unit_price", "amount_exact"):
        values[name] = None if values[name] is None else exact_text(values[name])
    return BilledCharge(**values | {"amount": str(line.amount)})


def _billed_tax(line: Line) -> BilledTax:
    values = {name: getattr(line, name) for name in _OF_TAX}
    for name in ("base", "exempt", "rate", "tax_unrounded"):
        values[name] = None if values[name] is None else exact_text(values[name])
    return BilledTax(**values | {"label": line.text, "amount": str(line.amount)})


def _billed_trunk(month: Month, trunk: Trunk, charges: Sequence[Line]) -> BilledTrunk:
    segments = month.segments(trunk)
    included = allowance(month, trunk)
    own = [line for line in charges if line.trunk_id == trunk.trunk_id]
    of_month = [line for line in own if line.service_period == month.period.name]
    return BilledTrunk(
        trunk_id=trunk.trunk_id, name=trunk.name, trunk_type=trunk.type, plan_id=trunk.plan_id,
        package=segments[-1].plan.package, location=trunk.location, service_address=_one_line(month.address(trunk)),
        channel_limit=max(segment.channel_limit for segment in segments),
        included_seconds=None if included is None else included.allowance_seconds,
        used_seconds=sum(line.call_seconds for line in of_month if line.kind == LineKind.INCLUDED),
        overage_seconds=sum(line.call_seconds for line in of_month if line.kind == LineKind.OVERAGE),
        calls=sum(line.calls for line in own if line.kind != LineKind.OVERAGE),
        amount=str(sum_cents(line.amount for line in own)),
    )  # fmt: skip


def _one_line(address: ServiceAddress) -> str:
    parts = [address.street, address.suite, address.city, address.region, address.post_code, address.country]
    return ", ".join(part for part in parts if part)


def _totals(draft: Draft) -> Totals:
    def of(*kinds: LineKind) -> Decimal:
        return sum_cents(line.amount for line in draft.lines if line.kind in kinds)

    net = sum_cents(line.amount for line in draft.charges)
    return Totals(
        plan_fees=str(of(LineKind.CHANNEL_FEE)),
        usage=str(of(LineKind.USAGE)),
        overage=str(of(LineKind.OVERAGE)),
        adjustments=str(of(LineKind.ADJUSTMENT)),
        net=str(net),
        taxes=str(of(LineKind.TAX)),
        total=str(draft.total),
    )


def _notes(draft: Draft) -> Iterable[str]:
    month = draft.month
    countries = {month.address(trunk).country for trunk in month.trunks()}
    abroad = sorted(countries - {UNITED_STATES} - TERRITORIES)
    if abroad:
        yield f"Charges for service addresses in {', '.join(abroad)} bear no tax of the United States."
    late = sorted({line.service_period for line in draft.charges if line.service_period < month.period.name})
    if late and draft.document_type is DocumentType.INVOICE:
        yield f"Calls of {', '.join(late)} that arrived after that month was billed are on this invoice."
    if draft.tax_result is not None and any(line.base for line in draft.tax_result.lines):
        yield from _splits(draft.charges, draft.tax_result.allocation)
    if any(line.mark == Mark.UNCONFIRMED for line in draft.taxes):
        yield "Rates marked M are not confirmed by a document."
    if any(line.mark == Mark.ILLUSTRATIVE for line in draft.taxes):
        yield "Rates marked I are illustrative and no law."
    if draft.tax_result is not None and draft.tax_result.suspended:
        states = sorted({waiting.jurisdiction_id for waiting in draft.tax_result.suspended})
        yield f"The seller is not registered in {', '.join(states)}; no tax of it is on this document."


def _splits(charges: Sequence[Line], allocation: Allocation) -> Iterable[str]:
    """How charges without a place of their own were split for tax, so that their bases can be computed by hand."""
    scopes = {line.call_scope for line in charges if line.tax_group is not None}
    if CallScope.BUNDLED in scopes:
        shares = f"{exact_text(allocation.interstate)} interstate, {exact_text(allocation.international)} international"
        yield f"For tax, charges that no call measures are {shares}, the rest intrastate ({allocation.method})."
    if CallScope.INDETERMINATE in scopes:
        yield f"For tax, calls with an unknown end count as {allocation.indeterminate.lower()}."
