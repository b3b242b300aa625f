"""Many lines of separated values at once: the fast twin of `csv_records.split_line`.

Only lines are taken of which it is certain that both read them alike; all others are left to the specification. The
lines of one kind are repaired together as one text, and Arrow splits them.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.mediation.columns import Numbers, as_mask, same_in_all
from pipeline.mediation.layouts import Layout
from pipeline.mediation.quoted_lines import cut_lines
from pipeline.mediation.texts import FIELDS_MAX, RECORD_BYTES_MAX

_POSITION = "\x00position"
"""Name of the column that tells which line a row is."""
_LINE_END = b"\n"
_SHAPES_MAX = 8
"""Different numbers of values that are looked for among the lines of one kind."""


class Rows(NamedTuple):
    """Lines with one number of values."""

    positions: Numbers
    """Where the lines stand in the batch."""
    values: dict[int, pa.Array]
    """The wanted values by their place in the line, counted from 0; every one a text, empty where nothing stood."""
    width: int
    """How many values each line has."""
    raw: pa.Array | None = None
    """The bytes of the lines, where they are at hand as a column."""


class _Shapes(NamedTuple):
    """Expressions of RE2 and Python for lines with one separator."""

    proper: str
    """Lines that follow the rules of CSV, their quotes doubled."""
    tolerated: str
    """Lines that a strict reader accepts, raw quotes inside of unquoted values among them."""
    repaired: str
    """Lines with quotes around whole values only."""
    inner_quote: re.Pattern[bytes]


@lru_cache
def _shapes(separator: str) -> _Shapes:
    sign = re.escape(separator)

    def line(*values: str) -> str:
        value = "|".join(values)
        return f"^(?:{value})(?:{sign}(?:{value}))*$"

    plain, quoted, doubled = f'[^"{sign}]*', '"[^"]*"', '"(?:[^"]|"")*"'
    return _Shapes(
        line(plain, doubled),
        line("", f'[^"{sign}][^{sign}]*', doubled),
        line(plain, quoted),
        re.compile(f'"(?<!^")(?<!{sign}")(?!{sign}|$)'.encode(), re.MULTILINE),
    )


class Table(NamedTuple):
    """Lines of one layout."""

    layout: Layout
    positions: Numbers
    values: dict[str, pa.Array]
    """The wanted values by name, empty texts where the line or the layout has none."""
    raw: pa.Array | None = None
    """The bytes of the lines, where they are at hand as a column."""


def read_tables(
    lines: Sequence[bytes],
    positions: Numbers,
    layouts: Sequence[Layout],
    names: Collection[str],
    separator: str = ",",
) -> Iterator[Table]:
    """Split the lines and name their values by the first layout that fits, as `layouts.layout_of` does."""
    places = {layout.name: _places(layout, names) for layout in layouts}
    wanted = {place for of_layout in places.values() for place in of_layout.values()}
    for rows in read_rows(lines, positions, wanted, separator):
        layout = next((layout for layout in layouts if layout.fits(rows.width)), None)
        if layout is not None:
            blank = same_in_all("", pa.string(), len(rows.positions))
            of_layout = places[layout.name]
            values = {name: rows.values.get(of_layout.get(name, -1), blank) for name in names}
            yield Table(layout, rows.positions, values, rows.raw)


def _places(layout: Layout, names: Collection[str]) -> dict[str, int]:
    if layout.columns:
        return {name: place for place, name in enumerate(layout.columns) if name in names}
    return {name: position - 1 for name, position in layout.positions.items() if name in names}


def read_rows(
    lines: Sequence[bytes], positions: Numbers, wanted: Collection[int], separator: str = ","
) -> Iterator[Rows]:
    """Split the lines at these positions and yield them by their number of values; `wanted` are places from 0."""
    chosen = [lines[at] for at in positions.tolist()] if len(positions) < len(lines) else lines
    left = np.ones(len(positions), bool)
    for cut in cut_lines(chosen, wanted, separator, _SHAPES_MAX):
        left[cut.lines] = False
        yield Rows(positions[cut.lines], cut.values, cut.width, cut.raw)
    if left.any():
        yield from _read_others(lines, positions[left], wanted, separator)


def _read_others(lines: Sequence[bytes], positions: Numbers, wanted: Collection[int], separator: str) -> Iterator[Rows]:
    """Lines with accents, and with quotes anywhere."""
    texts, positions = _texts(lines, positions)
    shapes = _shapes(separator)
    proper = as_mask(pc.match_substring_regex(texts, shapes.proper))
    yield from _split(texts.filter(pa.array(proper)), positions[proper], wanted, separator)
    if proper.all():
        return
    rest, places = texts.filter(pa.array(~proper)), positions[~proper]
    broken = ~as_mask(pc.match_substring_regex(rest, shapes.tolerated))
    repaired, places = _repaired(rest.filter(pa.array(broken)), shapes), places[broken]
    sound = as_mask(pc.match_substring_regex(repaired, shapes.repaired))
    yield from _split(repaired.filter(pa.array(sound)), places[sound], wanted, separator)


def _texts(lines: Sequence[bytes], positions: Numbers) -> tuple[pa.Array, Numbers]:
    """The lines that are printable UTF-8 of a normal length, as texts."""
    binary = pa.array([lines[at] for at in positions.tolist()], pa.binary())
    try:
        texts = binary.cast(pa.string())
    except pa.ArrowInvalid:
        fits = np.array([lines[at].isascii() for at in positions.tolist()], bool)
        texts, positions = binary.filter(pa.array(fits)).cast(pa.string()), positions[fits]
    short = as_mask(pc.less_equal(pc.binary_length(texts), RECORD_BYTES_MAX))
    plain = short & ~as_mask(pc.match_substring_regex(texts, "[\x00-\x08\x0a-\x1f\x7f\u0085\u2028\u2029\ufeff]|^\\s*$"))
    return texts.filter(pa.array(plain)), positions[plain]


def _repaired(texts: pa.Array, shapes: _Shapes) -> pa.Array:
    """Twin of the first repair: inner quotes become apostrophes."""
    if not len(texts):
        return texts
    joined = _LINE_END.join(texts.cast(pa.binary()).to_pylist())
    return pa.array(shapes.inner_quote.sub(b"'", joined).split(_LINE_END), pa.binary()).cast(pa.string())


def _split(texts: pa.Array, positions: Numbers, wanted: Collection[int], separator: str) -> Iterator[Rows]:
    """Group by number of values, that of the first line that is left each time."""
    for _ in range(_SHAPES_MAX):
        if not len(texts):
            return
        width = _width(texts[0].as_py(), separator)
        rows, fit = _of_width(texts, width, wanted, separator)
        if width <= FIELDS_MAX and rows:
            yield Rows(positions[fit], rows, width)
        left = np.ones(len(texts), bool)
        left[fit] = False
        left[0] = False
        texts, positions = texts.filter(pa.array(left)), positions[left]


def _width(line: str, separator: str) -> int:
    """The number of values of a line whose quotes stand around values."""
    return re.sub(r'"[^"]*"', "", line).count(separator) + 1


def _of_width(
    texts: pa.Array, width: int, wanted: Collection[int], separator: str
) -> tuple[dict[int, pa.Array], Numbers]:
    numbers = pa.array(np.arange(len(texts))).cast(pa.string())
    numbered = pc.binary_join_element_wise(numbers, texts, separator)
    content = _LINE_END.join(numbered.cast(pa.binary()).to_pylist())
    names = [str(place) for place in sorted(wanted) if place < width]
    table = pyarrow.csv.read_csv(
        pa.BufferReader(content),
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False,
            block_size=len(content) + 1,
            column_names=[_POSITION, *map(str, range(width))],
        ),
        parse_options=pyarrow.csv.ParseOptions(delimiter=separator, invalid_row_handler=lambda _: "skip"),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=[_POSITION, *names],
            column_types={_POSITION: pa.int64(), **dict.fromkeys(names, pa.string())},
            strings_can_be_null=False,
        ),
    ).combine_chunks()
    columns = {int(name): _one(table.column(name)) for name in names}
    fit: Numbers = _one(table.column(_POSITION)).to_numpy()
    return columns, fit


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)
