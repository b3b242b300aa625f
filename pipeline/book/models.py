"""What a model of the book refuses, in words that say what to write instead."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.book.texts import FieldKind, plain_type

Path = tuple[str | int, ...]

_TIER = r"[0-9]{1,5}:[0-9]{1,9}(\.[0-9]{1,9})?/[1-9][0-9]{0,4}"
_BY_PATTERN = {
    r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$": "a name of letters, digits and _ . : -, at most 128 of them",
    r"^[0-9]{1,9}(\.[0-9]{1,9})?$": "money in digits, with at most nine decimals after one point, such as 0.0115",
    r"^[0-9]{1,15}$": "1 to 15 digits without plus, blanks or 00",
    r"^[A-Z]{2}$": "a country of two capital letters, such as US (ISO 3166)",
    r"^[A-Z]{3}$": "a currency of three capital letters, such as USD (ISO 4217)",
    r"^\+[0-9]{7,15}$": "a number in E.164 with its plus, such as +16125550100",
    r"^[0-9]{3}$": "three digits",
    rf"^{_TIER}(;{_TIER})*$": "a second, a rate and its step, and further ones: 60:0.05/1;120:0.02/6",
}
_BY_TYPE = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "one text",
    "datetime_type": "a time with its zone, such as 2026-01-01T00:00:00Z",
    "date_type": "a day such as 2026-01-01",
    "tuple_type": "a list",
    "model_type": "keys and values",
}


def explained_patterns() -> set[str]:
    """Patterns of the models that have an explanation."""
    return set(_BY_PATTERN)


class Refused(NamedTuple):
    """One refusal of a model: the place in the row, what stands there, what should."""

    path: Path
    found: str
    expected: str


def refusals(error: ValidationError, model: type[BaseModel]) -> Iterator[Refused]:
    """Everything that the model refused, in the order of its fields."""
    for detail in error.errors(include_url=False):
        path = tuple(detail["loc"])
        name = path_name(path)
        match detail["type"]:
            case "missing":
                yield Refused(path[:-1], f"no {name}", f"a value for {name}")
            case "extra_forbidden":
                yield Refused(path, f"the unknown key {path[-1]}", f"one of {', '.join(_keys(model, path[:-1]))}")
            case "too_short" if any(other["loc"][: len(path)] == path for other in error.errors() if other != detail):
                continue
            case _:
                yield Refused(path, _shown(detail["input"]), _expected(detail, model))


def path_name(path: Path) -> str:
    """`channel_limits.0.channel_limit`."""
    return ".".join(str(part) for part in path)


def field_type(model: type[BaseModel], name: str) -> FieldKind:
    """What a text of the field is read as; str for a key that the model does not know."""
    field = model.model_fields.get(name)
    if field is None:
        return str
    annotation: FieldKind = field.annotation
    return plain_type(annotation)


def item_type(kind: FieldKind) -> FieldKind:
    """What the items of a list are read as."""
    arguments = get_args(kind)
    return plain_type(arguments[0]) if arguments else str


def _keys(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    kind: FieldKind = model
    for part in path:
        kind = item_type(kind) if isinstance(part, int) else field_type(kind, part)
    return list(kind.model_fields)


def _expected(detail: ErrorDetails, model: type[BaseModel]) -> str:
    context = detail.get("ctx", {})
    if "pattern" in context:
        return _BY_PATTERN.get(context["pattern"], f"text that matches {context['pattern']}")
    if detail["type"] == "is_instance_of":
        members = field_type(model, str(detail["loc"][-1]))
        return f"one of {', '.join(member.value for member in members)}"
    return _BY_TYPE.get(detail["type"], detail["msg"].removeprefix("Input should be ").removeprefix("Value error, "))


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value else repr(value)
