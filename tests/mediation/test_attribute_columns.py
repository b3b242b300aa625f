"""Attributes of packets in columns are those that the specification finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mediation.attribute_columns import read_attributes
from pipeline.mediation.formats.radius_text import attributes_of
from pipeline.mediation.member_names import Names

NAMES = Names(["User-Name", "Acct-Session-Id", "Acme-Session-Ingress-CallId", "Acme-Session-Ingress-Realm"])


def read(*packets: str) -> list[dict[str, str] | None]:
    """The attributes of each packet; None where others have to look at it."""
    found = read_attributes([packet.encode() for packet in packets], NAMES)
    rows = zip(*(found.texts[name].to_pylist() for name in NAMES.names), strict=True)
    named = [{name: text for name, text in zip(NAMES.names, row, strict=True) if text is not None} for row in rows]
    return [row if readable else None for row, readable in zip(named, found.readable, strict=True)]


def specified(packet: str) -> dict[str, str]:
    return {name: text for name, text in attributes_of(packet).items() if name in NAMES.names}


def test_attributes_of_many_packets() -> None:
    """Indented or not, quoted or not, empty or left out; lines that are none are passed over."""
    packets = [
        'rad_recv: id=42\n\tUser-Name = "trunk-7"\n\tAcct-Session-Id = 5',
        "  User-Name = ",
        "Acct-Session-Id = \"a = b\"\nUser-Name=x\nUser-Name =y\nFoo User-Name = z",
        "Acme-Session-Ingress-Realm = r\nAcme-Session-Ingress-CallId = c",
    ]  # fmt: skip
    expected = [
        {"User-Name": "trunk-7", "Acct-Session-Id": "5"},
        {"User-Name": ""},
        {"Acct-Session-Id": "a = b"},
        {"Acme-Session-Ingress-Realm": "r", "Acme-Session-Ingress-CallId": "c"},
    ]
    assert expected == read(*packets)


def test_first_of_equal_names_stays() -> None:
    """Whatever the later one says."""
    assert [{"User-Name": "one"}, {"User-Name": ""}] == read(
        "User-Name = one\nUser-Name = two", 'User-Name = ""\nUser-Name = x'
    )


@pytest.mark.parametrize("packet", [
    'Cisco-AVPair = "User-Name=x"', "User-Name = J\u00f6rg", "User-Name = a\tb", "User-Name = x\r",
    "User-Name = a\x1fb",
    f"User-Name = {' ' * 20}x", f'User-Name = {chr(34) * 20}', f"{' ' * 20}User-Name = x",
])  # fmt: skip
def test_left_to_others(packet: str) -> None:
    """Vendor pairs, accents, control characters, long rows of blanks; the packets around it are read."""
    assert [{"User-Name": "a"}, None, {"User-Name": "b"}] == read("User-Name = a", packet, "User-Name = b")


def test_nothing_to_read() -> None:
    """No packets, an empty one, blank lines."""
    assert [] == read()
    assert [{}, {}, {}] == read("", "\n\n", " = x")


PIECES = st.sampled_from(
    ["User-Name", "Acct-Session-Id", " = ", "=", "\n", " ", "\t", '"', "x", "-AVPair", "\n\t", "7"]
)


@given(st.lists(st.lists(PIECES, max_size=14).map("".join), max_size=4))
def test_as_the_specification(packets: list[str]) -> None:
    """Whatever the lines hold."""
    for packet, found in zip(packets, read(*packets), strict=True):
        assert found is None or specified(packet) == found
