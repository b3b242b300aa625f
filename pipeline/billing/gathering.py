"""Everything that SQL finds for some accounts, gathered once: calls, overage, earlier lines, adjustments, digests.

The order matters: calls are selected, then the months that they touch, then fair use over all calls of those months,
then what moves onto documents.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.billing.document import CallDigest
from pipeline.billing.documents.calls import NO_CALLS, CallLists, call_lists, digest_of
from pipeline.billing.drafts import Found
from pipeline.billing.earlier import EarlierLines, earlier_lines
from pipeline.billing.fees import allowance
from pipeline.billing.lines import Balances
from pipeline.billing.months import Month
from pipeline.billing.overage import Allowance, keep_overage
from pipeline.billing.schema import LineKind
from pipeline.billing.snapshot import Snapshot
from pipeline.billing.summed import Owner, overage_by_account, usage_by_owner
from rating.book import RateBook

_CURRENCIES = "SELECT account_id, list(DISTINCT currency) AS currencies FROM moved GROUP BY account_id"


class Gathered(NamedTuple):
    """What SQL found, by account; `notes` by account and corrected invoice."""

    fresh: dict[Owner, Balances]
    standing: dict[Owner, Balances]
    overage: dict[str, Balances]
    standing_overage: dict[str, Balances]
    earlier: dict[str, EarlierLines]
    lists: CallLists
    digests: dict[Owner, CallDigest]
    adjustments: dict[str, list[Mapping[str, Any]]]
    currencies: dict[str, frozenset[str]]
    corrected: list[tuple[str, str]]

    def found(self, account_id: str) -> Found:
        """What the next invoice of an account is made of."""
        owner = (account_id, None)
        return Found(
            self.fresh.get(owner, {}),
            self.overage.get(account_id, {}),
            self.digests.get(owner, NO_CALLS),
            tuple(self.adjustments.get(account_id, ())),
            self.currencies.get(account_id, frozenset()),
        )


def gather(snapshot: Snapshot, book: RateBook, accounts: Sequence[str], period: str, *, notes_only: bool) -> Gathered:
    """Ask the snapshot everything about these accounts. `notes_only` leaves aside what waits for the next invoice."""
    snapshot.put_accounts(accounts)
    snapshot.table("fresh", as_name="selected")
    snapshot.table("taken_back")
    snapshot.table("corrected")
    snapshot.table("touched_months", as_name="touched")
    snapshot.table("standing")
    snapshot.view("standing_of_touched")
    fresh, standing = usage_by_owner(snapshot, "selected"), usage_by_owner(snapshot, "standing")
    touched = [(row["account_id"], row["trunk_id"], row["service_period"]) for row in snapshot.select("FROM touched")]
    _keep_overage(snapshot, book, touched, _full_trunks(fresh, book, period))
    snapshot.view("moved")
    snapshot.view("moved_listing", as_name="listing")
    lists = call_lists(snapshot)
    return Gathered(
        fresh,
        standing,
        overage_by_account(snapshot, "overage"),
        overage_by_account(snapshot, "standing_overage"),
        earlier_lines(snapshot),
        lists,
        _digests(lists),
        {} if notes_only else _adjustments(snapshot),
        {row["account_id"]: frozenset(row["currencies"]) for row in snapshot.select(_CURRENCIES)},
        [(row["account_id"], row["root"]) for row in snapshot.select("FROM corrected ORDER BY account_id, root")],
    )


def _keep_overage(
    snapshot: Snapshot, book: RateBook, touched: Iterable[tuple[str, str, str]], full: Iterable[Allowance]
) -> None:
    """Fair use over all calls of touched months and of this one, then over what stands on documents."""
    again = [found for account, trunk, month in touched if (found := _allowance(book, account, trunk, month))]
    snapshot.view("pooled")
    keep_overage(snapshot, [*again, *full], "overage")
    snapshot.alias("pooled", "standing_of_touched")
    keep_overage(snapshot, again, "standing_overage")


def _full_trunks(fresh: Mapping[Owner, Balances], book: RateBook, period: str) -> list[Allowance]:
    """Allowances of this month that its calls exceed."""
    used: dict[tuple[str, str], int] = defaultdict(int)
    for (account, _), lines in fresh.items():
        for key, sums in lines.items():
            if key.kind == LineKind.INCLUDED and key.service_period == period and key.trunk_id is not None:
                used[account, key.trunk_id] += sums.call_seconds
    allowances = ((seconds, _allowance(book, *owner, period)) for owner, seconds in used.items())
    return [found for seconds, found in allowances if found is not None and seconds > found.allowance_seconds]


def _allowance(book: RateBook, account: str, trunk: str, period: str) -> Allowance | None:
    if trunk not in book.trunks or account not in book.accounts:
        return None
    return allowance(Month.of(book, book.accounts[account], period), book.trunks[trunk])


def _digests(lists: CallLists) -> dict[Owner, CallDigest]:
    owners = ((place.partition("\n"), calls) for place, calls in lists.by_place.items())
    return {(account_id, root or None): digest_of(calls) for (account_id, _, root), calls in owners}


def _adjustments(snapshot: Snapshot) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in snapshot.rows("waiting_adjustments"):
        found[row["account_id"]].append(row)
    return found
