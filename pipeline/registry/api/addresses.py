"""Service addresses: /calls/1/sip-trunks/service-addresses. These paths come before those of one trunk."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from pipeline.registry import places
from pipeline.registry.api.access import DatedRegistry, TheRegistry, answer, answer_all
from pipeline.registry.api.query import Id, WantedPage
from pipeline.registry.api.trunks import CHANGE, LISTING, Reader, Writer
from pipeline.registry.problems import Refused
from pipeline.registry.shapes.addresses import Address, Country, NewAddress, Region
from pipeline.registry.shapes.base import Page
from pipeline.registry.store import addresses

router = APIRouter(prefix="/calls/1/sip-trunks/service-addresses", tags=["Service addresses"])


@router.get("/countries", response_model=list[Country], responses=LISTING)
def get_countries(_caller: Reader) -> Response:
    """List the countries of ISO 3166-1."""
    return answer_all([Country(name=found.name, code=found.alpha3) for found in places.countries().values()])


@router.get("/countries/regions", response_model=list[Region], responses=LISTING)
def get_regions(
    _caller: Reader, country_code: Annotated[str, Query(alias="countryCode", pattern=r"^[A-Z]{3}$")]
) -> Response:
    """List the regions of a country by ISO 3166-2; none where it has none."""
    if country_code not in places.countries():
        raise Refused.at(
            "countryCode", f"{country_code!r} is no ISO 3166-1 alpha-3 code. GET .../countries lists them."
        )
    found = places.regions(country_code).values()
    return answer_all([Region(name=region.name, code=region.code, country_code=region.country) for region in found])


@router.get("", response_model=Page[Address], responses=LISTING)
def get_sip_trunk_service_addresses(registry: TheRegistry, caller: Reader, paging: WantedPage) -> Response:
    """List addresses, the oldest first."""
    return answer(addresses.list_addresses(registry, caller, paging))


@router.post("", status_code=201, response_model=Address, responses=LISTING)
def create_sip_trunk_service_address(registry: DatedRegistry, caller: Writer, request: NewAddress) -> Response:
    """Create an address."""
    return answer(addresses.create_address(registry, caller, request), 201)


@router.get("/{address_id}", response_model=Address, responses=CHANGE)
def get_sip_trunk_service_address(registry: TheRegistry, caller: Reader, address_id: Id) -> Response:
    """Read one address."""
    return answer(addresses.get_address(registry, caller, address_id))


@router.put("/{address_id}", response_model=Address, responses=CHANGE)
def update_sip_trunk_service_address(
    registry: DatedRegistry, caller: Writer, address_id: Id, request: NewAddress
) -> Response:
    """Change the text of an address; calls that were made before keep the text of their time."""
    return answer(addresses.update_address(registry, caller, address_id, request))


@router.delete("/{address_id}", response_model=Address, responses=CHANGE)
def delete_sip_trunk_service_address(registry: TheRegistry, caller: Writer, address_id: Id) -> Response:
    """Delete an address that no trunk uses; the answer shows it as it was."""
    return answer(addresses.delete_address(registry, caller, address_id))
