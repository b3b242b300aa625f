"""The look at fair use that a running worker takes every minute."""

from collections.abc import Callable
from datetime import datetime, timedelta

import duckdb
import structlog

from pipeline.ledger.errors import LedgerError
from pipeline.ledger.table import UsageLedger
from pipeline.sql.connection import connect_to
from pipeline.usage.alerts import Alert, UsageAlerts
from rating.book import RateBook

log = structlog.get_logger(__name__)

LOOK_SECONDS = 60
_MEMORY = "256MB"
_ZONES_BEHIND_UTC = timedelta(hours=12)
"""In some zone the month before is still running."""


class UsageWatch:
    """Looks at the newest snapshot of the ledger with a handle of its own, so that no writer waits for it."""

    def __init__(self, ledger: UsageLedger, book: Callable[[], RateBook], clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._book = book
        self._clock = clock
        self._alerts = UsageAlerts()

    def look(self) -> list[Alert]:
        """Report trunks that came near or over their allowance. A look that fails is logged; rating goes on."""
        month = (self._clock() - _ZONES_BEHIND_UTC).strftime("%Y-%m")
        try:
            with connect_to(self._ledger.another_handle(), self._book()) as connection:
                connection.execute(f"SET memory_limit = '{_MEMORY}'")
                return self._alerts.look(connection, month)
        except (LedgerError, duckdb.Error) as error:
            log.warning("usage_not_looked_at", reason=str(error), again_in_seconds=LOOK_SECONDS)
            return []
