"""Why an account is not closed while the others are."""

from enum import StrEnum
from typing import NamedTuple

from rating.tax.result import TaxStop


class ParkReason(StrEnum):
    """Closed list; the reasons of tax come from the tax rules."""

    BALANCE = "BALANCE"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    CURRENCY = "CURRENCY"
    TAX_CHANGED = "TAX_CHANGED"
    RATE_MISSING = "RATE_MISSING"
    JURISDICTION_AMBIGUOUS = "JURISDICTION_AMBIGUOUS"
    ENGINE_REFUSED = "ENGINE_REFUSED"


class Parked(NamedTuple):
    """An account whose documents wait, and what to do about it. Nothing was written for it."""

    account_id: str
    reason: ParkReason
    detail: str


def parked_by_tax(account_id: str, stop: TaxStop) -> Parked:
    """Everything that tax misses, in one message."""
    detail = "\n".join(problem.message for problem in stop.problems)
    return Parked(account_id, ParkReason(stop.problems[0].reason), detail)


def unknown_account(account_id: str, calls: int) -> Parked:
    """Calls were rated for an account that has left the book since."""
    return Parked(
        account_id,
        ParkReason.UNKNOWN_ACCOUNT,
        f"The book has no account {account_id}, which has {calls} calls up to this month. Put it back into "
        "accounts.yaml, then close again.",
    )


def out_of_balance(account_id: str, sources: str) -> Parked:
    """The ledger does not add up where the account's calls come from."""
    return Parked(
        account_id,
        ParkReason.BALANCE,
        f"The balance of {sources} is not zero: a record has no or several current rows. See `trunkline audit`, "
        "correct the ledger, then close again.",
    )
