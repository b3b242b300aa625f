"""Where a result may be posted to: by what a name resolves to, without any network."""

import socket
from collections.abc import Callable

import pytest

from pipeline.registry.callbacks import BadCallback, public_address

Asked = list[tuple[str | None, int]]
Answering = Callable[..., Asked]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Let every name resolve to some addresses; returns what is asked for."""

    def answer(*addresses: str) -> Asked:
        asked: Asked = []

        def resolve(host: str | None, port: int, **_: object) -> list[tuple[object, ...]]:
            asked.append((host, port))
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return answer


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://acme.io/usage", "acme.io", 443),
        ("http://acme.io/usage", "acme.io", 80),
        ("https://acme.io:8443/usage?id=1", "acme.io", 8443),
        ("http://ACME.io", "acme.io", 80),
        ("https://user:word@acme.io/", "acme.io", 443),
        ("https://8.8.8.8@acme.io/", "acme.io", 443),
        ("https://[2a00:1450::1]:444/", "2a00:1450::1", 444),
    ],
)
def test_the_host_of_the_url_is_asked_for(dns: Answering, url: str, host: str, port: int) -> None:
    """With the port of its scheme; what stands before an @ is no host."""
    asked = dns("8.8.8.8")
    assert "8.8.8.8" == public_address(url, admit_private=False)
    assert [(host, port)] == asked


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "192.0.2.1", "198.18.0.1", "203.0.113.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "2001:db8::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1",
        "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "2002:a00:1::1", "2002:a9fe:a9fe::1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_reached(dns: Answering, address: str) -> None:
    """Also if only one of several is inside; a setting admits it for tests."""
    for found in ((address,), ("8.8.8.8", address), (address, "8.8.8.8")):
        dns(*found)
        with pytest.raises(BadCallback, match="not a public address"):
            public_address("https://acme.io", admit_private=False)
    dns(address)
    assert address == public_address("https://acme.io", admit_private=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2a00:1450:4001:81b::200e", "64:ff9b::8.8.8.8"])
def test_the_first_public_address_is_the_one_that_is_reached(dns: Answering, address: str) -> None:
    """The request goes to it, so that the name cannot come to mean another one in between."""
    dns(address, "9.9.9.9")
    assert address == public_address("https://acme.io", admit_private=False)


@pytest.mark.parametrize("error", [socket.gaierror("no such name"), OSError("down"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows_is_a_bad_callback(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """It is the customer's mistake, not ours."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(BadCallback, match=r"cannot be resolved: .* Give a URL that is reachable"):
        public_address("https://acme.io", admit_private=False)


@pytest.mark.parametrize("url", ["https://acme.io:99999", "https://acme.io:port"])
def test_a_port_that_is_none(dns: Answering, url: str) -> None:
    """Nothing is resolved for it."""
    asked = dns("8.8.8.8")
    with pytest.raises(BadCallback, match="cannot be resolved"):
        public_address(url, admit_private=False)
    assert [] == asked
