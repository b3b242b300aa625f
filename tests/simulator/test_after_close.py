"""Fault F7_CLOSED: calls that arrive after the close of their period are on the next invoice (mediation.md R28)."""

import shutil
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.simulator import Sbc
from tests.billing.world import World, invoice_of
from tests.simulator.rating_runs import rate_spool, settings_of
from tests.simulator.runs import NEVER_TOO_OLD, a_node, a_world, written_run

NODE: Sbc = a_node("native_json")
CLOSED = "cdr-20261101"
"""Names of files rise with the time of arrival; those from here on come when October is closed."""


def test_late_calls_are_on_the_invoice_of_the_next_month(tmp_path: Path) -> None:
    """A fiftieth of 600 calls comes 45 days late: as lines of October on the invoices of November, and only they."""
    truth = written_run(
        a_world("day", sbcs=[NODE], calls=600, days=1, rates={"F7_CLOSED": Fraction(1, 50)}), tmp_path
    ).to_pylist()
    late = [row for row in truth if row["fault"] == "F7_CLOSED"]
    assert round(len(truth) / 50) == len(late)
    assert all(row["file"].partition("/")[2] > CLOSED for row in late)

    world = World(tmp_path / "provider")
    settings = settings_of(tmp_path, [NODE], world.settings.book_path).model_copy(
        update={"ledger_url": world.settings.ledger_url, "late_days": NEVER_TOO_OLD}
    )
    spool, held = tmp_path / "spool" / NODE.source, tmp_path / "held"
    held.mkdir()
    for path in sorted(spool.iterdir()):
        if path.name > CLOSED:
            shutil.move(path, held)
    rate_spool(settings)
    world.close("2026-10")
    for path in held.iterdir():
        shutil.move(path, spool)
    rate_spool(settings)
    issued = world.close("2026-11").issued

    owed: Counter[str] = Counter()
    for row in late:
        owed[row["account_id"]] += row["charge"] if row["state"] == "RATED" else Decimal(0)
    assert any(charge > Decimal("0.01") for charge in owed.values())
    for account, charge in owed.items():
        if charge > 0:
            usage = [line for line in invoice_of(issued, account).charges if line.kind == "USAGE"]
            assert {"2026-10"} == {line.service_period for line in usage}
            assert sum(Decimal(line.amount) for line in usage) == pytest.approx(
                charge, abs=Decimal("0.01") * (1 + len(usage))
            )
