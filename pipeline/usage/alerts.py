"""Alerts while the month runs: fair use at 80 and 100 percent, and calls above the channel limit.

Call `UsageAlerts.look` every minute with a fresh connection; each alert is reported once while the process lives. The
figures are provisional: the close computes them again from the whole month. Fair use is one sum over the month.
Counting channels sorts all calls, which is work for a report and not for every minute: `capacity_alerts`.
"""

from typing import NamedTuple

import duckdb
import structlog
from prometheus_client import Gauge

TRUNKS = Gauge("usage_alert_trunks", "Trunks with an alert in the running months.", ["alert"])
_KINDS = ("FAIR_USE_NEAR", "FAIR_USE_OVER")

_FAIR_USE = """\
SELECT trunk_id, 'FAIR_USE_' || alert AS alert, period AS since, used_seconds AS used, allowance_seconds AS of
FROM fair_use
WHERE alert IS NOT NULL AND period >= $period
ORDER BY trunk_id, since
"""
_CAPACITY = """\
SELECT trunk_id, 'OVER_CAPACITY' AS alert, strftime(day, '%Y-%m-%d') AS since, peak AS used, channel_limit AS of
FROM capacity_daily
WHERE answered_over_limit > 0 AND strftime(day, '%Y-%m') >= $period
ORDER BY trunk_id, since
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


def fair_use_alerts(connection: duckdb.DuckDBPyConnection, period: str) -> list[Alert]:
    """Trunks at 80 or 100 percent of their allowance in a month or a later one, by the view `fair_use`."""
    return [Alert(*row) for row in connection.execute(_FAIR_USE, {"period": period}).fetchall()]


def capacity_alerts(connection: duckdb.DuckDBPyConnection, period: str) -> list[Alert]:
    """Trunks and days with calls answered above the channel limit, by the view `capacity_daily`."""
    return [Alert(*row) for row in connection.execute(_CAPACITY, {"period": period}).fetchall()]


class UsageAlerts:
    """Remembers what it has reported."""

    def __init__(self) -> None:
        self._reported: set[tuple[str, str, str]] = set()

    def look(self, connection: duckdb.DuckDBPyConnection, period: str) -> list[Alert]:
        """Log the fair-use alerts that are new since the last look, count the trunks, and return the new ones."""
        found = fair_use_alerts(connection, period)
        for kind in _KINDS:
            TRUNKS.labels(kind).set(len({alert.trunk_id for alert in found if alert.alert == kind}))
        new = [alert for alert in found if alert[:3] not in self._reported]
        self._reported.update(alert[:3] for alert in new)
        for alert in new:
            log.warning("usage_alert", **alert._asdict())
        return new
