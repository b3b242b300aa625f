"""Hostile and damaged records of every format: each is a row with a reason, quickly, and harms no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.mediation.registry import FORMATS
from tests.mediation.feeds import assembled, read_all
from tests.mediation.records import GOOD
from tests.mediation.soundness import WORDS, problem

EVERYTHING = [value for good in GOOD.values() for value in good.values]
HOSTILE = {
    "empty": b"",
    "blank": b" \t ",
    "NUL bytes": b"\x00" * 50,
    "random bytes": bytes(range(256)),
    "ELF": b"\x7fELF\x02\x01\x01\x00",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "UTF-16": "STOP,1".encode("utf-16"),
    "1 MB": b"x" * 1_048_576,
    "deep JSON": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "deep arrays": b"[" * 60_000,
    "deep XML": b"<cdr>" * 10_000,
    "2001 commas": b"," * 2_001,
    "2001 pipes": b"|" * 2_001,
    "2001 semicolons": b";" * 2_001,
    "quotes": b'"' * 60_001,
    "entity bomb": b'<!DOCTYPE c [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;">]><cdr>&b;</cdr>',
    "JSON of another shape": b'{"hello": "world"}',
    "JSON array": b"[1, 2, 3]",
    "a number": b"17",
    "formula": b'=HYPERLINK("http://evil.example","x")',
    "log injection": b"STOP\r\nERROR all is lost\x1b[2J",
    "path": b"../../../../etc/passwd",
    "format string": b"%s%s%n{0.__class__}${jndi:ldap://x}",
    "SQL": b"'; DROP TABLE usage; --",
}


def test_every_format_has_a_corpus() -> None:
    """A new format brings good records for these tests."""
    assert set(FORMATS) == set(GOOD)


@pytest.mark.parametrize("name", FORMATS)
def test_good_records_are_good(name: str) -> None:
    """The corpus is read without a reject."""
    feed = GOOD[name]
    assert not [cdr.reject_detail for cdr in read_all(feed.values, feed.source) if cdr.reject_reason]


def damaged(values: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Records with up to four changes: a part replaced by other bytes, a word, itself twice, a part of any record."""
    places, words = st.integers(0, 70_000), st.sampled_from(WORDS) | st.binary(max_size=3)
    changes = st.tuples(
        places, st.sampled_from([0, 0, 1, 4, 40]), words | st.builds(_part, st.sampled_from(EVERYTHING), places)
    )
    return st.builds(_changed, st.sampled_from(values), st.lists(changes, min_size=1, max_size=4))


def _part(value: bytes, position: int) -> bytes:
    at = position % (len(value) + 1)
    return value[at : at + 60]


def _changed(value: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for position, length, insert in changes:
        at = position % (len(value) + 1)
        value = value[:at] + insert + value[at + length :]
    return value


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_records(name: str) -> None:
    """No exception, no hang, no lost record; `make fuzz` goes on from here."""
    feed = GOOD[name]

    @given(damaged(feed.values))
    @settings(max_examples=100)
    def reads(value: bytes) -> None:
        assert problem(value, feed.source) is None

    reads()


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_hostile_records(name: str, kind: str) -> None:
    """What is no CDR of the format is a reject or a skip, and the good record behind it stands."""
    feed = GOOD[name]
    assert problem(HOSTILE[kind], feed.source) is None
    alone = assembled(feed.values[:1], feed.source)
    found = assembled([HOSTILE[kind], feed.values[0]], feed.source)
    assert 2 == found.received
    assert len(alone.legs) + len(alone.pending) <= len(found.legs) + len(found.pending)
