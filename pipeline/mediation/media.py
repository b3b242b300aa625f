"""Media figures that are computed from others; for reports only (mediation.md I)."""


def loss_pct_x100(lost: int | None, received: int | None) -> int | None:
    """Lost packets as hundredths of a per cent of all that were sent here."""
    if lost is None or received is None or lost + received == 0:
        return None
    return (20_000 * lost + lost + received) // (2 * (lost + received))
