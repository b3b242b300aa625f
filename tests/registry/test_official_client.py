"""The unmodified official package 6.0.0 against a running server.

The numbers are those of the acceptance list in facts/infobip-shapes.md, section 12.
"""

import time
from typing import Any

import infobip_api_client as infobip
import pytest
from infobip_api_client.exceptions import (
    BadRequestException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)  # fmt: skip
from sqlalchemy import text

from tests.registry.servers import Official, Server

pytestmark = pytest.mark.filterwarnings("ignore:.*:UserWarning")  # the package's own models warn, facts 2.15

METERED = infobip.CallsBillingPackage(package_type="METERED")


@pytest.fixture
def client(server: Server, account: str) -> Official:
    """The official client with a key of this test's own account."""
    return server.client(account)


def _static(**fields: Any) -> infobip.CallsStaticSipTrunkRequest:
    base = {
        "name": "Office",
        "channel_limit": 10,
        "billing_package": METERED,
        "destination_hosts": ["pbx.acme.io:5080"],
    }
    return infobip.CallsStaticSipTrunkRequest(**(base | fields))


def _address(client: Official) -> str:
    request = infobip.CallsPublicSipTrunkServiceAddressRequest(
        name="Austin", street="1 Congress Ave", city="Austin", post_code="78701", country_code="USA",
        country_region_code="US-TX",
    )  # fmt: skip
    return client.calls.create_sip_trunk_service_address(request).id


def _in_texas(client: Official) -> infobip.CallsBillingPackage:
    return infobip.CallsBillingPackage(package_type="METERED", address_id=_address(client))


def _requests(client: Official) -> dict[str, tuple[Any, Any]]:
    """For each kind of trunk: a request, and an update."""
    common = {"name": "T", "channel_limit": 10, "billing_package": METERED}
    provider = infobip.CallsProviderSipTrunkRequest
    update = infobip.CallsProviderSipTrunkUpdateRequest(name="T2", channel_limit=20)
    registered = infobip.CallsRegisteredSipTrunkUpdateRequest(name="T2", channel_limit=20)
    freshworks = infobip.CallsFreshworksProvider(account_sid=f"AC{time.time_ns()}", sip_domain="acme.pstn.io")
    genesys = infobip.CallsGenesysCloudProvider(region="EU_CENTRAL_1")
    webex = infobip.CallsCiscoWebexProvider(cisco_uuid=f"uuid-{time.time_ns()}")
    openai = infobip.CallsOpenAiProvider(project_id=f"proj_{time.time_ns()}")
    return {
        "STATIC": (_static(name="T"), infobip.CallsStaticSipTrunkUpdateRequest(name="T2", channel_limit=20)),
        "REGISTERED": (infobip.CallsRegisteredSipTrunkRequest(**common), registered),
        "FRESHWORKS": (provider(**common, provider=freshworks), update),
        "GENESYS_CLOUD": (provider(**common, provider=genesys), update),
        "CISCO_WEBEX": (provider(**(common | {"billing_package": _in_texas(client)}), provider=webex), update),
        "OPENAI_REALTIME": (provider(**common, provider=openai), update),
    }


@pytest.mark.parametrize(
    "kind", ["STATIC", "REGISTERED", "FRESHWORKS", "GENESYS_CLOUD", "CISCO_WEBEX", "OPENAI_REALTIME"]
)
def test_every_kind_of_trunk_lives_its_whole_life(client: Official, kind: str) -> None:
    """1: create, get, list, update and delete return objects, not None, and what was asked for is in them."""
    request, update = _requests(client)[kind]
    created = client.calls.create_sip_trunk(request)
    assert ("T", 10) == (created.name, created.channel_limit)
    assert created.id == client.calls.get_sip_trunk(created.id).id
    assert [created.id] == [trunk.id for trunk in client.calls.get_sip_trunks().results]
    updated = client.calls.update_sip_trunk(created.id, update)
    assert ("T2", 20) == (updated.name, updated.channel_limit)
    assert created.id == client.calls.delete_sip_trunk(created.id).id
    assert [] == client.calls.get_sip_trunks().results
    with pytest.raises(NotFoundException):
        client.calls.get_sip_trunk(created.id)


def test_the_password_appears_on_create_and_reset_only(client: Official) -> None:
    """2."""
    request, update = _requests(client)["REGISTERED"]
    created = client.calls.create_sip_trunk(request)
    fresh = client.calls.reset_sip_trunk_password(created.id)
    assert created.username == fresh.username
    assert len({created.password, fresh.password, None}) == 3
    for raw in (
        client.calls.get_sip_trunk_without_preload_content(created.id),
        client.calls.get_sip_trunks_without_preload_content(),
        client.calls.update_sip_trunk_without_preload_content(created.id, update),
        client.calls.get_sip_trunk_status_without_preload_content(created.id),
    ):
        assert b"assword" not in raw.read()


def test_genesys_termination_fields_come_back(client: Official) -> None:
    """3: the client never sends them."""
    created = client.calls.create_sip_trunk(_requests(client)["GENESYS_CLOUD"][0])
    provider = client.calls.get_sip_trunk(created.id).provider
    assert provider.inbound_termination_identifier
    assert provider.outbound_termination_fqdn.startswith(provider.inbound_termination_identifier)


def test_pages_of_one(client: Official) -> None:
    """4: size 1 pages through three trunks with the right totals."""
    made = [client.calls.create_sip_trunk(_static(name=f"T{number}")).id for number in range(3)]
    pages = [client.calls.get_sip_trunks(page=page, size=1) for page in range(4)]
    assert made == [trunk.id for page in pages for trunk in page.results]
    assert [(0, 1, 3, 3), (1, 1, 3, 3), (2, 1, 3, 3), (3, 1, 3, 3)] == [
        (page.paging.page, page.paging.size, page.paging.total_pages, page.paging.total_results) for page in pages
    ]
    assert [made[1]] == [trunk.id for trunk in client.calls.get_sip_trunks(name="t1").results]


def test_a_bad_request_names_the_field(client: Official) -> None:
    """5."""
    with pytest.raises(BadRequestException) as refused:
        client.calls.create_sip_trunk(_static(channel_limit=0))
    exception = refused.value.data.request_error.service_exception
    assert "BAD_REQUEST" == exception.message_id
    assert ["Input should be greater than or equal to 1"] == exception.validation_errors["channelLimit"]


def test_a_rename_keeps_the_channel_limit(client: Official) -> None:
    """6."""
    created = client.calls.create_sip_trunk(_static(channel_limit=37))
    client.calls.update_sip_trunk(created.id, infobip.CallsStaticSipTrunkUpdateRequest(name="Other"))
    found = client.calls.get_sip_trunk(created.id)
    assert ("Other", 37, ["pbx.acme.io:5080"]) == (found.name, found.channel_limit, found.destination_hosts)


def test_an_address_in_use_is_a_bad_request(client: Official) -> None:
    """7: 400, so that the client parses the body; afterwards the address can go."""
    package = _in_texas(client)
    trunk = client.calls.create_sip_trunk(_static(billing_package=package))
    with pytest.raises(BadRequestException) as refused:
        client.calls.delete_sip_trunk_service_address(package.address_id)
    assert "Office" in refused.value.data.request_error.service_exception.validation_errors["id"][0]
    client.calls.delete_sip_trunk(trunk.id)
    assert "Austin" == client.calls.delete_sip_trunk_service_address(package.address_id).name


def test_addresses_countries_and_regions(client: Official) -> None:
    """Every method of the client about places returns objects."""
    address_id = _address(client)
    assert "Texas" == client.calls.get_sip_trunk_service_address(address_id).region.name
    assert 1 == client.calls.get_sip_trunk_service_addresses().paging.total_results
    request = infobip.CallsPublicSipTrunkServiceAddressRequest(
        name="Zagreb", street="Ilica 1", city="Zagreb", post_code="10000", country_code="HRV",
        country_region_code="HR-21",
    )  # fmt: skip
    assert "HRV" == client.calls.update_sip_trunk_service_address(address_id, request).country.code
    assert "HRV" in [country.code for country in client.calls.get_countries()]
    assert "HR-21" in [region.code for region in client.calls.get_regions("HRV")]
    with pytest.raises(BadRequestException):
        client.calls.get_regions("ZZZ")


def _route(count: int, **fields: Any) -> infobip.CallRoutingRouteRequest:
    phones = [
        infobip.CallRoutingEndpointDestination(
            value=infobip.CallRoutingPhoneEndpoint(phone_number=f"1212555010{number}"), priority=number + 1, weight=100,
        )
        for number in range(count)
    ]  # fmt: skip
    return infobip.CallRoutingRouteRequest(**({"name": "R", "destinations": phones} | fields))


def test_routes_of_ten_destinations_and_their_order(client: Official) -> None:
    """9: ten destinations round-trip, eleven are refused, PATCH moves the route."""
    routes = client.routes
    created = [routes.create_call_route(_route(10, name=f"R{number}")) for number in range(3)]
    found = routes.get_call_route(created[0].id)
    assert [f"1212555010{number}" for number in range(10)] == [
        destination.value.phone_number for destination in found.destinations
    ]
    moved = routes.set_order_call_route(created[2].id, infobip.CallRoutingRouteOrderRequest(order=1))
    assert 1 == moved.order
    assert ["R2", "R0", "R1"] == [route.name for route in routes.get_call_routes().results]
    assert "R0" == routes.delete_call_route(created[0].id).name
    assert [("R2", 1), ("R1", 2)] == [(route.name, route.order) for route in routes.get_call_routes().results]


def test_eleven_destinations_are_refused(server: Server, account: str) -> None:
    """9: the client checks it by itself, so the server is asked without it."""
    phone = {"type": "ENDPOINT", "value": {"type": "PHONE", "phoneNumber": "1"}}
    answer = server.http(account).post("/callrouting/1/routes", json={"name": "R", "destinations": [phone] * 11})
    assert 400 == answer.status_code
    assert "destinations" == answer.json()["violations"][0]["property"]
    assert "destinations" in answer.json()["requestError"]["serviceException"]["validationErrors"]


def test_routes_are_switched_simulated_and_changed(client: Official) -> None:
    """The rest of the routing API, with objects of every kind."""
    trunk = client.calls.create_sip_trunk(_static())
    criteria = [
        infobip.CallRoutingSearchCriteria(
            to="41793(.+)", value=infobip.CallRoutingSipCriteria(sip_trunk_id=trunk.id)
        )
    ]  # fmt: skip
    sip = infobip.CallRoutingEndpointDestination(
        value=infobip.CallRoutingSipEndpoint(sip_trunk_id=trunk.id, custom_headers={"X-Client-A": "${from}"}),
        connect_timeout=20, allowed_time_windows=[infobip.DeliveryTimeWindow(days=["MONDAY"])],
    )  # fmt: skip
    route = client.routes.create_call_route(_route(1, criteria=criteria, destinations=[sip]))
    assert "41793(.+)" == route.criteria[0].to
    assert ["MONDAY"] == [day.value for day in route.destinations[0].allowed_time_windows[0].days]
    call = infobip.CallRoutingRouteSimulatorRequest(
        to="41793026727", endpoint=infobip.CallRoutingSimulatorSipEndpoint(sip_trunk_id=trunk.id)
    )
    assert route.id == client.routes.simulate_route_selection(call).id
    off = infobip.CallRoutingRouteStatusRequest(route_status="DISABLED")
    assert "DISABLED" == client.routes.update_call_route_status(route.id, off).status
    with pytest.raises(NotFoundException) as missing:
        client.routes.simulate_route_selection(call)
    assert "E404" == missing.value.data.error_code
    changed = client.routes.update_call_route(route.id, _route(2, name="Changed"))
    assert ("Changed", 2, "DISABLED") == (changed.name, len(changed.destinations), changed.status)
    assert [] == client.routes.get_call_routes(name_contains="zzz").results


def test_a_bad_route_is_an_api_error(client: Official) -> None:
    """400 of routes parses as ApiError, with the field in its violations."""
    criteria = [infobip.CallRoutingSearchCriteria(to="4179(")]
    with pytest.raises(BadRequestException) as refused:
        client.routes.create_call_route(_route(1, criteria=criteria))
    assert "E400" == refused.value.data.error_code
    assert "criteria[0].to" == refused.value.data.violations[0].var_property


def test_without_key_401_and_foreign_trunk_404(server: Server, client: Official) -> None:
    """11: a missing, an unknown and a foreign key."""
    trunk = client.calls.create_sip_trunk(_static())
    for key in (None, "made-up"):
        api = infobip.ApiClient(infobip.Configuration(host=server.url, api_key=key))
        with pytest.raises(UnauthorizedException) as unknown:
            infobip.CallsApi(api).get_sip_trunks()
        assert "UNAUTHORIZED" == unknown.value.data.request_error.service_exception.message_id
    stranger = server.client("stranger")
    with pytest.raises(NotFoundException) as foreign:
        stranger.calls.get_sip_trunk(trunk.id)
    assert "NOT_FOUND" == foreign.value.data.request_error.service_exception.message_id


def test_a_key_without_the_scope_is_forbidden(server: Server, account: str) -> None:
    """403 says which scope is needed."""
    api = infobip.ApiClient(infobip.Configuration(host=server.url, api_key=server.key(account, "callrouting:manage")))
    with pytest.raises(ForbiddenException) as forbidden:
        infobip.CallsApi(api).get_sip_trunks()
    assert "calls:manage" in forbidden.value.data.request_error.service_exception.text
    assert [] == infobip.CallRoutingApi(api).get_call_routes().results


def test_a_change_runs_and_then_succeeds(client: Official) -> None:
    """12: after 202 the status goes CREATING, then SUCCESS."""
    trunk = client.calls.create_sip_trunk(_static())
    seen = []
    while "SUCCESS" not in seen:
        seen.append(client.calls.get_sip_trunk_status(trunk.id).action_status.status.value)
        time.sleep(0.05)
    assert ["CREATING", "SUCCESS"] == sorted(set(seen))
    disabled = infobip.CallsSipTrunkStatusRequest(admin_status="DISABLED")
    assert "DISABLED" == client.calls.set_sip_trunk_status(trunk.id, disabled).admin_status
    with pytest.raises(BadRequestException):
        client.calls.set_sip_trunk_status(trunk.id, infobip.CallsSipTrunkStatusRequest(admin_status="SYSTEM_DISABLED"))


def test_an_unknown_provider_in_the_database_does_not_break_the_list(server: Server, client: Official) -> None:
    """13: such a trunk is shown without its provider."""
    trunk = client.calls.create_sip_trunk(_requests(client)["OPENAI_REALTIME"][0])
    with server.registry.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE trunks SET provider = :provider WHERE trunk_id = :trunk_id"),
            {"provider": '{"type": "TOMORROW", "id": "1"}', "trunk_id": trunk.id},
        )
    (found,) = client.calls.get_sip_trunks().results
    assert (trunk.id, None) == (found.id, found.provider)
