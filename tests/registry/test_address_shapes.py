"""Service addresses and places field by field, what all shapes share, and the arithmetic of pages."""

from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from pipeline.registry.places import Country, Location, Region, countries, country_of, regions
from pipeline.registry.shapes.addresses import Address, NewAddress
from pipeline.registry.shapes.base import Page, PageInfo
from pipeline.registry.store.pages import Paging, page_of
from pipeline.registry.tables import OutboxRow, Row
from tests.registry.builders import NOON

ZAGREB = {"name": "Office", "street": "Ilica 1", "city": "Zagreb", "postCode": "10000", "countryCode": "HRV"}


def written(shape: Any) -> dict[str, Any]:
    """A shape as the API writes it."""
    found: dict[str, Any] = shape.model_dump(mode="json", by_alias=True, exclude_none=True)
    return found


@pytest.mark.parametrize("extra", [{}, {"suite": "5"}, {"countryRegionCode": "HR-21"}, {"suite": ""}])
def test_addresses_come_back_as_sent(extra: dict[str, str]) -> None:
    """Suite and region are optional."""
    assert ZAGREB | extra == written(NewAddress.model_validate(ZAGREB | extra))


@pytest.mark.parametrize("field", ZAGREB)
@pytest.mark.parametrize("wrong", [None, "", " ", 5, ["x"], "a\nb"])
def test_required_texts_of_an_address(field: str, wrong: Any) -> None:
    """Five fields, all of them visible text."""
    with pytest.raises(ValidationError) as refused:
        NewAddress.model_validate(ZAGREB | {field: wrong})
    assert [(field,)] == [problem["loc"] for problem in refused.value.errors()]


@pytest.mark.parametrize(
    ("field", "longest"), [("name", 256), ("street", 256), ("suite", 256), ("city", 256), ("postCode", 32)]
)
def test_lengths_of_an_address(field: str, longest: int) -> None:
    """The client has no limits, the tables have."""
    assert "x" * longest == written(NewAddress.model_validate(ZAGREB | {field: "x" * longest}))[field]
    with pytest.raises(ValidationError, match=field):
        NewAddress.model_validate(ZAGREB | {field: "x" * (longest + 1)})


@pytest.mark.parametrize(
    "codes",
    [
        {"countryCode": "HR"},
        {"countryCode": "hrv"},
        {"countryCode": "HRVA"},
        {"countryCode": "191"},
        {"countryRegionCode": "21"},
        {"countryRegionCode": "HR21"},
        {"countryRegionCode": "hr-21"},
        {"countryRegionCode": "HR-"},
        {"countryRegionCode": "HR-2101"},
        {"countryRegionCode": "HRV-21"},
    ],
)
def test_codes_that_are_none(codes: dict[str, str]) -> None:
    """ISO 3166-1 alpha-3 and ISO 3166-2, in capitals."""
    with pytest.raises(ValidationError, match=next(iter(codes))):
        NewAddress.model_validate(ZAGREB | codes)


def test_an_answer_names_country_and_region() -> None:
    """Under `country` and `region`, not by the codes of the request."""
    answer = {
        "id": "a1", "name": "Office", "street": "Ilica 1", "city": "Zagreb", "postCode": "10000",
        "country": {"name": "Croatia", "code": "HRV"},
        "region": {"name": "Grad Zagreb", "code": "HR-21", "countryCode": "HRV"},
    }  # fmt: skip
    assert answer == written(Address.model_validate(answer))


@pytest.mark.parametrize(
    ("alpha2", "alpha3", "name"),
    [("US", "USA", "United States"), ("HR", "HRV", "Croatia"), ("NZ", "NZL", "New Zealand"), ("DE", "DEU", "Germany")],
)
def test_countries_of_the_examples(alpha2: str, alpha3: str, name: str) -> None:
    """By either code."""
    assert Country(name, alpha2, alpha3) == countries()[alpha3] == country_of(alpha2)


@pytest.mark.parametrize(
    ("country", "code", "name"),
    [
        ("USA", "US-TX", "Texas"),
        ("USA", "US-DC", "District of Columbia"),
        ("USA", "US-PR", "Puerto Rico"),
        ("HRV", "HR-19", "Dubrovačko-neretvanska županija"),
        ("HRV", "HR-21", "Grad Zagreb"),
    ],
)
def test_regions_of_the_examples(country: str, code: str, name: str) -> None:
    """ISO 3166-2."""
    assert Region(name, code, country) == regions(country)[code]


def test_a_place_without_regions_has_none() -> None:
    """Aruba has no subdivisions in ISO 3166-2."""
    assert {} == regions("ABW")


@pytest.mark.parametrize(("tls", "port"), [(False, 5060), (True, 5061)])
def test_hosts_of_a_place_have_the_port_of_the_transport(tls: bool, port: int) -> None:
    """SIP over UDP or TCP, and SIP over TLS."""
    place = Location(country="DE", primary="a.example", backup="b.example", subnets=["192.0.2.0/28"])
    assert {"primary": [f"a.example:{port}"], "backup": [f"b.example:{port}"], "subnets": ["192.0.2.0/28"]} == (
        place.sbc_hosts(tls=tls)
    )


@pytest.mark.parametrize(
    ("total", "size", "pages"),
    [(0, 20, 0), (1, 20, 1), (20, 20, 1), (21, 20, 2), (3, 1, 3), (100, 100, 1), (101, 100, 2), (199, 100, 2)],
)
def test_the_number_of_pages(total: int, size: int, pages: int) -> None:
    """Rounded up; no results are no page."""
    assert {"page": 7, "size": size, "totalPages": pages, "totalResults": total} == written(Paging(7, size).info(total))


def test_the_first_page_of_twenty_is_the_default() -> None:
    """Counted from 0."""
    assert (0, 20) == Paging()


@pytest.mark.parametrize("missing", ["page", "size", "totalPages", "totalResults"])
def test_the_four_numbers_of_a_page_are_required(missing: str) -> None:
    """One that is missing breaks the page in the client."""
    numbers = {"page": 0, "size": 20, "totalPages": 1, "totalResults": 1}
    with pytest.raises(ValidationError, match=missing):
        PageInfo.model_validate({name: value for name, value in numbers.items() if name != missing})


def test_a_page_has_results_and_paging() -> None:
    """Nothing else."""
    info = PageInfo(page=0, size=1, total_pages=1, total_results=1)
    region = {"name": "Texas", "code": "US-TX", "countryCode": "USA"}
    assert {"results": [region], "paging": written(info)} == written(Page[Any](results=[region], paging=info))


@pytest.mark.parametrize(
    ("page", "size", "expected"),
    [(0, 2, ["k0", "k1"]), (1, 2, ["k2", "k3"]), (2, 2, ["k4"]), (3, 2, []), (0, 100, ["k0", "k1", "k2", "k3", "k4"])],
)
def test_rows_of_a_page(page: int, size: int, expected: list[str]) -> None:
    """In their order; beyond the last page there is nothing, and the total stays."""
    engine = create_engine("sqlite://")
    Row.metadata.create_all(engine)
    with Session(engine) as session:
        for number in (3, 0, 4, 1, 2):
            session.add(OutboxRow(topic="t", key=f"k{number}", value=None, publish_after=NOON, published_at=None))
        session.flush()
        rows, info = page_of(session, select(OutboxRow), (OutboxRow.key,), Paging(page, size))
        assert (expected, 5) == ([row.key for row in rows], info.total_results)
    engine.dispose()
