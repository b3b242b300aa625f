"""The formats that the simulator writes."""

from collections.abc import Mapping

from pipeline.simulator.formats import (
    asterisk_csv,
    audiocodes,
    cube_csv,
    freeswitch_csv,
    freeswitch_json,
    native_json,
    oracle_csv,
    radius_text,
    ribbon_act,
    sansay_csv,
)
from pipeline.simulator.writing import Writer

WRITERS: Mapping[str, Writer] = {
    writer.name: writer
    for writer in (
        native_json.WRITER,
        oracle_csv.WRITER,
        ribbon_act.WRITER,
        audiocodes.WRITER,
        freeswitch_json.WRITER,
        freeswitch_csv.WRITER,
        asterisk_csv.WRITER,
        radius_text.WRITER,
        cube_csv.WRITER,
        sansay_csv.WRITER,
    )
}


def writer_named(name: str) -> Writer:
    """The writer of a format; LookupError lists those that there are."""
    if name not in WRITERS:
        raise LookupError(f"The simulator writes no {name!r} (known: {', '.join(WRITERS)}). Choose one of them.")
    return WRITERS[name]
