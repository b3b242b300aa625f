"""Strict YAML: every scalar is read as text and checked by a model, and every problem names its line.

YAML's own guesses (a rate as a float, NO as false) never happen. Unknown and repeated keys are problems.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from pipeline.book.yaml_rows import repeated_keys
from pipeline.tax.problems import FileProblem, TaxDataError

_LOADER = yaml.CBaseLoader
"""Every scalar is text; libyaml reads six times as fast as the loader in Python."""

_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,10})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Record(BaseModel):
    """Base of what a file holds: immutable, and strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


AnyRecord = TypeVar("AnyRecord", bound=Record)


def _decimal_text(text: object) -> object:
    if isinstance(text, str) and not _DECIMAL.fullmatch(text):
        raise ValueError("a decimal of digits with at most one point, such as 0.06875")
    return text


def _day_text(text: object) -> object:
    if isinstance(text, str) and not _DAY.fullmatch(text):
        raise ValueError("a day such as 2026-04-01")
    return text


Number = Annotated[Decimal, BeforeValidator(_decimal_text)]
Day = Annotated[date, BeforeValidator(_day_text)]


def read_record(text: str, file: str, model: type[AnyRecord]) -> AnyRecord:
    """Read one YAML document as a record. TaxDataError lists every problem with its line."""
    try:
        root = _compose(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        expected = "YAML; quote text that holds a colon"
        raise TaxDataError([FileProblem(file, line, str(error.problem), expected)]) from None
    if root is None:
        raise TaxDataError([FileProblem(file, 1, "nothing", f"the keys {', '.join(model.model_fields)}")])
    repeated = [FileProblem(file, line, f"{key} a second time", "each key once") for key, line in repeated_keys(root)]
    if repeated:
        raise TaxDataError(repeated)
    try:
        return model.model_validate(yaml.load(text, Loader=_LOADER))  # noqa: S506 - text only, no objects
    except ValidationError as error:
        raise TaxDataError(_problems(error, root, file, model)) from None


def _compose(text: str) -> yaml.Node | None:
    """The tree of a text. What cannot be read is read again by the loader that points at the right line."""
    try:
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError:
        return yaml.compose(text, Loader=yaml.BaseLoader)


def _problems(error: ValidationError, root: yaml.Node, file: str, model: type[Record]) -> Iterator[FileProblem]:
    for detail in error.errors():
        line = _line_of(root, detail["loc"])
        name = ".".join(str(part) for part in detail["loc"])
        match detail["type"]:
            case "extra_forbidden":
                yield FileProblem(
                    file, line, f"unknown key {name}", f"one of {', '.join(_known(model, detail['loc']))}"
                )
            case "missing":
                yield FileProblem(file, line, f"no {name}", f"the key {name}")
            case _:
                expected = detail["msg"].removeprefix("Value error, ")
                yield FileProblem(file, line, f"{detail['input']!r} for {name}", expected)


def line_at(text: str, path: Sequence[str | int]) -> int:
    """Line of the value at a path, such as `("values", 2)`, of a document that was read before."""
    root = _compose(text)
    return 1 if root is None else _line_of(root, path)


def _known(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Keys of the record that holds the last part of a path."""
    for part in path[:-1]:
        if isinstance(part, str):
            model = _record_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _record_in(annotation: object) -> type[BaseModel] | None:
    """The record that a field holds, alone, in a tuple, or optionally."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _record_in(inner))), None)


def _line_of(node: yaml.Node, path: Sequence[str | int]) -> int:
    """Line of the value at a path, or of the nearest thing around it."""
    for part in path:
        inner = _child(node, part)
        if inner is None:
            break
        node = inner
    return int(node.start_mark.line) + 1


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        inner: yaml.Node = node.value[part]
        return inner
    return None
