"""Which numbers are a trunk's own, for batches."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from rating.columns import Flags, Integers
from rating.prefixes import number_key, number_keys


class OwnNumbers(NamedTuple):
    """The DIDs of numbered trunks: distinct number keys in order, and who has which, as sorted pairs."""

    keys: Integers
    pairs: Integers
    trunks: int

    @classmethod
    def build(cls, dids: Sequence[Sequence[str]]) -> Self:
        """`dids[k]` are the DIDs of trunk k, E.164 with a plus."""
        owned = [(number_key(int(did[1:]), len(did) - 1), trunk) for trunk, own in enumerate(dids) for did in own]
        key, trunk = np.array(owned, np.int64).reshape(-1, 2).T
        keys = np.unique(key)
        pairs = np.unique(np.searchsorted(keys, key) * len(dids) + trunk)
        return cls(keys, pairs, len(dids))

    def has(self, trunk: Integers, digits: Integers, length: Integers) -> Flags:
        """Whether number i is a DID of trunk i."""
        if not self.keys.size:
            return np.zeros(len(trunk), np.bool_)
        key = number_keys(digits, length)
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        pair = place * self.trunks + trunk
        found = np.minimum(np.searchsorted(self.pairs, pair), len(self.pairs) - 1)
        owns: Flags = (self.keys[place] == key) & (self.pairs[found] == pair)
        return owns
