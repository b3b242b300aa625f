"""Finding the trunk: the order of identifiers, lives and statuses, and the same for whole batches."""

from datetime import timedelta

import numpy as np
import pytest

from rating.book import Attached
from rating.dids_batch import OwnNumbers
from rating.rated import Refusal, call_time
from rating.rules import Rule
from rating.timelines import to_microseconds
from rating.trunks import choose, is_enabled, is_in_life
from rating.trunks_batch import NOBODY, TrunkTables, positions_of
from schemas.cdr import Direction, cdrs_to_arrow
from schemas.outcomes import RejectReason
from schemas.reference import TrunkStatus
from tests.rating.cases import NEW_YEAR, NOON, a_book, a_cdr, a_plan, a_trunk, an_address

LATER = NOON + timedelta(days=10)


def statuses(*changes):
    """Statuses from instants on."""
    return tuple(TrunkStatus(effective_from=at, enabled=enabled) for at, enabled in changes)


def test_a_trunk_lives_from_its_start_up_to_its_end():
    """Half-open: at its end it is gone."""
    trunk = a_trunk(effective_until=LATER)
    instants = (NEW_YEAR - timedelta(microseconds=1), NEW_YEAR, LATER - timedelta(microseconds=1), LATER)
    assert [False, True, True, False] == [is_in_life(trunk, at) for at in instants]


def test_a_trunk_is_enabled_until_a_status_says_otherwise():
    """The last status that has begun counts; without one it may call."""
    trunk = a_trunk(statuses=statuses((NOON, False), (LATER, True)))
    assert [True, False, True] == [is_enabled(trunk, at) for at in (NEW_YEAR, NOON, LATER)]


@pytest.mark.parametrize(
    ("expected", "trunks"),
    [
        ("a", [a_trunk("a")]),
        ("b", [a_trunk("a", effective_until=NOON), a_trunk("b")]),
        ("b", [a_trunk("a", statuses=statuses((NEW_YEAR, False))), a_trunk("b")]),
        (RejectReason.AMBIGUOUS_TRUNK, [a_trunk("a"), a_trunk("b")]),
        (RejectReason.TRUNK_DISABLED, [a_trunk("a", statuses=statuses((NEW_YEAR, False)))]),
        (RejectReason.TRUNK_ENDED, [a_trunk("a", effective_until=NOON), a_trunk("b", effective_from=LATER)]),
        (RejectReason.TRUNK_DISABLED, [
            a_trunk("a", effective_until=NOON), a_trunk("b", statuses=statuses((NOON, False))),
        ]),
    ],
)  # fmt: skip
def test_of_several_trunks_the_one_that_may_carry_the_call_wins(expected, trunks):
    """One that is alive and enabled; else the reason that comes nearest to it."""
    found = choose(trunks, NOON)
    assert expected == (found if isinstance(found, RejectReason) else found.trunk_id)


BOOK = a_book(
    plans=[
        a_plan(effective_until=LATER), a_plan(effective_from=LATER, charge_decimals=4),
        a_plan("short", effective_until=NOON),
    ],
    addresses=[an_address(), an_address(version=2, effective_from=NOON)],
    trunks=[
        a_trunk(source_hosts=("198.18.0.1",), provider_id="proj", statuses=statuses((NEW_YEAR, True), (LATER, False))),
        a_trunk("second", dids=("+16125550101",), source_hosts=("198.18.0.1",), effective_from=NOON),
        a_trunk("planless", dids=(), plan_id="short"),
    ],
)  # fmt: skip
RECORDS = [
    a_cdr(answered_at=at, **identifiers)
    for at in (NEW_YEAR - timedelta(days=1), NEW_YEAR, NOON - timedelta(microseconds=1), NOON, LATER)
    for identifiers in (
        {"claimed_trunk_id": "trunk"},
        {"claimed_trunk_id": "second", "user_name": "trunk"},
        {"claimed_trunk_id": "planless"},
        {"claimed_trunk_id": "nobody", "user_name": "trunk"},
        {"claimed_trunk_id": None, "user_name": "second", "source_ip": "198.18.0.9"},
        {"claimed_trunk_id": None, "user_name": "nobody", "provider_id": "proj"},
        {"claimed_trunk_id": None, "source_ip": "198.18.0.1"},
        {"claimed_trunk_id": None, "direction": Direction.INBOUND, "called": "+16125550101"},
        {"claimed_trunk_id": None, "direction": Direction.OUTBOUND, "called": "+16125550101"},
        {"claimed_trunk_id": None},
    )
]


def test_columns_attach_what_the_specification_attaches():
    """Every identifier at every change of the book: the same trunk, plan and address version and rule."""
    tables = TrunkTables.build(BOOK)
    at = np.array([to_microseconds(call_time(record)) for record in RECORDS])
    found = tables.attach(cdrs_to_arrow(RECORDS), at).tolist()
    for record, position in zip(RECORDS, found, strict=True):
        expected = BOOK.attach(record, call_time(record))
        if isinstance(expected, Refusal):
            assert NOBODY == position, record
        else:
            assert expected == tables.attached[position], record
    assert {Attached, Refusal} == {type(BOOK.attach(record, call_time(record))) for record in RECORDS}


def test_trunks_with_the_same_answers_share_a_timeline():
    """Two identifiers of one trunk and one kind lead to one timeline."""
    tables = TrunkTables.build(a_book(trunks=[a_trunk(dids=("+16125550100", "+16125550101"))]))
    lines = tables.lines[Rule.TRUNK_BY_DID]
    assert 1 == len(set(lines.values()))


@pytest.mark.parametrize(
    ("expected", "texts"),
    [([1, -1, 0, 1, -1], ["b", None, "a", "b", "c"]), ([-1, -1], [None, None]), ([], [])],
)
def test_texts_become_positions(expected, texts):
    """Unknown and missing texts are -1."""
    column = cdrs_to_arrow([a_cdr(user_name=text) for text in texts]).column("user_name")
    assert expected == positions_of(column, {"a": 0, "b": 1}).tolist()


def test_a_slice_is_read_from_its_own_start():
    """Rows before the slice count for nothing."""
    column = cdrs_to_arrow([a_cdr(user_name=text) for text in ("a", "b", "b")]).column("user_name")
    assert [1, 1] == positions_of(column.slice(1), {"a": 0, "b": 1}).tolist()


def test_own_numbers_are_those_of_the_trunk():
    """A number of another trunk is not its own, nor is one that only begins alike, nor none."""
    own = OwnNumbers.build([("+16125550100", "+4930123456"), ("+16125550100",), ()])
    rows = [
        (True, 0, "16125550100"), (True, 1, "16125550100"), (False, 2, "16125550100"), (True, 0, "4930123456"),
        (False, 1, "4930123456"), (False, 0, "493012345"), (False, 0, ""), (False, 1, "99999999999"),
    ]  # fmt: skip
    trunk = np.array([row[1] for row in rows])
    digits = np.array([int(row[2] or 0) for row in rows])
    length = np.array([len(row[2]) for row in rows])
    assert [row[0] for row in rows] == own.has(trunk, digits, length).tolist()


def test_no_trunk_owns_a_number_where_there_are_none():
    """A book without DIDs."""
    assert [False] == OwnNumbers.build([(), ()]).has(np.array([1]), np.array([16125550100]), np.array([11])).tolist()


@pytest.mark.parametrize(
    ("part", "record"),
    [
        ("No trunk has trunk id nobody.", a_cdr(claimed_trunk_id="nobody", user_name="trunk")),
        ("No trunk has user name x or source IP 198.18.0.9.",
         a_cdr(claimed_trunk_id=None, user_name="x", source_ip="198.18.0.9")),
        ("The record names no trunk, user, provider or IP.", a_cdr(claimed_trunk_id=None)),
        ("Trunk trunk, found by trunk id trunk, is not in force at 2025-12-31",
         a_cdr(answered_at=NEW_YEAR - timedelta(days=1))),
        ("Trunk trunk, found by trunk id trunk, is disabled at 2026-10-15", a_cdr(answered_at=LATER)),
        ("Trunks second, trunk share source IP 198.18.0.1",
         a_cdr(claimed_trunk_id=None, source_ip="198.18.0.1")),
        ("Plan short of trunk planless is not in force", a_cdr(claimed_trunk_id="planless", answered_at=NOON)),
    ],
)  # fmt: skip
def test_a_refusal_says_what_was_found_and_what_to_do(part, record):
    """The identifiers that were tried, the instant, and which rejects to replay."""
    refusal = BOOK.attach(record, call_time(record))
    assert part in refusal.detail
    assert f"replay the rejects of reason {refusal.reason}" in refusal.detail
