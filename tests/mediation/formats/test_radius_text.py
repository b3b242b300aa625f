"""RADIUS accounting as text: h323 attributes of Cisco and Eltex, and Oracle's own (cdr-formats.md 2.1, 2.4)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.attribute_columns import read_attributes
from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.member_names import Names
from pipeline.settings import Source
from schemas.cdr import CDR
from tests.mediation.feeds import a_batch, a_source, assembled, at, read, skipped
from tests.mediation.twins import assert_twins_agree, damaged

RADIUS = a_source("radius_text")
STOP = {
    "Acct-Status-Type": "Stop", "NAS-IP-Address": "203.0.113.240", "User-Name": '"trunk-7"',
    "Calling-Station-Id": '"0074950001157"', "Called-Station-Id": '"675065"', "Acct-Session-Id": '"110003f6 52fa39ed"',
    "Event-Timestamp": '"\u0444\u0435\u0432\u0440. 11 2014 16:56:21 EET"', "Acct-Session-Time": "40",
    "Acct-Delay-Time": "2",
    "h323-setup-time": '"18:55:41.000 GMT+4 Tue Feb 11 2014"',
    "h323-connect-time": '"18:55:42.000 GMT+4 Tue Feb 11 2014"',
    "h323-disconnect-time": '"18:56:22.000 GMT+4 Tue Feb 11 2014"', "h323-disconnect-cause": '"10"',
    "h323-conf-id": '"9FB2D1D2 5D5611DC"', "h323-remote-id": '"TG-CUST7"',
}  # fmt: skip
OF_THE_END = {"Acct-Session-Time", "h323-disconnect-time", "h323-disconnect-cause"}
START = {name: text for name, text in STOP.items() if name not in OF_THE_END} | {"Acct-Status-Type": "Start"}
INTERIM = START | {"Acct-Status-Type": "Interim-Update", "Eltex-AVPair": '"session-time=19"'}
ACME = {
    "Acct-Status-Type": "Stop", "NAS-IP-Address": "10.0.3.129", "Acct-Session-Id": '"SDabc01"',
    "Acme-Session-Ingress-CallId": '"in@203.0.113.9"', "Acme-Session-Egress-CallId": '"out@198.51.100.2"',
    "Calling-Station-Id": '"<sip:+12025550101@h>;tag=1"', "Called-Station-Id": '"<sip:+442079460123@h>"',
    "h323-setup-time": '"15:54:50.100 PST DEC 18 2017"', "h323-connect-time": '"15:54:56.868 PST DEC 18 2017"',
    "h323-disconnect-time": '"15:56:00.868 PST DEC 18 2017"', "h323-disconnect-cause": '"1"', "Acct-Session-Time": "64",
    "Acme-Disconnect-Cause": "16", "Acme-SIP-Status": "200", "Acme-Originating-Trunk-Group": '"TG-CUST1001"',
    "Acme-Terminating-Trunk-Group": '"TG-CARRIER"', "Acme-P-Asserted-ID": '"<tel:+12025550101>"',
}  # fmt: skip


def written(attributes: dict[str, str], *more: str) -> str:
    lines = (f"\t{name} = {text}" for name, text in attributes.items())
    return "\n".join(["rad_recv: Accounting-Request packet, id=42", *lines, *more])


def packet(number: int) -> bytes:
    """A Stop of its own session, for measurements."""
    return written({**STOP, "Acct-Session-Id": f'"session {number}"', "h323-conf-id": f'"conf {number}"'}).encode()


def stop(changes: dict[str, str | None] | None = None, zone: str = "UTC") -> CDR:
    known = {name: text for name, text in {**STOP, **(changes or {})}.items() if text is not None}
    return read(written(known), a_source("radius_text", zone))


def test_answered_call() -> None:
    """GMT+4 is four hours ahead: 14:55:42Z to 14:56:22Z, 40000 ms; cause "10" is hexadecimal 16 (R16, R38)."""
    call = stop()
    assert (at("2014-02-11T14:55:42Z"), at("2014-02-11T14:56:22Z")) == (call.answered_at, call.released_at)
    assert (40_000, 40_000, 16, "10", ()) == (
        call.measured_ms, call.reported_ms, call.q850, call.native_cause, call.flags,
    )  # fmt: skip


def test_identity() -> None:
    """Session, conference and NAS address."""
    call = stop()
    assert ("203.0.113.240", "110003f6 52fa39ed", "9FB2D1D2 5D5611DC", "trunk-7") == (
        call.source_node, call.leg_id, call.call_group_id, call.user_name,
    )  # fmt: skip


def test_localised_event_time_is_never_read() -> None:
    """`\u0444\u0435\u0432\u0440. 11 2014 16:56:21 EET` is a second off and in another language (R20)."""
    assert at("2014-02-11T14:56:22Z") == stop().released_at
    assert stop({"Event-Timestamp": '"garbage"'}).reject_reason is None


@pytest.mark.parametrize(
    ("cause", "q850"), [('"10"', 16), ('"11"', 17), ('"1F"', 31), ('"1f"', 31), ('"7F"', 127), ('"0"', None),
                        ('"FF"', None),                        ('"16x"', None), ('""', None)],
)  # fmt: skip
def test_causes_are_hexadecimal(cause: str, q850: int | None) -> None:
    """10 is 16, 11 is 17, 1F is 31 (R38); above 127 there is no cause."""
    assert q850 == stop({"h323-disconnect-cause": cause}).q850


def test_number_before_translation() -> None:
    """xpgk-src-number-in and -dst-number-in count, -out never (N32)."""
    pairs = ('\tCisco-AVPair = "xpgk-src-number-in=0074950001157"', '\tCisco-AVPair = "xpgk-src-number-out=001157"',
             '\tCisco-AVPair = "xpgk-dst-number-in=00442079460321"')  # fmt: skip
    call = read(written(STOP, *pairs), RADIUS)
    assert ("0074950001157", "00442079460321") == (call.calling, call.called)


def test_connect_printed_as_disconnect_is_no_answer() -> None:
    """Session time 0 and connect = disconnect: some gateways write it so for an unanswered call."""
    call = stop(
        {"Acct-Session-Time": "0", "h323-connect-time": STOP["h323-disconnect-time"], "h323-disconnect-cause": '"11"'}
    )
    assert (None, 0, "BUSY") == (call.answered_at, call.measured_ms, call.reject_class)


def test_cumulative_interims_are_not_added() -> None:
    """Start, Interim of 19 s, Stop of 40 s: 40 s (R22)."""
    found = assembled([written(INTERIM), written(STOP), written(START)], RADIUS)
    assert (1, 2, 40_000) == (len(found.legs), len(found.merged), found.legs[0].measured_ms)


def test_interims_are_told_apart_by_their_session_time() -> None:
    """Two interims of 19 and 38 s are two records, the same one twice is a duplicate (R10)."""
    later = {**INTERIM, "Eltex-AVPair": '"session-time=38"'}
    ids = [read(written(packet_), RADIUS).cdr_id for packet_ in (INTERIM, later, later)]
    assert (2, ids[1]) == (len(set(ids)), ids[2])


@pytest.mark.parametrize(
    ("delays", "expected"),
    [
        (("2", "2"), (1, 1, 0)),
        (("2", "7"), (1, 1, 0)),
        (("0", "5"), (1, 1, 0)),
        ((None, "0"), (1, 0, 1)),
    ],
    ids=["the same bytes", "waited longer", "sent again", "other bytes"],
)
def test_packet_that_is_sent_again(delays: tuple[str | None, str | None], expected: tuple[int, int, int]) -> None:
    """A STOP that nobody confirmed comes again with a longer delay: one leg, one duplicate, no conflict (RFC 2866)."""
    values = [written(with_delay(STOP, delay)) for delay in delays]
    found = assembled(values, RADIUS)
    assert expected == (len(found.legs), len(found.duplicates), len(found.suspended))
    assert_twins_agree([value.encode() for value in values], RADIUS)


def test_interim_that_is_sent_again_adds_nothing() -> None:
    """Its session time is cumulative: the call has the length of its STOP (R22)."""
    values = [written(with_delay(packet, delay)) for packet, delay in ((START, "1"), (INTERIM, "2"), (INTERIM, "9"))]
    found = assembled([*values, written(STOP)], RADIUS)
    assert ([40_000], 3) == ([leg.measured_ms for leg in found.legs], len(found.merged))


def with_delay(packet: dict[str, str], delay: str | None) -> dict[str, str]:
    others = {name: text for name, text in packet.items() if name != "Acct-Delay-Time"}
    return others if delay is None else {**others, "Acct-Delay-Time": delay}


def test_orphan_interim_proves_its_session_time() -> None:
    """An interim alone, after its time: suspended with 19000 ms (R25)."""
    found = assembled(
        [written(INTERIM)], RADIUS, now=at("2014-02-11T20:00:00Z"), received_at=at("2014-02-11T15:00:00Z")
    )
    assert ("ORPHAN_INTERIM", 19_000) == (found.suspended[0].reject_reason, found.suspended[0].provable_ms)


def test_oracle_attributes() -> None:
    """Cause in decimal, SIP status, Call-IDs and trunk groups of Oracle's own; its h323 cause is not believed."""
    call = read(written(ACME), a_source("radius_text", "America/Los_Angeles", customer_group=r"^TG-CUST(\d+)$"))
    assert (64_000, 16, 200, "in@203.0.113.9", "OUTBOUND", "1001") == (
        call.measured_ms, call.q850, call.sip_status, call.call_group_id, call.direction, call.claimed_trunk_id,
    )  # fmt: skip
    assert ("+12025550101", "+442079460123", "+12025550101") == (call.calling, call.called, call.billing_number)


@pytest.mark.parametrize("status", ["Accounting-On", "Accounting-Off"])
def test_restarts_are_no_cdrs(status: str) -> None:
    """They are skipped and counted."""
    assert 1 == skipped([written({"Acct-Status-Type": status})], RADIUS)


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"Acct-Status-Type": None}, "UNKNOWN_LAYOUT", "no Acct-Status-Type"),
        ({"Acct-Status-Type": "Resume"}, "BAD_FIELD", "Acct-Status-Type is 'Resume'"),
        ({"Acct-Session-Id": None}, "BAD_FIELD", "Acct-Session-Id"),
        ({"Acct-Session-Time": "forty"}, "BAD_FIELD", "Acct-Session-Time is 'forty'"),
        ({"h323-connect-time": '"later"'}, "BAD_FIELD", "h323-connect-time is 'later'"),
        ({"Acct-Session-Time": "400"}, "DURATION_MISMATCH", "40000 ms apart"),
        ({"h323-disconnect-time": '"18:55:00.000 GMT+4 Tue Feb 11 2014"'}, "NEG_DURATION", "42000 ms before"),
        ({"h323-connect-time": '"18:55:42.000 IST Tue Feb 11 2014"'}, "TZ_AMBIGUOUS", "UTC"),
    ],
    ids=["no type", "type", "no session", "session time", "time", "mismatch", "negative", "zone"],
)
def test_refused_with_a_reason(changes: dict[str, str | None], reason: str, said: str) -> None:
    """Reason and detail."""
    call = stop(changes)
    assert reason == call.reject_reason
    assert said in (call.reject_detail or "")


@pytest.mark.parametrize("ending", ["Acct-Ses", "Acct-Session-Id", 'Acct-Session-Id = "', "Acct-Session-Time = 4"])
def test_packet_that_was_cut(ending: str) -> None:
    """It ends within an attribute; one that ends behind a whole one only lacks the session (R29)."""
    begin = "rad_recv: Accounting-Request packet\n\tAcct-Status-Type = Stop\n\tNAS-IP-Address = 203.0.113.240\n\t"
    reason = "BAD_FIELD" if ending == "Acct-Session-Time = 4" else "TRUNCATED"
    assert reason == read(begin + ending, RADIUS).reject_reason


@pytest.mark.parametrize("value", ["hello\nworld", "A = 1", "Acct-Status-Type: Stop"])
def test_text_that_is_no_packet(value: str) -> None:
    """Without an Acct-Status-Type there is no accounting request."""
    assert "UNKNOWN_LAYOUT" == read(value, RADIUS).reject_reason


STAMPS = st.sampled_from([
    '"18:55:41.000 GMT+4 Tue Feb 11 2014"', '"18:56:22.000 GMT+4 Tue Feb 11 2014"',
    '"14:55:42.000 UTC Tue Feb 11 2014"',
    '"*14:55:42.000 UTC Feb 11 2014"', '"15:54:56.868 PST DEC 18 2017"', '"01:30:00.000 NOV 03 2013"', '"0"', '""', "x",
])  # fmt: skip
CHANGES = {
    **dict.fromkeys(("h323-setup-time", "h323-connect-time", "h323-disconnect-time"), STAMPS),
    **dict.fromkeys(("Acct-Session-Time", "Acme-Disconnect-Cause", "Acme-SIP-Status", "h323-disconnect-cause"),
                    st.sampled_from(["0", "40", '"10"', "1F", "486", "x", '""', "-1", "99999999999"])),
    **dict.fromkeys(("Calling-Station-Id", "Called-Station-Id", "Acme-P-Asserted-ID"),
                    st.sampled_from(['"1001"', '"<sip:+12025550101@h;user=phone>;tag=1"', '""', "anonymous",
                                     "a\u00e9", "4" * 41])),
    **dict.fromkeys(("Acct-Session-Id", "h323-conf-id", "NAS-IP-Address", "User-Name", "h323-remote-id",
                     "Acme-Session-Ingress-CallId", "Acme-Originating-Trunk-Group"),
                    st.sampled_from(['"a"', '""', "b c", '"TG-CUST7"'])),
    "Acct-Status-Type": st.sampled_from(["Start", "Stop", "Interim-Update", "Accounting-On", "X"]),
    "Cisco-AVPair": st.sampled_from(['"xpgk-src-number-in=1002"', '"h323-conf-id=z"', '"session-time=7"', '"x"']),
}  # fmt: skip
PACKETS = damaged(
    st.builds(
        lambda base, changes, end: written({**base, **changes}).replace("\n", end).encode("utf-8"),
        st.sampled_from([STOP, START, INTERIM, ACME]),
        st.fixed_dictionaries({}, optional=CHANGES),
        st.sampled_from(["\n", "\r\n", "\n\t\t", "\u2028\n", "\x0b"]),
    )
)
SOURCES = st.sampled_from([
    RADIUS, a_source("radius_text", "America/Los_Angeles", node="n", customer_group="^TG-CUST(.*)$"),
    a_source("radius_text", "America/New_York", direction="INBOUND", trust_asserted_identity=False),
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PACKETS, max_size=5), SOURCES)
def test_columns_agree_with_the_specification(values: list[bytes], source: Source) -> None:
    """Whatever the packets hold, both readers give the same rows."""
    assert_twins_agree(values, source)


@pytest.mark.parametrize("attributes", [STOP, START, INTERIM])
def test_plain_packets_take_the_fast_way(attributes: dict[str, str]) -> None:
    """The guard: packets of a call are read in columns."""
    mediated = mediate_counting(a_batch([written(attributes).encode()]), RADIUS, late_days=99_999)
    assert (1, 1) == (mediated.cdrs.num_rows, mediated.in_columns)


def test_both_legs_of_a_gateway() -> None:
    """Cisco writes an answering and an originating leg with one conference id: one call, one billed leg (R30)."""
    legs = [
        written({**STOP, "Acct-Session-Id": f'"{name}"', "h323-call-origin": f'"{name}"'})
        for name in ("answer", "originate")
    ]
    for direction, billed in (("OUTBOUND", "answer"), (None, "answer"), ("INBOUND", "originate")):
        options: dict[str, Any] = {"direction": direction} if direction else {}
        found = assembled(legs, a_source("radius_text", **options))
        assert (1, [billed]) == (found.calls, [leg.leg_id for leg in found.legs if leg.is_billed_leg])


def test_stop_without_a_disconnect_time() -> None:
    """Connect and 40 s of session are all there is: the printed length bills, with LOW_RES (R3)."""
    call = stop({"h323-disconnect-time": None})
    assert (40_000, ("LOW_RES",), at("2014-02-11T14:56:22Z")) == (call.measured_ms, call.flags, call.released_at)


def test_usual_packets_are_read_from_their_bytes() -> None:
    """The guard: packets of a gateway and of an Oracle SBC, but for accents, need no look at each of them."""
    plain = {name: text for name, text in STOP.items() if name != "Event-Timestamp"}
    values = [written(packet).encode() for packet in (plain, ACME, {**ACME, "Acct-Status-Type": "Start"}) * 3]
    found = read_attributes(values, Names(["Acct-Session-Id"]))
    assert found.readable.all()
