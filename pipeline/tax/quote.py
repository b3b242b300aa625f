"""The tax of one charge before there is a bill, and what of the tax data a person should look at."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from pipeline.tax.postal import read_address
from pipeline.tax.provider import Provider
from rating.tax.explain import explain_tax, unsourced
from rating.tax.fees import ChannelCount, TrunkChannels
from rating.tax.parameters import Parameter
from rating.tax.request import ChargeLine, TaxRequest
from rating.tax.result import TaxResult, TaxStop
from rating.tax.situs import UNITED_STATES, place_in
from rating.tax.terms import CallScope, ChargeClass, Mark
from schemas.reference import ServiceAddress

QUOTE = "quote"


class Charge(NamedTuple):
    """What is to be taxed: an amount of one class and scope, and the outbound channels that fees count."""

    amount: Decimal
    charge_class: ChargeClass = ChargeClass.CHANNEL_MRC
    scope: CallScope = CallScope.BUNDLED
    channels: int = 0


class WeakNumber(NamedTuple):
    """A number that is missing, or that no document at hand confirms."""

    number: str
    state: str
    description: str
    citation: str


def written_address(text: str) -> ServiceAddress:
    """A service address of the United States from one line of text. ValueError says what was expected."""
    written = read_address(text)
    return ServiceAddress(
        address_id=QUOTE, account_id=QUOTE, effective_from=datetime(1970, 1, 1, tzinfo=UTC),
        street=written.street, city=written.city, region=written.state, post_code=written.post_code,
        country=UNITED_STATES,
    )  # fmt: skip


def quote_request(provider: Provider, address: ServiceAddress, day: date, charge: Charge) -> TaxRequest | TaxStop:
    """A bill of one charge, dated `day`, from a seller that is registered where the address lies.

    Calls are from the service address, so its state may tax them.
    """
    state = place_in(address.country, address.region).state
    line = ChargeLine(QUOTE, address.address_id, charge.charge_class, charge.scope, charge.amount, taxing_state=state)
    counts = (ChannelCount(day, None, charge.channels),) if charge.channels else ()
    request = provider.request(
        QUOTE,
        account_id=address.account_id,
        bill_date=day,
        period=(day, day + timedelta(days=1)),
        lines=[line],
        addresses=[address],
        trunks=[TrunkChannels(QUOTE, address.address_id, counts)],
    )
    if isinstance(request, TaxStop) or state is None:
        return request
    return request._replace(seller=request.seller._replace(nexus=frozenset({state})))


def tax_rows(result: TaxResult) -> Iterator[dict[str, Any]]:
    """One row for each tax line."""
    for line in result.lines:
        yield {
            "tax": line.tax_id,
            "jurisdiction": line.jurisdiction.name or line.jurisdiction.jurisdiction_id,
            "base": f"{line.base:f}",
            "rate": None if line.rate is None else f"{line.rate.value:f}",
            "exact": f"{line.tax_unrounded:f}",
            "amount": str(line.amount),
            "mark": unsourced(line),
        }


def step_rows(result: TaxResult) -> Iterator[dict[str, Any]]:
    """Every step of every tax line."""
    for line in result.lines:
        for step in explain_tax(line):
            area = line.jurisdiction.jurisdiction_id
            yield {"tax": f"{line.tax_id} {area}", "step": step.step, "value": step.value, "source": step.source}


def weak_numbers(provider: Provider) -> Iterator[WeakNumber]:
    """Numbers without a value, or marked as unconfirmed or illustrative, by name."""
    for name, parameter in sorted(provider.parameters.items()):
        if not parameter.values:
            yield WeakNumber(name, "missing", parameter.description, "")
        yield from _unconfirmed(name, parameter)


def _unconfirmed(name: str, parameter: Parameter) -> Iterator[WeakNumber]:
    words = {Mark.UNCONFIRMED: "unconfirmed", Mark.ILLUSTRATIVE: "illustrative"}
    for value in parameter.values:
        if value.mark in words:
            yield WeakNumber(name, words[value.mark], f"{parameter.description}: {value.value}", value.citation)
