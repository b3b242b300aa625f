"""A close that is killed at any moment and run again ends with the bytes of an undisturbed one.

A kill is an exception that nothing catches, raised at a seeded moment: before or after a commit, in the middle of a
file. Some kills are real ones, of a process, with SIGKILL.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.billing import close as close_module
from pipeline.billing import table as table_module
from pipeline.billing.audit import audit_period
from pipeline.billing.close import close_period, issue_notes
from pipeline.billing.documents import writer
from pipeline.settings import Settings
from tests.billing.world import World, a_call, inbound

KILLS = int(os.environ.get("TRUNKLINE_KILLS", "25"))
"""Kills in the test; `TRUNKLINE_KILLS=200` for a thorough run."""

KILLS_OF_A_RUN = 5
MOMENTS = 400
"""About as many as the first run of all steps has."""
NOTED_ON = date(2026, 11, 20)


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A provider whose October and November were closed without a kill, with a note between."""
    world = World(tmp_path_factory.mktemp("kills") / "world")
    world.receive(
        a_call("acme-front-desk", "+442079460018", "2026-10-05T10:00:00", 61, cdr_id="a"),
        a_call("acme-branches", "+16085550120", "2026-10-07T10:00:00", 600, cdr_id="b"),
        inbound("heron-drivers", "+12125550100", "+16085550130", "2026-10-08T10:00:00", 600),
    )
    world.correct("a", measured_ms=62_000)
    shutil.copytree(world.settings.ledger_url, world.folder / "before")
    work_through(world.settings, world)
    return world


def work_through(settings: Settings, world: World) -> None:
    """Everything that the kills interrupt: a close, a correction, its note, the next close."""
    close_period(settings, "2026-10")
    corrections_of(settings, world)
    issue_notes(settings, "2026-11", NOTED_ON)
    close_period(settings, "2026-11")


def corrections_of(settings: Settings, world: World) -> None:
    """The same correction, made as often as it is asked for."""
    other = World.__new__(World)
    other.__dict__ = world.__dict__ | {"settings": settings}
    other.correct("a", measured_ms=3_600_000)


def a_copy(world: World, folder: Path) -> Settings:
    """The ledger before its first close, and an empty folder for documents."""
    shutil.copytree(world.folder / "before", folder / "ledger")
    return world.settings.model_copy(update={"ledger_url": str(folder / "ledger"), "invoice_path": folder / "invoices"})


def files(settings: Settings) -> dict[str, bytes]:
    """Every file of every document, half-written ones included."""
    folder = settings.invoice_path
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def deadly(monkeypatch: pytest.MonkeyPatch, moments_left: int) -> None:
    """Let the process die at the moment of that number."""
    left = [moments_left]

    def moment() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    def dying(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def attempt(*arguments: Any, **options: Any) -> Any:
            moment()
            result = real(*arguments, **options)
            moment()
            return result

        monkeypatch.setattr(owner, name, attempt)

    dying(table_module, "write_deltalake")
    dying(close_module, "commit")
    dying(close_module, "_pin")
    dying(writer, "write_files")
    dying(writer, "render_pdf")
    dying(Path, "write_bytes")
    dying(Path, "replace")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_kills_leave_the_same_bytes(undisturbed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run is killed up to five times at seeded moments, then left alone."""
    expected = {name: content for name, content in undisturbed.files().items() if not name.endswith(".pdf")}
    chance = random.Random(7)  # noqa: S311 - a seed, no secret
    monkeypatch.setattr(writer, "render_pdf", lambda document, *_rest: document.number.encode())
    kills = runs = 0
    while kills < KILLS:
        settings = a_copy(undisturbed, tmp_path / str(runs))
        for _ in range(KILLS_OF_A_RUN):
            with monkeypatch.context() as patch:
                deadly(patch, chance.randrange(1, MOMENTS))
                try:
                    work_through(settings, undisturbed)
                except Killed:
                    kills += 1
        work_through(settings, undisturbed)
        found = {name: content for name, content in files(settings).items() if not name.endswith((".pdf", ".part"))}
        assert expected == found
        assert () == audit_period(settings, "2026-10").findings
        runs += 1


@pytest.mark.slow
def test_real_kills_leave_the_same_bytes(undisturbed: World, tmp_path: Path) -> None:
    """`trunkline close` is killed with SIGKILL at seeded times, then run to its end."""
    chance = random.Random(11)  # noqa: S311 - a seed, no secret
    settings = a_copy(undisturbed, tmp_path)
    environment = os.environ | {
        "TRUNKLINE_LEDGER_URL": settings.ledger_url,
        "TRUNKLINE_BOOK_PATH": str(settings.book_path),
        "TRUNKLINE_TAX_PATH": str(settings.tax_path),
        "TRUNKLINE_INVOICE_PATH": str(settings.invoice_path),
        "TRUNKLINE_INVOICE": settings.invoice.model_dump_json(),
    }
    command = [str(Path(sys.executable).with_name("trunkline")), "close", "2026-10"]
    for _ in range(4):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(2, 12))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 == subprocess.run(command, env=environment, capture_output=True, check=False).returncode
    expected = {name: content for name, content in undisturbed.files().items() if name.startswith("2026-10/")}
    found = {name: content for name, content in files(settings).items() if not name.endswith(".part")}
    assert found.keys() <= expected.keys()
    assert {name: expected[name] for name in found} == found
    assert () == audit_period(settings, "2026-10").findings
