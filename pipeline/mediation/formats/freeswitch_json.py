"""FreeSWITCH mod_json_cdr: one JSON document for each leg."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from pipeline.mediation.draft import Draft, Unreadable
from pipeline.mediation.feed import Feed
from pipeline.mediation.format import Format
from pipeline.mediation.formats.freeswitch_variables import FreeSwitchOptions, draft_of_variables
from pipeline.mediation.framing import json_documents
from pipeline.mediation.json_records import decode_json
from schemas.outcomes import RejectReason


class _Flow(msgspec.Struct):
    caller_profile: dict[str, Any] = {}


class _Document(msgspec.Struct):
    variables: dict[str, Any]
    switchname: str | None = None
    callflow: list[_Flow] = []
    times: dict[str, Any] = {}


_DECODER = msgspec.json.Decoder(_Document)


def parse(value: bytes, feed: Feed[FreeSwitchOptions]) -> Sequence[Draft]:
    """Read one document."""
    document, notes = decode_json(_DECODER, value)
    profile = document.callflow[-1].caller_profile if document.callflow else {}
    plain = dict(_texts(document.times)) | dict(_texts(profile))
    is_encoded = feed.options.url_encoded
    variables = {name: unquote(text) if is_encoded else text for name, text in _texts(document.variables)}
    if not variables.get("uuid"):
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, "The document has no variable uuid, expected one for each leg.")
    return [draft_of_variables(plain | variables, document.switchname, feed, notes)]


def _texts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The single values as texts; lists and objects are of no use here."""
    for name, value in values.items():
        if isinstance(value, str | int | float) and value != "":
            yield name, str(value)


FORMAT = Format(
    name="freeswitch_json",
    about="FreeSWITCH mod_json_cdr",
    tells="one document for each leg; microseconds; Q.850 and SIP cause; media figures",
    parse=parse,
    options=FreeSwitchOptions,
    frames=json_documents,
)
