"""Column orders that vary by version, as data: data/layouts/<format>.yaml."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.shipped import DATA


class Layout(BaseModel):
    """The columns of one kind of line, in order. A line may be shorter, down to `shortest` columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    shortest: int | None = None

    def fits(self, count: int) -> bool:
        """Whether a line of that many columns can have this layout."""
        return (self.shortest or len(self.columns)) <= count <= len(self.columns)


_LAYOUTS = TypeAdapter(tuple[Layout, ...])


@lru_cache(maxsize=64)
def shipped_layouts(format_name: str) -> tuple[Layout, ...]:
    """The layouts of a format, those to be tried first in front."""
    text = (DATA / "layouts" / f"{format_name}.yaml").read_text(encoding="utf-8")
    return _LAYOUTS.validate_python(yaml.safe_load(text))


def layout_that_fits(layouts: Sequence[Layout], count: int) -> Layout | None:
    """The first layout for a line of that many columns."""
    return next((layout for layout in layouts if layout.fits(count)), None)
