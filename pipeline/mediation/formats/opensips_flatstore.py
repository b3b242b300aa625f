"""OpenSIPS flatstore: `method|from_tag|to_tag|callid|code|reason|time` and further columns (cdr-formats.md 2.9).

A proxy writes one line for each transaction: the INVITE is the start of a call, its ACK may carry the answer time,
the BYE is the end. A BYE of the callee has its tags exchanged. Failed INVITEs are calls that were not answered.
"""

from collections.abc import Sequence

from pydantic import Field

from pipeline.mediation.draft import Draft, Fields, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.layouts import refuse_beginning
from pipeline.mediation.notes import readable
from pipeline.mediation.proxy_records import EXTRA_FIELDS, Transaction, draft_of_transaction
from pipeline.mediation.times import from_epoch_s
from pipeline.mediation.values import sip_status, whole_number
from schemas.outcomes import RejectReason

_FIXED = 7


class FlatstoreOptions(FeedOptions):
    """Options of this format."""

    extra_columns: tuple[str, ...] = Field(
        (),
        description=f"columns behind the time, in order; read are {', '.join(EXTRA_FIELDS)}; an empty name passes over",
    )


def parse(value: bytes, feed: Feed[FlatstoreOptions]) -> Sequence[Draft | Skip]:
    """Read one line."""
    text, notes = readable(value)
    values = text.rstrip("\r\n").split("|")
    extras = feed.options.extra_columns
    refuse_beginning(values, _FIXED + len(extras))
    if len(values) != _FIXED + len(extras):
        detail = f"The line has {len(values)} columns, expected {_FIXED} and the {len(extras)} of option extra_columns."
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, detail)
    method, from_tag, to_tag, call_id, code, _, time = values[:_FIXED]
    status = sip_status(code)
    if status is None:
        raise bad_field("sip_code", code, "a SIP status")
    seconds = whole_number("time", time)
    named = dict(zip(extras, values[_FIXED:], strict=True))
    fields: Fields = {EXTRA_FIELDS[name]: text for name, text in named.items() if name in EXTRA_FIELDS and text}
    at = from_epoch_s("time", seconds)
    return [draft_of_transaction(Transaction(method, call_id, from_tag, to_tag, status, at), fields, notes)]


FORMAT = Format(
    name="opensips_flatstore",
    about="OpenSIPS flatstore accounting",
    tells="INVITE, ACK, BYE of a proxy; whole seconds; SIP status",
    parse=parse,
    options=FlatstoreOptions,
)
