"""What a format makes of one record, before the rules that all formats share.

A parser returns drafts and skips. It raises `Unreadable` where the bytes do not follow the format; `parse_record`
turns that into a `Failure`, so that outside of a format bad input is always a value.
"""

from typing import Any, NamedTuple

from pipeline.mediation.notes import Notes
from schemas.outcomes import RejectReason

Fields = dict[str, Any]
"""CDR fields by name. Times are aware; texts as received."""


class Draft(NamedTuple):
    """One record of a leg as its format reads it."""

    key: tuple[str, ...]
    """Native key (mediation.md R10), with the native sequence where the key needs it; empty: there is none."""
    call: str | None
    """What joins all records of the call: the SIP Call-ID where the source gives it, else its own call key."""
    fields: Fields
    notes: Notes | None = None
    """What the format remarks on the record by itself."""
    resolution_ms: int = 1
    """Coarsest step of the times that make the duration; 60000 for stamps without seconds."""


class Failure(NamedTuple):
    """Why the bytes cannot be read, for people: what was found, what was expected, where."""

    reason: RejectReason
    detail: str


class Restarted(NamedTuple):
    """What a line says that tells a restart (R26): which node it was; None where it does not name one."""

    node: str | None


class Skip(NamedTuple):
    """A record that is no CDR: a header, an audit line, a foreign syslog line. It is counted."""

    why: str
    restart: Restarted | None = None


Parsed = Draft | Failure | Skip


class Unreadable(Exception):
    """Raised inside a format only; carries the failure."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(reason, detail)


def bad_field(name: str, found: object, expected: str) -> Unreadable:
    """A value that cannot be read."""
    return Unreadable(RejectReason.BAD_FIELD, f"{name} is {shown(found)}, expected {expected}.")


def shown(value: object, limit: int = 80) -> str:
    """A value as messages quote it: one line, printable, short."""
    text = ascii(value)
    return text if len(text) <= limit else f"{text[:limit]}..."
