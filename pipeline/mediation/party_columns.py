"""Party fields in columns: the twin of `parties.read_party` for the usual forms.

A number, or one SIP or tel URI in `<>` with at most a display name, a tag and `user=phone`.
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask
from pipeline.mediation.parties import FIELD_CHARACTERS_MAX

_NUMBER = r"\+?[0-9]{3,20}"
_PLAIN_NUMBER = f"^{_NUMBER}$"
_URI = (
    r"^(?P<display>[ -;=?-~]*)<"
    rf"(?:sips?:(?P<user>{_NUMBER})@[0-9A-Za-z.:\[\]-]+|tel:(?P<tel>{_NUMBER}))"
    r"(?:;user=phone|;transport=[a-z]+)*>(?:;[ -;=?-~]*)?$"
)
_WITHHELD = pa.array(["0000000000", "+266696687", "266696687"], pa.string())
"""Numbers that mean nobody."""


class Parties(NamedTuple):
    """A column of party fields."""

    digits: pa.Array
    display: pa.Array
    is_plain: Mask
    """Where the specification reads the same; everywhere else nothing of it counts."""


def read_parties(raw: pa.Array, *, alone: bool = False) -> Parties:
    """Read the fields; `alone` where a list may stand, so that a comma is none of a name."""
    plain = pc.fill_null(pc.match_substring_regex(raw, _PLAIN_NUMBER), fill_value=True)
    if pc.all(plain).as_py() in {True, None}:
        return _judged(raw, raw, pa.nulls(len(raw), pa.string()), alone=alone)
    found = pc.extract_regex(raw, _URI)
    parts = {name: pc.struct_field(found, name) for name in ("display", "user", "tel")}
    uri = pc.if_else(pc.equal(parts["user"], ""), parts["tel"], parts["user"])
    digits = pc.if_else(plain, raw, uri)
    return _judged(raw, digits, _named(parts["display"]), alone=alone)


def _named(displays: pa.Array) -> pa.Array:
    inner = pc.utf8_trim(pc.utf8_trim_whitespace(displays), characters="\"'")
    name = pc.utf8_trim_whitespace(inner)
    return pc.if_else(pc.equal(name, ""), pa.scalar(None, pa.string()), name)


def _judged(raw: pa.Array, digits: pa.Array, display: pa.Array, *, alone: bool) -> Parties:
    known = pc.and_not(pc.is_valid(digits), pc.is_in(digits, _WITHHELD))
    short = pc.fill_null(pc.less_equal(pc.utf8_length(raw), FIELD_CHARACTERS_MAX), fill_value=True)
    is_plain = as_mask(pc.and_(pc.or_(known, pc.is_null(raw)), short))
    if alone:
        is_plain &= ~as_mask(pc.fill_null(pc.match_substring(raw, ","), fill_value=False))
    return Parties(digits, display, is_plain)
