"""Media figures: what is computed from others, and calls without any media (mediation.md I). Never a price."""

from pipeline.mediation.draft import Fields
from pipeline.mediation.notes import Notes
from schemas.outcomes import Flag

NO_MEDIA_AFTER_MS = 10_000
"""An answered call that is longer and got no packet is remarked (R45)."""


def apply_media_rules(fields: Fields, notes: Notes) -> None:
    """Remark an answered call that got no media; it is billable, and the remark is for disputes."""
    if is_silent(fields.get("packets_in"), fields.get("packets_out"), fields.get("measured_ms")):
        notes.warn(Flag.NO_MEDIA)


def is_silent(packets_in: int | None, packets_out: int | None, measured_ms: int | None) -> bool:
    """Whether nothing came in for longer than a pause.

    Where both directions count nothing the media did not pass here, and nothing is known of it.
    """
    return packets_in == 0 and packets_out != 0 and (measured_ms or 0) > NO_MEDIA_AFTER_MS


def loss_pct_x100(lost: int | None, received: int | None) -> int | None:
    """Lost packets as hundredths of a per cent of all that were sent here."""
    if lost is None or received is None or lost + received == 0:
        return None
    return (20_000 * lost + lost + received) // (2 * (lost + received))
