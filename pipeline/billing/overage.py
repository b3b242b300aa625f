"""Fair use at close: which seconds of the calls within plans go beyond the allowance, and what they cost.

The order of the calls and the split are one SQL window; the price of the seconds beyond is the metered rule of rating,
on columns. Its specification, one call at a time, is `rating.fair_use`; a test holds the two together.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.billing.snapshot import Snapshot, query
from rating.charge import exact_charge_column, round_charge
from rating.columns import Integers
from rating.duration import billed_seconds_column
from rating.money import nanos_to_arrow


class Allowance(NamedTuple):
    """Seconds that the plan of a trunk includes in one month."""

    account_id: str
    trunk_id: str
    service_period: str
    allowance_seconds: int


_SCHEMA = pa.schema(
    [
        ("account_id", pa.string()),
        ("trunk_id", pa.string()),
        ("service_period", pa.string()),
        ("allowance_seconds", pa.int64()),
    ]
)


def keep_overage(snapshot: Snapshot, allowances: Iterable[Allowance], name: str = "overage") -> None:
    """Price the seconds of `pooled` beyond these allowances; the table `name` has one row for each such call."""
    snapshot.put("allowances", pa.Table.from_pylist([row._asdict() for row in allowances], schema=_SCHEMA))
    beyond = snapshot.arrow(query("beyond"))
    seconds, rate, fee = (_integers(beyond, column) for column in ("overage_seconds", "rate_nanos", "fee_nanos"))
    billed = billed_seconds_column(seconds, _integers(beyond, "initial_seconds"), _integers(beyond, "next_seconds"))
    charge = _rounded(exact_charge_column(rate, fee, billed), beyond)
    priced = beyond.append_column("overage_billed_seconds", pa.array(billed))
    snapshot.put(name, priced.append_column("overage_charge", nanos_to_arrow(charge)))


def _integers(table: pa.Table, column: str) -> Integers:
    values: Integers = table.column(column).to_numpy().astype(np.int64)
    return values


def _rounded(sixtieths: Integers, beyond: pa.Table) -> Integers:
    """Round each charge by the rule that its row carries; most bills have one rule."""
    decimals = _integers(beyond, "charge_decimals")
    roundings = np.array(beyond.column("charge_rounding").to_pylist(), dtype=object)
    charges = np.zeros(len(sixtieths), dtype=np.int64)
    for scale in np.unique(decimals):
        for rounding in sorted(set(roundings)):
            chosen = (decimals == scale) & (roundings == rounding)
            charges[chosen] = round_charge(sixtieths[chosen], int(scale), rounding)
    return charges
