"""A small ledger of rated rows, as the rate stage writes them."""

import pyarrow as pa

from pipeline.ledger.table import UsageLedger
from pipeline.rate.rows import Bookkeeping, Stamp, ledger_rows
from rating.batch import rate_batch
from schemas.cdr import cdrs_to_arrow
from schemas.ledger import USAGE_SCHEMA
from tests.rating.cases import NOON


def rated_rows(records, book, states=None, duplicate_of=None):
    """Ledger rows of records; `states` are those of bookkeeping, None where rating decides."""
    batch = cdrs_to_arrow([record._replace(offset=at) for at, record in enumerate(records)])
    return rows_of(batch, rate_batch(batch, book), book.hash, states, duplicate_of)


def rows_of(cdrs, rated, book_hash, states=None, duplicate_of=None):
    """Ledger rows of a batch and its ratings."""
    text, none = pa.string(), [None] * cdrs.num_rows
    kept = Bookkeeping(
        pa.array(states or none, text),
        pa.array(duplicate_of or none, text),
        pa.array([0] * cdrs.num_rows, pa.int32()),
        pa.array(none, text),
    )
    return ledger_rows(cdrs, rated, kept, Stamp(0, NOON, book_hash))


def changed(rows, **columns):
    """Rows with other values in some columns."""
    arrays = {name: rows.column(name) for name in rows.schema.names}
    arrays |= {name: pa.array([value] * len(rows), USAGE_SCHEMA.field(name).type) for name, value in columns.items()}
    return pa.table(list(arrays.values()), schema=USAGE_SCHEMA)


def a_ledger(folder, book, rows):
    """A ledger in a folder with these rows and the snapshot of their book."""
    ledger = UsageLedger.open(str(folder))
    ledger.books().keep(book.hash, book.snapshot)
    ledger.append(rows, {})
    return ledger
