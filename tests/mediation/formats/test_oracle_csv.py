"""Oracle (Acme Packet) local CSV: positions of cdr-formats.md 2.1, written out as a network engineer reads them."""

from itertools import permutations
from typing import Any

import pytest

from schemas.cdr import CDR
from schemas.reference import DialPlan
from tests.mediation.feeds import a_line, a_source, assembled, at, read, skipped, with_value

LOS_ANGELES = a_source("oracle_csv", "America/Los_Angeles")
QUOTED = '""WIRELESS CALLER" <sip:+12025550101@203.0.113.9:5061;user=phone>;tag=SDepng302"'
STOP: dict[int, object] = {
    1: 2, 2: "10.0.3.129", 3: 5060, 4: "SDabc01-0001", 5: "SDabc01-in@203.0.113.9", 6: "SDabc01-out@198.51.100.2",
    7: "SIP", 9: 7001, 10: QUOTED, 11: "<sip:+442079460123@198.51.100.1:5061;user=phone>;tag=SD77", 12: 1, 13: 64,
    14: "15:54:50.100 PST DEC 18 2017", 15: "15:54:56.868 PST DEC 18 2017", 16: "15:56:00.868 PST DEC 18 2017",
    17: 1, 22: "carrier-a", 23: "cust-1001", 25: "PCMA", 41: 10, 42: 3, 44: 640_000, 45: 3_190, 46: 9_320, 47: 441,
    49: "PCMU", 62: 25, 69: 3_200, 118: "SCX6.4.0", 119: "GMT-08:00", 120: 2_200, 122: "TG-CUST1001",
    123: "TG-CARRIER-A", 126: "<sip:+12025550101@203.0.113.9;user=phone>", 128: "203.0.113.9:5061",
    130: "192.0.2.44:5060", 132: 3, 133: 1, 134: 16, 135: 200, 140: "trunk-7", 175: 90_002,
}  # fmt: skip
START: dict[int, object] = {
    1: 1, 2: "10.0.3.129", 4: "SDabc01-0001", 5: "SDabc01-in@203.0.113.9", 10: "<sip:+12025550101@203.0.113.9>",
    11: "<sip:+442079460123@198.51.100.1>", 12: "15:54:50.100 PST DEC 18 2017", 13: "15:54:56.868 PST DEC 18 2017",
    18: "carrier-a", 19: "cust-1001", 21: "PCMA", 72: 2_200, 74: "TG-CUST1001", 75: "TG-CARRIER-A",
    80: "203.0.113.9:5061", 87: "trunk-7", 122: 90_001,
}  # fmt: skip
UNANSWERED = {15: 0, 13: 0, 132: 2, 134: 17, 135: 486, 133: 2}


def a_stop(changes: dict[int, object] | None = None, length: int = 175) -> str:
    return a_line({**STOP, **(changes or {})}, length)


def of_stop(changes: dict[int, object] | None = None, **options: Any) -> CDR:
    return read(a_stop(changes), a_source("oracle_csv", "America/Los_Angeles", **options))


def test_answered_call() -> None:
    """PST is eight hours behind: connect 23:54:56.868Z, disconnect 23:56:00.868Z, 64000 ms."""
    call = of_stop()
    assert at("2017-12-18T23:54:50.100Z") == call.started_at
    assert at("2017-12-18T23:54:56.868Z") == call.answered_at
    assert at("2017-12-18T23:56:00.868Z") == call.released_at
    assert (64_000, 64_000, 200, 16, None, ()) == (
        call.measured_ms, call.reported_ms, call.sip_status, call.q850, call.reject_reason, call.flags,
    )  # fmt: skip


def test_parties_and_routing() -> None:
    """The number of the URI, the display name, trunk groups, realms by position, the trunk of attribute 200."""
    call = of_stop()
    assert ("+12025550101", "+442079460123", "WIRELESS CALLER") == (call.calling, call.called, call.display_name)
    assert ("TG-CUST1001", "TG-CARRIER-A", "trunk-7") == (
        call.ingress_trunk_group, call.egress_trunk_group, call.claimed_trunk_id,
    )  # fmt: skip
    assert ("203.0.113.9", "caller", 2_200) == (call.source_ip, call.release_party, call.pdd_ms)


def test_identity() -> None:
    """Node is the NAS address, the leg the Acct-Session-Id, the call the ingress Call-ID, the sequence position 175."""
    call = of_stop()
    assert ("10.0.3.129", "SDabc01-0001", "SDabc01-in@203.0.113.9", 90_002) == (
        call.source_node, call.leg_id, call.call_group_id, call.record_seq,
    )  # fmt: skip


def test_media_figures() -> None:
    """R-factor and MOS are written times 100; 10 lost of 3200 are 0.31 %."""
    call = of_stop()
    assert (441, 93, 31, 3, 25, 3_190, 3_200) == (
        call.mos_x100, call.r_factor, call.loss_pct_x100, call.jitter_ms, call.rtt_ms, call.packets_in,
        call.packets_out,
    )  # fmt: skip
    assert ("PCMA", "PCMU", None) == (call.codec_in, call.codec_out, call.fax)


def test_unanswered_call() -> None:
    """Connect 0, SIP 486, cause 17: no answer, 0 ms, BUSY."""
    call = of_stop(UNANSWERED)
    assert (None, 0, 486, 17, "BUSY", "callee") == (
        call.answered_at, call.measured_ms, call.sip_status, call.q850, call.reject_class, call.release_party,
    )  # fmt: skip
    assert () == call.flags


def test_h323_cause_is_no_q850_value_of_a_sip_call() -> None:
    """Position 17 is not believed; without position 134 the SIP status is mapped: 486 is 17 (R39)."""
    assert 17 == of_stop({**UNANSWERED, 17: 5, 134: ""}).q850


@pytest.mark.parametrize(
    ("disposition", "connect", "flags"),
    [(3, STOP[15], ()), (1, STOP[15], ("DISPOSITION_CONFLICT",)), (2, STOP[15], ("DISPOSITION_CONFLICT",)),
     (0, STOP[15], ()), ("", STOP[15], ()), (3, "0", ("DISPOSITION_CONFLICT",)), (2, "", ())],
)  # fmt: skip
def test_disposition_against_the_connect_time(disposition: object, connect: object, flags: tuple[str, ...]) -> None:
    """0 is unknown, 1 attempt, 2 ringing, 3 answered; where it contradicts the times, the times win (R2)."""
    call = of_stop({132: disposition, 15: connect, 13: 64 if connect == STOP[15] else 0})
    assert (connect == STOP[15], flags) == (call.answered_at is not None, tuple(call.flags))


def test_session_time_in_milliseconds() -> None:
    """An option of the SBC writes ms; the settings of the source must say so, the unit is never guessed (R4)."""
    assert 64_000 == of_stop({13: 64_000}, session_time_unit="ms").reported_ms
    assert "DURATION_MISMATCH" == of_stop({13: 64_000}).reject_reason


def test_charge_ends_at_signalling() -> None:
    """Media stopped 61 s before the disconnect: the disconnect bills, LATE_TEARDOWN (R21); 60 s is no remark."""
    late = of_stop({171: "15:54:59.868 PST DEC 18 2017", 172: "15:54:58.000 PST DEC 18 2017"})
    assert (64_000, ("LATE_TEARDOWN",)) == (late.measured_ms, late.flags)
    assert () == of_stop({171: "15:55:00.868 PST DEC 18 2017"}).flags
    assert () == of_stop({171: "15:54:00.000 PST DEC 18 2017", 174: "15:56:00.000 PST DEC 18 2017"}).flags


@pytest.mark.parametrize("kind", ["image", "T.38", "t38"])
def test_fax_by_flow_type(kind: str) -> None:
    """A second flow of type image is T.38 (R43)."""
    assert "t38" == of_stop({73: kind}).fax


def test_start_waits_for_its_stop() -> None:
    """START of 122 values: no release, no duration; with its STOP one call."""
    start = read(a_line(START, 122), LOS_ANGELES)
    assert ("START", None, None, "trunk-7", 90_001) == (
        start.record_type, start.released_at, start.measured_ms, start.claimed_trunk_id, start.record_seq,
    )  # fmt: skip
    found = assembled([a_stop(), a_line(START, 122)], LOS_ANGELES)
    assert (1, 1) == (len(found.legs), len(found.merged))


def test_interim_of_a_refused_route_is_an_attempt() -> None:
    """Unsuccessful-Attempt interims appear for every recursed route: no partial, no usage (R24)."""
    attempt = of_stop({**UNANSWERED, 1: 3, 135: 503, 134: ""})
    assert ("ATTEMPT", 0, 503) == (attempt.record_type, attempt.measured_ms, attempt.sip_status)


def test_interim_of_a_call_in_progress_is_a_part() -> None:
    """A periodic interim has a connect time: it is merged, never billed."""
    interim = of_stop({1: 3, 16: ""})
    assert ("INTERIM", None) == (interim.record_type, interim.measured_ms)


def test_interims_are_told_apart_by_sequence() -> None:
    """Two interims of one session are two records; the same one twice is a duplicate (R10)."""
    ids = [of_stop({1: 3, 175: sequence}).cdr_id for sequence in (90_003, 90_004, 90_004)]
    assert (2, ids[1]) == (len(set(ids)), ids[2])


def test_interim_in_the_order_of_a_start() -> None:
    """An interim of 122 values is read like a START; without a connect time it is a refused route."""
    interim = read(a_line({**START, 1: 3}, 122), LOS_ANGELES)
    attempt = read(a_line({**START, 1: 3, 13: 0}, 122), LOS_ANGELES)
    assert ("INTERIM", at("2017-12-18T23:54:56.868Z"), 90_001) == (
        interim.record_type, interim.answered_at, interim.record_seq,
    )  # fmt: skip
    assert ("ATTEMPT", None, "FAILURE") == (attempt.record_type, attempt.answered_at, attempt.reject_class)


def test_fax_in_the_middle_of_a_call() -> None:
    """START with PCMA, an interim with an image, STOP: one call of 64 s, a fax, two records merged (R43)."""
    image = a_stop({1: 3, 16: "", 25: "image", 175: 90_003})
    for order in permutations([a_line(START, 122), image, a_stop()]):
        found = assembled(list(order), LOS_ANGELES)
        (leg,) = found.legs
        assert (64_000, "t38", 2) == (leg.measured_ms, leg.fax, len(found.merged))


def test_stop_time_of_media_that_cannot_be_read() -> None:
    """It only tells a late teardown: whatever it holds, the call is billed (R21)."""
    assert (64_000, None, ()) == (
        (call := of_stop({171: "soon", 172: "15:55:00 CET DEC 18 2017"})).measured_ms, call.reject_reason, call.flags,
    )  # fmt: skip


def test_media_that_stopped_a_minute_before_the_release() -> None:
    """60 s is no remark, 60.001 s is LATE_TEARDOWN; the release bills in both cases (R21)."""
    on_time, late = (of_stop({174: f"15:55:00.{end} PST DEC 18 2017"}) for end in ("868", "867"))
    assert ((), ("LATE_TEARDOWN",)) == (on_time.flags, late.flags)
    assert (64_000, 64_000) == (on_time.measured_ms, late.measured_ms)


@pytest.mark.parametrize("status", ["7", "8"])
def test_accounting_marks_are_no_cdrs(status: str) -> None:
    """Accounting-On and -Off are skipped and counted."""
    assert 1 == skipped([f"{status},10.0.3.129"], LOS_ANGELES)


def test_longer_layout() -> None:
    """The STOP of 269 values has 94 more behind position 114; what stands behind moves with them."""
    values = [str(STOP.get(number, "")) for number in range(1, 176)]
    long = ",".join([*values[:114], *["x"] * 94, *values[114:]])
    assert 269 == long.count(",") + 1
    call = read(long, LOS_ANGELES)
    assert (64_000, 16, 200, "trunk-7", 90_002) == (
        call.measured_ms, call.q850, call.sip_status, call.claimed_trunk_id, call.record_seq,
    )  # fmt: skip


def test_layout_of_the_operators_own() -> None:
    """A source can add the layout of a release that is not shipped."""
    own = {"name": "9.x STOP", "record": "STOP", "longest": 20,
           "positions": {"node": 2, "session_id": 4, "ingress_call_id": 5, "egress_call_id": 6, "calling": 10,
                         "called": 11, "setup": 14, "connect": 15, "disconnect": 16, "codec_in": 19, "sequence": 20,
                         "post_dial_delay": 18, "ingress_trunk_group": 18, "egress_trunk_group": 18,
                         "ingress_realm": 18, "egress_realm": 18, "asserted_identity": 18, "diversion": 18,
                         "ingress_remote": 18}}  # fmt: skip
    call = read(a_line(STOP | {20: 5}, 20), a_source("oracle_csv", "America/Los_Angeles", layouts=[own]))
    assert (64_000, 5, None) == (call.measured_ms, call.record_seq, call.reject_reason)


@pytest.mark.parametrize(
    ("line", "reason", "said"),
    [
        (a_line(STOP, 174), "UNKNOWN_LAYOUT", "174 columns"),
        (a_line(STOP, 176), "UNKNOWN_LAYOUT", "C6.4.0 STOP (175 to 175)"),
        (a_line({**STOP, 1: 3}, 180), "UNKNOWN_LAYOUT", "INTERIM, in the order of a STOP (175 to 175)"),
        (a_line({**STOP, 1: 4}, 175), "BAD_FIELD", "Acct-Status-Type is '4', expected 1, 2, 3, 7 or 8"),
        (a_line({**STOP, 1: ""}, 175), "BAD_FIELD", "Acct-Status-Type"),
        (a_stop({4: ""}), "BAD_FIELD", "Acct-Session-Id"),
        (a_stop({15: "yesterday"}), "BAD_FIELD", "h323-connect-time is 'yesterday'"),
        (a_stop({13: "abc"}), "BAD_FIELD", "Acct-Session-Time"),
        (a_stop({134: "x"}), "BAD_FIELD", "Acme-Disconnect-Cause"),
        (a_stop({175: "9e4"}), "BAD_FIELD", "sequence"),
        (a_stop({11: '"never closed'}), "BAD_QUOTE", "not closed"),
        (a_stop({16: "15:54:50.868 PST DEC 18 2017"}), "NEG_DURATION", "6000 ms before the answer"),
        (a_stop({15: "15:54:56.868 PDT DEC 18 2017"}), "TZ_AMBIGUOUS", "America/Los_Angeles"),
        (a_stop({11: "<sip:" + "4" * 41 + "@h>"}), "TOO_LONG", "41 characters"),
        ("2", "UNKNOWN_LAYOUT", "1 columns"),
        (a_stop()[:400], "TRUNCATED", "of at least 175"),
        ('2,10.0.3.129,5060,"SDabc01,', "TRUNCATED", "within a quote"),
    ],
    ids=["174", "176", "interim", "type 4", "no type", "no session", "no time", "session time", "cause", "sequence",
         "quote", "negative", "PDT in winter", "41 digits", "one value", "cut off", "cut off in a quote"],
)  # fmt: skip
def test_refused_with_a_reason(line: str, reason: str, said: str) -> None:
    """What was found and what was expected stands in the detail; the bytes stay."""
    call = read(line, LOS_ANGELES)
    assert (reason, line.encode()) == (call.reject_reason, call.raw)
    assert said in (call.reject_detail or "")


def test_latin_1_display_name() -> None:
    """A byte of Latin-1 in a name: read, with ENCODING."""
    line = a_stop({10: "\u00c9cole <sip:+12025550101@h>"}).encode("latin-1")
    call = read(line, LOS_ANGELES)
    assert ("+12025550101", "\u00c9cole", ("ENCODING",)) == (call.calling, call.display_name, call.flags)


def test_numbers_of_the_source_plan() -> None:
    """00 is the international prefix of this SBC's customers (N2)."""
    source = a_source("oracle_csv", "America/Los_Angeles", dial_plan=DialPlan(international_prefixes=("00",)))
    assert "+442079460199" == read(a_stop({11: "<sip:00442079460199@h;user=phone>"}), source).called


def test_anonymous_caller_with_asserted_identity() -> None:
    """Position 126 stands in for an anonymous From (N19)."""
    call = of_stop({10: "<sip:anonymous@anonymous.invalid>;tag=SD9", 126: "<tel:+12025550101>"})
    assert ("+12025550101", "restricted") == (call.calling, call.presentation)


@pytest.mark.parametrize(
    ("group", "direction", "trunk"),
    [(r"^TG-CUST(\d+)$", "OUTBOUND", "1001"), (r"^cust-(\d+)$", "OUTBOUND", "1001"),
     (r"^TG-CARRIER-(A)$", "INBOUND", "A"), (r"^nobody$", None, None)],
)  # fmt: skip
def test_direction_by_trunk_group_or_realm(group: str, direction: str | None, trunk: str | None) -> None:
    """From the customer's group OUTBOUND, to it INBOUND; its expression names the trunk."""
    call = of_stop({140: ""}, customer_group=group)
    assert (direction, trunk) == (call.direction, call.claimed_trunk_id)


def test_trunk_attribute_of_another_number() -> None:
    """Custom attribute 210 stands at position 150; none at all is possible."""
    assert "t-9" == of_stop({150: "t-9"}, trunk_attribute=210).claimed_trunk_id
    assert of_stop({150: "t-9"}, trunk_attribute=None).claimed_trunk_id is None


def test_value_is_changed_at_its_place() -> None:
    """The helper of these tests counts as vendors do: position 175 is the last."""
    assert a_stop({175: 1}).endswith(",1")
    assert with_value("a,b,c", 2, "x") == "a,x,c"
