"""What a supplier asks for the calls of the ledger: each is priced once more, with his deck in place of our plans.

The same rules price it, so numbers, dates, blocked prefixes and increments mean what they mean for customers. Nothing
is written to the ledger.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.reports.catalog import Months
from pipeline.sql.connection import store
from rating.batch import rate_batch
from rating.book import RateBook
from rating.one_by_one import RATING_FIELDS
from schemas.cdr import CDR_SCHEMA
from schemas.ledger import MONEY
from schemas.outcomes import State
from schemas.reference import Account, Package, Plan, Rate, RateDeck, ReferenceData

DECK = "supplier"


class Supplier(NamedTuple):
    """A carrier's price list."""

    rates: Sequence[Rate]
    currency: str


_BATCH_ROWS = 131_072
_LEGS = """
FROM ledger_rows SEMI JOIN usage USING (row_id)
WHERE period >= $first AND period < $after AND is_billed_leg AND answered_at IS NOT NULL
    AND coalesce(priced_direction, direction) IN ('OUTBOUND', 'FORWARD')
"""
_COSTS = pa.schema([("row_id", pa.string()), ("cost", MONEY), ("currency", pa.string()), ("reason", pa.string())])
_RECORDS = pa.schema([CDR_SCHEMA.field(name) for name in RATING_FIELDS])


def keep_costs(
    connection: duckdb.DuckDBPyConnection,
    book_of: Callable[[str], RateBook],
    supplier: Supplier,
    months: Months,
    progress: Callable[[int, int], None],
) -> None:
    """Fill the table `costs`: a row for each call to the public network, with no cost but a reason where there is none.

    `progress` hears how many calls are priced, of how many. Raises BookError where the deck does not hold together.
    """
    batches = list(_priced(connection, book_of, supplier, months, progress))
    store(connection, "costs", pa.Table.from_batches(batches, _COSTS))


def _priced(
    connection: duckdb.DuckDBPyConnection,
    book_of: Callable[[str], RateBook],
    supplier: Supplier,
    months: Months,
    progress: Callable[[int, int], None],
) -> Iterator[pa.RecordBatch]:
    within = months._asdict()
    hashes = connection.execute(f"SELECT book_hash, count(*) {_LEGS} GROUP BY ALL ORDER BY ALL", within).fetchall()
    total, done = sum(count for _, count in hashes), 0
    for book_hash, _ in hashes:
        book = supplier_book(book_of(book_hash), supplier)
        columns = ", ".join(["row_id", *RATING_FIELDS])
        legs = connection.sql(f"SELECT {columns} {_LEGS} AND book_hash = $book", params={**within, "book": book_hash})
        for batch in legs.to_arrow_reader(_BATCH_ROWS):
            yield _costs_of(batch, book, supplier.currency)
            done += batch.num_rows
            progress(done, total)


def _costs_of(batch: pa.RecordBatch, book: RateBook, currency: str) -> pa.RecordBatch:
    fields = [batch.column(field.name).cast(field.type) for field in _RECORDS]
    rated = rate_batch(pa.RecordBatch.from_arrays(fields, schema=_RECORDS), book)
    is_priced = pc.equal(rated.column("state"), State.RATED)
    cost = pc.if_else(is_priced, rated.column("charge"), pa.scalar(None, MONEY))
    currencies = pa.repeat(pa.scalar(currency), batch.num_rows)
    arrays = [batch.column("row_id"), cost, currencies, rated.column("reject_reason")]
    return pa.RecordBatch.from_arrays([a.cast(f.type) for a, f in zip(arrays, _COSTS, strict=True)], schema=_COSTS)


def supplier_book(book: RateBook, supplier: Supplier) -> RateBook:
    """The book in which every trunk pays what the supplier asks: metered by his deck, nothing blocked, nothing free."""
    data = ReferenceData.model_validate_json(book.snapshot)
    return RateBook.build(
        accounts=[_in_currency(account, supplier.currency) for account in data.accounts],
        addresses=data.addresses,
        plans=[_metered_by_supplier(plan, supplier.currency) for plan in data.plans],
        trunks=data.trunks,
        decks=[RateDeck(deck_id=DECK, currency=supplier.currency, rates=tuple(supplier.rates))],
        area_codes=data.area_codes,
    )


def _in_currency(account: Account, currency: str) -> Account:
    return account.model_copy(update={"currency": currency})


def _metered_by_supplier(plan: Plan, currency: str) -> Plan:
    supplied = {"package": Package.METERED, "currency": currency, "outbound_deck": DECK, "inbound_deck": None}
    rules = {"blocked_classes": (), "free_classes": (), "excluded_prefixes": (), "free_below_seconds": 0}
    return plan.model_copy(update=supplied | rules)
