"""Columns of digits: a number is an integer and its count of digits, so that leading zeros are kept."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.columns import Flags, Integers

DIGITS_MAX = 18
"""Digits that fit 64 bits whatever they are: 011 and a whole E.164 number."""

_POWER = np.array([10**digits for digits in range(DIGITS_MAX + 1)], np.int64)


class Digits(NamedTuple):
    """Numbers as integers; `length` 0 and `value` 0 is none."""

    value: Integers
    length: Integers

    def leading(self, count: int) -> Integers:
        """The first `count` digits, of numbers that have so many; other rows hold their whole value."""
        return self.value // _POWER[np.clip(self.length - count, 0, DIGITS_MAX)]

    def without(self, count: int) -> "Digits":
        """What follows the first `count` digits."""
        length = np.maximum(self.length - count, 0)
        return Digits(self.value % _POWER[length], length)

    def behind(self, prefix: int) -> "Digits":
        """`prefix` put before each number that leaves room for it; other rows become none."""
        count = len(str(prefix))
        fits = (self.length > 0) & (self.length + count <= DIGITS_MAX)
        value = prefix * _POWER[np.where(fits, self.length, 0)] + self.value
        return Digits(value, self.length + count).where(fits)

    def starts_with(self, prefix: str) -> Flags:
        """Whether a number begins with these digits, zeros included."""
        starts: Flags = self.leading(len(prefix)) == int(prefix)
        return starts & (self.length >= len(prefix))

    def where(self, keep: Flags) -> "Digits":
        """The numbers to keep; the others become none."""
        return Digits(np.where(keep, self.value, 0), np.where(keep, self.length, 0))

    def take(self, rows: Integers) -> "Digits":
        """The numbers of some rows."""
        return Digits(self.value[rows], self.length[rows])


class DialledColumn(NamedTuple):
    """Dialled texts as far as they are digits with or without a plus; `is_regular` is false for all others."""

    digits: Digits
    has_plus: Flags
    is_regular: Flags


def read_dialled(dialled: pa.Array) -> DialledColumn:
    """Read a column of text; a null is not regular."""
    text = pc.fill_null(dialled, "")
    bare = pc.ascii_ltrim(text, "+")
    length = pc.cast(pc.binary_length(bare), pa.int64()).to_numpy(zero_copy_only=False)
    pluses = pc.cast(pc.binary_length(text), pa.int64()).to_numpy(zero_copy_only=False) - length
    regular: Flags = pc.ascii_is_decimal(bare).to_numpy(zero_copy_only=False)
    regular &= (pluses <= 1) & (length <= DIGITS_MAX)
    if not regular.all():
        bare = pc.if_else(pa.array(regular), bare, "0")
    value = pc.cast(bare, pa.int64()).to_numpy(zero_copy_only=False)
    return DialledColumn(Digits(value, length).where(regular), (pluses > 0) & regular, regular)
