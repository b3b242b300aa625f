"""Closing: parked accounts, dry runs, two closers, late and corrected calls, adjustments, notes."""

import csv
import shutil
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.billing import close as close_module
from pipeline.billing.adjustments import Adjustment, record
from pipeline.billing.audit import audit_period
from pipeline.billing.close import issue_notes
from pipeline.billing.document import read_document
from pipeline.billing.documents import writer
from pipeline.billing.errors import AnotherCloser, BadAdjustment, UnknownAccount, UnknownDocument, UnknownLine
from pipeline.billing.explain import document_named, documents, explain_line, open_snapshot
from pipeline.billing.parked import ParkReason
from pipeline.ledger.table import UsageLedger
from rating.tax.terms import ChargeClass
from schemas.ledger import USAGE_SCHEMA
from tests.billing.world import RAW, World, a_call, forwarded, inbound, invoice_of

BOOK = "book/decks/us-outbound.csv"
NOTED_ON = date(2026, 11, 20)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """The example provider with a few calls in October."""
    made = World(tmp_path)
    made.receive(
        a_call("acme-front-desk", "+442079460018", "2026-10-05T10:00:00", 61, cdr_id="london"),
        a_call("acme-front-desk", "+16085550120", "2026-10-06T10:00:00", 600, cdr_id="madison"),
        a_call("acme-branches", "+16085550120", "2026-10-07T10:00:00", 600),
        inbound("acme-branches", "+12125550100", "+16515550110", "2026-10-08T10:00:00", 60),
        a_call("heron-drivers", "+16125550177", "2026-10-09T10:00:00", 600),
        forwarded("delta-berlin", "+493012345678", "+4915112345678", "2026-10-09T10:00:00", 60),
        a_call("acme-front-desk", "+16085550120", "2026-10-06T12:00:00", None),
    )
    return made


def accounts(report: close_module.CloseReport) -> list[str]:
    """Accounts that got an invoice."""
    return [row.account_id for row in report.issued]


def test_every_account_gets_a_number_without_gaps(world: World) -> None:
    """Four accounts, four documents, numbered in the order of the accounts; each names the hash of the one before."""
    report = world.close()
    assert ["acme-dental", "blue-heron", "cobalt-care", "delta-werke"] == accounts(report)
    assert ["TL-000001", "TL-000002", "TL-000003", "TL-000004"] == [row.document_id for row in report.issued]
    named = [read_document(row.document).previous_sha256 for row in report.issued]
    assert ["0" * 64, *(row.sha256 for row in report.issued[:-1])] == named


def test_a_document_names_its_list_of_calls_by_hash(world: World) -> None:
    """SHA-256 of the CSV file, whatever its texts hold; half a cent and zero have no exponent."""
    odd = 'a "quoted", id'
    world.receive(a_call("acme-front-desk", "+442079460018", "2026-10-05T11:00:00", 0, cdr_id=odd))
    document = invoice_of(world.close().issued, "acme-dental")
    content = world.files()["2026-10/acme-dental/TL-000001.calls.csv"]
    assert (5, sha256(content).hexdigest()) == (document.calls.count, document.calls.sha256)
    rows = list(csv.DictReader(content.decode().splitlines()))
    [free] = [row for row in rows if row["cdr_id"] == odd]
    assert ("2026-10-05 11:00:00+00", "0.000000000", "0") == (
        free["answered_at"],
        free["charge"],
        free["billed_seconds"],
    )
    assert 0 == invoice_of(world.close(account="cobalt-care").already, "cobalt-care").calls.count


def test_an_account_without_calls_pays_its_channels(world: World) -> None:
    """Cobalt has 40 unlimited channels at 24.90, 8 at 9.90, and no call: 996.00 + 79.20 = 1075.20 before tax."""
    document = invoice_of(world.close().issued, "cobalt-care")
    assert "1075.20" == document.totals.plan_fees == document.totals.net
    assert 0 == document.calls.count


def test_one_account_is_closed_alone(world: World) -> None:
    """The others follow later and get the next numbers."""
    assert ["blue-heron"] == accounts(world.close(account="blue-heron"))
    report = world.close()
    assert ["acme-dental", "cobalt-care", "delta-werke"] == accounts(report)
    assert ["TL-000002", "TL-000003", "TL-000004"] == [row.document_id for row in report.issued]
    assert ["TL-000001"] == [row.document_id for row in report.already]


def test_an_unknown_account_is_named_with_the_known_ones(world: World) -> None:
    """The message lists what the book has."""
    with pytest.raises(UnknownAccount, match=r"no account 'acme'.*acme-dental, blue-heron"):
        world.close(account="acme")


def test_what_is_no_month_is_refused(world: World) -> None:
    """The message says how a month is written."""
    with pytest.raises(ValueError, match="not a month"):
        world.close("October")


def test_a_dry_run_writes_nothing(world: World) -> None:
    """It shows the totals of the real run; no number is used, no file is there."""
    dry = world.close(dry_run=True)
    assert {} == world.files()
    assert [] == documents(open_snapshot(world.settings))
    assert [row.document for row in dry.issued] == [row.document for row in world.close().issued]


def test_a_missing_rate_parks_the_account(world: World) -> None:
    """The reason names the rate, the day and the file; the others are closed; with the rate it closes too."""
    parameter = world.folder / "tax" / "parameters" / "us-mn" / "e911.yaml"
    kept = parameter.read_text()
    parameter.write_text(kept.replace("2027-01-01", "2026-10-15"))
    report = world.close()
    [parked] = report.parked
    assert ("acme-dental", ParkReason.RATE_MISSING) == (parked.account_id, parked.reason)
    assert "911" in parked.detail
    assert "2026-11-01" in parked.detail
    assert "us-mn/e911.yaml" in parked.detail
    assert ["blue-heron", "cobalt-care", "delta-werke"] == accounts(report)
    parameter.write_text(kept)
    assert [("acme-dental", "TL-000004")] == [(row.account_id, row.document_id) for row in world.close().issued]


def test_an_address_without_jurisdictions_parks_the_account(world: World) -> None:
    """In Wisconsin a county is not enough, so somebody must decide."""
    world.write("tax/resolutions.yaml", "description: nothing is decided\nresolutions: []\n")
    reasons = {row.account_id: row.reason for row in world.close().parked}
    assert ParkReason.JURISDICTION_AMBIGUOUS == reasons["blue-heron"]


def test_an_account_that_left_the_book_is_reported(world: World) -> None:
    """Its calls are not forgotten in silence."""
    text = (world.folder / "book" / "accounts.yaml").read_text()
    folder = world.folder / "book"
    world.write("book/accounts.yaml", text[: text.index("- account_id: delta-werke")])
    for name in ("trunks.yaml", "addresses.yaml"):
        content = (folder / name).read_text()
        key = "- trunk_id: delta-berlin" if name == "trunks.yaml" else "- address_id: delta-berlin"
        world.write(f"book/{name}", content[: content.index(key)])
    parked = {row.account_id: row for row in world.close().parked}
    assert ParkReason.UNKNOWN_ACCOUNT == parked["delta-werke"].reason
    assert "1 calls" in parked["delta-werke"].detail


def test_two_closers_cannot_both_issue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that commits second is told so, and nothing of it is written."""
    real = close_module.commit

    def overtaken(*arguments: object) -> None:
        monkeypatch.setattr(close_module, "commit", real)
        world.close(account="delta-werke")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(close_module, "commit", overtaken)
    with pytest.raises(AnotherCloser, match=r"issued document 1 first.*Run the command again"):
        world.close(account="acme-dental")
    assert ["delta-werke"] == [row.account_id for row in documents(open_snapshot(world.settings))]
    assert ["acme-dental", "blue-heron", "cobalt-care"] == accounts(world.close())
    assert () == audit_period(world.settings, "2026-10").findings


def test_late_calls_go_on_the_next_invoice_with_both_months(world: World) -> None:
    """A call of October that comes after the close is on the invoice of November, as a call of October."""
    world.close()
    late = a_call("heron-drivers", "+16125550177", "2026-10-30T10:00:00", 600)
    world.receive(late)
    assert () == world.close().issued
    document = invoice_of(world.close("2026-11").issued, "blue-heron")
    [line] = [line for line in document.charges if line.kind == "USAGE"]
    assert ("2026-10", "2026-11", "0.07") == (line.service_period, document.period.name, line.amount)
    assert any("October 2026" in note or "2026-10" in note for note in document.notes)


def test_parts_of_a_line_are_rounded_together(world: World) -> None:
    """Two calls of 0.075 are 0.15 in one month; one of them late: 0.08 first, then 0.07, not 0.08."""
    first = invoice_of(world.close().issued, "blue-heron")
    assert ["0.08"] == [line.amount for line in first.charges if line.kind == "USAGE"]
    world.receive(a_call("heron-drivers", "+16125550177", "2026-10-30T10:00:00", 600))
    second = invoice_of(world.close("2026-11").issued, "blue-heron")
    assert ["0.07"] == [line.amount for line in second.charges if line.kind == "USAGE"]


def test_a_correction_makes_a_note_now(world: World) -> None:
    """`credit` issues the note on the day that it is told; the next close has nothing more to say of it."""
    world.close()
    world.correct("madison", measured_ms=300_000)
    report = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON)
    note = invoice_of(report.issued, "acme-dental", "CREDIT_NOTE")
    assert ("TL-000001", "2026-11-20", "2026-10") == (note.corrects, str(note.issued_on), note.period.name)
    assert ["-0.04"] == [line.amount for line in note.charges]
    assert 2 == note.calls.count
    assert ["INVOICE"] * 4 == [row.document_type for row in world.close("2026-11").issued]
    assert () == audit_period(world.settings, "2026-10").findings


def test_notes_now_are_for_the_invoices_of_one_month(world: World) -> None:
    """October and November are corrected: `credit` of October leaves November to its own."""
    world.receive(a_call("acme-front-desk", "+442079460018", "2026-11-05T10:00:00", 61, cdr_id="november"))
    october, november = world.close(), world.close("2026-11")
    world.correct("madison", measured_ms=300_000)
    world.correct("november", measured_ms=1_000)
    assert () == issue_notes(world.settings, "2026-09", noted_on=NOTED_ON).issued
    [note] = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).issued
    assert october.issued[0].document_id == note.corrects
    [again] = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).already
    assert note.document_id == again.document_id
    later = issue_notes(world.settings, "2026-11", noted_on=NOTED_ON)
    assert [november.issued[0].document_id] == [row.corrects for row in later.issued]
    assert () == later.already
    assert () == audit_period(world.settings, "2026-11").findings


def test_a_dearer_correction_makes_a_debit_note(world: World) -> None:
    """The call was longer than it was billed."""
    world.close()
    world.correct("madison", measured_ms=1_200_000)
    [note] = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).issued
    assert "DEBIT_NOTE" == note.document_type
    assert note.total > 0


def test_rating_again_twice_is_once(world: World) -> None:
    """A cheaper deck changes one price; the second time nothing changes, and there is one note."""
    world.close()
    deck = world.folder / BOOK
    text = deck.read_text()
    [row] = [line for line in text.splitlines() if line.startswith("usd-001,")]
    world.write(BOOK, text.replace(row, row.replace("0.0075", "0.0050")))
    assert 3 == world.rerate()
    assert 0 == world.rerate()
    first = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).issued
    assert ["acme-dental", "blue-heron"] == [row.account_id for row in first]
    assert () == issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).issued
    assert () == audit_period(world.settings, "2026-10").findings


def test_a_file_that_is_taken_back_is_credited(world: World) -> None:
    """All calls of the feed are taken back: the notes ask for minus the usage and its taxes, fees for lines stay."""
    before = {row.account_id: read_document(row.document) for row in world.close().issued}
    world.corrections("wrong file").roll_back(RAW)
    notes = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).issued
    assert ["acme-dental", "blue-heron", "delta-werke"] == [row.account_id for row in notes]
    for row in notes:
        note, invoice = read_document(row.document), before[row.account_id]
        assert Decimal(invoice.totals.usage) == -Decimal(note.totals.usage)
        assert "0.00" == note.totals.plan_fees
        assert invoice.calls.count == note.calls.count
        assert not [tax for tax in note.taxes if tax.tax_type == "E911_STATE"]
    assert () == audit_period(world.settings, "2026-10").findings
    assert {"0.00"} == {read_document(row.document).totals.usage for row in world.close("2026-11").issued}


def test_a_note_needs_the_original_rates(world: World) -> None:
    """Where the tax data no longer gives what was billed for its own date, the account is parked."""
    world.close()
    world.correct("madison", measured_ms=300_000)
    parameter = world.folder / "tax" / "parameters" / "us" / "fusf" / "contribution_factor.yaml"
    parameter.write_text(parameter.read_text().replace("0.370", "0.900"))
    [parked] = issue_notes(world.settings, "2026-10", noted_on=NOTED_ON).parked
    assert (ParkReason.TAX_CHANGED, "acme-dental") == (parked.reason, parked.account_id)
    assert "TL-000001" in parked.detail


def test_adjustments_are_billed_once(world: World) -> None:
    """Recorded twice it is one; the invoice shows text, author and reason; the next invoice does not."""
    goodwill = Adjustment("acme-dental", Decimal("-5.00"), "Goodwill", "clerk", "outage of 3 October")
    assert record(world.settings, goodwill)
    assert not record(world.settings, goodwill)
    document = invoice_of(world.close().issued, "acme-dental")
    [line] = [line for line in document.charges if line.kind == "ADJUSTMENT"]
    assert ("-5.00", "Goodwill", "clerk", "outage of 3 October") == (line.amount, line.text, line.author, line.reason)
    assert "-5.00" == document.totals.adjustments
    following = invoice_of(world.close("2026-11").issued, "acme-dental")
    assert "0.00" == following.totals.adjustments


def test_a_taxed_adjustment_adds_to_the_bases(world: World) -> None:
    """A charge of 100.00 for a feature in Minneapolis: 64.90 interstate x 0.37 = 24.01 federal, 9.03 sales tax more."""
    without = invoice_of(world.close(dry_run=True).issued, "acme-dental")
    record(
        world.settings,
        Adjustment(
            "acme-dental", Decimal("100.00"), "Recording", "clerk", "order 17", ChargeClass.FEATURE, "acme-branches"
        ),
    )
    document = invoice_of(world.close().issued, "acme-dental")
    more = Decimal(document.totals.taxes) - Decimal(without.totals.taxes)
    assert abs(more - Decimal("33.04")) <= Decimal("0.02")


@pytest.mark.parametrize(
    ("amount", "charge_class", "trunk", "message"),
    [
        ("0", None, None, "whole cents"),
        ("1.005", None, None, "whole cents"),
        ("5.00", ChargeClass.SETUP, None, "needs a trunk"),
        ("5.00", ChargeClass.SETUP, "heron-drivers", "expected one of acme-branches, acme-front-desk"),
    ],
)
def test_bad_adjustments_say_what_to_write(
    world: World, amount: str, charge_class: ChargeClass | None, trunk: str | None, message: str
) -> None:
    """Nothing is recorded."""
    with pytest.raises(BadAdjustment, match=message):
        record(world.settings, Adjustment("acme-dental", Decimal(amount), "x", "clerk", "y", charge_class, trunk))


def test_a_record_with_two_current_rows_parks_its_accounts(world: World) -> None:
    """The balance of the source is not zero, so nobody who has calls from it is closed."""
    ledger = UsageLedger.open(world.settings.ledger_url)
    rows = ledger.table.to_pyarrow_dataset().to_table()
    doubled = rows.slice(0, 1).set_column(
        rows.schema.get_field_index("row_id"), rows.schema.field("row_id"), [["cdr.raw.sbc1-0:1:0:9"]]
    )
    ledger.append(doubled.cast(USAGE_SCHEMA), {"cdr.leg-0": 99})
    report = world.close()
    assert {"acme-dental", "blue-heron", "delta-werke"} == {row.account_id for row in report.parked}
    assert {ParkReason.BALANCE} == {row.reason for row in report.parked}
    assert ["cobalt-care"] == accounts(report)


def test_documents_are_written_again_from_the_table(world: World) -> None:
    """Files that were lost come back with the same bytes."""
    world.close()
    files = world.files()
    shutil.rmtree(world.settings.invoice_path)
    world.close()
    assert files == world.files()


def test_further_processes_write_the_same_bytes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large close sets its pages elsewhere; the files are those of a small one."""
    world.close()
    files = world.files()
    shutil.rmtree(world.settings.invoice_path)
    monkeypatch.setattr(writer, "MANY", 2)
    world.close()
    assert files == world.files()


def test_every_kind_of_line_is_explained(world: World) -> None:
    """The steps name what each figure was made from; call lines list their calls, which add up."""
    world.close()
    snapshot = open_snapshot(world.settings)
    document = read_document(document_named(snapshot, "TL-000001").document)
    for line in document.charges:
        explained = explain_line(snapshot, "TL-000001", line.line_no)
        assert ("amount", line.amount) == explained.steps[-1][:2]
        if line.kind in {"USAGE", "INCLUDED", "FREE"}:
            assert line.calls == len(explained.calls)
            assert Decimal(line.amount_exact) == sum(Decimal(call["charge"]) for call in explained.calls)
    for tax in document.taxes:
        steps = {step.step: step for step in explain_line(snapshot, "TL-000001", tax.line_no).steps}
        assert tax.rule_citation == steps["base"].source
        assert tax.amount == steps["amount"].value


def test_unknown_documents_and_lines_are_named(world: World) -> None:
    """The message says what there is."""
    snapshot = open_snapshot(world.settings)
    with pytest.raises(UnknownDocument, match="None has been issued yet"):
        explain_line(snapshot, "TL-000009", 1)
    world.close()
    snapshot = open_snapshot(world.settings)
    with pytest.raises(UnknownDocument, match="last one is TL-000004"):
        explain_line(snapshot, "TL-000009", 1)
    with pytest.raises(UnknownLine, match="no line 99; its lines are 1 to"):
        explain_line(snapshot, "TL-000001", 99)
