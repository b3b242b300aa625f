"""Alerts while the month runs: fair use at 80 and 100 percent, and calls above the channel limit.

Call `UsageAlerts.look` every minute with a fresh connection; each alert is reported once while the process lives. The
figures are provisional: the close computes them again from the whole month.
"""

from typing import NamedTuple

import duckdb
import structlog
from prometheus_client import Gauge

TRUNKS = Gauge("usage_alert_trunks", "Trunks with an alert in the running months.", ["alert"])
_KINDS = ("FAIR_USE_NEAR", "FAIR_USE_OVER", "OVER_CAPACITY")

_ALERTS = """\
SELECT trunk_id, 'FAIR_USE_' || alert AS alert, period AS since, used_seconds AS used, allowance_seconds AS of
FROM fair_use
WHERE alert IS NOT NULL AND period >= $period
UNION ALL
SELECT trunk_id, 'OVER_CAPACITY' AS alert, strftime(day, '%Y-%m-%d') AS since, peak AS used, channel_limit AS of
FROM capacity_daily
WHERE answered_over_limit > 0 AND strftime(day, '%Y-%m') >= $period
ORDER BY trunk_id, alert, since
"""

log = structlog.get_logger(__name__)


class Alert(NamedTuple):
    """A trunk that uses nearly all or more than it has: seconds of the allowance, or channels."""

    trunk_id: str
    alert: str
    """FAIR_USE_NEAR (80 percent), FAIR_USE_OVER (100 percent) or OVER_CAPACITY."""
    since: str
    """The month, or the day."""
    used: int
    of: int | None


def usage_alerts(connection: duckdb.DuckDBPyConnection, period: str) -> list[Alert]:
    """All alerts of a month and later ones, by the views `fair_use` and `capacity_daily`."""
    return [Alert(*row) for row in connection.execute(_ALERTS, {"period": period}).fetchall()]


class UsageAlerts:
    """Remembers what it has reported."""

    def __init__(self) -> None:
        self._reported: set[tuple[str, str, str]] = set()

    def look(self, connection: duckdb.DuckDBPyConnection, period: str) -> list[Alert]:
        """Log the alerts that are new since the last look, count the trunks of each kind, and return the new ones."""
        found = usage_alerts(connection, period)
        for kind in _KINDS:
            TRUNKS.labels(kind).set(len({alert.trunk_id for alert in found if alert.alert == kind}))
        new = [alert for alert in found if alert[:3] not in self._reported]
        self._reported.update(alert[:3] for alert in new)
        for alert in new:
            log.warning("usage_alert", **alert._asdict())
        return new
