"""`trunkline audit`: queries that must return no row. Together they prove a closed month.

Each file of `audits/` is one proof; a row that it returns is a finding, with the account, what is wrong, and how. The
files of the documents are compared with the table as well, where they are still at hand.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.billing.documents.calls import HEADING
from pipeline.billing.documents.writer import document_folder
from pipeline.billing.issuing import Issued
from pipeline.billing.snapshot import Snapshot, query
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings
from schemas.period import Period

PROOFS = (
    "balance",
    "sequence",
    "hash_chain",
    "document_lines",
    "document_sum",
    "line_cents",
    "lines_and_calls",
    "call_digest",
    "billed_twice",
    "unbilled",
)
"""Names of the proofs by SQL, from the ledger to the documents."""

FILES = "files"
"""The proof that the files of the documents are what the table holds."""

_FOLDER = "audits"


class Finding(NamedTuple):
    """Something that must not be."""

    proof: str
    place: str
    what: str
    found: str


class AuditReport(NamedTuple):
    """What an audit looked at, and everything that it found."""

    period: str
    documents: int
    calls: int
    findings: tuple[Finding, ...]

    def count(self, proof: str) -> int:
        """Findings of one proof."""
        return sum(finding.proof == proof for finding in self.findings)


def audit_period(settings: Settings, period: str) -> AuditReport:
    """Prove a month. Raises ValueError for what is no month, and LedgerError."""
    Period.month(period)
    snapshot = Snapshot(
        UsageLedger.open(settings.ledger_url, settings.storage_options),
        BillingTable.open(settings.ledger_url, settings.storage_options),
    )
    snapshot.set("period", period)
    snapshot.view("audited", folder=_FOLDER)
    snapshot.view("closed", folder=_FOLDER)
    snapshot.alias("wanted_documents", "audited")
    snapshot.view("stored_listing", as_name="listing")
    snapshot.view("call_list", as_name="called")
    snapshot.set("call_heading", HEADING)
    findings = [finding for proof in PROOFS for finding in _findings(snapshot, proof)]
    documents = [Issued.of(dict(row)) for row in snapshot.select("FROM audited ORDER BY sequence")]
    findings += _changed_files(settings.invoice_path, documents)
    [row] = snapshot.select("SELECT coalesce(sum(call_count), 0)::BIGINT AS calls FROM audited")
    return AuditReport(period, len(documents), row["calls"], tuple(findings))


def _findings(snapshot: Snapshot, proof: str) -> Iterator[Finding]:
    for row in snapshot.select(query(proof, _FOLDER)):
        yield Finding(proof, row["place"], row["what"], row["found"])


def _changed_files(folder: Path, documents: list[Issued]) -> Iterator[Finding]:
    """Documents whose JSON file is there and is not what was issued."""
    for document in documents:
        path = document_folder(folder, document) / f"{document.document_id}.json"
        if path.is_file() and path.read_bytes() != document.document:
            yield Finding(FILES, document.account_id, str(path), "is not the document that was issued")
