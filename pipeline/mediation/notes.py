"""What the shared rules remark on a record: warnings, and reasons not to price it."""

from pipeline.mediation.texts import decode_text
from schemas.outcomes import Flag, RejectReason

_PRECEDENCE = list(RejectReason)


class Notes:
    """Remarks on one record, in the order they were made."""

    def __init__(self) -> None:
        self.flags: list[Flag] = []
        self._blocks: list[tuple[RejectReason, str]] = []

    def warn(self, flag: Flag) -> None:
        """Remark something that does not stop rating; once is enough."""
        if flag not in self.flags:
            self.flags.append(flag)

    def block(self, reason: RejectReason, detail: str) -> None:
        """Keep the record from being priced."""
        self._blocks.append((reason, detail))

    def rejection(self) -> tuple[RejectReason, str] | None:
        """The first reason by precedence (`RejectReason` lists them in order)."""
        return min(self._blocks, key=lambda block: _PRECEDENCE.index(block[0]), default=None)


def readable(value: bytes) -> tuple[str, Notes]:
    """The characters of a record, with the remark ENCODING where they are not UTF-8 (R52)."""
    text, is_utf8 = decode_text(value)
    notes = Notes()
    if not is_utf8:
        notes.warn(Flag.ENCODING)
    return text, notes
