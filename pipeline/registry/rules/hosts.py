"""Which hosts a STATIC trunk may send from and be reached at (PRODUCT.md, Trunks 4).

A source host identifies a customer, so it must be a public address of one customer's own: an IPv4 address of the
public Internet, or a name in public DNS. A spelling that some resolvers read as an address (`0x7f.1`, `2130706433`,
`010.0.0.1`) is neither and is refused.
"""

import re
from collections.abc import Callable, Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address

from pipeline.registry.problems import Refused

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NUMBER = r"(?:\d+|0x[0-9a-f]*)\Z"
_NAME = re.compile(rf"(?=.{{4,253}}\Z)(?:{_LABEL}\.)+(?!{_NUMBER}){_LABEL}\Z")
_PORTS = range(1_025, 65_536)
_SRV = 0

_SHARED = IPv4Network("100.64.0.0/10")
_DOCUMENTATION = tuple(
    IPv4Network(network) for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15")
)
"""TEST-NET-1 to 3 (RFC 5737) and the benchmark network (RFC 2544)."""
_DOCUMENTATION_NAMES = ("example", "test", "example.com", "example.net", "example.org")
_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "corp", "home", "private",
                "invalid", "onion", "arpa")  # fmt: skip


def source_hosts(hosts: Iterable[str], *, admit_documentation: bool) -> list[str]:
    """Check the hosts that a trunk sends from; return them in lower case, each once. Refused names each bad one."""
    return _each(hosts, "sourceHosts", lambda host: _source_host(host, admit_documentation=admit_documentation))


def destination_hosts(hosts: Iterable[str]) -> list[str]:
    """Check the hosts that a trunk is reached at: IP:port, name:port (port 0 asks DNS for SRV), or a name."""
    return _each(hosts, "destinationHosts", _destination_host)


def _each(hosts: Iterable[str], path: str, check: Callable[[str], str]) -> list[str]:
    found: dict[str, None] = {}
    violations: dict[str, list[str]] = {}
    for index, host in enumerate(hosts):
        try:
            found[check(host.lower().removesuffix("."))] = None
        except ValueError as error:
            violations[f"{path}[{index}]"] = [str(error)]
    if violations:
        raise Refused(violations)
    return list(found)


def _source_host(host: str, *, admit_documentation: bool) -> str:
    address = _ipv4(host)
    why = _why_not_public_name(host) if address is None else _why_not_public(address)
    if why is None or (admit_documentation and why == _FOR_DOCUMENTATION):
        return host
    raise ValueError(f"{host!r} is {why}. Give a public, dedicated IPv4 address or domain, without a port.")


def _ipv4(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        return None


_FOR_DOCUMENTATION = "kept for documentation and tests"


def _why_not_public(address: IPv4Address) -> str | None:
    reasons = (
        (any(address in network for network in _DOCUMENTATION), _FOR_DOCUMENTATION),
        (address.is_loopback, "a loopback address"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        (address in _SHARED, "in the shared address space 100.64.0.0/10"),
        (address.is_unspecified, "the unspecified address"),
        (address.is_reserved, "a reserved address"),
        (not address.is_global, "a private or special-purpose address"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _why_not_public_name(host: str) -> str | None:
    if _is_ipv6(host):
        return "an IPv6 address, which trunks do not have"
    if not _NAME.match(host):
        return "neither an IPv4 address nor a domain"
    if _ends_in(host, _DOCUMENTATION_NAMES):
        return _FOR_DOCUMENTATION
    return "a name of a local network" if _ends_in(host, _LOCAL_NAMES) else None


def _ends_in(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host.strip("[]").partition("%")[0])
    except AddressValueError:
        return False
    return True


def _destination_host(host: str) -> str:
    name, colon, port = host.rpartition(":") if ":" in host else (host, "", "")
    address = _ipv4(name)
    if address is None and not _NAME.match(name):
        raise ValueError(f"{host!r} is not IP:port, domain:port or domain. IPv6 is not served.")
    if address is not None and not colon:
        raise ValueError(f"{host!r} has no port. Write {host}:5060, with the port that your side listens on.")
    if colon and not _is_port(port, with_srv=address is None):
        raise ValueError(f"{host!r} has port {port!r}. Write a port from 1025 to 65535, or 0 after a domain for SRV.")
    return host


def _is_port(text: str, *, with_srv: bool) -> bool:
    if not re.fullmatch(r"0|[1-9]\d{0,4}", text, re.ASCII):
        return False
    return int(text) in _PORTS or (with_srv and int(text) == _SRV)
