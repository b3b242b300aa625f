"""Finding the trunk of a call: identifiers in their order, as of the call's time (PRODUCT.md, Trunks 6)."""

from datetime import timedelta

import pytest

from rating.book import Attached
from rating.rated import Refusal
from rating.rules import Rule
from rating.trunks import is_enabled, is_in_life
from schemas.cdr import Direction
from schemas.outcomes import RejectReason
from schemas.reference import TrunkStatus, TrunkType
from tests.rating.cases import NEW_YEAR, NOON, a_book, a_cdr, a_trunk

STATIC = {"type": TrunkType.STATIC, "user_name": None, "dids": ()}
TRUNKS = (
    a_trunk("by-id", user_name="u-id", dids=()),
    a_trunk("by-user", user_name="alice", dids=()),
    a_trunk("by-provider", type=TrunkType.PROVIDER, user_name=None, provider="FRESHWORKS", provider_id="AC1", dids=()),
    a_trunk("by-ip", source_hosts=("198.18.0.1",), **STATIC),
    a_trunk("by-did", user_name="u-did", dids=("+16125550177",)),
)
BOOK = a_book(trunks=TRUNKS)


def found(**identifiers):
    """The trunk of a record that carries only these identifiers, and what found it; or the reason."""
    cdr = a_cdr(**{"claimed_trunk_id": None} | identifiers)
    attached = BOOK.attach(cdr, NOON)
    if isinstance(attached, Refusal):
        return attached.reason
    assert isinstance(attached, Attached)
    return attached.binding.trunk.trunk_id, attached.rule


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ({"claimed_trunk_id": "by-id"}, ("by-id", Rule.TRUNK_BY_ID)),
        ({"user_name": "alice"}, ("by-user", Rule.TRUNK_BY_USER)),
        ({"provider_id": "AC1"}, ("by-provider", Rule.TRUNK_BY_PROVIDER)),
        ({"source_ip": "198.18.0.1"}, ("by-ip", Rule.TRUNK_BY_IP)),
        ({"called": "+16125550177", "direction": Direction.INBOUND}, ("by-did", Rule.TRUNK_BY_DID)),
        ({"called": "+16125550177", "direction": Direction.OUTBOUND}, RejectReason.UNKNOWN_TRUNK),
        ({}, RejectReason.UNKNOWN_TRUNK),
    ],
    ids=["id", "user", "provider", "ip", "did-inbound", "did-outbound", "nothing"],
)
def test_each_identifier_finds_its_trunk(identifiers, expected):
    """Alone it decides; the DID only for a call that comes in on it."""
    assert expected == found(**identifiers)


@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ({"claimed_trunk_id": "by-id", "user_name": "alice", "source_ip": "198.18.0.1"}, "by-id"),
        ({"user_name": "alice", "provider_id": "AC1", "source_ip": "198.18.0.1"}, "by-user"),
        ({"provider_id": "AC1", "source_ip": "198.18.0.1"}, "by-provider"),
        ({"source_ip": "198.18.0.1", "called": "+16125550177", "direction": Direction.INBOUND}, "by-ip"),
        ({"user_name": "nobody", "source_ip": "198.18.0.1"}, "by-ip"),
        ({"user_name": "nobody", "provider_id": "AC9", "source_ip": "198.18.0.1"}, "by-ip"),
    ],
)
def test_the_first_that_the_book_knows_decides(identifiers, expected):
    """Trunk id, user name, provider identifier, source IP: an unknown one is passed over."""
    assert expected == found(**identifiers)[0]


def test_an_explicit_trunk_id_decides_alone():
    """A record that names an unknown trunk is not given to the owner of its IP."""
    assert RejectReason.UNKNOWN_TRUNK == found(claimed_trunk_id="gone", source_ip="198.18.0.1")


def test_an_unknown_trunk_is_told_with_all_that_was_tried():
    """The message names the identifiers, and what to do."""
    refusal = BOOK.attach(a_cdr(claimed_trunk_id=None, user_name="bob", source_ip="198.18.9.9"), NOON)
    assert "No trunk has user name bob or source IP 198.18.9.9." in refusal.detail
    assert "replay the rejects of reason UNKNOWN_TRUNK" in refusal.detail


def test_trunks_of_one_account_may_share_an_address():
    """Then the source IP alone is ambiguous, and the message names both."""
    book = a_book(trunks=[a_trunk(name, source_hosts=("198.18.0.1",), **STATIC) for name in ("one", "two")])
    refusal = book.attach(a_cdr(claimed_trunk_id=None, source_ip="198.18.0.1"), NOON)
    assert RejectReason.AMBIGUOUS_TRUNK == refusal.reason
    assert "Trunks one, two share source IP 198.18.0.1" in refusal.detail


def test_of_trunks_that_share_an_address_the_one_in_force_is_meant():
    """The other one ended before the call."""
    ended = a_trunk("old", source_hosts=("198.18.0.1",), effective_until=NOON, **STATIC)
    book = a_book(trunks=[ended, a_trunk("new", source_hosts=("198.18.0.1",), effective_from=NOON, **STATIC)])
    cdr = a_cdr(claimed_trunk_id=None, source_ip="198.18.0.1")
    assert "new" == book.attach(cdr, NOON).binding.trunk.trunk_id
    assert "old" == book.attach(cdr, NOON - timedelta(microseconds=1)).binding.trunk.trunk_id


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(timedelta(microseconds=-1), False), (timedelta(0), True), (timedelta(days=1) - timedelta(microseconds=1), True),
     (timedelta(days=1), False)],
)  # fmt: skip
def test_the_life_of_a_trunk_is_half_open(offset, expected):
    """From its first instant up to its end."""
    trunk = a_trunk(effective_from=NOON, effective_until=NOON + timedelta(days=1))
    assert expected is is_in_life(trunk, NOON + offset)


def test_a_trunk_out_of_its_life_is_ended():
    """A call before its start or after its end has a reason of its own."""
    book = a_book(trunks=[a_trunk(effective_from=NOON, effective_until=NOON + timedelta(days=1))])
    for at in (NOON - timedelta(seconds=1), NOON + timedelta(days=1)):
        assert RejectReason.TRUNK_ENDED == book.attach(a_cdr(), at).reason


def test_a_status_counts_from_its_instant_on():
    """Enabled from the start; disabled at noon; enabled again an hour later."""
    trunk = a_trunk(
        statuses=(
            TrunkStatus(effective_from=NOON, enabled=False),
            TrunkStatus(effective_from=NOON + timedelta(hours=1), enabled=True),
        )
    )
    moments = (
        NEW_YEAR,
        NOON - timedelta(microseconds=1),
        NOON,
        NOON + timedelta(minutes=59),
        NOON + timedelta(hours=1),
    )
    assert [True, True, False, False, True] == [is_enabled(trunk, at) for at in moments]


def test_a_disabled_trunk_is_told_so():
    """Another reason than one that has ended."""
    book = a_book(trunks=[a_trunk(statuses=(TrunkStatus(effective_from=NOON, enabled=False),))])
    refusal = book.attach(a_cdr(), NOON)
    assert RejectReason.TRUNK_DISABLED == refusal.reason
    assert "is disabled at 2026-10-05T12:00:00+00:00" in refusal.detail
