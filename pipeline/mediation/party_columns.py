"""Party fields in columns: the twin of `parties.read_party` for the usual forms.

A number, or one SIP or tel URI in `<>` with at most a display name, a tag and `user=phone`.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask, is_unknown, unknown_column
from pipeline.mediation.parties import ANONYMOUS, FIELD_CHARACTERS_MAX
from pipeline.mediation.text_columns import NO_TEXT

_NUMBER = r"\+?[0-9]{3,20}"
_WORD = "(?i:" + "|".join(sorted(word for word in ANONYMOUS if word.isalpha())) + ")"
_PLAIN_NUMBER = f"^{_NUMBER}$"
_NOBODY = f"^(?:{_WORD})?$"
_URI = (
    r"^(?P<display>[ -;=?-~]*)<"
    rf"(?:sips?:(?P<user>{_NUMBER}|{_WORD})@[0-9A-Za-z.:\[\]-]+|tel:(?P<tel>{_NUMBER}))"
    r"(?:;user=phone|;transport=[a-z]+)*>(?:;[ -;=?-~]*)?$"
)
_WITHHELD = pa.array(sorted(word for word in ANONYMOUS if not word.isalpha()), pa.string())
"""Numbers that mean nobody."""


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

    Where most fields come again, each different one is read once.
    """
    if is_unknown(raw):
        return Parties(raw, raw, np.ones(len(raw), bool))
    encoded = raw.dictionary_encode()
    if len(encoded.dictionary) > len(raw) * _DIFFERENT_MAX:
        return _read(raw, alone=alone)
    digits, display, is_plain = _read(encoded.dictionary, alone=alone)
    rows = encoded.indices
    plain = pa.array(is_plain).take(rows).fill_null(fill_value=True)
    return Parties(digits.take(rows), _taken(display, rows), as_mask(plain))


def _taken(texts: pa.Array, rows: pa.Array) -> pa.Array:
    return unknown_column(pa.string(), len(rows)) if is_unknown(texts) else texts.take(rows)


def _read(raw: pa.Array, *, alone: bool) -> Parties:
    plain = pc.fill_null(pc.match_substring_regex(raw, _PLAIN_NUMBER), fill_value=True)
    if pc.all(plain).as_py() in {True, None}:
        return _judged(raw, raw, pa.nulls(len(raw), pa.string()), alone=alone)
    nobody = pc.match_substring_regex(raw, _NOBODY)
    found = pc.extract_regex(raw, _URI)
    parts = {name: pc.struct_field(found, name) for name in ("display", "user", "tel")}
    uri = pc.if_else(pc.equal(parts["user"], ""), parts["tel"], parts["user"])
    users = pc.if_else(pc.or_(plain, nobody), raw, uri)
    return _judged(raw, users, _named(parts["display"]), alone=alone)


def _named(displays: pa.Array) -> pa.Array:
    inner = pc.utf8_trim(pc.utf8_trim_whitespace(displays), characters="\"'")
    name = pc.utf8_trim_whitespace(inner)
    return pc.if_else(pc.equal(name, ""), NO_TEXT, name)


def _judged(raw: pa.Array, users: pa.Array, display: pa.Array, *, alone: bool) -> Parties:
    """Numbers and words for nobody; a user that is neither was not found above."""
    is_number = pc.and_not(pc.match_substring_regex(users, _PLAIN_NUMBER), pc.is_in(users, _WITHHELD))
    digits = pc.if_else(is_number, users, NO_TEXT)
    short = pc.fill_null(pc.less_equal(pc.utf8_length(raw), FIELD_CHARACTERS_MAX), fill_value=True)
    is_plain = as_mask(pc.and_(pc.or_(pc.is_valid(users), pc.is_null(raw)), short))
    if alone:
        is_plain &= ~as_mask(pc.fill_null(pc.match_substring(raw, ","), fill_value=False))
    return Parties(digits, display, is_plain)
