"""Calls that look like one call under two names (R42), and answered calls without media (R45)."""

from typing import Any

import msgspec
import pytest

from pipeline.mediation.suspects import suspected_duplicates
from tests.mediation.feeds import a_source, assembled, read, read_all

NATIVE = a_source("native_json")
CALL: dict[str, Any] = {
    "source_node": "sbc1-a", "leg_id": "leg-1", "record_type": "STOP", "started_at": "2026-10-01T12:00:00.000Z",
    "answered_at": "2026-10-01T12:00:05.000Z", "released_at": "2026-10-01T12:01:06.000Z",
    "calling_raw": "+12025550143", "called_raw": "+442079460321", "ingress_call_id": "one@h", "sip_status": 200,
}  # fmt: skip
SECOND = {"leg_id": "leg-2", "ingress_call_id": "two@h"}


def event(**changes: object) -> bytes:
    return msgspec.json.encode({name: value for name, value in (CALL | changes).items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "suspected"),
    [
        ({}, True),
        ({"started_at": "2026-10-01T12:00:01.000Z"}, True),
        ({"started_at": "2026-10-01T12:00:01.001Z"}, False),
        ({"released_at": "2026-10-01T12:01:06.001Z"}, False),
        ({"calling_raw": "+12025550144"}, False),
        ({"called_raw": "+442079460322"}, False),
        ({"calling_raw": "anonymous"}, False),
        ({"is_billed_leg": False}, False),
        ({"ingress_call_id": "one@h"}, False),
        ({"answered_at": None}, False),
    ],
    ids=["the same", "a second later", "more than a second", "another length", "another caller", "another callee",
         "nobody", "the other leg", "one call", "unanswered"],
)  # fmt: skip
def test_the_same_parties_start_and_length_under_two_ids(changes: dict[str, object], suspected: bool) -> None:
    """Same A, B, start within 1 s and the same duration: the later one is remarked."""
    first, second = read_all([event(), event(**{**SECOND, **changes})], NATIVE)
    assert ({second.cdr_id} if suspected else set()) == suspected_duplicates([first, second])
    assert suspected == bool(suspected_duplicates([second, first]))


def test_both_are_priced() -> None:
    """SUSPECT_DUP is a remark on the second; both stay legs."""
    found = assembled([event(), event(**SECOND)], NATIVE)
    assert [(), ("SUSPECT_DUP",)] == [tuple(leg.flags) for leg in found.legs]
    assert [] == found.duplicates


def test_unanswered_repeats_are_no_suspects() -> None:
    """A dialler tries the same busy number thrice in a second."""
    tries = [event(leg_id=str(n), ingress_call_id=str(n), answered_at=None, sip_status=486) for n in range(3)]
    assert set() == suspected_duplicates(read_all(tries, NATIVE))


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"packets_in": 0}, ("NO_MEDIA",)),
        ({"packets_in": 0, "packets_out": 3_000}, ("NO_MEDIA",)),
        ({"packets_in": 0, "packets_out": 0}, ()),
        ({"packets_in": 1}, ()),
        ({"packets_in": None}, ()),
        ({"packets_in": 0, "released_at": "2026-10-01T12:00:15.000Z"}, ()),
        ({"packets_in": 0, "released_at": "2026-10-01T12:00:15.001Z"}, ("NO_MEDIA",)),
        ({"packets_in": 0, "answered_at": None, "sip_status": 486}, ()),
    ],
    ids=[
        "no packet in 61 s",
        "one way",
        "not counted here",
        "one packet",
        "not told",
        "10 s",
        "more than 10 s",
        "unanswered",
    ],
)
def test_answered_without_media(changes: dict[str, object], flags: tuple[str, ...]) -> None:
    """Packets in = 0 for more than 10 s: billable, NO_MEDIA for disputes (R45)."""
    call = read(event(**changes), NATIVE)
    assert (flags, None) == (call.flags, call.reject_reason)
