"""Infobip CallLog and DialogLog (cdr-formats.md 1): legs of a call route, error codes, and times without a colon."""

from typing import Any

import msgspec
import pytest

from schemas.cdr import CDR
from tests.mediation.feeds import a_source, assembled, at, read

LOG: dict[str, Any] = {
    "callId": "call-1", "endpoint": {"type": "PHONE", "phoneNumber": "41792036727"}, "from": "41793026834",
    "to": "41792036727", "direction": "OUTBOUND", "state": "FINISHED", "startTime": "2026-09-15T11:59:30.000+0000",
    "answerTime": "2026-09-15T11:59:35.000+0000", "endTime": "2026-09-15T12:00:00.000+0000", "ringDuration": 5,
    "duration": 25,
}  # fmt: skip
DIALOG: dict[str, Any] = {
    "dialogId": "dialog-1", "state": "FINISHED", "startTime": "2026-09-15T08:00:00.000+0000",
    "establishTime": "2026-09-15T08:00:03.000+0000", "endTime": "2026-09-15T08:02:00.000+0000",
    "parentCallId": "call-1", "childCallId": "call-2", "duration": 120, "hangupSource": "PARENT_ENDPOINT",
}  # fmt: skip
CALLS, DIALOGS = a_source("infobip_calllog"), a_source("infobip_dialoglog")


def value(**changes: Any) -> bytes:
    return msgspec.json.encode({name: known for name, known in (LOG | changes).items() if known is not None})


def log(**changes: Any) -> CDR:
    return read(value(**changes), CALLS)


def dialog(**changes: Any) -> CDR:
    return read(msgspec.json.encode(DIALOG | changes), DIALOGS)


def test_answered_call() -> None:
    """11:59:35 to 12:00:00 are 25 s; numbers get their plus."""
    call = log()
    assert (at("2026-09-15T11:59:35Z"), 25_000, 25_000, 5_000, ()) == (
        call.answered_at, call.measured_ms, call.reported_ms, call.ring_ms, call.flags,
    )  # fmt: skip
    assert ("+41793026834", "+41792036727", "call-1") == (call.calling, call.called, call.leg_id)


def test_short_codes_get_no_plus() -> None:
    """112 is an emergency call (N26), not a number of country code 1."""
    assert "112" == log(to="112").called_raw
    assert "+4179203" == log(to="4179203").called_raw


@pytest.mark.parametrize(
    ("code", "q850", "reject_class"),
    [
        (10001, None, "CANCEL"), (10200, 19, "NOANSWER"), (10201, 17, "BUSY"), (10202, None, "CANCEL"),
        (10203, 21, "FAILURE"), (10204, 18, "NOANSWER"), (10300, 21, "AUTH"), (10301, 21, "BALANCE"),
        (10302, 21, "AUTH"), (10313, 21, "AUTH"), (10303, 1, "NO_ROUTE"),
        (10305, 28, "NO_ROUTE"), (10304, 27, "FAILURE"),
        (10306, 41, "FAILURE"), (10307, 102, "FAILURE"), (10308, 38, "FAILURE"), (10309, 41, "FAILURE"),
        (10310, None, "FAILURE"), (10311, 79, "FAILURE"), (10312, 34, "CAPACITY"), (10400, None, "FAILURE"),
    ],
)  # fmt: skip
def test_error_codes(code: int, q850: int | None, reject_class: str) -> None:
    """The table of cdr-formats.md 1; 10312 is a channel limit, no failure of the callee (R40)."""
    call = log(state="FAILED", answerTime=None, duration=0, errorCode={"id": code})
    assert (None, 0, q850, reject_class, str(code)) == (
        call.answered_at, call.measured_ms, call.q850, call.reject_class, call.native_cause,
    )  # fmt: skip


@pytest.mark.parametrize(("code", "status"), [(5404, 404), (5487, 487), (5503, 503), (5003, None)])
def test_legacy_codes_are_sip_like(code: int, status: int | None) -> None:
    """5000 plus a SIP status."""
    assert status == log(state="FAILED", answerTime=None, duration=0, errorCode={"id": code}).sip_status


def test_longest_call() -> None:
    """10004 is a normal end with a remark: MAX_DURATION."""
    call = log(errorCode={"id": 10004})
    assert (("MAX_DURATION",), 16, None) == (call.flags, call.q850, call.reject_class)


@pytest.mark.parametrize(
    ("changes", "direction", "billed"),
    [
        ({}, "OUTBOUND", True),
        ({"direction": "INBOUND"}, "INBOUND", True),
        ({"parentCallId": "p"}, "FORWARD", True),
        ({"parentCallId": "p", "endpoint": {"type": "SIP", "username": "u"}}, "OUTBOUND", False),
        ({"parentCallId": "p", "endpoint": {"type": "WEBRTC"}}, "OUTBOUND", False),
        ({"direction": "INBOUND", "endpoint": {"type": "SIP", "username": "u"}}, "OUTBOUND", True),
        ({"direction": "INBOUND", "parentCallId": "p"}, "INBOUND", False),
    ],
    ids=["call out", "call to a DID", "forward to a number", "entry to a trunk", "entry to an application",
         "from the customer's trunk", "child coming in"],
)  # fmt: skip
def test_role_of_a_leg(changes: dict[str, Any], direction: str, billed: bool) -> None:
    """A child that reaches a telephone number is the FORWARD leg and bills (R30, R32)."""
    call = log(**changes)
    assert (direction, billed) == (call.direction, call.is_billed_leg)


def test_route_whose_last_entry_is_a_number() -> None:
    """One DID leg, two SIP entries that fail, one number that answers: one call, four legs, two of them bill (R32)."""
    failed = {"state": "FAILED", "answerTime": None, "duration": 0, "errorCode": {"id": 10200}}
    entry = {**failed, "parentCallId": "call-0", "endpoint": {"type": "SIP"}}
    found = assembled([value(callId="call-0", direction="INBOUND"), value(callId="call-1", **entry),
                       value(callId="call-2", **entry),
                       value(callId="call-3", parentCallId="call-0")], CALLS)  # fmt: skip
    assert (1, 4) == (found.calls, len(found.legs))
    assert [("call-0", "INBOUND"), ("call-3", "FORWARD")] == [
        (leg.leg_id, leg.direction) for leg in found.legs if leg.is_billed_leg
    ]


@pytest.mark.parametrize("source", ["API", "PLATFORM"])
def test_platform_hung_up(source: str) -> None:
    """API and PLATFORM are the platform; ENDPOINT does not say which end."""
    assert ("platform", None) == (log(hangupSource=source).release_party, log(hangupSource="ENDPOINT").release_party)


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"state": "SLEEPING"}, "BAD_FIELD", "state is 'SLEEPING'"),
        ({"direction": "out"}, "BAD_FIELD", "direction"),
        ({"callId": None}, "UNKNOWN_LAYOUT", "callId"),
        ({"startTime": "2026-09-15 11:59:30"}, "BAD_FIELD", "a time with its offset"),
        ({"answerTime": "soon"}, "BAD_FIELD", "answerTime"),
        ({"duration": "25"}, "BAD_FIELD", "duration"),
        ({"duration": 2**50}, "BAD_FIELD", "seconds"),
        ({"endTime": "2026-09-15T11:59:00.000+0000"}, "NEG_DURATION", "35000 ms before"),
        ({"duration": 250}, "DURATION_MISMATCH", "25000 ms apart"),
        ({"to": "4" * 41}, "TOO_LONG", "characters"),
    ],
)
def test_refused_with_a_reason(changes: dict[str, Any], reason: str, said: str) -> None:
    """Reason and detail."""
    call = log(**changes)
    assert reason == call.reject_reason
    assert said in (call.reject_detail or "")


def test_dialog_counts_from_its_start() -> None:
    """120 printed from the start, 117 s from the moment of the connection: no mismatch (R9)."""
    joined = dialog()
    assert (117_000, 120_000, "start", ()) == (
        joined.measured_ms, joined.reported_ms, joined.duration_basis, joined.flags,
    )  # fmt: skip


def test_dialog_never_bills() -> None:
    """Both of its calls have logs of their own."""
    joined = dialog()
    assert (False, "call-1", "call-1", "caller") == (
        joined.is_billed_leg, joined.call_group_id, joined.parent_leg_id, joined.release_party,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "party"), [("CHILD_ENDPOINT", "callee"), ("API", "platform"), ("PLATFORM", "platform"), ("", None)]
)
def test_who_ended_a_dialog(source: str, party: str | None) -> None:
    """The parent is the caller, the child the callee."""
    assert party == dialog(hangupSource=source).release_party


@pytest.mark.parametrize("changes", [{"duration": 2**50}, {"startTime": "x"}, {"childCallId": 5}, {"endTime": "x"}])
def test_dialog_refused_with_a_reason(changes: dict[str, Any]) -> None:
    """Durations, times, types."""
    assert "BAD_FIELD" == dialog(**changes).reject_reason


@pytest.mark.parametrize(
    ("state", "code", "status", "reject_class"),
    [
        ("FAILED", 5486, 486, "BUSY"), ("FAILED", 5404, 404, "NO_ROUTE"), ("FAILED", 5487, 487, "CANCEL"),
        ("FAILED", 5503, 503, "FAILURE"), ("NO_ANSWER", 5003, None, "NOANSWER"), ("NO_ANSWER", None, None, "NOANSWER"),
        ("BUSY", None, None, "BUSY"), ("CANCELLED", None, None, "CANCEL"), ("FAILED", None, None, "FAILURE"),
        ("NO_ANSWER", 10312, None, "CAPACITY"), ("BUSY", 99_999, None, "BUSY"),
    ],
)  # fmt: skip
def test_class_without_a_code_of_the_table(state: str, code: int | None, status: int | None, reject_class: str) -> None:
    """Older codes are 5000 plus a SIP status; where no code says why, the state does."""
    error = None if code is None else {"id": code}
    call = log(state=state, answerTime=None, duration=0, errorCode=error)
    assert (status, reject_class) == (call.sip_status, call.reject_class)


@pytest.mark.parametrize("state", ["CALLING", "RINGING", "PRE_ESTABLISHED", "ESTABLISHED"])
def test_log_of_a_call_in_progress(state: str) -> None:
    """Without an end it is a START that waits; the finished log of the same call takes it, in any order."""
    open_log = value(state=state, endTime=None, duration=None)
    assert ("START", None) == ((leg := read(open_log, CALLS)).record_type, leg.reject_reason)
    assert 1 == len(assembled([open_log], CALLS).pending)
    for order in ([open_log, value()], [value(), open_log]):
        found = assembled(order, CALLS)
        assert ([25_000], 1) == ([call.measured_ms for call in found.legs], len(found.merged))


@pytest.mark.parametrize("state", ["NO_ANSWER", "BUSY", "CANCELLED"])
def test_state_and_times_disagree(state: str) -> None:
    """An answer time with a state of no answer: the times win, with a remark (R2)."""
    call = log(state=state)
    assert (25_000, ("DISPOSITION_CONFLICT",), None) == (call.measured_ms, call.flags, call.reject_reason)
