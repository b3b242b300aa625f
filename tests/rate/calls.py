"""Builders for the rate stage: records that name only what matters, messages of them, and a small book."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.ledger.table import UsageLedger
from pipeline.stream.messages import LegMessage
from rating.book import RateBook
from schemas.cdr import CDR, Direction, RecordType, cdrs_to_arrow
from schemas.reference import Account, ChannelLimit, Package, Plan, Rate, RateDeck, Trunk, TrunkType

RAW = "cdr.raw.sbc1-0"
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
START_OF_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def a_call(offset: int, **fields: Any) -> CDR:
    """A finished inbound-free outbound call of 61 s from trunk t1 to Germany, record `offset` of sbc1."""
    started = fields.get("started_at") or NOON
    content = repr(sorted(fields.items(), key=str)).encode() + str(offset).encode()
    known: dict[str, Any] = {
        "source": "sbc1",
        "source_format": "native",
        "partition": RAW,
        "offset": offset,
        "received_at": NOON + timedelta(minutes=5),
        "raw_sha256": sha256(content).digest(),
        "raw": content,
        "cdr_id": f"id-{offset}",
        "call_group_id": f"call-{offset}",
        "leg_id": f"leg-{offset}",
        "source_node": "node1",
        "direction": Direction.OUTBOUND,
        "claimed_trunk_id": "t1",
        "calling": "+493012345678",
        "called": "+493023125000",
        "started_at": started,
        "answered_at": started + timedelta(seconds=5),
        "released_at": started + timedelta(seconds=66),
        "measured_ms": 61_000,
    }
    return CDR(**(known | fields))


def a_start(offset: int, of: int, **fields: Any) -> CDR:
    """The START record of the call that STOP record `of` ends."""
    return _part(offset, of, RecordType.START, released_at=None, measured_ms=None, **fields)


def an_interim(offset: int, of: int, **fields: Any) -> CDR:
    """An INTERIM record of the call that STOP record `of` ends."""
    return _part(offset, of, RecordType.INTERIM, released_at=None, measured_ms=None, **fields)


def _part(offset: int, of: int, record_type: RecordType, **fields: Any) -> CDR:
    leg = {"call_group_id": f"call-{of}", "leg_id": f"leg-{of}", "record_type": record_type}
    return a_call(offset, **(leg | fields))


def batch(*cdrs: CDR) -> pa.RecordBatch:
    """These records as mediation sends them."""
    return cdrs_to_arrow(cdrs)


def message(*cdrs: CDR, first: int | None = None, upto: int | None = None, raw: str = RAW) -> LegMessage:
    """A message that covers exactly these records, or the range that is given."""
    offsets = [cdr.offset for cdr in cdrs]
    return LegMessage(
        raw,
        min(offsets) if first is None else first,
        max(offsets) if upto is None else upto,
        batch(*cdrs),
    )


def a_book(rate: str = "0.0600", *, trunk_id: str = "t1") -> RateBook:
    """One METERED trunk in Germany, one deck with one row: prefix 49 by the second."""
    return RateBook.build(
        accounts=[Account(account_id="acme", name="Acme")],
        plans=[
            Plan(plan_id="metered", package=Package.METERED, effective_from=START_OF_YEAR, outbound_deck="out")
        ],
        trunks=[
            Trunk(
                trunk_id=trunk_id, account_id="acme", name="Main", type=TrunkType.REGISTERED, plan_id="metered",
                location="FRANKFURT", country="DE", effective_from=START_OF_YEAR, user_name="acme",
                channel_limits=(ChannelLimit(effective_from=START_OF_YEAR, channel_limit=10),),
            )
        ],
        decks=[
            RateDeck(
                deck_id="out",
                rates=(
                    Rate(
                        row_id="r1", prefix="49", destination="Germany", rate_per_minute=rate, initial_seconds=1,
                        next_seconds=1, effective_from=START_OF_YEAR,
                    ),
                ),
            )
        ],
    )  # fmt: skip


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self, now: datetime = NOON + timedelta(minutes=10)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time now."""
        return self.now


def rows(ledger: UsageLedger) -> list[dict[str, Any]]:
    """All rows of the ledger in order of their record and version."""
    ledger.refresh()
    if not (files := ledger.files()):
        return []
    query = 'SELECT * FROM read_parquet($files) ORDER BY partition, "offset", record_index, version'
    with duckdb.connect() as connection:
        return connection.sql(query, params={"files": files}).to_arrow_table().to_pylist()


def current_states(ledger: UsageLedger) -> dict[str, str]:
    """The state of each record by its cdr_id and offset: the row that no other row replaces."""
    found = rows(ledger)
    replaced = {row["replaces"] for row in found}
    return {f"{row['cdr_id']}@{row['offset']}": row["state"] for row in found if row["row_id"] not in replaced}


Books = Callable[[], RateBook]


def in_batches(cdrs: Sequence[CDR], size: int) -> list[list[CDR]]:
    """Cut records into batches of at most `size`."""
    return [list(cdrs[at : at + size]) for at in range(0, len(cdrs), size)]
