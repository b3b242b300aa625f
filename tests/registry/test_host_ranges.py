"""Every range of addresses that no customer can call his own: its first and last address, and the neighbours."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.registry.problems import Refused
from pipeline.registry.rules.hosts import destination_hosts, source_hosts

REFUSED = {
    "0.0.0.0/8": "special-purpose|unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared address space",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.2.0/24": "documentation",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "documentation",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
"""The special-purpose registry of RFC 6890 as far as it is no one's, and multicast (RFC 5771)."""
NETWORKS = [IPv4Network(text) for text in REFUSED]


def taken(host: str) -> bool:
    """Whether a trunk may send from a host."""
    try:
        return [host] == source_hosts([host], admit_documentation=False)
    except Refused:
        return False


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_first_middle_and_last_address_are_refused(network: IPv4Network) -> None:
    """With a reason that says which range it is."""
    for place in (0, network.num_addresses // 2, network.num_addresses - 1):
        with pytest.raises(Refused, match=REFUSED[str(network)]):
            source_hosts([str(network[place])], admit_documentation=False)


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_the_neighbours_are_public_unless_they_lie_in_another_range(network: IPv4Network) -> None:
    """A range ends where it ends."""
    for number in (int(network[0]) - 1, int(network[-1]) + 1):
        if 0 <= number < 2**32 and not any(IPv4Address(number) in other for other in NETWORKS):
            assert taken(str(IPv4Address(number)))


@given(st.sampled_from(NETWORKS), st.integers(0, 2**32 - 1))
def test_no_address_of_a_range_slips_through(network: IPv4Network, number: int) -> None:
    """Whichever it is."""
    assert not taken(str(network[number % network.num_addresses]))


@given(st.sampled_from(NETWORKS), st.integers(0, 2**32 - 1))
def test_nor_in_the_clothes_of_ipv6(network: IPv4Network, number: int) -> None:
    """IPv4-mapped, IPv4-compatible, NAT64 and 6to4, with and without brackets."""
    address = network[number % network.num_addresses]
    high, low = divmod(int(address), 2**16)
    for host in (f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}", f"::ffff:{high:x}:{low:x}",
                 f"2002:{high:x}:{low:x}::1", f"[::ffff:{address}]"):  # fmt: skip
        assert not taken(host)


@given(st.sampled_from(NETWORKS), st.integers(0, 2**32 - 1))
def test_nor_in_other_spellings_of_ipv4(network: IPv4Network, number: int) -> None:
    """Some resolvers read one number, hexadecimal, octal and short forms as addresses."""
    address = network[number % network.num_addresses]
    a, b, c, d = address.packed
    for host in (f"{int(address)}", f"{int(address):#x}", f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"{a}.{b}.{c * 256 + d}",
                 f"{a}.{(b * 256 + c) * 256 + d}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:03}.{b:03}.{c:03}.{d:03}0",
                 f"{address}:5060", f"{address}/32", f" {address}", f"{address} ", f"{address}%eth0"):  # fmt: skip
        assert not taken(host)


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("::", "IPv6"),
        ("::1", "IPv6"),
        ("fe80::1", "IPv6"),
        ("fc00::1", "IPv6"),
        ("ff02::1", "IPv6"),
        ("2001:db8::1", "IPv6"),
        ("3fff::1", "IPv6"),
        ("2a00:1450:4001:81b::200e", "IPv6"),
        ("[2a00:1450:4001:81b::200e]", "IPv6"),
        ("2A00:1450:4001:81B::200E", "IPv6"),
        ("0:0:0:0:0:ffff:808:808", "IPv6"),
        ("1::2::3", "neither"),
        ("12345::", "neither"),
        ("[8.8.8.8]", "neither"),
    ],
)
def test_ipv6_is_refused_in_every_form(host: str, why: str) -> None:
    """Trunks have IPv4 addresses; also the public ones, and what is none at all."""
    with pytest.raises(Refused, match=why):
        source_hosts([host], admit_documentation=False)


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("a.io", True),
        ("a-b.acme.io", True),
        ("1.acme.io", True),
        ("1and1.de", True),
        ("xn--80ak6aa92e.com", True),
        (f"{'a' * 63}.acme.io", True),
        (f"{'a' * 64}.acme.io", False),
        (".".join(["a" * 63] * 3) + "." + "b" * 61, True),  # 253 characters
        (".".join(["a" * 63] * 3) + "." + "b" * 62, False),  # 254
        ("acme", False),
        (".acme.io", False),
        ("acme..io", False),
        ("acme.-io", False),
        ("acme-.io", False),
        ("acme.io-", False),
        ("a_b.acme.io", False),
        ("*.acme.io", False),
        ("bücher.de", False),
        ("acme.1", False),
        ("acme.0x1f", False),
        ("acme.io/", False),
        ("user@acme.io", False),
        ("sip.acme.io;transport=tls", False),
        ("acme.io\n", False),
        ("", False),
        (".", False),
        ("example", False),
        ("pbx.example", False),
        ("pbx.example.net", False),
        ("pbx.example.org", False),
        ("pbx.test", False),
        ("pbx.invalid", False),
        ("pbx.local", False),
        ("pbx.localdomain", False),
        ("pbx.intranet", False),
        ("pbx.lan", False),
        ("pbx.corp", False),
        ("pbx.home", False),
        ("home.arpa", False),
        ("pbx.private", False),
        ("pbx.onion", False),
        ("notexample.com", True),
        ("example.com.acme.io", True),
        ("local.acme.io", True),
    ],
)
def test_names_of_source_hosts(name: str, *, is_taken: bool) -> None:
    """Public DNS names of RFC 1123 whose last label is no number; special names of RFC 6761 and its kin are none."""
    assert is_taken == taken(name)


@pytest.mark.parametrize("port", [1025, 5060, 5061, 65_534, 65_535])
def test_ports_of_destinations(port: int) -> None:
    """1025 to 65535, with an address and with a name."""
    hosts = [f"8.8.8.8:{port}", f"pbx.acme.io:{port}"]
    assert hosts == destination_hosts(hosts)


@pytest.mark.parametrize("port", ["1", "80", "1023", "1024", "65536", "99999", "00", "+5060", " 5060", "5060 ",
                                  "0x13c4", "5e3", "sip"])  # fmt: skip
@pytest.mark.parametrize("host", ["8.8.8.8", "pbx.acme.io"])
def test_ports_of_destinations_that_are_none(host: str, port: str) -> None:
    """1 to 1024, too large, or written otherwise; 0 is for names only."""
    with pytest.raises(Refused, match="port"):
        destination_hosts([f"{host}:{port}"])


def test_a_list_is_checked_whole_and_kept_in_order() -> None:
    """Positions are those of the request, whatever is good between them; doubles are dropped after the first."""
    with pytest.raises(Refused) as refused:
        destination_hosts(["pbx.acme.io", "8.8.8.8", "PBX.acme.io:0", "x", "8.8.8.8:0"])
    assert ["destinationHosts[1]", "destinationHosts[3]", "destinationHosts[4]"] == list(refused.value.violations)
    assert ["b.io:0", "a.io", "b.io"] == destination_hosts(["B.io:0", "a.io", "b.io", "A.IO.", "b.io:0"])
    assert [] == source_hosts([], admit_documentation=False)
