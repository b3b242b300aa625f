"""The formats that the simulator writes."""

from collections.abc import Mapping

from pipeline.simulator.formats import asterisk_csv, freeswitch_json, native_json
from pipeline.simulator.writing import Writer

WRITERS: Mapping[str, Writer] = {
    writer.name: writer for writer in (native_json.WRITER, freeswitch_json.WRITER, asterisk_csv.WRITER)
}


def writer_named(name: str) -> Writer:
    """The writer of a format; LookupError lists those that there are."""
    if name not in WRITERS:
        raise LookupError(f"The simulator writes no {name!r} (known: {', '.join(WRITERS)}). Choose one of them.")
    return WRITERS[name]
