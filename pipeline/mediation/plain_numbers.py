"""The rules on numbers in columns: the twin of `numbers.apply_number_rules`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask, is_unknown, same_in_all, unknown_column
from pipeline.mediation.feed import Feed
from pipeline.mediation.numbers import FEATURE_SIGNS, is_inside, number_meant
from pipeline.mediation.party_columns import read_parties
from pipeline.mediation.plain_rules import Columns, Ruled, Times
from pipeline.mediation.record_bytes import RecordBytes
from pipeline.mediation.text_columns import NO_TEXT
from pipeline.mediation.texts import CONTROLS
from rating.numbering.dialling import SHORT_MAX
from schemas.cdr import Direction, RecordType
from schemas.reference import DialPlan

_NO_PLAN = DialPlan()
_WITHOUT_PARTIES = pa.array([RecordType.END, RecordType.MEDIA], pa.string())
_IS_FEATURE_SIGN = np.isin(np.arange(256), list("".join(FEATURE_SIGNS).encode()))
_INSIDE = ("called", "direction", "egress_trunk_group", "egress_call_id")
"""What `numbers.is_inside` looks at."""
_DELETE, _HISTORY_MARK = 0x7F, "index="


def numbers(columns: Columns, times: Times, feed: Feed[Any]) -> Ruled:
    """What the party fields mean, and whether the leg bills."""
    calling, called = (read_parties(columns[name]) for name in ("calling_raw", "called_raw"))
    identity, diversion = (read_parties(columns[name], alone=True) for name in ("pai_raw", "diversion_raw"))
    is_plain = calling.is_plain & called.is_plain & identity.is_plain & diversion.is_plain
    is_plain &= feed.source.dial_plan.tech_prefix is None
    is_plain &= ~_has_controls(columns["display_name"])
    is_plain &= ~_is_history(columns["diversion_raw"])
    trusted = identity.digits if feed.options.trust_asserted_identity else unknown_column(pa.string(), len(is_plain))
    plan = feed.source.dial_plan
    caller, callee, asserted, redirecting = (
        _numbers_meant(digits, plan) for digits in (calling.digits, called.digits, trusted, diversion.digits)
    )
    return Ruled(
        {
            "calling": _either(caller, asserted),
            "called": callee,
            "billing_number": asserted,
            "redirecting": redirecting,
            "presentation": _presentation(caller, asserted, columns["record_type"], times),
            "display_name": _either(columns["display_name"], calling.display),
            "is_billed_leg": _billed(callee, columns, plan),
        },
        is_plain,
    )


def _is_history(diversions: pa.Array) -> Mask:
    """A History-Info (RFC 7044), of which one entry is the one that counts."""
    if is_unknown(diversions):
        return np.zeros(len(diversions), bool)
    return as_mask(pc.match_substring(diversions, _HISTORY_MARK).fill_null(fill_value=False))


def _has_controls(names: pa.Array) -> Mask:
    content = RecordBytes.of_texts(names)
    is_usual = content.is_printable(without=_DELETE)
    if is_usual.all():
        return ~is_usual
    return as_mask(pc.match_substring_regex(names, CONTROLS).fill_null(fill_value=False))


def _either(texts: pa.Array, others: pa.Array) -> pa.Array:
    """The other ones where there are none."""
    return texts if not texts.null_count or is_unknown(others) else pc.coalesce(texts, others)


def _presentation(caller: pa.Array, asserted: pa.Array, record_types: pa.Array, times: Times) -> pa.Array:
    if times.finished.all() and not caller.null_count:
        return same_in_all("allowed", pa.string(), len(caller))
    hidden = pc.if_else(pc.is_valid(asserted), "restricted", "unavailable")
    shown = pc.if_else(pc.is_valid(caller), "allowed", hidden)
    return pc.if_else(pc.is_in(record_types, _WITHOUT_PARTIES), NO_TEXT, shown)


def _billed(called: pa.Array, columns: Columns, plan: DialPlan) -> pa.Array:
    """Which legs bill: none to a feature code or an extension that no carrier carried (`numbers.is_inside`).

    Only short numbers and codes are looked at, and each different case of them once.
    """
    content = RecordBytes.of_texts(called)
    starts, lengths = content.bounds[:-1], np.diff(content.bounds)
    is_code = _IS_FEATURE_SIGN.take(content.data.take(starts))
    rows = np.flatnonzero((lengths > 0) & ((lengths <= SHORT_MAX) | is_code))
    if not len(rows):
        return columns["is_billed_leg"]
    told = [called, *(columns[name] for name in _INSIDE[1:])]
    cases = list(zip(*(column.take(pa.array(rows)).to_pylist() for column in told), strict=True))
    inside = {case: _is_inside(case, plan) for case in set(cases)}
    is_billed = as_mask(columns["is_billed_leg"])
    is_billed[rows] &= ~np.array([inside[case] for case in cases])
    return pa.array(is_billed)


def _is_inside(case: Sequence[Any], plan: DialPlan) -> bool:
    fields = dict(zip(_INSIDE, case, strict=True))
    direction = fields["direction"]
    return is_inside(fields | {"direction": direction and Direction(direction)}, plan)


def _numbers_meant(dialled: pa.Array, plan: DialPlan) -> pa.Array:
    """Twin of `numbers.number_meant`; each different number is read once."""
    if plan == _NO_PLAN or is_unknown(dialled) or pc.all(pc.starts_with(dialled, "+")).as_py() in {True, None}:
        return dialled
    encoded = dialled.dictionary_encode()
    meant = [number_meant(number, plan) for number in encoded.dictionary.to_pylist()]
    return pa.array(meant, pa.string()).take(encoded.indices)
