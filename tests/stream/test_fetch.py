"""Whole fetches through Faust: one event for each, in which nothing is lost on the way."""

from typing import Any

import faust
from faust.types import TP

from pipeline.stream.fetch import Fetch, FetchSchema, WholeFetches
from tests.stream.test_mediation import Fetched

RAW, LEG = TP("cdr.raw.sbc1", 0), TP("cdr.leg", 0)


def a_fetch(partition: TP, *offsets: int) -> Fetch:
    return Fetch(partition, 3, [Fetched(offset, b"{}") for offset in offsets])


def test_the_scheduler_yields_one_object_for_each_partition() -> None:
    """Two partitions with five records are two events, not five."""
    fetches = {RAW: a_fetch(RAW, 7, 8, 9), LEG: a_fetch(LEG, 1, 2)}
    scheduler = WholeFetches()
    assert list(fetches.items()) == list(scheduler.iterate(fetches))
    assert list(fetches.items()) == list(scheduler.records_iterator(scheduler.map_from_records(fetches)))


def test_an_event_stands_at_its_last_record() -> None:
    """Offset, partition and generation are what Faust looks at; the value is the fetch itself."""
    fetch = a_fetch(RAW, 7, 8, 9)
    message: Any = fetch.as_message(generation=5)
    assert (RAW, 9, 5, 1_791_201_600.123) == (message.tp, message.offset, message.generation_id, message.timestamp)
    assert fetch is message.value


def test_the_schema_hands_it_on() -> None:
    """Neither key nor value are decoded."""
    fetch = a_fetch(RAW, 7)
    app = faust.App("unused", broker="kafka://127.0.0.1:1")
    schema = FetchSchema()
    message: Any = fetch.as_message(generation=5)
    assert None is schema.loads_key(app, message, loads=None)
    assert fetch is schema.loads_value(app, message, loads=None)
