"""Members of JSON objects become columns of facts, as the types of a structure's fields say it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.columns import Mask, as_mask
from pipeline.mediation.json_columns import Members
from pipeline.mediation.record_bytes import Places, RecordBytes, Words
from pipeline.mediation.word_times import instants
from pipeline.mediation.word_values import FIRST_CHARACTERS, whole_numbers, word_of
from schemas.cdr import INSTANT


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


Reader = Callable[[RecordBytes, Members, Rule], Column]


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


def read_column(content: RecordBytes, members: Members, rule: Rule) -> Column:
    """The values of the members with this rule."""
    if members.is_text.all():
        return rule.read(content, members, rule)
    is_null = ~members.is_text & _stands(content.words, members, "null")
    column = rule.read(content, members.where(~is_null), rule)
    nulls = members.records[is_null]
    return column if rule.nullable or not len(nulls) else column._replace(misfits=np.append(column.misfits, nulls))


def _stands(words: Words, members: Members, text: str) -> Mask:
    same: Mask = (words[members.starts] & FIRST_CHARACTERS[len(text)]) == word_of(text)
    same &= members.ends - members.starts == len(text)
    return same


def _text(content: RecordBytes, members: Members, rule: Rule) -> Column:
    texts = content.texts(members.starts, members.ends, _rows(content, members))
    fit = members.is_text & (members.ends > members.starts)
    if rule.choices is not None:
        fit &= as_mask(pc.is_in(texts, rule.choices))[members.records]
    return Column(texts, members.records[~fit])


def _rows(content: RecordBytes, members: Members) -> Places | None:
    """Which of the members each record has; none where it is just the one at the same place."""
    if len(members.records) == content.number:
        return None
    rows = np.full(content.number, -1, np.int32)
    rows[members.records] = np.arange(len(members.records), dtype=np.int32)
    return rows


def _whole(content: RecordBytes, members: Members, rule: Rule) -> Column:
    numbers, readable = whole_numbers(content.words, members.starts, members.ends)
    fit = readable & ~members.is_text & (numbers >= rule.least) & (numbers <= rule.most)
    return _spread(content, members, numbers, fit)


def _truth(content: RecordBytes, members: Members, rule: Rule) -> Column:  # noqa: ARG001 - every reader has this form
    true, false = (_stands(content.words, members, text) for text in ("true", "false"))
    return _spread(content, members, true, ~members.is_text & (true | false))


def _instant(content: RecordBytes, members: Members, rule: Rule) -> Column:  # noqa: ARG001 - as above
    micros, readable = instants(content.words, members.starts, members.ends)
    column = _spread(content, members, micros, readable & members.is_text)
    return column._replace(values=column.values.cast(INSTANT))


def _spread(content: RecordBytes, members: Members, values: "np.ndarray[Any, Any]", fit: Mask) -> Column:
    """Values of the members that fit; all other records have none."""
    spread, unknown = np.zeros(content.number, values.dtype), np.ones(content.number, bool)
    spread[members.records] = values
    unknown[members.records] = ~fit
    return Column(pa.array(spread, mask=unknown), members.records[~fit])
