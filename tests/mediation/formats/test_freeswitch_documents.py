"""FreeSWITCH JSON, XML and events: the same channel variables in three clothes (cdr-formats.md 2.7)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read, skipped

VARIABLES: dict[str, str] = {
    "uuid": "leg-a", "call_uuid": "leg-a", "direction": "inbound", "accountcode": "trunk-7",
    "start_uepoch": "1790856000000000", "progress_uepoch": "1790856002000000", "answer_uepoch": "1790856005000000",
    "end_uepoch": "1790856066539896", "billusec": "61539896", "billmsec": "61540", "billsec": "62", "duration": "67",
    "sip_from_user": "+12025550143", "sip_req_user": "+442079460321", "sip_call_id": "abc@198.51.100.23",
    "sip_from_display": "Jo Doe", "sip_network_ip": "203.0.113.9", "hangup_cause": "NORMAL_CLEARING",
    "hangup_cause_q850": "16", "sip_term_status": "200", "sip_hangup_disposition": "recv_bye",
    "sip_gateway_name": "carrier-a", "read_codec": "PCMA", "write_codec": "PCMU", "sip_via_protocol": "tls",
    "rtp_secure_media_confirmed": "true", "rtp_audio_in_mos": "4.50", "rtp_audio_in_packet_count": "3000",
    "rtp_audio_out_packet_count": "3005",
}  # fmt: skip
"""1790856000 is 2026-10-01T12:00:00Z."""


def as_json(variables: Mapping[str, str]) -> bytes:
    encoded = {name: quote(value) for name, value in variables.items()}
    return msgspec.json.encode({"core-uuid": "c", "switchname": "fs1", "variables": encoded, "callflow": []})


def as_xml(variables: Mapping[str, str]) -> bytes:
    inner = "".join(f"<{name}>{quote(value)}</{name}>" for name, value in variables.items())
    return f'<cdr core-uuid="c" switchname="fs1"><variables>{inner}</variables></cdr>'.encode()


def as_event(variables: Mapping[str, str]) -> bytes:
    headers = ["Event-Name: CHANNEL_HANGUP_COMPLETE", "FreeSWITCH-Switchname: fs1"]
    headers += [f"variable_{name}: {quote(value)}" for name, value in variables.items()]
    return "\n".join(headers).encode()


Writer = Callable[[Mapping[str, str]], bytes]
WRITERS: dict[str, Writer] = {"freeswitch_json": as_json, "freeswitch_xml": as_xml, "freeswitch_event": as_event}
pytestmark = pytest.mark.filterwarnings("error")
of_all_three = pytest.mark.parametrize("format_name", WRITERS)


def leg(format_name: str, changes: Mapping[str, str | None] | None = None, **options: Any) -> CDR:
    known = {name: value for name, value in {**VARIABLES, **(changes or {})}.items() if value is not None}
    return read(WRITERS[format_name](known), a_source(format_name, **options))


@of_all_three
def test_times_are_those_of_the_microsecond_epochs(format_name: str) -> None:
    """12:00:05 to 12:01:06.539896 are 61540 ms; billsec, a difference of floors, prints 62."""
    call = leg(format_name)
    assert at("2026-10-01T12:00:05Z") == call.answered_at
    assert at("2026-10-01T12:01:06.539896Z") == call.released_at
    assert (61_540, 61_540, "epoch", ()) == (call.measured_ms, call.reported_ms, call.tz_source, call.flags)


@of_all_three
def test_everything_that_the_variables_tell(format_name: str) -> None:
    """Parties, routing, causes, media."""
    call = leg(format_name)
    assert ("fs1", "leg-a", "leg-a", "trunk-7", "carrier-a", "203.0.113.9") == (
        call.source_node, call.leg_id, call.call_group_id, call.claimed_trunk_id, call.egress_trunk_group,
        call.source_ip,
    )  # fmt: skip
    assert ("+12025550143", "+442079460321", "Jo Doe") == (call.calling, call.called, call.display_name)
    assert (16, 200, "NORMAL_CLEARING", "caller", None) == (
        call.q850, call.sip_status, call.native_cause, call.release_party, call.reject_class,
    )  # fmt: skip
    assert ("tls", True, 450, 3_000, 3_005, 3_000) == (
        call.transport, call.srtp, call.mos_x100, call.packets_in, call.packets_out, call.ring_ms,
    )  # fmt: skip


@of_all_three
def test_who_sent_the_call_on(format_name: str) -> None:
    """Diversion goes before History-Info (N25)."""
    history = "<sip:+12025550111@x;cause=302>;index=1,<sip:+442079460321@y>;index=1.1"
    call = leg(format_name, {"sip_h_History-Info": history})
    assert "+12025550111" == call.redirecting
    diverted = leg(format_name, {"sip_h_History-Info": history, "sip_h_Diversion": "<sip:+12025550112@x>"})
    assert "+12025550112" == diverted.redirecting


@of_all_three
def test_unanswered(format_name: str) -> None:
    """answer_uepoch 0 or missing: no answer; the protocol cause gives the SIP status."""
    for answer in ("0", None):
        call = leg(format_name, {
            "answer_uepoch": answer, "billusec": "0", "hangup_cause": "USER_BUSY", "hangup_cause_q850": "17",
            "sip_term_status": None, "proto_specific_hangup_cause": "sip:486", "sip_hangup_disposition": "send_refuse",
        })  # fmt: skip
        assert (None, 0, 17, 486, "BUSY", "callee") == (
            call.answered_at, call.measured_ms, call.q850, call.sip_status, call.reject_class, call.release_party,
        )  # fmt: skip


@of_all_three
def test_cancelled(format_name: str) -> None:
    """ORIGINATOR_CANCEL is 487 of FreeSWITCH's own: no Q.850 cause, class CANCEL."""
    call = leg(format_name, {
        "answer_uepoch": None, "billusec": "0", "hangup_cause": "ORIGINATOR_CANCEL", "hangup_cause_q850": "487",
        "sip_term_status": None, "sip_hangup_disposition": "recv_cancel",
    })  # fmt: skip
    assert (None, "CANCEL", "caller") == (call.q850, call.reject_class, call.release_party)


@of_all_three
@pytest.mark.parametrize(
    ("missing", "reported"),
    [((), 61_540), (("billusec",), 61_540), (("billusec", "billmsec"), 62_000),
     (("billusec", "billmsec", "billsec"), None)],
)  # fmt: skip
def test_the_most_exact_duration_is_compared(format_name: str, missing: tuple[str, ...], reported: int | None) -> None:
    """Microseconds half up, then milliseconds, then seconds (R5); the times bill in every case."""
    call = leg(format_name, dict.fromkeys(missing))
    assert (61_540, reported, None) == (call.measured_ms, call.reported_ms, call.reject_reason)


@of_all_three
@pytest.mark.parametrize(
    ("direction", "leg_direction", "billed"),
    [(None, "inbound", True), (None, "outbound", False), ("INBOUND", "inbound", False), ("INBOUND", "outbound", True)],
)
def test_billed_leg(format_name: str, direction: str | None, leg_direction: str, billed: bool) -> None:
    """The caller's leg of a call out bills, the callee's leg of a call in (R30)."""
    options = {"direction": direction} if direction else {}
    assert billed == leg(format_name, {"direction": leg_direction}, **options).is_billed_leg


@of_all_three
def test_b_leg_belongs_to_the_call_of_its_a_leg(format_name: str) -> None:
    """call_uuid joins them, and the b leg names its parent."""
    call = leg(format_name, {"uuid": "leg-b"})
    assert ("leg-b", "leg-a", "leg-a") == (call.leg_id, call.call_group_id, call.parent_leg_id)


@of_all_three
def test_values_are_decoded_exactly_once(format_name: str) -> None:
    """`%2B44` written encoded is `+44`; a value that is `%252B` after one decoding stays `%2B` (R50)."""
    assert "50% & <more>" == leg(format_name, {"sip_from_display": "50% & <more>"}).display_name
    assert "%2B44" == leg(format_name, {"accountcode": "%2B44"}).claimed_trunk_id


@of_all_three
@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"uuid": None}, "UNKNOWN_LAYOUT", "expected one for each leg"),
        ({"answer_uepoch": "soon"}, "BAD_FIELD", "answer_uepoch"),
        ({"billusec": "x"}, "BAD_FIELD", "billusec"),
        ({"end_uepoch": "1790856000000000"}, "NEG_DURATION", "5000 ms before"),
        ({"end_uepoch": "99999999999999999"}, "TOO_LONG", "expected at most 172800000"),
        ({"end_uepoch": "999999999999999999"}, "BAD_FIELD", "microseconds since 1970"),
        ({"billusec": "10000000"}, "DURATION_MISMATCH", "61540 ms apart"),
        ({"sip_req_user": "4" * 41}, "TOO_LONG", "41 characters"),
    ],
    ids=["no uuid", "no number", "no duration", "negative", "year 5138", "year 33658", "mismatch", "41 digits"],
)
def test_refused_with_a_reason(format_name: str, changes: dict[str, str | None], reason: str, said: str) -> None:
    """The three documents give the same reasons."""
    call = leg(format_name, changes)
    assert reason == call.reject_reason
    assert said in (call.reject_detail or "")


@of_all_three
def test_duplicates_and_conflicts(format_name: str) -> None:
    """One uuid thrice: twice identical, once with another cause (R10, R11)."""
    same = WRITERS[format_name](VARIABLES)
    other = WRITERS[format_name]({**VARIABLES, "hangup_cause": "USER_BUSY"})
    found = assembled([same, same, other], a_source(format_name))
    assert (1, 1, 1) == (len(found.legs), len(found.duplicates), len(found.suspended))


def test_all_three_say_the_same() -> None:
    """Only the bytes and the name of the format differ."""
    legs = [leg(name)._replace(source_format="", raw=None, raw_sha256=b"") for name in WRITERS]
    assert legs[0] == legs[1] == legs[2]


def test_json_values_that_are_not_encoded() -> None:
    """A switch with encode-values off writes them plainly; the settings say so."""
    document = {"switchname": "fs1", "variables": {**VARIABLES, "accountcode": "50%25"}}
    call = read(msgspec.json.encode(document), a_source("freeswitch_json", url_encoded=False))
    assert ("50%25", "+442079460321") == (call.claimed_trunk_id, call.called)


def test_json_profile_of_the_last_flow_stands_in() -> None:
    """Variables that are missing are taken from the last caller profile and from the times."""
    document = {
        "variables": {"uuid": "leg-a", "hangup_cause": "NO_ANSWER"},
        "times": {"created_time": "1790856000000000", "hangup_time": "1790856020000000", "answered_time": "0"},
        "callflow": [{"caller_profile": {"caller_id_number": "1001", "destination_number": "1002"}}],
    }
    call = read(msgspec.json.encode(document), a_source("freeswitch_json"))
    assert ("1001", "1002", at("2026-10-01T12:00:00Z"), at("2026-10-01T12:00:20Z"), None) == (
        call.calling, call.called, call.started_at, call.released_at, call.answered_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b'{"variables": []}', "BAD_FIELD"),
        (b'{"channel_data": {}}', "UNKNOWN_LAYOUT"),
        (b'{"variables": {"uuid": "a"', "TRUNCATED"),
        (b'["variables"]', "UNKNOWN_LAYOUT"),
    ],
)
def test_json_of_another_shape(value: bytes, reason: str) -> None:
    """Without its variables a document is none of FreeSWITCH's."""
    assert reason == read(value, a_source("freeswitch_json")).reject_reason


def test_xml_traps() -> None:
    """An unbound prefix, a tag twice (the last counts), a POST body that begins `cdr=` (R50)."""
    text = as_xml(VARIABLES).decode().replace(
        "</variables>", "<nolocal:req_uuid>x</nolocal:req_uuid><accountcode>trunk-8</accountcode></variables>"
    )  # fmt: skip
    for body in (text, f"cdr={text}", f"cdr={quote(text)}", f'<?xml version="1.0"?>\n{text}'):
        call = read(body, a_source("freeswitch_xml"))
        assert ("trunk-8", 61_540) == (call.claimed_trunk_id, call.measured_ms)


def test_xml_around_the_records_is_skipped() -> None:
    """The end of a file that wraps its documents."""
    assert 1 == skipped(["</cdrs>"], a_source("freeswitch_xml"))


def test_xml_with_entities_is_refused() -> None:
    """A document type never belongs to a CDR: nothing is expanded and nothing is fetched."""
    body = b'<!DOCTYPE cdr [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + as_xml({"uuid": "a"})
    assert read(body, a_source("freeswitch_xml")).reject_reason in {"UNKNOWN_LAYOUT", "BAD_FIELD"}


def test_other_events_are_skipped() -> None:
    """Only CHANNEL_HANGUP_COMPLETE is a CDR; a paragraph without a name is none of FreeSWITCH's events."""
    assert 1 == skipped(["Event-Name: HEARTBEAT\nUp-Time: 5"], a_source("freeswitch_event"))
    assert "UNKNOWN_LAYOUT" == read("Up-Time: 5", a_source("freeswitch_event")).reject_reason


def test_event_headers_stand_in() -> None:
    """Where variables are missing the event's own headers tell the leg."""
    event = ("Event-Name: CHANNEL_HANGUP_COMPLETE\nFreeSWITCH-Hostname: fs2\nUnique-ID: leg-z\n"
             "Hangup-Cause: USER_BUSY\nCaller-Caller-ID-Number: 1001\nCaller-Destination-Number: 1002\n"
             "Caller-Channel-Created-Time: 1790856000000000\nCaller-Channel-Hangup-Time: 1790856020000000")  # fmt: skip
    call = read(event, a_source("freeswitch_event"))
    assert ("leg-z", "fs2", "1001", "1002", "BUSY") == (
        call.leg_id, call.source_node, call.calling, call.called, call.reject_class,
    )  # fmt: skip
