"""Call routes and their simulator as JSON: which calls a route takes, and where it sends them."""

from typing import Annotated, Literal

from pydantic import Field

from pipeline.registry.rules.text import PrintableText, RequiredText, ShortText
from pipeline.registry.shapes.base import Shape

DESTINATIONS_MAX = 10

Pattern = Annotated[PrintableText, Field(min_length=1, max_length=255)]
"""A text, or a regular expression for the whole of it."""
Value = Annotated[PrintableText, Field(max_length=255)]
Number = Annotated[PrintableText, Field(min_length=1, max_length=64)]
Url = Annotated[RequiredText, Field(pattern=r"^https?://[^\s]+$", max_length=2048)]
CustomData = Annotated[dict[ShortText, Value], Field(max_length=50)]
Rank = Annotated[int, Field(ge=1, le=100)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
Day = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
ALL_DAYS: tuple[Day, ...] = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


class SipHeader(Shape):
    """A header of the INVITE; without a value it only has to be there."""

    header_name: Annotated[ShortText, Field(pattern=r"^X-[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
    header_value: Pattern | None = None


class DataEntry(Shape):
    """An entry of the custom data of a WebRTC call."""

    key: ShortText
    value: Pattern | None = None


class PhoneCriteria(Shape):
    """A call from the telephone network."""

    type: Literal["PHONE"]
    from_: Annotated[Pattern | None, Field(alias="from")] = None


class SipCriteria(Shape):
    """A call from a SIP trunk; all that is given must match."""

    type: Literal["SIP"]
    sip_trunk_id: ShortText | None = None
    username: Pattern | None = None
    headers: Annotated[list[SipHeader] | None, Field(max_length=20)] = None


class WebRtcCriteria(Shape):
    """A call from a browser."""

    type: Literal["WEBRTC"]
    identity: Pattern | None = None
    custom_data: Annotated[list[DataEntry] | None, Field(max_length=20)] = None


class ApplicationCriteria(Shape):
    """A call of an application."""

    type: Literal["APPLICATION"]
    calls_configuration_id: ShortText | None = None


class Criterion(Shape):
    """Both parts must match."""

    to: Pattern | None = None
    value: Annotated[
        PhoneCriteria | SipCriteria | WebRtcCriteria | ApplicationCriteria | None, Field(discriminator="type")
    ] = None


class Ringback(Shape):
    """Whether the caller hears a ring tone of ours."""

    enabled: bool


class PhoneEndpoint(Shape):
    """A telephone number; both numbers default to those of the inbound call."""

    type: Literal["PHONE"]
    from_: Annotated[Number | None, Field(alias="from")] = None
    phone_number: Number | None = None
    ringback_generation: Ringback | None = None


class SipEndpoint(Shape):
    """A SIP trunk of the same account."""

    type: Literal["SIP"]
    sip_trunk_id: ShortText
    from_: Annotated[Number | None, Field(alias="from")] = None
    username: ShortText | None = None
    custom_headers: (
        Annotated[dict[Annotated[ShortText, Field(pattern=r"^X-[!#$%&'*+.^_`|~0-9A-Za-z-]+$")], Value],
                  Field(max_length=20)] | None
    ) = None  # fmt: skip


class WebRtcEndpoint(Shape):
    """A browser."""

    type: Literal["WEBRTC"]
    identity: ShortText


class ViberEndpoint(Shape):
    """A Viber user."""

    type: Literal["VIBER"]
    from_: Annotated[Number | None, Field(alias="from")] = None
    phone_number: Number | None = None


class WebSocketEndpoint(Shape):
    """A media stream to a server."""

    type: Literal["WEBSOCKET"]
    websocket_endpoint_config_id: ShortText
    identifier: ShortText | None = None
    custom_data: CustomData | None = None


Endpoint = Annotated[
    PhoneEndpoint | SipEndpoint | WebRtcEndpoint | ViberEndpoint | WebSocketEndpoint, Field(discriminator="type")
]


class TimeOfDay(Shape):
    """A time in UTC."""

    hour: Annotated[int, Field(ge=0, le=23)]
    minute: Annotated[int, Field(ge=0, le=59)]


class TimeWindow(Shape):
    """When a destination may be tried; always answered with its days written out."""

    days: Annotated[list[Day], Field(min_length=1, max_length=7)] = Field(default_factory=lambda: list(ALL_DAYS))
    from_: Annotated[TimeOfDay | None, Field(alias="from")] = None
    to: TimeOfDay | None = None


class Composition(Shape):
    """Whether one file is made of all that was recorded."""

    enabled: bool


class Recording(Shape):
    """What of the call is recorded."""

    recording_type: Literal["AUDIO", "AUDIO_AND_VIDEO"]
    recording_composition: Composition | None = None
    custom_data: CustomData | None = None
    file_prefix: Annotated[PrintableText | None, Field(min_length=1, max_length=100)] = None


class BasicSecurity(Shape):
    """User name and password of the customer's server."""

    type: Literal["BASIC"]
    username: ShortText
    password: ShortText


class HmacSecurity(Shape):
    """A key that requests to the customer's server are signed with."""

    type: Literal["HMAC"]
    secret_key: ShortText
    algorithm: Literal["HMAC_MD5", "HMAC_SHA_1", "HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"]


class CallsApplication(Shape):
    """An application of the customer's."""

    type: Literal["CALLS_APPLICATION"]
    application_id: ShortText
    timeout: Seconds | None = None
    custom_data: CustomData | None = None


class InfobipApplication(Shape):
    """An application of the provider's."""

    type: Literal["INFOBIP_APPLICATION"]
    application_id: Literal["CONVERSATIONS"]
    custom_data: CustomData | None = None


class _Destination(Shape):
    priority: Rank | None = None
    weight: Rank | None = None
    allowed_time_windows: Annotated[list[TimeWindow] | None, Field(max_length=20)] = None


class EndpointDestination(_Destination):
    """A leg to an endpoint."""

    type: Literal["ENDPOINT"]
    value: Endpoint
    connect_timeout: Seconds | None = None
    recording: Recording | None = None


class UrlDestination(_Destination):
    """The customer's server says where the call goes."""

    type: Literal["URL"]
    url: Url
    security_config: Annotated[BasicSecurity | HmacSecurity | None, Field(discriminator="type")] = None


class ApplicationDestination(_Destination):
    """An application takes the call."""

    type: Literal["APPLICATION"]
    value: Annotated[CallsApplication | InfobipApplication, Field(discriminator="type")]


Destination = Annotated[
    EndpointDestination | UrlDestination | ApplicationDestination, Field(discriminator="type")
]  # fmt: skip


class NewRoute(Shape):
    """A route to create, or what a route is changed to. Without criteria it takes every call."""

    name: Annotated[RequiredText, Field(min_length=1, max_length=255)]
    criteria: Annotated[list[Criterion] | None, Field(max_length=100)] = None
    destinations: Annotated[list[Destination], Field(min_length=1, max_length=DESTINATIONS_MAX)]
    transfer_only: bool | None = None


class Route(Shape):
    """A route as the API shows it; the route of the lowest order is looked at first."""

    id: str
    name: str
    criteria: list[Criterion] | None = None
    destinations: list[Destination]
    transfer_only: bool
    status: Literal["ENABLED", "DISABLED"]
    order: int


class RouteOrder(Shape):
    """Where a route is moved to, counted from 1."""

    order: Annotated[int, Field(ge=1, le=1_000_000)]


class RouteStatus(Shape):
    """Whether the route is looked at."""

    route_status: Literal["ENABLED", "DISABLED"]


class PhoneCaller(Shape):
    """A simulated call from the telephone network."""

    type: Literal["PHONE"]
    from_: Annotated[Number | None, Field(alias="from")] = None


class SipCaller(Shape):
    """A simulated call from a trunk."""

    type: Literal["SIP"]
    sip_trunk_id: ShortText
    from_: Annotated[Number | None, Field(alias="from")] = None
    headers: Annotated[dict[ShortText, Value] | None, Field(max_length=50)] = None


class WebRtcCaller(Shape):
    """A simulated call from a browser."""

    type: Literal["WEBRTC"]
    from_: Annotated[Number | None, Field(alias="from")] = None
    custom_data: CustomData | None = None


class Simulation(Shape):
    """A call that might come."""

    to: Number | None = None
    use_disabled_routes: bool | None = None
    endpoint: Annotated[PhoneCaller | SipCaller | WebRtcCaller, Field(discriminator="type")]
