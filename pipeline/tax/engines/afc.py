"""Adapter for Avalara Communications (AFC SaaS Pro, REST v2): the shapes of its requests and answers.

Shapes: public developer guide, communications/dev-guide_rest_v2/reference. The engine decides situs and taxability; it
is told the pair of transaction and service of each charge class, the places, lines and amounts.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.tax.engines.protocol import EngineFailed, Exchange, decode, decode_object, encode, without_noise
from pipeline.tax.engines.vendor_lines import VendorTax, vendor_lines
from rating.tax.allocation import AllocationMethod
from rating.tax.exemptions import Exemption
from rating.tax.fees import outbound_channels
from rating.tax.jurisdictions import Jurisdiction
from rating.tax.request import ChargeLine, PostalAddress, PrimaryUse, TaxRequest
from rating.tax.result import EngineRefusal, TaxResult, TaxStop, compliance_period
from rating.tax.situs import UNITED_STATES as US
from rating.tax.situs import Place
from rating.tax.terms import ChargeClass, Level, TaxType

NAME = "AFC"
BUSINESS_CUSTOMER = 1
RETAIL = 1
COMPETITIVE_CARRIER = 1
UNITED_STATES = "USA"
SAFE_HARBOR_VOIP = 2
SAFE_HARBOR_SHARE = Decimal("0.649")
_LEVELS = (Level.FED, Level.STATE, Level.COUNTY, Level.CITY, Level.CITY)
"""Its levels 0 to 4; the last is unincorporated, which is as local as a city."""

_SCOPES = {Level.FED: 128, Level.STATE: 256, Level.COUNTY: 512, Level.CITY: 1024, Level.DISTRICT: 1024}
"""Bits of the levels that an exemption reaches."""


class TransactionPair(NamedTuple):
    """What a charge is to this engine: a transaction type and a service type of its catalogue."""

    transaction: int
    service: int


class AfcEngine(NamedTuple):
    """Asks the engine through `exchange`.

    `pairs` maps every charge class that is billed, `categories` every kind of tax that a certificate names.
    """

    exchange: Exchange
    pairs: Mapping[ChargeClass, TransactionPair]
    categories: Mapping[TaxType, int]
    company: str = ""

    def calculate(self, request: TaxRequest, *, is_quote: bool) -> TaxResult | TaxStop:
        """`POST /api/v2/afc/CalcTaxes`. A bill carries its document code, which `commit` makes final; a quote none."""
        unknown = tuple(self._unknown_kinds(request))
        if unknown:
            return TaxStop(request.document_id, unknown)
        answer = self._post("CalcTaxes", self._body(request, is_quote=is_quote))
        refusals = tuple(_refusals(answer))
        if refusals:
            return TaxStop(request.document_id, refusals)
        lines = vendor_lines(_taxes(answer), request.bill_date)
        return TaxResult(
            request.document_id,
            request.bill_date,
            compliance_period(request.bill_date),
            NAME,
            request.allocation,
            lines,
        )

    def commit(self, result: TaxResult) -> None:
        """`POST /api/v2/afc/commit` with the flag set."""
        self._post("commit", {"doc": result.document_id, "cmmt": True})

    def cancel(self, result: TaxResult) -> None:
        """`POST /api/v2/afc/commit` with the flag cleared."""
        self._post("commit", {"doc": result.document_id, "cmmt": False})

    def geocode(self, address: PrimaryUse) -> str:
        """`POST /api/v2/geo/Geocode`: the PCode of the address."""
        body = encode([{"ref": address.address_id, "cass": False, "st": address.state or "", **_street(address)}])
        match decode(self.exchange("POST", "/api/v2/geo/Geocode", body)):
            case [{"pcd": key}]:
                return str(key)
            case [{"err": _}]:
                return ""
            case answer:
                raise EngineFailed(f"{NAME} answered {answer!r} to a request for one address")

    def healthcheck(self) -> str:
        """`GET /api/v2/afc/serviceinfo`."""
        return f"{NAME} {decode(self.exchange('GET', '/api/v2/afc/serviceinfo', b''))}"

    def _post(self, call: str, body: object) -> dict[str, Any]:
        return decode_object(self.exchange("POST", f"/api/v2/afc/{call}", encode(body)))

    def _body(self, request: TaxRequest, *, is_quote: bool) -> dict[str, Any]:
        body: dict[str, Any] = {
            "cmpn": {"bscl": COMPETITIVE_CARRIER, "svcl": 1, "fclt": False, "frch": False, "reg": False,
                     "excl": [], "idnt": self.company},
            "inv": [self._invoice(request) | ({} if is_quote else {"doc": request.document_id})],
        }  # fmt: skip
        allocation = request.allocation
        if allocation.method is not AllocationMethod.SAFE_HARBOR:
            share = allocation.interstate + allocation.international
            body["sovr"] = [{"sh": SAFE_HARBOR_VOIP, "old": SAFE_HARBOR_SHARE, "new": share}]
        return body

    def _invoice(self, request: TaxRequest) -> dict[str, Any]:
        """One bill; it is billed to the place of its first line, else of its first trunk; every item names its own."""
        billed_to = request.lines[0].address_id if request.lines else request.trunks[0].address_id
        return {
            "cmmt": False,
            "bill": _location(request.addresses[billed_to]),
            "cust": BUSINESS_CUSTOMER,
            "date": str(request.bill_date),
            "exms": [row for certificate in _in_force(request) for row in self._exemptions(certificate)],
            "itms": [self._item(line, request) for line in request.lines],
        }

    def _unknown_kinds(self, request: TaxRequest) -> Iterator[EngineRefusal]:
        """Kinds of tax that a certificate names and that have no category of this engine."""
        for certificate in _in_force(request):
            for kind in sorted((certificate.tax_types or frozenset()) - set(self.categories)):
                yield EngineRefusal(NAME, "certificate", f"{kind} of {certificate.kind} has no category; map it")

    def _exemptions(self, certificate: Exemption) -> Iterator[dict[str, Any]]:
        """One exemption for all taxes, or one for each category, in the area and at the levels of the certificate."""
        area = certificate.jurisdiction.split("-")
        location = {"ctry": UNITED_STATES} | ({"st": area[1]} if len(area) > 1 else {})
        scope = sum({_SCOPES[level] for level in certificate.levels})
        row = {"loc": location, "dom": min(len(area) - 1, 1), "scp": scope, "frc": True, "exnb": False}
        if certificate.tax_types is None:
            yield row
            return
        for category in sorted({self.categories[kind] for kind in certificate.tax_types}):
            yield row | {"cat": category}

    def _item(self, line: ChargeLine, request: TaxRequest) -> dict[str, Any]:
        address = request.addresses[line.address_id]
        pair = self.pairs[line.charge_class]
        item = {
            "ref": line.line_id, "chg": line.amount, "line": _lines(line, request), "sale": RETAIL, "incl": False,
            "tran": pair.transaction, "serv": pair.service,
        }  # fmt: skip
        if line.ends is None:
            return item | {"from": _location(address), "to": _location(address)}
        return item | {"from": _place(line.ends.origin), "to": _place(line.ends.termination)}


def _lines(line: ChargeLine, request: TaxRequest) -> int:
    """Outbound channels at the address of a channel charge; calls have none."""
    if line.charge_class is not ChargeClass.CHANNEL_MRC:
        return 0
    trunks = [trunk for trunk in request.trunks if trunk.address_id == line.address_id]
    return outbound_channels(trunks, request.period_start, request.period_end)


def _location(address: PrimaryUse) -> dict[str, Any]:
    """A place of primary use, which the engine is to find by its street address."""
    return _place(Place(address.country, address.state)) | ({"geo": True} | _street(address) if address.postal else {})


def _street(address: PrimaryUse) -> dict[str, str]:
    postal = address.postal or PostalAddress("", "", "")
    return {"addr": postal.street, "city": postal.city, "zip": postal.post_code}


def _place(place: Place) -> dict[str, str]:
    """An end of a call. The guide's examples write USA; other countries keep their two letters."""
    country = UNITED_STATES if place.country == US else place.country
    return {name: value for name, value in {"ctry": country, "st": place.state}.items() if value}


def _in_force(request: TaxRequest) -> list[Exemption]:
    return [row for row in request.exemptions if row.valid_from <= request.bill_date < row.valid_until]


def _refusals(answer: dict[str, Any]) -> Iterator[EngineRefusal]:
    """Errors of the request, of its invoices and of their items."""
    found = list(answer.get("err") or [])
    for invoice in answer.get("inv") or []:
        found += invoice.get("err") or []
        for item in invoice.get("itms") or []:
            found += item.get("err") or []
    for error in found:
        yield EngineRefusal(NAME, str(error.get("code")), str(error.get("msg")))


def _taxes(answer: dict[str, Any]) -> Iterator[VendorTax]:
    """Billable taxes of every item."""
    for invoice in answer.get("inv") or []:
        for item in invoice.get("itms") or []:
            for tax in item.get("txs") or []:
                if tax["bill"]:
                    yield _tax(item["ref"], tax)


def _tax(line_id: str, tax: dict[str, Any]) -> VendorTax:
    tax_type = f"{NAME}.{tax['tid']}"
    return VendorTax(
        line_id, tax_type, tax["name"], Jurisdiction(f"{NAME}-{tax['pcd']}", _LEVELS[tax["lvl"]]),
        without_noise(tax["tm"]), without_noise(tax["rate"]), without_noise(tax["tax"]),
        f"Avalara Communications, tax type {tax['tid']}, category {tax['cat']}",
    )  # fmt: skip
