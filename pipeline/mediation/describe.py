"""Formats and their options as data, for people: the command line and docs/formats.md."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticUndefined

from pipeline.mediation.feed import FeedOptions
from pipeline.mediation.format import Format
from pipeline.mediation.registry import FORMATS

_INTERNAL = frozenset({"file_fault"})


def format_rows() -> list[dict[str, str]]:
    """One row for each format: name, who writes it, what it tells, how it is read."""
    return [
        {
            "format": record_format.name,
            "written by": record_format.about,
            "tells": record_format.tells,
            "read": "in columns" if record_format.columns else "record by record",
        }
        for record_format in FORMATS.values()
    ]


def option_rows(record_format: Format) -> list[dict[str, str]]:
    """The options that a source of this format may set: name, default, meaning."""
    return [
        {"option": name, "default": _default(record_format.options, name), "meaning": meaning}
        for name, meaning in _meanings(record_format.options)
    ]


def formats_page() -> str:
    """docs/formats.md: every format with its options."""
    lines = [
        "# Formats", "",
        "A source names its format and sets the format's options; [mediation](mediation.md) tells what becomes of its",
        "records. `trunkline formats` prints this page, which is made from the formats themselves by `make docs`.", "",
        *_table(format_rows()),
    ]  # fmt: skip
    for record_format in FORMATS.values():
        lines += ["", f"## {record_format.name}", "", f"{record_format.about}: {record_format.tells}.", ""]
        lines += _table(option_rows(record_format))
    return "\n".join([*lines, ""])


def _table(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    yield f"| {' | '.join(rows[0])} |"
    yield "|---" * len(rows[0]) + "|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row.values())} |"


def _meanings(options: type[FeedOptions]) -> Iterator[tuple[str, str]]:
    for name, field in options.model_fields.items():
        if name not in _INTERNAL:
            yield name, field.description or name.replace("_", " ")


def _default(options: type[FeedOptions], name: str) -> str:
    field = options.model_fields[name]
    if field.is_required():
        return "required"
    default: Any = field.default
    if default is PydanticUndefined:
        return "shipped"
    is_empty = default is None or (isinstance(default, tuple | str) and not default)
    return "none" if is_empty else str(default)
