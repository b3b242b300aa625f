"""FreeSWITCH mod_json_cdr in columns: the fast twin of `freeswitch_json.parse`.

Of a document's hundreds of variables only those that are read are decoded; all others are checked for their form and
their characters, not for the range of a number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.columns import Mask, Numbers, as_mask, is_unknown, same_in_all, unknown_column
from pipeline.mediation.escape_columns import unquoted
from pipeline.mediation.feed import Feed
from pipeline.mediation.formats.freeswitch_causes import q850_of_name, reject_class_of_name, release_party
from pipeline.mediation.formats.freeswitch_variables import PARTIES, TIMES, FreeSwitchOptions, is_billed
from pipeline.mediation.identity import SEPARATOR
from pipeline.mediation.plain import Drafts
from pipeline.mediation.text_columns import (
    NO_TEXT,
    figures,
    known_texts,
    long_numbers,
    mapped,
    readable_where,
    whole_numbers,
)
from pipeline.mediation.times import EPOCH_MAX_S
from pipeline.mediation.values import mos_x100, sip_status
from schemas.cdr import INSTANT, RecordType

_CODECS = {"codec_in": "read_codec", "codec_out": "write_codec", "transport": "sip_via_protocol"}
_FIGURES = {
    "t38_pages": "fax_document_transferred_pages", "packets_in": "rtp_audio_in_packet_count",
    "packets_out": "rtp_audio_out_packet_count", "hold_ms": "hold_accum_ms", "pdd_ms": "progressmsec",
}  # fmt: skip
_EPOCHS = {
    f"{event}_{unit}": factor for event, _ in TIMES.values() for unit, factor in (("uepoch", 1), ("epoch", 10**6))
}
_LENGTHS = {"billusec": 1, "billmsec": 1, "billsec": 1_000}
_OUTCOME = (
    "hangup_cause", "hangup_cause_q850", "proto_specific_hangup_cause", "sip_term_status", "sip_hangup_disposition",
    "rtp_secure_media_confirmed", "rtp_audio_in_mos", "fax_success", "uuid", "call_uuid", "direction",
)  # fmt: skip
_NAMES = (
    *(name for names in PARTIES.values() for name in names), *(name for _, name in TIMES.values()), *_EPOCHS, *_LENGTHS,
    *_CODECS.values(), *_FIGURES.values(), *_OUTCOME,
)  # fmt: skip

_BLOCK_DOCUMENTS = 500

Texts = Mapping[str, pa.Array]
"""Variables by name; null where a document has none."""


class _Decoder(NamedTuple):
    decode: Any
    names: Sequence[str]
    """The variables that the parts of a decoded document have, in their order."""


@lru_cache(maxsize=16)
def _decoder(trunk_variable: str) -> _Decoder:
    attributes = {name: f"v{number}" for number, name in enumerate(dict.fromkeys((*_NAMES, trunk_variable)))}
    fields: list[Any] = [(attribute, str | None, None) for attribute in attributes.values()]
    renamed = {attribute: name for name, attribute in attributes.items()}
    part = msgspec.defstruct("Variables", fields, rename=renamed, gc=False)
    flow = msgspec.defstruct("Flow", [("caller_profile", part, msgspec.field(default_factory=part))], gc=False)
    document = msgspec.defstruct(
        "Document",
        [("variables", part), ("switchname", str | None, None), ("callflow", list[flow], []),  # type: ignore[valid-type]
         ("times", part | msgspec.UnsetType, msgspec.UNSET)],
        gc=False,
    )  # fmt: skip
    return _Decoder(msgspec.json.Decoder(document).decode, list(attributes))


def read_columns(values: Sequence[bytes], feed: Feed[FreeSwitchOptions]) -> Iterator[tuple[Numbers, Drafts]]:
    """Yield the documents that are read with their positions; all others are for the specification."""
    decoder = _decoder(feed.options.trunk_variable)
    starts = range(0, len(values), _BLOCK_DOCUMENTS)
    blocks = [block for start in starts if (block := _read_block(values, start, decoder)) is not None]
    if blocks:
        parts = [
            _joined(columns, decoder.names, blocks) for columns in zip(*(block.parts for block in blocks), strict=True)
        ]
        texts = _texts(parts, decoder.names, is_encoded=feed.options.url_encoded)
        nodes = pa.array([node or feed.source.node for block in blocks for node in block.nodes], pa.string())
        positions = np.array([position for block in blocks for position in block.positions])
        yield positions, _drafts(texts, nodes, as_mask(parts[0]["uuid"].is_valid()), feed)


class _Block(NamedTuple):
    """Documents that are decoded and taken apart together, few enough to stay in the processor's cache."""

    positions: list[int]
    nodes: list[str | None]
    parts: Sequence[Sequence[pa.Array] | None]
    """Columns of the variables, of the last flow's caller profile, and of the times; None where no document has any."""


def _read_block(values: Sequence[bytes], start: int, decoder: _Decoder) -> _Block | None:
    documents, positions = [], []
    for position, value in enumerate(values[start : start + _BLOCK_DOCUMENTS], start):
        try:
            documents.append(decoder.decode(value if value.isascii() else value.decode()))
        except (ValueError, RecursionError):
            continue
        positions.append(position)
    if not documents:
        return None
    parts = (
        [document.variables for document in documents],
        [document.callflow[-1].caller_profile if document.callflow else msgspec.UNSET for document in documents],
        [document.times for document in documents],
    )
    nodes = [document.switchname for document in documents]
    return _Block(positions, nodes, [_columns(part, len(decoder.names)) for part in parts])


def _columns(parts: Sequence[Any], width: int) -> Sequence[pa.Array] | None:
    missing = parts.count(msgspec.UNSET)
    if missing == len(parts):
        return None
    nothing = (None,) * width
    rows: Iterable[Sequence[str | None]] = map(msgspec.structs.astuple, parts)
    if missing:
        rows = (nothing if part is msgspec.UNSET else msgspec.structs.astuple(part) for part in parts)
    return [_column(column) for column in zip(*rows, strict=True)]


def _column(texts: Sequence[str | None]) -> pa.Array:
    """Most of the variables that may be read are in no document."""
    if texts.count(None) == len(texts):
        return unknown_column(pa.string(), len(texts))
    return pa.array(texts, pa.string())


def _joined(columns: Sequence[Sequence[pa.Array] | None], names: Sequence[str], blocks: Sequence[_Block]) -> Texts:
    """The columns of all blocks by the names of the variables; an empty text is as good as none."""
    counts = [len(block.positions) for block in blocks]
    texts = {}
    for at, name in enumerate(names):
        pieces = [
            unknown_column(pa.string(), count) if column is None else column[at]
            for column, count in zip(columns, counts, strict=True)
        ]
        is_nothing = all(map(is_unknown, pieces))
        texts[name] = unknown_column(pa.string(), sum(counts)) if is_nothing else known_texts(pa.concat_arrays(pieces))
    return texts


def _texts(parts: Sequence[Texts], names: Sequence[str], *, is_encoded: bool) -> Texts:
    """The variables, decoded; the caller profile of the last flow, then the times, stand in for what is missing."""
    own, *others = parts
    found: dict[str, pa.Array] = {}
    for name in names:
        texts = _decoded(own[name], is_encoded=is_encoded)
        for part in others if texts.null_count else ():
            texts = texts if is_unknown(part[name]) else pc.coalesce(texts, part[name])
        found[name] = texts
    return found


def _decoded(texts: pa.Array, *, is_encoded: bool) -> pa.Array:
    if not is_encoded or is_unknown(texts) or not pc.any(pc.match_substring(texts, "%")).as_py():
        return texts
    return known_texts(unquoted(texts))


def _drafts(texts: Texts, nodes: pa.Array, has_id: Mask, feed: Feed[FreeSwitchOptions]) -> Drafts:
    count = len(nodes)
    same = partial(same_in_all, count=count)
    call = pc.coalesce(texts["call_uuid"], texts["uuid"])
    times = {field: _instants(texts, event, spelt) for field, (event, spelt) in TIMES.items()}
    reported, has_length = _reported(texts)
    side = pc.if_else(pc.equal(texts["direction"].fill_null(""), "outbound"), "callee", "caller")
    direction = feed.options.direction
    outcome, has_cause = _outcome(texts, side)
    columns = {
        "record_type": same(RecordType.STOP, pa.string()),
        "source_node": nodes,
        "leg_id": texts["uuid"],
        "parent_leg_id": pc.if_else(pc.equal(call, texts["uuid"]), NO_TEXT, call),
        "direction": same(direction, pa.string()),
        "is_billed_leg": mapped(side, lambda leg: is_billed(direction, is_caller_leg=leg == "caller"), pa.bool_()),
        "claimed_trunk_id": texts[feed.options.trunk_variable],
        "tz_source": same("epoch", pa.string()),
        "reported_ms": reported,
        "duration_basis": pc.if_else(pc.is_valid(reported), "answer", NO_TEXT),
        **{field: pc.coalesce(*(texts[name] for name in names)) for field, names in PARTIES.items()},
        **{field: instants for field, (instants, _) in times.items()},
        **outcome,
        **_media(texts),
    }
    readable = readable_where(count, has_id, has_length, has_cause, *(known for _, known in times.values()))
    key = texts["uuid"].fill_null("")
    return Drafts(columns, [key], call.fill_null(""), readable)


def _instants(texts: Texts, event: str, spelt: str) -> tuple[pa.Array, Mask]:
    """The first of microseconds, seconds and the time of the profile that is not 0."""
    known, readable = [], []
    for name in (f"{event}_uepoch", f"{event}_epoch", spelt):
        numbers, plain = long_numbers(texts[name])
        factor = _EPOCHS.get(name, 1)
        fits = as_mask(pc.fill_null(pc.less_equal(numbers, EPOCH_MAX_S * 10**6 // factor), fill_value=True))
        happened = pc.and_(pc.greater(numbers, 0), pa.array(fits))
        known.append(pc.multiply(pc.if_else(happened, numbers, pa.scalar(None, pa.int64())), factor))
        readable.append(plain & fits)
    return pc.coalesce(*known).cast(INSTANT), np.logical_and.reduce(readable)


def _reported(texts: Texts) -> tuple[pa.Array, Mask]:
    micros, has_micros = long_numbers(texts["billusec"])
    millis, has_millis = long_numbers(texts["billmsec"])
    seconds, has_seconds = whole_numbers(texts["billsec"])
    half_up = pc.divide(pc.add(micros, 500), 1_000)
    return pc.coalesce(half_up, millis, pc.multiply(seconds, 1_000)), has_micros & has_millis & has_seconds


def _outcome(texts: Texts, side: pa.Array) -> tuple[dict[str, pa.Array], Mask]:
    cause = texts["hangup_cause"]
    numeric, has_cause = whole_numbers(texts["hangup_cause_q850"])
    q850 = mapped(numeric.cast(pa.string()), lambda text: q850_or_none(int(text)), pa.int32())
    protocol = mapped(
        texts["proto_specific_hangup_cause"], lambda text: sip_status(text.removeprefix("sip:")), pa.int32()
    )
    ended = pc.binary_join_element_wise(texts["sip_hangup_disposition"], side, SEPARATOR)

    def party(text: str) -> str | None:
        disposition, _, leg = text.rpartition(SEPARATOR)
        return release_party(disposition, is_caller_leg=leg == "caller")

    return {
        "sip_status": pc.coalesce(mapped(texts["sip_term_status"], sip_status, pa.int32()), protocol),
        "q850": pc.coalesce(q850, mapped(cause, q850_of_name, pa.int32())),
        "native_cause": cause,
        "reject_class": mapped(cause, reject_class_of_name, pa.string()),
        "release_party": mapped(ended, party, pa.string()),
    }, has_cause


def _media(texts: Texts) -> dict[str, pa.Array]:
    counts = {field: figures(texts[name]) for field, name in _FIGURES.items()}
    return {
        **{field: texts[name] for field, name in _CODECS.items()},
        **counts,
        "t38_pages": counts["t38_pages"].cast(pa.int32()),
        "srtp": mapped(texts["rtp_secure_media_confirmed"], lambda text: text == "true", pa.bool_()),
        "fax": pc.if_else(pc.is_valid(texts["fax_success"]), "t38", NO_TEXT),
        "mos_x100": mapped(texts["rtp_audio_in_mos"], mos_x100, pa.int32()),
    }
