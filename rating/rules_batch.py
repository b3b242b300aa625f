"""The rules of each row of a batch: every combination that can occur is a text, made once."""

from itertools import product
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from rating.columns import Integers
from rating.rules import Rule
from rating.tables import table_of
from rating.trunks import TRUNK_RULES

NO_TRUNK = len(TRUNK_RULES)
FREE_LEG, UNANSWERED, FREE_CLASS, OUTBOUND_DECK, INBOUND_DECK, FORWARD_DECK = range(6)
_STEPS: tuple[tuple[Rule | None, ...], ...] = (
    (*TRUNK_RULES, None),
    (None, Rule.DIRECTION_BY_DID),
    (Rule.FREE_LEG, Rule.UNANSWERED, Rule.FREE_CLASS, Rule.OUTBOUND_DECK, Rule.INBOUND_DECK, Rule.FORWARD_DECK),
    (None, Rule.RATE_HOURS),
    (None, Rule.RATE_TIERS),
    (None, Rule.UNLIMITED),
    (None, Rule.ZERO_SECONDS),
    (None, Rule.SHORT_CALL),
)
"""One of each, in the order in which they are written."""
_SIZES = tuple(len(step) for step in _STEPS)

RULE_TEXTS: pa.RecordBatch = table_of(rule_ids=[" ".join(filter(None, chosen)) for chosen in product(*_STEPS)])


class Chosen(NamedTuple):
    """The choice that each row makes at each step; for a yes or no 1 or 0, and 0 alone where all rows say no."""

    trunk: Integers
    is_by_did: Integers | int
    step: Integers
    is_bound: Integers | int
    is_tiered: Integers | int
    is_included: Integers | int
    is_zero: Integers | int
    is_short: Integers | int

    def positions(self) -> Integers:
        """Position of each row's rules in `RULE_TEXTS`."""
        position = np.zeros_like(self.trunk)
        for size, choice in zip(_SIZES, self, strict=True):
            position = position * size + choice
        return position
