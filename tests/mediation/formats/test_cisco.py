"""Cisco: CUBE file accounting (cdr-formats.md 2.4) and CUCM call detail and call management records (2.5)."""

from typing import Any

import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_line, a_source, assembled, at, read, skipped

CUBE: dict[int, object] = {
    1: 1189177700,
    2: 101,
    3: 2,
    4: 2,
    5: '"9FB2D1D2 5D5611DC"',
    6: "203.0.113.9",
    8: '"15:06:32.170 UTC Fri Sep 7 2007"',
    9: '"15:06:33.000 UTC Fri Sep 7 2007"',
    10: '"15:06:40.000 UTC Fri Sep 7 2007"',
    11: '"15:08:20.500 UTC Fri Sep 7 2007"',
    12: 10,
    14: 1,
    17: 5025,
    19: 5020,
    21: "user",
    22: "12025550101",
    23: "442079460123",
    35: "g711alaw",
    82: "TG-OUT",
    85: "TG-CUST7",
    113: "f1",
}
CDR_: dict[int, object] = {
    1: 1,
    2: 2,
    3: 25447,
    4: 47874239,
    5: 1744993928,
    8: 239138826,
    9: "5033466594",
    12: 0,
    26: 47874240,
    30: "5033466593",
    31: "5033466500",
    34: 16,
    48: 1744993930,
    49: 1744993941,
    51: "pkid-1",
    56: 11,
    57: "SEPCC7F",
    58: "SEPCC8E",
    66: "cluster-1",
}
CMR: dict[int, object] = {
    1: 2,
    2: 2,
    3: 25447,
    6: 47874239,
    8: 559,
    10: 555,
    12: 5,
    13: 2,
    14: 1,
    15: "cmr-1",
    17: "cluster-1",
    19: "CCR=0.0;MLQK=4.25;ICR=0.0",
}


def cube(changes: dict[int, object] | None = None, **options: Any) -> CDR:
    return read(a_line({**CUBE, **(changes or {})}, 130), a_source("cube_csv", **options))


def cucm(changes: dict[int, object] | None = None) -> CDR:
    return read(a_line({**CDR_, **(changes or {})}, 133), a_source("cucm_csv"))


def test_cube_leg() -> None:
    """15:06:40 to 15:08:20.5 are 100500 ms; alert to connect 7000 ms; cause 10 is hexadecimal 16."""
    leg = cube()
    assert (at("2007-09-07T15:06:40Z"), 100_500, 7_000, 16, True, ()) == (
        leg.answered_at, leg.measured_ms, leg.ring_ms, leg.q850, leg.clock_ok, leg.flags,
    )  # fmt: skip
    assert ("12025550101", "442079460123", "203.0.113.9", "101", "9FB2D1D2 5D5611DC") == (
        leg.calling, leg.called, leg.source_ip, leg.leg_id, leg.call_group_id,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cause"), [("10", 16), ("11", 17), ("1F", 31), ("0", None), ("normal", None), ("", None)]
)
def test_cube_causes_are_hexadecimal(text: str, cause: int | None) -> None:
    """10, 11, 1F are 16, 17, 31 (R38)."""
    assert cause == cube({12: text}).q850


@pytest.mark.parametrize("mark", ["*", "."])
def test_cube_clock_that_is_not_synchronised(mark: str) -> None:
    """CLOCK_UNSYNC and clock_ok false (R19)."""
    leg = cube({8: f'"{mark}15:06:32.170 UTC Fri Sep 7 2007"'})
    assert (("CLOCK_UNSYNC",), False) == (leg.flags, leg.clock_ok)


@pytest.mark.parametrize(
    ("origin", "options", "direction", "billed"),
    [
        (1, {}, None, True),
        (2, {}, None, False),
        (1, {"direction": "INBOUND"}, "INBOUND", False),
        (2, {"direction": "INBOUND"}, "INBOUND", True),
        (1, {"customer_group": "^TG-CUST(.*)$"}, "OUTBOUND", True),
        (2, {"customer_group": "^TG-OUT$"}, "INBOUND", True),
    ],
)
def test_cube_billed_leg(origin: int, options: dict[str, object], direction: str | None, billed: bool) -> None:
    """Answer (1) is the leg from the caller, originate (2) the one to the callee (R30)."""
    leg = cube({14: origin}, **options)
    assert (direction, billed) == (leg.direction, leg.is_billed_leg)


def test_cube_unanswered() -> None:
    """A blank connect time and cause 11: busy."""
    leg = cube({10: "", 12: 11})
    assert (None, 0, 17, "BUSY") == (leg.answered_at, leg.measured_ms, leg.q850, leg.reject_class)


def test_cube_fax_relay() -> None:
    """A fax relay start or stop is T.38 (R43)."""
    assert ("t38", "t38", None) == (cube({52: "x"}).fax, cube({53: "x"}).fax, cube().fax)


def test_cube_legs_have_keys_of_their_own() -> None:
    """Call-id, conference, leg type, origin and feature id (R10)."""
    ids = {cube(changes).cdr_id for changes in ({}, {2: 102}, {5: "x"}, {4: 1}, {14: 2}, {113: "f2"})}
    assert 6 == len(ids)


@pytest.mark.parametrize(
    ("changes", "length", "reason"),
    [
        ({14: 3}, 130, "BAD_FIELD"),
        ({10: "soon"}, 130, "BAD_FIELD"),
        ({}, 89, "UNKNOWN_LAYOUT"),
        ({}, 201, "UNKNOWN_LAYOUT"),
        ({11: '"15:06:00.000 UTC Fri Sep 7 2007"'}, 130, "NEG_DURATION"),
        ({9: '"x'}, 130, "BAD_QUOTE"),
    ],
)
def test_cube_refused_with_a_reason(changes: dict[int, object], length: int, reason: str) -> None:
    """Origin, time, length, order and quotes."""
    assert reason == read(a_line({**CUBE, **changes}, length), a_source("cube_csv")).reject_reason


def test_cucm_call() -> None:
    """Epoch seconds in UTC; the callee has cause 16 and released."""
    call = cucm()
    assert (at("2025-04-18T16:32:10Z"), 11_000, 11_000, 16, "callee") == (
        call.answered_at, call.measured_ms, call.reported_ms, call.q850, call.release_party,
    )  # fmt: skip
    assert ("cluster-1", "47874239", "cluster-1/2/25447", "5033466594", "5033466593") == (
        call.source_node, call.leg_id, call.call_group_id, call.calling, call.called,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text", "address"),
    [
        (239138826, "", "10.248.64.14"),
        (-1062731520, "", "0.1.168.192"),
        (0, "", None),
        ("", "", None),
        (239138826, "2001:db8::1", "2001:db8::1"),
        (99999999999, "", None),
    ],
)
def test_cucm_addresses(number: object, text: str, address: str | None) -> None:
    """Signed little-endian integers; the text form goes before (R51)."""
    assert address == cucm({8: number, 81: text}).source_ip


@pytest.mark.parametrize(
    ("caller", "callee", "q850", "native", "party"),
    [
        (16, 0, 16, "16", "caller"),
        (0, 16, 16, "16", "callee"),
        (16, 16, 16, "16", "unknown"),
        (0, 0, None, None, None),
        (393216, 0, None, "393216", "caller"),
        (0, 1459617833, None, "1459617833", "callee"),
    ],
)
def test_cucm_causes(caller: int, callee: int, q850: int | None, native: str | None, party: str | None) -> None:
    """The side with a cause released; vendor values are no Q.850 (R38)."""
    call = cucm({12: caller, 34: callee})
    assert (q850, native, party) == (call.q850, call.native_cause, call.release_party)


@pytest.mark.parametrize(
    ("last", "final", "number"),
    [("5033466590", "5033466500", "5033466590"), ("", "5033466500", "5033466593"), ("5033466593", "5033466593", None)],
)
def test_cucm_call_that_was_sent_on(last: str, final: str, number: str | None) -> None:
    """Where the final called party is another one, the last redirecting party, else whom the call was for (N25)."""
    assert number == cucm({31: final, 50: last}).redirecting


def test_cucm_unanswered() -> None:
    """dateTimeConnect 0."""
    call = cucm({48: 0, 56: 0, 34: 17})
    assert (None, 0, "BUSY") == (call.answered_at, call.measured_ms, call.reject_class)


def test_cucm_printed_duration_may_differ_by_seconds() -> None:
    """154 printed for 150 s: WARN, 150 s bill (R3)."""
    call = cucm({48: 1700000000, 49: 1700000150, 5: 1700000000, 56: 154})
    assert (150_000, ("DURATION_MISMATCH",), None) == (call.measured_ms, call.flags, call.reject_reason)


@pytest.mark.parametrize(
    ("devices", "direction"),
    [(("cust-acme", "carrier-1"), "OUTBOUND"), (("carrier-1", "cust-acme"), "INBOUND")],
)
def test_cucm_devices_are_trunks(devices: tuple[str, str], direction: str) -> None:
    """The device that faces the customer names the trunk: where the call came from it is one out, else one in."""
    line = a_line({**CDR_, 57: devices[0], 58: devices[1]}, 133)
    call = read(line, a_source("cucm_csv", customer_group="^cust-(.+)$"))
    assert (direction, "acme") == (call.direction, call.claimed_trunk_id)


def test_cucm_media_joins_its_call() -> None:
    """MLQK 4.25 and 5 lost of 560: 0.89 %."""
    for values in ([a_line(CDR_, 133), a_line(CMR, 20)], [a_line(CMR, 20), a_line(CDR_, 133)]):
        found = assembled(values, a_source("cucm_csv"))
        (call,) = found.legs
        assert (1, 425, 89, 2, 1) == (len(found.merged), call.mos_x100, call.loss_pct_x100, call.jitter_ms, call.rtt_ms)


@pytest.mark.parametrize("line", ["cdrRecordType,globalCallID_callManagerId", "INTEGER,INTEGER", "VARCHAR(50),INTEGER"])
def test_cucm_names_and_types_are_no_cdrs(line: str) -> None:
    """The first two lines of a file, in either order (R51)."""
    assert 1 == skipped([line], a_source("cucm_csv"))


@pytest.mark.parametrize(
    ("changes", "length", "reason"),
    [
        ({1: 3}, 133, "BAD_FIELD"),
        ({}, 93, "UNKNOWN_LAYOUT"),
        ({48: "x"}, 133, "BAD_FIELD"),
        ({56: "1.5"}, 133, "BAD_FIELD"),
        ({12: "x"}, 133, "BAD_FIELD"),
        ({49: 1744993920}, 133, "NEG_DURATION"),
        ({48: 99999999999999}, 133, "BAD_FIELD"),
    ],
)
def test_cucm_refused_with_a_reason(changes: dict[int, object], length: int, reason: str) -> None:
    """Record type, length, times, duration, causes."""
    assert reason == read(a_line({**CDR_, **changes}, length), a_source("cucm_csv")).reject_reason
