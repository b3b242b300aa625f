"""Proxies: OpenSIPS flatstore and events, Kamailio acc (cdr-formats.md 2.9). One record for each transaction."""

from itertools import permutations

import msgspec
import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read, skipped

FLAT = "{}|{}|{}|8f2c5d1e@198.51.100.23|{}|OK|{}"
FLATSTORE = a_source("opensips_flatstore")
EVENTS = a_source("opensips_event")
KAMAILIO = a_source("kamailio_acc")


def flat(method: str, status: int = 200, moment: object = 1790856005, tags: tuple[str, str] = ("a", "b")) -> str:
    return FLAT.format(method, *tags, status, moment)


def event(name: str, **fields: object) -> str:
    known = {
        "method": "INVITE",
        "from_tag": "a",
        "to_tag": "b",
        "callid": "c@h",
        "sip_code": 200,
        "time": 1790856005,
        **fields,
    }
    return "\n".join([name, *(f"{key}::{value}" for key, value in known.items())])


def syslog(method: str, moment: object, code: int = 200, kind: str = "transaction answered") -> str:
    return (f"Oct  1 12:00:00 proxy kamailio[7]: ACC: {kind}: timestamp={moment};method={method};from_tag=a;to_tag=b;"
            f"call_id=c@h;code={code};reason=OK;src_user=+12025550143;dst_ouser=+442079460321;"
            "src_ip=203.0.113.9")  # fmt: skip


def the_leg(*values: str, source: object = FLATSTORE) -> CDR:
    (leg,) = assembled(list(values), source).legs  # type: ignore[arg-type]
    return leg


@pytest.mark.parametrize("tags", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("order", [0, 1])
def test_invite_and_bye(tags: tuple[str, str], order: int) -> None:
    """12:00:05 to 12:01:06: 61 s, whoever hangs up (R37) and whichever record is read first (R23)."""
    pair = [flat("INVITE"), flat("BYE", moment=1790856066, tags=tags)]
    leg = the_leg(*(reversed(pair) if order else pair))
    assert (at("2026-10-01T12:00:05Z"), at("2026-10-01T12:01:06Z"), 61_000) == (
        leg.answered_at, leg.released_at, leg.measured_ms,
    )  # fmt: skip


def test_identities_that_the_operator_adds() -> None:
    """The asserted identity of an anonymous caller, and who sent the call on, stand in the INVITE (N19, N25)."""
    source = a_source("opensips_flatstore", extra_columns=["calling", "asserted", "diversion"])
    invite = flat("INVITE") + "|anonymous|<tel:+12025550101>|<sip:+12025550111@h>;reason=unconditional"
    leg = the_leg(invite, flat("BYE", moment=1790856066) + "|||", source=source)
    assert ("+12025550101", "restricted", "+12025550111") == (leg.calling, leg.presentation, leg.redirecting)


def test_flatstore_without_a_time_waits_for_the_ack() -> None:
    """INVITE without a time, ACK with it, BYE: 9 s."""
    leg = the_leg(flat("INVITE", moment=""), flat("BYE", moment=1700000209), flat("ACK", moment=1700000200))
    assert 9_000 == leg.measured_ms


@pytest.mark.parametrize(
    ("status", "reject_class"), [(487, "CANCEL"), (404, "NO_ROUTE"), (486, "BUSY"), (503, "FAILURE"), (480, "NOANSWER")]
)
def test_missed_calls(status: int, reject_class: str) -> None:
    """A refused INVITE is a whole call that costs nothing."""
    leg = the_leg(flat("INVITE", status))
    assert (None, 0, status, reject_class) == (leg.answered_at, leg.measured_ms, leg.sip_status, leg.reject_class)


def test_a_refused_change_does_not_end_the_call() -> None:
    """A re-INVITE of the same dialog gets 488 after 20 s: the call goes on to its BYE, 61 s; the refusal is free."""
    records = [flat("INVITE"), flat("INVITE", 488, 1790856025), flat("BYE", moment=1790856066)]
    for order in permutations(records):
        found = assembled(list(order), FLATSTORE)
        assert [0, 61_000] == sorted(leg.measured_ms or 0 for leg in found.legs)
        assert (1, 1) == (found.calls, len(found.merged))


def test_kamailio_prints_the_length() -> None:
    """41.125 s from the stamps, 41.125 printed: no remark; 50.0 printed is stopped (R3)."""
    line = "ACC: call: start_time={};end_time={};duration={};callid=c@h;from_tag=a;to_tag=b"
    same, other = (
        read(line.format("1790856005.000", "1790856046.125", printed), KAMAILIO) for printed in ("41.125", "50.0")
    )
    assert (41_125, 41_125, None) == (same.measured_ms, same.reported_ms, same.reject_reason)
    assert (50_000, "DURATION_MISMATCH") == (other.reported_ms, other.reject_reason)


@pytest.mark.parametrize("printed", ["soon", "NaN", "1e99", "Infinity"])
def test_kamailio_length_that_is_none(printed: str) -> None:
    """The record is refused with the value."""
    line = f"ACC: call: start_time=1790856005;end_time=1790856046;duration={printed};callid=c@h"
    found = read(line, KAMAILIO)
    assert "BAD_FIELD" == found.reject_reason
    assert printed in (found.reject_detail or "")


def test_extra_columns() -> None:
    """The settings name what operators add behind the time; an empty name passes over."""
    source = a_source("opensips_flatstore", extra_columns=["calling", "", "called", "trunk"])
    cdr = read(flat("INVITE") + "|+12025550143|x|+442079460321|t-7", source)
    assert ("+12025550143", "+442079460321", "t-7") == (cdr.calling, cdr.called, cdr.claimed_trunk_id)


def test_cancel_is_no_cdr() -> None:
    """The INVITE tells how the call ended."""
    assert 1 == skipped([flat("CANCEL")], FLATSTORE)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (flat("INVITE") + "|x", "UNKNOWN_LAYOUT"),
        ("INVITE|a|b", "UNKNOWN_LAYOUT"),
        (flat("INVITE", 99), "BAD_FIELD"),
        (flat("INVITE", moment="noon"), "BAD_FIELD"),
        (flat("BYE", moment=""), "BAD_FIELD"),
        (flat("REGISTER"), "BAD_FIELD"),
        (flat("INVITE").replace("8f2c5d1e@198.51.100.23", ""), "BAD_FIELD"),
    ],
)
def test_flatstore_refused_with_a_reason(value: str, reason: str) -> None:
    """Columns, status, time, method, Call-ID."""
    assert reason == read(value, FLATSTORE).reject_reason


def test_whole_call_event() -> None:
    """E_ACC_CDR: created 12:00:00, answered 12:00:05, 60900 ms by ms_duration."""
    call = read(
        event("E_ACC_CDR", created=1790856000, setuptime=5, duration=61, ms_duration=60900, src="1001", dst="1002"),
        EVENTS,
    )
    assert (at("2026-10-01T12:00:00Z"), at("2026-10-01T12:00:05Z"), 60_900) == (
        call.started_at, call.answered_at, call.measured_ms,
    )  # fmt: skip
    assert ("1001", "1002", "c@h", 200) == (call.calling, call.called, call.call_group_id, call.sip_status)


def test_event_through_kafka_says_the_same() -> None:
    """JSON-RPC with the name as its method."""
    params = {
        "method": "INVITE",
        "from_tag": "a",
        "to_tag": "b",
        "callid": "c@h",
        "sip_code": "200",
        "time": "1790856005",
        "created": "1790856000",
        "duration": 61,
    }
    value = msgspec.json.encode({"jsonrpc": "2.0", "method": "E_ACC_CDR", "params": params})
    assert 61_000 == read(value, EVENTS).measured_ms


def test_events_of_transactions() -> None:
    """E_ACC_EVENT of INVITE and BYE are one call; other events are skipped."""
    assert (
        61_000
        == the_leg(event("E_ACC_EVENT"), event("E_ACC_EVENT", method="BYE", time=1790856066), source=EVENTS).measured_ms
    )
    assert 1 == skipped([event("E_DISPATCHER_STATUS")], EVENTS)
    assert "NO_ROUTE" == read(event("E_ACC_MISSED_EVENT", sip_code=404), EVENTS).reject_class


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (event("HELLO"), "UNKNOWN_LAYOUT"),
        (event("E_ACC_CDR"), "BAD_FIELD"),
        (event("E_ACC_CDR", duration="x"), "BAD_FIELD"),
        (event("E_ACC_EVENT", sip_code="x"), "BAD_FIELD"),
        (event("E_ACC_CDR", duration=-6), "NEG_DURATION"),
        (event("E_ACC_CDR", duration=9, callid=""), "BAD_FIELD"),
        ('{"method": 5}', "BAD_FIELD"),
        ("{", "TRUNCATED"),
    ],
)
def test_events_refused_with_a_reason(value: str, reason: str) -> None:
    """Name, fields, duration, Call-ID, JSON."""
    assert reason == read(value, EVENTS).reject_reason


def test_kamailio_syslog() -> None:
    """The parties of acc_extra, and 61 s between INVITE and BYE."""
    leg = the_leg(syslog("INVITE", 1790856005), syslog("BYE", 1790856066), source=KAMAILIO)
    assert (61_000, "+12025550143", "+442079460321", "203.0.113.9") == (
        leg.measured_ms, leg.calling, leg.called, leg.source_ip,
    )  # fmt: skip


def test_kamailio_seconds_with_a_fraction() -> None:
    """time_mode 1 and 2 write fractions: 5.25 to 66.75 are 61500 ms."""
    assert (
        61_500
        == the_leg(syslog("INVITE", "1790856005.25"), syslog("BYE", "1790856066.75"), source=KAMAILIO).measured_ms
    )


def test_kamailio_missed_call() -> None:
    """`ACC: call missed` with 486."""
    assert "BUSY" == the_leg(syslog("INVITE", 1790856005, 486, "call missed"), source=KAMAILIO).reject_class


def test_kamailio_whole_call() -> None:
    """CDR mode writes start_time and end_time, in syslog or as JSON; the start of a dialog is its answer."""
    value = msgspec.json.encode({"callid": "c@h", "from_tag": "a", "to_tag": "b", "start_time": "1790856005.25",
                                 "end_time": "1790856066.5", "sip_code": "200"})  # fmt: skip
    assert (61_250, at("2026-10-01T12:00:05.25Z")) == (
        read(value, KAMAILIO).measured_ms,
        read(value, KAMAILIO).answered_at,
    )


def test_kamailio_retries_are_duplicates() -> None:
    """acc_json adds a record again after a failure: the same bytes are one (2.9)."""
    found = assembled([syslog("INVITE", 5), syslog("INVITE", 5), syslog("BYE", 9)], KAMAILIO)
    assert (1, 1, 1) == (len(found.legs), len(found.duplicates), len(found.merged))


def test_foreign_syslog_lines_are_no_cdrs() -> None:
    """Lines of other modules are skipped."""
    assert 1 == skipped(["Oct  1 12:00:00 proxy kamailio[7]: INFO: core: started"], KAMAILIO)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (syslog("INVITE", "noon"), "BAD_FIELD"),
        (syslog("INVITE", 5, 42), "BAD_FIELD"),
        (syslog("REFER", 5), "BAD_FIELD"),
        (syslog("BYE", ""), "BAD_FIELD"),
        ('{"callid": "c", "start_time": "5", "end_time": ""}', "BAD_FIELD"),
        ("ACC: transaction answered: ", "BAD_FIELD"),
    ],
)
def test_kamailio_refused_with_a_reason(value: str, reason: str) -> None:
    """Time, code, method, fields."""
    assert reason == read(value, KAMAILIO).reject_reason
