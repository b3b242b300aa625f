"""Who a record is (R10, R14): the same id wherever and however often it is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.identity import ID_CHARACTERS, raw_hash, record_id, unread_id


def test_id_is_part_of_a_sha_256() -> None:
    """32 hexadecimal digits of SHA-256 over source, node, key and type, joined by 0x1f."""
    name = record_id("sbc1", "node-a", ("leg-1",), "STOP")
    assert ID_CHARACTERS == len(name)
    assert raw_hash(b"sbc1\x1fnode-a\x1fleg-1\x1fSTOP").hex().startswith(name)


@pytest.mark.parametrize(
    "other",
    [
        ("sbc2", "node-a", ("leg-1",), "STOP"),
        ("sbc1", "node-b", ("leg-1",), "STOP"),
        ("sbc1", None, ("leg-1",), "STOP"),
        ("sbc1", "node-a", ("leg-2",), "STOP"),
        ("sbc1", "node-a", ("leg-1", ""), "STOP"),
        ("sbc1", "node-a", ("leg-1",), "START"),
    ],
    ids=["source", "node", "no node", "key", "longer key", "type"],
)
def test_every_part_counts(other: tuple[str, str | None, tuple[str, ...], str]) -> None:
    """Another source, node, key or record type is another record."""
    assert record_id("sbc1", "node-a", ("leg-1",), "STOP") != record_id(*other)


def test_unread_records_are_known_by_their_place() -> None:
    """A record without a key is found again by partition, offset and index: a replay gives the same id (R14)."""
    assert unread_id("sbc1", "p-0", 7, 0) == unread_id("sbc1", "p-0", 7, 0)
    assert 3 == len({unread_id("sbc1", "p-0", 7, 0), unread_id("sbc1", "p-0", 8, 0), unread_id("sbc1", "p-0", 7, 1)})


@settings(deadline=None)
@given(st.text(max_size=8), st.one_of(st.none(), st.text(max_size=4)), st.lists(st.text(max_size=8), max_size=3))
def test_any_text_gives_an_id(source: str, node: str | None, key: list[str]) -> None:
    """Lone surrogates and NUL bytes included."""
    assert ID_CHARACTERS == len(record_id(source, node, key, "STOP"))


def test_raw_hash_is_sha_256() -> None:
    """The digest of no bytes, as published."""
    assert "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" == raw_hash(b"").hex()
