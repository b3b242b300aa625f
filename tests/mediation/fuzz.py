"""Damages good records of every format and looks that each becomes a row: `python -m tests.mediation.fuzz`.

No exception, no record that takes 100 ms, no lost record, nothing that a parser does not foresee. Seeded: a failure
prints the format, the seed and the bytes, which go into the corpus.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence

from pipeline.mediation.assembly import assemble_records
from pipeline.mediation.batch import mediate_counting, read_cdrs
from pipeline.mediation.canonical import Arrived
from pipeline.mediation.feed import feed_of
from pipeline.mediation.format import UNFORESEEN
from pipeline.mediation.registry import FORMATS, format_named
from pipeline.settings import Source
from schemas.cdr import cdrs_to_arrow
from tests.mediation.feeds import RECEIVED, a_batch
from tests.mediation.records import GOOD, GoodFeed

SECONDS_MAX = 0.1
"""Processor time that one record may take."""
WORDS = [
    b"", b"0", b"-1", b"NaN", b"1e999", b"99999999999999999999", b"\x00", b"\xff\xfe", b"\xc3\xa9", b'"', b'""', b"'",
    b",", b";", b"|", b"=", b"::", b"<", b">", b"&x;", b"%00", b"%2B", b"%", b"null", b"true", b"{}", b"[]", b"[" * 99,
    b"2026-02-30 00:00:00", b"9999-12-31T23:59:59.999999+00:00", b"0001-01-01T00:00:00+14:00",
    b"01:30:00.000 NOV 03 2024", b"253402300800", b"\xd9\xa1", b"\xe2\x80\xae", b"\n", b"\r\n", b"=HYPERLINK()",
    b"../../etc/passwd", b"x" * 70_000,
]  # fmt: skip


def damaged(value: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """The record with one to four changes: bytes flipped, cut, doubled, words put in, parts of another record."""
    for _ in range(rng.randint(1, 4)):
        at, to = sorted((rng.randint(0, len(value)), rng.randint(0, len(value))))
        to = min(to, at + rng.choice([0, 1, 4, 40, len(value)]))
        other = rng.choice(others)
        begin = rng.randint(0, len(other))
        insert = rng.choice(
            [rng.choice(WORDS), bytes([rng.randrange(256)]), value[at:to] * 2, other[begin : begin + 60]]
        )
        value = value[:at] + insert + value[to:]
    return value


def problem(value: bytes, source: Source) -> str | None:
    """What is wrong with the way a record is read; None where all is well."""
    record_format = format_named(source.format)
    feed = feed_of(source, record_format.options)
    began = time.process_time()
    try:
        cdrs = list(read_cdrs(Arrived.of("p", 0, RECEIVED, value), feed, record_format))
        batch = cdrs_to_arrow(cdrs)
        mediated = mediate_counting(a_batch([value]), source)
        assemble_records(a_batch([value]), source, now=RECEIVED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        return f"{type(error).__name__}: {error}"
    if time.process_time() - began > 4 * SECONDS_MAX:
        return f"took {time.process_time() - began:.3f} s"
    if any(UNFORESEEN in (cdr.reject_detail or "") for cdr in cdrs):
        return str(cdrs[0].reject_detail)
    if mediated.skipped + mediated.cdrs.num_rows < 1 or mediated.cdrs.num_rows != batch.num_rows:
        return "the record was lost"
    return None


def attempts(feed: GoodFeed, seed: int) -> Iterator[bytes]:
    """Endless damaged records, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    everything = [value for good in GOOD.values() for value in good.values]
    while True:
        yield damaged(rng.choice(feed.values), rng.choice([feed.values, everything]), rng)


def main() -> int:
    """Fuzz every format for some seconds each; 1 when something was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60, help="for each format")
    arguments.add_argument("--seed", type=int, default=0, help="0: another one each time")
    arguments.add_argument("--format", choices=FORMATS, action="append", help="only these formats")
    chosen = arguments.parse_args()
    seed = chosen.seed or random.SystemRandom().randrange(1, 2**31)
    found = 0
    for name in chosen.format or FORMATS:
        feed, count, until = GOOD[name], 0, time.monotonic() + chosen.seconds
        for count, value in enumerate(attempts(feed, seed), 1):  # noqa: B007 - printed below
            wrong = problem(value, feed.source)
            if wrong:
                found += 1
                print(f"{name}, seed {seed}: {wrong}\n  {value!r}")  # noqa: T201 - the result
            if wrong or time.monotonic() > until:
                break
        print(f"{name}: {count} records, seed {seed}")  # noqa: T201 - the result
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
