"""The rate stage of a worker: what it commits, what it refuses, when it gives a partition up."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.book import load_book
from pipeline.ledger.errors import ConcurrentWriter
from pipeline.ledger.table import UsageLedger
from pipeline.mediation.batch import mediate
from pipeline.mediation.raw import RawBatch
from pipeline.settings import Settings
from pipeline.stream.messages import BadLegMessage, LegMessage
from pipeline.stream.rating import LOOK_FOR_OPEN_LEGS, Rating, leg_parcels
from rating.book import RateBook
from tests.stream.feed import BOOK, MANY_DAYS, an_event, worker_settings
from tests.stream.workers import rows, states

NOW = datetime(2026, 10, 5, 13, tzinfo=UTC)
BOOK_OF_EXAMPLE = load_book(BOOK)


class Fetched(NamedTuple):
    """A message of cdr.leg as the Kafka client gives it."""

    offset: int
    headers: Sequence[tuple[str, bytes]]
    value: bytes | None
    timestamp: int | None = None


def a_message(offset: int, numbers: Iterable[int], settings: Settings, **changes: object) -> Fetched:
    """Calls with these numbers, which are their raw offsets too."""
    offsets = list(numbers)
    values = [an_event(number, **changes) for number in offsets]
    raw = RawBatch("cdr.raw.sbc1-0", offsets, values, [NOW] * len(values))
    cdrs = mediate(raw, settings.sources[0], late_days=MANY_DAYS)
    return Fetched(offset, *LegMessage("cdr.raw.sbc1-0", offsets[0], offsets[-1], cdrs).encode())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return worker_settings(tmp_path, "127.0.0.1:1")


@pytest.fixture
def ledger(settings: Settings) -> UsageLedger:
    return UsageLedger.open(settings.ledger_url)


def a_rating(ledger: UsageLedger, book: Callable[[], RateBook] = lambda: BOOK_OF_EXAMPLE) -> Rating:
    return Rating(ledger, book, lambda: NOW)


def test_rows_and_both_marks_are_one_commit(ledger: UsageLedger, settings: Settings) -> None:
    """Two messages, three calls: three rows, the mark of cdr.leg at 8 and that of the raw partition at 22."""
    a_rating(ledger).rate(0, [a_message(7, [20, 21], settings), a_message(8, [22], settings)])
    assert {"RATED": 3} == dict(states(settings))
    assert {"cdr.leg-0": 8, "cdr.leg-0<cdr.raw.sbc1-0": 22} == ledger.marks()


def test_what_is_read_again_is_dropped(ledger: UsageLedger, settings: Settings) -> None:
    """The same message after a restart, and the same records in another message, add nothing."""
    message = a_message(7, [20, 21], settings)
    a_rating(ledger).rate(0, [message])
    again = a_rating(ledger)
    again.rate(0, [message])
    again.rate(0, [a_message(8, [21, 22], settings)])
    assert {"RATED": 3} == dict(states(settings))


def test_a_second_writer_is_refused(ledger: UsageLedger, settings: Settings) -> None:
    """Between this worker's look at the marks and its commit another one commits the same partition: it must end."""
    other = a_rating(ledger)
    begun = []

    def book_of_a_slow_worker() -> RateBook:
        if not begun:
            begun.append(True)
            other.rate(0, [a_message(0, [20, 21], settings)])
        return BOOK_OF_EXAMPLE

    with pytest.raises(ConcurrentWriter, match="refused a commit"):
        a_rating(ledger, book_of_a_slow_worker).rate(0, [a_message(0, [20, 21, 22], settings)])
    assert {"RATED": 2} == dict(states(settings))


def test_writers_of_different_partitions_do_not_meet(ledger: UsageLedger, settings: Settings) -> None:
    """The same moment, but partition 1: both commits go through."""
    other = a_rating(ledger)

    def book_of_a_slow_worker() -> RateBook:
        other.rate(1, [a_message(0, [30], settings)])
        return BOOK_OF_EXAMPLE

    a_rating(ledger, book_of_a_slow_worker).rate(0, [a_message(0, [20], settings)])
    assert {"RATED": 2} == dict(states(settings))


def test_a_message_of_another_version_stops(ledger: UsageLedger) -> None:
    """JSON on cdr.leg is broken machinery: nothing is written."""
    with pytest.raises(BadLegMessage, match="Expected the headers"):
        a_rating(ledger).rate(0, [Fetched(0, [], b"{}")])
    assert {} == ledger.marks()


def test_open_legs_are_looked_for_between_messages(ledger: UsageLedger, settings: Settings) -> None:
    """A START waits; when its time is over the look that takes its turn gives it up, with a reason."""
    rating = Rating(ledger, lambda: BOOK_OF_EXAMPLE, lambda: NOW)
    rating.rate(0, [a_message(0, [20], settings, record_type="START", released_at=None, sip_status=None, q850=None)])
    assert {"PENDING": 1} == dict(states(settings))
    later = Rating(ledger, lambda: BOOK_OF_EXAMPLE, lambda: NOW.replace(day=20))
    later.rate(0, [LOOK_FOR_OPEN_LEGS.content])
    assert "NO_STOP" in rows(settings, "reject_reason").column("reject_reason").to_pylist()


def test_parcels_know_their_rows(settings: Settings) -> None:
    """Each message of a fetch is a parcel with the rows that its headers promise."""
    messages = [a_message(7, [20, 21], settings), a_message(8, [22], settings)]
    parcels = list(leg_parcels(messages))
    assert [2, 1] == [parcel.rows for parcel in parcels]
    assert all(parcel.bytes_held > len(message.value or b"") for parcel, message in zip(parcels, messages, strict=True))


def test_partitions_of_others_are_closed(ledger: UsageLedger, settings: Settings) -> None:
    """After a rebalance the stage of a lost partition is gone; if it comes back, it starts from the ledger."""
    rating = a_rating(ledger)
    for partition in (0, 1):
        rating.rate(partition, [a_message(0, [20 + partition], settings)])
    rating.keep([1])
    a_rating(ledger).rate(0, [a_message(1, [30], settings)])
    rating.rate(0, [a_message(2, [40], settings)])
    assert {"RATED": 4} == dict(states(settings))
