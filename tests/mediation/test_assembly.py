"""A whole feed in memory: duplicates, conflicts, joined calls, attempts, media, and the balance of R56."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.assembly import Assembled, attempts, is_same_leg
from schemas.cdr import RecordType
from tests.mediation.feeds import RECEIVED, a_source, assembled, at, read_all

NATIVE = a_source("native_json")
OTHERS = {"skipped", "gaps"}
"""What is no list of records."""
CALL: dict[str, Any] = {
    "source_node": "sbc1-a", "leg_id": "leg-1", "record_type": "STOP", "started_at": "2026-10-01T12:00:00.000Z",
    "answered_at": "2026-10-01T12:00:05.000Z", "released_at": "2026-10-01T12:01:06.000Z",
    "calling_raw": "+12025550143", "called_raw": "+442079460321", "ingress_call_id": "abc@198.51.100.23",
    "sip_status": 200,
}  # fmt: skip


def event(**changes: object) -> bytes:
    return msgspec.json.encode({name: value for name, value in (CALL | changes).items() if value is not None})


def start(**changes: object) -> bytes:
    return event(**{"record_type": "START", "released_at": None, **changes})


def lengths(found: Assembled) -> dict[str, int]:
    """Counts of the lists that are not empty."""
    return {name: len(records) for name, records in found._asdict().items() if name not in OTHERS and records}


def test_the_same_record_twice_is_a_duplicate() -> None:
    """Exact bytes, same key: the first stays, the second is counted (R10)."""
    assert {"legs": 1, "duplicates": 1} == lengths(assembled([event(), event()], NATIVE))


def test_the_same_key_with_other_content_is_a_conflict() -> None:
    """The later one is stopped, the first stays, an operator decides (R11)."""
    found = assembled([event(), event(sip_status=486)], NATIVE)
    assert {"legs": 1, "suspended": 1} == lengths(found)
    assert (200, "KEY_CONFLICT") == (found.legs[0].sip_status, found.suspended[0].reject_reason)


def test_a_conflict_that_comes_again_is_a_duplicate() -> None:
    """Loading the file twice stops it once; a third content is another conflict (R11, R14)."""
    first, other, third = event(), event(sip_status=486), event(sip_status=487)
    found = assembled([first, other, first, other, third], NATIVE)
    assert {"legs": 1, "suspended": 2, "duplicates": 2} == lengths(found)


def test_two_nodes_report_one_call() -> None:
    """Active and standby SBC write the same leg, setups 1.9 s apart: one leg, one duplicate (R12)."""
    standby = event(source_node="sbc1-b", started_at="2026-10-01T12:00:01.900Z")
    assert {"legs": 1, "duplicates": 1} == lengths(assembled([event(), standby], NATIVE))


@pytest.mark.parametrize(
    "other",
    [
        {"started_at": "2026-10-01T12:00:02.000Z"},
        {"is_billed_leg": False},
        {"direction": "INBOUND"},
        {"route_attempt": 2},
        {"ingress_call_id": "other@198.51.100.23"},
    ],
    ids=["two seconds later", "the other leg", "the other direction", "another attempt", "another call"],
)
def test_what_is_no_duplicate_of_another_node(other: dict[str, object]) -> None:
    """Less than 2 s, the same role, the same direction, the same attempt, the same call: else both count."""
    first = event(direction="OUTBOUND", route_attempt=1)
    second = event(**{"source_node": "sbc1-b", "direction": "OUTBOUND", "route_attempt": 1, **other})
    assert {"legs": 2} == lengths(assembled([first, second], NATIVE))


@pytest.mark.parametrize(("answered", "expected"), [(True, {"legs": 1, "duplicates": 1}), (False, {"legs": 2})])
@pytest.mark.parametrize("numbered_first", [True, False])
def test_attempt_that_one_node_numbers(answered: bool, expected: dict[str, int], numbered_first: bool) -> None:
    """One SBC numbers its attempts, the other does not: one leg, unless one was answered and the other was not."""
    failed = {} if answered else {"answered_at": None, "sip_status": 503}
    both = [event(route_attempt=2, **failed), event(source_node="sbc1-b")]
    assert expected == lengths(assembled(both if numbered_first else both[::-1], NATIVE))


@pytest.mark.parametrize("standby_first", [True, False])
def test_media_figures_come_from_the_node_that_saw_them(standby_first: bool) -> None:
    """The standby SBC writes zeroes: whichever came first is the leg, with the figures of the active one (R12)."""
    both = [event(source_node="standby", packets_in=0, packets_out=0), event(packets_in=3_190, mos_x100=441)]
    found = assembled(both if standby_first else both[::-1], NATIVE)
    (leg,) = found.legs
    assert ("standby" if standby_first else "sbc1-a", 3_190, 441, 1) == (
        leg.source_node, leg.packets_in, leg.mos_x100, len(found.duplicates),
    )  # fmt: skip


def test_one_node_reports_two_legs_of_one_call() -> None:
    """Two legs with names of their own from one node are two legs, however close together."""
    assert {"legs": 2} == lengths(assembled([event(), event(leg_id="leg-2")], NATIVE))


def test_same_leg_is_symmetric_and_needs_a_setup() -> None:
    """Which record came first does not matter; without a setup time nothing is claimed."""
    one, two, other = read_all([event(), event(source_node="sbc1-b"), event(source_node="sbc1-b", leg_id="x")], NATIVE)
    assert is_same_leg(one, two)
    assert is_same_leg(two, one)
    assert not is_same_leg(one._replace(started_at=None), two)
    assert is_same_leg(one, other)


def test_parts_are_merged_into_their_stop() -> None:
    """START, INTERIM, STOP of one leg: one leg, two merged records."""
    values = [start(), start(record_type="INTERIM", part_no=1, reported_ms=30_000), event()]
    for order in permutations(values):
        found = assembled(list(order), NATIVE)
        assert {"legs": 1, "merged": 2} == lengths(found)
        assert (RecordType.STOP, 61_000) == (found.legs[0].record_type, found.legs[0].measured_ms)


def test_open_call_is_pending_until_its_time_is_over() -> None:
    """A START is PENDING, and after 8 h and 10 min a suspended call of its own (R26)."""
    assert {"pending": 1} == lengths(assembled([start()], NATIVE))
    later = RECEIVED + timedelta(hours=9)
    found = assembled([start()], NATIVE, now=later)
    assert {"suspended": 1} == lengths(found)
    assert "NO_STOP" == found.suspended[0].reject_reason


def test_unreadable_records_are_rejected_and_harm_nobody() -> None:
    """Broken JSON between two calls: both calls stand."""
    found = assembled([event(), b"{broken", event(leg_id="leg-2", ingress_call_id="d")], NATIVE)
    assert {"legs": 2, "rejected": 1} == lengths(found)


def test_two_unreadable_records_are_no_duplicates() -> None:
    """The same broken bytes twice are two rejected records: nothing in them can be believed."""
    assert {"rejected": 2} == lengths(assembled([b"{broken", b"{broken"], NATIVE))


def test_stopped_record_is_suspended() -> None:
    """A release before the answer is parsed and kept, and not priced."""
    found = assembled([event(released_at="2026-10-01T12:00:00.000Z")], NATIVE)
    assert {"suspended": 1} == lengths(found)
    assert 1 == found.calls


def test_every_attempt_of_a_channel_is_a_leg() -> None:
    """Three Dial attempts share linkedid and uniqueid; the answered one must not vanish behind the first (R31)."""
    source = a_source(
        "asterisk_csv",
        columns=["calldate", "clid", "src", "dst", "channel", "dstchannel", "duration", "billsec", "disposition",
                 "uniqueid", "linkedid", "sequence"],
    )  # fmt: skip
    call = "2026-10-01 11:48:4{},,1115,12025550100,PJSIP/1115-00000007,PJSIP/{},{},{},1790855321.9,1790855321.9,{}"
    rows = [
        call.format(1, "one-00000008", "0,0", "NO ANSWER", 9),
        call.format(2, "two-00000009", "0,0", "BUSY", 12),
        call.format(2, "three-0000000a", "121,120", "ANSWERED", 14),
    ]
    for order in permutations(rows):
        found = assembled(list(order), source)
        assert ({"legs": 3}, 1) == (lengths(found), found.calls)
        tries = attempts(found.legs)
        assert [0, 0, 120_000] == [leg.measured_ms for leg in tries]
        assert ["one", "two", "three"] == [leg.carrier_id for leg in tries]


def test_attempts_are_numbered_in_their_order() -> None:
    """By attempt number, then sequence, then start; only the last one is final."""
    legs = read_all(
        [event(leg_id="c", route_attempt=3), event(leg_id="a", route_attempt=1), event(leg_id="b", route_attempt=2)],
        NATIVE,
    )
    assert [("a", 1, False), ("b", 2, False), ("c", 3, True)] == [
        (leg.leg_id, leg.route_attempt, leg.is_final_attempt) for leg in attempts(legs)
    ]


def test_leg_that_has_children_is_no_attempt() -> None:
    """The inbound leg of a call route stands above its attempts."""
    legs = read_all(
        [event(leg_id="parent"), event(leg_id="a", parent_leg_id="parent"), event(leg_id="b", parent_leg_id="parent")],
        NATIVE,
    )
    assert ["a", "b"] == [leg.leg_id for leg in attempts(legs)]


CALL_END = ("[S=7] |CALL_END |SBC |leg-a@sbc |d31f02:17:4411 |RMT |203.0.113.9 |5060 |198.51.100.1 |5060 |TLS "
            "|2025550101@h |2025550101@h |2025550102@h |2025550102@h |30 |RMT |GWAPP_NORMAL_CALL_CLEAR "
            "|NORMAL_CALL_CLEAR |10:00:00.000 UTC Thu Oct 01 2026 |10:00:05.000 UTC Thu Oct 01 2026 "
            "|10:00:35.042 UTC Thu Oct 01 2026 |-1 | | |40 |CUST-1 |0 |1 |1 |0 |0 |no |BYE | | | | |1 |")  # fmt: skip
MEDIA_END = ("[S=8] |MEDIA_END |leg-a@sbc |d31f02:17:4411 |1 |audio |g711Alaw64k |20 |10.0.0.1 |6000 |10.0.0.2 |7000 "
             "|1500 |1498 |0 |2 |15 |3 |1 |2 |93 |91 |42 |41 |46 |10.0.0.2 |7000 | | |no |1")  # fmt: skip


def test_media_record_joins_its_leg() -> None:
    """MEDIA_END before or after CALL_END fills MOS 4.2, R-factor 93, jitter 3 ms and never changes the time."""
    for order in permutations([CALL_END, MEDIA_END]):
        found = assembled(list(order), a_source("audiocodes"))
        assert {"legs": 1, "merged": 1} == lengths(found)
        (leg,) = found.legs
        assert (420, 93, 3, 1_500, 30_042) == (
            leg.mos_x100,
            leg.r_factor,
            leg.jitter_ms,
            leg.packets_in,
            leg.measured_ms,
        )


def test_media_record_without_a_leg_waits() -> None:
    """It is PENDING and stays in the balance."""
    assert {"pending": 1} == lengths(assembled([MEDIA_END], a_source("audiocodes")))


EVENTS = st.lists(
    st.one_of(
        st.builds(
            lambda leg, kind, code: event(leg_id=leg, record_type=kind, ingress_call_id=leg[0], sip_status=code),
            st.sampled_from(["a1", "a2", "b1"]), st.sampled_from(["START", "INTERIM", "STOP", "ATTEMPT"]),
            st.sampled_from([200, 486]),
        ),
        st.sampled_from([b"{broken", b"", b"[]"]),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.booleans())
def test_balance(values: list[bytes], is_over: bool) -> None:
    """received = legs + merged + duplicates + rejected + suspended + pending + skipped, exactly (R56)."""
    found = assembled(values, NATIVE, now=at("2030-01-01T00:00:00Z") if is_over else None)
    assert len(values) == found.received
    offsets = sorted(cdr.offset for name, records in found._asdict().items() if name not in OTHERS for cdr in records)
    assert list(range(100, 100 + len(values))) == offsets
    if is_over:
        assert not [cdr for cdr in found.pending if cdr.record_type is not RecordType.MEDIA]


FIVE = [
    start(),
    start(record_type="INTERIM", part_no=1),
    event(),
    event(leg_id="leg-2", ingress_call_id="x"),
    start(leg_id="leg-3", ingress_call_id="y"),
]


@settings(max_examples=100, deadline=None)
@given(st.permutations(FIVE))
def test_order_of_arrival_does_not_matter(values: list[bytes]) -> None:
    """The same records in any order come to the same legs."""
    found = assembled(values, NATIVE)
    legs: set[tuple[str | None, int | None]] = {(leg.leg_id, leg.measured_ms) for leg in found.legs}
    assert {("leg-1", 61_000), ("leg-2", 61_000)} == legs
    assert {"legs": 2, "merged": 2, "pending": 1} == lengths(found)
