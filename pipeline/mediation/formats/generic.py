"""Simple exports of any vendor, read by a mapping: CSV, JSON lines, fixed width.

The formats of some vendors are these with a mapping that is shipped.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from pipeline.mediation.csv_records import split_line
from pipeline.mediation.draft import Draft, Skip, Unreadable, bad_field
from pipeline.mediation.feed import Feed, FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.framing import json_documents
from pipeline.mediation.json_records import decode_json
from pipeline.mediation.layouts import configured_layout, layout_of
from pipeline.mediation.mappings import Lookup, draft_by_mapping, shipped_mapping
from pipeline.mediation.mappings import Mapping as FactMapping
from pipeline.mediation.notes import Notes, readable
from pipeline.mediation.texts import decode_text
from schemas.outcomes import RejectReason


class GenericOptions(FeedOptions):
    """Options of formats that are read by a mapping."""

    mapping: FactMapping = Field(description="which column holds which fact")


class GenericCsvOptions(GenericOptions):
    """Options of CSV exports."""

    separator: str = Field(",", min_length=1, max_length=1, description="sign between two values")
    columns: tuple[str, ...] = Field((), description="names of the columns; a file's header line gives them, too")


class Part(NamedTuple):
    """Where a value stands in a line of fixed width; the first character is number 0."""

    name: str
    start: int
    length: int


class Trailer(BaseModel):
    """Where the trailer line has its totals, as (start, length)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: tuple[int, int] | None = None
    total_duration_s: tuple[int, int] | None = None


class FixedWidthOptions(GenericOptions):
    """Options of lines of fixed width."""

    mapping: FactMapping = Field(
        default_factory=partial(shipped_mapping, "fixed_width"), description="which part holds which fact"
    )
    layout: tuple[Part, ...] = Field(min_length=1, description="[name, start, length] of each value")
    record: str = Field("CDR", description="how the lines of calls begin")
    header: str = Field("HDR", description="how a header line begins")
    trailer_mark: str = Field("TRL", description="how a trailer line begins")
    trailer: Trailer | None = Field(None, description="where the trailer has its totals; a difference rejects the file")
    duration_part: str = Field("duration_s", description="part that the trailer's total adds up")


def _read(look_up: Lookup, feed: Feed[Any], notes: Notes) -> Sequence[Draft | Skip]:
    mapping = feed.options.mapping
    why = mapping.skips(look_up)
    if why is not None:
        return [Skip(why)]
    return [draft_by_mapping(look_up, mapping, feed, notes)]


def parse_csv(value: bytes, feed: Feed[GenericCsvOptions]) -> Sequence[Draft | Skip]:
    """Read one line; a line of the column names is skipped."""
    text, notes = readable(value)
    columns = feed.options.columns
    values = [found.strip() for found in split_line(text.rstrip("\r\n"), feed.options.separator, len(columns))]
    if _is_header(values, feed):
        return [Skip("column names")]
    if not columns:
        detail = (
            "The columns of this file are not known. Name them in option `columns`, or let the file begin with them."
        )
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, detail)
    return _read(layout_of([configured_layout(columns)], values, knows_cuts=True).row(values).get, feed, notes)


def _is_header(values: Sequence[str], feed: Feed[GenericCsvOptions]) -> bool:
    return feed.options.mapping.columns <= set(values)


def columns_of_file(values: Iterable[bytes], feed: Feed[GenericCsvOptions]) -> Mapping[str, Any]:
    """The column names in the first line of a file, unless the settings name them."""
    first = next(iter(values), None)
    if first is None or feed.options.columns:
        return {}
    names = [name.strip() for name in decode_text(first).value.split(feed.options.separator)]
    names = [name.strip('"') for name in names]
    return {"columns": names} if _is_header(names, feed) else {}


_OBJECT = msgspec.json.Decoder(dict[str, Any])


def parse_json(value: bytes, feed: Feed[GenericOptions]) -> Sequence[Draft | Skip]:
    """Read one object; a path such as `attributes.time_start` goes down one level at each point."""
    document, notes = decode_json(_OBJECT, value)

    def look_up(path: str) -> str | None:
        found: Any = document
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, bool):
            return str(found).lower()
        return str(found) if isinstance(found, str | int | float) else None

    if not any(look_up(path) for path in feed.options.mapping.columns):
        raise Unreadable(RejectReason.UNKNOWN_LAYOUT, "The object has none of the fields that the mapping names.")
    return _read(look_up, feed, notes)


def parse_fixed_width(value: bytes, feed: Feed[FixedWidthOptions]) -> Sequence[Draft | Skip]:
    """Read one line; headers and trailers are skipped."""
    options = feed.options
    text, notes = readable(value)
    if text.startswith((options.header, options.trailer_mark)):
        return [Skip("header or trailer")]
    if not text.startswith(options.record):
        expected = f"{options.record}, {options.header} or {options.trailer_mark}"
        raise bad_field("record type", text[: len(options.record)], expected)
    needed = max(part.start + part.length for part in options.layout)
    if len(text.rstrip("\r\n")) < needed:
        detail = f"The line has {len(text)} characters, expected {needed}."
        raise Unreadable(RejectReason.TRUNCATED, detail)
    row = {part.name: text[part.start : part.start + part.length].strip() for part in options.layout}
    return _read(row.get, feed, notes)


def totals_of_file(values: Iterable[bytes], feed: Feed[FixedWidthOptions]) -> Mapping[str, Any]:
    """Compare the trailer with the records in front of it; a difference rejects the whole file (R15)."""
    options = feed.options
    if options.trailer is None:
        return {}
    count = seconds = 0
    parts = {part.name: part for part in options.layout}
    for value in values:
        line = decode_text(value).value
        if line.startswith(options.trailer_mark):
            return _fault(line, options.trailer, count, seconds)
        if line.startswith(options.record):
            count += 1
            seconds += _seconds(line, parts.get(options.duration_part))
    fault = f"The file has {count} records and no trailer, expected one that begins {options.trailer_mark}."
    return {"file_fault": fault}


def _seconds(line: str, part: Part | None) -> int:
    text = line[part.start :][: part.length].strip() if part else ""
    return int(text) if text.isdecimal() else 0


def _fault(line: str, trailer: Trailer, count: int, seconds: int) -> Mapping[str, Any]:
    for place, name, found in ((trailer.count, "records", count), (trailer.total_duration_s, "seconds", seconds)):
        if place is None:
            continue
        start, length = place
        told = line[start : start + length].strip()
        if not told.isdecimal() or int(told) != found:
            number = int(told) if told.isdecimal() else repr(told[:20])
            fault = f"The trailer tells {number} {name}, the file holds {found}. Ask for the file again."
            return {"file_fault": fault}
    return {}


_SHIPPED = "which column or path holds which fact"


class _DidwwCsv(GenericCsvOptions):
    mapping: FactMapping = Field(default_factory=partial(shipped_mapping, "didww_csv"), description=_SHIPPED)


class _DidwwJson(GenericOptions):
    mapping: FactMapping = Field(default_factory=partial(shipped_mapping, "didww_json"), description=_SHIPPED)


class _YetiJson(GenericOptions):
    mapping: FactMapping = Field(default_factory=partial(shipped_mapping, "yeti_json"), description=_SHIPPED)


class _KamailioEvapi(GenericOptions):
    mapping: FactMapping = Field(default_factory=partial(shipped_mapping, "kamailio_evapi_json"), description=_SHIPPED)


class _JambonzJson(GenericOptions):
    mapping: FactMapping = Field(default_factory=partial(shipped_mapping, "jambonz_json"), description=_SHIPPED)


_CSV = Format(
    name="generic_csv",
    about="CSV of any vendor, by a mapping",
    tells="what the mapping names",
    parse=parse_csv,
    options=GenericCsvOptions,
    describe_file=columns_of_file,
)
_JSON = Format(
    name="generic_json",
    about="JSON of any vendor, by a mapping",
    tells="what the mapping names",
    parse=parse_json,
    options=GenericOptions,
    frames=json_documents,
)
_FIXED_WIDTH = Format(
    name="fixed_width",
    about="lines of fixed width, by a layout, with header and trailer",
    tells="what the layout names; totals of the file",
    parse=parse_fixed_width,
    options=FixedWidthOptions,
    describe_file=totals_of_file,
    waits_for_end=True,
)

FORMATS = (
    _JSON._replace(
        name="yeti_json", about="Yeti, writecdr as JSON", tells="route attempts; microseconds", options=_YetiJson
    ),
    _JSON._replace(
        name="didww_json",
        about="DIDWW, streamed CDRs",
        tells="one object for each call; microseconds",
        options=_DidwwJson,
    ),
    _CSV._replace(
        name="didww_csv", about="DIDWW, CSV export", tells="one line for each call; seconds", options=_DidwwCsv
    ),
    _JSON._replace(
        name="jambonz_json", about="jambonz", tells="one object for each call; milliseconds", options=_JambonzJson
    ),
    _JSON._replace(
        name="kamailio_evapi_json",
        about="Kamailio evapi, CGR_CALL_END",
        tells="one object for each call; seconds",
        options=_KamailioEvapi,
    ),
    _CSV,
    _JSON,
    _FIXED_WIDTH,
)
