"""Public rows of real systems: read from TRUNKLINE_SAMPLES, never copied here; a test without them is skipped."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.mediation.assembly import Assembled
from pipeline.settings import Source
from tests.mediation.feeds import assembled_file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("TRUNKLINE_SAMPLES", ROOT.parent / "shared" / "samples"))


def sample(name: str) -> bytes:
    """The bytes of a sample file."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{name} is not in TRUNKLINE_SAMPLES")
    return path.read_bytes()


def sample_json(name: str) -> Any:
    """The content of a sample file that is one JSON document."""
    return msgspec.json.decode(sample(name))


def sample_records(name: str, source: Source, *, now: datetime | None = None) -> Assembled:
    """What becomes of the records of a sample file."""
    return assembled_file(sample(name), source, now=now)


OTHERS = {"skipped", "gaps"}
"""What is no list of records."""


def counts(found: Assembled) -> dict[str, int]:
    """How many records ended where; only what is not 0."""
    of_lists = {name: len(records) for name, records in found._asdict().items() if name not in OTHERS}
    return {name: count for name, count in (of_lists | {"skipped": found.skipped}).items() if count}
