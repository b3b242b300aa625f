"""The commands of the close: what they print, and how they end."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import app
from pipeline.settings import load_settings
from tests.billing.world import World, a_call


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The example provider with two calls in October, as the settings of the environment say."""
    made = World(tmp_path)
    made.receive(
        a_call("acme-front-desk", "+442079460018", "2026-10-05T10:00:00", 61, cdr_id="london"),
        a_call("heron-drivers", "+16125550177", "2026-10-09T10:00:00", 600),
    )
    for name, value in {
        "LEDGER_URL": made.settings.ledger_url,
        "BOOK_PATH": made.settings.book_path,
        "TAX_PATH": made.settings.tax_path,
        "INVOICE_PATH": made.settings.invoice_path,
    }.items():
        monkeypatch.setenv(f"TRUNKLINE_{name}", str(value))
    load_settings.cache_clear()
    yield made
    load_settings.cache_clear()


def run(*arguments: str) -> Result:
    """`trunkline` with these arguments."""
    return CliRunner().invoke(app, list(arguments))


def rows(*arguments: str) -> list[dict[str, str]]:
    """What a command prints for scripts."""
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_close_prints_its_documents(world: World) -> None:
    """One line for each document; the second time they were closed before."""
    issued = rows("close", "2026-10")
    assert ["acme-dental", "blue-heron", "cobalt-care", "delta-werke"] == [row["account"] for row in issued]
    assert {"issued"} == {row["state"] for row in issued}
    assert {"closed before"} == {row["state"] for row in rows("close", "2026-10")}


def test_close_ends_with_1_when_an_account_waits(world: World) -> None:
    """The reason and the file to correct are printed."""
    parameter = world.folder / "tax" / "parameters" / "us-ga" / "e911.yaml"
    parameter.write_text(parameter.read_text().replace("2027-01-01", "2026-10-15"))
    done = run("close", "2026-10", "--json")
    assert done.exit_code == 1
    [parked] = [row for row in map(json.loads, done.stdout.splitlines()) if row["state"] == "parked"]
    assert ("cobalt-care", "RATE_MISSING") == (parked["account_id"], parked["reason"])
    assert "us-ga/e911.yaml" in parked["detail"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["close", "October"], "not a month"),
        (["close", "2026-10", "--account", "nobody"], "no account 'nobody'"),
        (["invoice", "show", "TL-000009"], "no invoice or note 'TL-000009'"),
        (["adjust", "acme-dental", "five", "--text", "x", "--reason", "y"], "no amount"),
        (["adjust", "acme-dental", "0.005", "--text", "x", "--reason", "y"], "whole cents"),
        (["credit", "2026-10", "--on", "tomorrow"], "tomorrow"),
        (["audit", "autumn"], "not a month"),
    ],
)
def test_wrong_input_ends_with_2(world: World, arguments: list[str], message: str) -> None:
    """A sentence on stderr, no traceback."""
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())


def test_a_broken_book_is_explained(world: World) -> None:
    """The file and the line are named."""
    world.write("book/accounts.yaml", "- {account_id: a}\n")
    done = run("close", "2026-10")
    assert done.exit_code == 2
    assert "accounts.yaml:1" in done.stderr


def test_a_ledger_that_cannot_be_written_ends_with_3(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says that nothing was acknowledged."""
    (world.folder / "file").write_text("")
    monkeypatch.setenv("TRUNKLINE_LEDGER_URL", str(world.folder / "file" / "ledger"))
    load_settings.cache_clear()
    done = run("close", "2026-10")
    assert done.exit_code == 3
    assert "cannot be" in done.stderr


def test_list_show_and_explain(world: World) -> None:
    """Documents by number; the JSON as issued; the steps of a line and its calls."""
    run("close", "2026-10")
    assert ["TL-000001"] == [row["document"] for row in rows("invoice", "list", "--account", "acme-dental")]
    document = json.loads(run("invoice", "show", "TL-000001").stdout)
    assert "acme-dental" == document["customer"]["account_id"]
    [usage] = [line for line in document["charges"] if line["kind"] == "USAGE"]
    steps = rows("invoice", "explain", "TL-000001", str(usage["line_no"]))
    assert usage["amount"] == next(row["value"] for row in steps if row.get("step") == "amount")
    [call] = [row for row in steps if "cdr_id" in row]
    assert ("london", "2026-10-05T10:00:00Z") == (call["cdr_id"], call["answered_at"])
    assert steps == rows("explain", "TL-000001", str(usage["line_no"]))


def test_adjust_credit_rerate_and_audit(world: World) -> None:
    """A credit by hand, a re-rating that changes nothing, no note to issue, eleven proofs without a finding."""
    arguments = ("adjust", "acme-dental", "--text", "Goodwill", "--reason", "outage", "--author", "clerk", "--json")
    first, again = (json.loads(run(*arguments, "--", "-5.00").stdout) for _ in range(2))
    assert ("recorded", "was recorded before") == (first["state"], again["state"])
    run("close", "2026-10")
    [rerated] = rows("rerate", "--deck", "us-outbound", "--from", "2026-10-01", "--note", "new deck")
    assert (2, 0) == (rerated["looked_at"], rerated["changed"])
    assert [] == rows("credit", "2026-10", "--on", "2026-11-20")
    proofs = rows("audit", "2026-10")
    assert 11 == len(proofs)
    assert {0} == {row["findings"] for row in proofs}


def test_audit_ends_with_1_on_a_finding(world: World) -> None:
    """The proof, the place and what was found are printed."""
    run("close", "2026-10")
    next(world.settings.invoice_path.rglob("TL-000001.json")).write_text("{}")
    done = run("audit", "2026-10", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout.splitlines()[-1])
    assert ("files", "acme-dental") == (found["proof"], found["place"])
    assert found["what"].endswith("TL-000001.json")
