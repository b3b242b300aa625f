"""What a SIP proxy writes: one record for each transaction of a call (mediation.md R23, R37).

OpenSIPS and Kamailio share it. The tags of a dialog are compared without their order, because a BYE of the callee has
them exchanged.
"""

from datetime import datetime
from typing import NamedTuple

from pipeline.mediation.draft import Draft, Fields, Skip, bad_field
from pipeline.mediation.notes import Notes
from schemas.cdr import RecordType

EXTRA_FIELDS = {
    "calling": "calling_raw",
    "called": "called_raw",
    "asserted": "pai_raw",
    "diversion": "diversion_raw",
    "trunk": "claimed_trunk_id",
    "src_ip": "source_ip",
    "carrier": "carrier_id",
    "node": "source_node",
}
"""Names of the columns that operators add, and the CDR fields they give."""
_REFUSAL = 300


class Transaction(NamedTuple):
    """One transaction that the proxy accounted."""

    method: str
    call_id: str
    from_tag: str
    to_tag: str
    status: int
    at: datetime | None


def draft_of_transaction(seen: Transaction, extra: Fields, notes: Notes) -> Draft | Skip:
    """Decide what the transaction says of its call."""
    if not seen.call_id:
        raise bad_field("callid", seen.call_id, "the Call-ID")
    if seen.method == "CANCEL":
        return Skip("CANCEL: the INVITE tells how the call ended")
    said = _said_by(seen)
    tags = sorted(filter(None, (seen.from_tag, seen.to_tag)))
    moment = "" if seen.at is None else str(seen.at.timestamp())
    fields: Fields = {
        "leg_id": ";".join(tags) or None,
        "ingress_call_id": seen.call_id,
        "tz_source": "epoch",
        **said,
        **extra,
    }
    return Draft((seen.call_id, *tags, seen.method, moment), seen.call_id, fields, notes)


def _said_by(seen: Transaction) -> Fields:
    if seen.method == "BYE":
        if seen.at is None:
            raise bad_field("time", "", "the time of the BYE")
        return {"record_type": RecordType.END, "released_at": seen.at}
    if seen.method not in {"INVITE", "ACK"}:
        raise bad_field("method", seen.method, "INVITE, ACK, BYE or CANCEL")
    if seen.status >= _REFUSAL:
        # A leg of its own: a change that the far end refused in the middle of a dialog does not end the dialog.
        return {
            "leg_id": None,
            "record_type": RecordType.STOP,
            "sip_status": seen.status,
            "started_at": seen.at,
            "released_at": seen.at,
        }
    part = RecordType.START if seen.method == "INVITE" else RecordType.INTERIM
    return {"record_type": part, "sip_status": seen.status, "answered_at": seen.at}
