"""Members of JSON objects become columns of facts, as the types of a structure's fields say it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask, number_column
from pipeline.mediation.iso_columns import iso_instants
from pipeline.mediation.json_columns import Members
from pipeline.mediation.record_bytes import Places, RecordBytes, Words
from pipeline.mediation.word_values import FIRST_CHARACTERS, whole_numbers, word_of

_NULL = ord("n")


class Rule(NamedTuple):
    """What a field may hold."""

    read: "Reader"
    nullable: bool
    least: int = 0
    most: int = 2**53
    choices: pa.Array | None = None
    """The only texts that it may hold."""


class Column(NamedTuple):
    """One field of all records, null where it is not known."""

    values: pa.Array
    misfits: Places
    """Records with a value that the rule does not allow."""


Values = np.ndarray[Any, Any]
Reader = Callable[[RecordBytes, Members, Rule, pa.DataType], Column]


def rules_of(struct: type[msgspec.Struct]) -> Mapping[str, Rule]:
    """The rules of a structure of texts, whole numbers that are not negative, truth values and times."""
    info = msgspec.inspect.type_info(struct)
    fields = info.fields if isinstance(info, msgspec.inspect.StructType) else ()
    return {field.encode_name: _rule(field.type) for field in fields}


def _rule(info: msgspec.inspect.Type) -> Rule:
    types = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    kinds = [kind for kind in types if not isinstance(kind, msgspec.inspect.NoneType)]
    return _rule_of(kinds[0], nullable=len(kinds) < len(types))


def _rule_of(kind: msgspec.inspect.Type, *, nullable: bool) -> Rule:
    match kind:
        case msgspec.inspect.IntType(ge=int(least), le=int(most)):
            return Rule(_whole, nullable, max(least, 0), most)
        case msgspec.inspect.BoolType():
            return Rule(_truth, nullable)
        case msgspec.inspect.DateTimeType():
            return Rule(_instant, nullable)
        case msgspec.inspect.LiteralType():
            return Rule(_text, nullable, choices=pa.array(kind.values, pa.string()))
        case msgspec.inspect.EnumType():
            return Rule(_text, nullable, choices=pa.array(list(map(str, kind.cls)), pa.string()))
        case _:
            return Rule(_text, nullable)


def read_column(content: RecordBytes, members: Members, rule: Rule, data_type: pa.DataType) -> Column:
    """The values of the members with this rule."""
    if members.is_text.all():
        return rule.read(content, members, rule, data_type)
    is_null = ~members.is_text & (content.data.take(members.starts) == _NULL)
    if not is_null.any():
        return rule.read(content, members, rule, data_type)
    is_null &= _stands(content.words[members.starts], members, "null")
    column = rule.read(content, members.where(~is_null), rule, data_type)
    nulls = members.records.compress(is_null)
    return column if rule.nullable or not len(nulls) else column._replace(misfits=np.append(column.misfits, nulls))


def _stands(begins: Words, members: Members, text: str) -> Mask:
    same: Mask = (begins & FIRST_CHARACTERS[len(text)]) == word_of(text)
    same &= members.ends - members.starts == len(text)
    return same


def _text(content: RecordBytes, members: Members, rule: Rule, data_type: pa.DataType) -> Column:  # noqa: ARG001
    texts = content.texts(members.starts, members.ends, _rows(content, members))
    fit = members.is_text & (members.ends > members.starts)
    if rule.choices is not None:
        fit &= as_mask(pc.is_in(texts, rule.choices)).take(members.records)
    return Column(texts, members.records.compress(~fit))


def _rows(content: RecordBytes, members: Members) -> Places | None:
    """Which of the members each record has; none where it is just the one at the same place."""
    if len(members.records) == content.number:
        return None
    rows = np.full(content.number, -1, np.int32)
    rows[members.records] = np.arange(len(members.records), dtype=np.int32)
    return rows


def _whole(content: RecordBytes, members: Members, rule: Rule, data_type: pa.DataType) -> Column:
    numbers, readable = whole_numbers(content.words, members.starts, members.ends)
    fit = readable & ~members.is_text & (numbers >= rule.least) & (numbers <= rule.most)
    spread = _spread(content, members, numbers, fit)
    return Column(number_column(*spread, data_type), members.records.compress(~fit))


def _truth(content: RecordBytes, members: Members, rule: Rule, data_type: pa.DataType) -> Column:  # noqa: ARG001
    begins = content.words[members.starts]
    true, false = (_stands(begins, members, text) for text in ("true", "false"))
    fit = ~members.is_text & (true | false)
    values, known = _spread(content, members, true, fit)
    return Column(pa.array(values, mask=~known), members.records.compress(~fit))


def _instant(content: RecordBytes, members: Members, rule: Rule, data_type: pa.DataType) -> Column:  # noqa: ARG001
    micros, readable = iso_instants(content.texts(members.starts, members.ends))
    fit = readable & members.is_text
    return Column(number_column(*_spread(content, members, micros, fit), data_type), members.records.compress(~fit))


def _spread(content: RecordBytes, members: Members, values: Values, fit: Mask) -> tuple[Values, Mask]:
    """Values of the members that fit; all other records have none."""
    if len(members.records) == content.number:
        return values, fit
    spread, known = np.zeros(content.number, values.dtype), np.zeros(content.number, bool)
    spread[members.records] = values
    known[members.records] = fit
    return spread, known
