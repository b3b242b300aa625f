"""Names that FreeSWITCH gives to hang-up causes, and who hung up (cdr-formats.md 2.7)."""

from schemas.outcomes import RejectClass

_Q850 = {
    "UNALLOCATED_NUMBER": 1, "NO_ROUTE_TRANSIT_NET": 2, "NO_ROUTE_DESTINATION": 3, "NORMAL_CLEARING": 16,
    "USER_BUSY": 17, "NO_USER_RESPONSE": 18, "NO_ANSWER": 19, "SUBSCRIBER_ABSENT": 20, "CALL_REJECTED": 21,
    "NUMBER_CHANGED": 22, "EXCHANGE_ROUTING_ERROR": 25, "DESTINATION_OUT_OF_ORDER": 27, "INVALID_NUMBER_FORMAT": 28,
    "NORMAL_UNSPECIFIED": 31, "NORMAL_CIRCUIT_CONGESTION": 34, "NETWORK_OUT_OF_ORDER": 38,
    "NORMAL_TEMPORARY_FAILURE": 41, "SWITCH_CONGESTION": 42, "RECOVERY_ON_TIMER_EXPIRE": 102, "INTERWORKING": 127,
}  # fmt: skip
_CANCELLED = frozenset({"ORIGINATOR_CANCEL", "LOSE_RACE", "PICKED_OFF"})
"""The caller gave up, or another leg of the fork answered first (R33)."""

_FAR_END_OF_CALLER_LEG = {
    "recv_bye": "caller", "recv_cancel": "caller", "send_bye": "callee", "send_refuse": "callee",
}  # fmt: skip
_FAR_END_OF_CALLEE_LEG = {
    "recv_bye": "callee", "recv_refuse": "callee", "send_bye": "caller", "send_cancel": "caller",
}  # fmt: skip


def q850_of_name(name: str | None) -> int | None:
    """The Q.850 value of a cause name; names of FreeSWITCH's own (above 127) have none."""
    return _Q850.get(name or "")


def release_party(disposition: str | None, *, is_caller_leg: bool) -> str | None:
    """Who ended the leg, from `sip_hangup_disposition`: what was received came from the far end of this leg."""
    return (_FAR_END_OF_CALLER_LEG if is_caller_leg else _FAR_END_OF_CALLEE_LEG).get(disposition or "")


def reject_class_of_name(name: str | None) -> RejectClass | None:
    """The class of an unanswered call, where the cause is a name of FreeSWITCH's own."""
    return RejectClass.CANCEL if name in _CANCELLED else None
