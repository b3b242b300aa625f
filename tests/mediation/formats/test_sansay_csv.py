"""Sansay VSXi: fields of cdr-formats.md 2.6, local stamps with minutes west, hunting by the flag F or I."""

import pytest

from pipeline.mediation.assembly import attempts
from schemas.cdr import CDR
from tests.mediation.feeds import a_line, a_source, assembled, at, read, skipped

SANSAY = a_source("sansay_csv")
ROW: dict[int, object] = {
    1: 52,
    2: "V1.10",
    3: "R",
    4: "WithMedia",
    5: "session-52",
    6: "01",
    7: "Mon Dec 15 11:38:34 2003",
    8: "Mon Dec 15 11:38:41 2003",
    9: "Mon Dec 15 11:38:48 2003",
    10: 480,
    11: "Normal Call Clearing",
    12: 200,
    13: "O",
    14: "TG7",
    15: "SIP",
    16: "8587542200",
    17: "203.0.113.9",
    18: "442079460321",
    20: "call-52",
    25: "G711",
    26: 700,
    27: 690,
    32: 3,
    33: "TG-CARRIER",
    39: "out-52",
    44: "G729",
    52: "F",
    55: 4,
    57: 7000,
    59: "+12025550101",
}


def line(changes: dict[int, object] | None = None, length: int = 60) -> str:
    return a_line({**ROW, **(changes or {})}, length, ";")


def row(changes: dict[int, object] | None = None) -> CDR:
    return read(line(changes), SANSAY)


@pytest.mark.parametrize(
    ("west", "answer"),
    [
        (480, "2003-12-15T19:38:41Z"),
        (-120, "2003-12-15T09:38:41Z"),
        (0, "2003-12-15T11:38:41Z"),
        (-330, "2003-12-15T06:08:41Z"),
    ],
)
def test_minutes_west(west: int, answer: str) -> None:
    """480 is UTC-8, -120 is UTC+2 (R16)."""
    call = row({10: west})
    assert (at(answer), 7_000, 7_000, ()) == (call.answered_at, call.measured_ms, call.reported_ms, call.flags)


def test_everything_else() -> None:
    """Ids, parties, groups, media, post-dial delay in whole seconds."""
    call = row()
    assert ("session-52", "call-52", "out-52", 52) == (
        call.leg_id,
        call.call_group_id,
        call.egress_call_id,
        call.record_seq,
    )
    assert ("8587542200", "442079460321", "+12025550101", "203.0.113.9") == (
        call.calling, call.called, call.billing_number, call.source_ip,
    )  # fmt: skip
    assert ("TG7", "TG-CARRIER", "G711", "G729", 700, 690, 3, 4_000, "caller") == (
        call.ingress_trunk_group, call.egress_trunk_group, call.codec_in, call.codec_out, call.packets_in,
        call.packets_out, call.jitter_ms, call.pdd_ms, call.release_party,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "cause", "status", "q850"),
    [("SIP", 486, 486, 17), ("H323", 17, None, 17), ("SIP", 987, None, None), ("H323", 987, None, None)],
)
def test_cause_by_protocol(protocol: str, cause: int, status: int | None, q850: int | None) -> None:
    """A SIP code for SIP, Q.931 for H.323, 9xx internal."""
    call = row({8: "NA", 57: 0, 15: protocol, 12: cause})
    assert (None, status, q850) == (call.answered_at, call.sip_status, call.q850)


def test_capacity_refusal() -> None:
    """`Origination Capacity Exceeded` is no failure of the callee (R40)."""
    call = row({8: "NA", 57: 0, 6: 502, 11: "Origination Capacity Exceeded", 12: 503})
    assert ("CAPACITY", 0) == (call.reject_class, call.measured_ms)


def test_hunting() -> None:
    """Two records of flag I, then F answered: three attempts, the last one final (R24, R31)."""
    tries = [line({1: number, 8: "NA", 57: 0, 12: 503, 52: "I", 33: f"TG-{number}"}) for number in (50, 51)]
    found = assembled([line(), *tries], SANSAY)
    ordered = attempts(found.legs)
    assert (["TG-50", "TG-51", "TG-CARRIER"], 1) == ([leg.carrier_id for leg in ordered], found.calls)
    assert [0, 0, 7_000] == [leg.measured_ms for leg in ordered]
    assert [False, False, True] == [leg.is_final_attempt for leg in ordered]


def test_audit_lines_are_no_cdrs() -> None:
    """Type A."""
    assert 1 == skipped([line({3: "A"})], SANSAY)


@pytest.mark.parametrize(
    ("changes", "length", "reason"),
    [
        ({3: "X"}, 60, "BAD_FIELD"),
        ({52: "Q"}, 60, "BAD_FIELD"),
        ({10: "PST"}, 60, "BAD_FIELD"),
        ({10: 5000}, 60, "BAD_FIELD"),
        ({7: "15 Dec 2003"}, 60, "BAD_FIELD"),
        ({57: "7s"}, 60, "BAD_FIELD"),
        ({}, 59, "UNKNOWN_LAYOUT"),
        ({}, 29, "TRUNCATED"),
        ({}, 81, "UNKNOWN_LAYOUT"),
        ({57: 305000}, 60, "DURATION_MISMATCH"),
        ({9: "Mon Dec 15 11:38:40 2003"}, 60, "NEG_DURATION"),
    ],
)
def test_refused_with_a_reason(changes: dict[int, object], length: int, reason: str) -> None:
    """Type, flag, zone, times, durations, length."""
    assert reason == read(line(changes, length), SANSAY).reject_reason


@pytest.mark.parametrize(
    ("changes", "flags", "measured_ms"),
    [
        ({6: "0001"}, (), 7_000), ({6: "1"}, (), 7_000), ({6: "03"}, ("DISPOSITION_CONFLICT",), 7_000),
        ({8: "NA", 57: 0}, ("DISPOSITION_CONFLICT",), 0), ({8: "NA", 6: "04", 57: 0}, (), 0),
    ],
)  # fmt: skip
def test_release_cause_and_times(changes: dict[int, object], flags: tuple[str, ...], measured_ms: int) -> None:
    """01 and 0001 are answered calls; where the cause says otherwise than the times, the times win (R2)."""
    call = row(changes)
    assert (flags, measured_ms) == (call.flags, call.measured_ms)


@pytest.mark.parametrize("text", ["Origination Capacity Exceeded", "origination capacity exceeded"])
def test_capacity_refusal_in_any_letters(text: str) -> None:
    """R40: a channel limit is no failure of the callee, and costs nothing."""
    call = row({8: "NA", 6: "500", 11: text, 12: 503, 57: 0})
    assert ("CAPACITY", 0) == (call.reject_class, call.measured_ms)
