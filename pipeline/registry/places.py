"""Places: countries and their regions by ISO 3166, and the data centres that trunks are served from."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pycountry
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

SIP_PORT, SIPS_PORT = 5060, 5061


class Country(NamedTuple):
    """A country: its name, and its two- and three-letter codes (ISO 3166-1)."""

    name: str
    alpha2: str
    alpha3: str


class Region(NamedTuple):
    """A part of a country, by its full code such as `US-TX` or `HR-19` (ISO 3166-2)."""

    name: str
    code: str
    country: str


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """All countries by three-letter code, in the order of their names."""
    found = sorted(pycountry.countries, key=lambda country: country.name)
    return {country.alpha_3: Country(country.name, country.alpha_2, country.alpha_3) for country in found}


@lru_cache(maxsize=1)
def _alpha3_by_alpha2() -> dict[str, str]:
    return {country.alpha2: country.alpha3 for country in countries().values()}


def alpha2_codes() -> frozenset[str]:
    """The two-letter codes of ISO 3166-1; Kosovo's XK, which numbering uses, is none of them."""
    return frozenset(_alpha3_by_alpha2())


def country_of(alpha2: str) -> Country:
    """The country of a two-letter code that the registry has stored."""
    return countries()[_alpha3_by_alpha2()[alpha2]]


@lru_cache(maxsize=300)
def regions(alpha3: str) -> dict[str, Region]:
    """The regions of a country by code; empty where it has none."""
    code = countries()[alpha3].alpha2
    found = [region for region in pycountry.subdivisions if region.country_code == code]
    ordered = sorted(found, key=lambda region: region.code)
    return {region.code: Region(region.name, region.code, alpha3) for region in ordered}


class Location(BaseModel):
    """A data centre: its country, the hosts of its SBCs, and the subnets that they send from."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    country: str
    primary: str
    backup: str
    subnets: list[str]

    def sbc_hosts(self, *, tls: bool) -> dict[str, list[str]]:
        """Hosts as the API shows them, with the port of the trunk's transport."""
        port = SIPS_PORT if tls else SIP_PORT
        return {"primary": [f"{self.primary}:{port}"], "backup": [f"{self.backup}:{port}"], "subnets": self.subnets}


@lru_cache(maxsize=4)
def locations(path: Path) -> dict[str, Location]:
    """Read the data centres by name. Raises pydantic.ValidationError where the file has another shape."""
    return TypeAdapter(dict[str, Location]).validate_python(yaml.safe_load(path.read_text()))
