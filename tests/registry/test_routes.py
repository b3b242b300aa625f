"""Call routes: their order under changes, what is refused, and which of them takes a call."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.rules.routing import check_route, choose_route, takes
from pipeline.registry.shapes.routes import NewRoute, Route, Simulation
from pipeline.registry.store.desk import Caller, Registry
from pipeline.registry.store.pages import Paging
from pipeline.registry.store.routes import (
    all_routes,
    create_route,
    delete_route,
    get_route,
    list_routes,
    move_route,
    set_route_status,
    simulate,
    update_route,
)  # fmt: skip
from pipeline.registry.store.trunks import create_trunk
from tests.registry.builders import ACME, BLUE, a_registered_trunk, a_route

PHONE = {"type": "ENDPOINT", "value": {"type": "PHONE", "phoneNumber": "1"}}


def _names(registry: Registry, caller: Caller = ACME) -> list[tuple[str, int]]:
    routes = list_routes(registry, caller, Paging(0, 100)).results
    return [(route.name, route.order) for route in routes]


def _call(to: str | None = "41793026727", **endpoint: Any) -> Simulation:
    return Simulation.model_validate({"to": to, "endpoint": {"type": "PHONE"} | endpoint})


def _route(*criteria: dict[str, Any], **fields: Any) -> Route:
    base = {"id": "r", "name": "R", "destinations": [PHONE], "transferOnly": False, "status": "ENABLED", "order": 1}
    return Route.model_validate(base | {"criteria": list(criteria) or None} | fields)


def test_new_routes_come_last_and_orders_have_no_gaps(registry: Registry) -> None:
    """Deleting one moves those behind it up; other accounts count for themselves."""
    made = [create_route(registry, ACME, a_route(name=name)).id for name in "abcd"]
    create_route(registry, BLUE, a_route(name="blue"))
    delete_route(registry, ACME, made[1])
    assert [("a", 1), ("c", 2), ("d", 3)] == _names(registry)
    assert [("blue", 1)] == _names(registry, BLUE)


@pytest.mark.parametrize(
    ("moved", "to", "expected"),
    [("a", 3, "bcad"), ("d", 1, "dabc"), ("b", 2, "abcd"), ("a", 99, "bcda"), ("c", 1, "cabd"), ("d", 4, "abcd")],
)
def test_a_move_shifts_the_others(registry: Registry, moved: str, to: int, expected: str) -> None:
    """Counted from 1; beyond the end is the end."""
    made = {name: create_route(registry, ACME, a_route(name=name)).id for name in "abcd"}
    assert expected.index(moved) + 1 == move_route(registry, ACME, made[moved], to).order
    assert [(name, order) for order, name in enumerate(expected, start=1)] == _names(registry)


def test_moves_at_once_leave_a_whole_order(registry: Registry) -> None:
    """Six threads move, add and delete; at the end the orders are 1, 2, 3, ... again."""
    made = [create_route(registry, ACME, a_route(name=str(number))).id for number in range(6)]

    def shuffle(number: int) -> None:
        for step in range(4):
            move_route(registry, ACME, made[number], (number * 7 + step * 3) % 6 + 1)
        extra = create_route(registry, ACME, a_route(name=f"extra {number}"))
        if number % 2:
            delete_route(registry, ACME, extra.id)

    threads = [threading.Thread(target=shuffle, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(1, 10)) == [order for _, order in _names(registry)]


def test_a_change_keeps_status_and_order(registry: Registry) -> None:
    """PUT changes name, criteria and destinations."""
    create_route(registry, ACME, a_route())
    route = create_route(registry, ACME, a_route())
    set_route_status(registry, ACME, route.id, "DISABLED")
    changed = update_route(registry, ACME, route.id, a_route(name="New", criteria=[{"to": "1"}]))
    assert ("New", "DISABLED", 2) == (changed.name, changed.status, changed.order)
    assert changed == get_route(registry, ACME, route.id)


def test_routes_of_others_do_not_exist(registry: Registry) -> None:
    """Every way to them says so."""
    route = create_route(registry, ACME, a_route())
    for attempt in (
        lambda: get_route(registry, BLUE, route.id),
        lambda: update_route(registry, BLUE, route.id, a_route()),
        lambda: move_route(registry, BLUE, route.id, 1),
        lambda: set_route_status(registry, BLUE, route.id, "DISABLED"),
        lambda: delete_route(registry, BLUE, route.id),
        lambda: simulate(registry, BLUE, _call()),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_secrets_of_a_route_stay_in_the_database(registry: Registry) -> None:
    """The answer has them, because the client requires it; what is published has not."""
    url = {"type": "URL", "url": "https://acme.io/route",
           "securityConfig": {"type": "BASIC", "username": "u", "password": "s3cret-word"}}  # fmt: skip
    route = create_route(registry, ACME, a_route(destinations=[url]))
    assert "s3cret-word" in route.model_dump_json()
    with registry.database.read() as session:
        (record,) = all_routes(session)
    assert "s3cret-word" not in record.model_dump_json()


def test_a_time_window_is_answered_with_its_days(registry: Registry) -> None:
    """The client requires the list; left out it means every day."""
    destination = PHONE | {"allowedTimeWindows": [{"from": {"hour": 8, "minute": 0}, "to": {"hour": 17, "minute": 30}}]}
    route = create_route(registry, ACME, a_route(destinations=[destination]))
    window = route.model_dump(by_alias=True)["destinations"][0]["allowedTimeWindows"][0]
    assert ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] == window["days"]
    assert {"hour": 8, "minute": 0} == window["from"]


@pytest.mark.parametrize("name", ["priority", "weight"])
def test_a_rank_is_on_all_destinations_or_on_none(name: str) -> None:
    """The path names the first destination without one."""
    check_route(a_route(destinations=[PHONE | {name: 1}, PHONE | {name: 2}]))
    with pytest.raises(Refused) as refused:
        check_route(a_route(destinations=[PHONE | {name: 1}, PHONE]))
    assert [f"destinations[1].{name}"] == list(refused.value.violations)


def test_a_webrtc_call_has_no_called_number() -> None:
    """`to` is not for WEBRTC."""
    with pytest.raises(Refused, match="no called number"):
        check_route(a_route(criteria=[{"to": "1", "value": {"type": "WEBRTC"}}]))


def test_own_trunks_only(registry: Registry) -> None:
    """In criteria and in destinations."""
    trunk = create_trunk(registry, ACME, a_registered_trunk())
    sip = {"type": "ENDPOINT", "value": {"type": "SIP", "sipTrunkId": trunk.id}}
    criteria = [{"value": {"type": "SIP", "sipTrunkId": trunk.id}}]
    assert create_route(registry, ACME, a_route(destinations=[sip], criteria=criteria)).id
    with pytest.raises(Refused) as refused:
        create_route(registry, BLUE, a_route(destinations=[sip], criteria=criteria))
    assert ["criteria[0].value.sipTrunkId", "destinations[0].value.sipTrunkId"] == list(refused.value.violations)


MATCHES: list[tuple[str, dict[str, Any], Simulation, bool]] = [
    ("a number", {"to": "41793026727"}, _call(), True),
    ("a number with a plus", {"to": "+41793026727"}, _call(), True),
    ("another number", {"to": "41793026728"}, _call(), False),
    ("a part of the number", {"to": "4179"}, _call(), False),
    ("a pattern", {"to": "41793(.+)"}, _call(), True),
    ("a pattern for a part", {"to": "1793"}, _call(), False),
    ("a pattern without the plus of the call", {"to": "4179.*"}, _call("+41793026727"), True),
    ("an alternative", {"to": "4[12].*|49.*"}, _call("4930"), True),
    ("no called number", {"to": ".*"}, _call(None), False),
    ("any call from the network", {"value": {"type": "PHONE"}}, _call(), True),
    ("a caller", {"value": {"type": "PHONE", "from": "44.*"}}, _call(**{"from": "442079460000"}), True),
    ("another caller", {"value": {"type": "PHONE", "from": "44.*"}}, _call(**{"from": "12125550100"}), False),
    ("caller but not callee", {"to": "1", "value": {"type": "PHONE"}}, _call(), False),
    ("a trunk", {"value": {"type": "SIP", "sipTrunkId": "t"}}, _call(type="SIP", sipTrunkId="t"), True),
    ("another trunk", {"value": {"type": "SIP", "sipTrunkId": "t"}}, _call(type="SIP", sipTrunkId="u"), False),
    ("any trunk", {"value": {"type": "SIP"}}, _call(type="SIP", sipTrunkId="u"), True),
    ("a trunk, but it is a phone", {"value": {"type": "SIP"}}, _call(), False),
    (
        "a header in any case",
        {"value": {"type": "SIP", "headers": [{"headerName": "X-Dept", "headerValue": "sa.+"}]}},
        _call(type="SIP", sipTrunkId="t", headers={"x-dept": "sales"}),
        True,
    ),
    (
        "one header of two",
        {"value": {"type": "SIP", "headers": [{"headerName": "X-A"}, {"headerName": "X-B"}]}},
        _call(type="SIP", sipTrunkId="t", headers={"X-A": "1"}),
        False,
    ),
    ("an identity", {"value": {"type": "WEBRTC", "identity": "a.*"}}, _call(type="WEBRTC", **{"from": "alice"}), True),
    (
        "custom data",
        {"value": {"type": "WEBRTC", "customData": [{"key": "k", "value": "v"}, {"key": "l"}]}},
        _call(type="WEBRTC", customData={"k": "v", "l": ""}),
        True,
    ),
    (
        "custom data that is not there",
        {"value": {"type": "WEBRTC", "customData": [{"key": "k"}]}},
        _call(type="WEBRTC", customData={}),
        False,
    ),
    ("an application", {"value": {"type": "APPLICATION", "callsConfigurationId": "c"}}, _call(), False),
]


@pytest.mark.parametrize(
    ("criterion", "call", "expected"), [row[1:] for row in MATCHES], ids=[row[0] for row in MATCHES]
)
def test_criterion(criterion: dict[str, Any], call: Simulation, *, expected: bool) -> None:
    """Both parts must match, each over its whole length."""
    assert expected == takes(_route(criterion), call)


def test_any_criterion_suffices_and_none_takes_every_call() -> None:
    """An absent list matches every call."""
    assert takes(_route({"to": "1"}, {"to": "41793026727"}), _call())
    assert takes(_route(), _call())


def test_the_first_enabled_route_wins() -> None:
    """Disabled ones on demand; routes for transfers only never."""
    off = _route(id="off", status="DISABLED")
    transfers = _route(id="transfers", transferOnly=True)
    routes = [transfers, off, _route({"to": "1"}, id="other"), _route(id="first"), _route(id="second")]
    chosen = choose_route(routes, _call())
    assert chosen is not None
    assert "first" == chosen.id
    with_disabled = choose_route(routes, _call().model_copy(update={"use_disabled_routes": True}))
    assert with_disabled is not None
    assert "off" == with_disabled.id
    assert choose_route([transfers], _call()) is None


@given(st.lists(st.sampled_from(["1", "2", "3"]), max_size=6), st.sampled_from(["1", "2", "3", "4"]))
def test_the_choice_is_the_first_that_takes_the_call(numbers: list[str], called: str) -> None:
    """Whatever the routes: the lowest order among those that match, by a loop that anyone can read."""
    routes = [_route({"to": number}, id=f"{index}") for index, number in enumerate(numbers)]
    expected = next((str(index) for index, number in enumerate(numbers) if number == called), None)
    chosen = choose_route(routes, _call(called))
    assert expected == (None if chosen is None else chosen.id)


ALL_KINDS: list[dict[str, Any]] = [
    {"type": "ENDPOINT", "value": {
        "type": "PHONE", "from": "1", "phoneNumber": "2", "ringbackGeneration": {"enabled": True}}},
    {"type": "ENDPOINT", "value": {"type": "WEBRTC", "identity": "alice"}, "connectTimeout": 30},
    {"type": "ENDPOINT", "value": {"type": "VIBER", "from": "1", "phoneNumber": "2"}},
    {"type": "ENDPOINT", "value": {"type": "WEBSOCKET", "websocketEndpointConfigId": "w", "customData": {"a": "b"}}},
    {"type": "ENDPOINT", "value": {"type": "PHONE"}, "recording": {
        "recordingType": "AUDIO", "recordingComposition": {"enabled": True}, "filePrefix": "call"}},
    {"type": "URL", "url": "https://acme.io", "securityConfig": {
        "type": "HMAC", "secretKey": "k", "algorithm": "HMAC_SHA_256"}},
    {"type": "APPLICATION", "value": {"type": "CALLS_APPLICATION", "applicationId": "a", "timeout": 20}},
    {"type": "APPLICATION", "value": {"type": "INFOBIP_APPLICATION", "applicationId": "CONVERSATIONS"}},
]  # fmt: skip


@pytest.mark.parametrize("destination", ALL_KINDS, ids=lambda row: row.get("value", row)["type"])
def test_every_kind_of_destination_comes_back_as_it_was_sent(registry: Registry, destination: dict[str, Any]) -> None:
    """Also the ones that the official client cannot read."""
    route = create_route(registry, ACME, a_route(destinations=[destination]))
    assert destination == route.model_dump(mode="json", by_alias=True, exclude_none=True)["destinations"][0]


@pytest.mark.parametrize(
    "fields",
    [
        {"destinations": []},
        {"destinations": [PHONE] * 11},
        {"destinations": [PHONE | {"priority": 0}]},
        {"destinations": [PHONE | {"weight": 101}]},
        {"destinations": [{"type": "URL", "url": "ftp://acme.io"}]},
        {"destinations": [{"type": "ENDPOINT", "value": {"type": "WHATSAPP"}}]},
        {"destinations": [PHONE | {"allowedTimeWindows": [{"days": []}]}]},
        {"destinations": [PHONE | {"allowedTimeWindows": [{"from": {"hour": 24, "minute": 0}}]}]},
        {"criteria": [{"value": {"type": "SIP", "headers": [{"headerName": "From"}]}}]},
        {"name": ""},
    ],
)
def test_what_the_shapes_do_not_admit(fields: dict[str, Any]) -> None:
    """Counts, ranks, schemes, types, hours, header names."""
    with pytest.raises(ValueError, match="validation error"):
        NewRoute.model_validate({"name": "R", "destinations": [PHONE]} | fields)
