"""Names of jurisdictions, and the code of a city by its name.

Own names are in `data/tax/places.yaml`; a TaxLocus file (CC-BY-4.0: name TaxLocus where it is used) may add more. Names
are for people and, where nothing better is at hand, find the city that a postal address names. They never give a rate.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from pipeline.tax.yaml_file import Record, read_record
from rating.tax.jurisdictions import Jurisdiction, level_of
from rating.tax.terms import Level

TAXLOCUS = "TaxLocus (CC-BY-4.0)"
_LETTERS = {"county": "C", "city": "P", "special_district": "D"}


class PlaceRow(Record):
    """One jurisdiction and its name."""

    jurisdiction: str
    name: str


class PlaceFile(Record):
    """Names of jurisdictions with their source."""

    description: str
    citation: str
    places: tuple[PlaceRow, ...]


class PlaceNames(NamedTuple):
    """Names by jurisdiction, and who they come from."""

    names: Mapping[str, str]
    sources: tuple[str, ...] = ()

    @classmethod
    def load(cls, own: Path, taxlocus: Path | None = None) -> Self:
        """Own names win over those of a TaxLocus file."""
        row = read_record(own.read_text(), own.name, PlaceFile)
        names = {place.jurisdiction: place.name for place in row.places}
        if taxlocus is None:
            return cls(names, (row.citation,))
        return cls(_taxlocus_names(taxlocus) | names, (row.citation, TAXLOCUS))

    def named(self, jurisdiction: Jurisdiction) -> Jurisdiction:
        """The jurisdiction with its name; its code where no name is known."""
        name = self.names.get(jurisdiction.jurisdiction_id, jurisdiction.jurisdiction_id)
        return jurisdiction._replace(name=name)

    def city(self, state: str, name: str) -> Jurisdiction | None:
        """The city of a state with exactly that name, whatever its case; None when none or several have it."""
        wanted = name.strip().casefold()
        found = [area for area in self._cities(state) if self.names[area].casefold() == wanted]
        return Jurisdiction(found[0], Level.CITY, self.names[found[0]]) if len(found) == 1 else None

    def _cities(self, state: str) -> Iterable[str]:
        return (area for area in self.names if area.startswith(f"US-{state}-") and level_of(area) is Level.CITY)


def _taxlocus_names(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {
            f"US-{row['state']}-{_LETTERS[row['jurisdiction_type']]}{row['fips_code']}": row["name"]
            for row in csv.DictReader(file)
            if row["fips_code"] and row["jurisdiction_type"] in _LETTERS
        }
