"""Writing documents to their folder: whole files or none, and the same bytes each time."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from pipeline.billing.document import InvoiceDocument, read_document
from pipeline.billing.documents.calls import call_csv, call_parquet, printed_calls
from pipeline.billing.documents.pdf import render_pdf
from pipeline.billing.issuing import Issued
from pipeline.billing.settings import InvoiceSettings
from pipeline.billing.snapshot import Snapshot, query

_WANTED = pa.schema([("document_id", pa.string())])


def document_folder(folder: Path, document: Issued) -> Path:
    """One folder for each month and account."""
    return folder / document.period / document.account_id


def write_documents(
    snapshot: Snapshot, settings: InvoiceSettings, folder: Path, issued: Sequence[Issued], *, fresh: bool = False
) -> None:
    """Write all files of these documents. `fresh` documents have their calls in `moved` and not in the table yet."""
    if not issued:
        return
    calls = _calls_by_document(snapshot, issued, fresh=fresh)
    nothing = calls.schema.empty_table()
    by_document = dict(_divided(calls))
    for document in issued:
        write_files(
            document_folder(folder, document), document, by_document.get(document.document_id, nothing), settings
        )


def write_files(folder: Path, issued: Issued, calls: pa.Table, settings: InvoiceSettings) -> None:
    """The files of one document."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, content in _contents(issued, read_document(issued.document), calls, settings):
        _replace(folder / f"{issued.document_id}.{suffix}", content)


def _contents(
    issued: Issued, document: InvoiceDocument, calls: pa.Table, settings: InvoiceSettings
) -> Iterator[tuple[str, bytes]]:
    printed = printed_calls(calls) if settings.call_list else ()
    yield "json", issued.document
    yield "pdf", render_pdf(document, settings, printed)
    yield "calls.csv", call_csv(calls)
    yield "calls.parquet", call_parquet(calls)


def _calls_by_document(snapshot: Snapshot, issued: Iterable[Issued], *, fresh: bool) -> pa.Table:
    """Calls in order of documents; document by document they are the calls files."""
    if fresh:
        snapshot.view("fresh_listing", as_name="listing")
    else:
        wanted = [{"document_id": document.document_id} for document in issued]
        snapshot.put("wanted_documents", pa.Table.from_pylist(wanted, schema=_WANTED))
        snapshot.view("stored_listing", as_name="listing")
    return snapshot.arrow(query("call_list"))


def _divided(calls: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The stretch of each document in a table that is ordered by documents."""
    lengths = calls.column("document_id").value_counts().to_pylist() if len(calls) else []
    start = 0
    for found in sorted(lengths, key=lambda length: length["values"]):
        yield found["values"], calls.slice(start, found["counts"])
        start += found["counts"]


def _replace(path: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, never a part of it."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
