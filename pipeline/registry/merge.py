"""The book folder's data with the registry's trunks and addresses on top.

The registry is the source of truth for what it has: a trunk or an address of the same id in the folder gives way. What
of the registry does not fit the folder (an account or a plan that it does not have) is left out and named, so that one
trunk never keeps the others from being rated; its calls are rejected as UNKNOWN_TRUNK until it fits.
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from rating.book_problems import Problem
from rating.trunk_checks import NOT_PUBLIC, trunk_problems
from schemas.reference import ReferenceData, ServiceAddress, Trunk


class HistoricTrunk(NamedTuple):
    """A trunk with its dates, and the source hosts that it had before."""

    trunk: Trunk
    former_hosts: tuple[str, ...] = ()


class Content(NamedTuple):
    """What the registry knows."""

    trunks: Sequence[HistoricTrunk] = ()
    addresses: Sequence[ServiceAddress] = ()


class Merged(NamedTuple):
    """Data that makes a book, and what was left out of it."""

    data: ReferenceData
    problems: Sequence[Problem]


def merge(folder: ReferenceData, content: Content) -> Merged:
    """Put the registry's content on top of the folder's data."""
    addresses, strangers = _addresses(folder, content.addresses)
    trunks = _with_former_hosts(content.trunks)
    ids = {trunk.trunk_id for trunk in trunks}
    own = [trunk for trunk in folder.trunks if trunk.trunk_id not in ids]
    problems: list[Problem] = list(strangers)
    while True:
        # The registry's trunks come last: where two claim one identifier, the later one is named and left out.
        data = folder.model_copy(update={"addresses": addresses, "trunks": (*own, *trunks)})
        found = [problem for problem in trunk_problems(data) if problem.position >= len(own)]
        if not found:
            return Merged(data, problems)
        problems += found
        bad = {problem.name for problem in found}
        trunks = [trunk for trunk in trunks if trunk.trunk_id not in bad]


def _addresses(
    folder: ReferenceData, addresses: Sequence[ServiceAddress]
) -> tuple[tuple[ServiceAddress, ...], list[Problem]]:
    accounts = {account.account_id for account in folder.accounts}
    ids = {address.address_id for address in addresses}
    own = [address for address in folder.addresses if address.address_id not in ids]
    known = [address for address in addresses if address.account_id in accounts]
    problems = [
        Problem("addresses", position, address.address_id, "account_id", address.account_id, "an account of the book")
        for position, address in enumerate(addresses)
        if address.account_id not in accounts and address.version == 1
    ]
    return (*own, *known), problems


def _with_former_hosts(trunks: Iterable[HistoricTrunk]) -> list[Trunk]:
    """A trunk is still found by a host that it had, unless another trunk had or has it too."""
    trunks = list(trunks)
    claims: dict[str, set[str]] = {}
    for trunk, former in trunks:
        for host in (*trunk.source_hosts, *former):
            claims.setdefault(host, set()).add(trunk.trunk_id)
    return [
        trunk.model_copy(update={"source_hosts": tuple(filter(_finds_a_trunk, (*trunk.source_hosts, *own)))})
        for trunk, former in trunks
        for own in [[host for host in former if len(claims[host]) == 1]]
    ]


def _finds_a_trunk(host: str) -> bool:
    """A documentation address that a setting admitted to the registry is nobody's: it identifies no caller."""
    try:
        address = ip_address(host)
    except ValueError:
        return True
    return not any(address in network for network in NOT_PUBLIC)
