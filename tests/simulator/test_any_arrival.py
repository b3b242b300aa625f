"""Any order, split, batch size, number of partitions and one kill: the same simulated records give the same ledger."""

import io
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.mediation.registry import format_named
from pipeline.simulator import Sbc
from pipeline.simulator.writers import WRITERS
from tests.simulator.rating_runs import compared, rate_spool, rate_with_a_kill, settings_of
from tests.simulator.runs import a_node, a_world, written_run

FORMATS = ("native_json", "radius_text", "kamailio_acc", "asterisk_cel", "cucm_csv", "oracle_csv")
NODES = [a_node(name) for name in FORMATS]
DECIDED_BY_ORDER = ("F3", "F20")
"""Of two records that contradict each other the first one stays; a trailer is about its file."""


def _records(folder: Path, sbc: Sbc) -> list[bytes]:
    frames = format_named(sbc.format).frames
    return [frame.value for path in sorted((folder / "spool" / sbc.source).iterdir())
            for frame in frames(io.BytesIO(path.read_bytes()))]  # fmt: skip


def _arrange(values: Sequence[bytes], folder: Path, sbc: Sbc, dice: random.Random) -> None:
    """Write the records again, in any order, into any number of files."""
    order, end = list(values), WRITERS[sbc.format].line_end
    dice.shuffle(order)
    cuts = sorted(dice.choices(range(len(order) + 1), k=dice.randint(0, 4)))
    folder.mkdir(parents=True)
    for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, len(order)], strict=True)):
        if start < stop:
            (folder / f"part-{number}").write_bytes(b"".join(value + end for value in order[start:stop]))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[bytes]]]:
    """900 calls in parts, transactions, events and whole, with one of each fault."""
    folder = tmp_path_factory.mktemp("arrivals")
    world = a_world("faults", sbcs=NODES, calls=900, seed=8)
    for fault in DECIDED_BY_ORDER:
        world = world.without(fault)
    written_run(world, folder)
    return folder, {sbc.source: _records(folder, sbc) for sbc in NODES}


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_does_not_depend_on_how_records_arrive(run, tmp_path: Path, monkeypatch, seed: int):
    """Four arrangements; every second one with a worker that is killed in front of one of its commits."""
    folder, values = run
    dice = random.Random(seed)  # noqa: S311 - the arrangement must follow from the seed
    for sbc in NODES:
        _arrange(values[sbc.source], tmp_path / "spool" / sbc.source, sbc, dice)
    settings = settings_of(tmp_path, NODES, partitions=dice.choice([1, 2, 5]), rows=dice.choice([64, 300, 10_000]))
    if seed % 2:
        ledger = rate_with_a_kill(settings, dice.randint(0, settings.kafka.leg_partitions - 1), monkeypatch)
    else:
        ledger = rate_spool(settings)
    found = compared(ledger, folder)
    assert ([], []) == (found.differences, found.gaps)
