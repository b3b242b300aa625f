"""Computes the cases of `tax_cases.json` through the public functions: one function for each kind of case.

Each takes the input of a case and gives the fields that an expectation may name. No case is known here by its id.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from pipeline.tax.sst_boundaries import load_sst_boundaries
from rating.tax.allocation import ALL_SCOPES, split, sum_parts
from rating.tax.boundary import Boundaries, StreetAddress
from rating.tax.credits import credit_taxes
from rating.tax.exemptions import Exemption, ExemptionKind, find_exemption
from rating.tax.fees import ChannelCount, CountMethod, LineCount, Tier, TrunkChannels, count_lines
from rating.tax.fusf import fusf_charge
from rating.tax.inclusive import gross_up, take_apart
from rating.tax.invoice import tax_invoice
from rating.tax.jurisdictions import STATE_FIPS, UNITED_STATES, Jurisdiction
from rating.tax.law import Tax
from rating.tax.parameters import DatedValue, RateMissing
from rating.tax.request import ChargeLine, PrimaryUse
from rating.tax.result import TaxLine, TaxResult, TaxStop
from rating.tax.rounding import down, half_up, round_aggregate, round_each, to_decimal
from rating.tax.situs import UNKNOWN, Ends, Place, place_in, situs
from rating.tax.stacks import RateTable, StackRate, combined_rate, round_taxes, stack_rates
from rating.tax.terms import CallScope, ChargeClass, Level, Rounding, TaxType
from rating.tax.traffic_study import IndeterminatePolicy, study_allocation, study_margin
from tests.oracles.tax_bills import (
    NO_ALLOCATION,
    PPU,
    STATE,
    JsonObject,
    allocation_of,
    data_file,
    day,
    fee_tax,
    fusf_tax,
    jurisdictions_of,
    law_of,
    lines_of,
    plan_allowed,
    point_of,
    rate_table,
    request_of,
    sales_law,
    seller_of,
    shipped_law,
    shipped_tax,
    state_tax,
    trunk_of,
)
from tests.oracles.tax_plans import fair_use


@lru_cache
def boundaries(name: str) -> Boundaries:
    """A Streamlined boundary file."""
    return load_sst_boundaries(data_file(name))


def plain(amount: Decimal | Fraction) -> str:
    """Exact decimal text without trailing zeros."""
    return f"{to_decimal(Fraction(amount)):f}"


def error_of(stop: TaxStop | RateMissing) -> JsonObject:
    """What a stopped computation gives: the reason alone."""
    reasons = {stop.reason} if isinstance(stop, RateMissing) else stop.reasons
    (reason,) = reasons
    return {"error": reason}


def fusf(case: JsonObject) -> JsonObject:
    """The federal charge of one bill, with its parts."""
    parts = sum_parts(split(line.amount, line.scope, allocation_of(case)) for line in lines_of(case, None))
    factor = fusf_tax().rates.rate_on(UNITED_STATES, point_of(case))
    assert factor is not None
    charge = fusf_charge(parts, parts, seller_of(case), factor)
    if isinstance(charge, RateMissing):
        return error_of(charge)
    return {
        "interstate": plain(parts.interstate),
        "international": plain(parts.international),
        "intrastate": plain(parts.intrastate),
        "factor": None if charge.factor is None else plain(charge.factor.value),
        "base": plain(charge.base),
        "tax_unrounded": plain(charge.tax_unrounded),
        "tax": str(charge.tax),
        "line_printed": charge.is_printed,
    }


def sst_stack(case: JsonObject) -> JsonObject:
    """The stack of rates of one address on one day."""
    point = point_of(case)
    rates = stack_rates(rate_table(case["rate_file"]), jurisdictions_of(case["jurisdictions"]), point)
    if isinstance(rates, RateMissing):
        return {"tax_point": str(point)} | error_of(rates)
    base = sum((Fraction(amount) for amount in case["amounts"]), Fraction())
    unrounded = [base * Fraction(row.rate.value) for row in rates]
    amounts = round_taxes(unrounded, Rounding(case["rounding"]))
    codes = dict(zip(jurisdictions_of(case["jurisdictions"]), case["jurisdictions"], strict=True))
    return {
        "tax_point": str(point),
        "base": plain(base),
        "combined_rate": plain(combined_rate(rates)),
        "rows": [
            {"type": codes[row.jurisdiction][0], "code": codes[row.jurisdiction][1], "rate": plain(row.rate.value),
             "tax_unrounded": plain(exact), "tax": str(amount)}
            for row, exact, amount in zip(rates, unrounded, amounts, strict=True)
        ],
        "aggregate_total": str(sum(round_aggregate(unrounded))),
        "per_jurisdiction_total": str(sum(round_each(unrounded))),
        "total": str(sum(amounts)),
    }  # fmt: skip


def rates_in_force(table: RateTable, jurisdictions: Sequence[Jurisdiction], point: date) -> list[StackRate]:
    """The stack of a boundary record."""
    rates = stack_rates(table, jurisdictions, point)
    assert not isinstance(rates, RateMissing)
    return rates


def boundary(case: JsonObject) -> JsonObject:
    """The boundary record that decides, and the tax of its stack."""
    table, point = rate_table(case["rate_file"]), date.fromisoformat(case["date"])
    match = boundaries(case["boundary_file"]).match(
        StreetAddress(case["zip5"], case["plus4"]),
        point,
        lambda jurisdictions: combined_rate(rates_in_force(table, jurisdictions, point)),
    )
    if match is None:
        return {"record_type": None}
    found = match.record.jurisdictions
    codes = {jurisdiction.level: jurisdiction.jurisdiction_id.rpartition("-")[2][1:] for jurisdiction in found}
    districts = [area.jurisdiction_id.rpartition("-")[2][1:] for area in found if area.level is Level.DISTRICT]
    fips = next(fips for fips, state in STATE_FIPS.items() if f"US-{state}" == found[0].jurisdiction_id)
    rates = rates_in_force(table, found, point)
    amounts = round_aggregate([Fraction(case["amount"]) * Fraction(row.rate.value) for row in rates])
    return {
        "record_type": match.record.record_type.value,
        "county": codes.get(Level.COUNTY),
        "place": codes.get(Level.CITY),
        "districts": [[code, "63"] for code in districts],
        "jurisdictions": [
            ["45", fips],
            *([["00", codes[Level.COUNTY]]] if Level.COUNTY in codes else []),
            *([["01", codes[Level.CITY]]] if Level.CITY in codes else []),
            *[["63", code] for code in districts],
        ],
        "combined_rate": plain(combined_rate(rates)),
        "total": str(sum(amounts)),
    }


def state_taxes(case: JsonObject) -> JsonObject:
    """Taxes of one state on different bases."""
    taxes = [state_tax(row, case["rounding"]) for row in case["taxes"]]
    result = tax_invoice(request_of(case, PPU, lines_of(case, PPU.state)), law_of(taxes, STATE.jurisdiction_id))
    assert isinstance(result, TaxResult)
    found = {line.tax_id: line for line in result.lines}
    return {
        "rows": [_state_row(row["tax"], found.get(row["tax"])) for row in case["taxes"]],
        "total": str(result.total),
    }


def _state_row(tax: str, line: TaxLine | None) -> JsonObject:
    """A tax without a base has no line on the bill; its row is zero."""
    if line is None:
        return {"tax": tax, "base": "0", "tax_unrounded": "0", "amount": "0.00"}
    return {
        "tax": tax,
        "base": plain(line.base),
        "tax_unrounded": plain(line.tax_unrounded),
        "amount": str(line.amount),
    }


def federal_charge(result: TaxResult) -> str:
    """The federal charge as billed; 0.00 where no line is printed."""
    return str(sum((line.amount for line in result.lines if line.tax_id == "US.FUSF"), Decimal("0.00")))


def sales_rows(result: TaxResult, address: PrimaryUse, names: Sequence[JsonObject]) -> list[JsonObject]:
    """The sales tax of every jurisdiction that the case lists; zero for one that has no line on the bill."""
    lines = {line.jurisdiction.jurisdiction_id: line for line in result.lines if line.tax_id.endswith(".SALES")}
    found = (lines.get(area.jurisdiction_id) for area in address.jurisdictions)
    return [name | _amounts(line) for name, line in zip(names, found, strict=True)]


def sales_base(result: TaxResult) -> str:
    """The base that all jurisdictions of the sales tax share."""
    return plain(next((line.base for line in result.lines if line.tax_id.endswith(".SALES")), Decimal(0)))


def _amounts(line: TaxLine | None) -> JsonObject:
    if line is None:
        return {"tax_unrounded": "0", "tax": "0.00"}
    return {"tax_unrounded": plain(line.tax_unrounded), "tax": str(line.amount)}


def rate_of(tax: Tax, area: Jurisdiction, point: date) -> str:
    """The rate of a jurisdiction on a day."""
    found = tax.rates.rate_on(area, point)
    assert isinstance(found, DatedValue)
    return plain(found.value)


def tax_on_tax(case: JsonObject) -> JsonObject:
    """Sales tax whose base may hold the federal charge as billed."""
    law, address = sales_law(case, ALL_SCOPES, fusf_in_base=case["surcharge_in_base"])
    result = tax_invoice(request_of(case, address, lines_of(case, address.state)), law)
    if isinstance(result, TaxStop):
        return error_of(result)
    tax = next(tax for tax in law.taxes if tax.tax_id.endswith(".SALES"))
    rates = [{"rate": rate_of(tax, area, point_of(case))} for area in address.jurisdictions]
    listed = case.get("jurisdictions") or case["rates"]
    names = [{"type": row[0], "code": row[1]} if isinstance(row, list) else {"jurisdiction": row["jurisdiction"]}
             for row in listed]  # fmt: skip
    rows = sales_rows(result, address, [name | rate for name, rate in zip(names, rates, strict=True)])
    total = sum((Decimal(row["tax"]) for row in rows), Decimal("0.00"))
    return {"fusf": federal_charge(result), "base": sales_base(result), "rows": rows, "total": str(total)}


def rounding(case: JsonObject) -> JsonObject:
    """Many small lines, rounded once."""
    base = sum((Fraction(amount) * times for amount, times in case["lines"]), Fraction())
    unrounded = [base * Fraction(row["rate"]) for row in case["rates"]]
    amounts = round_taxes(unrounded, Rounding(case["rounding"]))
    per_line = sum(
        (half_up(Fraction(amount) * Fraction(row["rate"])) * times
         for row in case["rates"] for amount, times in case["lines"]),
        Decimal("0.00"),
    )  # fmt: skip
    return {
        "base": plain(base),
        "rows": [
            {"jurisdiction": row["jurisdiction"], "tax_unrounded": plain(exact), "tax": str(amount)}
            for row, exact, amount in zip(case["rates"], unrounded, amounts, strict=True)
        ],
        "total": str(sum(amounts)),
        "if_rounded_per_line": str(per_line),
    }


def line_fee(case: JsonObject) -> JsonObject:
    """Fees for each line: the count, and the amounts on a bill."""
    count = LineCount(
        CountMethod(case["method"]),
        case.get("cap"),
        tuple(Tier(tier["up_to"], Decimal(tier["multiplier"])) for tier in case.get("tiers", ())),
        case.get("per_pri"),
    )
    trunks = [trunk_of(row) for row in case["trunks"]]
    if case.get("pri_links"):
        trunks.append(TrunkChannels("pri", "ppu", (), pri_links=case["pri_links"]))
    taxes = [fee_tax(row["tax"], row["fee"], count) for row in case["fees"]]
    request = request_of(case | {"allocation": NO_ALLOCATION}, PPU, (), trunks)
    result = tax_invoice(request, law_of(taxes, STATE.jurisdiction_id))
    assert isinstance(result, TaxResult)
    billed = count_lines(count, trunks, request.period_start, request.period_end)
    found = {line.tax_id: str(line.amount) for line in result.lines}
    return {
        "channels": billed.channels,
        "billed_count": billed.billed,
        "fees": [{"tax": row["tax"], "amount": found.get(row["tax"], "0.00")} for row in case["fees"]],
        "total": str(result.total),
    }


def situs_of_call(case: JsonObject) -> JsonObject:
    """Class and taxing state of one call."""
    ends = Ends(_place(case["origin"]), _place(case["termination"]))
    found = situs(ends, _place(case["service_address"]))
    return {"call_class": found.call_scope, "taxing_state": found.taxing_state}


def _place(row: JsonObject | None) -> Place:
    return UNKNOWN if row is None else place_in(row["country"], row.get("state"))


def exemption(case: JsonObject) -> JsonObject:
    """Which taxes a customer's certificates free."""
    certificates = [
        Exemption(
            ExemptionKind(row["kind"]), row["jurisdiction"], frozenset(map(_level, row["levels"])),
            None if row["tax_types"] is None else frozenset(map(_tax_type, row["tax_types"])),
            day(row["valid_from"]) or date.min, day(row["valid_to"]) or date.max,
        )
        for row in case["exemptions"]
    ]  # fmt: skip
    rows = [_exempt_row(row, certificates, date.fromisoformat(case["tax_point"])) for row in case["taxes"]]
    return {"rows": rows, "total": str(sum(Decimal(row["amount"]) for row in rows))}


def _level(text: str) -> Level:
    """An unincorporated area is as local as a city."""
    return Level.CITY if text == "UNINCORPORATED" else Level(text)


def _tax_type(text: str) -> TaxType | str:
    """A kind of tax that the product has no name for compares by the case's own."""
    return TaxType(text) if text in set(TaxType) else text


def _exempt_row(row: JsonObject, certificates: list[Exemption], point: date) -> JsonObject:
    found = find_exemption(certificates, _tax_type(row["tax_type"]), _level(row["level"]), row["jurisdiction"], point)
    base = Fraction(row["base"] if "base" in row else row["count"])
    taxable = Fraction() if found else base
    tax = taxable * Fraction(row.get("rate") or row["fee"])
    return {
        "tax": row["tax"],
        "taxable": plain(taxable),
        "exempt": plain(base - taxable),
        "reason": found and found.kind,
        "amount": str(down(tax) if row["round"] == "FLOOR" else half_up(tax)),
    }


def credit(case: JsonObject) -> JsonObject:
    """A credit as a reversal and a replacement under the original rates."""
    address = PrimaryUse("ppu", "US", None, (STATE,))
    line = ChargeLine("1", "ppu", ChargeClass.USAGE, CallScope(case["jurisdiction"]), Decimal(case["original_amount"]))
    left = line.amount - Decimal(case["credited_amount"])
    request = request_of(case | {"bill_date": case["original_bill_date"]}, address, [line])
    outcome = credit_taxes(
        request, [line._replace(amount=left)], law_of([fusf_tax()]), date.fromisoformat(case["credit_date"])
    )
    if isinstance(outcome, TaxStop):
        return error_of(outcome)
    factor = fusf_tax().rates.rate_on(UNITED_STATES, request.bill_date)
    return {
        "factor": plain(factor.value) if isinstance(factor, DatedValue) else None,
        "reversal_charge": str(half_up(-Fraction(line.amount))),
        "reversal_tax": str(outcome.reversal.total),
        "replacement_charge": str(half_up(Fraction(left))),
        "replacement_tax": str(outcome.replacement.total),
        "net_tax": str(outcome.net),
        "tax_point": str(outcome.reversal.tax_point),
        "compliance_period": outcome.reversal.compliance_period,
    }


def inclusive(case: JsonObject) -> JsonObject:
    """A gross price taken apart."""
    fees = [Decimal(fee["amount"]) for fee in case["fixed_fees"]]
    price = take_apart(Decimal(case["gross"]), fees, [Decimal(row["rate"]) for row in case["rates"]])
    return {
        "base": str(price.base),
        "tax": str(price.tax),
        "fixed": str(price.fixed),
        "gross": str(price.base + price.tax + price.fixed),
        "rows": [
            {"jurisdiction": row["jurisdiction"], "tax": str(tax)}
            for row, tax in zip(case["rates"], price.taxes, strict=True)
        ],
    }


def non_us_ppu(case: JsonObject) -> JsonObject:
    """A place of primary use abroad: no tax of the United States."""
    address = PrimaryUse("ppu", case["ppu_country"])
    request = request_of(case | {"allocation": NO_ALLOCATION}, address, lines_of(case, None))
    result = tax_invoice(request, shipped_law())
    assert isinstance(result, TaxResult)
    return {
        "plan_allowed": plan_allowed(case["plan"], case["ppu_country"]),
        "tax_rows": [line.tax_id for line in result.lines],
        "total_tax": str(result.total),
    }


def traffic_study(case: JsonObject) -> JsonObject:
    """Shares from minutes, and a charge split by them."""
    minutes = {CallScope(scope): Decimal(amount) for scope, amount in case["minutes"].items()}
    shares = study_allocation(minutes, IndeterminatePolicy(case["indeterminate_policy"]))
    parts = split(Decimal(case["charge"]), CallScope.BUNDLED, shares)
    return {
        "interstate": plain(shares.interstate),
        "international": plain(shares.international),
        "intrastate": plain(1 - Fraction(shares.interstate) - Fraction(shares.international)),
        "charge_interstate": plain(parts.interstate),
        "charge_international": plain(parts.international),
        "charge_intrastate": plain(parts.intrastate),
    }


def margin_of_study(case: JsonObject) -> JsonObject:
    """Margin of error of a traffic study."""
    found = study_margin(Decimal(case["share"]), case["sample_calls"], Decimal(case["z"]), Decimal(case["limit"]))
    return {"margin": f"{found.margin:.6f}", "acceptable": found.is_acceptable}


SERVICES = {
    "LOCAL_ONLY": ChargeClass.LOCAL_ONLY,
    "ANY_DISTANCE_BUNDLE": ChargeClass.CHANNEL_MRC,
    "PER_MINUTE_LD": ChargeClass.USAGE,
}


def fet(case: JsonObject) -> JsonObject:
    """Federal excise of one charge."""
    line = ChargeLine(
        "1", "ppu", SERVICES[case["service"]], CallScope.INTRASTATE, Decimal(case["amount"]), taxing_state=None
    )
    request = request_of({"allocation": NO_ALLOCATION}, PrimaryUse("ppu", "US", None, (STATE,)), [line])
    result = tax_invoice(request, law_of([shipped_tax("US.FET")]))
    assert isinstance(result, TaxResult)
    return {"base": plain(sum((found.base for found in result.lines), Decimal())), "tax": str(result.total)}


def self_rate(case: JsonObject) -> JsonObject:
    """A tax that is part of its own base."""
    return {"tax": str(gross_up(Decimal(case["base"]), Decimal(case["rate"])))}


def invoice(case: JsonObject) -> JsonObject:
    """A whole bill: charges, federal charge, sales tax, fees."""
    law, address = law_of([fusf_tax()], STATE.jurisdiction_id), PPU
    if case["sales"]:
        scopes = frozenset(CallScope(scope) for scope in case["sales"]["taxable"])
        law, address = sales_law(case["sales"], scopes, fusf_in_base=case["sales"]["fusf_in_base"])
    address = address._replace(country=case["ppu_country"])
    lines = lines_of(case, address.state)
    result = tax_invoice(request_of(case, address, lines), law)
    if isinstance(result, TaxStop):
        return error_of(result)
    fees = [{"tax": row["tax"], "amount": str(invoice_fee(case, row))} for row in case["fees"]]
    charges = sum((line.amount for line in lines), Decimal("0.00"))
    total_tax = sum((Decimal(fee["amount"]) for fee in fees), result.total)
    names = listed_names(case["sales"]) if address.is_in_us and case["sales"] else []
    return {
        "charges": str(charges),
        "fusf_base": plain(sum((line.base for line in result.lines if line.tax_id == "US.FUSF"), Decimal(0))),
        "fusf": federal_charge(result),
        "sales_base": sales_base(result),
        "sales": sales_rows(result, address, names) if names else [],
        "fees": fees,
        "total_tax": str(total_tax),
        "total": str(charges + total_tax),
    }


def listed_names(sales: JsonObject) -> list[JsonObject]:
    """Names of the jurisdictions of a sales tax as a case lists them."""
    rows = sales.get("jurisdictions") or sales["rates"]
    return [{"jurisdiction": f"{row[0]}/{row[1]}" if isinstance(row, list) else row["jurisdiction"]} for row in rows]


def invoice_fee(case: JsonObject, row: JsonObject) -> Decimal:
    """One fee of a bill, by a count of its own."""
    trunk = TrunkChannels(row["tax"], "ppu", (ChannelCount(date.min, None, row["count"]),))
    fee = fee_tax(row["tax"], row["fee"], LineCount(CountMethod.PER_CHANNEL_OUT))
    result = tax_invoice(request_of(case, PPU, (), [trunk]), law_of([fee], STATE.jurisdiction_id))
    assert isinstance(result, TaxResult)
    return result.total


KINDS: dict[str, Callable[[JsonObject], JsonObject]] = {
    "fusf": fusf,
    "sst_stack": sst_stack,
    "boundary": boundary,
    "state_taxes": state_taxes,
    "tax_on_tax": tax_on_tax,
    "rounding": rounding,
    "line_fee": line_fee,
    "situs": situs_of_call,
    "exemption": exemption,
    "credit": credit,
    "inclusive": inclusive,
    "non_us_ppu": non_us_ppu,
    "traffic_study": traffic_study,
    "study_margin": margin_of_study,
    "fet": fet,
    "self_rate": self_rate,
    "invoice": invoice,
    "fair_use": fair_use,
}
