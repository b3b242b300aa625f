"""The native event: what it needs, why it is refused, and its reader in columns."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.batch import mediate, mediate_counting
from pipeline.mediation.feed import FeedOptions, feed_of
from pipeline.mediation.formats.native_columns import read_columns
from pipeline.mediation.formats.native_json import NativeEvent
from pipeline.settings import Source
from schemas.cdr import CDR, CDR_SCHEMA, cdrs_from_arrow
from schemas.reference import DialPlan
from tests.mediation.twins import a_batch, assert_twins_agree, changed, damaged

NATIVE = Source(name="sbc1", format="native_json")
EVENT = {
    "source_node": "sbc1-a",
    "leg_id": "leg-1",
    "record_type": "STOP",
    "started_at": "2026-10-01T12:00:00.000Z",
    "answered_at": "2026-10-01T12:00:05.000Z",
    "released_at": "2026-10-01T12:01:06.000Z",
    "calling_raw": "+12025550143",
    "called_raw": "+442079460321",
    "ingress_call_id": "abc@198.51.100.23",
    "sip_status": 200,
}


def an_event(**changes: object) -> bytes:
    return msgspec.json.encode(EVENT | changes)


def read(value: bytes) -> CDR:
    (cdr,) = cdrs_from_arrow(mediate(a_batch([value]), NATIVE))
    return cdr


def test_every_field_is_one_of_the_canonical_cdr() -> None:
    """The event has no field of its own, so a name means the same in the event and in the ledger."""
    assert set(NativeEvent.__struct_fields__) <= set(CDR_SCHEMA.names)


def test_times_of_any_offset_become_utc() -> None:
    """14:00 at +02:00 is 12:00 UTC."""
    assert datetime(2026, 10, 1, 12, tzinfo=UTC) == read(an_event(started_at="2026-10-01T14:00:00+02:00")).started_at


def test_unknown_call_is_the_leg_itself() -> None:
    """Without a Call-ID and without a call group the leg is its own call."""
    assert "leg-1" == read(an_event(ingress_call_id=None)).call_group_id
    assert "abc@198.51.100.23" == read(an_event()).call_group_id
    assert "g7" == read(an_event(call_group_id="g7")).call_group_id


def test_parts_of_a_leg_have_their_own_ids() -> None:
    """START, two INTERIMs and STOP of one leg are four records; the same INTERIM twice is one."""
    parts = [
        an_event(record_type="START"),
        an_event(record_type="INTERIM", part_no=1),
        an_event(record_type="INTERIM", part_no=2),
        an_event(record_type="INTERIM", part_no=2),
        an_event(),
    ]
    ids = [read(part).cdr_id for part in parts]
    assert 4 == len(set(ids))
    assert ids[2] == ids[3]


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (b'{"leg_id": "a"}', "UNKNOWN_LAYOUT", "source_node"),
        (b'["a"]', "UNKNOWN_LAYOUT", "object"),
        (an_event(anwsered_at="2026-10-01T12:00:05Z"), "UNKNOWN_LAYOUT", "anwsered_at"),
        (an_event()[:-20], "TRUNCATED", "truncated"),
        (b"\x00\x01\x02", "BAD_FIELD", "malformed"),
        (an_event(q850="16"), "BAD_FIELD", "q850"),
        (an_event(leg_id=""), "BAD_FIELD", "leg_id"),
        (an_event(started_at="2026-10-01T12:00:00"), "BAD_FIELD", "timezone"),
        (an_event(started_at="0001-01-01T00:00:00+14:00"), "BAD_FIELD", "years 1 to 9999"),
        (an_event(released_at=None), "BAD_FIELD", "released_at"),
        (an_event(sip_status=None), "BAD_FIELD", "cause"),
        (an_event(display_name="x" * 70_000), "TOO_LONG", "65536"),
        (b"", "TRUNCATED", "empty"),
    ],
)  # fmt: skip
def test_refused_with_a_reason(value: bytes, reason: str, said: str) -> None:
    """What does not follow the definition is a row that says why and keeps its bytes."""
    cdr = read(value)
    assert (reason, value) == (cdr.reject_reason, cdr.raw)
    assert said in (cdr.reject_detail or "")


def test_latin_1_is_read_and_flagged() -> None:
    """A name in Latin-1 is read, with the flag ENCODING."""
    cdr = read(an_event(display_name="Jos\u00e9").decode().encode("latin-1"))
    assert ("Jos\u00e9", ("ENCODING",)) == (cdr.display_name, cdr.flags)


def test_feed_is_read_in_columns() -> None:
    """Plain events take the fast way, also those with a rare field; an odd one takes the other."""
    events = [an_event(leg_id=str(number)) for number in range(10)]
    rare = [an_event(hold_ms=5), an_event(display_name="J\u00f6rg"), json.dumps(EVENT).encode()]
    mediated = mediate_counting(a_batch([*events, *rare, an_event(calling_raw="alice")]), NATIVE)
    assert 13 == mediated.in_columns


@pytest.mark.parametrize(
    ("changes", "is_billed"),
    [
        ({"called_raw": "411"}, True),
        ({"called_raw": "101"}, False),
        ({"called_raw": "*60"}, False),
        ({"called_raw": "*60", "egress_trunk_group": "carrier"}, True),
        ({"called_raw": "101", "egress_trunk_group": "101"}, False),
        ({"called_raw": "101", "egress_trunk_group": "carrier"}, True),
        ({"called_raw": "101", "egress_call_id": "c-1"}, True),
        ({"called_raw": "101", "direction": "INBOUND"}, True),
    ],
)
def test_short_numbers_are_read_in_columns(changes: dict[str, object], is_billed: bool) -> None:
    """411 is a service of the network, 101 and *60 of the PBX, no calls to the PSTN unless a carrier carried them."""
    source = NATIVE.model_copy(update={"dial_plan": DialPlan(default_country="US")})
    mediated = mediate_counting(a_batch([an_event(), an_event(leg_id="leg-2", **changes)]), source)
    assert 2 == mediated.in_columns
    assert [True, is_billed] == mediated.cdrs.column("is_billed_leg").to_pylist()


def test_feed_is_read_from_its_bytes() -> None:
    """Nothing is decoded of events whose fields have the usual forms, however many of them there are."""
    kinds: list[dict[str, object]] = [
        {},
        {"record_type": "START"},
        {"srtp": True, "part_no": 3},
        {"released_at": "2026-10-01T12:01:06.123456Z"},
    ]
    values = [an_event(**kind) for kind in kinds]
    groups = list(read_columns(values, feed_of(NATIVE, FeedOptions)))
    assert [(4, 4)] == [(len(at), int(drafts.readable.sum())) for at, drafts in groups]


TIMES = st.sampled_from([
    "2026-10-01T12:00:05.000Z", "2026-10-01T12:00:05.123456Z", "2026-10-01T12:00:05Z", "2026-10-01T14:00:05.000+02:00",
    "2026-10-01T13:05:00.000Z", "2026-10-01T13:05:00.001Z", "2026-07-01T13:00:00.000Z", "2026-07-01T12:59:59.999Z",
    "2026-02-30T00:00:00.000Z", "2026-10-01 12:00:05.000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999999Z",
    "2026-10-01T12:01:05.500Z", "2026-09-29T12:00:05.000Z", None, 5, "",
])  # fmt: skip
NUMBERS = st.sampled_from([
    "+12025550143", "12025550143", "2025550143", "00442079460018", "911", "101", "0000000000",
    "anonymous", "+266696687", "", None, "1" * 41, "+44 (0)20 7946 0123",
    "\"Jo\" <sip:+12025550101@h;user=phone>", "sip:+12025550101;rn=+12025559999;npdi@h", "*60", "alice", "9991#4420",
    "+1202555014\u0663", "<tel:+12025550101>", 12025550143,
])  # fmt: skip
INTEGERS = st.sampled_from(
    [None, 0, 1, 16, 34, 61_000, 62_001, 70_000, -1, 100, 200, 404, 487, 503, 699, 700, 2**40, "1", 1.5]
)
CHANGES = {
    **dict.fromkeys(("started_at", "alerted_at", "answered_at", "released_at"), TIMES),
    **dict.fromkeys(("calling_raw", "called_raw", "pai_raw", "diversion_raw"), NUMBERS),
    **dict.fromkeys(
        ("reported_ms", "sip_status", "q850", "record_seq", "part_no", "route_attempt", "ring_ms", "packets_in"),
        INTEGERS,
    ),
    **dict.fromkeys(
        ("leg_id", "call_group_id", "ingress_call_id", "display_name", "native_cause"), st.text(max_size=4)
    ),
    "record_type": st.sampled_from(["START", "INTERIM", "STOP", "ATTEMPT", "END", "MEDIA", "EVENT"]),
    "egress_trunk_group": st.sampled_from(["101", "carrier", None]),
    "egress_call_id": st.sampled_from(["c-1", None]),
    "direction": st.sampled_from(["OUTBOUND", "INBOUND", "FORWARD", "out", None]),
    "reject_class": st.sampled_from(["CAPACITY", "AUTH", None, "x"]),
    "release_party": st.sampled_from(["caller", "nobody", None]),
    **dict.fromkeys(("clock_ok", "srtp", "is_billed_leg"), st.sampled_from([True, False, None, 1])),
}
EVENTS = changed(EVENT, CHANGES)
ENCODED = st.one_of(
    EVENTS.map(msgspec.json.encode),
    EVENTS.map(msgspec.json.encode),
    EVENTS.map(lambda event: json.dumps(event).encode()),
)
RESTRUCTURED = st.builds(
    lambda value, at, sign: value[: at % len(value)] + sign + value[at % len(value) + 1 :],
    EVENTS.map(msgspec.json.encode), st.integers(0, 2_000), st.sampled_from([b'"', b":", b",", b"{", b"}", b" ", b""]),
)  # fmt: skip
"""Events with a sign of JSON where another one, or a letter, should stand."""
RECORDS = st.one_of(damaged(ENCODED), RESTRUCTURED)
PLANS: list[dict[str, Any]] = [
    {"default_country": "US", "international_prefixes": ("011",), "accept_bare_e164": True},
    {"default_country": "GB", "international_prefixes": ("00",), "access_digit": "0"},
]
SOURCES = st.sampled_from([
    NATIVE,
    *(NATIVE.model_copy(update={"dial_plan": DialPlan(**plan)}) for plan in PLANS),
    NATIVE.model_copy(update={"options": {"trust_asserted_identity": False}}),
    NATIVE.model_copy(update={"dial_plan": NATIVE.dial_plan.model_copy(update={"tech_prefix": "^9991#"})}),
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(RECORDS, max_size=6), SOURCES)
def test_columns_agree_with_the_specification(values: list[bytes], source: Source) -> None:
    """Whatever the records hold, both readers give the same rows."""
    assert_twins_agree(values, source)
