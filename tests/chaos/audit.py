"""Compares the ledger with what was sent: each record one row, each call one price, the right one."""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from pipeline.settings import Settings
from tests.chaos.load import charge_of, sent_records
from tests.stream.workers import rows


class Audit(NamedTuple):
    """Counts; the first four must be 0."""

    lost: int
    """Records in Kafka without a row."""
    twice: int
    """Further rows of a record that has one."""
    foreign: int
    """Rows of records that are not in Kafka."""
    differing: int
    """Calls without exactly one price, or with a wrong one, or with another number of duplicates than were sent."""
    records: int
    calls: int
    duplicates: int
    broken: int

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing twice, nothing that differs."""
        return not any(self[:4])


def audit(settings: Settings) -> Audit:
    """Read both sides and compare."""
    sent = sent_records(settings)
    found = rows(settings, "partition", "offset", "state", "charge").to_pylist()
    at = Counter((row["partition"], row["offset"]) for row in found)
    priced: dict[int, list[Decimal]] = {}
    doubled: Counter[int] = Counter()
    rejected = 0
    for row in found:
        number = sent.get((row["partition"], row["offset"]))
        if number is None:
            rejected += row["state"] == "REJECTED"
        elif row["state"] == "RATED":
            priced.setdefault(number, []).append(row["charge"])
        elif row["state"] == "DUPLICATE":
            doubled[number] += 1
    copies = Counter(number for number in sent.values() if number is not None)
    broken = sum(number is None for number in sent.values())
    differing = sum(priced.get(number) != [charge_of(number)] or doubled[number] != copies[number] - 1
                    for number in copies)  # fmt: skip
    return Audit(
        lost=len(sent.keys() - at.keys()),
        twice=sum(count - 1 for count in at.values()),
        foreign=len(at.keys() - sent.keys()),
        differing=differing + abs(rejected - broken),
        records=len(sent), calls=len(copies), duplicates=sum(copies.values()) - len(copies), broken=broken,
    )  # fmt: skip
