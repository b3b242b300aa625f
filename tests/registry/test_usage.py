"""The billing usage query: what is counted, by what it is summed, and how the result reaches the caller."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.billing.schema import BILLING_SCHEMA
from pipeline.billing.table import BillingTable
from pipeline.ledger.table import UsageLedger
from pipeline.registry.callbacks import BadCallback, post, public_address
from pipeline.registry.database import Database
from pipeline.registry.ledger_reader import Ledger
from pipeline.registry.problems import Refused
from pipeline.registry.shapes.usage import UsageQuery
from pipeline.registry.usage import Interval, narrowed, usage_result
from tests.ledger.rows import a_row, a_table
from tests.registry.servers import running

OCTOBER = Interval(date(2026, 9, 1), date(2026, 11, 1))


def _call(number: int, day: date, **fields: Any) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    known = {
        "account_id": "acme", "day": day, "direction": "OUTBOUND", "answered_at": at, "charge_kind": "METERED",
        "destination_country": "US", "rate_per_minute": Decimal("0.0075"), "billed_seconds": 60,
        "charge": Decimal("0.0075"), "currency": "USD",
    }  # fmt: skip
    return a_row(number, **(known | fields))


def _included(number: int, seconds: int, billed: int) -> dict[str, Any]:
    """A call to France of so many seconds within the plan of blue."""
    return _call(
        number, date(2026, 9, 5), account_id="blue", destination_country="FR", charge_kind="INCLUDED",
        charge=Decimal(0), call_seconds=seconds, billed_seconds=billed, initial_seconds=30, next_seconds=6,
    )  # fmt: skip


CALLS = [
    _call(0, date(2026, 9, 30)),
    _call(1, date(2026, 10, 1)),
    _call(2, date(2026, 10, 1), direction="FORWARD", billed_seconds=66, charge=Decimal("0.00825")),
    _call(3, date(2026, 10, 2), destination_country="DE", rate_per_minute=Decimal("0.10"), charge=Decimal("0.10")),
    _call(4, date(2026, 10, 2), charge_kind="INCLUDED", charge=Decimal(0)),
    _call(5, date(2026, 10, 2), direction="INBOUND", charge=Decimal("0.0075")),
    _call(6, date(2026, 10, 2), account_id="blue"),
    _call(7, date(2026, 10, 2), answered_at=None, billed_seconds=0, charge=Decimal(0)),
    _call(8, date(2026, 11, 1)),
    # Of an UNLIMITED trunk of blue: 40 of 100 s and all of 61 s are beyond its allowance, 30/6 at 0.0075 a minute.
    _included(9, 100, 102),
    _included(10, 61, 66),
]


def _beyond(number: int, sign: int, seconds: int, charge: str) -> dict[str, Any]:
    """A call on a document, with its seconds beyond fair use."""
    overage = {"overage_seconds": seconds, "overage_charge": Decimal(charge)}
    return {"part": "CALL", "account_id": "blue", "row_id": CALLS[number]["row_id"], "sign": sign} | overage


LINES = [
    {"part": "DOCUMENT", "document_type": "INVOICE", "period": "2026-09", "sequence": 1},
    {"part": "LINE", "kind": "CHANNEL_FEE", "service_period": "2026-09", "effective_from": date(2026, 9, 1),
     "channel_limit": 10, "unit_price": Decimal("24.90"), "amount": Decimal("249.00"), "line_no": 1},
    {"part": "LINE", "kind": "TAX", "service_period": "2026-09", "amount": Decimal("12.34"), "line_no": 2},
    {"part": "LINE", "kind": "USAGE", "service_period": "2026-09", "amount": Decimal("0.01"), "line_no": 3},
    _beyond(9, 1, 40, "0.00525"),
    _beyond(10, 1, 55, "0.0075"),
    # A note takes it back and bills it with all of its seconds beyond.
    _beyond(10, -1, 55, "0.0075"),
    _beyond(10, 1, 61, "0.00825"),
    {"part": "CALL", "row_id": CALLS[0]["row_id"], "sign": 1},
]  # fmt: skip


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Calls of September to November, and the invoice of September."""
    url = str(tmp_path_factory.mktemp("usage") / "ledger")
    UsageLedger.open(url).append(a_table(*CALLS), {})
    rows = [{"document_id": "I-1", "account_id": "acme", "currency": "USD"} | line for line in LINES]
    table = pa.Table.from_pylist(rows, schema=BILLING_SCHEMA)
    BillingTable.open(url).issue(pa.RecordBatchReader.from_batches(BILLING_SCHEMA, table.to_batches()), 1)
    return Ledger(url)


def _query(*dimensions: str, options: dict[str, bool] | None = None, **filters: Any) -> UsageQuery:
    interval = {"dateInterval": {"sentSince": "2026-09-01", "sentUntil": "2026-11-01"}}
    return UsageQuery.model_validate(
        {
            "callbackUrl": "https://acme.io/usage",
            "request": {"filterBy": interval | filters, "aggregateBy": list(dimensions), "options": options},
        }
    )


def _rows(ledger: Ledger, *dimensions: str, account: str = "acme", **wanted: Any) -> list[list[Any]]:
    result = usage_result(ledger, account, "r", _query(*dimensions, **wanted), OCTOBER)
    rows: list[list[Any]] = result["response"]["rows"]
    return rows


def test_calls_are_summed_by_month_and_unit_price(ledger: Ledger) -> None:
    """0.0075 a minute is 0.000125 a second; two calls of October outbound: 60 + 66 s, 0.0075 + 0.00825."""
    rows = _rows(ledger, "MONTH", categories=["SIP_TRUNK"], directions=["OUTBOUND"], countryCodes=["US"])
    zero, rate = Decimal(0), Decimal("0.000125")
    assert [
        ["acme", "SIP_TRUNK", "2026-09", "second", rate, 60, Decimal("0.0075"), "USD"],
        ["acme", "SIP_TRUNK", "2026-10", "second", zero, 60, zero, "USD"],
        ["acme", "SIP_TRUNK", "2026-10", "second", rate, 126, Decimal("0.01575"), "USD"],
    ] == rows


def test_seconds_beyond_fair_use_are_metered(ledger: Ledger) -> None:
    """60 s are within the plan. Beyond: 40 s are billed as 42, 61 s as 66: 108 s, 0.00525 + 0.00825."""
    assert [
        ["blue", "SIP_TRUNK", "FR", "second", Decimal(0), 60, Decimal(0), "USD"],
        ["blue", "SIP_TRUNK", "FR", "second", Decimal("0.000125"), 108, Decimal("0.01350"), "USD"],
    ] == _rows(ledger, "COUNTRY_CODE", countryCodes=["FR"], account="blue")


def test_channels_and_taxes_come_from_invoices(ledger: Ledger) -> None:
    """Of the closed month only; other lines are calls, which are counted already."""
    assert [
        ["SIP_TRUNK_CHANNEL", "acme", "channel", Decimal("24.90"), 10, Decimal("249.00"), "USD"],
        ["SIP_TRUNK_TAX", "acme", "tax", "N/A", 1, Decimal("12.34"), "USD"],
    ] == _rows(ledger, "CATEGORY_CODE", "ACCOUNT_KEY", categories=["SIP_TRUNK_CHANNEL", "SIP_TRUNK_TAX"])


def test_missing_dimensions_are_put_in_front(ledger: Ledger) -> None:
    """Account and category always say whose and what it is; what a trunk call does not have is N/A."""
    result = usage_result(ledger, "acme", "r", _query("SENDER"), OCTOBER)["response"]
    names = [column["columnName"] for column in result["columns"]]
    assert ["ACCOUNT_NAME", "CATEGORY_CODE", "SENDER", "UNIT_TYPE", "UNIT_PRICE", "QUANTITY", "TOTAL_PER_UNIT",
            "CURRENCY"] == names  # fmt: skip
    assert {"N/A"} == {row[2] for row in result["rows"]}
    assert len(result["rows"]) == result["totalRows"]


def test_countries_and_categories_have_names(ledger: Ledger) -> None:
    """ISO alpha-2, as it is asked for, and the name of ISO 3166-1."""
    rows = _rows(ledger, "COUNTRY_CODE", "COUNTRY_NAME", "CATEGORY_NAME", "DIRECTION", countryCodes=["DE"])
    assert [["acme", "DE", "Germany", "SIP trunk calls", "OUTBOUND"]] == [row[:5] for row in rows]


def test_only_closed_months_on_demand(ledger: Ledger) -> None:
    """September is closed, October is not; the metadata say so either way."""
    rows = _rows(ledger, "DAY", categories=["SIP_TRUNK"], options={"includeUnfinalizedData": False})
    assert ["2026-09-30"] == [row[2] for row in rows]
    result = usage_result(ledger, "acme", "r", _query("DAY"), OCTOBER)["response"]["metadata"]
    assert [("2026-09", True), ("2026-10", False)] == [
        (row["month"], row["volumeFinalized"]) for row in result["billingPeriods"]
    ]


@pytest.mark.parametrize("filters", [{"accountKeys": ["blue"]}, {"senders": ["any"]}, {"campaignIds": [1]}])
def test_what_is_not_there_or_not_ones_own_is_empty(ledger: Ledger, filters: dict[str, Any]) -> None:
    """Another account's key counts nothing, as do senders and campaigns."""
    assert [] == _rows(ledger, "DAY", **filters)


def test_the_interval_is_narrowed_to_three_months() -> None:
    """The current month and the two before; an interval outside is refused with what may be asked."""
    now = datetime(2026, 10, 15, tzinfo=UTC)
    assert Interval(date(2026, 9, 1), date(2026, 11, 1)) == narrowed(_query("DAY"), now)
    assert Interval(date(2026, 10, 1), date(2026, 11, 1)) == narrowed(_query("DAY"), datetime(2026, 12, 1, tzinfo=UTC))
    with pytest.raises(Refused, match=r"from 2026-12-01 to 2027-03-01 \(exclusive\)"):
        narrowed(_query("DAY"), datetime(2027, 2, 1, tzinfo=UTC))


@pytest.fixture
def caller() -> Iterator[tuple[str, list[bytes], threading.Event]]:
    """A customer's server: its URL, what it was sent, and the event of the first request."""
    received: list[bytes] = []
    arrived = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/usage?id=1", received, arrived
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_result_is_posted_once(tmp_path: Path, caller: tuple[str, list[bytes], threading.Event]) -> None:
    """201 with an id, then the result under that id, with exact numbers."""
    url, received, arrived = caller
    today = datetime.now(UTC).date()
    UsageLedger.open(str(tmp_path / "ledger")).append(a_table(_call(0, today)), {})
    database = Database(f"sqlite:///{tmp_path / 'registry.db'}")
    database.migrate()
    body = {
        "callbackUrl": url,
        "request": {
            "filterBy": {"dateInterval": {"sentSince": str(today), "sentUntil": str(today + timedelta(days=1))}},
            "aggregateBy": ["DAY"],
        },
    }
    with running(database, Ledger(str(tmp_path / "ledger"))) as server, server.http("acme") as http:
        answer = http.post("/billing/1/usage/query", json=body)
        assert 201 == answer.status_code, answer.text
        assert arrived.wait(30)
        bad = http.post("/billing/1/usage/query", json=body | {"callbackUrl": "ftp://acme.io"})
        assert ("E400", "callbackUrl") == (bad.json()["errorCode"], bad.json()["violations"][0]["property"])
        with server.http("acme", "calls:manage") as other:
            assert 403 == other.post("/billing/1/usage/query", json=body).status_code
    database.close()
    (text,) = received
    assert answer.json()["requestId"] == json.loads(text)["requestId"]
    assert b'"N/A"' not in text
    assert b"0.000125000000,60,0.007500000" in text


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:8080/", "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/"],
)
def test_callbacks_lead_to_public_addresses_only(url: str) -> None:
    """A customer must not reach what only we can reach, such as a cloud's metadata."""
    with pytest.raises(BadCallback, match="not a public address"):
        public_address(url, admit_private=False)
    assert public_address(url, admit_private=True)


def test_a_callback_that_fails_is_only_logged() -> None:
    """The vendor's contract knows no second attempt."""
    post("http://127.0.0.1:9/", b"{}", admit_private=True)
    post("http://127.0.0.1:9/", b"{}", admit_private=False)
    with pytest.raises(BadCallback, match="cannot be resolved"):
        public_address("http://no-such-host.invalid/", admit_private=False)
