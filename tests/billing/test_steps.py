"""A close in steps: each account once, and the documents that a close in one step makes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.billing import steps as steps_module
from pipeline.billing.audit import audit_period
from pipeline.billing.explain import open_snapshot
from pipeline.billing.steps import steps
from pipeline.billing.table import BillingTable
from tests.billing.world import World, a_call, inbound


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; a close leaves none."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert [] == [path.name for path in folder.iterdir() if path.name.startswith("trunkline-close-")]


def a_month(folder: Path) -> World:
    """Three accounts with two calls each, one without any; one call is of the month before."""
    world = World(folder)
    world.receive(
        a_call("acme-front-desk", "+442079460018", "2026-09-05T10:00:00", 61, cdr_id="late, and quoted"),
        inbound("acme-branches", "+12125550100", "+16515550110", "2026-10-08T10:00:00", 60),
        a_call("heron-drivers", "+16125550177", "2026-10-09T10:00:00", 600),
        a_call("heron-drivers", "+16125550177", "2026-10-09T11:00:00", 600),
        a_call("delta-berlin", "+4915112345678", "2026-10-09T10:00:00", 60),
        a_call("delta-berlin", "+4915112345678", "2026-10-09T12:00:00", 0),
    )
    return world


def test_steps_change_no_byte(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls at once are a commit for each account with calls; late calls, fair use and lists come out the same."""
    whole, divided = a_month(tmp_path / "whole"), a_month(tmp_path / "divided")
    whole.close()
    before = BillingTable.open(divided.settings.ledger_url).version
    monkeypatch.setattr(steps_module, "CALLS_AT_ONCE", 2)
    progress: list[int] = []
    divided.close(progress=lambda done, _: progress.append(done))
    assert [1, 3, 4] == progress
    assert before + 3 == BillingTable.open(divided.settings.ledger_url).version
    assert whole.files() == divided.files()
    assert () == audit_period(divided.settings, "2026-10").findings
    assert 6 == audit_period(divided.settings, "2026-10").calls
    assert scratch.is_dir()


def test_a_step_without_calls_finds_none(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More calls than go at once stand alone; what is billed already does not wait."""
    world = a_month(tmp_path / "world")
    world.close(account="blue-heron")
    monkeypatch.setattr(steps_module, "CALLS_AT_ONCE", 1)
    report = world.close()
    assert ["acme-dental", "cobalt-care", "delta-werke"] == [document.account_id for document in report.issued]
    assert [2, 0, 2] == [_calls(world, name) for name in ("acme-dental", "cobalt-care", "delta-werke")]
    assert scratch.is_dir()


def _calls(world: World, account: str) -> int:
    [listed] = [content for name, content in world.files().items() if f"/{account}/" in name and "calls.csv" in name]
    return len(listed.splitlines()) - 1


def test_nobody_is_no_step(tmp_path: Path) -> None:
    """Without accounts there is nothing to close."""
    snapshot = open_snapshot(World(tmp_path).settings)
    snapshot.set("period", "2026-10")
    assert [] == list(steps(snapshot, []))
