"""What a whole file says of its records, before they are read one by one.

A header line names the columns, a trailer counts the records (mediation.md R15). Both become options of the source,
so that reading the records stays a function of their bytes and of settings, wherever the file is cut into batches.
"""

from typing import BinaryIO

from pipeline.mediation.feed import feed_of
from pipeline.mediation.registry import format_named
from pipeline.settings import Source


def source_of_file(source: Source, stream: BinaryIO) -> Source:
    """The settings for the records of one file, which must be complete where its format has trailers.

    Reads from the start of `stream` as far as it must; most formats need nothing.
    """
    record_format = format_named(source.format)
    if record_format.describe_file is None:
        return source
    stream.seek(0)
    values = (frame.value for frame in record_format.frames(stream))
    found = record_format.describe_file(values, feed_of(source, record_format.options))
    return source.model_copy(update={"options": {**source.options, **found}}) if found else source
