"""A month of 10,000,000 calls on 1,000 trunks: fair use split and channels counted, from Parquet to the sums.

The calls lie in Parquet files as a ledger has them; reading them is a part of the time.
"""

import resource
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rating.channels import allowance_seconds
from rating.concurrency_batch import Held, Limits, concurrency_columns
from rating.fair_use_batch import included_seconds
from tests.bench.measure import Measure

CALLS = 10_000_000
TRUNKS = 1_000
CHANNELS = 30
DAYS = 31
MICROSECONDS = 1_000_000
_MEMORY_KB_PER_MB = 1024


def _month(folder: Path) -> Mapping[str, float]:
    file = folder / "calls.parquet"
    write_calls(file)
    begun = time.perf_counter()
    calls = pq.read_table(file)
    trunk = calls.column("trunk").to_numpy()
    answered, seconds = calls.column("answered_us").to_numpy(), calls.column("call_seconds").to_numpy()
    allowances = np.full(TRUNKS, allowance_seconds(600, CHANNELS * DAYS, DAYS), np.int64)
    included = included_seconds(trunk, answered, calls.column("cdr_id").combine_chunks(), seconds, allowances)
    split = time.perf_counter()
    limits = Limits(np.arange(TRUNKS), np.zeros(TRUNKS, np.int64), np.full(TRUNKS, CHANNELS, np.int64))
    used = concurrency_columns(Held.whole(trunk, answered, answered + seconds * MICROSECONDS), limits, TRUNKS)
    counted = time.perf_counter()
    assert included.sum() <= allowances.sum()
    assert used.peak.min() > 0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEMORY_KB_PER_MB
    return {
        "fair use, s": split - begun, "channels, s": counted - split, "both, s": counted - begun, "memory, MB": memory,
    }  # fmt: skip


def write_calls(file: Path) -> None:
    """Calls of a busy month in order of arrival, many of them answered in one second."""
    rng = np.random.default_rng(7)
    answered = rng.integers(0, DAYS * 86_400, CALLS) * MICROSECONDS
    table = pa.table({
        "cdr_id": pa.array(rng.integers(0, 2**63, CALLS)).cast(pa.string()),
        "trunk": rng.integers(0, TRUNKS, CALLS),
        "answered_us": answered,
        "call_seconds": rng.geometric(1 / 180, CALLS),
    })  # fmt: skip
    pq.write_table(table, file)


MEASURES = (Measure("month of 10,000,000 calls,", _month, "", {"both, s": 20, "memory, MB": 4_096}, "less"),)
