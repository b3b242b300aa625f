"""Alerts while a month runs: at 80 and 100 percent of the allowance, and above the channel limit; each once."""

from datetime import timedelta

import pytest
import structlog

from pipeline.usage.alerts import Alert, UsageAlerts, capacity_alerts, fair_use_alerts
from tests.sql.test_views import a_book
from tests.sql.views_over import views_over
from tests.usage.rows import TEN, included, on_channel

ONE_CHANNEL = a_book({"trunks": {"t1": [{"effective_from": "2026-01-01T00:00:00Z", "channel_limit": 1}]}})
ALLOWANCE = 180_000
"""3,000 minutes for one channel."""


def _used(offset: int, seconds: int) -> dict[str, object]:
    return included(offset, seconds, trunk_id="t1", plan_id="unlimited")


@pytest.mark.parametrize(
    ("seconds", "alert"),
    [(143_999, None), (144_000, "FAIR_USE_NEAR"), (179_999, "FAIR_USE_NEAR"), (180_000, "FAIR_USE_OVER")],
)
def test_at_80_and_100_percent(seconds: int, alert: str | None) -> None:
    """Not a second before."""
    expected = [] if alert is None else [Alert("t1", alert, "2026-10", seconds, ALLOWANCE)]
    assert expected == fair_use_alerts(views_over([_used(1, seconds)], ONE_CHANNEL), "2026-10")


def test_calls_above_the_limit() -> None:
    """The day is named, with the peak and the limit."""
    rows = [on_channel(1, 0, 60), on_channel(2, 30, 60)]
    found = capacity_alerts(views_over(rows, ONE_CHANNEL), "2026-10")
    assert [Alert("t1", "OVER_CAPACITY", "2026-10-05", 2, 1)] == found
    assert [] == capacity_alerts(views_over(rows, ONE_CHANNEL), "2026-11")


def test_earlier_months_are_silent() -> None:
    """A month that is over has been closed, or will be; it is no alert of today."""
    assert [] == fair_use_alerts(views_over([_used(1, ALLOWANCE)], ONE_CHANNEL), "2026-11")


def test_each_alert_is_reported_once() -> None:
    """Near, and later over; a look that finds nothing new is silent."""
    alerts = UsageAlerts()
    near = views_over([_used(1, 150_000)], ONE_CHANNEL)
    with structlog.testing.capture_logs() as logs:
        assert ["FAIR_USE_NEAR"] == [alert.alert for alert in alerts.look(near, "2026-10")]
        assert [] == alerts.look(near, "2026-10")
        second = included(2, 30_000, trunk_id="t1", plan_id="unlimited", answered_at=TEN + timedelta(days=2),
                          released_at=TEN + timedelta(days=2, seconds=30_000))  # fmt: skip
        over = views_over([_used(1, 150_000), second], ONE_CHANNEL)
        assert ["FAIR_USE_OVER"] == [alert.alert for alert in alerts.look(over, "2026-10")]
    assert ["FAIR_USE_NEAR", "FAIR_USE_OVER"] == [entry["alert"] for entry in logs]
