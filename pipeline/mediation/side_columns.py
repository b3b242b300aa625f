"""Which end of a call faces the customer, in columns: the twin of `feed.customer_side`."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.mediation.feed import FeedOptions, Side, customer_side
from pipeline.mediation.identity import SEPARATOR
from pipeline.mediation.text_columns import mapped


class Sides(NamedTuple):
    """Direction and trunk of each row, as far as the record says them."""

    direction: pa.Array
    trunk_id: pa.Array


def customer_sides(options: FeedOptions, ingress: Sequence[pa.Array], egress: Sequence[pa.Array]) -> Sides:
    """Every different set of groups is looked at once. No text of a record holds the separator."""
    groups = pc.binary_join_element_wise(*ingress, *egress, SEPARATOR)

    def side(text: str) -> Side:
        names = text.split(SEPARATOR)
        return customer_side(options, names[: len(ingress)], names[len(ingress) :])

    return Sides(
        mapped(groups, lambda text: side(text).direction, pa.string()),
        mapped(groups, lambda text: side(text).trunk_id, pa.string()),
    )
