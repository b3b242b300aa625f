"""RADIUS accounting packets in columns: the fast twin of `radius_text.parse`.

The attributes of packets of the usual form are found in their bytes, those of others one packet at a time; what they
mean is decided for the whole batch.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.attribute_columns import read_attributes
from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.columns import Mask, Numbers, as_mask, same_in_all
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.formats.radius_text import (
    AT_ONCE,
    CALL_ORIGIN,
    DELAY,
    RECORDS,
    Attributes,
    attributes_of,
    hexadecimal_cause,
)
from pipeline.mediation.identity import SEPARATOR
from pipeline.mediation.member_names import Names
from pipeline.mediation.plain import Drafts
from pipeline.mediation.side_columns import customer_sides
from pipeline.mediation.stamp_columns import zoned_instants
from pipeline.mediation.text_columns import is_blank, known_texts, mapped, readable_where, whole_numbers
from pipeline.mediation.values import sip_status
from schemas.cdr import INSTANT, RecordType

_TIMES = {"started_at": "h323-setup-time", "answered_at": "h323-connect-time", "released_at": "h323-disconnect-time"}
_CALLS = ("Acme-Session-Ingress-CallId", "h323-conf-id", "Acct-Session-Id")
_NAMES = (
    *_TIMES.values(), *_CALLS, "Acct-Status-Type", "Acct-Session-Time", "session-time", "h323-remote-id",
    "Acme-Originating-Trunk-Group", "Acme-Terminating-Trunk-Group", "Acme-Session-Ingress-Realm",
    "Acme-Session-Egress-Realm", "NAS-IP-Address", "NAS-Identifier", "User-Name", "xpgk-src-number-in",
    "Calling-Station-Id", "xpgk-dst-number-in", "Called-Station-Id", "Acme-P-Asserted-ID", "h323-disconnect-cause",
    "Acme-Disconnect-Cause", "Acme-SIP-Status", "Acct-Terminate-Cause", "Acme-Session-Egress-CallId", DELAY,
)  # fmt: skip

_ATTRIBUTES = Names([*_NAMES, CALL_ORIGIN])
_STATUSES = pa.array(list(RECORDS), pa.string())
_SEPARATOR = SEPARATOR.encode()

Texts = Mapping[str, pa.Array]
"""Attributes by name; null where a packet has none."""


def read_columns(values: Sequence[bytes], feed: Feed[FeedOptions]) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield the packets of calls with their positions; all others are for the specification."""
    found = read_attributes(values, _ATTRIBUTES)
    status, origin = found.texts["Acct-Status-Type"], found.texts[CALL_ORIGIN]
    is_call = found.readable & as_mask(pc.is_in(status, _STATUSES)) & as_mask(origin.is_null())
    at = np.flatnonzero(is_call)
    if len(at):
        rows = pa.array(at)
        texts = {name: text if len(at) == len(values) else text.take(rows) for name, text in found.texts.items()}
        yield at, _drafts(texts, len(at), feed)
    yield from _one_by_one(values, np.flatnonzero(~found.readable).tolist(), feed)


def _one_by_one(
    values: Sequence[bytes], places: Sequence[int], feed: Feed[FeedOptions]
) -> Iterator[tuple[Numbers, Drafts]]:
    """Packets with vendor pairs, accents or unusual blanks."""
    packets: list[Attributes] = []
    positions: list[int] = []
    for position in places:
        value = values[position]
        try:
            attributes = attributes_of(value.decode("utf-8-sig"))
        except UnicodeDecodeError:
            continue
        has_two_legs = CALL_ORIGIN in attributes
        if attributes.get("Acct-Status-Type") in RECORDS and _SEPARATOR not in value and not has_two_legs:
            packets.append(attributes)
            positions.append(position)
    if packets:
        texts = {name: pa.array([packet.get(name) for packet in packets], pa.string()) for name in _NAMES}
        yield np.array(positions), _drafts(texts, len(packets), feed)


def _first(texts: Texts, *names: str) -> pa.Array:
    """Twin of `radius_text._first`."""
    return pc.coalesce(*(known_texts(texts[name]) for name in names))


def _drafts(texts: Texts, count: int, feed: Feed[FeedOptions]) -> Drafts:
    record_type = mapped(texts["Acct-Status-Type"], RECORDS.__getitem__, pa.string())
    spoken = pc.coalesce(texts["Acct-Session-Time"], texts["session-time"]).fill_null("")
    seconds, has_seconds = whole_numbers(spoken)
    cause, has_cause = whole_numbers(texts["Acme-Disconnect-Cause"])
    session = texts["Acct-Session-Id"].fill_null("")
    calls = _first(texts, *_CALLS).fill_null("")
    times, decided = _times(texts, record_type, seconds, feed)
    same = partial(same_in_all, count=count)
    columns = {
        "record_type": record_type,
        "is_billed_leg": same(value=True, data_type=pa.bool_()),
        "source_node": _first(texts, "NAS-IP-Address", "NAS-Identifier").fill_null(
            pa.scalar(feed.source.node, pa.string())
        ),
        "leg_id": session,
        "reported_ms": pc.multiply(seconds, 1_000),
        "duration_basis": same("answer", pa.string()),
        "src_tz": same(str(feed.zone), pa.string()),
        "tz_source": same("explicit", pa.string()),
        **_parties(texts, feed),
        **_outcome(texts, cause),
        **times,
    }
    is_interim = pc.equal(record_type, RecordType.INTERIM)
    key = pc.if_else(is_interim, pc.binary_join_element_wise(session, spoken, SEPARATOR), session)
    waited = texts[DELAY].fill_null("")
    at_once = pc.is_in(waited, pa.array(["", AT_ONCE]))
    key = pc.if_else(at_once, key, pc.binary_join_element_wise(key, waited, SEPARATOR))
    return Drafts(columns, [key], calls, readable_where(count, ~is_blank(session), has_seconds, has_cause, decided))


def _parties(texts: Texts, feed: Feed[FeedOptions]) -> dict[str, pa.Array]:
    ingress = _first(texts, "h323-remote-id", "Acme-Originating-Trunk-Group")
    groups = [
        group.fill_null("")
        for group in (
            ingress,
            texts["Acme-Session-Ingress-Realm"],
            texts["Acme-Terminating-Trunk-Group"],
            texts["Acme-Session-Egress-Realm"],
        )
    ]
    sides = customer_sides(feed.options, groups[:2], groups[2:])
    return {
        "direction": sides.direction,
        "claimed_trunk_id": sides.trunk_id,
        "user_name": known_texts(texts["User-Name"]),
        "calling_raw": _first(texts, "xpgk-src-number-in", "Calling-Station-Id"),
        "called_raw": _first(texts, "xpgk-dst-number-in", "Called-Station-Id"),
        "pai_raw": texts["Acme-P-Asserted-ID"],
        "ingress_trunk_group": ingress,
        "egress_trunk_group": texts["Acme-Terminating-Trunk-Group"],
    }


def _outcome(texts: Texts, cause: pa.Array) -> dict[str, pa.Array]:
    decimal = mapped(cause.cast(pa.string()), lambda text: q850_or_none(int(text)), pa.int32())
    hexadecimal = mapped(texts["h323-disconnect-cause"], hexadecimal_cause, pa.int32())
    native = pc.coalesce(known_texts(texts["h323-disconnect-cause"]), texts["Acct-Terminate-Cause"])
    return {
        "q850": pc.coalesce(decimal, hexadecimal),
        "sip_status": mapped(texts["Acme-SIP-Status"], sip_status, pa.int32()),
        "native_cause": native,
        "ingress_call_id": texts["Acme-Session-Ingress-CallId"],
        "egress_call_id": texts["Acme-Session-Egress-CallId"],
    }


def _times(
    texts: Texts, record_type: pa.Array, seconds: pa.Array, feed: Feed[FeedOptions]
) -> tuple[dict[str, pa.Array], Mask]:
    """The instants; a gateway that prints the disconnect as connect time of an unanswered call is seen through."""
    times = {field: zoned_instants(texts[name].fill_null(""), feed.zone) for field, name in _TIMES.items()}
    columns = {field: instants.column for field, instants in times.items()}
    decided: Mask = np.logical_and.reduce([instants.decided for instants in times.values()])
    silent = pc.and_(pc.equal(record_type, RecordType.STOP), pc.fill_null(pc.equal(seconds, 0), fill_value=False))
    at_once = pc.fill_null(pc.equal(columns["answered_at"], columns["released_at"]), fill_value=False)
    columns["answered_at"] = pc.if_else(pc.and_(silent, at_once), pa.scalar(None, INSTANT), columns["answered_at"])
    return columns, decided & as_mask(texts["Acct-Session-Id"].is_valid())
