"""What earlier documents asked for, where the documents of this close continue or correct them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.billing.lines import Balances, Line, Sums, sums_of
from pipeline.billing.schema import LineKind
from pipeline.billing.snapshot import Snapshot

OF_CALLS = frozenset({LineKind.USAGE, LineKind.INCLUDED, LineKind.FREE, LineKind.OVERAGE})


class EarlierLines(NamedTuple):
    """Lines of one account: the sums of its call lines over all documents, and the documents' own lines by invoice."""

    whole: Balances
    by_root: dict[str, list[Line]]

    @classmethod
    def none(cls) -> "EarlierLines":
        """An account without earlier documents."""
        return cls({}, {})

    def of_calls(self, root: str) -> Balances:
        """Sums of the call lines of an invoice and its notes."""
        sums: Balances = {}
        for line in self.by_root.get(root, []):
            if line.kind in OF_CALLS:
                add(sums, {line.key: sums_of(line._asdict())})
        return sums


def earlier_lines(snapshot: Snapshot) -> dict[str, EarlierLines]:
    """Lines of the touched months and corrected invoices, by account."""
    found: dict[str, EarlierLines] = defaultdict(EarlierLines.none)
    for row in snapshot.rows("earlier_lines"):
        line = _line(row)
        account = found[row["account_id"]]
        account.by_root.setdefault(row["root"], []).append(line)
        if line.kind in OF_CALLS:
            add(account.whole, {line.key: sums_of(row)})
    return found


def add(balances: Balances, changes: Mapping[Any, Sums]) -> None:
    """Add changes to sums in place."""
    for key, change in changes.items():
        balances[key] = balances.get(key, Sums()).plus(change)


def _line(row: Mapping[str, Any]) -> Line:
    return Line(**{name: row[name] for name in Line._fields})
