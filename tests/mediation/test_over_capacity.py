"""Calls above the channel limit of their trunk (R41)."""

from typing import Any

import pytest

from pipeline.mediation.assembly import assemble_records
from pipeline.mediation.over_capacity import remark_over_capacity
from schemas.cdr import CDR, Direction
from tests.mediation.feeds import NEVER_TOO_OLD, RECEIVED, a_batch, a_source, at
from tests.mediation.formats.test_native_json import an_event


def minute(text: str) -> Any:
    return at(f"2026-10-01T10:{text}Z")


def call(name: str, start: str, end: str, **changes: Any) -> CDR:
    """An answered call of trunk t."""
    known: dict[str, Any] = {
        "source": "feed", "source_format": "native_json", "partition": "p", "offset": ord(name), "raw_sha256": b"",
        "received_at": RECEIVED, "cdr_id": name, "call_group_id": name, "claimed_trunk_id": "t",
        "started_at": minute(start), "answered_at": minute(start), "released_at": minute(end),
    }  # fmt: skip
    return CDR(**{**known, **changes})


A, B, C = call("A", "00:00", "05:00"), call("B", "01:00", "03:00"), call("C", "03:00", "04:00")
D = call("D", "01:30", "02:00")


def above(*calls: CDR, limit: int = 2) -> list[str]:
    return [leg.cdr_id for leg in remark_over_capacity(calls, limit) if "OVER_CAPACITY" in leg.flags]


def test_example_of_the_rule() -> None:
    """Limit 2: A, B and C peak at 2, since B ends as C begins; D makes it 3."""
    assert [] == above(A, B, C)
    assert ["D"] == above(A, B, C, D)
    assert ["D"] == above(D, C, B, A)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["D"]),
        ({"answered_at": None}, []),
        ({"answered_at": None, "reject_class": "CAPACITY"}, []),
        ({"claimed_trunk_id": "other"}, []),
        ({"direction": Direction.FORWARD}, []),
        ({"is_billed_leg": False}, []),
        ({"started_at": None}, ["D"]),
        ({"released_at": minute("01:30")}, []),
        ({"released_at": None}, []),
        ({"direction": Direction.INBOUND}, ["D"]),
    ],
    ids=["answered", "unanswered", "refused", "another trunk", "forward leg", "other leg", "without setup", "no time",
         "open", "inbound"],
)  # fmt: skip
def test_what_holds_a_channel(changes: dict[str, Any], expected: list[str]) -> None:
    """Both directions together; the PSTN leg of a route, and what was refused, hold none."""
    assert expected == above(A, B, D._replace(**changes))


def test_ringing_holds_a_channel() -> None:
    """B rings from 01:00 and is answered at 02:30; D comes in between."""
    assert ["D"] == above(A, B._replace(answered_at=minute("02:30")), D)
    assert ["D"] == above(A, B._replace(answered_at=None), D)


def test_of_two_in_one_instant_the_later_record_is_above() -> None:
    """Three setups at once on two channels."""
    assert ["C"] == above(*(call(name, "00:00", "01:00") for name in "ABC"))


def test_remark_of_a_feed_whose_limit_is_known() -> None:
    """It stays a leg and is billed; without a limit nothing is asked."""
    seconds = {"started_at": "12:00:00", "answered_at": "12:00:05", "released_at": "12:01:00"}
    times = {name: f"2026-10-01T{second}Z" for name, second in seconds.items()}
    raw = a_batch([an_event(leg_id=f"{n}", ingress_call_id=f"{n}@h", called_raw=f"+4420794603{n}1", **times)
                   for n in (1, 2)])  # fmt: skip
    source = a_source("native_json")
    limited = assemble_records(raw, source, late_days=NEVER_TOO_OLD, channel_limit=1)
    assert [(), ("OVER_CAPACITY",)] == [tuple(leg.flags) for leg in limited.legs]
    free = assemble_records(raw, source, late_days=NEVER_TOO_OLD)
    assert [(), ()] == [tuple(leg.flags) for leg in free.legs]
