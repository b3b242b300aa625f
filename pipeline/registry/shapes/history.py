"""Call and dialog history as JSON. Prices are fields of ours, which the official client ignores."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from pipeline.registry.shapes.base import Shape

CallState = Literal[
    "CALLING", "RINGING", "PRE_ESTABLISHED", "ESTABLISHED", "FINISHED", "FAILED", "CANCELLED", "NO_ANSWER", "BUSY"
]
EndpointType = Literal["PHONE", "SIP", "WEBRTC", "VIBER", "WHATSAPP", "WEBSOCKET"]
Direction = Literal["INBOUND", "OUTBOUND"]
DialogState = Literal["CREATED", "PRE_ESTABLISHED", "ESTABLISHED", "FINISHED", "FAILED", "TRANSFERRING"]
Money = Annotated[Decimal, WithJsonSchema({"type": "number"})]
"""A JSON number with all the digits of the exact value, see `pipeline.registry.api.access.answer_exactly`."""


class Price(Shape):
    """What a second costs, for display: the charge is computed from the rate per minute."""

    price_per_second: Money
    currency: str


class ErrorCode(Shape):
    """How the call ended."""

    id: int
    name: str
    description: str


class CallLog(Shape):
    """One leg of a call. `endpoint` is the caller of an inbound leg and the callee of an outbound one."""

    call_id: str
    endpoint: dict[str, Any]
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    direction: Direction | None = None
    state: CallState
    start_time: str | None = None
    answer_time: str | None = None
    end_time: str | None = None
    parent_call_id: str | None = None
    ring_duration: int | None = None
    duration: int
    has_camera_video: bool = False
    has_screenshare_video: bool = False
    error_code: ErrorCode
    dialog_id: str
    hangup_source: Literal["ENDPOINT", "API", "PLATFORM"] | None = None
    sip_trunk_id: str | None = None
    charged_duration: int
    price: Price | None = None
    charge: Money
    charge_kind: str | None = None
    destination: str | None = None


class DialogLog(Shape):
    """An inbound leg and one outbound leg that it led to."""

    dialog_id: str
    state: DialogState
    start_time: str | None = None
    establish_time: str | None = None
    end_time: str | None = None
    parent_call_id: str
    child_call_id: str
    duration: int
    error_code: ErrorCode
    hangup_source: Literal["API", "PARENT_ENDPOINT", "CHILD_ENDPOINT", "PLATFORM"] | None = None


class ConferenceLog(Shape):
    """There are no conferences in this product; the shape is that of the client."""

    conference_id: str
