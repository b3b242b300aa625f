"""Records that are one JSON object: strict about types, and every failure has its reason."""

import msgspec
import pytest

from pipeline.mediation.draft import Unreadable
from pipeline.mediation.json_records import decode_json


class Call(msgspec.Struct):
    id: str
    seconds: int = 0


CALLS = msgspec.json.Decoder(Call)


def test_object_is_read() -> None:
    """Unknown keys are passed over, as an exporter adds them without asking."""
    call, notes = decode_json(CALLS, b'{"id": "a", "seconds": 5, "new": [1, {}]}')
    assert (Call("a", 5), []) == (call, notes.flags)


def test_byte_order_mark_is_passed_over() -> None:
    """A mark that an editor put in front is no content."""
    assert Call("a") == decode_json(CALLS, b'\xef\xbb\xbf{"id": "a"}')[0]


def test_latin_1_is_read_and_flagged() -> None:
    """A name in Latin-1 makes the bytes no UTF-8; they are read as Windows-1252 (R52)."""
    call, notes = decode_json(CALLS, b'{"id": "Jos\xe9"}')
    assert (Call("Jos\u00e9"), ["ENCODING"]) == (call, notes.flags)


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (b'{"id": "a"', "TRUNCATED", "truncated"),
        (b'{"id": "a', "TRUNCATED", "truncated"),
        (b"", "TRUNCATED", "truncated"),
        (b'["id"]', "UNKNOWN_LAYOUT", "Expected `object`"),
        (b"17", "UNKNOWN_LAYOUT", "Expected `object`"),
        (b"null", "UNKNOWN_LAYOUT", "Expected `object`"),
        (b'{"name": "a"}', "UNKNOWN_LAYOUT", "missing required field `id`"),
        (b'{"id": 5}', "BAD_FIELD", "$.id"),
        (b'{"id": "a", "seconds": "5"}', "BAD_FIELD", "$.seconds"),
        (b'{"id": "a", "seconds": 5.5}', "BAD_FIELD", "$.seconds"),
        (b"\x00\x01\x02", "BAD_FIELD", "malformed"),
        (b'{"id": "a"} trailing', "BAD_FIELD", "malformed"),
        (b'{"id": NaN}', "BAD_FIELD", "malformed"),
        (b'{"id": "a", "seconds": "\xe9"}', "BAD_FIELD", "$.seconds"),
        (b'{"id": "\x00"}', "BAD_FIELD", "malformed"),
    ],
)
def test_failures_have_reasons(value: bytes, reason: str, said: str) -> None:
    """Cut off, another shape, a number as text, garbage: the detail says what and where."""
    with pytest.raises(Unreadable) as caught:
        decode_json(CALLS, value)
    assert reason == caught.value.failure.reason
    assert said.lower() in caught.value.failure.detail.lower()
    assert "The record begins" in caught.value.failure.detail


def test_hostile_depth_is_refused() -> None:
    """20,000 nested arrays in a key that nobody reads do not exhaust the stack."""
    value = b'{"id": "a", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    with pytest.raises(Unreadable) as caught:
        decode_json(CALLS, value)
    assert "TOO_LONG" == caught.value.failure.reason
    assert len(caught.value.failure.detail) < 200
