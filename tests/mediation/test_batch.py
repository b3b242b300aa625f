"""Mediation of batches: every value is accounted for, in order, and finds its partition."""

from datetime import UTC, datetime

import msgspec
import pytest

from pipeline.mediation.batch import mediate, mediate_counting, split_by_call_group
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import UnknownFormat
from pipeline.settings import Source
from schemas.cdr import CDR_SCHEMA, cdrs_from_arrow

RECEIVED = datetime(2026, 10, 1, 13, tzinfo=UTC)
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


def a_batch(*values: bytes) -> RawBatch:
    return RawBatch("cdr.raw.sbc1-0", range(7, 7 + len(values)), values, [RECEIVED] * len(values))


def test_every_value_is_a_row_in_order() -> None:
    """A readable record, a broken one and a readable one give three rows with their offsets."""
    cdrs = mediate(a_batch(an_event(leg_id="a"), b"{broken", an_event(leg_id="b")), NATIVE)
    assert CDR_SCHEMA == cdrs.schema
    assert [7, 8, 9] == cdrs.column("offset").to_pylist()
    assert [None, "BAD_FIELD", None] == cdrs.column("reject_reason").to_pylist()


def test_measured_time_is_release_minus_answer() -> None:
    """12:00:05 to 12:01:06 are 61 seconds."""
    (cdr,) = cdrs_from_arrow(mediate(a_batch(an_event()), NATIVE))
    assert 61_000 == cdr.measured_ms
    assert ("+12025550143", "+442079460321", "allowed") == (cdr.calling, cdr.called, cdr.presentation)


def test_mediation_is_a_function_of_the_bytes() -> None:
    """The same bytes give the same batch, however they are cut into batches."""
    values = [an_event(leg_id=str(number)) for number in range(5)]
    whole = mediate(a_batch(*values), NATIVE)
    assert whole == mediate(a_batch(*values), NATIVE)
    again = mediate(RawBatch("cdr.raw.sbc1-0", [9], values[2:3], [RECEIVED]), NATIVE)
    assert whole.slice(2, 1) == again


def test_headers_are_counted_and_give_no_row() -> None:
    """A line of column names in a CSV is no CDR: it is counted as skipped."""
    header = b"calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,uniqueid"
    mediated = mediate_counting(a_batch(header), Source(name="pbx", format="asterisk_csv"))
    assert (0, 1) == (mediated.cdrs.num_rows, mediated.skipped)


def test_empty_batch() -> None:
    """No values are no rows."""
    assert 0 == mediate(a_batch(), NATIVE).num_rows


def test_unknown_format_lists_the_known_ones() -> None:
    """A wrong format in the settings is broken configuration; the message names what there is."""
    with pytest.raises(UnknownFormat, match="native_json"):
        mediate(a_batch(), Source(name="x", format="nativejson"))


def test_records_of_a_call_share_a_partition() -> None:
    """Legs with one Call-ID go to one of four partitions, whatever their node, and no row is lost."""
    values = [an_event(leg_id=f"{call}-{leg}", source_node=f"n{leg}", ingress_call_id=f"call-{call}")
              for call in range(20) for leg in range(3)]  # fmt: skip
    parts = split_by_call_group(mediate(a_batch(*values), NATIVE), 4)
    assert 4 == len(parts)
    assert 60 == sum(part.num_rows for part in parts)
    groups = [set(part.column("call_group_id").to_pylist()) for part in parts]
    assert 20 == len(set.union(*groups)) == sum(map(len, groups))


def test_partition_of_a_call_group_is_fixed() -> None:
    """The partition is CRC-32 of the call group modulo their number: 0x352441c2 ("abc") is 2 modulo 4."""
    cdrs = mediate(a_batch(an_event(call_group_id="abc")), NATIVE)
    assert [0, 0, 1, 0] == [part.num_rows for part in split_by_call_group(cdrs, 4)]


def test_arrival_rules() -> None:
    """Six minutes ahead of its receipt is FUTURE, 93 days old is TOO_OLD; the row keeps its bytes."""
    ahead = {"released_at": "2026-10-01T13:06:00Z"}
    old = {name: f"2026-06-30T12:00:0{at}Z" for at, name in enumerate(("started_at", "answered_at", "released_at"))}
    cdrs = cdrs_from_arrow(mediate(a_batch(an_event(**ahead), an_event(**old)), NATIVE))
    assert ["FUTURE", "TOO_OLD"] == [cdr.reject_reason for cdr in cdrs]
    assert an_event(**ahead) == cdrs[0].raw
