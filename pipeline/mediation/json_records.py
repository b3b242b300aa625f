"""Records that are one JSON object, read with msgspec: strict about types, and every failure has its reason."""

from typing import TypeVar

import msgspec

from pipeline.mediation.draft import Unreadable, shown
from pipeline.mediation.notes import Notes, readable
from schemas.outcomes import RejectReason

T = TypeVar("T")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode_json(decoder: msgspec.json.Decoder[T], value: bytes) -> tuple[T, Notes]:
    """The object, with the remark ENCODING where its bytes are not UTF-8. Raises Unreadable."""
    try:
        return _decode(decoder, value)
    except RecursionError:
        detail = f"The JSON is nested too deeply to be a CDR. The record begins {shown(value, 40)}."
        raise Unreadable(RejectReason.TOO_LONG, detail) from None


def _decode(decoder: msgspec.json.Decoder[T], value: bytes) -> tuple[T, Notes]:
    try:
        return decoder.decode(value.removeprefix(_BYTE_ORDER_MARK)), Notes()
    except UnicodeDecodeError:
        pass
    except msgspec.MsgspecError as error:
        raise _failure(error, value) from error
    text, notes = readable(value)
    try:
        return decoder.decode(text), notes
    except msgspec.MsgspecError as error:
        raise _failure(error, value) from error


def _failure(error: msgspec.MsgspecError, value: bytes) -> Unreadable:
    text = str(error)
    where = f"{text} The record begins {shown(value, 40)}."
    if "truncated" in text:
        return Unreadable(RejectReason.TRUNCATED, where)
    other_shape = text.startswith(("Object ", "Expected `object`"))
    if other_shape and not text.split(" - at ")[1:]:
        return Unreadable(RejectReason.UNKNOWN_LAYOUT, where)
    return Unreadable(RejectReason.BAD_FIELD, where)
