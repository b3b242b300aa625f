"""Rules of mediation.md that hold for every format, and those that several formats share: one corpus, all formats."""

import random
from datetime import datetime
from itertools import permutations

import msgspec
import pytest

from pipeline.mediation.assembly import Assembled, attempts
from pipeline.mediation.registry import FORMATS
from pipeline.settings import Source
from schemas.cdr import CDR, RecordType
from schemas.outcomes import RejectReason
from tests.mediation.feeds import a_source, assembled, at
from tests.mediation.formats.test_native_json import an_event
from tests.mediation.records import GOOD

NATIVE = a_source("native_json")
LATER = at("2030-01-01T00:00:00Z")


def corpus(name: str) -> tuple[Source, list[bytes]]:
    """The good records of a format, of each key only the first: which of two came first decides a conflict (R11)."""
    source, values = GOOD[name]
    found = assembled(values, source)
    conflicts = {cdr.raw for cdr in found.suspended if cdr.reject_reason is RejectReason.KEY_CONFLICT}
    return source, [value for value in values if value not in conflicts]


def legs(found: Assembled) -> list[tuple[str, int | None, datetime | None, bool]]:
    """What is billed, in an order of its own."""
    return sorted((leg.cdr_id, leg.measured_ms, leg.answered_at, leg.is_billed_leg) for leg in found.legs)


def stopped(found: Assembled) -> list[tuple[str, str | None, int | None]]:
    return sorted((cdr.cdr_id, cdr.reject_reason, cdr.provable_ms) for cdr in found.suspended)


@pytest.mark.parametrize("name", FORMATS)
def test_a_feed_that_comes_twice_bills_once(name: str) -> None:
    """R10, R14, R56: every record of the second time is a duplicate, and the balance holds."""
    source, values = corpus(name)
    once, twice = assembled(values, source, now=LATER), assembled([*values, *values], source, now=LATER)
    assert (legs(once), stopped(once)) == (legs(twice), stopped(twice))
    assert len(twice.duplicates) == len(once.duplicates) * 2 + once.received - once.skipped - len(once.duplicates)
    assert 2 * once.received == twice.received
    assert 2 * once.skipped == twice.skipped


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_of_a_feed_does_not_matter(name: str) -> None:
    """R23: in ten orders, backwards among them, the same legs are billed and the same calls are stopped."""
    source, values = corpus(name)
    expected = assembled(values, source, now=LATER)
    dice = random.Random(7)  # noqa: S311 - an order, no secret
    orders = [list(reversed(values)), *(dice.sample(values, len(values)) for _ in range(9))]
    for order in orders:
        found = assembled(order, source, now=LATER)
        assert (legs(expected), stopped(expected)) == (legs(found), stopped(found))


@pytest.mark.parametrize("name", FORMATS)
def test_what_every_leg_has(name: str) -> None:
    """R1, R3, R5: an answer time or 0 ms, whole milliseconds between two UTC instants, and the bytes behind it."""
    source, values = corpus(name)
    for leg in assembled(values, source, now=LATER).legs:
        assert (leg.measured_ms or 0) >= 0
        assert leg.raw in values or leg.raw is None
        if leg.answered_at is None:
            assert 0 == leg.measured_ms
        elif leg.released_at and leg.duration_basis != "part":
            exact = (leg.released_at - leg.answered_at).total_seconds() * 1_000
            assert leg.measured_ms is not None
            assert abs(exact - leg.measured_ms) <= 0.5


@pytest.mark.parametrize("name", FORMATS)
def test_an_unanswered_leg_says_why_it_failed(name: str) -> None:
    """R35, R39: a class for each unanswered leg, none for an answered one."""
    source, values = corpus(name)
    for leg in assembled(values, source, now=LATER).legs:
        if leg.record_type in {RecordType.STOP, RecordType.ATTEMPT}:
            assert (leg.answered_at is None) == (leg.reject_class is not None)


def event(**changes: object) -> bytes:
    known = {name: value for name, value in msgspec.json.decode(an_event(**changes)).items() if value is not None}
    return msgspec.json.encode(known)


def test_a_call_across_the_end_of_a_month_is_one_call() -> None:
    """R27: 23:30 to 02:30 stays one record of 10 800 000 ms; its answer says which month."""
    night = event(
        started_at="2026-09-30T23:29:50Z", answered_at="2026-09-30T23:30:00Z", released_at="2026-10-01T02:30:00Z",
        reported_ms=None,
    )  # fmt: skip
    (leg,) = assembled([night], NATIVE).legs
    assert (10_800_000, 9) == (leg.measured_ms, (leg.answered_at or LATER).month)


def branch(name: str, **changes: object) -> bytes:
    return event(leg_id=name, call_group_id="fork", **changes)


def test_of_a_fork_one_branch_bills() -> None:
    """R33: three branches ring, one answers, the others are cancelled: 0 for them, one usage."""
    lost = {"answered_at": None, "sip_status": 487, "reported_ms": None}
    branches = [branch("a", **lost), branch("b"), branch("c", **lost)]
    for order in permutations(branches):
        found = assembled(list(order), NATIVE)
        assert (1, 3) == (found.calls, len(found.legs))
        assert [("a", 0, "CANCEL"), ("c", 0, "CANCEL")] == sorted(
            (leg.leg_id, leg.measured_ms, leg.reject_class) for leg in found.legs if leg.answered_at is None
        )


def test_a_transfer_is_a_usage_of_its_own() -> None:
    """R34: the transferred leg names the leg that it comes from; both bill, each on its own times."""
    first = event(leg_id="a", call_group_id="t")
    onward = event(leg_id="b", call_group_id="t", parent_leg_id="a", direction="FORWARD")
    found = assembled([first, onward], NATIVE)
    assert (1, 2) == (found.calls, sum(leg.is_billed_leg for leg in found.legs))
    assert ["a"] == [leg.parent_leg_id for leg in found.legs if leg.parent_leg_id]


def test_one_call_between_two_customers_is_two_usages() -> None:
    """R36: from A and to B, never netted; the two directions are no reports of the same leg."""
    out = event(leg_id="x", call_group_id="n", direction="OUTBOUND", claimed_trunk_id="trunk-a")
    into = event(leg_id="x", call_group_id="n", direction="INBOUND", claimed_trunk_id="trunk-b", source_node="other")
    found = assembled([out, into], NATIVE)
    assert (["trunk-a", "trunk-b"], 0) == (
        sorted(leg.claimed_trunk_id or "" for leg in found.legs),
        len(found.duplicates),
    )


@pytest.mark.parametrize(("transport", "srtp"), [("tls", True), ("udp", False), (None, None)])
def test_transport_is_kept_and_changes_nothing(transport: str | None, srtp: bool | None) -> None:
    """R46: TLS and SRTP are facts of the record; the length is that of the same call without them."""
    (leg,) = assembled([event(transport=transport, srtp=srtp)], NATIVE).legs
    (plain,) = assembled([event(transport=None, srtp=None)], NATIVE).legs
    assert (transport, srtp, plain.measured_ms) == (leg.transport, leg.srtp, leg.measured_ms)


def tries(*statuses: int) -> list[CDR]:
    """Attempts of one hunt, all failed, a second apart."""
    values = [
        event(leg_id=f"try-{number}", call_group_id="hunt", route_attempt=number, answered_at=None, sip_status=status,
              reported_ms=None, is_final_attempt=None)
        for number, status in enumerate(statuses, 1)
    ]  # fmt: skip
    return attempts(assembled(values, NATIVE).legs)


def test_a_hunt_that_fails_ends_with_its_last_cause() -> None:
    """R31: 503, 486, 480: three attempts, no usage, the last cause is the call's; it alone is final."""
    found = tries(503, 486, 480)
    assert [(41, False), (17, False), (18, True)] == [(leg.q850, leg.is_final_attempt) for leg in found]
    assert [0, 0, 0] == [leg.measured_ms for leg in found]
