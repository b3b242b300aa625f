"""What is done and undone leaves nothing behind: roll-back and reload, re-rating twice, re-rating and back.

Before a month is closed, its invoices have the bytes that they would have had anyway. After it, all documents together
ask for the same, to the cent.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.billing.audit import audit_period
from pipeline.billing.documents import writer
from schemas.cdr import CDR
from tests.billing.test_properties import a_month, a_world, totals
from tests.billing.world import World

FILE = "sbc1/day.csv@7"
REST = "sbc1/rest.csv@8"
DECK = "book/decks/us-outbound.csv"
few = settings(
    max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
SEEDS = st.integers(1, 1_000)
SHARES = st.integers(1, 39)
"""How many of the forty calls are in the file."""


@pytest.fixture(autouse=True)
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are made from the JSON and take most of the time."""
    monkeypatch.setattr(writer, "render_pdf", lambda document, *_rest: document.number.encode())


def a_loaded_world(folder: Path, calls: list[CDR], share: int) -> World:
    """Calls of a month in two files."""
    world = a_world(folder)
    world.load(FILE, calls[:share])
    world.load(REST, calls[share:])
    return world


def reload(world: World, calls: list[CDR], share: int) -> None:
    """Take the first file back, twice as once, and load it again under its next name."""
    world.corrections("wrong clock").roll_back(FILE)
    world.corrections("wrong clock").roll_back(FILE)
    world.load(f"{FILE}~1", calls[:share])


def invoices(world: World) -> dict[str, bytes]:
    """Every file of the invoices of October."""
    world.close("2026-10", account="blue-heron")
    assert () == audit_period(world.settings, "2026-10").findings
    return world.files()


@pytest.mark.slow
@few
@given(seed=SEEDS, share=SHARES)
def test_rolled_back_and_reloaded_is_the_original(
    tmp_path_factory: pytest.TempPathFactory, seed: int, share: int
) -> None:
    """Before the close: every byte of every file."""
    calls, folder = a_month(seed), tmp_path_factory.mktemp("reload")
    original = a_loaded_world(folder / "original", calls, share)
    reloaded = a_loaded_world(folder / "reloaded", calls, share)
    reload(reloaded, calls, share)
    assert invoices(original) == invoices(reloaded)


@pytest.mark.slow
@few
@given(seed=SEEDS, share=SHARES)
def test_reloaded_after_the_close_asks_for_the_original(
    tmp_path_factory: pytest.TempPathFactory, seed: int, share: int
) -> None:
    """The notes give back what the next invoice asks for again, overage included."""
    calls = a_month(seed)
    world = a_loaded_world(tmp_path_factory.mktemp("reload") / "world", calls, share)
    world.close("2026-10", account="blue-heron")
    asked = totals(world.settings)
    reload(world, calls, share)
    world.close("2026-11", account="blue-heron")
    again = totals(world.settings)
    assert asked == {key: amount for key, amount in again.items() if key != ("CHANNEL_FEE", "2026-11")}
    for period in ("2026-10", "2026-11"):
        assert () == audit_period(world.settings, period).findings


@pytest.mark.slow
@few
@given(seed=SEEDS, price=st.integers(1, 99))
def test_rated_again_twice_is_once_and_back_is_never(
    tmp_path_factory: pytest.TempPathFactory, seed: int, price: int
) -> None:
    """A price changes and the calls are rated again, once or twice: the same bytes. Changed back: the first bytes."""
    calls, folder = a_month(seed), tmp_path_factory.mktemp("rerate")
    never, once, twice, back = (a_loaded_world(folder / name, calls, 20) for name in ("never", "once", "twice", "back"))
    for world in (once, twice, back):
        before = (world.folder / DECK).read_text()
        world.write(DECK, before.replace(",0.0075,", f",0.01{price:02},"))
        assert world.rerate() > 0
    assert 0 == twice.rerate()
    back.write(DECK, before)
    assert back.rerate() > 0
    assert invoices(once) == invoices(twice) != invoices(never)
    assert invoices(never) == invoices(back)
