"""How fast a large month is closed: calls on 1,000 trunks of 1,000 accounts, with fair use, tax and all documents.

The ledger is made by one query, already rated, so that only the close is measured.
"""

import multiprocessing
import shutil
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import duckdb
import pyarrow as pa
import yaml

from pipeline.billing.close import close_period
from pipeline.billing.document import read_document
from pipeline.billing.documents.pdf import render_pdf
from pipeline.ledger.table import UsageLedger
from pipeline.settings import Settings
from schemas.ledger import USAGE_SCHEMA
from tests.bench.measure import ROOT, Measure

ACCOUNTS = 1_000
APPEND_ROWS = 500_000
QUERY = Path(__file__).with_suffix(".sql")
KIBIBYTES_PER_GIGABYTE = 1_000_000
PDFS = 300
GROWTH = (1_000_000, 4_000_000)


def _close(folder: Path, calls: int) -> Mapping[str, float]:
    """Close in a process of its own, so that memory and processor time are those of the close alone."""
    settings = a_large_month(folder, calls)
    begun = time.perf_counter()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        figures = alone.submit(_closed, settings).result()
    pages = len(list(settings.invoice_path.rglob("*.pdf")))
    assert pages == ACCOUNTS, pages
    return figures | {"calls a second": calls / figures["seconds"], "with its start, s": time.perf_counter() - begun}


def _closed(settings: Settings) -> dict[str, float]:
    begun = time.perf_counter()
    report = close_period(settings, "2026-10")
    seconds = time.perf_counter() - begun
    assert len(report.issued) == ACCOUNTS, report.parked[:3]
    own, pages = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "processor, s": own.ru_utime + own.ru_stime + pages.ru_utime + pages.ru_stime,
        "of it pages, s": pages.ru_utime + pages.ru_stime,
        "gigabytes": own.ru_maxrss / KIBIBYTES_PER_GIGABYTE,
    }


def _growth(folder: Path) -> Mapping[str, float]:
    """What another million calls adds, and what every close costs whatever its calls: a line through two sizes."""
    small, large = (_close(folder / str(calls), calls) for calls in GROWTH)
    millions = (GROWTH[1] - GROWTH[0]) / 1_000_000
    each = (large["processor, s"] - small["processor, s"]) / millions
    return {
        f"processor of {GROWTH[0]:,}, s": small["processor, s"],
        f"processor of {GROWTH[1]:,}, s": large["processor, s"],
        "each million, s": each,
        "without calls, s": small["processor, s"] - each * GROWTH[0] / 1_000_000,
        "gigabytes a million": (large["gigabytes"] - small["gigabytes"]) / millions,
    }


def _pages(folder: Path) -> Mapping[str, float]:
    """Pages of real invoices, one core."""
    settings = a_large_month(folder, PDFS * 100)
    documents = [read_document(row.document) for row in close_period(settings, "2026-10", dry_run=True).issued[:PDFS]]
    render_pdf(documents[0], settings.invoice)
    begun = time.process_time()
    for document in documents:
        render_pdf(document, settings.invoice)
    return {"a second": len(documents) / (time.process_time() - begun)}


def a_large_month(folder: Path, calls: int) -> Settings:
    """A provider with one trunk for each account, and a ledger of that many rated calls of October 2026."""
    folder.mkdir(exist_ok=True)
    _write_book(folder / "book")
    shutil.copytree(ROOT / "data" / "tax" / "example", folder / "tax")
    (folder / "tax" / "resolutions.yaml").write_text(yaml.safe_dump(_resolutions()))
    settings = Settings(
        ledger_url=str(folder / "ledger"), book_path=folder / "book", tax_path=folder / "tax",
        invoice_path=folder / "invoices",
    )  # fmt: skip
    ledger = UsageLedger.open(settings.ledger_url)
    for number, rows in enumerate(_rows(calls)):
        ledger.append(rows, {"cdr.leg-0": number})
    return settings


def _rows(calls: int) -> Iterator[pa.Table]:
    with duckdb.connect() as connection:
        for first in range(0, calls, APPEND_ROWS):
            values = {"first": first, "upto": min(calls, first + APPEND_ROWS), "accounts": ACCOUNTS}
            found = connection.sql(QUERY.read_text(), params=values).to_arrow_table()
            yield pa.table(
                {
                    field.name: found.column(field.name).cast(field.type)
                    if field.name in found.column_names
                    else pa.nulls(len(found), field.type)
                    for field in USAGE_SCHEMA
                },
                schema=USAGE_SCHEMA,
            )


def _write_book(folder: Path) -> None:
    shutil.copytree(ROOT / "data" / "book" / "decks", folder / "decks")
    shutil.copy(ROOT / "data" / "book" / "plans.yaml", folder / "plans.yaml")
    since = "2026-01-01T06:00:00Z"
    accounts, addresses, trunks = [], [], []
    for number in range(ACCOUNTS):
        accounts.append(f"- {{account_id: a{number}, name: Account {number}, time_zone: America/Chicago}}\n")
        addresses.append(
            f"- {{address_id: p{number}, account_id: a{number}, effective_from: {since}, street: {number} Main Street,"
            " city: Minneapolis, region: MN, post_code: '55401', country: US}\n"
        )
        trunks.append(
            f"- {{trunk_id: t{number}, account_id: a{number}, name: Trunk {number}, type: REGISTERED,"
            f" location: NEW_YORK, plan_id: {'unlimited-us' if number % 2 else 'metered-us'}, country: US,"
            f" address_id: p{number},"
            f" effective_from: {since}, user_name: u{number},"
            f" channel_limits: [{{effective_from: {since}, channel_limit: 2}}]}}\n"
        )
    for name, rows in {"accounts": accounts, "addresses": addresses, "trunks": trunks}.items():
        (folder / f"{name}.yaml").write_text("".join(rows))


def _resolutions() -> dict[str, object]:
    places = ["US-MN", "US-MN-C053", "US-MN-P43000", "US-MN-D80004", "US-MN-D80008", "US-MN-D80009"]
    rows = [
        {"address": f"p{number}", "jurisdictions": places, "effective_from": "2026-01-01", "author": "bench",
         "reason": "one place for all"}
        for number in range(ACCOUNTS)
    ]  # fmt: skip
    return {"description": "addresses of the benchmark", "resolutions": rows}


_GOAL = {"seconds": 60.0, "gigabytes": 4.0}

MEASURES = (
    Measure("close of 10,000,000 calls,", lambda folder: _close(folder, 10_000_000), "", _GOAL, better="less"),
    Measure("close, growth,", _growth, "", better="less"),
    Measure("PDF of an invoice on one core,", _pages, "", {"a second": 50.0}),
)
