"""Writing documents to their folder: whole files or none, and the same bytes each time.

A large close sets its pages in further processes, because a page takes longer than everything else of a document, and
writes its lists of calls in threads. A small one does everything in its own.
"""

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pyarrow as pa

from pipeline.billing.document import read_document
from pipeline.billing.documents.calls import CallLists, call_csv, call_lists, call_parquet, place_of, printed_calls
from pipeline.billing.documents.focus import focus_csv
from pipeline.billing.documents.pdf import render_pdf, unprintable
from pipeline.billing.documents.ubl import ubl_xml
from pipeline.billing.issuing import Issued
from pipeline.billing.settings import InvoiceSettings
from pipeline.billing.snapshot import Snapshot

MANY = 24
"""Documents from which on further processes are worth their start."""
_WANTED = pa.schema([("document_id", pa.string())])


class Unprintable(NamedTuple):
    """A document whose page shows an empty box in place of a text."""

    document_id: str
    account_id: str
    text: str


class Press:
    """Writes documents. Leave it as a context manager: then all of them are there, or what went wrong is raised."""

    def __init__(self, folder: Path, settings: InvoiceSettings, documents: int) -> None:
        self._folder = folder
        self._settings = settings
        self._cores = os.cpu_count() or 1
        self._pages: ProcessPoolExecutor | None = None
        self._pending: list[tuple[Issued, Future[str | None]]] = []
        self.unprintable: list[Unprintable] = []
        """Complete when the press was left."""
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
                for document, page in self._pending:
                    self._note(document, page.result())
        finally:
            self._pages.shutdown(cancel_futures=True)

    def write(self, issued: Sequence[Issued], calls: Mapping[str, pa.Table]) -> None:
        """Write all files of documents, whose calls come by their number."""
        if self._pages is None:
            for document in issued:
                self._write(document, calls[document.document_id])
            return
        with ThreadPoolExecutor(self._cores) as files:
            for done in [files.submit(self._write, each, calls[each.document_id]) for each in issued]:
                done.result()

    def _write(self, document: Issued, calls: pa.Table) -> None:
        folder = document_folder(self._folder, document)
        folder.mkdir(parents=True, exist_ok=True)
        write_files(folder, document, calls)
        printed = printed_calls(calls) if self._settings.call_list else ()
        page = (folder / f"{document.document_id}.pdf", document.document, self._settings, printed)
        if self._pages is None:
            self._note(document, write_pdf(*page))
        else:
            self._pending.append((document, self._pages.submit(write_pdf, *page)))

    def _note(self, document: Issued, text: str | None) -> None:
        if text is not None:
            self.unprintable.append(Unprintable(document.document_id, document.account_id, text))


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
    _replace(folder / f"{issued.document_id}.calls.csv", call_csv(calls))


def write_pdf(path: Path, document: bytes, settings: InvoiceSettings, calls: Sequence[Sequence[str]]) -> str | None:
    """The file that a person reads; returns a text that it cannot show, if there is one."""
    read = read_document(document)
    _replace(path, render_pdf(read, settings, calls))
    return unprintable(read, settings)


def fresh_lists(lists: CallLists, issued: Sequence[Issued]) -> Mapping[str, pa.Table]:
    """Calls of documents that were made just now, by number."""
    return {each.document_id: lists.of(place_of(each.account_id, each.corrects)) for each in issued}


def stored_lists(snapshot: Snapshot, issued: Sequence[Issued]) -> Mapping[str, pa.Table]:
    """Calls of documents that the snapshot holds, by number."""
    if not issued:
        return {}
    wanted = [{"document_id": document.document_id} for document in issued]
    snapshot.put("wanted_documents", pa.Table.from_pylist(wanted, schema=_WANTED))
    snapshot.view("stored_listing", as_name="listing")
    lists = call_lists(snapshot)
    return {each.document_id: lists.of(each.document_id) for each in issued}


def _replace(path: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, never a part of it."""
    _beside(path).write_bytes(content)
    _beside(path).replace(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
