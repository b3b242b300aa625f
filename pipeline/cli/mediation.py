"""Commands about formats: which there are, and what a file of CDRs says."""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from pipeline.mediation.raw import RawBatch
    from pipeline.settings import Source
    from schemas.cdr import CDR

BATCH_RECORDS = 10_000
_OPTIONS_EXPECTED = 'expected a JSON object such as {"direction": "OUTBOUND"}'
_NEVER_TOO_OLD = 100 * 366


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("formats")(formats)
    app.command("parse")(parse)


def formats(
    name: Annotated[str | None, typer.Argument(help="A format, to list its options.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the formats of CDRs that can be read, or the options of one."""
    from pipeline.mediation.describe import format_rows, option_rows
    from pipeline.mediation.registry import UnknownFormat, format_named

    if name is None:
        print_rows(format_rows(), as_json=as_json)
        return
    try:
        record_format = format_named(name)
    except UnknownFormat as error:
        fail(str(error))
    print_rows(option_rows(record_format), as_json=as_json, title=f"{name}: {record_format.about}")


def parse(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file of CDRs.")],
    format_name: Annotated[str, typer.Option("--format", "-f", help="One of `trunkline formats`.")],
    time_zone: Annotated[str, typer.Option(help="IANA zone of stamps without a zone of their own.")] = "UTC",
    options: Annotated[str, typer.Option(help="Options of the format as JSON, see `trunkline formats NAME`.")] = "{}",
) -> None:
    """Print the canonical CDRs of a file as JSON lines; what cannot be read has reject_reason and reject_detail."""
    from pipeline.mediation.feed import BadSource
    from pipeline.mediation.registry import UnknownFormat
    from pipeline.settings import Source

    try:
        settings = json.loads(options)
    except json.JSONDecodeError as error:
        fail(f"--options is {options!r}, {_OPTIONS_EXPECTED}: {error}.")
    if not isinstance(settings, dict):
        fail(f"--options is {options!r}, {_OPTIONS_EXPECTED}.")
    try:
        source = Source(name="file", format=format_name, time_zone=time_zone, options=settings)
        read, rejected, skipped = _print_cdrs(file, source)
    except (UnknownFormat, BadSource) as error:
        fail(str(error))
    problems.print(f"{read} CDRs, {rejected} of them rejected; {skipped} lines that are no CDRs")


def _print_cdrs(file: Path, source: "Source") -> tuple[int, int, int]:
    from pipeline.mediation.batch import mediate_counting
    from pipeline.mediation.files import source_of_file
    from schemas.cdr import cdrs_from_arrow

    read = rejected = skipped = 0
    with file.open("rb") as stream:
        source = source_of_file(source, stream)
        stream.seek(0)
        for raw in _batches(stream, source):
            mediated = mediate_counting(raw, source, late_days=_NEVER_TOO_OLD)
            skipped += mediated.skipped
            for cdr in cdrs_from_arrow(mediated.cdrs):
                read, rejected = read + 1, rejected + (cdr.reject_reason is not None)
                typer.echo(json.dumps(_known(cdr), ensure_ascii=False))
    return read, rejected, skipped


def _batches(stream: io.BufferedReader, source: "Source") -> Iterator["RawBatch"]:
    from itertools import islice

    from pipeline.mediation.raw import RawBatch
    from pipeline.mediation.registry import format_named

    frames = format_named(source.format).frames(stream)
    received = datetime.now().astimezone()
    while records := list(islice(frames, BATCH_RECORDS)):
        yield RawBatch(
            Path(stream.name).name,
            [frame.line for frame in records],
            [frame.value for frame in records],
            [received] * len(records),
        )


def _known(cdr: "CDR") -> dict[str, Any]:
    """What a CDR knows, without its bytes."""
    known = {name: value for name, value in cdr._asdict().items() if value is not None and name not in {"raw", "flags"}}
    known |= {"flags": list(cdr.flags)} if cdr.flags else {}
    return {name: _plain(value) for name, value in known.items()}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.hex() if isinstance(value, bytes) else value
