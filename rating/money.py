"""Money as whole nanos: decimal text becomes an integer here, and an integer becomes decimal again, nowhere else.

One nano is 10**-9 of the currency unit. Text keeps every digit it was published with; nothing passes through a binary
fraction, and nothing is rounded in this module.
"""

import re
from decimal import Decimal

import numpy as np
import pyarrow as pa

from rating.columns import Integers
from schemas.ledger import MONEY

NANOS_PER_UNIT = 10**9
NANOS_DECIMALS = 9
NANOS_MAX = 10**18 - 1
"""Largest amount of DECIMAL(18,9)."""

_RATE_TEXT = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?", re.ASCII)


def parse_nanos(text: str) -> int:
    """Read money as published, such as `0.0115`: at most nine digits before and nine after one point, no sign.

    ValueError shows the text and what was expected.
    """
    match = _RATE_TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not money. Write digits with at most nine decimals after one point: 0.0115")
    units, fraction = match.groups(default="")
    return int(units) * NANOS_PER_UNIT + int(fraction.ljust(NANOS_DECIMALS, "0"))


def nanos_to_decimal(nanos: int) -> Decimal:
    """The exact amount with nine decimals, independent of the ambient decimal context."""
    units, fraction = divmod(abs(nanos), NANOS_PER_UNIT)
    return Decimal(f"{'-' if nanos < 0 else ''}{units}.{fraction:0{NANOS_DECIMALS}}")


def nanos_to_text(nanos: int) -> str:
    """The exact amount as short decimal text: 1500000 becomes `0.0015`, 2000000000 becomes `2`."""
    text = f"{nanos_to_decimal(nanos):f}"
    return text.rstrip("0").rstrip(".")


def arrow_to_nanos(amounts: pa.Array) -> Integers:
    """Turn a DECIMAL(18,9) column into int64 nanos without a loop, nulls into 0: such amounts fit the low half."""
    filled = amounts.fill_null(0) if amounts.null_count else amounts
    halves = np.frombuffer(filled.buffers()[1], dtype="<i8").reshape(-1, 2)
    nanos: Integers = halves[filled.offset : filled.offset + len(filled), 0]
    return nanos


def nanos_to_arrow(nanos: Integers) -> pa.Array:
    """Turn int64 nanos into a DECIMAL(18,9) column without a loop: the two 64-bit halves of each value are written out.

    The caller proves that every value lies in DECIMAL(18,9); charges and rates do by construction.
    """
    halves = np.empty((len(nanos), 2), dtype="<i8")
    halves[:, 0] = nanos
    halves[:, 1] = nanos >> 63
    return pa.Array.from_buffers(MONEY, len(nanos), [None, pa.py_buffer(halves)])
