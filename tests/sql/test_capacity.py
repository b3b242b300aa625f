"""Channels in use by SQL: against the published cases, and against counting second by second."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reference import ReferenceData
from tests.sql.views_over import views_over

ORACLE = Path(os.environ.get("TRUNKLINE_ORACLES", Path(__file__).resolve().parents[3] / "shared" / "oracles"))
START = datetime(2026, 10, 1, 10, tzinfo=UTC)
USED = """SELECT coalesce(max(peak), 0), coalesce(sum(over_limit_ms), 0), coalesce(sum(channel_ms), 0),
    coalesce(arg_max(epoch_ms(peak_first_at), (peak, -epoch_ms(peak_first_at))), 0) FROM capacity_daily"""


def a_book(limit):
    """One trunk with one limit."""
    trunk = {
        "trunk_id": "t1", "account_id": "acme", "name": "t1", "type": "STATIC", "plan_id": "p", "location": "NEW_YORK",
        "country": "US", "effective_from": "2026-01-01T00:00:00Z",
        "channel_limits": [{"effective_from": "2026-01-01T00:00:00Z", "channel_limit": limit}],
    }  # fmt: skip
    accounts = [{"account_id": "acme", "name": "Acme"}]
    return ReferenceData.model_validate_json(json.dumps({"accounts": accounts, "trunks": [trunk]}))


def used(calls, limit):
    """Peak, milliseconds over the limit, milliseconds of all calls, first instant of the peak."""
    rows = [
        {"offset": at, "trunk_id": "t1", "direction": "OUTBOUND", "answered_at": begin, "released_at": end}
        for at, (begin, end) in enumerate(calls)
    ]
    return views_over(rows, a_book(limit)).execute(USED).fetchone()


def published_cases():
    """The concurrency cases of the published file."""
    path = ORACLE / "plan_cases.json"
    if not path.exists():
        return []
    return [case for case in json.loads(path.read_text())["cases"] if case["kind"] == "concurrency"]


@pytest.mark.oracle
def test_published_concurrency_cases():
    """Peak, its first instant, time above the limit and time of all calls are exact in every case."""
    cases = published_cases()
    if not cases:
        pytest.skip(f"No plan_cases.json under {ORACLE}; set TRUNKLINE_ORACLES.")
    for case in cases:
        given_, expected = case["input"], case["expected"]
        calls = [
            tuple(datetime.fromisoformat(call[name]) for name in ("answered_at", "released_at"))
            for call in given_["calls"]
        ]
        first = expected["peak_first_at"]
        first_ms = int(datetime.fromisoformat(first).timestamp() * 1000) if first else 0
        wanted = (expected["peak"], expected["over_limit_ms"], expected["channel_ms"], first_ms)
        assert wanted == used(calls, given_["channel_limit"]), case["id"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), max_size=25), st.integers(1, 4))
def test_equals_counting_second_by_second(spans, limit):
    """Brute force: for each second count the calls that hold a channel."""
    seconds = [sum(begin <= second < begin + length for begin, length in spans) for second in range(60)]
    calls = [(START + timedelta(seconds=begin), START + timedelta(seconds=begin + length)) for begin, length in spans]
    peak, over_ms, channel_ms, _ = used(calls, limit)
    assert (max(seconds), 1000 * sum(count > limit for count in seconds), 1000 * sum(seconds)) == (
        peak,
        over_ms,
        channel_ms,
    )
