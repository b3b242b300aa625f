"""A small run of the month's test: all formats, all common faults, a worker that is killed twice."""

from pathlib import Path

import pytest

from tests.chaos.month import Month, run_month


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_month_survives_its_kills(tmp_path: Path) -> None:
    """3,000 calls: every record, second and charge as the truth says, whatever was cut short."""
    said: list[str] = []
    found = run_month(tmp_path, Month(seed=5, calls=3_000, kills=2, profile="day", batch_rows=400), said.append)
    assert ([], []) == (found.differences, found.gaps)
    assert 2 == sum(text.startswith("killed after") for text in said)
