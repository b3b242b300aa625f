"""Messages of cdr.leg: what goes in comes out, and anything else is refused."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipeline.mediation.restarts import Restart
from pipeline.stream.messages import BadLegMessage, LegMessage, row_count
from schemas.cdr import CDR, CDR_SCHEMA, cdrs_to_arrow


def a_cdr(offset: int) -> CDR:
    return CDR(
        source="sbc1",
        source_format="native",
        partition="cdr.raw.sbc1-0",
        offset=offset,
        received_at=datetime(2026, 10, 1, 12, tzinfo=UTC),
        raw_sha256=bytes(32),
        cdr_id=f"cdr-{offset}",
        call_group_id=f"call-{offset}",
        flags=("NO_MEDIA",),
    )


def test_round_trip():
    """A message that was encoded is read back equal."""
    message = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow(a_cdr(offset) for offset in (7, 8, 9)))
    assert message == LegMessage.decode(*message.encode())


def test_an_empty_message_carries_its_range():
    """A raw batch without a call for this partition still says which offsets it covers."""
    message = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow([]))
    read = LegMessage.decode(*message.encode())
    assert ("cdr.raw.sbc1-0", 7, 9, 0) == (read.raw_partition, read.first, read.upto, read.cdrs.num_rows)


def test_headers_are_text():
    """The headers can be read with any Kafka tool."""
    headers, _ = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow([])).encode()
    assert [("raw-partition", b"cdr.raw.sbc1-0"), ("first", b"7"), ("upto", b"9"), ("rows", b"0")] == headers


def test_rows_are_known_before_decoding():
    """How many CDRs wait can be counted by the headers; a message of another writer counts as none."""
    headers, _ = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow(a_cdr(offset) for offset in (7, 8, 9))).encode()
    assert (3, 0, 0) == (row_count(headers), row_count([]), row_count([("rows", b"many")]))


def test_a_message_without_headers_is_refused():
    """Something else wrote to the topic; the message says what was expected."""
    _, value = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow([])).encode()
    with pytest.raises(BadLegMessage, match="Expected the headers raw-partition, first, upto"):
        LegMessage.decode([], value)


def test_a_value_that_is_no_arrow_is_refused():
    """JSON on cdr.leg is broken machinery, not bad input."""
    headers, _ = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow([])).encode()
    with pytest.raises(BadLegMessage, match="cannot be read"):
        LegMessage.decode(headers, b'{"cdr_id": "1"}')


OTHER_VERSIONS = [
    cdrs_to_arrow([]).drop_columns(["flags"]),
    cdrs_to_arrow([]).append_column("surcharge", pa.array([], pa.int64())),
    cdrs_to_arrow([]).set_column(3, "offset", pa.array([], pa.int32())),
]


@pytest.mark.parametrize("other", OTHER_VERSIONS, ids=["one is missing", "one is new", "one has another type"])
def test_columns_of_another_version_are_refused(other):
    """A worker of another version is still running: its batches are not guessed at."""
    headers, _ = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow([])).encode()
    with pytest.raises(BadLegMessage, match="other version"):
        LegMessage.decode(headers, _stream_of(other))


def test_columns_that_hold_nothing_are_not_sent():
    """A column with one value is sent whole, the required ones always; what was left out is null again."""
    message = LegMessage("cdr.raw.sbc1-0", 7, 8, cdrs_to_arrow([a_cdr(7), a_cdr(8)._replace(codec_in="PCMA")]))
    headers, value = message.encode()
    sent = pa.ipc.open_stream(value).schema.names
    assert ("codec_in" in sent, "codec_out" in sent, "flags" in sent) == (True, False, True)
    read = LegMessage.decode(headers, value)
    assert (message, CDR_SCHEMA) == (read, read.cdrs.schema)


def _stream_of(batch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue().to_pybytes()


def test_restarts_travel_with_the_batch():
    """A header of their own, only where there is one; it is the same in every partition."""
    restart = Restart("sbc1", "10.0.3.129", "cdr.raw.sbc1-0", 8, datetime(2026, 10, 1, 12, 0, 0, 5, tzinfo=UTC))
    message = LegMessage("cdr.raw.sbc1-0", 7, 9, cdrs_to_arrow([]), (restart,))
    headers, value = message.encode()
    assert "restarts" == headers[-1][0]
    assert (restart,) == LegMessage.decode(headers, value).restarts
    with pytest.raises(BadLegMessage, match="cannot be read"):
        LegMessage.decode([*headers[:-1], ("restarts", b"now")], value)
