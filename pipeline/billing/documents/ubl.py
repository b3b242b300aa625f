"""The document as UBL 2.1, after the core model of EN 16931.

US taxes are no VAT: every line is outside its scope (category O), and each tax or fee is a charge of the whole
document, so that the totals of the model are those of the document. A note that gives money back is a CreditNote of
positive amounts; all else is an Invoice (type 380, or 383 for a debit note). Zero lines are left out.
"""

import xml.etree.ElementTree as ET
from decimal import Decimal

from pipeline.billing.document import BilledCharge, BilledTax, Customer, InvoiceDocument, Seller
from pipeline.billing.documents import words
from pipeline.billing.schema import DocumentType, LineKind

CUSTOMIZATION = "urn:cen.eu:en16931:2017"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd"
_CAC = f"{{{_UBL}:CommonAggregateComponents-2}}"
_CBC = f"{{{_UBL}:CommonBasicComponents-2}}"
_OUTSIDE_VAT = "O"
_PIECE = "C62"
_TYPE_CODES = {DocumentType.INVOICE: "380", DocumentType.DEBIT_NOTE: "383", DocumentType.CREDIT_NOTE: "381"}
_NOT_TAXED = "Not subject to VAT"
_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"

for _prefix, _space in {
    "invoice": f"{_UBL}:Invoice-2", "credit": f"{_UBL}:CreditNote-2", "cac": _CAC[1:-1], "cbc": _CBC[1:-1],
}.items():  # fmt: skip
    ET.register_namespace(_prefix, _space)


def ubl_xml(document: InvoiceDocument) -> bytes:
    """The XML of one document, UTF-8. The same document gives the same bytes."""
    return _Writer(document).to_bytes()


class _Writer:
    """Builds the tree from top to bottom, in the order that the schema demands."""

    def __init__(self, document: InvoiceDocument) -> None:
        self._document = document
        self._is_credit = document.document_type is DocumentType.CREDIT_NOTE
        self._sign = -1 if self._is_credit else 1
        self._kind = "CreditNote" if self._is_credit else "Invoice"

    def to_bytes(self) -> bytes:
        root = ET.Element(f"{{{_UBL}:{self._kind}-2}}{self._kind}")
        self._head(root)
        self._parties(root)
        for tax in self._document.taxes:
            self._tax(root, tax)
        self._totals(root)
        lines = [line for line in self._document.charges if line.amount != "0.00"]
        for line in lines:
            self._line(
                root, str(line.line_no), words.charge_name(line), _described(line), self._sign * Decimal(line.amount)
            )
        if not lines:
            # The model wants a line even where only fees are asked for.
            self._line(root, "0", "No charges", "No charges in this month", Decimal("0.00"))
        ET.indent(root)
        xml: str = ET.tostring(root, encoding="unicode")
        return f"{_DECLARATION}{xml}\n".encode()

    def _head(self, root: ET.Element) -> None:
        document = self._document
        _text(root, "CustomizationID", CUSTOMIZATION)
        _text(root, "ID", document.number)
        _text(root, "IssueDate", str(document.issued_on))
        if not self._is_credit:
            _text(root, "DueDate", str(document.due_on))
        _text(root, f"{self._kind}TypeCode", _TYPE_CODES[document.document_type])
        for note in document.notes:
            _text(root, "Note", note)
        _text(root, "DocumentCurrencyCode", document.currency)
        _text(root, "BuyerReference", document.customer.account_id)
        period = _group(root, "InvoicePeriod")
        _text(period, "StartDate", str(document.period.first_day))
        _text(period, "EndDate", str(words.last_day(document.period.end_day)))
        if document.corrects is not None:
            _text(_group(_group(root, "BillingReference"), "InvoiceDocumentReference"), "ID", document.corrects)

    def _parties(self, root: ET.Element) -> None:
        seller, customer = self._document.seller, self._document.customer
        # The model wants an identifier of the seller (BR-CO-26); without a registration its name is one.
        _party(root, "AccountingSupplierParty", seller, seller.registration or seller.name)
        _party(root, "AccountingCustomerParty", customer, customer.account_id)

    def _tax(self, root: ET.Element, tax: BilledTax) -> None:
        """A tax as a charge of the document; a negative one is an allowance."""
        if tax.amount == "0.00":
            return
        amount = self._sign * Decimal(tax.amount)
        charge = _group(root, "AllowanceCharge")
        _text(charge, "ChargeIndicator", str(amount > 0).lower())
        _text(charge, "AllowanceChargeReason", f"{tax.label}, {tax.jurisdiction}")
        self._amount(charge, "Amount", abs(amount))
        _vat_category(_group(charge, "TaxCategory"))

    def _totals(self, root: ET.Element) -> None:
        document = self._document
        net, total = (self._sign * Decimal(amount) for amount in (document.totals.net, document.totals.total))
        taxes = [self._sign * Decimal(tax.amount) for tax in document.taxes]
        vat = _group(root, "TaxTotal")
        self._amount(vat, "TaxAmount", Decimal("0.00"))
        part = _group(vat, "TaxSubtotal")
        self._amount(part, "TaxableAmount", total)
        self._amount(part, "TaxAmount", Decimal("0.00"))
        category = _group(part, "TaxCategory")
        _text(category, "ID", _OUTSIDE_VAT)
        _text(category, "TaxExemptionReason", _NOT_TAXED)
        _text(_group(category, "TaxScheme"), "ID", "VAT")
        sums = _group(root, "LegalMonetaryTotal")
        self._amount(sums, "LineExtensionAmount", net)
        self._amount(sums, "TaxExclusiveAmount", total)
        self._amount(sums, "TaxInclusiveAmount", total)
        self._amount(sums, "AllowanceTotalAmount", -sum((tax for tax in taxes if tax < 0), Decimal("0.00")))
        self._amount(sums, "ChargeTotalAmount", sum((tax for tax in taxes if tax > 0), Decimal("0.00")))
        self._amount(sums, "PayableAmount", total)

    def _line(self, root: ET.Element, number: str, named: str, described: str, amount: Decimal) -> None:
        """One piece at the price of the line: the minutes stand in its description, because cents are no product."""
        row = _group(root, f"{self._kind}Line")
        _text(row, "ID", number)
        quantity = _text(
            row, "CreditedQuantity" if self._is_credit else "InvoicedQuantity", "-1" if amount < 0 else "1"
        )
        quantity.set("unitCode", _PIECE)
        self._amount(row, "LineExtensionAmount", amount)
        item = _group(row, "Item")
        _text(item, "Description", described)
        _text(item, "Name", named)
        category = _group(item, "ClassifiedTaxCategory")
        _vat_category(category)
        self._amount(_group(row, "Price"), "PriceAmount", abs(amount))

    def _amount(self, parent: ET.Element, name: str, amount: Decimal) -> None:
        _text(parent, name, str(amount)).set("currencyID", self._document.currency)


def _party(root: ET.Element, role: str, of: Seller | Customer, identifier: str) -> None:
    party = _group(_group(root, role), "Party")
    _text(_group(party, "PartyIdentification"), "ID", identifier)
    _text(_group(party, "PartyName"), "Name", of.name)
    address = _group(party, "PostalAddress")
    for tag, line in zip(("StreetName", "AdditionalStreetName"), of.address_lines, strict=False):
        _text(address, tag, line)
    _text(_group(address, "Country"), "IdentificationCode", of.country)
    _text(_group(party, "PartyLegalEntity"), "RegistrationName", of.name)


def _vat_category(category: ET.Element) -> None:
    _text(category, "ID", _OUTSIDE_VAT)
    _text(_group(category, "TaxScheme"), "ID", "VAT")


def _described(line: BilledCharge) -> str:
    if line.kind is LineKind.CHANNEL_FEE:
        return f"{line.channel_limit} channels of {line.trunk_id}, {line.days} of {line.days_in_period} days"
    if line.kind is LineKind.ADJUSTMENT:
        return line.reason or ""
    minutes = words.minutes(line.billed_seconds)
    return f"{line.calls} calls, {minutes} minutes of {line.trunk_id}, {words.month(line.service_period)}"


def _group(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{_CAC}{name}")


def _text(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, f"{_CBC}{name}")
    element.text = text
    return element
