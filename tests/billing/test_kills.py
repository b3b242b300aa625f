"""A close, a re-rating and a roll-back that are killed at any moment and run again end with undisturbed bytes.

Most kills are an exception that nothing catches, raised at a seeded storage operation: before a file is written, when
half of it is there, before it takes its name, between the data and the log of a commit, after a commit. Some are real
ones, of a process, with SIGKILL.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.billing import close as close_module
from pipeline.billing import table as billing_table
from pipeline.billing.audit import audit_period
from pipeline.billing.close import close_period, issue_notes
from pipeline.billing.documents import writer
from pipeline.billing.rerate import rerate_calls
from pipeline.book import load_book
from pipeline.ledger import books
from pipeline.ledger import table as usage_table
from pipeline.ledger.table import UsageLedger
from pipeline.rate.corrections import Author, Corrections
from pipeline.rate.stage import RateStage
from pipeline.settings import Settings
from pipeline.stream.messages import LegMessage
from schemas.cdr import CDR, cdrs_to_arrow
from tests.billing.test_golden_months import a_provider
from tests.billing.world import ARRIVED, World, a_call, forwarded

KILLS = int(os.environ.get("TRUNKLINE_KILLS", "200"))
NOTED_ON = date(2026, 11, 20)
FILE = "sbc1/day-2.csv@7"
"""A file of the spool, which is rolled back and loaded again."""

CLEAN = {
    "north-1": ("+442079460018", 61),
    "lakes-1": ("+16125550177", 1500),
    "reseller-1": ("+493023125000", 90),
}


def calls_of_the_file() -> list[CDR]:
    """A metered call, one within the plan and beyond it, a forwarded leg."""
    calls = [
        a_call("north-1", "+442079460018", "2026-10-12T10:00:00", 61, cdr_id="file-1"),
        a_call("lakes-1", "+16125550178", "2026-10-12T10:00:00", 400, cdr_id="file-2"),
        forwarded("north-1", "+13125550100", "+13125550101", "2026-10-12T11:00:00", 600)._replace(cdr_id="file-3"),
    ]
    return [call._replace(partition=FILE, offset=line) for line, call in enumerate(calls, 1)]


class Killed(BaseException):
    """The process is gone."""


Step = Callable[[Settings], object]


def close_october(settings: Settings) -> None:
    """The invoices of the month."""
    close_period(settings, "2026-10")


def rerate_october(settings: Settings) -> None:
    """All calls by a deck that has become dearer."""
    rerate_calls(settings, "clerk", "new deck", ARRIVED, deck="out")


def roll_back_the_file(settings: Settings) -> None:
    """The file is taken back."""
    ledger = UsageLedger.open(settings.ledger_url)
    author = Author("clerk", "wrong clock")
    Corrections(settings, ledger, load_book(settings.book_path), lambda: ARRIVED, author).roll_back(FILE)


def load_the_file_again(settings: Settings) -> None:
    """And loaded under its next name, by a worker."""
    name = f"{FILE}~1"
    again = [cdr._replace(partition=name) for cdr in calls_of_the_file()]
    book = load_book(settings.book_path)
    stage = RateStage(0, UsageLedger.open(settings.ledger_url), lambda: book, lambda: ARRIVED)
    stage.process([LegMessage(name, 1, len(again), cdrs_to_arrow(again))], None)
    stage.close()


def credit(settings: Settings) -> None:
    """Notes for what was corrected."""
    issue_notes(settings, "2026-10", NOTED_ON)


def close_november(settings: Settings) -> None:
    """The next invoices, with the calls that were loaded again."""
    close_period(settings, "2026-11")


STEPS: Mapping[Step, str] = {
    close_october: "close",
    rerate_october: "rerate",
    roll_back_the_file: "rollback",
    load_the_file_again: "rollback",
    credit: "close",
    close_november: "close",
}
"""What happens in a run, and to which operation a kill counts."""
KILLS_OF_A_RUN = {"close": 5, "rerate": 15, "rollback": 10}
"""At most so many kills of each step, so that every operation gets its share."""


class Undisturbed(NamedTuple):
    """A provider that nothing happened to."""

    world: World
    settings: Settings
    """With the dearer deck."""
    files: Mapping[str, bytes]
    moments: Mapping[Step, int]
    """Storage operations of each step."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """October closed, rated again, a file rolled back and loaded, notes issued, November closed."""
    world = a_provider(tmp_path_factory.mktemp("kills") / "world")
    world.receive(
        *(a_call(trunk, to, "2026-10-05T10:00:00", seconds) for trunk, (to, seconds) in CLEAN.items()),
    )
    load_first(world)
    shutil.copytree(world.settings.ledger_url, world.folder / "before")
    dearer = world.folder / "dearer"
    shutil.copytree(world.settings.book_path, dearer)
    deck = dearer / "decks" / "out.csv"
    deck.write_text(deck.read_text().replace("0.0120", "0.0240"))
    settings = world.settings.model_copy(update={"book_path": dearer})
    moments = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "render_pdf", lambda document, *_rest: document.number.encode())
        for step in STEPS:
            with deadly(0) as passed:
                step(settings_of(step, world, settings))
            moments[step] = passed[0]
    return Undisturbed(world, settings, world.files(), moments)


def settings_of(step: Step, world: World, dearer: Settings) -> Settings:
    """The first close is made before the deck becomes dearer."""
    return world.settings if step is close_october else dearer


def load_first(world: World) -> None:
    """The file, as a worker loads it."""
    calls = calls_of_the_file()
    stage = RateStage(0, UsageLedger.open(world.settings.ledger_url), lambda: world.book, lambda: ARRIVED)
    stage.process([LegMessage(FILE, 1, len(calls), cdrs_to_arrow(calls))], None)
    stage.close()


@contextmanager
def deadly(at: int) -> Iterator[list[int]]:
    """Let the process die at the storage operation of that number, never for 0; yields how many have passed."""
    passed = [0]

    def moment() -> None:
        passed[0] += 1
        if passed[0] == at:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:

        def dying(owner: Any, name: str) -> None:
            real = getattr(owner, name)

            def attempt(*arguments: Any, **options: Any) -> Any:
                moment()
                result = real(*arguments, **options)
                moment()
                return result

            patch.setattr(owner, name, attempt)

        for owner, name in (
            (billing_table, "write_deltalake"),
            (usage_table, "write_rows"),
            (usage_table.UsageLedger, "_commit"),
            (books, "write_deltalake"),
            (close_module, "commit"),
            (close_module, "_pin"),
            (writer, "call_csv"),
            (Path, "replace"),
            (Path, "mkdir"),
        ):
            dying(owner, name)
        real_write = Path.write_bytes

        def torn(path: Path, content: bytes) -> int:
            moment()
            real_write(path, content[: len(content) // 2])
            moment()
            return real_write(path, content)

        patch.setattr(Path, "write_bytes", torn)
        yield passed


def a_copy(world: World, settings: Settings, folder: Path) -> Settings:
    """The ledger before its first close, and an empty folder for documents."""
    if not (folder / "ledger").exists():
        shutil.copytree(world.folder / "before", folder / "ledger")
    return settings.model_copy(update={"ledger_url": str(folder / "ledger"), "invoice_path": folder / "invoices"})


def files(settings: Settings) -> dict[str, bytes]:
    """Every finished file of every document; what a killed process began and nobody finished has a dot in front."""
    folder = settings.invoice_path
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(name): path.read_bytes() for name, path in found.items() if not name.name.startswith(".")}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_kills_leave_the_same_bytes(undisturbed: Undisturbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 kills: each step of each run is killed at seeded moments until it comes to its end."""
    monkeypatch.setattr(writer, "render_pdf", lambda document, *_rest: document.number.encode())
    chance = random.Random(7)  # noqa: S311 - a seed, no secret
    kills: Counter[str] = Counter()
    while kills.total() < KILLS:
        folder = tmp_path / str(kills.total())
        for step, operation in STEPS.items():
            settings = a_copy(undisturbed.world, settings_of(step, undisturbed.world, undisturbed.settings), folder)
            kills[operation] += killed_often(
                partial(step, settings), KILLS_OF_A_RUN[operation], undisturbed.moments[step], chance
            )
        assert undisturbed.files == files(settings), f"after {kills}"
        assert () == audit_period(settings, "2026-10").findings + audit_period(settings, "2026-11").findings
    assert all(kills[operation] * 8 >= KILLS for operation in set(STEPS.values())), kills


def killed_often(step: Callable[[], object], at_most: int, moments: int, chance: random.Random) -> int:
    """Run a step to its end, killed up to so many times on the way; how often it was.

    What a killed step left for the next attempt is less, so the later kills come early.
    """
    kills = 0
    while kills < at_most:
        try:
            with deadly(chance.randint(1, moments)):
                step()
        except Killed:
            kills += 1
            moments = max(4, moments // 2)
        else:
            return kills
    step()
    return kills


@pytest.mark.slow
def test_real_kills_leave_the_same_bytes(undisturbed: Undisturbed, tmp_path: Path) -> None:
    """The commands are killed with SIGKILL at seeded times, then run to their end."""
    chance = random.Random(11)  # noqa: S311 - a seed, no secret
    settings = a_copy(undisturbed.world, undisturbed.world.settings, tmp_path)
    environment = os.environ | {
        "TRUNKLINE_LEDGER_URL": settings.ledger_url,
        "TRUNKLINE_BOOK_PATH": str(settings.book_path),
        "TRUNKLINE_TAX_PATH": str(settings.tax_path),
        "TRUNKLINE_INVOICE_PATH": str(settings.invoice_path),
        "TRUNKLINE_INVOICE": settings.invoice.model_dump_json(),
    }
    command = [str(Path(sys.executable).with_name("trunkline")), "close", "2026-10"]
    for _ in range(3):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(2, 8))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 == subprocess.run(command, env=environment, capture_output=True, check=False).returncode
    found = files(settings)
    expected = {name: content for name, content in undisturbed.files.items() if name in found}
    pages = {name for name in found if name.endswith(".pdf")}
    assert {name: expected[name] for name in found.keys() - pages} == {
        name: found[name] for name in found.keys() - pages
    }
    assert all(found[name].startswith(b"%PDF") for name in pages)
    assert 3 == len(pages)
    assert () == audit_period(settings, "2026-10").findings
