"""Service addresses, countries and regions as JSON."""

from typing import Annotated

from pydantic import Field

from pipeline.registry.rules.text import PrintableText, RequiredText
from pipeline.registry.shapes.base import Shape

Line = Annotated[RequiredText, Field(min_length=1, max_length=256)]


class NewAddress(Shape):
    """An address to create, or the text that an address is changed to. Codes are ISO 3166."""

    name: Line
    street: Line
    suite: Annotated[PrintableText | None, Field(max_length=256)] = None
    city: Line
    post_code: Annotated[RequiredText, Field(min_length=1, max_length=32)]
    country_code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    country_region_code: Annotated[str | None, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")] = None


class Country(Shape):
    """A country by its three-letter code."""

    name: str
    code: str


class Region(Shape):
    """A region by its ISO 3166-2 code."""

    name: str
    code: str
    country_code: str


class Address(Shape):
    """A service address as the API shows it."""

    id: str
    name: str
    street: str
    city: str
    post_code: str
    suite: str | None = None
    country: Country
    region: Region | None = None
