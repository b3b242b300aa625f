"""Folder and registry become one set of reference data; by small data of which every row is written here."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.registry.merge import Content, HistoricTrunk, Merged, merge
from schemas.reference import (
    Account,
    ChannelLimit,
    Package,
    Plan,
    ReferenceData,
    ServiceAddress,
    Trunk,
    TrunkType,
)  # fmt: skip

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def a_trunk(trunk_id: str, **fields: Any) -> Trunk:
    """A METERED STATIC trunk of acme in Germany from the start on."""
    start = fields.get("effective_from", START)
    known: dict[str, Any] = {
        "trunk_id": trunk_id, "account_id": "acme", "name": trunk_id, "type": TrunkType.STATIC, "plan_id": "metered",
        "location": "FRANKFURT", "country": "DE", "effective_from": start,
        "channel_limits": (ChannelLimit(effective_from=start, channel_limit=10),),
    }  # fmt: skip
    return Trunk(**(known | fields))


def an_address(address_id: str, **fields: Any) -> ServiceAddress:
    """An address of acme in Berlin."""
    known: dict[str, Any] = {
        "address_id": address_id, "account_id": "acme", "effective_from": START, "street": "Allee 1", "city": "Berlin",
        "country": "DE",
    }  # fmt: skip
    return ServiceAddress(**(known | fields))


def a_folder(trunks: tuple[Trunk, ...] = (), addresses: tuple[ServiceAddress, ...] = ()) -> ReferenceData:
    """A folder with accounts acme and blue and a METERED plan."""
    return ReferenceData(
        accounts=tuple(Account(account_id=name, name=name) for name in ("acme", "blue")),
        plans=(Plan(plan_id="metered", package=Package.METERED, effective_from=START, outbound_deck="deck"),),
        trunks=trunks, addresses=addresses, decks=(), area_codes=(),
    )  # fmt: skip


def merged(folder: ReferenceData, *trunks: Trunk | HistoricTrunk, addresses: tuple[ServiceAddress, ...] = ()) -> Merged:
    """The folder with these trunks and addresses of the registry on top."""
    historic = [trunk if isinstance(trunk, HistoricTrunk) else HistoricTrunk(trunk) for trunk in trunks]
    return merge(folder, Content(historic, addresses))


def named(result: Merged) -> list[str]:
    """The names of all trunks."""
    return [trunk.name for trunk in result.data.trunks]


def problems(result: Merged) -> list[tuple[str, str]]:
    """Rows and fields that were left out."""
    return [(problem.name, problem.field) for problem in result.problems]


def hosts(result: Merged, trunk_id: str) -> tuple[str, ...]:
    """The hosts that a trunk is found by."""
    (trunk,) = [trunk for trunk in result.data.trunks if trunk.trunk_id == trunk_id]
    return trunk.source_hosts


def test_an_empty_registry_changes_nothing() -> None:
    """The folder's data stay as they are."""
    folder = a_folder((a_trunk("t1"),), (an_address("a1"),))
    assert Merged(folder, []) == merged(folder)


def test_trunks_of_the_folder_come_first() -> None:
    """The same id gives way to the registry, in the registry's place."""
    result = merged(a_folder((a_trunk("t1"), a_trunk("t2"))), a_trunk("t1", name="new"), a_trunk("t3"))
    assert ["t2", "new", "t3"] == named(result)
    assert [] == problems(result)


def test_all_versions_of_an_address_give_way_together() -> None:
    """Versions of one address never come from two sources."""
    folder = a_folder(addresses=(an_address("a1"), an_address("a1", version=2), an_address("a2")))
    new = (an_address("a1", street="Allee 9"),)
    assert [("a2", "Allee 1"), ("a1", "Allee 9")] == [
        (row.address_id, row.street) for row in merged(folder, addresses=new).data.addresses
    ]


def test_an_address_of_a_stranger_is_left_out_and_named_once() -> None:
    """Not once for each of its versions."""
    strange = tuple(an_address("a9", account_id="ghost", version=number) for number in (1, 2, 3))
    result = merged(a_folder(), addresses=(*strange, an_address("a1")))
    assert ["a1"] == [row.address_id for row in result.data.addresses]
    assert ["addresses, a9, account_id: found ghost, expected an account of the book"] == list(
        map(str, result.problems)
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"account_id": "ghost"}, "account_id"),
        ({"plan_id": "ghost"}, "plan_id"),
        ({"address_id": "ghost"}, "address_id"),
        ({"address_id": "of-blue"}, "address_id"),
        ({"country": "US"}, "address_id"),
        ({"type": TrunkType.REGISTERED}, "user_name"),
        ({"type": TrunkType.PROVIDER}, "provider_id"),
        ({"type": TrunkType.OPERATOR_CONNECT}, "provider_id"),
        ({"provider": "CISCO_WEBEX"}, "provider"),
        ({"effective_until": START}, "effective_until"),
        ({"effective_from": START - DAY}, "plan_id"),
    ],
)
def test_a_trunk_that_does_not_fit_is_left_out(fields: dict[str, Any], field: str) -> None:
    """It is named with its field, and the others are rated on."""
    folder = a_folder((a_trunk("t1"),), (an_address("of-blue", account_id="blue"),))
    result = merged(folder, a_trunk("bad", **fields), a_trunk("good"))
    assert ["t1", "good"] == named(result)
    assert ("bad", field) in problems(result)
    assert {"bad"} == {name for name, _ in problems(result)}


def test_a_trunk_without_its_address_follows_it() -> None:
    """The address is left out since its account is not known, so the trunk finds none."""
    result = merged(a_folder(), a_trunk("t1", address_id="a9"), addresses=(an_address("a9", account_id="ghost"),))
    assert [("a9", "account_id"), ("t1", "address_id")] == problems(result)
    assert [] == named(result)


def test_a_bad_trunk_of_the_folder_is_the_folders_business() -> None:
    """Loading the folder names it; the registry's trunks are not blamed for it."""
    result = merged(a_folder((a_trunk("bad", plan_id="ghost"),)), a_trunk("good"))
    assert (["bad", "good"], []) == (named(result), problems(result))


def test_of_two_claims_the_registrys_gives_way_to_the_folders() -> None:
    """And of two of the registry the later one, in their order; a trunk that is out no longer claims anything."""
    host = ("8.8.8.8",)
    folder = a_folder((a_trunk("t1", account_id="blue", source_hosts=host),))
    one = merged(folder, a_trunk("t2", source_hosts=host))
    assert (["t1"], [("t2", "source_hosts")]) == (named(one), problems(one))
    two = merged(a_folder(), a_trunk("t2", source_hosts=host), a_trunk("t3", account_id="blue", source_hosts=host))
    assert (["t2"], [("t3", "source_hosts")]) == (named(two), problems(two))


def test_trunks_of_one_account_share_a_host() -> None:
    """Whichever source they come from."""
    host = ("8.8.8.8",)
    result = merged(a_folder((a_trunk("t1", source_hosts=host),)), a_trunk("t2", source_hosts=host))
    assert (["t1", "t2"], []) == (named(result), problems(result))


def test_one_after_the_other_may_have_a_host() -> None:
    """The first ended when the second began."""
    first = a_trunk("t1", account_id="blue", source_hosts=("8.8.8.8",), effective_until=START + DAY)
    second = a_trunk("t2", source_hosts=("8.8.8.8",), effective_from=START + DAY)
    result = merged(a_folder((first,)), second)
    assert (["t1", "t2"], []) == (named(result), problems(result))


def test_a_trunk_is_found_by_hosts_that_it_had() -> None:
    """A late call from before a change still finds its trunk; the present hosts come first."""
    result = merged(a_folder(), HistoricTrunk(a_trunk("t1", source_hosts=("8.8.4.4",)), ("8.8.8.8", "pbx.acme.io")))
    assert ("8.8.4.4", "8.8.8.8", "pbx.acme.io") == hosts(result, "t1")


def test_a_host_that_two_had_finds_neither_by_the_past() -> None:
    """The trunk that has it now keeps it; of two that had it nobody knows whose the late call is."""
    now = HistoricTrunk(a_trunk("t1", source_hosts=("8.8.8.8",)), ("1.1.1.1", "9.9.9.9"))
    before = HistoricTrunk(a_trunk("t2", account_id="blue", source_hosts=("8.8.4.4",)), ("8.8.8.8", "1.1.1.1"))
    result = merged(a_folder(), now, before)
    assert ("8.8.8.8", "9.9.9.9") == hosts(result, "t1")
    assert ("8.8.4.4",) == hosts(result, "t2")
    assert [] == problems(result)


@pytest.mark.parametrize("host", ["192.0.2.1", "198.51.100.7", "203.0.113.255", "10.0.0.1", "127.0.0.1", "100.64.0.1"])
def test_a_host_of_nobody_finds_no_trunk(host: str) -> None:
    """Though a setting let it into the registry; the trunk itself stays, also by its past."""
    result = merged(a_folder(), HistoricTrunk(a_trunk("t1", source_hosts=(host, "8.8.8.8")), (host,)))
    assert ("8.8.8.8",) == hosts(result, "t1")
    assert [] == problems(result)


def test_all_else_of_the_folder_stays() -> None:
    """Accounts, plans, decks and area codes are the folder's alone."""
    folder = a_folder()
    data = merged(folder, a_trunk("t1"), addresses=(an_address("a1"),)).data
    assert (folder.accounts, folder.plans, folder.decks, folder.area_codes) == (
        data.accounts, data.plans, data.decks, data.area_codes
    )  # fmt: skip
