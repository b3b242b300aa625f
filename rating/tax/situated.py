"""Where each charge of a bill belongs: its parts by scope and the jurisdictions that may tax it.

Charges that are not per call belong to the PPU at every level. A call belongs to the state where two of three agree:
at every level when one of its ends is the PPU, at state level only when the match is between the ends of a forwarded
leg (PRODUCT.md, Tax 1). A PPU outside the United States has no US tax at all.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rating.tax.allocation import Parts, split
from rating.tax.jurisdictions import FEDERAL, UNITED_STATES, Jurisdiction, state_jurisdiction
from rating.tax.law import TaxLaw
from rating.tax.parameters import RateMissing
from rating.tax.request import ChargeLine, PrimaryUse, TaxRequest
from rating.tax.result import JurisdictionAmbiguous, Suspended

RESOLUTIONS_FILE = "resolutions.yaml"


class SituatedLine(NamedTuple):
    """A charge line with its exact parts, the same from the printed amount, and who may tax it."""

    line: ChargeLine
    parts: Parts
    billed: Parts
    jurisdictions: tuple[Jurisdiction, ...]


def us_lines(request: TaxRequest) -> list[ChargeLine]:
    """The charges with a US place of primary use, in order of their ids, so that order of arrival decides nothing."""
    return sorted(
        (line for line in request.lines if request.addresses[line.address_id].is_in_us), key=lambda line: line.line_id
    )


def situate(line: ChargeLine, request: TaxRequest) -> SituatedLine:
    """Split one charge and list the jurisdictions that may tax it."""
    allocation = request.allocation
    parts = split(line.amount, line.scope, allocation)
    billed = parts if line.billed is None else split(line.billed, line.scope, allocation)
    local = _state_and_local(line, request.addresses[line.address_id])
    registered = tuple(jurisdiction for jurisdiction in local if _state_of(jurisdiction) in request.seller.nexus)
    return SituatedLine(line, parts, billed, (UNITED_STATES, *registered))


def suspended_lines(request: TaxRequest) -> Iterator[Suspended]:
    """Lines that a state may tax where the seller is not registered."""
    for line in us_lines(request):
        states = {_state_of(found) for found in _state_and_local(line, request.addresses[line.address_id])}
        for state in sorted(states - request.seller.nexus):
            yield Suspended(line.line_id, f"{FEDERAL}-{state}")


def situs_problems(
    lines: Sequence[SituatedLine], request: TaxRequest, law: TaxLaw
) -> Iterator[RateMissing | JurisdictionAmbiguous]:
    """Addresses without jurisdictions, and jurisdictions without any rules.

    The state of a trunk counts even without charges and without nexus: fees for each line may be due there.
    """
    trunks = _us_trunk_addresses(request)
    used = {situated.line.address_id for situated in lines} | {address.address_id for address in trunks}
    for address_id in sorted(used):
        address = request.addresses[address_id]
        if not address.jurisdictions:
            yield JurisdictionAmbiguous(address_id, RESOLUTIONS_FILE, address.evidence)
    found = {area for situated in lines for area in situated.jurisdictions}
    found |= {area for address in trunks for area in (UNITED_STATES, *address.jurisdictions)}
    areas = {FEDERAL if area == UNITED_STATES else f"{FEDERAL}-{_state_of(area)}" for area in found}
    for area in sorted(areas - law.covered):
        yield RateMissing(f"tax rules of {area}", request.bill_date, f"rules/{area.lower()}.yaml")


def _us_trunk_addresses(request: TaxRequest) -> list[PrimaryUse]:
    addresses = (request.addresses[trunk.address_id] for trunk in request.trunks)
    return [address for address in addresses if address.is_in_us]


def _state_and_local(line: ChargeLine, address: PrimaryUse) -> tuple[Jurisdiction, ...]:
    if not line.is_per_call:
        return address.jurisdictions
    if line.taxing_state is None:
        return ()
    if line.taxing_state == address.state and line.is_at_ppu:
        return address.jurisdictions
    return (state_jurisdiction(line.taxing_state),)


def _state_of(jurisdiction: Jurisdiction) -> str:
    return jurisdiction.jurisdiction_id.split("-")[1]
