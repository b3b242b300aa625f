"""Ribbon ACT: positions of cdr-formats.md 2.2; times are start plus ticks of 10 ms, never the printed stamps."""

from typing import Any

import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_line, a_source, assembled, at, read, skipped

RIBBON = a_source("ribbon_act")
PROTOCOL = '"SIP,call-1@203.0.113.9,%22Jo%22;tag=gK001,;tag=gK02,0,,,,sip:1@h,,,,,,,,,,{}"'
STOP: dict[int, object] = {
    1: "STOP", 2: "SBC1", 3: "0x0001042B00000012", 4: 95396749, 5: "GMT-08:00-Pacific(US)", 6: "02/22/2013",
    7: "17:02:12.5", 8: 5, 9: 16, 10: 511, 11: "02/22/2013", 12: "17:02:20.7", 13: 6, 14: 306, 15: 16,
    20: "2025550101", 21: "5307520014", 30: 1, 34: "TG-CUST", 39: 21440, 40: 134, 41: 20640, 42: 129,
    46: "0x00020003", 52: PROTOCOL.format("BYE"), 60: "15307520014", 64: 2, 65: 1, 66: 10, 67: 3, 68: "TG-CARRIER",
    69: PROTOCOL.format("BYE"), 79: "P:2:1", 80: "P:2:2", 126: "203.0.113.9", 127: 42, 180: 1,
}  # fmt: skip
ATTEMPT: dict[int, object] = {
    1: "ATTEMPT", 2: "SBC1", 3: "0x0001042B00000010", 5: "GMT-08:00-Pacific(US)", 6: "02/22/2013", 7: "17:02:11.6",
    9: 0, 10: "17:02:11.8", 11: 6, 12: 21, 17: "15307520010", 18: "5307520014", 27: 1, 31: "TG-CUST",
    39: "0x00000001", 45: PROTOCOL.format("401"), 53: "5307520014", 57: 2, 58: "TG-CARRIER",
    59: PROTOCOL.format("401"), 105: "02/22/2013", 111: 401, 116: "203.0.113.9", 117: 41, 146: 1,
}  # fmt: skip
START: dict[int, object] = {
    1: "START", 2: "SBC1", 3: "0x0001042B00000012", 5: "GMT-08:00-Pacific(US)", 6: "02/22/2013", 7: "17:02:12.5",
    9: 16, 10: 511, 15: "2025550101", 16: "5307520014", 25: 1, 29: "TG-CUST", 37: "0x00020003",
    42: PROTOCOL.format(""), 50: "15307520014", 54: "TG-CARRIER", 55: PROTOCOL.format(""), 103: "203.0.113.9", 104: 40,
}  # fmt: skip


def of_stop(changes: dict[int, object] | None = None, length: int = 223, zone: str = "UTC", **options: Any) -> CDR:
    return read(a_line({**STOP, **(changes or {})}, length), a_source("ribbon_act", zone, **options))


def test_answer_and_release_by_ticks() -> None:
    """01:02:12.5Z + 511 ticks = 01:02:17.61; + 306 ticks = 01:02:20.67, while .7 is printed: 3060 ms (R4)."""
    call = of_stop()
    assert at("2013-02-23T01:02:12.500Z") == call.started_at
    assert at("2013-02-23T01:02:12.660Z") == call.alerted_at
    assert at("2013-02-23T01:02:17.610Z") == call.answered_at
    assert at("2013-02-23T01:02:20.670Z") == call.released_at
    assert (3_060, 16, ()) == (call.measured_ms, call.q850, call.flags)


def test_ring_time_is_alerting_to_answer() -> None:
    """16 to 511 ticks after the setup: 4950 ms."""
    assert 4_950 == of_stop().ring_ms


def test_parties_routing_and_identity() -> None:
    """The dialled number of field 60 counts; the call is the SIP Call-ID in field 52."""
    call = of_stop()
    assert ("2025550101", "15307520014") == (call.calling, call.called)
    assert ("SBC1", "0x0001042B00000012", "call-1@203.0.113.9", 42, 1) == (
        call.source_node, call.leg_id, call.call_group_id, call.record_seq, call.route_attempt,
    )  # fmt: skip
    assert ("TG-CUST", "TG-CARRIER", "203.0.113.9") == (
        call.ingress_trunk_group, call.egress_trunk_group, call.source_ip,
    )  # fmt: skip


def test_translated_number_where_nothing_was_dialled() -> None:
    """Field 21 stands in for an empty field 60."""
    assert "5307520014" == of_stop({60: ""}).called


def test_media() -> None:
    """1 lost of 130 is 0.77 %, jitter 10 ms, latency 3 ms, SRTP on."""
    call = of_stop()
    assert (77, 10, 3, 129, 134, True) == (
        call.loss_pct_x100, call.jitter_ms, call.rtt_ms, call.packets_in, call.packets_out, call.srtp,
    )  # fmt: skip
    assert ("P:2:1", "P:2:2") == (call.codec_in, call.codec_out)


def test_call_without_a_call_id_groups_by_accounting_id() -> None:
    """An SS7 leg has no SIP data: node and Accounting ID join its records."""
    assert "SBC1/0x0001042B00000012" == of_stop({52: "", 69: ""}).call_group_id


@pytest.mark.parametrize(("final", "expected"), [(0, False), (1, True), ("", None)])
def test_attempt(final: object, expected: bool | None) -> None:
    """An ATTEMPT is never answered; final = 0 means that hunting goes on (R24)."""
    attempt = read(a_line({**ATTEMPT, 146: final}, 186), RIBBON)
    assert ("ATTEMPT", None, 0, 21, 401, "AUTH", expected) == (
        attempt.record_type, attempt.answered_at, attempt.measured_ms, attempt.q850, attempt.sip_status,
        attempt.reject_class, attempt.is_final_attempt,
    )  # fmt: skip
    assert at("2013-02-23T01:02:11.800Z") == attempt.released_at


def test_old_release_writes_shorter_lines() -> None:
    """An ATTEMPT of 117 values has no final mark; a START of 104 and a STOP of 127 are the shortest."""
    assert read(a_line(ATTEMPT, 117), RIBBON).is_final_attempt is None
    assert 3_060 == of_stop(length=127).measured_ms
    assert "START" == read(a_line(START, 104), RIBBON).record_type


def test_new_release_writes_longer_lines() -> None:
    """Positions are append-only: 301 values read as 223 do (R48)."""
    assert of_stop(length=301)._replace(raw=None, raw_sha256=b"") == of_stop()._replace(raw=None, raw_sha256=b"")


def test_start_intermediate_and_stop_are_one_call() -> None:
    """Field 14 of an INTERMEDIATE is the total so far: one call of 3060 ms (R22)."""
    interim = a_line({**STOP, 1: "INTERMEDIATE", 14: 200, 119: 100, 127: 41}, 223)
    assert (2_000, None) == (read(interim, RIBBON).reported_ms, read(interim, RIBBON).released_at)
    found = assembled([a_line(START, 172), interim, a_line(STOP, 223)], RIBBON)
    assert (1, 2, 0) == (len(found.legs), len(found.merged), len(found.pending))
    assert 3_060 == found.legs[0].measured_ms


def test_zero_service_ticks() -> None:
    """Answered and 0 ticks: ZERO_DURATION, cost 0 (R7)."""
    assert (0, ("ZERO_DURATION",)) == (of_stop({14: 0}).measured_ms, of_stop({14: 0}).flags)


@pytest.mark.parametrize(
    ("zone", "instant"),
    [("GMT-08:00-Pacific(US)", "2013-02-23T01:02:12.5Z"), ("GMT+05:30-India", "2013-02-22T11:32:12.5Z"),
     ("GMT+00:00", "2013-02-22T17:02:12.5Z")],
)  # fmt: skip
def test_base_offset_of_the_zone_name(zone: str, instant: str) -> None:
    """The name gives the offset, half hours included (R16)."""
    assert at(instant) == of_stop({5: zone}).started_at


def test_daylight_saving_is_a_setting_of_the_node() -> None:
    """17:02:12.5 on 1 July is 00:02:12.5Z with daylight saving, 01:02:12.5Z without."""
    july = {6: "07/01/2013", 11: "07/01/2013"}
    assert at("2013-07-02T01:02:12.5Z") == of_stop(july).started_at
    assert at("2013-07-02T00:02:12.5Z") == of_stop(july, observes_dst=True).started_at
    berlin = {**july, 5: "GMT+01:00-Somewhere"}
    assert at("2013-07-01T15:02:12.5Z") == of_stop(berlin, zone="Europe/Berlin", observes_dst=True).started_at


@pytest.mark.parametrize("kind", ["SWITCHOVER", "REBOOT", "EVENT", "Sonus Networks, Inc.", "Ribbon ACT file"])
def test_register_lines_are_no_cdrs(kind: str) -> None:
    """They are skipped and counted."""
    assert 1 == skipped([f"{kind},SBC1,x"], RIBBON)


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        (a_line(STOP, 126), "UNKNOWN_LAYOUT", "STOP line has 126 columns"),
        (a_line({**STOP, 1: "CDR"}, 223), "BAD_FIELD", "record type is 'CDR'"),
        (a_line({**STOP, 3: ""}, 223), "BAD_FIELD", "Accounting ID"),
        (a_line({**STOP, 5: "PST"}, 223), "BAD_FIELD", "zone is 'PST'"),
        (a_line({**STOP, 6: ""}, 223), "BAD_FIELD", "start time"),
        (a_line({**STOP, 6: "22/02/2013"}, 223), "BAD_FIELD", "a time such as 10/01/2026 12:00:00.5"),
        (a_line({**STOP, 14: "3.06"}, 223), "BAD_FIELD", "ticks of service"),
        (a_line({**STOP, 14: "-1"}, 223), "NEG_DURATION", "printed duration is -10 ms"),
        (a_line({**STOP, 10: "-1"}, 223), "BAD_FIELD", "a number of 10 ms ticks"),
        (a_line({**STOP, 10: "x"}, 223), "BAD_FIELD", "ticks to service"),
        (a_line({**STOP, 127: "abc"}, 223), "BAD_FIELD", "record sequence number"),
        (a_line({**STOP, 20: '"1'}, 223), "BAD_QUOTE", "not closed"),
        ("STOP", "UNKNOWN_LAYOUT", "1 columns"),
        ("\x7fELF\x02\x01", "BAD_FIELD", "record type"),
    ],
    ids=["126", "kind", "no id", "zone", "no date", "day and month", "fraction", "negative service",
         "negative setup", "ticks", "sequence", "quote", "word", "binary"],
)  # fmt: skip
def test_refused_with_a_reason(line: str, reason: str, said: str) -> None:
    """The reason, and what stands at which place."""
    call = read(line, RIBBON)
    assert reason == call.reject_reason
    assert said in (call.reject_detail or "")


def test_two_stops_differ_by_sequence() -> None:
    """Key is gateway, Accounting ID, type and field 127 (R10)."""
    assert of_stop({127: 42}).cdr_id == of_stop({127: 42, 66: 11}).cdr_id
    assert of_stop({127: 42}).cdr_id != of_stop({127: 43}).cdr_id
    assert of_stop({2: "SBC2"}).cdr_id != of_stop().cdr_id


def test_stop_without_ticks_of_service() -> None:
    """Where field 14 is empty the printed disconnect of 17:02:20.7 is all there is: 3090 ms from 17:02:17.61."""
    call = of_stop({14: ""})
    assert (at("2013-02-23T01:02:20.7Z"), 3_090, None) == (call.released_at, call.measured_ms, call.reported_ms)


def test_service_of_less_than_no_time() -> None:
    """-306 ticks of service: the release is before the answer, never a call of 3.06 s (R8)."""
    call = of_stop({14: -306})
    assert (-3_060, "NEG_DURATION") == (call.measured_ms, call.reject_reason)


@pytest.mark.parametrize(
    ("zone", "started", "reason"),
    [
        ("Europe/Berlin", "2013-07-22T15:02:12.500Z", None),
        ("Europe/Dublin", None, "TZ_AMBIGUOUS"),
        ("UTC", None, "TZ_AMBIGUOUS"),
    ],
)
def test_zone_of_the_node_and_the_base_offset_of_the_line(zone: str, started: str | None, reason: str | None) -> None:
    """GMT+01:00 of a node in Berlin in summer: 17:02:12.5 is 15:02:12.5Z; Dublin's winter is UTC (R16)."""
    changes: dict[int, object] = {5: "GMT+01:00-Amsterdam", 6: "07/22/2013", 11: "07/22/2013"}
    call = of_stop(changes, zone=zone, observes_dst=True)
    assert reason == call.reject_reason
    if started:
        assert at(started) == call.started_at
