"""Writing documents to their folder: whole files or none, and the same bytes each time.

A large close sets its pages in further processes, because a page takes longer than everything else of a document, and
writes its lists of calls in threads. A small one does everything in its own.
"""

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from pipeline.billing.document import read_document
from pipeline.billing.documents.calls import call_parquet, printed_calls, write_call_csv
from pipeline.billing.documents.focus import focus_csv
from pipeline.billing.documents.pdf import render_pdf
from pipeline.billing.documents.ubl import ubl_xml
from pipeline.billing.issuing import Issued
from pipeline.billing.settings import InvoiceSettings
from pipeline.billing.snapshot import Snapshot, query

MANY = 24
"""Documents from which on further processes are worth their start."""
_WANTED = pa.schema([("document_id", pa.string())])


class Press:
    """Writes documents. Leave it as a context manager: then all of them are there, or what went wrong is raised."""

    def __init__(self, folder: Path, settings: InvoiceSettings, documents: int) -> None:
        self._folder = folder
        self._settings = settings
        self._cores = os.cpu_count() or 1
        self._pages: ProcessPoolExecutor | None = None
        self._pending: list[Future[None]] = []
        if documents >= MANY and self._cores > 1:
            self._pages = ProcessPoolExecutor(self._cores, multiprocessing.get_context("spawn"))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the pages that are still being set."""
        if self._pages is None:
            return
        try:
            if error is None:
                for page in self._pending:
                    page.result()
        finally:
            self._pages.shutdown(cancel_futures=True)

    def write(self, snapshot: Snapshot, issued: Sequence[Issued], *, fresh: bool = False) -> None:
        """Write all files of documents. `fresh` ones have their calls in `moved` and not in the table yet."""
        if not issued:
            return
        calls = _calls_by_document(snapshot, issued, fresh=fresh)
        by_document = dict(_divided(calls))
        nothing = calls.schema.empty_table()
        work = [(document, by_document.get(document.document_id, nothing)) for document in issued]
        if self._pages is None:
            for document, own in work:
                self._write(document, own)
            return
        with ThreadPoolExecutor(self._cores) as lists:
            for done in [lists.submit(self._write, document, own) for document, own in work]:
                done.result()

    def _write(self, document: Issued, calls: pa.Table) -> None:
        folder = document_folder(self._folder, document)
        folder.mkdir(parents=True, exist_ok=True)
        write_files(folder, document, calls)
        printed = printed_calls(calls) if self._settings.call_list else ()
        page = (folder / f"{document.document_id}.pdf", document.document, self._settings, printed)
        if self._pages is None:
            write_pdf(*page)
        else:
            self._pending.append(self._pages.submit(write_pdf, *page))


def document_folder(folder: Path, document: Issued) -> Path:
    """One folder for each month and account."""
    return folder / document.period / document.account_id


def write_files(folder: Path, issued: Issued, calls: pa.Table) -> None:
    """The files of one document that programs read."""
    document = read_document(issued.document)
    _replace(folder / f"{issued.document_id}.json", issued.document)
    _replace(folder / f"{issued.document_id}.ubl.xml", ubl_xml(document))
    _replace(folder / f"{issued.document_id}.focus.csv", focus_csv(document))
    _replace(folder / f"{issued.document_id}.calls.parquet", call_parquet(calls))
    csv = folder / f"{issued.document_id}.calls.csv"
    write_call_csv(_beside(csv), calls)
    _beside(csv).replace(csv)


def write_pdf(path: Path, document: bytes, settings: InvoiceSettings, calls: Sequence[Sequence[str]]) -> None:
    """The file that a person reads."""
    _replace(path, render_pdf(read_document(document), settings, calls))


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
    _beside(path).write_bytes(content)
    _beside(path).replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
