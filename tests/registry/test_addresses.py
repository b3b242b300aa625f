"""Service addresses: their places, their versions, and the trunks that use them."""

import pytest
from sqlalchemy import select

from pipeline.registry.places import countries, regions
from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.store.addresses import (
    create_address,
    delete_address,
    get_address,
    list_addresses,
    update_address,
)  # fmt: skip
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.pages import Paging
from pipeline.registry.store.records import AddressRecord
from pipeline.registry.store.trunks import create_trunk, delete_trunk
from pipeline.registry.tables import OutboxRow
from tests.registry.builders import ACME, BLUE, a_trunk, an_address, metered


def test_an_address_names_its_country_and_region(registry: Registry) -> None:
    """Codes come back with their names (ISO 3166-1 and 3166-2)."""
    address = create_address(registry, ACME, an_address(suite="Floor 3"))
    assert ("United States", "USA") == (address.country.name, address.country.code)
    assert address.region is not None
    assert ("Texas", "US-TX", "USA") == (address.region.name, address.region.code, address.region.country_code)
    assert address == get_address(registry, ACME, address.id)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("countryCode", {"countryCode": "ZZZ"}),
        ("countryRegionCode", {"countryRegionCode": None}),
        ("countryRegionCode", {"countryRegionCode": "US-ZZ"}),
        ("countryRegionCode", {"countryRegionCode": "HR-21"}),
        ("countryRegionCode", {"countryCode": "ABW", "countryRegionCode": "AW-01"}),
    ],
)
def test_codes_that_do_not_exist_are_refused(registry: Registry, path: str, fields: dict[str, str]) -> None:
    """A country that has regions needs one of its own; one without has none."""
    with pytest.raises(Refused) as refused:
        create_address(registry, ACME, an_address(**fields))
    assert [path] == list(refused.value.violations)


def test_countries_without_regions_need_none(registry: Registry) -> None:
    """Aruba has no subdivision in ISO 3166-2."""
    address = create_address(registry, ACME, an_address(countryCode="ABW", countryRegionCode=None))
    assert address.region is None
    assert 249 == len(countries())
    assert 57 == len(regions("USA"))


def test_an_edit_is_a_further_version(registry: Registry) -> None:
    """The text that ledger lines were made with stays, with the instant from which the next one counts."""
    address = create_address(registry, ACME, an_address())
    update_address(registry, ACME, address.id, an_address(street="2 Congress Ave"))
    with registry.database.read() as session:
        rows = list(session.scalars(select(OutboxRow).order_by(OutboxRow.change_id)))
    versions = AddressRecord.model_validate_json(rows[-1].value or "").versions
    assert [(1, "1 Congress Ave"), (2, "2 Congress Ave")] == [(row.version, row.street) for row in versions]
    assert versions[0].effective_from < versions[1].effective_from
    assert ("US", "TX") == (versions[0].country, versions[0].region)


def test_an_address_in_use_is_not_deleted(registry: Registry) -> None:
    """The message names the trunks; once they are gone, it can go too."""
    address = create_address(registry, ACME, an_address())
    names = ["One", "Two", "Three", "Four"]
    trunks = [create_trunk(registry, ACME, a_trunk(name=name, billingPackage=metered(address.id))) for name in names]
    with pytest.raises(Refused, match="used by 'One', 'Two', 'Three' and 1 more"):
        delete_address(registry, ACME, address.id)
    for trunk in trunks:
        delete_trunk(registry, ACME, trunk.id)
    assert address == delete_address(registry, ACME, address.id)
    with pytest.raises(NotFound):
        get_address(registry, ACME, address.id)


def test_an_address_in_use_stays_in_its_country(registry: Registry) -> None:
    """Plan and place of the trunk were chosen for that country, and they are for life."""
    address = create_address(registry, ACME, an_address())
    zagreb = an_address(countryCode="HRV", countryRegionCode="HR-21")
    trunk = create_trunk(registry, ACME, a_trunk(billingPackage=metered(address.id)))
    with pytest.raises(Refused, match="moved to another country"):
        update_address(registry, ACME, address.id, zagreb)
    delete_trunk(registry, ACME, trunk.id)
    assert "HRV" == update_address(registry, ACME, address.id, zagreb).country.code


def test_addresses_of_others_do_not_exist(registry: Registry) -> None:
    """404 for a foreign address, and it is on no page."""
    address = create_address(registry, ACME, an_address())
    for attempt in (get_address, delete_address):
        with pytest.raises(NotFound):
            attempt(registry, BLUE, address.id)
    with pytest.raises(NotFound):
        update_address(registry, BLUE, address.id, an_address())
    assert 0 == list_addresses(registry, BLUE, Paging()).paging.total_results
    assert [address] == list_addresses(registry, ACME, Paging()).results


def test_the_tombstone_waits_for_late_records(registry: Registry) -> None:
    """A trunk that was deleted before may still get calls billed at this address."""
    address = create_address(registry, ACME, an_address())
    delete_address(registry, ACME, address.id)
    with registry.database.read() as session:
        created, gone = session.scalars(select(OutboxRow).order_by(OutboxRow.change_id))
    assert gone.value is None
    assert 92 == (gone.publish_after - created.publish_after).days
