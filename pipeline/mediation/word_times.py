"""Times in ISO 8601 are read from the bytes of many records at once."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from pipeline.mediation.columns import Mask, Numbers
from pipeline.mediation.record_bytes import WORD, Places, Words
from pipeline.mediation.word_values import FIRST_CHARACTERS, Read, are_digits, byte_at, number_of, pairs_of, word_of

_HOURS, _SIXTY = 24, 60
"""Of a day; minutes of an hour and seconds of a minute."""
_YEARS = np.arange(10_000)
_IS_LEAP = ((_YEARS % 4 == 0) & (_YEARS % 100 != 0) | (_YEARS % 400 == 0)).astype(np.int64)
_YEAR_BEGIN = np.cumsum(365 + _IS_LEAP) - (365 + _IS_LEAP)
_YEAR_BEGIN -= _YEAR_BEGIN[1970]
"""Days from 1970 to the first of January of each year."""
_MONTH_DAYS = np.zeros((2, 100), np.int64)
_MONTH_DAYS[:, 1:13] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
_MONTH_DAYS[1, 2] = 29
_MONTH_BEGIN = np.cumsum(_MONTH_DAYS, axis=1) - _MONTH_DAYS
"""Days from the first of January to the first of each month, in common years and in leap years."""


class _Digits(NamedTuple):
    words: Words
    fit: Mask


class _Form(NamedTuple):
    """How a word looks: zeros stand for any digits, every other character for itself."""

    characters: Words
    separators: Words
    length: Words
    """Which bytes of the word belong to it."""

    @classmethod
    def of(cls, *forms: str) -> Self:
        """Forms to choose from."""
        separators = ["".join("\0" if sign == "0" else "\x7f" for sign in form) for form in forms]
        characters, others = (np.array(list(map(word_of, texts))) for texts in (forms, separators))
        return cls(characters, others, FIRST_CHARACTERS[list(map(len, forms))])

    def digits(self, words: Words) -> _Digits:
        """What the words have in place of the zeros, and 0 everywhere else; which of them have this form."""
        digits = (words ^ self.characters) & self.length
        return _Digits(digits, are_digits(digits) & ((digits & self.separators) == 0))

    def chosen(self, forms: Places) -> Self:
        """A form for each row."""
        return type(self)(self.characters[forms], self.separators[forms], self.length[forms])


class _Style(NamedTuple):
    """How times are written."""

    clock: _Form
    """Day, hour and minute."""
    ending: _Form
    """What stands behind the seconds, by the length of the time."""
    is_length: Mask

    @classmethod
    def of(cls, between: str, endings: Sequence[str]) -> Self:
        """Times with that sign between date and hour, and one of these endings."""
        of_length = {len("2026-10-01T12:00:00") + len(ending): ending for ending in endings}
        lengths = range(max(of_length) + 2)
        ending = _Form.of(*(of_length.get(length, "") for length in lengths))
        return cls(_Form.of(f"00{between}00:00"), ending, np.array([length in of_length for length in lengths]))


_DATE, _SECOND = _Form.of("0000-00-"), _Form.of(":00")
_UTC = _Style.of("T", ["Z", ".000Z", ".000000Z"])
_FRACTIONS = ["", *(f".{'0' * decimals}" for decimals in range(1, 7))]
_LOCAL = _Style.of(" ", _FRACTIONS)
_CLOCK = _Form.of("00:00:00")
_CLOCK_LENGTHS = {len("00:00:00") + len(fraction): fraction for fraction in _FRACTIONS}
_DECIMALS = _Form.of(*(_CLOCK_LENGTHS.get(length, "") for length in range(max(_CLOCK_LENGTHS) + 2)))
_IS_CLOCK = np.array([length in _CLOCK_LENGTHS for length in range(max(_CLOCK_LENGTHS) + 2)])


def instants(words: Words, starts: Places, ends: Places) -> Read:
    """`2026-10-01T12:00:00.000Z` with no, three or six decimals, as microseconds since 1970."""
    return _times(words, starts, ends, _UTC)


def local_stamps(words: Words, starts: Places, ends: Places) -> Read:
    """`2026-10-01 12:00:00` with up to six decimals, as microseconds since 1970 of the same clock."""
    return _times(words, starts, ends, _LOCAL)


def clock_times(words: Words, starts: Places, ends: Places) -> Read:
    """`12:00:00` with up to six decimals, as microseconds since midnight."""
    lengths = np.minimum(ends - starts, len(_IS_CLOCK) - 1)
    clock = _CLOCK.digits(words[starts])
    ending = _DECIMALS.chosen(lengths).digits(words[starts + WORD])
    pairs = pairs_of(clock.words)
    of_day = _seconds(byte_at(pairs, 0), byte_at(pairs, 3), byte_at(pairs, 6))
    decimals = number_of(ending.words << np.uint64(8))
    return Read(of_day.values * 1_000_000 + decimals, _IS_CLOCK[lengths] & clock.fit & ending.fit & of_day.readable)


def _times(words: Words, starts: Places, ends: Places, style: _Style) -> Read:
    lengths = np.minimum(ends - starts, len(style.is_length) - 1)
    date, clock = _DATE.digits(words[starts]), style.clock.digits(words[starts + WORD])
    second = _SECOND.digits(words[starts + 2 * WORD])
    ending = style.ending.chosen(lengths).digits(words[starts + 2 * WORD + len(":00")])
    days = _days(pairs_of(date.words), byte_at(pairs_of(clock.words), 0))
    clock_pairs = pairs_of(clock.words)
    of_day = _seconds(byte_at(clock_pairs, 3), byte_at(clock_pairs, 6), byte_at(pairs_of(second.words), 1))
    decimals = number_of(ending.words << np.uint64(8))
    fit = style.is_length[lengths] & date.fit & clock.fit & second.fit & ending.fit
    return Read((days.values * 86_400 + of_day.values) * 1_000_000 + decimals, fit & days.readable & of_day.readable)


def _days(date: Words, day: Numbers) -> Read:
    """Days since 1970."""
    year = np.minimum(byte_at(date, 0) * 100 + byte_at(date, 2), len(_YEARS) - 1)
    month = np.minimum(byte_at(date, 5), _MONTH_DAYS.shape[1] - 1)
    leap = _IS_LEAP[year]
    days = _YEAR_BEGIN[year] + _MONTH_BEGIN[leap, month] + day - 1
    return Read(days, (year > 0) & (day > 0) & (day <= _MONTH_DAYS[leap, month]))


def _seconds(hour: Numbers, minute: Numbers, second: Numbers) -> Read:
    """Seconds since midnight."""
    return Read((hour * 60 + minute) * 60 + second, (hour < _HOURS) & (minute < _SIXTY) & (second < _SIXTY))
