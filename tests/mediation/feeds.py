"""A feed in a test: a source, records as its SBC writes them, and what mediation makes of them."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline.mediation.assembly import Assembled, assemble_records
from pipeline.mediation.batch import mediate_counting
from pipeline.mediation.draft import Draft, Parsed
from pipeline.mediation.feed import Feed, feed_of
from pipeline.mediation.files import source_of_file
from pipeline.mediation.format import parse_record
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.settings import Source
from schemas.cdr import CDR, cdrs_from_arrow
from schemas.reference import DialPlan

RECEIVED = datetime(2026, 10, 1, 13, tzinfo=UTC)
NEVER_TOO_OLD = 200 * 365
"""For records of other years, of which a test does not ask how late they are."""


def at(text: str) -> datetime:
    """An instant as facts files write it: `2017-12-18T23:54:56.868Z`."""
    return datetime.fromisoformat(text)


def a_source(
    format_name: str,
    time_zone: str = "UTC",
    *,
    node: str | None = None,
    dial_plan: DialPlan | None = None,
    **options: object,
) -> Source:
    """A source with these options of its format."""
    return Source(
        name="feed", format=format_name, node=node, time_zone=time_zone, dial_plan=dial_plan or DialPlan(),
        options=options,
    )  # fmt: skip


def a_feed(format_name: str, time_zone: str = "UTC", **options: object) -> Feed[Any]:
    """The source as its parser sees it."""
    return feed_of(a_source(format_name, time_zone, **options), format_named(format_name).options)


def a_batch(values: Sequence[bytes], received_at: datetime = RECEIVED) -> RawBatch:
    """Values as they come from a topic, offsets from 100."""
    return RawBatch("cdr.raw.feed-0", range(100, 100 + len(values)), values, [received_at] * len(values))


def parsed(value: bytes | str, source: Source) -> Parsed:
    """What the format itself makes of a value that gives one record."""
    record_format = format_named(source.format)
    (found,) = parse_record(as_bytes(value), feed_of(source, record_format.options), record_format)
    return found


def draft(value: bytes | str, source: Source) -> Draft:
    """The draft of a readable value."""
    found = parsed(value, source)
    assert isinstance(found, Draft), found
    return found


def read(value: bytes | str, source: Source, received_at: datetime = RECEIVED) -> CDR:
    """The only CDR of one value, as mediation of a batch gives it."""
    (cdr,) = read_all([value], source, received_at)
    return cdr


def read_all(values: Sequence[bytes | str], source: Source, received_at: datetime = RECEIVED) -> list[CDR]:
    """The CDRs of a batch."""
    raw = a_batch([as_bytes(value) for value in values], received_at)
    return cdrs_from_arrow(mediate_counting(raw, source, late_days=NEVER_TOO_OLD).cdrs)


def skipped(values: Sequence[bytes | str], source: Source) -> int:
    """How many values of a batch are no CDRs."""
    return mediate_counting(a_batch([as_bytes(value) for value in values]), source).skipped


def assembled(
    values: Sequence[bytes | str], source: Source, *, now: datetime | None = None, received_at: datetime = RECEIVED
) -> Assembled:
    """What becomes of the records of a feed."""
    raw = a_batch([as_bytes(value) for value in values], received_at)
    return assemble_records(raw, source, now=now, late_days=NEVER_TOO_OLD)


def assembled_file(content: bytes, source: Source, *, now: datetime | None = None) -> Assembled:
    """What becomes of the records of a whole file; offsets are line numbers."""
    stream = io.BytesIO(content)
    described = source_of_file(source, stream)
    stream.seek(0)
    frames = list(format_named(source.format).frames(stream))
    raw = RawBatch(
        "file", [frame.line for frame in frames], [frame.value for frame in frames], [RECEIVED] * len(frames)
    )
    return assemble_records(raw, described, now=now, late_days=NEVER_TOO_OLD)


def as_bytes(value: bytes | str) -> bytes:
    """Text as UTF-8."""
    return value.encode() if isinstance(value, str) else value


def with_value(line: str, number: int, value: str, separator: str = ",") -> str:
    """The line with another value at position `number`, counted from 1 as vendors do."""
    values = line.split(separator)
    values[number - 1] = value
    return separator.join(values)


def a_line(values: dict[int, object], length: int, separator: str = ",") -> str:
    """A line of `length` values of which those at these positions, counted from 1, are not empty."""
    return separator.join(str(values.get(number, "")) for number in range(1, length + 1))
