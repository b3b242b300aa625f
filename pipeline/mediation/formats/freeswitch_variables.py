"""The channel variables of FreeSWITCH, which its JSON and XML documents and its events have in common.

Times are read from the microsecond epochs; the `*_stamp` texts are local without a zone and never used. `billsec` is
the difference of two floored seconds, so it may exceed the call by a second (cdr-formats.md 2.7).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import Field

from pipeline.mediation.causes import q850_or_none
from pipeline.mediation.draft import Draft, Fields
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.formats.freeswitch_causes import q850_of_name, reject_class_of_name, release_party
from pipeline.mediation.notes import Notes
from pipeline.mediation.times import from_epoch_us
from pipeline.mediation.values import figure, mos_x100, sip_status, whole_number
from schemas.cdr import Direction

Variables = Mapping[str, str]
"""Decoded texts by name; a variable that is not there is unknown."""


class FreeSwitchOptions(FeedOptions):
    """Options of the formats that carry channel variables."""

    url_encoded: bool = Field(default=True, description="values are URL-encoded, as FreeSWITCH does by default")
    trunk_variable: str = Field("accountcode", description="variable that names the trunk")


PARTIES = {
    "calling_raw": ("sip_from_user", "caller_id_number"),
    "called_raw": ("sip_req_user", "destination_number", "sip_to_user"),
    "pai_raw": ("sip_P-Asserted-Identity", "sip_h_P-Asserted-Identity"),
    "diversion_raw": ("sip_h_Diversion", "sip_h_History-Info"),
    "display_name": ("sip_from_display", "caller_id_name"),
    "ingress_call_id": ("sip_call_id",),
    "user_name": ("sip_auth_username",),
    "source_ip": ("sip_network_ip", "sip_received_ip"),
    "egress_trunk_group": ("sip_gateway_name", "sip_gateway"),
}
"""Variables of each field, of which the first that is there counts."""
TIMES = {
    "started_at": ("start", "created_time"),
    "alerted_at": ("progress", "progress_time"),
    "answered_at": ("answer", "answered_time"),
    "released_at": ("end", "hangup_time"),
}


def draft_of_variables(variables: Variables, node: str | None, feed: Feed[FreeSwitchOptions], notes: Notes) -> Draft:
    """Read one leg. The legs of a call share `call_uuid`."""
    leg_id = variables["uuid"]
    call = variables.get("call_uuid", leg_id)
    is_caller_leg = variables.get("direction") != "outbound"
    fields: Fields = {
        "source_node": node or feed.source.node,
        "leg_id": leg_id,
        "parent_leg_id": None if call == leg_id else call,
        "direction": feed.options.direction,
        "is_billed_leg": is_billed(feed.options.direction, is_caller_leg=is_caller_leg),
        **{field: _first(variables, *names) for field, names in PARTIES.items()},
        **{name: _instant(variables, *names) for name, names in TIMES.items()},
        **_duration(variables),
        **_outcome(variables, is_caller_leg=is_caller_leg),
        **_media(variables),
    }
    fields["claimed_trunk_id"] = variables.get(feed.options.trunk_variable)
    fields["tz_source"] = "epoch"
    return Draft((leg_id,), call, fields, notes)


def is_billed(direction: Direction | None, *, is_caller_leg: bool) -> bool:
    """The leg to or from the customer bills: the caller's leg of a call out, the callee's of a call in (R30)."""
    return is_caller_leg == (direction is not Direction.INBOUND)


def _first(variables: Variables, *names: str) -> str | None:
    return next((variables[name] for name in names if variables.get(name)), None)


def _instant(variables: Variables, event: str, time_name: str) -> datetime | None:
    for name, factor in ((f"{event}_uepoch", 1), (f"{event}_epoch", 1_000_000), (time_name, 1)):
        number = whole_number(name, variables.get(name))
        if number:
            return from_epoch_us(name, number * factor)
    return None


def _duration(variables: Variables) -> Fields:
    for name, divisor, factor in (("billusec", 1_000, 1), ("billmsec", 1, 1), ("billsec", 1, 1_000)):
        number = whole_number(name, variables.get(name))
        if number is not None:
            return {"reported_ms": (number + divisor // 2) // divisor * factor, "duration_basis": "answer"}
    return {}


def _outcome(variables: Variables, *, is_caller_leg: bool) -> Fields:
    cause = variables.get("hangup_cause")
    q850 = whole_number("hangup_cause_q850", variables.get("hangup_cause_q850"))
    protocol_cause = variables.get("proto_specific_hangup_cause", "").removeprefix("sip:")
    return {
        "sip_status": sip_status(variables.get("sip_term_status")) or sip_status(protocol_cause),
        "q850": q850_or_none(q850) or q850_of_name(cause),
        "native_cause": cause,
        "reject_class": reject_class_of_name(cause),
        "release_party": release_party(variables.get("sip_hangup_disposition"), is_caller_leg=is_caller_leg),
    }


def _media(variables: Variables) -> Fields:
    number: Callable[[str], int | None] = lambda name: figure(variables.get(name))  # noqa: E731 - read ten times below
    secure = variables.get("rtp_secure_media_confirmed")
    return {
        "codec_in": variables.get("read_codec"),
        "codec_out": variables.get("write_codec"),
        "transport": variables.get("sip_via_protocol"),
        "srtp": None if secure is None else secure == "true",
        "fax": "t38" if "fax_success" in variables else None,
        "t38_pages": number("fax_document_transferred_pages"),
        "mos_x100": mos_x100(variables.get("rtp_audio_in_mos")),
        "packets_in": number("rtp_audio_in_packet_count"),
        "packets_out": number("rtp_audio_out_packet_count"),
        "hold_ms": number("hold_accum_ms"),
        "pdd_ms": number("progressmsec"),
    }
