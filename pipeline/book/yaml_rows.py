"""Rows of a YAML file of the book: a list of records, each of one model, each value with its line."""

from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml import CBaseLoader

from pipeline.book.models import Path, field_type, item_type, path_name, refusals
from pipeline.book.problems import FileProblem
from pipeline.book.texts import FieldKind, read_text

Row = TypeVar("Row", bound=BaseModel)

_NOTHING = frozenset({"", "~", "null"})


class Rows(NamedTuple, Generic[Row]):
    """What a file gave: the rows that are right, where their values stand, and what is wrong with the others."""

    rows: list[Row]
    lines: list[Mapping[Path, int]]
    """For each row, the line of each of its values; `()` is the row itself."""
    problems: list[FileProblem]


def read_rows(text: str, file: str, model: type[Row]) -> Rows[Row]:
    """Read a list of records. An empty file is an empty list."""
    found: Rows[Row] = Rows([], [], [])
    try:
        root = yaml.compose(text, Loader=CBaseLoader)
    except yaml.YAMLError as error:
        found.problems.append(_not_yaml(error, file))
        return found
    if root is not None and not isinstance(root, yaml.SequenceNode):
        expected = f"a list of records, each beginning with a dash and {next(iter(model.model_fields))}"
        found.problems.append(FileProblem(file, 1, "", "something else than a list", expected))
    elif root is not None:
        for node in root.value:
            _read_row(node, file, model, found)
    return found


def read_record(text: str, file: str, model: type[Row]) -> Rows[Row]:
    """Read a file that holds one record."""
    found: Rows[Row] = Rows([], [], [])
    try:
        root = yaml.compose(text, Loader=CBaseLoader)
    except yaml.YAMLError as error:
        found.problems.append(_not_yaml(error, file))
        return found
    if root is None:
        found.problems.append(FileProblem(file, 1, "", "nothing", f"the keys {', '.join(model.model_fields)}"))
    else:
        _read_row(root, file, model, found)
    return found


def _read_row(node: yaml.Node, file: str, model: type[Row], found: Rows[Row]) -> None:
    lines: dict[Path, int] = {}
    repeated = [
        FileProblem(file, line, str(key), f"{key} a second time", "each key once") for key, line in repeated_keys(node)
    ]
    found.problems.extend(repeated)
    values = _value(node, model, (), lines)
    try:
        row = model.model_validate(values)
    except ValidationError as error:
        for path, what, expected in refusals(error, model):
            found.problems.append(FileProblem(file, _nearest(lines, path), path_name(path), what, expected))
        return
    found.rows.append(row)
    found.lines.append(lines)


def _value(node: yaml.Node, kind: FieldKind, path: Path, lines: dict[Path, int]) -> object:
    """The value of a node for a field of that type; notes the line of everything in it."""
    lines[path] = int(node.start_mark.line) + 1
    if isinstance(node, yaml.SequenceNode):
        inner = item_type(kind)
        return tuple(_value(item, inner, (*path, position), lines) for position, item in enumerate(node.value))
    if isinstance(node, yaml.MappingNode):
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else BaseModel
        items = [(key.value, value) for key, value in node.value if not _is_nothing(value)]
        return {key: _value(value, field_type(model, key), (*path, key), lines) for key, value in items}
    return read_text(node.value, kind)


def _is_nothing(node: yaml.Node) -> bool:
    """An empty plain scalar leaves its field out, so that the default holds."""
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NOTHING


def _nearest(lines: Mapping[Path, int], path: Path) -> int:
    """Line of the value, or of the nearest thing around it that is there."""
    while path and path not in lines:
        path = path[:-1]
    return lines[path]


def repeated_keys(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Keys that stand a second time in one mapping, anywhere below a node, with their lines."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated_keys(item)


def _not_yaml(error: yaml.YAMLError, file: str) -> FileProblem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    what = getattr(error, "problem", None) or str(error)
    return FileProblem(file, line, "", what, "YAML; quote text that holds a colon")
