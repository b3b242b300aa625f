"""Whole numbers are read from the bytes of many records at once, eight bytes in each step.

A word holds eight characters, the first one lowest. With `0` taken away from each, digits are 0 to 9 and every other
character is more; neighbouring digits are then joined to pairs, fours and eights by multiplication.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.mediation.columns import Mask, Numbers
from pipeline.mediation.record_bytes import WORD, Places, Words

DIGITS_MAX = 2 * WORD
"""Longer numbers are left to the specification."""
_ABOVE_NINE = np.uint64(0x7676767676767676)
_HIGH_BITS = np.uint64(0x8080808080808080)
_BYTE = np.uint64(0xFF)
_FIRST_OF_FOUR = np.uint64(0x000000FF000000FF)


def word_of(text: str) -> np.uint64:
    """At most eight characters as a word; what is missing behind them is 0."""
    return np.uint64(int.from_bytes(text.encode().ljust(WORD, b"\0"), "little"))


FIRST_CHARACTERS = np.array([(1 << 8 * kept) - 1 for kept in range(WORD + 1)], np.uint64)
"""What keeps that many characters at the beginning of a word."""
_LAST_CHARACTERS = ~FIRST_CHARACTERS[::-1]
_ZEROS = word_of("0" * WORD)


class Read(NamedTuple):
    """Values and where there is one; everywhere else the value means nothing."""

    values: Numbers
    readable: Mask


def whole_numbers(words: Words, starts: Places, ends: Places) -> Read:
    """Digits without a sign and without a leading zero, at most `DIGITS_MAX` of them."""
    numbers, readable = digits(words, starts, ends)
    leads_with_zero = (words[starts] & _BYTE) == ord("0")
    return Read(numbers, readable & ~(leads_with_zero & (ends - starts > 1)))


def digits(words: Words, starts: Places, ends: Places) -> Read:
    """Nothing but digits, at most `DIGITS_MAX` of them."""
    lengths = ends - starts
    last, readable = _last_digits(words[ends - WORD], lengths)
    readable &= (lengths > 0) & (lengths <= DIGITS_MAX)
    if not (lengths > WORD).any():
        return Read(last, readable)
    first, is_number = _last_digits(words[ends - 2 * WORD], lengths - WORD)
    return Read(last + first * 10**WORD, readable & is_number)


def _last_digits(words: Words, count: npt.NDArray[np.integer]) -> Read:
    """The number that the last characters of each word are; none of them is 0."""
    figures = (words ^ _ZEROS) & _LAST_CHARACTERS[np.clip(count, 0, WORD)]
    return Read(number_of(figures), are_digits(figures))


def are_digits(digits: Words) -> Mask:
    """Where all eight are 0 to 9."""
    mask: Mask = (((digits + _ABOVE_NINE) | digits) & _HIGH_BITS) == 0
    return mask


def number_of(digits: Words) -> Numbers:
    """Eight digits as a number."""
    pairs = pairs_of(digits)
    upper = (pairs & _FIRST_OF_FOUR) * np.uint64(100 + (1_000_000 << 32))
    lower = ((pairs >> np.uint64(16)) & _FIRST_OF_FOUR) * np.uint64(1 + (10_000 << 32))
    return ((upper + lower) >> np.uint64(32)).astype(np.int64)


def pairs_of(digits: Words) -> Words:
    """In each byte the number that its digit is together with the next one."""
    pairs: Words = digits * np.uint64(10) + (digits >> np.uint64(8))
    return pairs


def byte_at(words: Words, place: int) -> Numbers:
    """One byte of each word."""
    return ((words >> np.uint64(8 * place)) & _BYTE).astype(np.int64)
