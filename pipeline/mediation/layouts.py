"""Column orders that vary by version, as data: data/layouts/<format>.yaml."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from pipeline.mediation.draft import Unreadable, shown
from pipeline.shipped import DATA
from schemas.outcomes import RejectReason

BEGINNING_COLUMNS = 4
"""A line of fewer columns is something else than the beginning of a record."""


class Layout(BaseModel):
    """Where the values of one kind of line stand: all columns in order, or the positions of those that are read.

    A line has `longest` columns, or fewer down to `shortest`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str = ""
    record: str | None = None
    """What the line's first value is, where lines of several kinds share a format."""
    columns: tuple[str, ...] = ()
    positions: dict[str, Annotated[int, Field(ge=1)]] = {}
    longest: int = 0
    shortest: int = 0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.columns) == bool(self.positions):
            raise ValueError(f"layout {self.name!r} needs either columns or positions")
        return self

    @property
    def most(self) -> int:
        """The number of columns of a full line."""
        return self.longest or len(self.columns)

    def fits(self, count: int) -> bool:
        """Whether a line of that many columns can have this layout."""
        return (self.shortest or self.most) <= count <= self.most

    def row(self, values: Sequence[str]) -> dict[str, str]:
        """The values by name; one that is beyond the end of the line is empty."""
        if self.columns:
            named = dict(zip(self.columns, values, strict=False))
            return named if len(values) >= len(self.columns) else dict.fromkeys(self.columns, "") | named
        count = len(values)
        return {name: values[at - 1] if at <= count else "" for name, at in self.positions.items()}


_LAYOUTS = TypeAdapter(tuple[Layout, ...])


@lru_cache(maxsize=64)
def shipped_layouts(format_name: str) -> tuple[Layout, ...]:
    """The layouts of a format, those to be tried first in front."""
    text = (DATA / "layouts" / f"{format_name}.yaml").read_text(encoding="utf-8")
    return _LAYOUTS.validate_python(yaml.safe_load(text))


@lru_cache(maxsize=64)
def configured_layout(columns: tuple[str, ...]) -> Layout:
    """The layout of a source whose settings name its columns."""
    return Layout(name="configured", columns=columns)


def least_columns(layouts: Sequence[Layout], record: str | None = None) -> int:
    """How many columns a line of that kind has at least; 0 where no layout is known."""
    return min((layout.shortest or layout.most for layout in layouts if layout.record == record), default=0)


def refuse_beginning(values: Sequence[str], least: int) -> None:
    """Raise Unreadable, TRUNCATED, where a line has less than half of the columns that it needs."""
    if BEGINNING_COLUMNS <= len(values) < least / 2:
        detail = f"The line ends in column {len(values)} of at least {least}: {shown(values[-1])}."
        raise Unreadable(RejectReason.TRUNCATED, detail)


def layout_of(
    layouts: Sequence[Layout], values: Sequence[str], record: str | None = None, *, knows_cuts: bool = False
) -> Layout:
    """The first layout that fits a line of that kind; raises Unreadable with what is known.

    A line without any layout is UNKNOWN_LAYOUT (R47, R49). Where no rule says so of a format, it `knows_cuts`: a line
    that begins as a record and has less than half of the columns of the shortest one ends early, TRUNCATED (R29).
    """
    of_kind = [layout for layout in layouts if layout.record == record]
    for layout in of_kind:
        if layout.fits(len(values)):
            return layout
    if knows_cuts:
        refuse_beginning(values, least_columns(layouts, record))
    known = ", ".join(f"{layout.name} ({layout.shortest or layout.most} to {layout.most})" for layout in of_kind)
    kind = f"{record} line" if record else "line"
    detail = f"The {kind} has {len(values)} columns, expected those of a known layout: {known or 'none is known'}."
    raise Unreadable(RejectReason.UNKNOWN_LAYOUT, detail)
