"""The twin of `classify.classify` for columns: E.164 and kind of a million dialled numbers at once.

Digits with or without a plus, on trunks with a common dial plan, are computed in columns. The rest (short codes, texts
that are no digits, rare dial plans) is read by the specification, each different text once.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rating.columns import Integers
from rating.numbering.area_codes import AreaCodeTable
from rating.numbering.classify import number_or_short_code
from rating.numbering.dialling import SHORT_MAX
from rating.numbering.dialling_batch import e164_column, global_column, is_common
from rating.numbering.digit_columns import DialledColumn, Digits, read_dialled
from rating.numbering.kind_batch import kind_column
from rating.numbering.kind_table import kind_table
from rating.numbering.kinds import Kind
from rating.numbering.profiles import DiallingProfile


class NumberColumn(NamedTuple):
    """Dialled numbers: digits in E.164 without plus and their count (0 and 0 where there are none), and the kind."""

    digits: Integers
    length: Integers
    kind: Integers
    """Position in `kinds`."""
    kinds: Sequence[Kind]

    def number_class(self) -> pa.Array:
        """Class of each number, text."""
        return self._taken([kind.number_class.value for kind in self.kinds])

    def country(self) -> pa.Array:
        """Country of each number, text, null for none."""
        return self._taken([kind.country for kind in self.kinds])

    def state(self) -> pa.Array:
        """US state of each number, text, null for none."""
        return self._taken([kind.state for kind in self.kinds])

    def _taken(self, values: Sequence[str | None]) -> pa.Array:
        return pa.array(values, pa.string()).take(pa.array(self.kind))


def classify_column(
    dialled: pa.Array, profiles: Sequence[DiallingProfile], which: Integers, days: Integers, table: AreaCodeTable
) -> NumberColumn:
    """`classify` of a column of text: row i by `profiles[which[i]]`, as of `days[i]` since 1970-01-01 (UTC)."""
    read = read_dialled(dialled)
    numbers, left = _common_numbers(read, profiles, which)
    kinds = list(kind_table(table).kinds)
    short = np.full(len(which), -1, np.int64)
    for rows, profile, text in _different_texts(dialled, which, left):
        number, short_kind = number_or_short_code(text, profiles[profile])
        digits = "" if number is None else number[1:]
        numbers.value[rows], numbers.length[rows] = int(digits or 0), len(digits)
        if short_kind is not None:
            if short_kind not in kinds:
                kinds.append(short_kind)
            short[rows] = kinds.index(short_kind)
    kind = kind_column(numbers, days, table)
    is_number = kind != kind_table(table).invalid
    return NumberColumn(*numbers.where(is_number), np.where(short >= 0, short, kind), tuple(kinds))


def _common_numbers(
    read: DialledColumn, profiles: Sequence[DiallingProfile], which: Integers
) -> tuple[Digits, Integers]:
    """Numbers in E.164 as far as columns can read them, and the rows that are left to the specification."""
    is_common_profile = np.array([is_common(profile.plan) for profile in profiles], np.bool_)
    by_column = read.is_regular & is_common_profile[which] & (read.has_plus | (read.digits.length > SHORT_MAX))
    numbers = global_column(read.digits.where(by_column & read.has_plus))
    without_plus = by_column & ~read.has_plus
    for position, profile in enumerate(profiles):
        rows = np.flatnonzero(without_plus & (which == position))
        if rows.size:
            numbers.value[rows], numbers.length[rows] = e164_column(read.digits.take(rows), profile.plan)
    return numbers, np.flatnonzero(~by_column)


def _different_texts(dialled: pa.Array, which: Integers, rows: Integers) -> Iterator[tuple[Integers, int, str | None]]:
    """The rows of each text and profile, the profile, and the text."""
    if not rows.size:
        return
    encoded = pc.dictionary_encode(dialled.take(pa.array(rows)), null_encoding="encode")
    code = pc.cast(encoded.indices, pa.int64()).to_numpy(zero_copy_only=False)
    texts = encoded.dictionary.to_pylist()
    key = which[rows] * len(texts) + code
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    for value, group in zip(keys.tolist(), np.split(rows[order], first[1:]), strict=True):
        profile, text = divmod(value, len(texts))
        yield group, profile, texts[text]
