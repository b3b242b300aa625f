"""What each plan says of each class of numbers, for batches."""

from collections.abc import Sequence

import numpy as np

from rating.columns import Integers
from rating.leg import REFUSED_CLASSES
from rating.numbering.kinds import NumberClass
from schemas.reference import Plan

CLASSES = {number_class: position for position, number_class in enumerate(NumberClass)}
"""Columns of the table."""

ORDINARY, FREE, REFUSED = range(3)


def class_verdicts(plans: Sequence[Plan]) -> Integers:
    """A row for each plan, a column for each of CLASSES: ORDINARY, FREE or REFUSED."""
    rows = [[_verdict(number_class, plan) for number_class in CLASSES] for plan in plans]
    return np.array(rows, np.int64).reshape(-1, len(CLASSES))


def _verdict(number_class: NumberClass, plan: Plan) -> int:
    if number_class in REFUSED_CLASSES or number_class in plan.blocked_classes:
        return REFUSED
    return FREE if number_class in plan.free_classes else ORDINARY
