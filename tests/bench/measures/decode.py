"""How fast mediation reads each format on one core, by processor time, in batches as the pipeline takes them.

`decode` is bytes to canonical CDRs in Arrow; `mediate to cdr.leg` goes on to the messages of the topic.
"""

import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.mediation.batch import mediate, split_by_call_group
from pipeline.mediation.raw import RawBatch
from pipeline.mediation.registry import format_named
from pipeline.settings import Source
from pipeline.simulator import THREE_SBCS, Sbc, write_spool
from pipeline.simulator.writers import WRITERS
from pipeline.stream.mediation import BATCH_RECORDS
from pipeline.stream.messages import LegMessage
from tests.bench.measure import Measure
from tests.simulator.runs import NEVER_TOO_OLD, RECEIVED, a_world

CALLS = 60_000
CALLS_ONE_BY_ONE = 4_000
"""Of a format that is not read in columns."""
LEG_PARTITIONS = 8
RUNS = 3
GOALS = {
    "native_json": 400_000, "freeswitch_csv": 200_000, "asterisk_csv": 200_000, "oracle_csv": 60_000,
    "ribbon_act": 40_000, "radius_text": 40_000,
}  # fmt: skip

Feeds = Sequence[tuple[Source, RawBatch]]
"""Batches with the settings of their sources."""


def _formats(folder: Path) -> Mapping[str, float]:
    return {name: _speed(_feeds(folder / name, [_node(name)], _calls(name)), _decode) for name in WRITERS}


def _node(record_format: str) -> Sbc:
    return Sbc("edge", record_format, "edge-1", options=WRITERS[record_format].options)


def _calls(record_format: str) -> int:
    return CALLS if format_named(record_format).columns else CALLS_ONE_BY_ONE


def _messages(folder: Path) -> Mapping[str, float]:
    native = [Sbc("edge", "native_json", "edge-1")]
    return {
        "of native events": _speed(_feeds(folder / "native", native), _to_messages),
        "of three formats": _speed(_feeds(folder / "three", THREE_SBCS), _to_messages),
    }


def _feeds(folder: Path, sbcs: Sequence[Sbc], calls: int = CALLS) -> Feeds:
    write_spool(a_world("bench", sbcs=sbcs, calls=calls), folder, None, lambda _: None)
    return [(sbc.settings, raw) for sbc in sbcs for raw in _batches(folder / sbc.source, sbc)]


def _batches(folder: Path, sbc: Sbc) -> Iterator[RawBatch]:
    content = b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
    values = [frame.value for frame in format_named(sbc.format).frames(io.BytesIO(content))]
    for first in range(0, len(values), BATCH_RECORDS):
        part = values[first : first + BATCH_RECORDS]
        yield RawBatch(sbc.source, range(first, first + len(part)), part, [RECEIVED] * len(part))


def _speed(feeds: Feeds, work: Callable[[RawBatch, Source], None]) -> float:
    """The best of some runs over the same records, so that neither warming up nor a busy machine is measured."""
    return max(_once(feeds, work) for _ in range(RUNS))


def _once(feeds: Feeds, work: Callable[[RawBatch, Source], None]) -> float:
    begun = time.process_time()
    for source, raw in feeds:
        work(raw, source)
    return sum(len(raw.values) for _, raw in feeds) / (time.process_time() - begun)


def _decode(raw: RawBatch, source: Source) -> None:
    mediate(raw, source, late_days=NEVER_TOO_OLD)


def _to_messages(raw: RawBatch, source: Source) -> None:
    for part in split_by_call_group(mediate(raw, source, late_days=NEVER_TOO_OLD), LEG_PARTITIONS):
        LegMessage(raw.partition, raw.offsets[0], raw.offsets[-1], part).encode()


MEASURES = (
    Measure("decode", _formats, "CDR/s/core", GOALS),
    Measure("mediate to cdr.leg", _messages, "CDR/s/core"),
)
