"""A month priced again with another deck: calls a second from the ledger's files to the changes of each account."""

import time
from collections.abc import Mapping
from pathlib import Path

from pipeline.book import load_book
from pipeline.ledger.table import UsageLedger
from pipeline.pricing.revisions import Revision
from pipeline.pricing.what_if import what_if
from pipeline.sql.connection import connect_to
from rating.batch import rate_batch
from tests.bench.measure import Measure
from tests.bench.measures.rating import canonical_calls, large_book
from tests.pricing.rows import rows_of

CALLS = 250_000
COPIES = 40
"""Commits of the same calls: a month of 10,000,000."""
PERIOD = "2026-10"


def _price_again(folder: Path) -> Mapping[str, float]:
    book = load_book(large_book(folder / "book"))
    cdrs = canonical_calls(CALLS)
    ledger = UsageLedger.open(str(folder / "ledger"))
    rows = rows_of(cdrs, rate_batch(cdrs, book), book.hash)
    for _ in range(COPIES):
        ledger.append(rows, {})
    connection = connect_to(ledger)
    looked_at = []
    begun, busy = time.perf_counter(), time.process_time()
    what_if(
        connection,
        {book.hash: book}.__getitem__,
        Revision("us-outbound", book.decks["us-outbound"].rates),
        PERIOD,
        progress=lambda done, _: looked_at.append(done),
    )
    elapsed, used = time.perf_counter() - begun, time.process_time() - busy
    return {"CDR/s": looked_at[-1] / elapsed, "CDR/s of processor time": looked_at[-1] / used}


MEASURES = (Measure("what-if over a month,", _price_again, "", {"CDR/s": 1_000_000}),)
