"""The fast twin of `rating.call`: what a batch of calls costs, column by column."""

from collections.abc import Sequence

import pyarrow as pa

from rating.book import RateBook
from rating.call import rate_call
from rating.rated import RATED_SCHEMA, RatedCall, RejectedCDR
from schemas.cdr import cdrs_from_arrow
from schemas.ledger import PRICE_FIELDS
from schemas.outcomes import State


def rate_batch(cdrs: pa.RecordBatch, book: RateBook) -> pa.RecordBatch:
    """Price a batch of CDR_SCHEMA; row i of the result, of RATED_SCHEMA, is what became of row i."""
    return results_to_arrow([rate_call(cdr, book) for cdr in cdrs_from_arrow(cdrs)])


def results_to_arrow(results: Sequence[RatedCall | RejectedCDR]) -> pa.RecordBatch:
    """Results of `rate_call` as a batch of RATED_SCHEMA."""
    rows = [_row(result) for result in results]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(RATED_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, RATED_SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=RATED_SCHEMA)


_NO_PRICE = (None,) * len(PRICE_FIELDS)


def _row(result: RatedCall | RejectedCDR) -> tuple[object, ...]:
    if isinstance(result, RejectedCDR):
        flags = tuple(result.cdr.flags)
        return (State.REJECTED, result.period, result.reason, result.detail, flags, *_NO_PRICE)
    return (State.RATED, result.period, None, None, *result[2:])
