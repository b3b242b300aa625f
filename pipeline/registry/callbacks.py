"""Posting a result to a URL that a customer names: once, to public addresses only, without following anywhere."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx
import structlog

log = structlog.get_logger(__name__)

SECONDS = 10.0
_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")


class BadCallback(ValueError):
    """The URL leads nowhere that may be reached."""


def public_address(url: str, *, admit_private: bool) -> str:
    """The address that the URL's host has now; BadCallback if it has none, or one that is not public.

    The request goes to this very address, so that the name cannot come to mean another one in between.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS[parts.scheme]
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError) as error:
        raise BadCallback(f"{url!r} cannot be resolved: {error}. Give a URL that is reachable from here.") from None
    addresses = [str(address[4][0]) for address in found]
    hidden = [address for address in addresses if not _is_public(ip_address(address))]
    if hidden and not admit_private:
        raise BadCallback(f"{url!r} leads to {hidden[0]}, which is not a public address.")
    return addresses[0]


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is one host of the public Internet, also after a gateway has taken the IPv4 address out of it."""
    inner: IPv4Address | None = None
    if isinstance(address, IPv6Address):
        inner = IPv4Address(address.packed[-4:]) if address in _NAT64 else address.sixtofour
    return address.is_global and not address.is_multicast and (inner is None or _is_public(inner))


def post(url: str, body: bytes, *, admit_private: bool) -> None:
    """Post a result once. What goes wrong is logged; the vendor's contract knows no second attempt."""
    try:
        address = public_address(url, admit_private=admit_private)
        asked = httpx.URL(url)
        host = asked.netloc.decode()
        with httpx.Client(timeout=SECONDS, trust_env=False) as client:
            answer = client.post(
                asked.copy_with(host=address), content=body,
                headers={"Host": host, "Content-Type": "application/json"}, extensions={"sni_hostname": asked.host},
            )  # fmt: skip
        log.info("usage_posted", host=host, status=answer.status_code)
    except (BadCallback, httpx.HTTPError, httpx.InvalidURL) as error:
        log.warning("usage_not_posted", reason=str(error))
