"""Adapter for CCH SureTax: the shapes of its requests and answers.

Shapes: the field list of its manual as public clients carry it. Request and answer are JSON text inside JSON. The month
whose rules apply (DataYear, DataMonth) is apart from the month of remittance (CmplDataYear, CmplDataMonth).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from pipeline.tax.engines.protocol import EngineFailed, Exchange, decode_object, encode, without_noise
from pipeline.tax.engines.vendor_lines import VendorTax, vendor_lines
from rating.tax.exemptions import ExemptionKind, lies_within
from rating.tax.fees import outbound_channels
from rating.tax.jurisdictions import FEDERAL, Jurisdiction
from rating.tax.request import ChargeLine, PrimaryUse, TaxRequest
from rating.tax.result import EngineRefusal, TaxResult, TaxStop, compliance_period
from rating.tax.rounding import half_up_units
from rating.tax.terms import ChargeClass, Level

NAME = "SureTax"
GOOD = "9999"
VOIP_PROVIDER = "03"
BUSINESS_CUSTOMER = "B"
BY_ZIP4 = "05"
TWO_OF_THREE_BY_ZIP4 = "09"
ACCESS_LINES = "00"
NO_EXEMPTION = "00"
REVENUE_UNITS = 10_000
_ZIP_DIGITS = 5


class Client(NamedTuple):
    """Who asks, and where: the numbers and paths that the vendor gives its customer."""

    number: str
    validation_key: str
    post_path: str
    cancel_path: str
    business_unit: str = ""


class SureTaxEngine(NamedTuple):
    """Asks the engine through `exchange`.

    `types` maps every charge class to its six-digit transaction type, `exemptions` every kind of certificate to the
    engine's exemption code.
    """

    exchange: Exchange
    client: Client
    types: Mapping[ChargeClass, str]
    exemptions: Mapping[ExemptionKind, str]

    def calculate(self, request: TaxRequest, *, is_quote: bool) -> TaxResult | TaxStop:
        """Post one request; ReturnFileCode Q computes without recording."""
        unknown = sorted({row.kind for row in request.exemptions} - set(self.exemptions))
        if unknown:
            text = f"{', '.join(unknown)} has no exemption code; map it"
            return TaxStop(request.document_id, (EngineRefusal(NAME, "certificate", text),))
        answer = self._post(self.client.post_path, self._body(request, is_quote=is_quote))
        if answer.get("ResponseCode") != GOOD:
            return TaxStop(request.document_id, tuple(_refusals(answer)))
        return TaxResult(
            request.document_id,
            request.bill_date,
            compliance_period(request.bill_date),
            f"{NAME} {answer['TransId']}",
            request.allocation,
            vendor_lines(_taxes(answer), request.bill_date),
        )

    def commit(self, result: TaxResult) -> None:
        """Nothing to do: what is not a quote was recorded when it was computed."""

    def cancel(self, result: TaxResult) -> None:
        """Withdraw a request by the number that the engine gave it, which the result carries as its version."""
        body = {
            "ClientNumber": self.client.number,
            "ValidationKey": self.client.validation_key,
            "ClientTracking": result.document_id,
            "TransId": result.law_version.removeprefix(f"{NAME} "),
        }
        answer = self._post(self.client.cancel_path, body)
        if answer.get("ResponseCode") != GOOD:
            raise EngineFailed(f"{NAME} did not cancel {result.law_version}: {answer.get('HeaderMessage')}")

    def geocode(self, address: PrimaryUse) -> str:
        """The engine finds places by ZIP+4; there is no key of its own to ask for."""
        return "".join(_zip(address))

    def healthcheck(self) -> str:
        """Any answer to an empty request says that the engine is there."""
        return f"{NAME} {self._post(self.client.post_path, {}).get('ResponseCode')}"

    def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = decode_object(self.exchange("POST", path, encode({"request": encode(body).decode()})))
        if not isinstance(answer.get("d"), str):
            raise EngineFailed(f"{NAME} answered {answer!r}, which has no text under d")
        return decode_object(answer["d"].encode())

    def _body(self, request: TaxRequest, *, is_quote: bool) -> dict[str, Any]:
        year, month = f"{request.bill_date:%Y}", f"{request.bill_date:%m}"
        return {
            "ClientNumber": self.client.number, "BusinessUnit": self.client.business_unit,
            "ValidationKey": self.client.validation_key, "DataYear": year, "DataMonth": month,
            "CmplDataYear": year, "CmplDataMonth": month,
            "TotalRevenue": _revenue(sum((Fraction(line.amount) for line in request.lines), Fraction())),
            "ReturnFileCode": "Q" if is_quote else "0", "ClientTracking": request.document_id,
            "ResponseGroup": "03", "ResponseType": "D6", "STAN": "",
            "ItemList": [self._item(line, request) for line in request.lines],
        }  # fmt: skip

    def _item(self, line: ChargeLine, request: TaxRequest) -> dict[str, Any]:
        zip5, plus4 = _zip(request.addresses[line.address_id])
        units = _units(line, request)
        item: dict[str, Any] = {
            "LineNumber": line.line_id, "InvoiceNumber": request.document_id, "CustomerNumber": request.document_id,
            "OrigNumber": "", "TermNumber": "", "BillToNumber": "", "Zipcode": zip5, "Plus4": plus4,
            "TransDate": f"{request.bill_date:%m/%d/%Y}",
            "BillingPeriodStartDate": f"{request.period_start:%m/%d/%Y}",
            "BillingPeriodEndDate": f"{request.period_end - timedelta(days=1):%m/%d/%Y}",
            "Revenue": _revenue(Fraction(line.amount)), "TaxIncludedCode": "0", "Units": str(units),
            "UnitType": ACCESS_LINES, "Seconds": "1",
            "TaxSitusRule": TWO_OF_THREE_BY_ZIP4 if line.is_per_call else BY_ZIP4,
            "TransTypeCode": self.types[line.charge_class], "SalesTypeCode": BUSINESS_CUSTOMER,
            "RegulatoryCode": VOIP_PROVIDER, "TaxExemptionCodeList": self._exemption_codes(line, request),
            "ExemptReasonCode": "00",
        }  # fmt: skip
        if line.ends is not None:
            item |= {"OriginCountryCode": line.ends.origin.country, "DestCountryCode": line.ends.termination.country}
        return item

    def _exemption_codes(self, line: ChargeLine, request: TaxRequest) -> list[str]:
        """Codes of the certificates that hold on the bill date where the charge belongs; 00 for none."""
        state = f"{FEDERAL}-{request.addresses[line.address_id].state}"
        found = [
            self.exemptions[row.kind]
            for row in request.exemptions
            if lies_within(state, row.jurisdiction) and row.valid_from <= request.bill_date < row.valid_until
        ]
        return found or [NO_EXEMPTION]


def _units(line: ChargeLine, request: TaxRequest) -> int:
    """Units multiply fees for each line: outbound channels of a channel charge; the default of the manual is 1."""
    if line.charge_class is not ChargeClass.CHANNEL_MRC:
        return 1
    trunks = [trunk for trunk in request.trunks if trunk.address_id == line.address_id]
    return outbound_channels(trunks, request.period_start, request.period_end) or 1


def _zip(address: PrimaryUse) -> tuple[str, str]:
    digits = (address.postal.post_code if address.postal else "").replace("-", "")
    return digits[:_ZIP_DIGITS], digits[_ZIP_DIGITS:]


def _revenue(amount: Fraction) -> str:
    """Dollars with four decimals, half up, a leading minus for credits."""
    units = half_up_units(amount, REVENUE_UNITS)
    whole, rest = divmod(abs(units), REVENUE_UNITS)
    return f"{'-' * (units < 0)}{whole}.{rest:04d}"


def _refusals(answer: dict[str, Any]) -> Iterator[EngineRefusal]:
    yield EngineRefusal(NAME, str(answer.get("ResponseCode")), str(answer.get("HeaderMessage")))
    for item in answer.get("ItemMessages") or []:
        found = item if isinstance(item, dict) else {"Message": item}
        text = f"line {found['LineNumber']}: {found.get('Message')}" if "LineNumber" in found else str(found["Message"])
        yield EngineRefusal(NAME, str(found.get("ResponseCode", "item")), text)


def _taxes(answer: dict[str, Any]) -> Iterator[VendorTax]:
    for group in answer.get("GroupList") or []:
        for tax in group.get("TaxList") or []:
            yield _tax(group["LineNumber"], tax)


def _tax(line_id: str, tax: dict[str, Any]) -> VendorTax:
    """Amounts come as text, rates as numbers; a fee has a FeeRate instead of a TaxRate."""
    code = str(tax["TaxTypeCode"])
    rate = Decimal(tax.get("TaxRate") or tax.get("FeeRate") or 0)
    return VendorTax(
        line_id, f"{NAME}.{code}", tax["TaxTypeDesc"],
        Jurisdiction(f"{NAME}-{tax['TaxAuthorityID']}", _level(tax), tax["TaxAuthorityName"]),
        without_noise(Decimal(tax["RevenueBase"])), without_noise(rate), without_noise(Decimal(tax["TaxAmount"])),
        f"CCH SureTax, tax type {code}",
    )  # fmt: skip


def _level(tax: dict[str, Any]) -> Level:
    """The answer names a city or a county where one levies the tax; else it is shown with the state."""
    if tax.get("CityName"):
        return Level.CITY
    return Level.COUNTY if tax.get("CountyName") else Level.STATE
