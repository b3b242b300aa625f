"""Text of a file becomes the value that its field asks for; text that does not is left for the model to refuse.

Files hold text only: neither YAML nor CSV may guess that a rate is a float, that NO is false or that 2026 is a year.
"""

import re
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import AwareDatetime

FieldKind: TypeAlias = Any
"""The type that a field asks for: int, bool, a time, an enumeration, a model, a tuple of them, or text."""

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


@lru_cache(maxsize=1024)
def plain_type(annotation: FieldKind) -> FieldKind:
    """The type behind `Annotated` and `| None`: what a text of this field is read as."""
    origin: FieldKind = get_origin(annotation)
    if origin is Annotated:
        return plain_type(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        (inner,) = (part for part in get_args(annotation) if part is not type(None))
        return plain_type(inner)
    return annotation


def read_text(text: str, kind: FieldKind) -> object:
    """The value of `text` for a plain type; the text itself where it is none, so that the model names the problem."""
    if kind is int:
        return int(text) if _INTEGER.fullmatch(text) else text
    if kind is bool:
        return _BOOLEANS.get(text, text)
    if kind is AwareDatetime:
        return read_instant(text)
    if kind is date:
        return _read_day(text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _member(text, kind)
    return text


@lru_cache(maxsize=4096)
def read_instant(text: str) -> datetime | str:
    """`2026-01-01T00:00:00Z`; the text itself if it is no such time. Decks repeat few instants, hence the cache."""
    if not _INSTANT.fullmatch(text):
        return text
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _read_day(text: str) -> date | str:
    if not _DAY.fullmatch(text):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _member(text: str, kind: type[Enum]) -> object:
    try:
        return kind(text)
    except ValueError:
        return text
