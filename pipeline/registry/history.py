"""Call history: the priced legs of the ledger, in the published shape of a call log."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.problems import NotFound
from pipeline.registry.shapes.base import Page, time_text
from pipeline.registry.shapes.history import CallLog, DialogLog, ErrorCode, Price
from pipeline.registry.store.pages import Paging

LEGS = (Path(__file__).parent / "history.sql").read_text()
SECONDS_PER_MINUTE = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DISPLAYED = Decimal("0.000000001")

ERRORS = {
    None: (10000, "NORMAL_HANGUP", "The call has ended."),
    "CAPACITY": (10312, "CONGESTION", "The trunk's channel limit was reached."),
    "AUTH": (10302, "UNAUTHENTICATED", "The trunk did not authenticate."),
    "BALANCE": (10301, "INSUFFICIENT_FUNDS", "There was not enough credit."),
    "INTL_BLOCKED": (10300, "FORBIDDEN", "The trunk may not make international calls."),
    "NO_ROUTE": (10303, "DESTINATION_NOT_FOUND", "There is no route to the destination."),
    "BUSY": (10201, "BUSY", "The endpoint was busy."),
    "NOANSWER": (10200, "NO_ANSWER", "The endpoint did not answer."),
    "CANCEL": (10202, "CANCELLED", "The caller hung up before the answer."),
    "FAILURE": (10310, "UNKNOWN", "The call failed."),
}
"""How the ledger's reject class is called in the vendor's list of error codes."""


_CALL_ENDED_BY = {"caller": "ENDPOINT", "callee": "ENDPOINT", "platform": "PLATFORM"}
_DIALOG_ENDED_BY = {"caller": "PARENT_ENDPOINT", "callee": "CHILD_ENDPOINT", "platform": "PLATFORM"}
"""Who released a leg, in the words of the two shapes: a leg is called from its parent."""


class CallFilter(NamedTuple):
    """Which legs are wanted; None admits all. `direction` FORWARD is OUTBOUND here."""

    type: str | None = None
    from_: str | None = None
    to: str | None = None
    direction: str | None = None
    status: str | None = None
    start_time_after: datetime | None = None
    dialog_id: str | None = None
    call_id: str | None = None
    parent_call_id: str | None = None
    end_time_before: datetime | None = None
    has_parent: bool | None = None
    dialog_state: str | None = None
    nothing: bool | None = None
    """Set where a filter asks for what no call of a trunk has: an application, a conference, a bulk."""


_CONDITIONS = {
    "type": "CASE WHEN route_entry_type = 'SIP' THEN 'SIP' ELSE 'PHONE' END = $type",
    "from_": "ltrim(calling, '+') = ltrim($from_, '+')",
    "to": "ltrim(called, '+') = ltrim($to, '+')",
    "direction": "CASE WHEN direction = 'FORWARD' THEN 'OUTBOUND' ELSE direction END = $direction",
    "status": "state = $status",
    "start_time_after": "started_us > $start_time_after",
    "end_time_before": "released_us < $end_time_before",
    "dialog_id": "call_group_id = $dialog_id",
    "call_id": "cdr_id = $call_id",
    "parent_call_id": "parent_call_id = $parent_call_id",
    "has_parent": "(parent_call_id IS NOT NULL) = $has_parent",
    "dialog_state": "CASE WHEN state = 'FINISHED' THEN 'FINISHED' ELSE 'FAILED' END = $dialog_state",
    "nothing": "NOT $nothing",
}


def call_page(ledger: Ledger, account_id: str, wanted: CallFilter, paging: Paging) -> Page[CallLog]:
    """One page of an account's legs, the newest first."""
    rows, total = _page(ledger, account_id, wanted, paging)
    return Page[CallLog](results=[call_log(row) for row in rows], paging=paging.info(total))


def call(ledger: Ledger, account_id: str, call_id: str) -> CallLog:
    """One leg. NotFound for another account's too."""
    rows, _ = _page(ledger, account_id, CallFilter(call_id=call_id), Paging(0, 1))
    if not rows:
        raise NotFound("call", call_id)
    return call_log(rows[0])


def dialog_page(ledger: Ledger, account_id: str, wanted: CallFilter, paging: Paging) -> Page[DialogLog]:
    """One page of the pairs of a leg and the leg that it came from, the newest first."""
    rows, total = _page(ledger, account_id, wanted._replace(has_parent=True), paging)
    return Page[DialogLog](results=[dialog_log(row) for row in rows], paging=paging.info(total))


def dialog(ledger: Ledger, account_id: str, dialog_id: str) -> DialogLog:
    """The last pair of a dialog. NotFound if it has none."""
    page = dialog_page(ledger, account_id, CallFilter(dialog_id=dialog_id), Paging(0, 1))
    if not page.results:
        raise NotFound("dialog", dialog_id)
    return page.results[0]


def _page(ledger: Ledger, account_id: str, wanted: CallFilter, paging: Paging) -> tuple[list[dict[str, Any]], int]:
    asked = {name: value for name, value in wanted._asdict().items() if value is not None}
    asked = {name: _microseconds(value) if isinstance(value, datetime) else value for name, value in asked.items()}
    # Only conditions of this module are put together; whatever was asked for is a parameter.
    conditions = " AND ".join(_CONDITIONS[name] for name in asked) or "true"
    query = (
        f"WITH found AS ({LEGS}) SELECT *, count(*) OVER () AS total FROM found WHERE {conditions} "  # noqa: S608
        "ORDER BY started_us DESC NULLS LAST, cdr_id DESC LIMIT $size OFFSET $skip"
    )
    parameters = {"account_id": account_id, "size": paging.size, "skip": paging.page * paging.size}
    rows = ledger.rows(query, asked | parameters)
    if rows or paging.page == 0:
        return rows, rows[0]["total"] if rows else 0
    _, total = _page(ledger, account_id, wanted, Paging(0, 1))
    return [], total


def call_log(row: Mapping[str, Any]) -> CallLog:
    """A leg in the published shape. Numbers are E.164 without a plus."""
    is_answered = row["answered_us"] is not None
    return CallLog.model_validate(
        {
            "callId": row["cdr_id"], "endpoint": _endpoint(row), "from": _digits(row["calling"]),
            "to": _digits(row["called"]), "direction": _direction(row["direction"]), "state": row["state"],
            "startTime": _time(row["started_us"]), "answerTime": _time(row["answered_us"]),
            "endTime": _time(row["released_us"]), "parentCallId": row["parent_call_id"],
            "ringDuration": None if row["ring_ms"] is None else row["ring_ms"] // 1000,
            "duration": row["call_seconds"], "errorCode": _error(row), "dialogId": row["call_group_id"],
            "hangupSource": _CALL_ENDED_BY.get(row["release_party"] or ""), "sipTrunkId": row["trunk_id"],
            "chargedDuration": row["billed_seconds"], "price": _price(row) if is_answered else None,
            "charge": Decimal(0) if row["charge"] is None else row["charge"], "chargeKind": row["charge_kind"],
            "destination": row["destination"],
        }
    )  # fmt: skip


def dialog_log(row: Mapping[str, Any]) -> DialogLog:
    """A pair of legs in the published shape; its duration counts from the start and is never billed from."""
    start, end = row["started_us"], row["released_us"]
    return DialogLog.model_validate(
        {
            "dialogId": row["call_group_id"], "state": "FINISHED" if row["state"] == "FINISHED" else "FAILED",
            "startTime": _time(start), "establishTime": _time(row["answered_us"]), "endTime": _time(end),
            "parentCallId": row["parent_call_id"], "childCallId": row["cdr_id"],
            "duration": 0 if start is None or end is None else max(0, end - start) // 1_000_000,
            "errorCode": _error(row), "hangupSource": _DIALOG_ENDED_BY.get(row["release_party"] or ""),
        }
    )  # fmt: skip


def _endpoint(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["route_entry_type"] == "SIP":
        name = row["user_name"] or _digits(row["called"]) or ""
        return {"type": "SIP", "sipTrunkId": row["trunk_id"], "username": name}
    number = row["calling"] if row["direction"] == "INBOUND" else row["called"]
    return {"type": "PHONE", "phoneNumber": _digits(number) or "anonymous"}


def _price(row: Mapping[str, Any]) -> Price | None:
    if row["rate_per_minute"] is None:
        return None
    per_second = (row["rate_per_minute"] / SECONDS_PER_MINUTE).quantize(_DISPLAYED, ROUND_HALF_UP)
    return Price(price_per_second=per_second, currency=row["currency"])


def _error(row: Mapping[str, Any]) -> ErrorCode:
    reason = None if row["answered_us"] is not None else row["reject_class"] or "FAILURE"
    number, name, description = ERRORS.get(reason, ERRORS["FAILURE"])
    return ErrorCode(id=number, name=name, description=description)


def _direction(direction: str | None) -> str | None:
    return "OUTBOUND" if direction == "FORWARD" else direction


def _digits(number: str | None) -> str | None:
    return None if number is None else number.removeprefix("+")


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _time(microseconds: int | None) -> str | None:
    return None if microseconds is None else time_text(_EPOCH + timedelta(microseconds=microseconds))
