"""The last records of a partition, whole enough to be compared; what is older is looked up in the ledger."""

import numpy as np
import pyarrow as pa

from pipeline.rate.sorted_hashes import Hashes, SortedHashes

RECENT_MAX = 100_000
"""Records of one generation; two generations are kept, at about 150 bytes a record."""


class RecentCalls:
    """Identities of the last RECENT_MAX to twice RECENT_MAX records kept."""

    def __init__(self, recent_max: int = RECENT_MAX) -> None:
        self._recent_max = recent_max
        self._young, self._old = _Generation(), _Generation()

    def add(self, identities: pa.Table) -> list[pa.Table]:
        """Take in records; return those that went out of memory for them."""
        self._young.add(identities)
        if self._young.rows < self._recent_max:
            return []
        gone, self._old, self._young = self._old, self._young, _Generation()
        return gone.tables

    def of_groups(self, groups: Hashes) -> list[pa.Table]:
        """The records of these groups, in order of arrival."""
        return [*self._old.of_groups(groups), *self._young.of_groups(groups)]


class _Generation:
    def __init__(self) -> None:
        self.tables: list[pa.Table] = []
        self.rows = 0
        self._groups = SortedHashes()

    def add(self, identities: pa.Table) -> None:
        self.tables.append(identities)
        self.rows += len(identities)
        self._groups.add(identities.column("group").to_numpy())

    def of_groups(self, groups: Hashes) -> list[pa.Table]:
        wanted = groups[self._groups.contain(groups)]
        if not len(wanted):
            return []
        return [table.filter(np.isin(table.column("group").to_numpy(), wanted)) for table in self.tables]
