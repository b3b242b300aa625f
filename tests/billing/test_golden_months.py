"""Three small months whose invoices were worked out by hand: a contract, changed only with a stated reason.

Rates of the example tax folder (data/tax/example), invented: federal factor 0.370; Minnesota 6.875 %, Hennepin 0.15 %,
Minneapolis 0.5 %, districts 0.5, 0.75 and 0.25 %, 911 0.90 a line; Wisconsin 5 %, Dane 0.5 %, Madison 0 %, police and
fire 0.75 a line. Bundled charges are interstate to 64.9 % (safe harbour). The bill date is the first day after.
"""

from pathlib import Path

import pytest

from pipeline.billing.document import InvoiceDocument
from tests.billing.world import World, a_call, forwarded, inbound, invoice_of

ACCOUNTS = """
- {account_id: north, name: Nordstern Übersee Handels-Gesellschaft, time_zone: America/Chicago}
- {account_id: unlimited, name: Lakes & Co, time_zone: America/Chicago}
- {account_id: reseller, name: Reseller LLC, time_zone: America/Chicago}
"""
ADDRESSES = """
- {address_id: heron-madison, account_id: north, effective_from: 2026-01-01T00:00:00Z, street: 77 Sample Street,
   city: Madison, region: WI, post_code: "53703", country: US}
- {address_id: acme-minneapolis, account_id: unlimited, effective_from: 2026-01-01T00:00:00Z,
   street: 200 Example Avenue, city: Minneapolis, region: MN, post_code: "55401", country: US}
- {address_id: reseller-madison, account_id: reseller, effective_from: 2026-01-01T00:00:00Z, street: 78 Sample Street,
   city: Madison, region: WI, post_code: "53703", country: US}
"""
PLANS = """
- {plan_id: metered, package: METERED, effective_from: 2026-01-01T00:00:00Z, outbound_deck: out, inbound_deck: in,
   channel_fee: "2.00"}
- {plan_id: metered-only, package: METERED, effective_from: 2026-01-01T00:00:00Z, outbound_deck: out, inbound_deck: in}
- {plan_id: unlimited, package: UNLIMITED, effective_from: 2026-01-01T00:00:00Z, outbound_deck: out, inbound_deck: in,
   channel_fee: "25.00", minutes_per_channel: 10}
"""
TRUNKS = """
- {trunk_id: north-1, account_id: north, name: Zentrale, type: STATIC, plan_id: metered, location: NEW_YORK,
   country: US, address_id: heron-madison, effective_from: 2026-01-01T06:00:00Z, source_hosts: [198.18.40.1],
   channel_limits: [{effective_from: 2026-01-01T06:00:00Z, channel_limit: 10}]}
- {trunk_id: lakes-1, account_id: unlimited, name: Office, type: STATIC, plan_id: unlimited, location: NEW_YORK,
   country: US, address_id: acme-minneapolis, effective_from: 2026-01-01T06:00:00Z, source_hosts: [198.18.40.2],
   dids: ["+16125550100"], channel_limits: [{effective_from: 2026-01-01T06:00:00Z, channel_limit: 2},
   {effective_from: 2026-10-16T05:00:00Z, channel_limit: 3}]}
- {trunk_id: reseller-1, account_id: reseller, name: Wholesale, type: STATIC, plan_id: metered-only, location: NEW_YORK,
   country: US, address_id: reseller-madison, effective_from: 2026-01-01T06:00:00Z, source_hosts: [198.18.40.3],
   channel_limits: [{effective_from: 2026-01-01T06:00:00Z, channel_limit: 10}]}
"""
HEAD = "row_id,prefix,destination,status,rate_per_minute,connection_fee,initial_seconds,next_seconds,effective_from\n"
OUT = (
    HEAD
    + """\
o1,44,United Kingdom,PRICED,0.0120,0,60,60,2026-01-01T00:00:00Z
o2,49,Germany,PRICED,0.0100,0.05,1,1,2026-01-01T00:00:00Z
o3,1,United States,PRICED,0.0120,0,6,6,2026-01-01T00:00:00Z
"""
)
IN = HEAD + "i1,1,Local number,PRICED,0.0060,0,6,6,2026-01-01T00:00:00Z\n"
RESOLUTIONS = """
description: addresses of the golden months, resolved by hand
resolutions:
  - {address: heron-madison, jurisdictions: [US-WI, US-WI-C025, US-WI-P48000], effective_from: 2026-01-01,
     author: test, reason: Dane County and Madison}
  - {address: reseller-madison, jurisdictions: [US-WI, US-WI-C025, US-WI-P48000], effective_from: 2026-01-01,
     author: test, reason: Dane County and Madison}
  - {address: acme-minneapolis, jurisdictions: [US-MN, US-MN-C053, US-MN-P43000, US-MN-D80004, US-MN-D80008,
     US-MN-D80009], effective_from: 2026-01-01, author: test, reason: Hennepin County and Minneapolis}
"""
CERTIFICATES = """
description: the reseller collects sales tax from its own customers
certificates:
  - {account: reseller, kind: RESALE_STATE, certificate: WI-0000-EXAMPLE, jurisdiction: US-WI,
     levels: [STATE, COUNTY, CITY, DISTRICT], tax_types: [STATE_SALES, LOCAL_SALES],
     valid_from: 2026-01-01, valid_until: 2027-01-01}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The provider of the golden months."""
    return a_provider(tmp_path)


def a_provider(folder: Path) -> World:
    """Three accounts: metered in Wisconsin, unlimited in Minnesota with ten minutes a channel, a reseller."""
    made = World(folder)
    for name, text in {
        "book/accounts.yaml": ACCOUNTS,
        "book/addresses.yaml": ADDRESSES,
        "book/plans.yaml": PLANS,
        "book/trunks.yaml": TRUNKS,
        "book/decks/out.csv": OUT,
        "book/decks/in.csv": IN,
        "tax/resolutions.yaml": RESOLUTIONS,
        "tax/certificates.yaml": CERTIFICATES,
    }.items():
        made.write(name, text)
    for shipped in ("us-outbound", "us-inbound", "eu-outbound", "eu-inbound"):
        (made.folder / "book" / "decks" / f"{shipped}.csv").unlink()
    return made


def charges(document: InvoiceDocument) -> list[tuple[str | None, ...]]:
    """Kind, destination, class, exact amount and cents of each line that costs something."""
    return [
        (str(line.kind), line.destination, line.call_scope, line.amount_exact, line.amount)
        for line in document.charges
        if line.amount != "0.00"
    ]


def taxes(document: InvoiceDocument) -> list[tuple[str, str, str]]:
    """Tax, jurisdiction and cents of each tax line."""
    return [(tax.tax_id, tax.jurisdiction_id, tax.amount) for tax in document.taxes]


def test_metered_international(world: World) -> None:
    """Ten channels at 2.00, two calls to the United Kingdom, two to Germany, one that nobody answered.

    United Kingdom, 0.0120 a minute, 60/60: 61 s are 120 s = 0.0240, 60 s are 60 s = 0.0120; exact 0.036, 0.04.
    Germany, 0.0100 a minute and 0.05 a call, 1/1: 30 s = 0.05 + 0.005 = 0.055, half up 0.06; a call of 0 s costs 0.
    Channels 10 x 2.00 = 20.00. Net 20.10.
    Federal: 20.00 x 0.649 = 12.98, + 0.091 international = 13.071, x 0.37 = 4.83627; of the printed amounts
    13.08 x 0.37 = 4.8396; down: 4.83.
    Wisconsin: base 20.00 (no international call): 5 % 1.00, Dane 0.5 % 0.10, Madison 0: no line.
    Police and fire: 10 lines x 0.75 = 7.50. Taxes 13.43, total 33.53.
    """
    world.receive(
        a_call("north-1", "+442079460018", "2026-10-05T10:00:00", 61),
        a_call("north-1", "+442079460018", "2026-10-05T11:00:00", 60),
        a_call("north-1", "+493023125000", "2026-10-06T10:00:00", 30),
        a_call("north-1", "+493023125000", "2026-10-06T11:00:00", 0),
        a_call("north-1", "+493023125000", "2026-10-06T12:00:00", None),
    )
    document = invoice_of(world.close(account="north").issued, "north")
    assert [
        ("CHANNEL_FEE", None, "BUNDLED", "20", "20.00"),
        ("USAGE", "Germany", "INTERNATIONAL", "0.055", "0.06"),
        ("USAGE", "United Kingdom", "INTERNATIONAL", "0.036", "0.04"),
    ] == charges(document)
    assert [
        ("US.FUSF", "US", "4.83"),
        ("US-WI.POLICE_FIRE", "US-WI", "7.50"),
        ("US-WI.SALES", "US-WI", "1.00"),
        ("US-WI.LOCAL_SALES", "US-WI-C025", "0.10"),
    ] == taxes(document)
    assert ("20.10", "13.43", "33.53") == (document.totals.net, document.totals.taxes, document.totals.total)
    assert ("2026-11-01", "2026-12-01") == (str(document.issued_on), str(document.due_on))
    assert 4 == document.calls.count


def test_unlimited_with_overage(world: World) -> None:
    """Two channels at 25.00, three from the 16th; 10 minutes a channel; three US calls and one inbound.

    Channel-days 2 x 15 + 3 x 16 = 78 of 31 days. Fee 25 x 78 / 31 = 62.903: 62.90. Its parts 24.1935 and 38.7097 are
    24.19 and 38.70, the missing cent goes to the second: 38.71.
    Allowance 600 s x 78 / 31 = 1509.67: 1509 s. Calls of 1000, 600 and 120 s: the second has 509 s within and 91 s
    beyond, 6/6: 96 s x 0.0120 / 60 = 0.0192; all 120 s of the third are beyond: 0.0240. Inbound 60 s: 0.0060.
    Cents: 0.02 (to Minnesota), 0.02 (to Wisconsin), 0.01. Net 62.95.
    Federal: 62.90 x 0.649 = 40.8221, + 0.0060 + 0.0240 interstate = 40.8521, x 0.37 = 15.115277: 15.11.
    Minnesota: base 62.9492 x 9.025 % = 5.68116530: 5.68. Parts 4.3277575, 0.0944238, 0.314746, 0.314746, 0.472119,
    0.157373; floors 5.65; three cents to the state (.776), the third district (.737) and the city (.475, before the
    district of the same remainder). 911: three lines, the most of the month, x 0.90 = 2.70. Taxes 23.49, total 86.44.
    """
    world.receive(
        a_call("lakes-1", "+16085550120", "2026-10-03T10:00:00", 1000),
        a_call("lakes-1", "+16125550177", "2026-10-04T10:00:00", 600),
        a_call("lakes-1", "+16085550120", "2026-10-05T10:00:00", 120),
        inbound("lakes-1", "+12125550100", "+16125550100", "2026-10-06T10:00:00", 60),
    )
    document = invoice_of(world.close(account="unlimited").issued, "unlimited")
    assert [
        ("CHANNEL_FEE", None, "BUNDLED", "24.19", "24.19"),
        ("CHANNEL_FEE", None, "BUNDLED", "38.71", "38.71"),
        ("USAGE", "Local number", "INTERSTATE", "0.006", "0.01"),
        ("OVERAGE", "United States", "INTERSTATE", "0.024", "0.02"),
        ("OVERAGE", "United States", "INTRASTATE", "0.0192", "0.02"),
    ] == charges(document)
    assert [
        ("US.FUSF", "US", "15.11"),
        ("US-MN.E911", "US-MN", "2.70"),
        ("US-MN.SALES", "US-MN", "4.33"),
        ("US-MN.LOCAL_SALES", "US-MN-C053", "0.09"),
        ("US-MN.LOCAL_SALES", "US-MN-P43000", "0.32"),
        ("US-MN.LOCAL_SALES", "US-MN-D80004", "0.31"),
        ("US-MN.LOCAL_SALES", "US-MN-D80008", "0.47"),
        ("US-MN.LOCAL_SALES", "US-MN-D80009", "0.16"),
    ] == taxes(document)
    assert ("62.95", "23.49", "86.44") == (document.totals.net, document.totals.taxes, document.totals.total)
    split = "0.649 interstate, 0 international, the rest intrastate (SAFE_HARBOR)"
    assert f"For tax, charges that no call measures are {split}." in document.notes
    [trunk] = document.trunks
    assert (1509, 1720, 211, 3) == (
        trunk.included_seconds,
        trunk.used_seconds,
        trunk.overage_seconds,
        trunk.channel_limit,
    )


def test_forwards_exemptions_late_and_corrected_calls(world: World) -> None:
    """A reseller in Wisconsin with a state certificate; one call is late, one was half as long as it was billed.

    October: to Minnesota 6000 s x 0.0120 / 60 = 1.20 interstate; forwarded within Illinois 3000 s = 0.60 intrastate,
    which only Illinois may tax, where the seller is not registered. Net 1.80. Federal 1.20 x 0.37 = 0.444: 0.44.
    Wisconsin sales tax on 1.20 is exempt at every level. Police and fire 10 x 0.75 = 7.50. Total 9.74.
    In November the first call turns out to be 3000 s long: 0.60. A call of 600 s of October arrives late: within
    Wisconsin, 0.12. November itself: 1200 s to Minnesota, 0.24.
    Credit note: -0.60; federal of 0.60 is 0.222: 0.22, less 0.44 is -0.22. Total -0.82.
    Invoice of November: 0.12 of October and 0.24. Federal 0.24 x 0.37 = 0.0888: 0.08. Fee 7.50. Total 7.94.
    """
    world.receive(
        a_call("reseller-1", "+16125550177", "2026-10-03T10:00:00", 6000, cdr_id="too-long"),
        forwarded("reseller-1", "+13125550100", "+13125550101", "2026-10-04T10:00:00", 3000),
    )
    october = invoice_of(world.close("2026-10", account="reseller").issued, "reseller")
    assert [
        ("USAGE", "United States", "INTRASTATE", "0.6", "0.60"),
        ("USAGE", "United States", "INTERSTATE", "1.2", "1.20"),
    ] == charges(october)
    assert [
        ("US.FUSF", "US", "0.44"),
        ("US-WI.POLICE_FIRE", "US-WI", "7.50"),
        ("US-WI.SALES", "US-WI", "0.00"),
        ("US-WI.LOCAL_SALES", "US-WI-C025", "0.00"),
        ("US-WI.LOCAL_SALES", "US-WI-P48000", "0.00"),
    ] == taxes(october)
    assert {"RESALE_STATE"} == {tax.exempt_reason for tax in october.taxes if "SALES" in tax.tax_id}
    assert "9.74" == october.totals.total
    assert any("not registered in US-IL" in note for note in october.notes)

    world.receive(
        a_call("reseller-1", "+14145550100", "2026-10-30T10:00:00", 600),
        a_call("reseller-1", "+16125550177", "2026-11-03T10:00:00", 1200),
    )
    world.correct("too-long", measured_ms=3_000_000)
    issued = world.close("2026-11", account="reseller").issued
    note = invoice_of(issued, "reseller", "CREDIT_NOTE")
    assert october.number == note.corrects
    assert [("USAGE", "United States", "INTERSTATE", "-0.6", "-0.60")] == charges(note)
    assert [("US.FUSF", "US", "-0.22")] == taxes(note)
    assert ("-0.82", "2026-12-01") == (note.totals.total, str(note.issued_on))
    assert {"2026-12"} == {tax.compliance_period for tax in note.taxes}
    assert {"2026-11-01"} == {str(tax.tax_point) for tax in note.taxes}

    november = invoice_of(issued, "reseller")
    assert [("2026-10", "0.12"), ("2026-11", "0.24")] == [
        (line.service_period, line.amount) for line in november.charges
    ]
    assert ("0.36", "7.58", "7.94") == (november.totals.net, november.totals.taxes, november.totals.total)


def test_the_same_month_gives_the_same_bytes(world: World, tmp_path: Path) -> None:
    """Closing again, and closing the same ledger elsewhere, writes the same files byte by byte."""
    world.receive(
        a_call("lakes-1", "+16085550120", "2026-10-03T10:00:00", 2000),
        a_call("north-1", "+442079460018", "2026-10-05T10:00:00", 61),
    )
    first = world.close()
    files = world.files()
    assert {"north", "unlimited", "reseller"} == {row.account_id for row in first.issued}
    again = world.close()
    assert () == again.issued
    assert files == world.files()
    elsewhere = World.__new__(World)
    elsewhere.__dict__ = world.__dict__ | {
        "settings": world.settings.model_copy(update={"invoice_path": tmp_path / "elsewhere"})
    }
    elsewhere.close()
    assert files == elsewhere.files()
