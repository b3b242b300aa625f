"""Small runs on the example book, and what mediation makes of what they write."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.book import load_book
from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.files import source_of_file
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.simulator import PROFILES, THREE_SBCS, Profile, Sbc, World, build_world, write_spool
from pipeline.simulator.writers import WRITERS
from schemas.cdr import CDR, cdrs_from_arrow
from schemas.reference import ReferenceData

BOOK = Path(__file__).resolve().parents[2] / "data" / "book"
RECEIVED = datetime(2026, 11, 20, tzinfo=UTC)
RARE_SHARE = 0.04
NEVER_TOO_OLD = 3_660
"""Ten years, in days: only the records of fault F12_OLD are too old."""


def a_node(name: str, share: float = 1.0) -> Sbc:
    """A node that writes a format, by the clock of New York."""
    source = name.replace("_", "-")
    return Sbc(f"edge-{source}", name, f"{source}-1", "America/New_York", share, WRITERS[name].options)


def all_nodes() -> list[Sbc]:
    """One node of each format; those that are read record by record carry few of the calls: a run is over sooner."""
    return [a_node(name, 1.0 if format_named(name).columns else RARE_SHARE) for name in WRITERS]


@lru_cache(maxsize=1)
def example_reference() -> ReferenceData:
    """The example book as data."""
    return ReferenceData.model_validate_json(load_book(BOOK).snapshot)


def a_world(profile: Profile | str = "tiny", *, sbcs: Sequence[Sbc] = THREE_SBCS, seed: int = 1, **changed) -> World:
    """A run on the example book; `changed` replaces fields of the profile."""
    base = PROFILES[profile] if isinstance(profile, str) else profile
    return build_world(base._replace(**changed), example_reference(), sbcs, seed)


def written_run(world: World, folder: Path) -> pa.Table:
    """Write a run below `folder` and return its truth."""
    write_spool(world, folder / "spool", folder / "truth.parquet", lambda _: None)
    return pq.read_table(folder / "truth.parquet")


def bytes_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def read_cdrs(folder: Path, sbc: Sbc) -> dict[tuple[str, int], CDR]:
    """What mediation reads in the files of one node, by file and line."""
    frames = format_named(sbc.format).frames
    found = {}
    for path in sorted((folder / "spool" / sbc.source).iterdir()):
        name = f"{sbc.source}/{path.name}"
        content = path.read_bytes()
        records = list(frames(io.BytesIO(content)))
        values, lines = [frame.value for frame in records], [frame.line for frame in records]
        raw = RawBatch(name, lines, values, [RECEIVED] * len(values))
        source = source_of_file(sbc.settings, io.BytesIO(content))
        mediated = mediate_counting(raw, source, late_days=NEVER_TOO_OLD)
        found |= {(name, cdr.offset): cdr for cdr in cdrs_from_arrow(mediated.cdrs)}
    return found
