"""Calls of a set, summed by SQL to the lines of documents, and the overage of fair use beside them."""

from collections import defaultdict

from pipeline.billing.earlier import add
from pipeline.billing.lines import Balances, key_of, sums_of
from pipeline.billing.snapshot import Snapshot

Owner = tuple[str, str | None]
"""Account, and the invoice that is corrected; None for what goes on the next invoice."""


def usage_by_owner(snapshot: Snapshot, relation: str) -> dict[Owner, Balances]:
    """Lines of the calls of a relation."""
    snapshot.alias("summed", relation)
    found: dict[Owner, Balances] = defaultdict(dict)
    for row in snapshot.rows("usage_lines"):
        add(found[row["account_id"], row["root"]], {key_of(row): sums_of(row)})
    return found


def overage_by_account(snapshot: Snapshot, relation: str) -> dict[str, Balances]:
    """Lines of the seconds beyond the allowances."""
    snapshot.alias("summed_overage", relation)
    found: dict[str, Balances] = defaultdict(dict)
    for row in snapshot.rows("overage_lines"):
        add(found[row["account_id"]], {key_of(row): sums_of(row)})
    return found
