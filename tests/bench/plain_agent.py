"""The same work as a plain Faust agent: one event at a time, Faust's own topics and loop. Run by the benchmark only.

It reads the bytes, makes the canonical CDR, prices it with `rate_call`, and commits a thousand rows at once; duplicates
are not even looked for. Prints the seconds that it took for the events named on the command line.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import faust

from pipeline.book import load_book
from pipeline.ledger.table import UsageLedger
from pipeline.mediation.batch import read_cdrs
from pipeline.mediation.canonical import Arrived
from pipeline.mediation.feed import feed_of
from pipeline.mediation.registry import format_named
from pipeline.settings import load_settings
from rating.call import rate_call
from tests.ledger.rows import a_row, a_table

ROWS = 1_000


def main() -> None:
    """Rate so many events of the first source and end."""
    wanted, result, settings = int(sys.argv[1]), Path(sys.argv[2]), load_settings()
    source = settings.sources[0]
    record_format = format_named(source.format)
    feed, book = feed_of(source, record_format.options), load_book(settings.book_path)
    ledger = UsageLedger.open(settings.ledger_url)
    folder = Path(os.environ["FAUST_FOLDER"])
    broker = f"kafka://{settings.kafka.bootstrap_servers}"
    app = faust.App("plain", broker=broker, datadir=folder, topic_disable_leader=True, web_enabled=False,
                    consumer_auto_offset_reset="earliest", stream_wait_empty=False)  # fmt: skip
    topic = app.topic(f"cdr.raw.{source.name}", value_serializer="raw", key_serializer="raw")

    @app.agent(topic)
    async def rate(stream: faust.StreamT[bytes]) -> None:
        rows, done, begun = [], 0, 0.0
        async for event in stream.events():
            begun = begun or time.perf_counter()
            offset = event.message.offset
            at = Arrived.of("plain", offset, datetime.now(UTC), event.value)
            for cdr in read_cdrs(at, feed, record_format, 36_600):
                rated = rate_call(cdr, book)
                rows.append(a_row(offset, cdr_id=cdr.cdr_id, charge=getattr(rated, "charge", None)))
            done += 1
            if len(rows) >= ROWS or done == wanted:
                ledger.append(a_table(*rows), {"plain": done})
                rows.clear()
            if done == wanted:
                result.write_text(str(time.perf_counter() - begun))
                await asyncio.sleep(60)

    app.finalize()
    sys.argv = ["faust", "worker", "-l", "error", "--without-web"]
    app.main()


if __name__ == "__main__":
    main()
