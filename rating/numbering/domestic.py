"""The domestic set of an UNLIMITED plan: classes less listed prefixes, both plan parameters (numbering.md C.2)."""

import numpy as np

from rating.columns import Flags
from rating.numbering.batch import NumberColumn
from rating.numbering.kinds import Number
from rating.prefixes import number_key, number_keys
from schemas.reference import Plan

_LENGTH_BITS = 0b1111


def is_domestic(number: Number, plan: Plan) -> bool:
    """Whether the set holds the number; whether the plan includes calls to it is another question (Rating 9)."""
    if number.e164 is None or number.kind.number_class not in plan.domestic_classes:
        return False
    return not number.e164[1:].startswith(plan.excluded_prefixes)


def domestic_column(numbers: NumberColumn, plan: Plan) -> Flags:
    """`is_domestic` of a column."""
    of_kind = np.array([kind.number_class in plan.domestic_classes for kind in numbers.kinds], np.bool_)
    domestic: Flags = of_kind[numbers.kind] & (numbers.length > 0)
    keys = number_keys(numbers.digits, numbers.length)
    for prefix in plan.excluded_prefixes:
        first = number_key(int(prefix), len(prefix))
        behind = number_key(int(prefix) + 1, len(prefix)) & ~_LENGTH_BITS
        domestic &= (keys < first) | (keys >= behind)
    return domestic
