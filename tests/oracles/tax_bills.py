"""Bills, laws and rate tables built from the inputs of tax cases; nothing here knows an expectation."""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.tax.law_files import load_corrections, load_law
from pipeline.tax.sst_rates import load_sst_rates
from rating.book import RateBook
from rating.book_problems import BookError
from rating.tax.allocation import ALL_SCOPES, Allocation, AllocationMethod
from rating.tax.fees import ChannelCount, LineCount, TrunkChannels
from rating.tax.fusf import Seller
from rating.tax.jurisdictions import STATE_FIPS, Jurisdiction, sst_jurisdiction, state_jurisdiction
from rating.tax.law import Tax, TaxLaw
from rating.tax.parameters import DatedValue, Parameter, tax_point
from rating.tax.request import ChargeLine, PrimaryUse, TaxRequest
from rating.tax.stacks import RateTable
from rating.tax.terms import CallScope, ChargeClass, DateBasis, Level, Rounding, TaxType
from schemas.reference import Account, ChannelLimit, Package, Plan, RateDeck, ServiceAddress, Trunk, TrunkType

ROOT = Path(__file__).resolve().parents[2]


JsonObject = dict[str, Any]


def data_file(name: str) -> Path:
    """A file of the folder of public data."""
    return Path(os.environ.get("TRUNKLINE_DATA", ROOT.parent / "shared" / "data")) / name


@lru_cache
def rate_table(name: str) -> RateTable:
    """A Streamlined rate file with the shipped corrections."""
    return load_sst_rates(data_file(name), load_corrections())


@lru_cache
def shipped_law() -> TaxLaw:
    """The law as shipped, without an operator's folder."""
    return load_law().law


def shipped_tax(tax_id: str) -> Tax:
    """One tax of the shipped law."""
    return next(tax for tax in shipped_law().taxes if tax.tax_id == tax_id)


def day(text: str | None) -> date | None:
    """An ISO day."""
    return None if text is None else date.fromisoformat(text)


def point_of(case: JsonObject) -> date:
    """The tax point of a case."""
    basis = DateBasis(case.get("date_basis", "BILL_DATE"))
    return tax_point(date.fromisoformat(case["bill_date"]), day(case.get("service_date")), basis)


def allocation_of(case: JsonObject) -> Allocation:
    """The seller's split of bundled charges."""
    row = case["allocation"]
    return Allocation(AllocationMethod(row["method"]), Decimal(row["interstate"]), Decimal(row["international"]))


def seller_of(case: JsonObject, nexus: Iterable[str] = ()) -> Seller:
    """The seller of a case, registered in the states given."""
    row = case.get("seller", {"contributor": True, "lire": False, "de_minimis": False})
    return Seller(row["contributor"], row["lire"], row["de_minimis"], frozenset(nexus))


def lines_of(case: JsonObject, state: str | None) -> tuple[ChargeLine, ...]:
    """The charges of a case; calls are taxable where the service address lies."""
    return tuple(
        ChargeLine(
            f"{number:04d}", "ppu", ChargeClass(row["charge_class"]), CallScope(row["jurisdiction"]),
            Decimal(row["amount"]), taxing_state=state,
        )
        for number, row in enumerate(case["lines"])
    )  # fmt: skip


def request_of(
    case: JsonObject, address: PrimaryUse, lines: Sequence[ChargeLine], trunks: Sequence[TrunkChannels] = ()
) -> TaxRequest:
    """A bill of one service address for the month of its bill date."""
    bill_date = date.fromisoformat(case.get("bill_date", "2026-05-01"))
    period = case.get("period", {"start": str(bill_date.replace(day=1)), "end": str(bill_date + timedelta(days=31))})
    return TaxRequest(
        "case", bill_date, date.fromisoformat(period["start"]), date.fromisoformat(period["end"]),
        seller_of(case, [address.state] if address.state else []), allocation_of(case), tuple(lines),
        {"ppu": address}, tuple(trunks),
    )  # fmt: skip


def fixed_rate(name: str, value: str) -> Parameter:
    """A number that is in force on every day."""
    return Parameter(name, name, "FRACTION", (DatedValue(date.min, None, Decimal(value), "the case"),))


def fusf_tax() -> Tax:
    """The federal charge as shipped."""
    return shipped_tax("US.FUSF")


def law_of(taxes: Sequence[Tax], *areas: str) -> TaxLaw:
    """A law of a few taxes."""
    return TaxLaw.build(taxes, ("US", *areas), "case")


def jurisdictions_of(pairs: Iterable[Sequence[str]]) -> list[Jurisdiction]:
    """Jurisdictions from the (type, code) pairs of a Streamlined file; the state comes first."""
    listed = list(pairs)
    state = STATE_FIPS[listed[0][1]]
    return [sst_jurisdiction(state, *pair) for pair in listed]


BASES = {
    "ALL": ALL_SCOPES,
    "INTRASTATE": frozenset({CallScope.INTRASTATE}),
    "DOMESTIC": ALL_SCOPES - {CallScope.INTERNATIONAL},
}


STATE = state_jurisdiction("XX")


PPU = PrimaryUse("ppu", "US", "XX", (STATE,))


def state_tax(row: JsonObject, rounding: str) -> Tax:
    """A tax of one state with a fixed rate."""
    table = RateTable(row["tax"], "", {STATE.jurisdiction_id: fixed_rate(row["tax"], row["rate"])})
    return Tax(
        row["tax"], row["tax"], STATE.jurisdiction_id, frozenset({Level.STATE}), TaxType.TELECOM_EXCISE, table, "case",
        scopes=BASES[row["base"]], rounding=Rounding(rounding),
    )  # fmt: skip


def sales_law(sales: JsonObject, scopes: frozenset[CallScope], *, fusf_in_base: bool) -> tuple[TaxLaw, PrimaryUse]:
    """The federal charge and a sales tax by a Streamlined file or by listed rates, and the address that it fits."""
    if sales.get("rate_file"):
        areas = jurisdictions_of(sales["jurisdictions"])
        table, state = rate_table(sales["rate_file"]), areas[0].jurisdiction_id
    else:
        state = STATE.jurisdiction_id
        areas = [Jurisdiction(f"{state}-D{number:05d}", Level.DISTRICT) for number in range(len(sales["rates"]))]
        rates = zip(areas, sales["rates"], strict=True)
        table = RateTable("case", "", {area.jurisdiction_id: fixed_rate("case", row["rate"]) for area, row in rates})
    tax = Tax(
        f"{state}.SALES", "Sales tax", state, frozenset(Level) - {Level.FED}, TaxType.STATE_SALES, table, "case",
        scopes=scopes, rounding=Rounding(sales["rounding"]), includes=("US.FUSF",) if fusf_in_base else (),
    )  # fmt: skip
    address = PrimaryUse("ppu", "US", state.removeprefix("US-"), tuple(areas))
    return law_of([fusf_tax(), tax], state), address


NO_ALLOCATION = {"method": "ACTUAL", "interstate": "0", "international": "0"}


def trunk_of(row: JsonObject) -> TrunkChannels:
    """A trunk with its dated channel counts."""
    counts = (
        ChannelCount(date.fromisoformat(part["from"]), day(part["to"]), part["count"]) for part in row["channels"]
    )
    return TrunkChannels(row["trunk"], "ppu", tuple(counts), row["outbound_capable"])


def fee_tax(name: str, fee: str, count: LineCount) -> Tax:
    """A fee for each line of one state."""
    table = RateTable(name, "", {STATE.jurisdiction_id: fixed_rate(name, fee)})
    return Tax(
        name, name, STATE.jurisdiction_id, frozenset({Level.STATE}), TaxType.E911_STATE, table, "case", line_count=count
    )


def plan_allowed(package: str, country: str) -> bool:
    """Whether the book accepts a trunk with that package in that country."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    plan = Plan(plan_id="plan", package=Package(package), effective_from=start, outbound_deck="deck")
    address = ServiceAddress(
        address_id="ppu", account_id="account", effective_from=start, street="1 Example Street", city="Town",
        country=country,
    )  # fmt: skip
    trunk = Trunk(
        trunk_id="trunk", account_id="account", name="trunk", type=TrunkType.REGISTERED, user_name="trunk",
        plan_id="plan", location="NEW_YORK", country=country, address_id="ppu", effective_from=start,
        channel_limits=(ChannelLimit(effective_from=start, channel_limit=10),),
    )  # fmt: skip
    try:
        RateBook.build(
            accounts=[Account(account_id="account", name="account")], addresses=[address], plans=[plan],
            trunks=[trunk], decks=[RateDeck(deck_id="deck", rates=())],
        )  # fmt: skip
    except BookError as error:
        return "plan_id" not in {problem.field for problem in error.problems}
    return True
