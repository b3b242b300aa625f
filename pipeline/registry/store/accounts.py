"""Accounts as staff see them, and how many trunks one may have."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipeline.registry.problems import NotFound, Refused
from pipeline.registry.shapes.staff import Account
from pipeline.registry.store.desk import Registry
from pipeline.registry.tables import AccountRow, TrunkRow

KIND = "account"


def get_account(registry: Registry, account_id: str) -> Account:
    """An account with its plans, its limit and the number of its trunks. NotFound if it was never opened."""
    with registry.database.read() as session:
        row = session.get(AccountRow, account_id)
        if row is None:
            raise NotFound(KIND, account_id)
        return Account(
            account_id=row.account_id, metered_plan=row.metered_plan, unlimited_plan=row.unlimited_plan,
            trunk_limit=_limit(registry, row), trunks=sum(_trunks(session, account_id).values()),
        )  # fmt: skip


def owner_of_new_trunk(session: Session, account_id: str) -> AccountRow:
    """The account, locked: trunks are counted and made by one transaction at a time."""
    return session.get_one(AccountRow, account_id, with_for_update={"key_share": True})


def check_room(registry: Registry, session: Session, account: AccountRow, location: str) -> None:
    """Refuse a trunk beyond what the account may have, in all or in one data centre."""
    limits, found = registry.settings.account_limits, _trunks(session, account.account_id)
    most = _limit(registry, account)
    if sum(found.values()) >= most:
        raise Refused.at("name", f"The account has {_many(most, 'trunk')}, as many as it may have. {_ADVICE}")
    if found.get(location, 0) >= max(limits.trunks_per_location, account.trunk_limit or 0):
        there = _many(found[location], "trunk")
        raise Refused.at("location", f"The account has {there} in {location}, as many as it may have. {_ADVICE}")
    if location not in found and len(found) >= limits.locations:
        used = ", ".join(sorted(found))
        raise Refused.at("location", f"The account has trunks in {used}, as many data centres as it may use. {_ADVICE}")


_ADVICE = "Delete one that is not needed, or ask for a higher limit."


def _limit(registry: Registry, account: AccountRow) -> int:
    return account.trunk_limit or registry.settings.account_limits.trunks


def _trunks(session: Session, account_id: str) -> dict[str, int]:
    """How many living trunks an account has at each location."""
    living = (TrunkRow.account_id == account_id, TrunkRow.deleted_at.is_(None))
    query = select(TrunkRow.location, func.count()).where(*living).group_by(TrunkRow.location)
    return {str(location): int(number) for location, number in session.execute(query)}


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
