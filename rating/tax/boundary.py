"""From the parts of an address to jurisdictions: the match order of Streamlined boundary files.

Records of type A (a range of house numbers in a street) come first, then 4 (a range of ZIP+4 codes), then Z (a range of
ZIP codes). Among several records of the type that matches, the lowest combined rate is right (SSUTA 305), and the match
is marked as designated: one was chosen (4 USC 120). A range of ZIP+4 codes compares nine digits; one that runs across
ZIP codes is marked for review.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from rating.tax.jurisdictions import Jurisdiction


class RecordType(StrEnum):
    """Kind of a boundary record, in the order of matching."""

    ADDRESS = "A"
    ZIP4 = "4"
    ZIP5 = "Z"


class Parity(StrEnum):
    """Which house numbers of a range belong to a record."""

    ODD = "O"
    EVEN = "E"
    BOTH = "B"


class StreetAddress(NamedTuple):
    """An address in postal form: upper case, standard abbreviations, ZIP codes as text."""

    zip5: str
    plus4: str | None = None
    number: int | None = None
    pre_direction: str = ""
    street: str = ""
    suffix: str = ""
    post_direction: str = ""


class StreetRange(NamedTuple):
    """House numbers of one side of one street."""

    low: int
    high: int
    parity: Parity
    pre_direction: str
    street: str
    suffix: str
    post_direction: str

    def contains(self, address: StreetAddress) -> bool:
        """Whether the house stands in this range."""
        if address.number is None or not self.low <= address.number <= self.high:
            return False
        if self.parity is not Parity.BOTH and (self.parity is Parity.ODD) != bool(address.number % 2):
            return False
        return (self.pre_direction, self.street, self.suffix, self.post_direction) == (
            address.pre_direction, address.street, address.suffix, address.post_direction,
        )  # fmt: skip


class BoundaryRecord(NamedTuple):
    """One record in force over `[effective_from, effective_until)`; ZIP bounds are inclusive."""

    record_type: RecordType
    effective_from: date
    effective_until: date | None
    zip_low: str
    zip_high: str
    jurisdictions: tuple[Jurisdiction, ...]
    plus4_low: str = ""
    plus4_high: str = ""
    streets: StreetRange | None = None
    line: int = 0

    @property
    def crosses_zip_codes(self) -> bool:
        """A ZIP+4 range whose ends lie in two ZIP codes."""
        return self.record_type is RecordType.ZIP4 and self.zip_low != self.zip_high

    def covers(self, address: StreetAddress) -> bool:
        """Whether the record matches by its own type, whatever the day."""
        match self.record_type:
            case RecordType.ADDRESS:
                return self.streets is not None and self.streets.contains(address)
            case RecordType.ZIP4:
                low, high = self.zip_low + self.plus4_low, self.zip_high + self.plus4_high
                return address.plus4 is not None and low <= address.zip5 + address.plus4 <= high
            case RecordType.ZIP5:
                return self.zip_low <= address.zip5 <= self.zip_high


class BoundaryMatch(NamedTuple):
    """The record that decides, and whether it was designated among several or needs a look."""

    record: BoundaryRecord
    is_designated: bool
    needs_review: bool


class Boundaries:
    """The boundary records of one state, by ZIP code."""

    def __init__(self, records: Iterable[BoundaryRecord]) -> None:
        self._by_zip: Mapping[str, list[BoundaryRecord]] = defaultdict(list)
        for record in records:
            for zip_code in range(int(record.zip_low), int(record.zip_high) + 1):
                self._by_zip[f"{zip_code:05d}"].append(record)

    def match(
        self, address: StreetAddress, day: date, rate_of: Callable[[Sequence[Jurisdiction]], Decimal]
    ) -> BoundaryMatch | None:
        """The record that decides on a day; None where nothing is in force. `rate_of` gives the combined rate."""
        in_force = [
            record
            for record in self._by_zip.get(address.zip5, ())
            if record.effective_from <= day and (record.effective_until is None or day < record.effective_until)
        ]
        for record_type in RecordType:
            found = [record for record in in_force if record.record_type is record_type and record.covers(address)]
            if found:
                cheapest = min(found, key=lambda record: (rate_of(record.jurisdictions), record.line))
                is_designated = len({record.jurisdictions for record in found}) > 1
                return BoundaryMatch(cheapest, is_designated, cheapest.crosses_zip_codes)
        return None
