"""From a service address to its jurisdictions, with the evidence.

A person's decision comes first, then the state's boundary file (address, ZIP+4, ZIP code), then the county with the
greatest share of the ZIP code and the city of that name. An answer holds for one calendar quarter and is pinned:
boundary files change once a quarter, and must be loaded within 30 days after it (4 USC 119).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pipeline.tax.place_names import PlaceNames
from pipeline.tax.postal import street_address
from pipeline.tax.yaml_file import Day, Record
from pipeline.tax.zip_counties import ZipCounties
from rating.tax.boundary import Boundaries, BoundaryMatch, RecordType, StreetAddress
from rating.tax.jurisdictions import (
    COUNTY_TYPE,
    STATE_FIPS,
    Jurisdiction,
    level_of,
    sst_jurisdiction,
    state_jurisdiction,
)
from rating.tax.parameters import DatedValue
from rating.tax.request import PostalAddress, PrimaryUse
from rating.tax.situs import place_in
from rating.tax.stacks import RateTable
from schemas.reference import ServiceAddress

MONTHS_PER_QUARTER = 3
STATES = frozenset(STATE_FIPS.values())
STREAMLINED_STATES = frozenset({
    "AR", "GA", "IA", "IN", "KS", "KY", "MI", "MN", "NC", "ND", "NE", "NJ",
    "NV", "OH", "OK", "RI", "SD", "TN", "UT", "VT", "WA", "WI", "WV", "WY",
})  # fmt: skip
"""Members of the Streamlined Sales and Use Tax Agreement, which publish boundary files."""


class Method(StrEnum):
    """How an address was resolved."""

    MANUAL = "MANUAL"
    ADDRESS = "A"
    ZIP4 = "4"
    ZIP5 = "Z"
    HUD_MAX_SHARE = "HUD_MAX_SHARE"


class ManualRow(Record):
    """A person's decision for one address; `version` None covers all versions of its text."""

    address: str
    version: int | None = None
    jurisdictions: tuple[str, ...]
    effective_from: Day
    effective_until: Day | None = None
    author: str
    reason: str

    def covers(self, address: ServiceAddress, day: date) -> bool:
        """Half-open days."""
        return (
            self.address == address.address_id
            and self.version in (None, address.version)
            and self.effective_from <= day
            and (self.effective_until is None or day < self.effective_until)
        )


class ManualFile(Record):
    """Decisions on addresses that no file resolves, or resolves wrongly."""

    description: str
    resolutions: tuple[ManualRow, ...]


class Resolution(NamedTuple):
    """The jurisdictions of one version of an address over one quarter, and why.

    `share` is that of the county in its ZIP code. `is_designated`: one of several was chosen, as 4 USC 120 allows.
    """

    address_id: str
    version: int
    valid_from: date
    valid_until: date
    method: Method
    jurisdictions: tuple[Jurisdiction, ...]
    evidence: str
    share: Decimal | None = None
    is_designated: bool = False
    needs_review: bool = False

    @property
    def is_billable(self) -> bool:
        """In a Streamlined state a county alone is not enough: districts levy tax too, and no ZIP share knows them."""
        state = self.jurisdictions[0].jurisdiction_id.split("-")[1]
        return self.method is not Method.HUD_MAX_SHARE or state not in STREAMLINED_STATES


class Resolver(NamedTuple):
    """Everything that an address can be resolved with."""

    manual: Sequence[ManualRow]
    boundaries: Mapping[str, Boundaries]
    tables: Mapping[str, RateTable]
    counties: ZipCounties
    names: PlaceNames

    def resolve(self, address: ServiceAddress, day: date) -> Resolution | None:
        """The jurisdictions of a US address on a day; None when nothing is known of it."""
        decision = next((row for row in self.manual if row.covers(address, day)), None)
        if decision is not None:
            return self._decided(decision, address, day)
        state = place_in(address.country, address.region).state
        if state not in STATES or address.post_code is None:
            return None
        parts = street_address(address.street, address.post_code)
        return self._by_boundary(state, parts, address, day) or self._by_county(state, parts, address, day)

    def primary_use(self, address: ServiceAddress, resolution: Resolution | None) -> PrimaryUse:
        """The address as tax sees it; without jurisdictions where it is not resolved well enough for a bill."""
        postal = PostalAddress(address.street, address.city, address.post_code or "")
        unknown = PrimaryUse(address.address_id, address.country, address.region, postal=postal)
        if resolution is None:
            return unknown
        if not resolution.is_billable:
            return unknown._replace(evidence=resolution.evidence)
        areas = tuple(self.names.named(area) for area in resolution.jurisdictions)
        state = areas[0].jurisdiction_id.split("-")[1]
        return unknown._replace(state=state, jurisdictions=areas, evidence=resolution.evidence)

    def _decided(self, row: ManualRow, address: ServiceAddress, day: date) -> Resolution:
        areas = [Jurisdiction(name, level_of(name)) for name in row.jurisdictions]
        evidence = f"decided by {row.author}: {row.reason}"
        found = _resolution(address, day, Method.MANUAL, sorted(areas, key=lambda area: area.rank), evidence)
        start, end = max(found.valid_from, row.effective_from), min(found.valid_until, row.effective_until or date.max)
        return found._replace(valid_from=start, valid_until=end)

    def _by_boundary(self, state: str, parts: StreetAddress, address: ServiceAddress, day: date) -> Resolution | None:
        boundaries = self.boundaries.get(state)
        if boundaries is None:
            return None
        table = self.tables.get(state_jurisdiction(state).jurisdiction_id)
        match = boundaries.match(parts, day, lambda areas: _combined(table, areas, day))
        return None if match is None else _from_boundary(match, address, day)

    def _by_county(self, state: str, parts: StreetAddress, address: ServiceAddress, day: date) -> Resolution | None:
        """The county with the greatest share; the city that the postal address names, if it is known by name."""
        counties = self.counties.counties(parts.zip5, state)
        if not counties:
            return None
        county = counties[0]
        city = self.names.city(state, address.city)
        areas = [state_jurisdiction(state), sst_jurisdiction(state, COUNTY_TYPE, county.county)]
        share = f"county {county.county} holds {county.share} of ZIP {parts.zip5}"
        evidence = f"{share} (HUD-USPS crosswalk); districts unknown"
        resolution = _resolution(address, day, Method.HUD_MAX_SHARE, [*areas, *([city] if city else [])], evidence)
        return resolution._replace(share=county.share, is_designated=not county.is_confident, needs_review=True)


def quarter_of(day: date) -> tuple[date, date]:
    """The calendar quarter of a day, half-open."""
    first = (day.month - 1) // MONTHS_PER_QUARTER * MONTHS_PER_QUARTER + 1
    following = first + MONTHS_PER_QUARTER
    return date(day.year, first, 1), date(day.year + following // 12, (following - 1) % 12 + 1, 1)


def _from_boundary(match: BoundaryMatch, address: ServiceAddress, day: date) -> Resolution:
    record = match.record
    bounds = {
        RecordType.ADDRESS: "house number",
        RecordType.ZIP4: f"{record.zip_low}-{record.plus4_low} to {record.zip_high}-{record.plus4_high}",
        RecordType.ZIP5: f"{record.zip_low} to {record.zip_high}",
    }[record.record_type]
    evidence = f"boundary file of {address.region}, line {record.line}: {bounds}"
    resolution = _resolution(address, day, Method(record.record_type.value), record.jurisdictions, evidence)
    return resolution._replace(is_designated=match.is_designated, needs_review=match.needs_review)


def _resolution(
    address: ServiceAddress, day: date, method: Method, areas: Sequence[Jurisdiction], evidence: str
) -> Resolution:
    return Resolution(address.address_id, address.version, *quarter_of(day), method, tuple(areas), evidence)


def _combined(table: RateTable | None, areas: Sequence[Jurisdiction], day: date) -> Decimal:
    """The combined rate that decides among several records; unknown rates count nothing."""
    found = [table.rate_on(area, day) for area in areas] if table else []
    return sum((rate.value for rate in found if isinstance(rate, DatedValue)), Decimal(0))
