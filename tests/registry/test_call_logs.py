"""One row of the ledger as a call log and as a dialog log, worked out by hand; the columns are those of history.sql."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline.registry.history import ERRORS, call_log, dialog_log

START = datetime(2026, 1, 15, 11, 59, 30, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(seconds: float) -> int:
    """Microseconds of UTC, so many seconds after the start of the call."""
    return (START + timedelta(seconds=seconds) - EPOCH) // timedelta(microseconds=1)


def a_leg(**fields: Any) -> dict[str, Any]:
    """The vendor's example: start 11:59:30, answer 11:59:35, end 12:00:00; 6/6 at 0.0075 a minute cost 0.00375."""
    known = {
        "cdr_id": "call-1", "call_group_id": "dialog-1", "parent_call_id": None, "trunk_id": "t1",
        "direction": "OUTBOUND", "route_entry_type": None, "user_name": None, "calling": "+12125550100",
        "called": "+13125550199", "state": "FINISHED", "started_us": at(0), "answered_us": at(5), "released_us": at(30),
        "ring_ms": 5_000, "call_seconds": 25, "billed_seconds": 30, "rate_per_minute": Decimal("0.0075"),
        "charge": Decimal("0.003750"), "currency": "USD", "charge_kind": "METERED", "destination": "United States",
        "release_party": "caller", "reject_class": None,
    }  # fmt: skip
    return known | fields


def shown(**fields: Any) -> dict[str, Any]:
    """The call log of that leg, as the API writes it but for the digits of money."""
    return call_log(a_leg(**fields)).model_dump(by_alias=True, exclude_none=True)


def a_dialog(**fields: Any) -> dict[str, Any]:
    """The dialog log of a leg that came from another."""
    return dialog_log(a_leg(**({"parent_call_id": "call-0"} | fields))).model_dump(by_alias=True, exclude_none=True)


def test_the_vendors_example() -> None:
    """Ring 5, duration 25 from the answer, numbers without plus, times with three decimals and +0000."""
    assert {
        "callId": "call-1", "endpoint": {"type": "PHONE", "phoneNumber": "13125550199"}, "from": "12125550100",
        "to": "13125550199", "direction": "OUTBOUND", "state": "FINISHED",
        "startTime": "2026-01-15T11:59:30.000+0000", "answerTime": "2026-01-15T11:59:35.000+0000",
        "endTime": "2026-01-15T12:00:00.000+0000", "ringDuration": 5, "duration": 25, "hasCameraVideo": False,
        "hasScreenshareVideo": False,
        "errorCode": {"id": 10000, "name": "NORMAL_HANGUP", "description": "The call has ended."},
        "dialogId": "dialog-1", "hangupSource": "ENDPOINT", "sipTrunkId": "t1", "chargedDuration": 30,
        "price": {"pricePerSecond": Decimal("0.000125000"), "currency": "USD"}, "charge": Decimal("0.003750"),
        "chargeKind": "METERED", "destination": "United States",
    } == shown()  # fmt: skip


@pytest.mark.parametrize(
    ("reject_class", "number", "name"),
    [
        ("NOANSWER", 10200, "NO_ANSWER"),
        ("BUSY", 10201, "BUSY"),
        ("CANCEL", 10202, "CANCELLED"),
        ("INTL_BLOCKED", 10300, "FORBIDDEN"),
        ("BALANCE", 10301, "INSUFFICIENT_FUNDS"),
        ("AUTH", 10302, "UNAUTHENTICATED"),
        ("NO_ROUTE", 10303, "DESTINATION_NOT_FOUND"),
        ("FAILURE", 10310, "UNKNOWN"),
        (None, 10310, "UNKNOWN"),
        ("SOMETHING_NEW", 10310, "UNKNOWN"),
        ("CAPACITY", 10312, "CONGESTION"),
    ],
)
def test_errors_of_calls_that_nobody_took(reject_class: str | None, number: int, name: str) -> None:
    """The vendor's numbers and names; what has none of its own is UNKNOWN."""
    error = shown(answered_us=None, reject_class=reject_class, state="FAILED")["errorCode"]
    assert (number, name) == (error["id"], error["name"])
    assert error["description"].endswith(".")


@pytest.mark.parametrize("reject_class", [None, "BUSY", "CAPACITY"])
def test_an_answered_call_has_ended_normally(reject_class: str | None) -> None:
    """Whatever a platform left in its reject class: the answer counts."""
    assert 10000 == shown(reject_class=reject_class)["errorCode"]["id"]


def test_no_number_of_an_error_stands_for_two_names() -> None:
    """A client may look up either."""
    assert len({number for number, _, _ in ERRORS.values()}) == len({name for _, name, _ in ERRORS.values()})


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("0.006", "0.000100000"),  # 0.006 / 60
        ("0.0079", "0.000131667"),  # 0.00013166666...
        ("0.01", "0.000166667"),  # 0.00016666666...
        ("0.000000003", "0.000000000"),  # 5 hundred-billionths
        ("0.00000003", "0.000000001"),  # half a billionth, away from zero
        ("0.00000015", "0.000000003"),  # two and a half
        ("60", "1.000000000"),
        ("0", "0.000000000"),
    ],
)
def test_the_price_of_a_second_is_the_rate_by_60(rate: str, expected: str) -> None:
    """Nine decimals for display; nothing is charged by it."""
    assert Decimal(expected) == shown(rate_per_minute=Decimal(rate))["price"]["pricePerSecond"]


@pytest.mark.parametrize("missing", ["answered_us", "rate_per_minute"])
def test_there_is_no_price_without_an_answer_or_a_rate(missing: str) -> None:
    """A free call has a charge of zero and no price."""
    assert "price" not in shown(**{missing: None})


@pytest.mark.parametrize(("charge", "expected"), [(None, "0"), (Decimal("0.000000"), "0"), (Decimal("1.5"), "1.5")])
def test_there_is_always_a_charge(charge: Decimal | None, expected: str) -> None:
    """What was never priced costs nothing."""
    assert Decimal(expected) == shown(charge=charge)["charge"]


@pytest.mark.parametrize(("ring_ms", "expected"), [(0, 0), (999, 0), (1000, 1), (5_999, 5), (60_000, 60)])
def test_ringing_is_whole_seconds(ring_ms: int, expected: int) -> None:
    """Cut, never rounded up."""
    assert expected == shown(ring_ms=ring_ms)["ringDuration"]


def test_unknown_ringing_is_absent() -> None:
    """Zero would be a statement."""
    assert "ringDuration" not in shown(ring_ms=None)


@pytest.mark.parametrize(
    ("direction", "expected", "endpoint"),
    [
        ("OUTBOUND", "OUTBOUND", "13125550199"),
        ("FORWARD", "OUTBOUND", "13125550199"),
        ("INBOUND", "INBOUND", "12125550100"),
    ],
)
def test_the_endpoint_is_the_far_party(direction: str, expected: str, endpoint: str) -> None:
    """The caller of an inbound leg, the callee of an outbound one; a forwarded leg goes out."""
    log = shown(direction=direction)
    assert expected == log["direction"]
    assert {"type": "PHONE", "phoneNumber": endpoint} == log["endpoint"]


@pytest.mark.parametrize(
    ("user_name", "called", "expected"),
    [("desk", "+13125550199", "desk"), (None, "+13125550199", "13125550199"), ("", "199", "199"), (None, None, "")],
)
def test_a_sip_endpoint_always_has_both_fields(user_name: str | None, called: str | None, expected: str) -> None:
    """The client cannot parse one without `sipTrunkId` or `username`."""
    endpoint = shown(route_entry_type="SIP", user_name=user_name, called=called)["endpoint"]
    assert {"type": "SIP", "sipTrunkId": "t1", "username": expected} == endpoint


@pytest.mark.parametrize(("direction", "field"), [("INBOUND", "calling"), ("OUTBOUND", "called")])
def test_a_hidden_number_is_anonymous(direction: str, field: str) -> None:
    """The client needs a number in every PHONE endpoint."""
    assert "anonymous" == shown(**{"direction": direction, field: None})["endpoint"]["phoneNumber"]


@pytest.mark.parametrize(
    ("party", "call_source", "dialog_source"),
    [
        ("caller", "ENDPOINT", "PARENT_ENDPOINT"),
        ("callee", "ENDPOINT", "CHILD_ENDPOINT"),
        ("platform", "PLATFORM", "PLATFORM"),
        ("unknown", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_who_hung_up(party: str | None, call_source: str | None, dialog_source: str | None) -> None:
    """In the words of the two shapes; not known is absent."""
    assert call_source == shown(release_party=party).get("hangupSource")
    assert dialog_source == a_dialog(release_party=party).get("hangupSource")


@pytest.mark.parametrize("field", ["started_us", "answered_us", "released_us"])
def test_a_time_that_nobody_wrote_is_absent(field: str) -> None:
    """An unanswered call has no answer time, a record of a crash perhaps no end."""
    name = {"started_us": "startTime", "answered_us": "answerTime", "released_us": "endTime"}[field]
    assert name in shown()
    assert name not in shown(**{field: None})


@pytest.mark.parametrize(
    ("microseconds", "expected"), [(1, "30.000"), (999, "30.000"), (1_000, "30.001"), (999_999, "30.999")]
)
def test_times_are_cut_to_milliseconds(microseconds: int, expected: str) -> None:
    """A call never seems to begin later than it did."""
    assert f"2026-01-15T11:59:{expected}+0000" == shown(started_us=at(0) + microseconds)["startTime"]


def test_a_dialog_names_both_legs() -> None:
    """Its duration counts from the start: 30 s, of which the child talked 25."""
    assert {
        "dialogId": "dialog-1", "state": "FINISHED", "startTime": "2026-01-15T11:59:30.000+0000",
        "establishTime": "2026-01-15T11:59:35.000+0000", "endTime": "2026-01-15T12:00:00.000+0000",
        "parentCallId": "call-0", "childCallId": "call-1", "duration": 30,
        "errorCode": {"id": 10000, "name": "NORMAL_HANGUP", "description": "The call has ended."},
        "hangupSource": "PARENT_ENDPOINT",
    } == a_dialog()  # fmt: skip


@pytest.mark.parametrize("state", ["NO_ANSWER", "BUSY", "CANCELLED", "FAILED"])
def test_a_dialog_is_finished_or_failed(state: str) -> None:
    """A dialog has no state BUSY, and an unknown one breaks the client."""
    assert "FAILED" == a_dialog(state=state, answered_us=None)["state"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"released_us": at(59.999)}, 59),
        ({"released_us": at(60)}, 60),
        ({"released_us": at(0)}, 0),
        ({"released_us": at(-3)}, 0),
        ({"released_us": None}, 0),
        ({"started_us": None}, 0),
    ],
)
def test_the_duration_of_a_dialog(fields: dict[str, Any], expected: int) -> None:
    """Whole seconds, never below zero where the clocks of two hosts differ."""
    assert expected == a_dialog(**fields)["duration"]
