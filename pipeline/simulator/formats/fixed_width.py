"""Lines of fixed width in files with a header and a trailer, whose totals must be right (mediation.md R15)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.simulator.parties import Positions
from pipeline.simulator.records import Records
from pipeline.simulator.sbcs import Sbc
from pipeline.simulator.texts import Part, coded, identity, local_date, local_time
from pipeline.simulator.world import World
from pipeline.simulator.writing import Times, Writer, every, leg_id
from schemas.outcomes import RejectReason

_NUMBER, _TRUNK, _SECONDS = 44, 24, 6
_LAYOUT = (("seq", 8), ("id", 19), ("start", 14), ("duration_s", _SECONDS), ("calling", _NUMBER), ("called", _NUMBER),
           ("trunk", _TRUNK))  # fmt: skip
_RECORD, _COUNT, _TOTAL = "CDR", 9, 12


def _places() -> Mapping[str, tuple[int, int]]:
    places, start = {}, len(_RECORD)
    for name, length in _LAYOUT:
        places[name], start = (start, length), start + length
    return places


PLACES = _places()
OPTIONS: Mapping[str, Any] = {
    "layout": [[name, start, length] for name, (start, length) in PLACES.items()],
    "trailer": {"count": [3, _COUNT], "total_duration_s": [3 + _COUNT, _TOTAL]},
}


def parts(records: Records, world: World, sbc: Sbc) -> Sequence[Part]:
    """Start and seconds; the start of a call that has seconds counts as its answer."""
    numbers, known = [party.text.ljust(_NUMBER) for party in world.parties.table], every(records)
    return [
        *identity(_RECORD, records.sequence),
        *identity(f"{world.tag}-", records.call, "-0"),
        local_date(records.start, known, sbc.time_zone, "%Y%m%d"),
        *_clock(records, sbc),
        coded("", *_padded(records.reported // 1_000, _SECONDS)),
        coded("", numbers, records.calling),
        coded("", numbers, records.called),
        coded("", [trunk.trunk_id.ljust(_TRUNK) for trunk in world.trunks], records.trunk, "\n"),
    ]


def _clock(records: Records, sbc: Sbc) -> list[Part]:
    """`083456`."""
    stamped = local_time(records.start, every(records), sbc.time_zone)
    names = [name.replace(":", "") for name in stamped.choices.to_pylist()]
    return [coded("", names, stamped.at)]


def _padded(numbers: Positions, width: int) -> tuple[Sequence[str], Positions]:
    unique, at = np.unique(numbers, return_inverse=True)
    return [f"{number:0{width}d}" for number in unique.tolist()], at


def _times(records: Records, _: int) -> Times:
    start = records.start // 1_000 * 1_000
    return Times(start, start, start + records.reported // 1_000 * 1_000)


def _an_hour_earlier(line: bytes) -> bytes:
    """The hour of the start, which stands behind eight digits of the day."""
    hour = PLACES["start"][0] + len("20261001")
    return line[:hour] + line[hour:].replace(b"03", b"02", 1)


def _totals(values: Sequence[bytes]) -> tuple[int, int]:
    """Records and seconds of lines, as a reader adds them up."""
    start, length = PLACES["duration_s"]
    seconds = [value[start : start + length] for value in values if value.startswith(_RECORD.encode())]
    return len(seconds), sum(int(text) for text in seconds if text.isdigit())


def _wrap(count: int, seconds: int) -> tuple[bytes, bytes]:
    return b"HDRTRUNKLINE\n", f"TRL{count:0{_COUNT}d}{seconds:0{_TOTAL}d}\n".encode()


WRITER = Writer(
    name="fixed_width",
    suffix="dat",
    parts=parts,
    native_key=lambda records, world, at: (leg_id(records, world, at), f"{records.sequence[at] % 10**8:08d}"),
    cut_off=(lambda line: line[: _NUMBER + _SECONDS], RejectReason.TRUNCATED),
    reshape=lambda line: b"X" + line[1:],
    misshapen=RejectReason.BAD_FIELD,
    resolution_ms=1_000,
    times=_times,
    options=OPTIONS,
    zero_is_answered=False,
    call=lambda records, world, at: None,  # noqa: ARG005 - its calls are known by their own ids
    cannot=frozenset({"F2", "F9"}),
    totals=_totals,
    wrap=_wrap,
    has_sequence=True,
    missing_hour=_an_hour_earlier,
    local_stamps=("start",),
)
