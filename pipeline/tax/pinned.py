"""Resolutions that a bill has used: kept for ever, so that the same bill finds the same jurisdictions again.

One JSON object a line, only ever appended. The first answer for an address, its version and a day wins.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.tax.resolution import Method, Resolution
from rating.tax.jurisdictions import Jurisdiction, level_of

FILE_NAME = "resolved.jsonl"


class PinnedResolutions:
    """The resolutions of a file; a missing file holds none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[tuple[str, int], list[Resolution]] = defaultdict(list)
        if path.is_file():
            for line in path.read_text().splitlines():
                self._keep(_from_json(json.loads(line)))

    def find(self, address_id: str, version: int, day: date) -> Resolution | None:
        """The answer that was pinned for a day."""
        rows = self._rows.get((address_id, version), ())
        return next((row for row in rows if row.valid_from <= day < row.valid_until), None)

    def pin(self, resolutions: Iterable[Resolution]) -> int:
        """Append what is not pinned yet, durably; the number of rows written."""
        new = [row for row in resolutions if self.find(row.address_id, row.version, row.valid_from) is None]
        if not new:
            return 0
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.writelines(json.dumps(_to_json(row)) + "\n" for row in new)
            file.flush()
            os.fsync(file.fileno())
        for row in new:
            self._keep(row)
        return len(new)

    def _keep(self, row: Resolution) -> None:
        self._rows[row.address_id, row.version].append(row)


def _to_json(row: Resolution) -> dict[str, Any]:
    return row._asdict() | {
        "valid_from": str(row.valid_from),
        "valid_until": str(row.valid_until),
        "jurisdictions": [area.jurisdiction_id for area in row.jurisdictions],
        "share": None if row.share is None else str(row.share),
    }


def _from_json(row: dict[str, Any]) -> Resolution:
    return Resolution(
        row["address_id"],
        row["version"],
        date.fromisoformat(row["valid_from"]),
        date.fromisoformat(row["valid_until"]),
        Method(row["method"]),
        tuple(Jurisdiction(name, level_of(name)) for name in row["jurisdictions"]),
        row["evidence"],
        None if row["share"] is None else Decimal(row["share"]),
        row["is_designated"],
        row["needs_review"],
    )
