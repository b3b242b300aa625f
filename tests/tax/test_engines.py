"""Adapters for other engines, against recorded shapes; nothing leaves the process."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.tax.engines.afc import AfcEngine, TransactionPair
from pipeline.tax.engines.local import LocalEngine
from pipeline.tax.engines.protocol import EngineFailed, TaxEngine, decode, encode, without_noise
from pipeline.tax.engines.suretax import Client, SureTaxEngine
from rating.tax.allocation import Allocation, AllocationMethod
from rating.tax.exemptions import ExemptionKind
from rating.tax.invoice import tax_invoice
from rating.tax.request import PostalAddress, TaxRequest
from rating.tax.result import TaxResult, TaxStop
from rating.tax.situs import Ends, Place
from rating.tax.terms import CallScope, ChargeClass, Level, TaxType
from tests.rating.tax.bills import (
    a_bill,
    a_certificate,
    a_channel_fee,
    a_law,
    a_trunk,
    a_usage,
    minnesota_sales,
    the_fusf,
    the_ppu,
)

RECORDED = Path(__file__).parent / "recorded"
PPU = the_ppu()._replace(postal=PostalAddress("200 Example Avenue", "Minneapolis", "55401-0050"))
PAIRS = {ChargeClass.CHANNEL_MRC: TransactionPair(19, 6), ChargeClass.USAGE: TransactionPair(19, 6)}
TYPES = {ChargeClass.CHANNEL_MRC: "050101", ChargeClass.USAGE: "050102"}
CLIENT = Client("1000000000", "key", "/Services/PostRequest", "/Services/CancelPostRequest")


class Recorder:
    """Answers every request with the same bytes and keeps what was sent."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.sent: list[tuple[str, str, bytes]] = []

    def __call__(self, method: str, path: str, body: bytes) -> bytes:
        self.sent.append((method, path, body))
        return self.answer

    @property
    def body(self) -> Any:
        """The last request, its numbers as text."""
        return json.loads(self.sent[-1][2], parse_float=str)


def recorded(name: str) -> bytes:
    """An answer as an engine gives it."""
    return (RECORDED / f"{name}.json").read_bytes()


def wrapped(name: str) -> bytes:
    """SureTax puts its answer as text under d."""
    return json.dumps({"d": recorded(name).decode()}).encode()


def afc(recorder: Recorder, categories: Mapping[TaxType, int] | None = None) -> AfcEngine:
    """The adapter of AFC."""
    return AfcEngine(recorder, PAIRS, categories or {}, "trunks")


def suretax(recorder: Recorder) -> SureTaxEngine:
    """The adapter of SureTax."""
    return SureTaxEngine(recorder, CLIENT, TYPES, {ExemptionKind.RESALE_STATE: "05"})


def the_bill(**changes: object) -> TaxRequest:
    """100.00 for channels and 10.00 for calls from Minnesota to Wisconsin, ten channels."""
    usage = a_usage("10.00", CallScope.INTERSTATE, ends=Ends(Place("US", "MN"), Place("US", "WI")))
    bill = a_bill(
        a_channel_fee("100.00", "channels"), usage, addresses={"minneapolis": PPU}, trunks=(a_trunk(10),),
        document_id="2026-05-0001",
    )  # fmt: skip
    return bill._replace(**changes)  # type: ignore[arg-type]


def the_result(outcome: TaxResult | TaxStop) -> TaxResult:
    """The taxes of a bill that was accepted."""
    assert isinstance(outcome, TaxResult), outcome
    return outcome


def test_the_request_of_afc() -> None:
    """Company, document, places, the documented pair, lines, and exact decimals as JSON numbers."""
    recorder = Recorder(recorded("afc_answer"))
    afc(recorder).calculate(the_bill(), is_quote=False)
    assert ("POST", "/api/v2/afc/CalcTaxes") == recorder.sent[0][:2]
    assert "sovr" not in recorder.body
    (invoice,) = recorder.body["inv"]
    assert ("2026-05-0001", False, "2026-05-01", 1) == tuple(invoice[key] for key in ("doc", "cmmt", "date", "cust"))
    street = {"addr": "200 Example Avenue", "city": "Minneapolis", "zip": "55401-0050"}
    place = {"ctry": "USA", "st": "MN", "geo": True} | street
    channels, usage = invoice["itms"]
    assert {"ref": "channels", "chg": "100.00", "line": 10, "tran": 19, "serv": 6}.items() <= channels.items()
    assert (place, place, place) == (invoice["bill"], channels["from"], channels["to"])
    assert ({"ctry": "USA", "st": "MN"}, {"ctry": "USA", "st": "WI"}) == (usage["from"], usage["to"])
    assert 0 == usage["line"]


def test_a_bill_of_trunks_without_charges_goes_to_the_place_of_the_first_trunk() -> None:
    """A month without a call on a trunk without a fee still has a place."""
    recorder = Recorder(recorded("afc_answer"))
    afc(recorder).calculate(the_bill(lines=()), is_quote=False)
    (invoice,) = recorder.body["inv"]
    assert ("55401-0050", []) == (invoice["bill"]["zip"], invoice["itms"])


def test_a_quote_of_afc_leaves_no_document() -> None:
    """Without a document code nothing can be committed."""
    recorder = Recorder(recorded("afc_answer"))
    afc(recorder).calculate(the_bill(), is_quote=True)
    assert "doc" not in recorder.body["inv"][0]


def test_a_traffic_study_overrides_the_safe_harbour_of_afc() -> None:
    """VoIP is number 2; the old value is 0.649, the new one the share that is not intrastate."""
    recorder = Recorder(recorded("afc_answer"))
    study = Allocation(AllocationMethod.TRAFFIC_STUDY, Decimal("0.4125"), Decimal("0.0375"))
    afc(recorder).calculate(the_bill(allocation=study), is_quote=True)
    assert [{"sh": 2, "old": "0.649", "new": "0.4500"}] == recorder.body["sovr"]


def test_the_answer_of_afc() -> None:
    """Example 6: 35.1 at 4.75 % is 1.66725; with 0.475 of the calls 2.14225, 2.14. The seller's own tax is no line."""
    result = the_result(afc(Recorder(recorded("afc_answer"))).calculate(the_bill(), is_quote=False))
    assert [("AFC.162", "24.01"), ("AFC.454", "2.14")] == [(line.tax_id, str(line.amount)) for line in result.lines]
    lifeline = result.lines[1]
    assert (Decimal("45.1"), Decimal("2.14225")) == (lifeline.base, lifeline.tax_unrounded)
    assert ("AFC-253500", Level.STATE) == lifeline.jurisdiction[:2]
    assert ["channels", "usage"] == [share.line_id for share in lifeline.shares]
    assert lifeline.rate is not None
    assert (Decimal("0.0475"), "Avalara Communications, tax type 454, category CONNECTIVITY CHARGES") == (
        lifeline.rate.value, lifeline.citation,
    )  # fmt: skip


def test_a_refusal_of_afc_is_a_value() -> None:
    """Its code and its words."""
    stop = afc(Recorder(recorded("afc_refusal"))).calculate(the_bill(), is_quote=False)
    assert isinstance(stop, TaxStop)
    assert (
        "ENGINE_REFUSED: AFC answered -2000: Invalid safe harbor override: override type is missing.. "
        "Correct the request and send it again." == stop.problems[0].message
    )


def test_certificates_for_afc() -> None:
    """Area, level and categories; the kinds of tax of a certificate must be mapped."""
    certificate = a_certificate(ExemptionKind.GOV_STATE, "US-MN", frozenset({Level.STATE, Level.COUNTY, Level.CITY}))
    sales_only = certificate._replace(tax_types=frozenset({TaxType.STATE_SALES}))
    late = certificate._replace(valid_from=date(2026, 5, 2))
    recorder = Recorder(recorded("afc_answer"))
    afc(recorder, {TaxType.STATE_SALES: 1}).calculate(
        the_bill(exemptions=(certificate, sales_only, late)), is_quote=True
    )
    row = {"loc": {"ctry": "USA", "st": "MN"}, "dom": 1, "scp": 1792, "frc": True, "exnb": False}
    assert [row, row | {"cat": 1}] == recorder.body["inv"][0]["exms"]
    stop = afc(Recorder(b"")).calculate(the_bill(exemptions=(sales_only,)), is_quote=True)
    assert isinstance(stop, TaxStop)
    assert "STATE_SALES of GOV_STATE has no category; map it" in stop.problems[0].message


def test_commit_and_cancel_of_afc() -> None:
    """The same call with the flag set or cleared."""
    recorder = Recorder(recorded("afc_answer"))
    engine = afc(recorder)
    result = the_result(engine.calculate(the_bill(), is_quote=False))
    recorder.answer = b"{}"
    engine.commit(result)
    assert {"doc": "2026-05-0001", "cmmt": True} == recorder.body
    engine.cancel(result)
    assert {"doc": "2026-05-0001", "cmmt": False} == recorder.body
    assert {"/api/v2/afc/commit"} == {path for _, path, _ in recorder.sent[1:]}


def test_geocode_and_health_of_afc() -> None:
    """The PCode of an address; nothing where the engine finds none; the service information."""
    recorder = Recorder(b'[{"ref": "minneapolis", "pcd": 4133800}]')
    assert "4133800" == afc(recorder).geocode(PPU)
    assert {"ref": "minneapolis", "st": "MN", "city": "Minneapolis"}.items() <= recorder.body[0].items()
    assert "" == afc(Recorder(b'[{"ref": "minneapolis", "err": "not found"}]')).geocode(PPU)
    assert "AFC" in afc(Recorder(b'{"version": "1"}')).healthcheck()
    with pytest.raises(EngineFailed, match="to a request for one address"):
        afc(Recorder(b"[]")).geocode(PPU)


def inner(recorder: Recorder) -> dict[str, Any]:
    """The request inside the request."""
    found: dict[str, Any] = json.loads(recorder.body["request"])
    return found


def test_the_request_of_suretax() -> None:
    """Header with both months, revenue with four decimals, situs rules by ZIP+4 and two of three."""
    recorder = Recorder(wrapped("suretax_answer"))
    suretax(recorder).calculate(the_bill(), is_quote=False)
    assert ("POST", "/Services/PostRequest") == recorder.sent[0][:2]
    body = inner(recorder)
    assert {
        "ClientNumber": "1000000000", "ValidationKey": "key", "DataYear": "2026", "DataMonth": "05",
        "CmplDataYear": "2026", "CmplDataMonth": "05", "TotalRevenue": "110.0000", "ReturnFileCode": "0",
        "ResponseGroup": "03", "ResponseType": "D6",
    }.items() <= body.items()  # fmt: skip
    channels, usage = body["ItemList"]
    assert {
        "LineNumber": "channels", "Revenue": "100.0000", "Units": "10", "UnitType": "00", "TaxSitusRule": "05",
        "TransTypeCode": "050101", "Zipcode": "55401", "Plus4": "0050", "RegulatoryCode": "03", "SalesTypeCode": "B",
        "TransDate": "05/01/2026", "BillingPeriodStartDate": "04/01/2026", "BillingPeriodEndDate": "04/30/2026",
        "TaxExemptionCodeList": ["00"],
    }.items() <= channels.items()  # fmt: skip
    assert {
        "TaxSitusRule": "09",
        "Units": "1",
        "OriginCountryCode": "US",
        "DestCountryCode": "US",
    }.items() <= usage.items()


def test_a_quote_of_suretax_is_not_recorded() -> None:
    """ReturnFileCode Q; a credit has a leading minus."""
    recorder = Recorder(wrapped("suretax_answer"))
    suretax(recorder).calculate(the_bill(lines=(a_channel_fee("-0.12345", "c"),)), is_quote=True)
    assert ("Q", "-0.1235") == (inner(recorder)["ReturnFileCode"], inner(recorder)["TotalRevenue"])


def test_certificates_for_suretax() -> None:
    """The code of the certificate on items of its state; a kind without a code stops."""
    certificate = a_certificate(ExemptionKind.RESALE_STATE, "US-MN")
    recorder = Recorder(wrapped("suretax_answer"))
    suretax(recorder).calculate(the_bill(exemptions=(certificate,)), is_quote=True)
    assert ["05"] == inner(recorder)["ItemList"][0]["TaxExemptionCodeList"]
    other = a_certificate(ExemptionKind.DIPLOMATIC, "US")
    stop = suretax(Recorder(b"")).calculate(the_bill(exemptions=(other,)), is_quote=True)
    assert isinstance(stop, TaxStop)
    assert "DIPLOMATIC has no exemption code; map it" in stop.problems[0].message


def test_the_answer_of_suretax() -> None:
    """Rates and fees, by the authority that the answer names; the number of the request is the version."""
    result = the_result(suretax(Recorder(wrapped("suretax_answer"))).calculate(the_bill(), is_quote=False))
    assert "SureTax 4711" == result.law_version
    assert [
        ("SureTax.035", Level.STATE, "24.01", "0.37"),
        ("SureTax.227", Level.COUNTY, "8.00", "0.8"),
        ("SureTax.304", Level.CITY, "0.50", "0.005"),
    ] == [
        (line.tax_id, line.jurisdiction.level, str(line.amount), str(line.rate.value if line.rate else None))
        for line in result.lines
    ]


def test_a_refusal_of_suretax_is_a_value() -> None:
    """The header's code, then the items' own."""
    stop = suretax(Recorder(wrapped("suretax_refusal"))).calculate(the_bill(), is_quote=False)
    assert isinstance(stop, TaxStop)
    assert ["9001: Success with item errors", "9100: line channels: Invalid zip code", "item: Plus4 ignored"] == [
        problem.message.partition("answered ")[2].partition(". Correct")[0] for problem in stop.problems
    ]


def test_cancel_of_suretax_names_the_request() -> None:
    """By the number of the answer; an engine that does not obey is broken machinery."""
    recorder = Recorder(wrapped("suretax_answer"))
    engine = suretax(recorder)
    result = the_result(engine.calculate(the_bill(), is_quote=False))
    engine.commit(result)
    engine.cancel(result)
    assert 2 == len(recorder.sent)
    assert "/Services/CancelPostRequest" == recorder.sent[1][1]
    assert {"TransId": "4711", "ClientTracking": "2026-05-0001"}.items() <= inner(recorder).items()
    recorder.answer = wrapped("suretax_refusal")
    with pytest.raises(EngineFailed, match="did not cancel SureTax 4711"):
        engine.cancel(result)


def test_geocode_and_health_of_suretax() -> None:
    """It finds places by ZIP+4; any answer says that it is there."""
    assert "554010050" == suretax(Recorder(b"")).geocode(PPU)
    assert "SureTax 9001" == suretax(Recorder(wrapped("suretax_refusal"))).healthcheck()


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"x": 1}'])
def test_what_is_no_answer_is_broken_machinery(answer: bytes) -> None:
    """An exception, so that nothing is billed without tax."""
    with pytest.raises(EngineFailed):
        suretax(Recorder(answer)).calculate(the_bill(), is_quote=True)
    if answer != b'{"x": 1}':
        with pytest.raises(EngineFailed):
            afc(Recorder(answer)).calculate(the_bill(), is_quote=True)


def test_numbers_keep_their_digits_on_the_wire() -> None:
    """Neither way passes through a binary fraction; noise of an engine that does is cut at the ninth decimal."""
    assert b'{"chg":0.10000000000000000001}' == encode({"chg": Decimal("0.10000000000000000001")})
    assert {"tax": Decimal("1.6672499999999997")} == decode(b'{"tax": 1.6672499999999997}')
    assert Decimal("1.66725") == without_noise(Decimal("1.6672499999999997"))
    assert Decimal("-0.475") == without_noise(Decimal("-0.47500000000000003"))


def test_the_local_engine_is_the_rules() -> None:
    """The same result as the rules themselves; nothing to commit or to cancel."""
    law = a_law(the_fusf(), *minnesota_sales())
    engine: TaxEngine = LocalEngine(law)
    result = the_result(engine.calculate(the_bill(), is_quote=False))
    assert tax_invoice(the_bill(), law) == result
    engine.commit(result)
    engine.cancel(result)
    assert ("US-MN-D80009", "local test") == (engine.geocode(PPU), engine.healthcheck())
    assert "" == engine.geocode(the_ppu(names=()))


@pytest.mark.parametrize("engine", [afc(Recorder(b"")), suretax(Recorder(b"")), LocalEngine(a_law())])
def test_all_engines_have_one_shape(engine: TaxEngine) -> None:
    """The close does not know which one it asks."""
    for name in ("calculate", "commit", "cancel", "geocode", "healthcheck"):
        assert callable(getattr(engine, name))
