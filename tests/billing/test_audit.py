"""The audit finds nothing in an honest month, and each manipulation of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from pipeline.billing.audit import FILES, PROOFS, AuditReport, audit_period
from pipeline.billing.schema import BILLING_SCHEMA
from schemas.ledger import USAGE_SCHEMA
from tests.billing.world import World, a_call, inbound


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A closed October with a note and a closed November."""
    world = World(tmp_path_factory.mktemp("honest") / "world")
    world.receive(
        a_call("acme-front-desk", "+442079460018", "2026-10-05T10:00:00", 61, cdr_id="a"),
        a_call("acme-front-desk", "+16085550120", "2026-10-06T10:00:00", 600, cdr_id="b"),
        a_call("acme-branches", "+16085550120", "2026-10-07T10:00:00", 600, cdr_id="c"),
        inbound("acme-branches", "+12125550100", "+16515550110", "2026-10-08T10:00:00", 60),
        a_call("heron-drivers", "+16125550177", "2026-10-09T10:00:00", 600, cdr_id="d"),
    )
    world.close("2026-10")
    world.correct("b", measured_ms=300_000)
    world.receive(
        a_call("acme-front-desk", "+442079460018", "2026-10-30T10:00:00", 61, cdr_id="late"),
        a_call("heron-drivers", "+16125550177", "2026-11-09T10:00:00", 600, cdr_id="e"),
    )
    world.close("2026-11")
    return world


@pytest.fixture
def copy(honest: World, tmp_path: Path) -> World:
    """A copy of the honest months that a test may manipulate."""
    shutil.copytree(honest.folder, tmp_path / "copy")
    other = World.__new__(World)
    other.folder = tmp_path / "copy"
    other.settings = honest.settings.model_copy(
        update={"ledger_url": str(other.folder / "ledger"), "invoice_path": other.folder / "invoices"}
    )
    return other


def billing(world: World) -> DeltaTable:
    """The table of documents, for a hand that should not be there."""
    return DeltaTable(f"{world.settings.ledger_url}/billing")


def usage(world: World) -> DeltaTable:
    """The usage ledger, likewise."""
    return DeltaTable(f"{world.settings.ledger_url}/usage")


def proofs(report: AuditReport) -> set[str]:
    """The proofs that failed."""
    return {finding.proof for finding in report.findings}


def append_again(table: DeltaTable, schema: pa.Schema, where: str, **changes: object) -> None:
    """Append rows of a table once more, changed in some fields."""
    rows = [row | changes for row in table.to_pyarrow_dataset().to_table().to_pylist() if eval(where, {}, row)]  # noqa: S307
    assert rows
    write_deltalake(table, pa.Table.from_pylist(rows, schema=schema), mode="append")


def test_honest_months_have_no_finding(honest: World) -> None:
    """Two months with a credit note and a late call are proved."""
    for period in ("2026-10", "2026-11"):
        report = audit_period(honest.settings, period)
        assert () == report.findings
        assert report.documents >= 4
    assert 7 == audit_period(honest.settings, "2026-10").calls


MANIPULATIONS: dict[str, tuple[Callable[[World], object], str]] = {
    "the charge of a billed call is lowered": (
        lambda world: usage(world).update(updates={"charge": "0.001"}, predicate="cdr_id = 'a'"),
        "lines_and_calls",
    ),
    "a billed call is made shorter": (
        lambda world: usage(world).update(updates={"call_seconds": "1"}, predicate="cdr_id = 'c'"),
        "call_digest",
    ),
    "a billed call is deleted from the ledger": (
        lambda world: usage(world).delete("cdr_id = 'd'"),
        "lines_and_calls",
    ),
    "a record gets a second current row": (
        lambda world: append_again(usage(world), USAGE_SCHEMA, "cdr_id == 'd'", row_id="another", version=5),
        "balance",
    ),
    "a call is slipped in behind the close": (
        lambda world: append_again(
            usage(world), USAGE_SCHEMA, "cdr_id == 'd'", row_id="cdr.raw.sbc1-0:0:0:0", offset=0, cdr_id="slipped"
        ),
        "unbilled",
    ),
    "a line is raised": (
        lambda world: billing(world).update(updates={"amount": "999"}, predicate="part = 'LINE' AND kind = 'USAGE'"),
        "document_sum",
    ),
    "a tax line is taken away": (
        lambda world: billing(world).delete("part = 'LINE' AND tax_id = 'US.FUSF' AND document_id = 'TL-000001'"),
        "document_lines",
    ),
    "two lines change places with each other's cents": (
        lambda world: billing(world).update(
            updates={"amount": "CASE kind WHEN 'USAGE' THEN amount + 1 ELSE amount - 1 END"},
            predicate="part = 'LINE' AND document_id = 'TL-000002' AND (kind = 'USAGE' OR tax_id = 'US.FUSF')",
        ),
        "line_cents",
    ),
    "a call is taken off its document": (
        lambda world: billing(world).delete("part = 'CALL' AND row_id LIKE '%:1:0:0'"),
        "unbilled",
    ),
    "a call is billed twice": (
        lambda world: append_again(
            billing(world), BILLING_SCHEMA, "part == 'CALL' and row_id.endswith(':5:0:0')", document_id="TL-000001"
        ),
        "billed_twice",
    ),
    "a total is changed": (
        lambda world: billing(world).update(
            updates={"total": "1"}, predicate="part = 'DOCUMENT' AND document_id = 'TL-000001'"
        ),
        "document_sum",
    ),
    "a document is written anew": (
        lambda world: billing(world).update(
            updates={"document": '\'{"previous_sha256": "0"}\''},
            predicate="part = 'DOCUMENT' AND document_id = 'TL-000004'",
        ),
        "hash_chain",
    ),
    "a document disappears with all its rows": (
        lambda world: billing(world).delete("document_id = 'TL-000002'"),
        "sequence",
    ),
    "a file is edited": (
        lambda world: next(world.settings.invoice_path.rglob("TL-000001.json")).write_text("{}"),
        FILES,
    ),
}


@pytest.mark.parametrize("name", MANIPULATIONS)
def test_each_manipulation_is_found(copy: World, name: str) -> None:
    """The proof that guards against it fails, and says where."""
    manipulate, proof = MANIPULATIONS[name]
    manipulate(copy)
    report = audit_period(copy.settings, "2026-10")
    assert proof in proofs(report), report.findings
    assert all(finding.place and finding.what and finding.found for finding in report.findings)


def test_every_proof_is_needed() -> None:
    """Each proof finds at least one of the manipulations."""
    assert {*PROOFS, FILES} == {proof for _, proof in MANIPULATIONS.values()}
