"""docs/book.md names every key of every file with its default, and docs/numbering.md every class of numbers."""

import json
import re
from enum import Enum
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.book.models import explained_patterns
from pipeline.book.reading import DeckHeader
from rating.numbering.kinds import NumberClass
from schemas.reference import (
    Account,
    AreaCode,
    ChannelLimit,
    DialPlan,
    Plan,
    Rate,
    Reference,
    ServiceAddress,
    Trunk,
    TrunkStatus,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "book.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \|")
MODELS = (Account, ServiceAddress, Plan, Trunk, ChannelLimit, TrunkStatus, DialPlan, Rate, DeckHeader, AreaCode)


def _tables() -> list[dict[str, str]]:
    """Keys and defaults of each table of the page that has them."""
    tables: list[dict[str, str]] = []
    for line in PAGE.splitlines():
        if re.match(r"\| (key|column) \| default ", line):
            tables.append({})
        elif (row := ROW.match(line)) and tables:
            tables[-1][row[1]] = row[2]
    return tables


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return "required"
    value = field.default
    if value in (None, "", ()):
        return "none"
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(f"`{_text(part)}`" for part in values)


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("model", "table"), list(zip(MODELS, _tables(), strict=True)), ids=lambda part: str(part)[:40])
def test_every_key_has_its_default(model: type[Reference], table: dict[str, str]) -> None:
    """In the order of the model."""
    assert {name: _default(model, name) for name in model.model_fields} == table
    assert list(model.model_fields) == list(table)


def test_every_pattern_is_explained_in_words() -> None:
    """A refused value is told what to write, never a regular expression."""
    patterns = {pattern for model in MODELS for pattern in re.findall(r'"pattern": ?"(.*?)"', _schema(model))}
    assert not {pattern.replace("\\\\", "\\") for pattern in patterns} - explained_patterns()


def _schema(model: type[BaseModel]) -> str:
    return json.dumps(model.model_json_schema())


def test_every_class_is_described() -> None:
    """Each has its place in the table of numbering.md."""
    page = (DOCS / "numbering.md").read_text(encoding="utf-8")
    assert not [number_class for number_class in NumberClass if f"`{number_class}`" not in page]
