"""Requests and answers about call routes, field by field as the vendor publishes them."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pipeline.registry.shapes.routes import (
    Criterion,
    Destination,
    Endpoint,
    NewRoute,
    Recording,
    RouteOrder,
    RouteStatus,
    Simulation,
    TimeWindow,
)  # fmt: skip

CRITERION: TypeAdapter[Any] = TypeAdapter(Criterion)
DESTINATION: TypeAdapter[Any] = TypeAdapter(Destination)
ENDPOINT: TypeAdapter[Any] = TypeAdapter(Endpoint)
PHONE: dict[str, Any] = {"type": "ENDPOINT", "value": {"type": "PHONE"}}
DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


def written(shape: Any) -> dict[str, Any]:
    """A shape as the API writes it."""
    found: dict[str, Any] = shape.model_dump(mode="json", by_alias=True, exclude_none=True)
    return found


CRITERIA: list[dict[str, Any]] = [
    {},
    {"to": "41793026727"},
    {"to": "41793(.+)"},
    {"value": {"type": "PHONE"}},
    {"value": {"type": "PHONE", "from": "44.*"}},
    {"to": "1", "value": {"type": "PHONE", "from": "2"}},
    {"value": {"type": "SIP"}},
    {"value": {"type": "SIP", "sipTrunkId": "t", "username": "desk-[0-9]+"}},
    {"value": {"type": "SIP", "headers": [{"headerName": "X-Dept"}, {"headerName": "X-A", "headerValue": "b.*"}]}},
    {"value": {"type": "WEBRTC", "identity": "alice"}},
    {"value": {"type": "WEBRTC", "customData": [{"key": "k"}, {"key": "l", "value": "m|n"}]}},
    {"value": {"type": "APPLICATION"}},
    {"value": {"type": "APPLICATION", "callsConfigurationId": "conf-1"}},
]


@pytest.mark.parametrize("criterion", CRITERIA)
def test_criteria_come_back_as_sent(criterion: dict[str, Any]) -> None:
    """Every field is optional but the type of a value, and the names of headers and data."""
    assert criterion == written(CRITERION.validate_python(criterion))


@pytest.mark.parametrize(
    "criterion",
    [
        {"to": ""},
        {"to": 41793026727},
        {"to": "4" * 256},
        {"to": "4\n1"},
        {"value": {}},
        {"value": {"type": "WHATSAPP", "from": "1"}},
        {"value": {"type": "phone"}},
        {"value": {"type": "PHONE", "from": ["1"]}},
        {"value": {"type": "SIP", "sipTrunkId": ""}},
        {"value": {"type": "SIP", "headers": [{}]}},
        {"value": {"type": "SIP", "headers": [{"headerName": "Subject"}]}},
        {"value": {"type": "SIP", "headers": [{"headerName": "x-dept"}]}},
        {"value": {"type": "SIP", "headers": [{"headerName": "X-"}]}},
        {"value": {"type": "SIP", "headers": [{"headerName": "X-A: b"}]}},
        {"value": {"type": "SIP", "headers": [{"headerName": "X-A"}] * 21}},
        {"value": {"type": "WEBRTC", "customData": [{"value": "v"}]}},
        {"value": {"type": "WEBRTC", "customData": {"key": "k"}}},
    ],
)
def test_criteria_that_are_none(criterion: dict[str, Any]) -> None:
    """WHATSAPP breaks the client; a header's name starts with X- and holds no blank or colon."""
    with pytest.raises(ValidationError):
        CRITERION.validate_python(criterion)


ENDPOINTS: list[dict[str, Any]] = [
    {"type": "PHONE"},
    {"type": "PHONE", "from": "12125550100", "phoneNumber": "13125550199"},
    {"type": "PHONE", "ringbackGeneration": {"enabled": False}},
    {"type": "SIP", "sipTrunkId": "t"},
    {"type": "SIP", "sipTrunkId": "t", "from": "${from}", "username": "desk"},
    {"type": "SIP", "sipTrunkId": "t", "customHeaders": {"X-Client-Call": "${to}"}},
    {"type": "WEBRTC", "identity": "alice"},
    {"type": "VIBER"},
    {"type": "VIBER", "from": "1", "phoneNumber": "2"},
    {"type": "WEBSOCKET", "websocketEndpointConfigId": "w"},
    {"type": "WEBSOCKET", "websocketEndpointConfigId": "w", "identifier": "i", "customData": {"a": ""}},
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_endpoints_come_back_as_sent(endpoint: dict[str, Any]) -> None:
    """A telephone needs no number: both default to those of the inbound call."""
    assert endpoint == written(ENDPOINT.validate_python(endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        {},
        {"type": "WHATSAPP", "phoneNumber": "1"},
        {"type": "PHONE", "phoneNumber": 1},
        {"type": "PHONE", "phoneNumber": ""},
        {"type": "PHONE", "phoneNumber": "1" * 65},
        {"type": "PHONE", "ringbackGeneration": {}},
        {"type": "PHONE", "ringbackGeneration": {"enabled": 1}},
        {"type": "SIP"},
        {"type": "SIP", "sipTrunkId": None},
        {"type": "SIP", "sipTrunkId": "t", "customHeaders": {"Via": "x"}},
        {"type": "SIP", "sipTrunkId": "t", "customHeaders": {"X-A": "b\r\nVia: x"}},
        {"type": "SIP", "sipTrunkId": "t", "customHeaders": {f"X-{number}": "" for number in range(21)}},
        {"type": "WEBRTC"},
        {"type": "WEBSOCKET", "identifier": "i"},
        {"type": "WEBSOCKET", "websocketEndpointConfigId": "w", "customData": {"": "v"}},
    ],
)
def test_endpoints_that_are_none(endpoint: dict[str, Any]) -> None:
    """Required fields are marked with a star in the facts; nothing breaks out of a header."""
    with pytest.raises(ValidationError):
        ENDPOINT.validate_python(endpoint)


DESTINATIONS: list[dict[str, Any]] = [
    PHONE,
    PHONE | {"priority": 1, "weight": 100},
    PHONE | {"connectTimeout": 30},
    PHONE | {"recording": {"recordingType": "AUDIO_AND_VIDEO"}},
    {"type": "URL", "url": "https://acme.io/route?x=1"},
    {"type": "URL", "url": "http://acme.io"},
    {"type": "URL", "url": "https://acme.io", "securityConfig": {"type": "BASIC", "username": "u", "password": "p"}},
    {"type": "APPLICATION", "value": {"type": "CALLS_APPLICATION", "applicationId": "a"}},
    {"type": "APPLICATION", "value": {
        "type": "CALLS_APPLICATION", "applicationId": "a", "timeout": 20, "customData": {"k": "v"}}},
    {"type": "APPLICATION", "value": {"type": "INFOBIP_APPLICATION", "applicationId": "CONVERSATIONS"}},
]  # fmt: skip


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_destinations_come_back_as_sent(destination: dict[str, Any]) -> None:
    """With their ranks, 1 to 100."""
    assert destination == written(DESTINATION.validate_python(destination))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA_1", "SHA_224", "SHA_256", "SHA_384", "SHA_512"])
def test_algorithms_of_signatures(algorithm: str) -> None:
    """Six, all of HMAC."""
    security = {"type": "HMAC", "secretKey": "k", "algorithm": f"HMAC_{algorithm}"}
    destination = {"type": "URL", "url": "https://acme.io", "securityConfig": security}
    assert destination == written(DESTINATION.validate_python(destination))
    with pytest.raises(ValidationError, match="algorithm"):
        DESTINATION.validate_python(destination | {"securityConfig": security | {"algorithm": algorithm}})


@pytest.mark.parametrize(
    "destination",
    [
        {"type": "ENDPOINT"},
        {"value": {"type": "PHONE"}},
        {"type": "PHONE", "phoneNumber": "1"},
        *(PHONE | {name: rank} for name in ("priority", "weight") for rank in (0, -1, 101, 1.0, "1", True)),
        *(PHONE | {"connectTimeout": seconds} for seconds in (0, 3601, 1.5, "30")),
        {"type": "URL"},
        *({"type": "URL", "url": url} for url in ("acme.io", "ftp://acme.io", "https://", "https://a b.io", "", 1)),
        {"type": "URL", "url": "https://acme.io", "securityConfig": {}},
        {"type": "URL", "url": "https://acme.io", "securityConfig": {"type": "BASIC", "username": "u"}},
        {"type": "URL", "url": "https://acme.io", "securityConfig": {"type": "HMAC", "secretKey": "k"}},
        {"type": "URL", "url": "https://acme.io", "securityConfig": {"type": "BEARER", "token": "t"}},
        {"type": "APPLICATION", "value": {"type": "CALL_ROUTING", "applicationId": "a"}},
        {"type": "APPLICATION", "value": {"type": "CALLS_APPLICATION"}},
        {"type": "APPLICATION", "value": {"type": "INFOBIP_APPLICATION", "applicationId": "ANSWERS"}},
    ],
)
def test_destinations_that_are_none(destination: dict[str, Any]) -> None:
    """Types, ranks, seconds, URLs and secrets."""
    with pytest.raises(ValidationError):
        DESTINATION.validate_python(destination)


def test_a_window_without_days_has_all_of_them() -> None:
    """The client requires the list, so it is always written out."""
    assert {"days": DAYS} == written(TimeWindow.model_validate({}))
    assert {"days": ["SUNDAY"]} == written(TimeWindow.model_validate({"days": ["SUNDAY"]}))


@pytest.mark.parametrize("time", [(0, 0), (23, 59), (12, 30)])
def test_times_of_a_window(time: tuple[int, int]) -> None:
    """Hours 0 to 23, minutes 0 to 59, in UTC."""
    clock = dict(zip(("hour", "minute"), time, strict=True))
    window = {"days": DAYS, "from": clock, "to": clock}
    assert window == written(TimeWindow.model_validate(window))


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "clock",
    [{}, {"hour": 8}, {"minute": 0}, {"hour": 24, "minute": 0}, {"hour": -1, "minute": 0}, {"hour": 0, "minute": 60},
     {"hour": 8.0, "minute": 0}, {"hour": "8", "minute": 0}, "08:00", 8],
)  # fmt: skip
def test_times_of_a_window_that_are_none(name: str, clock: Any) -> None:
    """Both parts are required."""
    with pytest.raises(ValidationError):
        TimeWindow.model_validate({name: clock})


@pytest.mark.parametrize("days", [[], ["MON"], ["monday"], ["MONDAY"] * 8, "MONDAY", [1]])
def test_days_of_a_window_that_are_none(days: Any) -> None:
    """One to seven of the seven names."""
    with pytest.raises(ValidationError, match="days"):
        TimeWindow.model_validate({"days": days})


@pytest.mark.parametrize(
    ("recording", "is_good"),
    [
        ({"recordingType": "AUDIO"}, True),
        ({"recordingType": "AUDIO_AND_VIDEO", "recordingComposition": {"enabled": True}}, True),
        ({"recordingType": "AUDIO", "customData": {"k": "v"}, "filePrefix": "p" * 100}, True),
        ({}, False),
        ({"recordingType": "VIDEO"}, False),
        ({"recordingType": "AUDIO", "recordingComposition": {}}, False),
        ({"recordingType": "AUDIO", "filePrefix": ""}, False),
        ({"recordingType": "AUDIO", "filePrefix": "p" * 101}, False),
    ],
)
def test_recordings(recording: dict[str, Any], *, is_good: bool) -> None:
    """The prefix has 1 to 100 characters."""
    if is_good:
        assert recording == written(Recording.model_validate(recording))
        return
    with pytest.raises(ValidationError):
        Recording.model_validate(recording)


@pytest.mark.parametrize("number", [1, 2, 10])
def test_a_route_has_one_to_ten_destinations(number: int) -> None:
    """They are tried in turn."""
    assert number == len(NewRoute.model_validate({"name": "R", "destinations": [PHONE] * number}).destinations)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"destinations": None}, "destinations"),
        ({"destinations": []}, "destinations"),
        ({"destinations": [PHONE] * 11}, "destinations"),
        ({"destinations": PHONE}, "destinations"),
        ({"criteria": {"to": "1"}}, "criteria"),
        ({"criteria": [{}] * 101}, "criteria"),
        ({"transferOnly": 1}, "transferOnly"),
    ],
)
def test_routes_that_are_none(fields: dict[str, Any], path: str) -> None:
    """Name and destinations are required, all lists have an end."""
    with pytest.raises(ValidationError) as refused:
        NewRoute.model_validate({"name": "R", "destinations": [PHONE]} | fields)
    assert {path} == {problem["loc"][0] for problem in refused.value.errors()}


@pytest.mark.parametrize("order", [1, 2, 1_000_000])
def test_orders_count_from_1(order: int) -> None:
    """Lower first."""
    assert order == RouteOrder.model_validate({"order": order}).order


@pytest.mark.parametrize("order", [0, -1, 1.0, "1", True, None, 1_000_001])
def test_orders_that_are_none(order: Any) -> None:
    """Whole numbers from 1 on."""
    with pytest.raises(ValidationError, match="order"):
        RouteOrder.model_validate({"order": order})


def test_the_status_of_a_route_is_sent_as_route_status() -> None:
    """Under another name than it is answered with; there are two."""
    for status in ("ENABLED", "DISABLED"):
        assert status == RouteStatus.model_validate({"routeStatus": status}).route_status
    for wrong in ({"status": "ENABLED"}, {"routeStatus": "SYSTEM_DISABLED"}, {"routeStatus": True}, {}):
        with pytest.raises(ValidationError, match="routeStatus"):
            RouteStatus.model_validate(wrong)


@pytest.mark.parametrize(
    ("call", "is_good"),
    [
        ({"endpoint": {"type": "PHONE"}}, True),
        ({"to": "1", "useDisabledRoutes": True, "endpoint": {"type": "PHONE", "from": "2"}}, True),
        ({"endpoint": {"type": "SIP", "sipTrunkId": "t", "from": "2", "headers": {"X-A": "b", "Subject": ""}}}, True),
        ({"endpoint": {"type": "WEBRTC", "from": "alice", "customData": {"k": "v"}}}, True),
        ({}, False),
        ({"to": "1"}, False),
        ({"endpoint": {}}, False),
        ({"endpoint": {"type": "SIP"}}, False),
        ({"endpoint": {"type": "APPLICATION"}}, False),
        ({"useDisabledRoutes": "true", "endpoint": {"type": "PHONE"}}, False),
        ({"to": 1, "endpoint": {"type": "PHONE"}}, False),
    ],
)
def test_calls_to_simulate(call: dict[str, Any], *, is_good: bool) -> None:
    """The endpoint is required, a trunk names itself."""
    if is_good:
        assert call == written(Simulation.model_validate(call))
        return
    with pytest.raises(ValidationError):
        Simulation.model_validate(call)
