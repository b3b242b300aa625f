"""Which hosts a STATIC trunk may have: every form that an address can hide in."""

import pytest

from pipeline.registry.problems import Refused
from pipeline.registry.rules.hosts import destination_hosts, source_hosts

REFUSED_SOURCES = {
    "10.1.2.3": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "100.64.0.0/10",
    "100.127.255.255": "100.64.0.0/10",
    "127.0.0.1": "loopback",
    "169.254.1.1": "link-local",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "0.0.0.0": "unspecified",  # noqa: S104 - a text to refuse, nothing binds to it
    "0.1.2.3": "special-purpose",
    "192.0.2.1": "documentation",
    "198.51.100.255": "documentation",
    "203.0.113.7": "documentation",
    "198.18.0.1": "documentation",
    "192.0.0.1": "special-purpose",
    "::1": "IPv6",
    "2001:db8::1": "IPv6",
    "::ffff:10.0.0.1": "IPv6",
    "::ffff:8.8.8.8": "IPv6",
    "[2001:4860:4860::8888]": "IPv6",
    "fe80::1%eth0": "IPv6",
    "8.8.8.8:5060": "neither",
    "8.8.8": "neither",
    "8.8.8.8.8": "neither",
    "256.1.1.1": "neither",
    "010.0.0.1": "neither",
    "0x7f.0.0.1": "neither",
    "2130706433": "neither",
    "0x7f000001": "neither",
    "8.8.8.8/32": "neither",
    "sip:8.8.8.8": "neither",
    "pbx": "neither",
    "-pbx.acme.io": "neither",
    "pbx..acme.io": "neither",
    "pbx_1.acme.io": "neither",
    "pbx.acme.io\nX": "neither",
    "\u0661.1.1.1": "neither",
    "localhost": "neither",
    "pbx.localhost": "local network",
    "pbx.internal": "local network",
    "1.0.0.127.in-addr.arpa": "local network",
    "pbx.example.com": "documentation",
}


@pytest.mark.parametrize(("host", "why"), REFUSED_SOURCES.items())
def test_source_host_is_refused(host: str, why: str) -> None:
    """Only a public, dedicated IPv4 address or a public name can stand for a customer."""
    with pytest.raises(Refused, match=r"sourceHosts\[0\]") as refused:
        source_hosts([host], admit_documentation=False)
    assert why in refused.value.violations["sourceHosts[0]"][0]


@pytest.mark.parametrize("host", ["8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "223.255.255.1",
                                  "pbx.acme.io", "xn--bcher-kva.example-shop.de"])  # fmt: skip
def test_public_source_host_is_taken(host: str) -> None:
    """The neighbours of the refused ranges are public."""
    assert [host] == source_hosts([host], admit_documentation=False)


def test_hosts_are_kept_in_one_spelling_and_once() -> None:
    """Case and a final dot do not matter in DNS."""
    assert ["pbx.acme.io"] == source_hosts(["PBX.Acme.IO.", "pbx.acme.io"], admit_documentation=False)


@pytest.mark.parametrize("host", ["192.0.2.1", "198.18.10.1", "pbx.example.com"])
def test_one_setting_admits_documentation_hosts(host: str) -> None:
    """For demos and tests; private addresses stay refused."""
    assert [host] == source_hosts([host], admit_documentation=True)
    with pytest.raises(Refused):
        source_hosts(["10.0.0.1"], admit_documentation=True)


def test_every_bad_host_is_named() -> None:
    """One answer says all that is wrong, by position."""
    with pytest.raises(Refused) as refused:
        source_hosts(["8.8.8.8", "10.0.0.1", "::1"], admit_documentation=False)
    assert ["sourceHosts[1]", "sourceHosts[2]"] == list(refused.value.violations)


@pytest.mark.parametrize("host", ["8.8.8.8:5060", "8.8.8.8:1025", "8.8.8.8:65535", "pbx.acme.io", "pbx.acme.io:0",
                                  "pbx.acme.io:5061", "10.0.0.1:5060"])  # fmt: skip
def test_destination_host_is_taken(host: str) -> None:
    """IP with a port, a name with or without one; port 0 asks DNS for SRV."""
    assert [host] == destination_hosts([host])


@pytest.mark.parametrize("host", ["8.8.8.8", "8.8.8.8:0", "8.8.8.8:1024", "8.8.8.8:65536", "8.8.8.8:05060",
                                  "pbx.acme.io:80", "pbx.acme.io:", "[::1]:5060", "::1", "a b.io", "pbx.acme.io:5060:1",
                                  "pbx.acme.io:-1", "pbx.acme.io:\u0665060"])  # fmt: skip
def test_destination_host_is_refused(host: str) -> None:
    """Ports 1 to 1024 are refused, and so is everything that is neither IPv4 nor a name."""
    with pytest.raises(Refused, match=r"destinationHosts\[0\]"):
        destination_hosts([host])
