"""`rate_batch` with a deck of 30,000 prefixes, and the time such a deck takes to load; processor time of one core."""

import csv
import random
import shutil
import time
from pathlib import Path

import pyarrow as pa

from pipeline.book import load_book
from pipeline.mediation.batch import mediate
from pipeline.mediation.raw import RawBatch
from pipeline.simulator import Sbc
from pipeline.simulator.run import blocks, values_of
from rating.batch import rate_batch
from tests.bench.measure import Measure
from tests.simulator.runs import BOOK, NEVER_TOO_OLD, RECEIVED, a_world

PREFIXES = 30_000
CALLS = 200_000


def large_book(folder: Path) -> Path:
    """The example book with prefixes below every row of its outbound deck, until there are 30,000."""
    shutil.copytree(BOOK, folder)
    deck = folder / "decks" / "us-outbound.csv"
    rows = list(csv.DictReader(deck.open(encoding="utf-8")))
    priced = [row for row in rows if row["status"] == "PRICED" and len(row["prefix"]) < 5]
    known, rng = {row["prefix"] for row in rows}, random.Random(7)  # noqa: S311 - a deck for measuring
    while len(rows) < PREFIXES:
        base = rng.choice(priced)
        prefix = base["prefix"] + "".join(rng.choices("0123456789", k=rng.randint(2, 5)))
        if prefix not in known:
            known.add(prefix)
            rows.append({**base, "row_id": f"big-{len(rows)}", "prefix": prefix, "effective_until": ""})
    with deck.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _load_seconds(folder: Path) -> float:
    book = large_book(folder / "book")
    begun = time.process_time()
    load_book(book)
    return time.process_time() - begun


def _rate_batch(folder: Path) -> float:
    book = load_book(large_book(folder / "book"))
    cdrs = canonical_calls(CALLS)
    rate_batch(cdrs.slice(0, 1_000), book)
    return max(_once(cdrs, book) for _ in range(3))


def canonical_calls(calls: int) -> pa.RecordBatch:
    """Native events of a run, mediated."""
    sbc = Sbc("edge", "native_json", "edge-1")
    world = a_world("bench", sbcs=[sbc], calls=calls)
    values = [value for block in blocks(world) for value in values_of(block.records, world, sbc, block.faults)]
    raw = RawBatch("edge", range(len(values)), values, [RECEIVED] * len(values))
    return mediate(raw, sbc.settings, late_days=NEVER_TOO_OLD)


def _once(cdrs: pa.RecordBatch, book: object) -> float:
    begun = time.process_time()
    rate_batch(cdrs, book)  # type: ignore[arg-type]
    return cdrs.num_rows / (time.process_time() - begun)


MEASURES = (
    Measure("rate_batch, deck of 30,000 prefixes", _rate_batch, "CDR/s/core", 1_500_000),
    Measure("load of a deck of 30,000 prefixes", _load_seconds, "s", 1.0, "less"),
)
