"""Why a call ended: SIP status, Q.850 cause and what they mean for an unanswered call (mediation.md F).

Sources: RFC 3398, section 8.2.6.1, for the mapping of SIP to Q.850; the classes are our choice.
"""

import re

from pipeline.mediation.draft import Fields
from schemas.cdr import RecordType
from schemas.outcomes import RejectClass

_SIP_TO_Q850 = {
    400: 41, 401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 415: 79,
    480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17,
    500: 41, 501: 79, 502: 38, 503: 41, 504: 102,
    600: 17, 603: 21, 604: 1,
}  # fmt: skip
_REASON = re.compile(r"\bQ\.850\b[^,]{0,40}?;\s*cause\s*=\s*([0-9]{1,3})(?![0-9])", re.IGNORECASE)
INTERWORKING = 127
_FIRST_REFUSAL = 300
_REQUEST_TERMINATED = 487
Q850_MAX = 127
STATUS_MAX = 699

_CLASS_BY_STATUS = (
    (RejectClass.BALANCE, {402}, frozenset[int]()),
    (RejectClass.AUTH, {401, 403, 407}, frozenset[int]()),
    (RejectClass.NO_ROUTE, {404, 410, 484, 485, 604}, {1, 2, 3, 22, 28}),
    (RejectClass.BUSY, {486, 600}, {17}),
    (RejectClass.NOANSWER, {408, 480}, {18, 19, 20}),
    (RejectClass.CANCEL, {487}, frozenset[int]()),
    (RejectClass.CAPACITY, frozenset[int](), {34, 42}),
)
CLASSES = (*(name for name, _, _ in _CLASS_BY_STATUS), RejectClass.FAILURE)
_UNANSWERED = (RecordType.STOP, RecordType.ATTEMPT)


def q850_of_sip(status: int) -> int | None:
    """The Q.850 cause of a SIP status; a normal end and a cancelled request carry none of their own."""
    if status < _FIRST_REFUSAL or status == _REQUEST_TERMINATED:
        return None
    return _SIP_TO_Q850.get(status, INTERWORKING)


def q850_or_none(cause: int | None) -> int | None:
    """Vendors write values of their own into cause fields; only 1 to 127 are Q.850 (R38)."""
    return cause if cause is not None and 0 < cause <= Q850_MAX else None


def q850_of_reason(text: str | None) -> int | None:
    """The cause in a Reason header (RFC 3326): `Q.850;cause=17;text="busy"`. It wins over the SIP status (R39)."""
    found = _REASON.search(text or "")
    return q850_or_none(int(found[1])) if found else None


def reject_class(status: int | None, q850: int | None) -> RejectClass:
    """The class of an unanswered call, the first that applies (R39)."""
    return CLASSES[class_rank(status, q850)]


def class_rank(status: int | None, q850: int | None) -> int:
    """Position of that class in `CLASSES`; of both together it is the lower of the positions of each."""
    for rank, (_, statuses, causes) in enumerate(_CLASS_BY_STATUS):
        if status in statuses or q850 in causes:
            return rank
    return len(_CLASS_BY_STATUS)


def apply_cause_rules(fields: Fields) -> None:
    """Fill the cause from the SIP status where the source gives none, and class an unanswered call."""
    status = fields.get("sip_status")
    if fields.get("q850") is None and status is not None:
        fields["q850"] = q850_of_sip(status)
    unanswered = fields.get("answered_at") is None and fields.get("record_type", RecordType.STOP) in _UNANSWERED
    if not unanswered:
        fields["reject_class"] = None
    elif fields.get("reject_class") is None:
        fields["reject_class"] = reject_class(status, fields.get("q850"))
