"""Party fields in columns: the twin of `parties.read_party` for the usual forms.

A number, or one SIP or tel URI in `<>` with at most a display name, a tag and `user=phone`.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask, is_unknown, known_rows, unknown_column
from pipeline.mediation.parties import ANONYMOUS, FIELD_CHARACTERS_MAX
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.text_columns import NO_TEXT

_DIGITS_MIN, _DIGITS_MAX = 3, 20
_NUMBER = rf"\+?[0-9]{{{_DIGITS_MIN},{_DIGITS_MAX}}}"
_WORD = "(?i:" + "|".join(sorted(word for word in ANONYMOUS if word.isalpha())) + ")"
_NOBODY = pa.array(sorted(word for word in ANONYMOUS if not word or word.isalpha()), pa.string())
_PLAIN_NUMBER = f"^{_NUMBER}$"
_ALONE = f"^(?:{_NUMBER}|{_WORD}|)$"
_URI = (
    r"^(?P<display>[ -;=?-~]*)<"
    rf"(?:sips?:(?P<user>{_NUMBER}|{_WORD})@[0-9A-Za-z.:\[\]-]+|tel:(?P<tel>{_NUMBER}))"
    r"(?:;user=phone|;transport=[a-z]+)*>(?:;[ -;=?-~]*)?$"
)
_WITHHELD = pa.array(sorted(word for word in ANONYMOUS if not word.isalpha()), pa.string())
"""Numbers that mean nobody."""
_WITHHELD_LENGTHS = pc.min_max(pc.binary_length(_WITHHELD)).as_py()
_PLUS = ord("+")
_OTHER, _SIGN, _DIGIT = range(3)
_KINDS = np.array(
    [_DIGIT if sign in b"0123456789" else _SIGN if sign in b"*#" else _OTHER for sign in range(256)], np.uint8
)
"""Kind of each character; a number with signs is only one if it has a digit."""
_DIFFERENT_MAX = 0.5
"""Share of different fields up to which it is faster to tell them apart first."""


class Parties(NamedTuple):
    """A column of party fields."""

    digits: pa.Array
    """Null where nobody is named."""
    display: pa.Array
    is_plain: Mask
    """Where the specification reads the same; everywhere else nothing of it counts."""


def read_parties(raw: pa.Array, *, alone: bool = False) -> Parties:
    """Read the fields; `alone` where a list may stand, so that a comma is none of a name.

    Most are nothing but a number, which their bytes tell.
    """
    plain = _are_numbers(raw)
    display = unknown_column(pa.string(), len(raw))
    if plain.all():
        return Parties(raw, display, plain)
    rest = pa.array(~plain)
    found = _read_each(raw.filter(rest), alone=alone)
    plain[~plain] = found.is_plain
    if not is_unknown(found.display):
        display = pc.replace_with_mask(display, rest, found.display)
    return Parties(pc.replace_with_mask(raw, rest, found.digits), display, plain)


def _are_numbers(raw: pa.Array) -> Mask:
    """Numbers of a usual length that name somebody, codes such as `*60`, and fields that are not there."""
    if is_unknown(raw):
        return np.ones(len(raw), bool)
    content = RecordBytes.of_texts(raw)
    starts, lengths = content.bounds[:-1], np.diff(content.bounds)
    has_plus = (lengths > 0) & (content.data[starts] == _PLUS)
    kinds = _KINDS.take(content.inner)
    kinds[starts.compress(has_plus) - content.bounds[0]] = _DIGIT
    figures = lengths - has_plus
    numbers: Mask = (figures > 0) & (figures <= _DIGITS_MAX)
    if kinds.min(initial=_DIGIT) < _DIGIT:
        ends_with_digit = _KINDS.take(content.data.take(content.ends - 1)) == _DIGIT
        signs = content.records_at(kinds == _SIGN)
        numbers[signs] &= ends_with_digit.take(signs)
        numbers[content.records_at(kinds == _OTHER)] = False
    suspect = numbers & (lengths >= _WITHHELD_LENGTHS["min"]) & (lengths <= _WITHHELD_LENGTHS["max"])
    if suspect.any():
        numbers[suspect] = ~as_mask(pc.is_in(raw.filter(pa.array(suspect)), _WITHHELD))
    numbers |= ~known_rows(raw)
    return numbers


def _read_each(raw: pa.Array, *, alone: bool) -> Parties:
    """Where most fields come again, each different one is read once."""
    encoded = raw.dictionary_encode()
    if len(encoded.dictionary) > len(raw) * _DIFFERENT_MAX:
        return _read(raw, alone=alone)
    digits, display, is_plain = _read(encoded.dictionary, alone=alone)
    rows = encoded.indices
    return Parties(digits.take(rows), display.take(rows), is_plain[rows.to_numpy()])


def _read(raw: pa.Array, *, alone: bool) -> Parties:
    """Fields of which none is missing; most of those that are no number name nobody."""
    if pc.all(pc.is_in(pc.ascii_lower(raw), _NOBODY)).as_py():
        nobody = unknown_column(pa.string(), len(raw))
        return Parties(nobody, nobody, np.ones(len(raw), bool))
    found = pc.extract_regex(raw, _URI)
    parts = {name: pc.struct_field(found, name) for name in ("display", "user", "tel")}
    uri = pc.if_else(pc.equal(parts["user"], ""), parts["tel"], parts["user"])
    users = pc.if_else(pc.match_substring_regex(raw, _ALONE), raw, uri)
    return _judged(raw, users, _named(parts["display"]), alone=alone)


def _named(displays: pa.Array) -> pa.Array:
    inner = pc.utf8_trim(pc.utf8_trim_whitespace(displays), characters="\"'")
    name = pc.utf8_trim_whitespace(inner)
    return pc.if_else(pc.equal(name, ""), NO_TEXT, name)


def _judged(raw: pa.Array, users: pa.Array, display: pa.Array, *, alone: bool) -> Parties:
    """Numbers and words for nobody; a user that is neither was not found above."""
    is_number = pc.and_not(pc.match_substring_regex(users, _PLAIN_NUMBER), pc.is_in(users, _WITHHELD))
    digits = pc.if_else(is_number, users, NO_TEXT)
    is_plain = as_mask(pc.and_(pc.is_valid(users), pc.less_equal(pc.utf8_length(raw), FIELD_CHARACTERS_MAX)))
    if alone:
        is_plain &= ~as_mask(pc.match_substring(raw, ","))
    return Parties(digits, display, is_plain)
