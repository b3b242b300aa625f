"""What a change of a trunk does, and which rule it is refused by."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.rules.credentials import digest_of
from pipeline.registry.store.addresses import create_address, update_address
from pipeline.registry.store.desk import Registry
from pipeline.registry.store.pages import Paging
from pipeline.registry.store.records import TrunkRecord
from pipeline.registry.store.trunk_status import (
    set_status_as_staff,
    set_trunk_status,
    trunk_history,
    trunk_status,
)
from pipeline.registry.store.trunks import (
    create_trunk,
    delete_trunk,
    get_trunk,
    list_trunks,
    reset_password,
    update_trunk,
)  # fmt: skip
from pipeline.registry.tables import AuditRow, OutboxRow, TrunkRow
from tests.registry.builders import (
    ACME,
    BLUE,
    Clock,
    a_provider_trunk,
    a_registered_trunk,
    a_registry,
    a_teams_trunk,
    a_trunk,
    an_address,
    an_update,
    metered,
    unlimited,
)  # fmt: skip


def _refused(path: str, registry: Registry, request: Any) -> str:
    with pytest.raises(Refused) as refused:
        create_trunk(registry, ACME, request)
    assert [path] == list(refused.value.violations)
    return refused.value.violations[path][0]


def test_a_new_trunk_has_the_defaults_of_its_type(registry: Registry) -> None:
    """Codecs, DTMF, fax, number format and the rest are written out, and its SBC hosts are those of its location."""
    trunk = create_trunk(registry, ACME, a_trunk())
    assert ["PCMA", "PCMU"] == trunk.codecs
    assert ("RFC2833", "NONE", "E164", "NONE") == (trunk.dtmf, trunk.fax, trunk.number_format, trunk.anonymization)
    assert ("FAILOVER", False) == (trunk.strategy, trunk.sip_options.enabled if trunk.sip_options else None)
    assert "FRANKFURT" == trunk.location
    assert ["sbc1.frankfurt.trunkline.example:5060"] == trunk.sbc_hosts.primary
    assert 24 == len(trunk.id)
    assert trunk.password is None


def test_tls_has_the_port_of_sips(registry: Registry) -> None:
    """5061 for TLS (RFC 3261, 19.1.2)."""
    trunk = create_trunk(registry, ACME, a_trunk(tls=True))
    assert ["sbc2.frankfurt.trunkline.example:5061"] == trunk.sbc_hosts.backup


def test_the_password_of_a_registered_trunk_is_shown_once_and_kept_hashed(registry: Registry) -> None:
    """The database holds H(A1) of SIP digest, never the password."""
    trunk = create_trunk(registry, ACME, a_registered_trunk())
    assert trunk.password is not None
    assert get_trunk(registry, ACME, trunk.id).password is None
    with registry.database.read() as session:
        row = session.get_one(TrunkRow, trunk.id)
        assert digest_of(trunk.username or "", "sip.trunkline.example", trunk.password) == row.password_digest


def test_a_password_is_reset_for_registered_trunks_only(registry: Registry) -> None:
    """Another type has none: 400."""
    registered = create_trunk(registry, ACME, a_registered_trunk())
    static = create_trunk(registry, ACME, a_trunk())
    fresh = reset_password(registry, ACME, registered.id)
    assert registered.username == fresh.username
    assert registered.password != fresh.password
    with pytest.raises(Refused, match="STATIC trunks have no password"):
        reset_password(registry, ACME, static.id)


PROVIDERS = {
    "FRESHWORKS": ({"accountSid": "AC1", "sipDomain": "acme.example"}, "AC1"),
    "CISCO_WEBEX": ({"ciscoUUID": "0b1c"}, "0b1c"),
    "OPENAI_REALTIME": ({"projectId": "proj_1"}, "proj_1"),
}


@pytest.mark.parametrize("type_", PROVIDERS)
def test_a_provider_trunk_is_found_by_the_providers_own_identifier(registry: Registry, type_: str) -> None:
    """Account SID, organisation UUID, project id."""
    fields, identifier = PROVIDERS[type_]
    address = create_address(registry, ACME, an_address())
    trunk = create_trunk(registry, ACME, a_provider_trunk({"type": type_} | fields, billingPackage=metered(address.id)))
    with registry.database.read() as session:
        assert identifier == session.get_one(TrunkRow, trunk.id).provider_id


def test_genesys_termination_fields_are_made_here(registry: Registry) -> None:
    """They are read-only: whatever is sent, two trunks never share one."""
    request = a_provider_trunk({"type": "GENESYS_CLOUD", "region": "EU_CENTRAL_1"})
    first, second = (create_trunk(registry, ACME, request).provider for _ in range(2))
    assert first.inbound_termination_identifier != second.inbound_termination_identifier
    assert f"{first.inbound_termination_identifier}.sip.trunkline.example" == first.outbound_termination_fqdn


def test_a_provider_identifier_finds_one_trunk_only(registry: Registry) -> None:
    """Calls of two trunks with one account SID could not be told apart, not even within an account."""
    request = a_provider_trunk({"type": "FRESHWORKS", "accountSid": "AC1", "sipDomain": "acme.example"})
    create_trunk(registry, ACME, request)
    assert "already finds trunk" in _refused("provider", registry, request)
    with pytest.raises(Refused, match="another customer's trunk"):
        create_trunk(registry, BLUE, request)


def test_unlimited_is_for_the_usa_with_an_address_there(registry: Registry) -> None:
    """UNLIMITED only with countryCode USA and an address in the United States (PRODUCT, What it is)."""
    here = create_address(registry, ACME, an_address())
    zagreb = an_address(countryCode="HRV", countryRegionCode="HR-21", city="Zagreb", postCode="10000")
    there = create_address(registry, ACME, zagreb)
    without_country = {"packageType": "UNLIMITED", "addressId": here.id}
    assert "needs the country code USA" in _refused(
        "billingPackage.countryCode", registry, a_trunk(billingPackage=without_country)
    )
    path = "billingPackage.addressId"
    assert "needs a service address" in _refused(path, registry, a_trunk(billingPackage=unlimited(None)))
    assert "this one is elsewhere" in _refused(path, registry, a_trunk(billingPackage=unlimited(there.id)))
    trunk = create_trunk(registry, ACME, a_trunk(billingPackage=unlimited(here.id)))
    assert "NEW_YORK" == trunk.location
    with registry.database.read() as session:
        assert ("unlimited-us", "US") == (
            session.get_one(TrunkRow, trunk.id).plan_id, session.get_one(TrunkRow, trunk.id).country
        )  # fmt: skip


def test_a_trunk_in_the_united_states_needs_an_address(registry: Registry) -> None:
    """PRODUCT, Trunks 2. Elsewhere it is optional."""
    assert "needs a service address" in _refused("billingPackage.addressId", registry, a_trunk(location="PORTLAND"))
    assert create_trunk(registry, ACME, a_trunk(location="SWEDEN")).billing_package.address_id is None


def test_webex_is_for_the_united_states_only(registry: Registry) -> None:
    """PRODUCT, Trunks 5: neither place nor address may be elsewhere."""
    webex = {"type": "CISCO_WEBEX", "ciscoUUID": "0b1c"}
    address = create_address(registry, ACME, an_address())
    _refused("provider.type", registry, a_provider_trunk(webex, location="SWEDEN"))
    _refused("provider.type", registry, a_provider_trunk(webex, location="SWEDEN", billingPackage=metered(address.id)))
    assert create_trunk(registry, ACME, a_provider_trunk(webex, billingPackage=metered(address.id))).id


def test_an_address_of_nobody_or_of_another_account_is_unknown(registry: Registry) -> None:
    """The message is the same for both, so nothing of the other account shows."""
    foreign = create_address(registry, BLUE, an_address())
    path = "billingPackage.addressId"
    for address_id in (foreign.id, "no-such-address"):
        assert f"There is no service address {address_id!r} in this account." == _refused(
            path, registry, a_trunk(billingPackage=metered(address_id))
        )


def test_an_unknown_location_is_refused_with_the_known_ones(registry: Registry) -> None:
    """The message lists what could be written instead."""
    assert "FRANKFURT" in _refused("location", registry, a_trunk(location="ATLANTIS"))


def test_a_static_trunk_needs_a_host(registry: Registry) -> None:
    """Without source and destination it could neither send nor receive."""
    _refused("sourceHosts", registry, a_trunk(sourceHosts=None))
    _refused("sourceHosts", registry, a_trunk(sourceHosts=[], destinationHosts=[]))
    only_target = create_trunk(registry, ACME, a_trunk(sourceHosts=None, destinationHosts=["pbx.acme.io:5080"]))
    assert ["pbx.acme.io:5080"] == only_target.destination_hosts


def test_a_rename_keeps_the_channel_limit_and_the_hosts(registry: Registry) -> None:
    """They are absent from the request and move money, or would leave the trunk without a host."""
    trunk = create_trunk(registry, ACME, a_trunk(codecs=["G729"]))
    renamed = update_trunk(registry, ACME, trunk.id, an_update())
    assert ("Renamed", 10, ["8.8.4.4"]) == (renamed.name, renamed.channel_limit, renamed.source_hosts)
    assert ["PCMA", "PCMU"] == renamed.codecs


def test_one_host_list_empties_the_other(registry: Registry) -> None:
    """A PUT replaces: where one list is sent, the absent one is empty."""
    trunk = create_trunk(registry, ACME, a_trunk())
    moved = update_trunk(registry, ACME, trunk.id, an_update(destinationHosts=["9.9.9.9:5060"]))
    assert ([], ["9.9.9.9:5060"]) == (moved.source_hosts, moved.destination_hosts)
    with pytest.raises(Refused, match="needs a source host or a destination host"):
        update_trunk(registry, ACME, trunk.id, an_update(sourceHosts=[]))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("location", {"location": "SWEDEN"}),
        ("tls", {"tls": True}),
        ("billingPackage.packageType", {"billingPackage": {"packageType": "UNLIMITED"}}),
        ("billingPackage.addressId", {"billingPackage": {"packageType": "METERED", "addressId": "a"}}),
    ],
)
def test_what_is_fixed_for_life_is_not_updated(registry: Registry, path: str, fields: dict[str, Any]) -> None:
    """Sending it back unchanged is fine, another value is refused (PRODUCT, Trunks 1)."""
    trunk = create_trunk(registry, ACME, a_trunk())
    with pytest.raises(Refused) as refused:
        update_trunk(registry, ACME, trunk.id, an_update(**fields))
    assert path in refused.value.violations
    same = {"location": "FRANKFURT", "tls": False, "billingPackage": {"packageType": "METERED"}}
    assert "Renamed" == update_trunk(registry, ACME, trunk.id, an_update(**same)).name


def test_another_type_is_refused(registry: Registry) -> None:
    """A REGISTERED update of a STATIC trunk is a mistake."""
    trunk = create_trunk(registry, ACME, a_trunk())
    with pytest.raises(Refused) as refused:
        update_trunk(registry, ACME, trunk.id, an_update(type="REGISTERED"))
    assert ["type"] == list(refused.value.violations)


def test_a_deleted_trunk_is_gone_but_kept(registry: Registry) -> None:
    """The API no longer has it; the row stays with the end of its life, for records that arrive late."""
    trunk = create_trunk(registry, ACME, a_trunk())
    assert trunk.id == delete_trunk(registry, ACME, trunk.id).id
    for forbidden in (get_trunk, delete_trunk):
        with pytest.raises(NotFound):
            forbidden(registry, ACME, trunk.id)
    with registry.database.read() as session:
        assert session.get_one(TrunkRow, trunk.id).deleted_at is not None
        assert 0 == session.scalar(text("SELECT count(*) FROM trunk_identities"))


def test_another_accounts_trunk_does_not_exist(registry: Registry) -> None:
    """Every way to it says the same as for a trunk that never was."""
    trunk = create_trunk(registry, ACME, a_trunk())
    for attempt in (
        lambda: get_trunk(registry, BLUE, trunk.id),
        lambda: update_trunk(registry, BLUE, trunk.id, an_update()),
        lambda: delete_trunk(registry, BLUE, trunk.id),
        lambda: trunk_status(registry, BLUE, trunk.id),
        lambda: set_trunk_status(registry, BLUE, trunk.id, "DISABLED"),
        lambda: reset_password(registry, BLUE, trunk.id),
        lambda: trunk_history(registry, BLUE, trunk.id),
    ):
        with pytest.raises(NotFound, match=f"There is no SIP trunk '{trunk.id}' in this account"):
            attempt()


def test_operator_connect_trunks_are_apart(registry: Registry) -> None:
    """No published shape has them: they are neither listed nor found where the official client looks."""
    address = create_address(registry, ACME, an_address())
    teams = create_trunk(registry, ACME, a_teams_trunk(billingPackage=metered(address.id)))
    plain = create_trunk(registry, ACME, a_trunk())
    assert [plain.id] == [trunk.id for trunk in list_trunks(registry, ACME, Paging()).results]
    apart = list_trunks(registry, ACME, Paging(), operator_connect=True)
    assert [teams.id] == [trunk.id for trunk in apart.results]
    for attempt in (
        lambda: get_trunk(registry, ACME, teams.id),
        lambda: trunk_status(registry, ACME, teams.id),
        lambda: set_trunk_status(registry, ACME, teams.id, "DISABLED"),
        lambda: trunk_status(registry, ACME, plain.id, operator_connect=True),
    ):
        with pytest.raises(NotFound):
            attempt()
    set_trunk_status(registry, ACME, teams.id, "DISABLED", operator_connect=True)
    assert "DISABLED" == trunk_status(registry, ACME, teams.id, operator_connect=True).admin_status
    set_status_as_staff(registry, ACME, teams.id, "SYSTEM_DISABLED")
    assert "SYSTEM_DISABLED" == trunk_status(registry, ACME, teams.id, operator_connect=True).admin_status
    assert "needs a service address" in _refused("billingPackage.addressId", registry, a_teams_trunk())


def test_pages_and_names(registry: Registry) -> None:
    """The oldest first; a part of the name in any case; wildcards of SQL are plain characters."""
    for name in ("Alpha 100%", "beta", "ALPHABET"):
        create_trunk(registry, ACME, a_trunk(name=name))
    create_trunk(registry, BLUE, a_trunk(name="alpha of blue", sourceHosts=["9.9.9.9"]))
    page = list_trunks(registry, ACME, Paging(page=1, size=1), "alpha")
    assert ["ALPHABET"] == [trunk.name for trunk in page.results]
    assert (1, 1, 2, 2) == (page.paging.page, page.paging.size, page.paging.total_pages, page.paging.total_results)
    assert ["Alpha 100%"] == [trunk.name for trunk in list_trunks(registry, ACME, Paging(), "0%").results]
    assert [] == list_trunks(registry, ACME, Paging(page=9), "alpha").results


def test_an_action_runs_and_then_succeeds(database: Any) -> None:
    """CREATING until its time, then SUCCESS; so with UPDATING; DELETING until the trunk has no status at all."""
    clock = Clock()
    registry = a_registry(database, clock, action_seconds=2.5)
    trunk = create_trunk(registry, ACME, a_registered_trunk())
    seen = [trunk_status(registry, ACME, trunk.id).action_status.status for _ in range(3)]
    assert ["CREATING", "CREATING", "SUCCESS"] == seen
    set_trunk_status(registry, ACME, trunk.id, "DISABLED")
    status = trunk_status(registry, ACME, trunk.id)
    assert ("DISABLED", "UPDATING", "UNREGISTERED", 0) == (
        status.admin_status, status.action_status.status, status.registration_status, status.active_calls
    )  # fmt: skip
    reset_password(registry, ACME, trunk.id)
    assert "RESET" == trunk_status(registry, ACME, trunk.id).action_status.status
    delete_trunk(registry, ACME, trunk.id)
    assert "DELETING" == trunk_status(registry, ACME, trunk.id).action_status.status
    clock()
    with pytest.raises(NotFound):
        trunk_status(registry, ACME, trunk.id)


def test_history_says_what_moved_money_and_who_moved_it(registry: Registry) -> None:
    """Each version has its instant; each audit entry its actor and what changed, without passwords."""
    trunk = create_trunk(registry, ACME, a_trunk())
    update_trunk(registry, ACME, trunk.id, an_update(channelLimit=25))
    set_trunk_status(registry, ACME, trunk.id, "DISABLED")
    set_trunk_status(registry, ACME, trunk.id, "DISABLED")
    history = trunk_history(registry, ACME, trunk.id)
    assert [(10, "ENABLED"), (25, "ENABLED"), (25, "DISABLED")] == [
        (version["channelLimit"], version["adminStatus"]) for version in history["versions"]
    ]
    assert ["CREATE", "UPDATE", "DISABLED"] == [change["action"] for change in history["changes"]]
    assert {"from": 10, "to": 25} == history["changes"][1]["changes"]["channelLimit"]
    assert "test of acme" == history["changes"][1]["actor"]


def test_no_secret_is_in_audit_log_or_outbox(registry: Registry) -> None:
    """A password is neither in what people read nor in what is published."""
    trunk = create_trunk(registry, ACME, a_registered_trunk())
    password = trunk.password or ""
    with registry.database.read() as session:
        audit = [str(row.before) + str(row.after) for row in session.scalars(select(AuditRow))]
        outbox = [row.value or "" for row in session.scalars(select(OutboxRow))]
    assert not [text for text in audit + outbox if password in text]


def test_the_outbox_carries_the_whole_trunk_with_its_dates(registry: Registry) -> None:
    """One record a change, and the tombstone after the time in which late records may come."""
    trunk = create_trunk(registry, ACME, a_trunk())
    update_trunk(registry, ACME, trunk.id, an_update(channelLimit=25, sourceHosts=["9.9.9.9"]))
    delete_trunk(registry, ACME, trunk.id)
    with registry.database.read() as session:
        rows = _outbox(session)
    records = [TrunkRecord.model_validate_json(row.value) for row in rows if row.value]
    assert [None, None, records[2].trunk.effective_until] == [record.trunk.effective_until for record in records]
    assert [10, 25] == [limit.channel_limit for limit in records[2].trunk.channel_limits]
    assert (("9.9.9.9",), ("8.8.4.4",)) == (records[2].trunk.source_hosts, records[2].former_hosts)
    assert rows[3].value is None
    assert 92 == (rows[3].publish_after - rows[2].publish_after).days


def _outbox(session: Session) -> list[OutboxRow]:
    return list(session.scalars(select(OutboxRow).where(OutboxRow.topic == "sip-trunks").order_by(OutboxRow.change_id)))


def test_versions_follow_each_other_even_if_the_clock_goes_back(database: Any) -> None:
    """A step back of the clock would otherwise put a limit before the trunk's own start."""
    clock = Clock()
    registry = a_registry(database, clock)
    address = create_address(registry, ACME, an_address())
    clock.now = clock.now.replace(year=2025)
    update_address(registry, ACME, address.id, an_address(city="Round Rock"))
    trunk = create_trunk(registry, ACME, a_trunk(billingPackage=metered(address.id)))
    update_trunk(registry, ACME, trunk.id, an_update(channelLimit=25))
    with registry.database.read() as session:
        limits = TrunkRecord.model_validate_json(_outbox(session)[-1].value or "").trunk.channel_limits
    assert limits[0].effective_from < limits[1].effective_from
