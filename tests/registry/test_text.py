"""Text of people, places of the world, and how times and paths are written."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.registry.api.errors import field_path
from pipeline.registry.places import alpha2_codes, countries, country_of, locations, regions
from pipeline.registry.rules.credentials import digest_of, new_password
from pipeline.registry.rules.text import not_blank, printable
from pipeline.registry.rules.trunks import technical_settings
from pipeline.registry.shapes.base import time_text
from pipeline.registry.store.pages import Paging
from pipeline.shipped import DATA


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=50))
def test_letters_digits_and_signs_of_all_scripts_are_taken(text: str) -> None:
    """What can be read back comes back unchanged."""
    assert text == printable(text)


@given(st.text(max_size=10), st.characters(categories=["Cc", "Cs", "Co", "Zl", "Zp"]), st.text(max_size=10))
def test_one_bad_character_anywhere_is_refused(before: str, bad: str, after: str) -> None:
    """The message names a code point and a position."""
    with pytest.raises(ValueError, match=r"U\+[0-9A-F]{4,6} at position|combining marks"):
        printable(before + bad + after)


def test_the_message_names_the_character() -> None:
    """Someone who pasted it does not see it."""
    with pytest.raises(ValueError, match=r"U\+202E at position 2 is an invisible or direction-changing character"):
        printable("ab\u202ec")
    with pytest.raises(ValueError, match="More than 4 combining marks on one letter at position 5"):
        printable("a" + "\u0301" * 5)
    assert unicodedata.normalize("NFD", "ệ") == printable(unicodedata.normalize("NFD", "ệ"))


@pytest.mark.parametrize("text", ["", " ", "\u00a0\u3000"])
def test_blanks_are_no_name(text: str) -> None:
    """Also those of other scripts."""
    with pytest.raises(ValueError, match="Only blanks"):
        not_blank(text)


def test_every_country_and_region_is_found_by_its_codes() -> None:
    """There and back again; a region belongs to its country."""
    for code, country in countries().items():
        assert country == country_of(country.alpha2)
        assert all(region.code.startswith(f"{country.alpha2}-") for region in regions(code).values())
    assert {"US", "HR", "NZ"} <= alpha2_codes()
    assert "XK" not in alpha2_codes()


def test_locations_have_hosts_and_countries(tmp_path: Path) -> None:
    """A file of another shape is refused with the field."""
    found = locations(DATA / "registry" / "locations.yaml")
    assert {"FRANKFURT", "NEW_YORK", "KUALA_LUMPUR"} <= set(found)
    assert "sbc1.portland.trunkline.example:5061" == found["PORTLAND"].sbc_hosts(tls=True)["primary"][0]
    assert {location.country for location in found.values()} <= alpha2_codes()
    other = tmp_path / "locations.yaml"
    other.write_text("LONDON: {country: GB, primary: a.example, backup: b.example}")
    with pytest.raises(ValidationError, match="subnets"):
        locations(other)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 1, 15, 11, 59, 35, tzinfo=UTC), "2026-01-15T11:59:35.000+0000"),
        (datetime(2026, 1, 15, 11, 59, 35, 999_999, tzinfo=UTC), "2026-01-15T11:59:35.999+0000"),
        (datetime(2026, 1, 15, 0, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2026-01-14T18:30:00.000+0000"),
    ],
)
def test_times_are_written_as_the_vendor_writes_them(instant: datetime, expected: str) -> None:
    """Three decimals, cut, and +0000."""
    assert expected == time_text(instant)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (("body", "STATIC", "channelLimit"), "channelLimit"),
        (("body", "STATIC", "sourceHosts", 0), "sourceHosts[0]"),
        (("body", "PROVIDER", "provider", "GENESYS_CLOUD", "region"), "provider.region"),
        (("body", "destinations", 3, "ENDPOINT", "value", "SIP", "sipTrunkId"), "destinations[3].value.sipTrunkId"),
        (("query", "size"), "size"),
        (("body",), "body"),
    ],
)
def test_field_paths_are_those_of_the_request(location: tuple[str | int, ...], expected: str) -> None:
    """Without the names of union members, which no caller has written."""
    assert expected == field_path(location)


@given(st.integers(0, 1000), st.integers(1, 100))
def test_pages_hold_all_results(total: int, size: int) -> None:
    """The last page is the first that reaches the total."""
    info = Paging(0, size).info(total)
    assert info.total_pages * size >= total
    assert (info.total_pages - 1) * size < total or total == 0


def test_passwords_are_random_and_their_digest_is_h_a1() -> None:
    """SHA-256 of user:realm:password; the example of RFC 7616, 3.9.1 has the user Mufasa."""
    assert 100 == len({new_password() for _ in range(100)})
    expected = "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"
    assert expected == digest_of("Mufasa", "http-auth@example.org", "Circle of Life")


def test_technical_settings_are_those_of_the_type() -> None:
    """A STATIC trunk has hosts and a strategy, a REGISTERED one the challenge of calls, a PROVIDER one neither."""
    static = technical_settings("STATIC", {"codecs": ["G729"], "dtmf": None, "inviteAuthentication": True})
    assert (["G729"], "RFC2833", "FAILOVER") == (static["codecs"], static["dtmf"], static["strategy"])
    assert "inviteAuthentication" not in static
    assert technical_settings("REGISTERED", {"inviteAuthentication": True})["inviteAuthentication"]
    assert "strategy" not in technical_settings("PROVIDER", {"strategy": "ROUND_ROBIN"})
