"""The native event, version 1: one JSON object for each leg, with the field names of the canonical CDR.

It is what an SBC layer of one's own should publish. Times are ISO 8601 with a zone, durations whole milliseconds,
numbers E.164 with a plus, unknown is null or left out. A key that is not listed here makes the event unreadable, so
that a misspelt name is found at once.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from pipeline.mediation.draft import Draft, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.json_records import decode_json
from schemas.cdr import Direction, RecordType
from schemas.outcomes import Flag, RejectClass, RejectReason

Text = Annotated[str, msgspec.Meta(min_length=1)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
LargeCount = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Milliseconds = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class NativeEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One leg as its SBC reports it.

    Required: node, leg, type, start and both parties. A STOP also needs its release time and one cause.
    """

    source_node: Text
    leg_id: Text
    """Unique on its node; the native key."""
    record_type: RecordType
    started_at: Instant
    calling_raw: Text | None
    called_raw: Text | None
    record_seq: LargeCount | None = None
    call_group_id: Text | None = None
    """Joins the legs of one call; the ingress Call-ID where it is left out."""
    parent_leg_id: Text | None = None
    is_billed_leg: bool = True
    route_attempt: Count | None = None
    is_final_attempt: bool | None = None
    ingress_call_id: Text | None = None
    egress_call_id: Text | None = None
    pai_raw: Text | None = None
    diversion_raw: Text | None = None
    display_name: Text | None = None
    direction: Direction | None = None
    claimed_trunk_id: Text | None = None
    user_name: Text | None = None
    provider_id: Text | None = None
    source_ip: Text | None = None
    ingress_trunk_group: Text | None = None
    egress_trunk_group: Text | None = None
    carrier_id: Text | None = None
    route_id: Text | None = None
    route_entry_index: Count | None = None
    route_entry_type: Text | None = None
    alerted_at: Instant | None = None
    answered_at: Instant | None = None
    released_at: Instant | None = None
    clock_ok: bool | None = None
    reported_ms: Milliseconds | None = None
    """The duration as the SBC counted it, from the answer."""
    ring_ms: LargeCount | None = None
    pdd_ms: LargeCount | None = None
    hold_ms: LargeCount | None = None
    sip_status: Annotated[int, msgspec.Meta(ge=100, le=699)] | None = None
    q850: Annotated[int, msgspec.Meta(ge=1, le=127)] | None = None
    native_cause: Text | None = None
    release_party: Literal["caller", "callee", "platform", "unknown"] | None = None
    reject_class: RejectClass | None = None
    codec_in: Text | None = None
    codec_out: Text | None = None
    dtmf: Text | None = None
    fax: Literal["none", "inband", "t38"] | None = None
    t38_pages: Count | None = None
    transport: Literal["udp", "tcp", "tls"] | None = None
    srtp: bool | None = None
    mos_x100: Annotated[int, msgspec.Meta(ge=0, le=500)] | None = None
    r_factor: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    loss_pct_x100: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None
    jitter_ms: Count | None = None
    rtt_ms: Count | None = None
    packets_in: LargeCount | None = None
    packets_out: LargeCount | None = None
    part_no: Count | None = None


DECODER = msgspec.json.Decoder(NativeEvent)
_TIMES = ("started_at", "alerted_at", "answered_at", "released_at")


def parse(value: bytes, feed: Feed[FeedOptions]) -> Sequence[Draft]:  # noqa: ARG001 - every format has this signature
    """Read one event."""
    event, notes = decode_json(DECODER, value)
    _check(event)
    if event.clock_ok is False:
        notes.warn(Flag.CLOCK_UNSYNC)
    fields = {name: field for name in event.__struct_fields__ if (field := getattr(event, name)) is not None}
    fields.pop("call_group_id", None)
    fields |= {name: _utc(name, fields[name]) for name in _TIMES if name in fields}
    fields |= {"tz_source": "explicit", "duration_basis": "answer"}
    return [Draft(native_key(event), event.call_group_id or event.ingress_call_id, fields, notes)]


def native_key(event: NativeEvent) -> tuple[str, ...]:
    """The leg; parts of one leg and attempts of one call are told apart by their numbers."""
    if event.record_type is RecordType.STOP:
        return (event.leg_id,)
    return (event.leg_id, _text(event.record_seq), _text(event.part_no), _text(event.route_attempt))


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _check(event: NativeEvent) -> None:
    if event.record_type is not RecordType.STOP:
        return
    if event.released_at is None:
        raise Unreadable(RejectReason.BAD_FIELD, "The event is a STOP without released_at, expected its release time.")
    if event.sip_status is None and event.q850 is None and event.native_cause is None:
        detail = "The event is a STOP without a cause, expected sip_status, q850 or native_cause."
        raise Unreadable(RejectReason.BAD_FIELD, detail)


def _utc(name: str, instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise bad_field(name, str(instant), "an instant of the years 1 to 9999") from None


FORMAT = Format(
    name="native_json",
    about="native event v1, what an SBC layer of one's own publishes",
    tells="everything the canonical CDR knows; times to the microsecond",
    parse=parse,
)
