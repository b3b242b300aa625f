"""App keys: who may do what for which account. The text of a key is shown once; its SHA-256 is kept."""

import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.registry.problems import NotFound, Refused, Unauthorized
from pipeline.registry.store.desk import ID_BYTES, Caller, Registry
from pipeline.registry.tables import AccountRow, KeyRow

TRUNKS, TRUNKS_TOO = "calls:manage", "calls:configuration:manage"
LOGS = "calls:logs:read"
ROUTES = "callrouting:manage"
USAGE = "billing:usage:view"
SCOPES = (TRUNKS, TRUNKS_TOO, LOGS, ROUTES, USAGE)
"""What customers' keys may do."""
STAFF, DATED = "registry:staff", "registry:dated"
STAFF_SCOPES = (STAFF, DATED)
"""What only keys of the provider's staff may do: accounts, keys and imports; changes for another time than now."""

_KEY_BYTES = 32


class NewKey(NamedTuple):
    """A key as it is shown once, with its text."""

    key_id: str
    key: str


class Grant(NamedTuple):
    """What a key may do, and for whom."""

    key_id: str
    caller: Caller
    scopes: tuple[str, ...]


def open_account(
    registry: Registry, account_id: str, metered_plan: str | None = None, unlimited_plan: str | None = None,
    trunk_limit: int | None = None,
) -> None:  # fmt: skip
    """Make an account known, or change what is named; trunks that exist keep their plans."""

    def work(session: Session) -> None:
        account = session.get(AccountRow, account_id, with_for_update=True)
        if account is None:
            settings = registry.settings
            plans = (metered_plan or settings.metered_plan, unlimited_plan or settings.unlimited_plan)
            session.add(
                AccountRow(
                    account_id=account_id, metered_plan=plans[0], unlimited_plan=plans[1], trunk_limit=trunk_limit,
                    created_at=registry.clock(),
                )
            )  # fmt: skip
            return
        account.metered_plan = metered_plan or account.metered_plan
        account.unlimited_plan = unlimited_plan or account.unlimited_plan
        account.trunk_limit = trunk_limit or account.trunk_limit

    registry.database.write(work)


def create_key(registry: Registry, account_id: str, name: str, scopes: Iterable[str] = SCOPES) -> NewKey:
    """Issue a key for an account that is open. Refused lists the known scopes and accounts."""
    granted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in granted if scope not in SCOPES + STAFF_SCOPES]
    if unknown or not granted:
        known = ", ".join(SCOPES + STAFF_SCOPES)
        raise Refused.at("scopes", f"{', '.join(unknown) or 'None'} found; expected some of {known}.")
    new = NewKey(secrets.token_hex(ID_BYTES), secrets.token_urlsafe(_KEY_BYTES))

    def work(session: Session) -> NewKey:
        if session.get(AccountRow, account_id) is None:
            known = ", ".join(session.scalars(select(AccountRow.account_id).order_by(AccountRow.account_id)))
            raise Refused.at("accountId", f"{account_id!r} is not open; known are {known or 'none'}.")
        session.add(
            KeyRow(
                key_id=new.key_id, account_id=account_id, name=name, digest=digest(new.key), scopes=granted,
                created_at=registry.clock(), revoked_at=None,
            )
        )  # fmt: skip
        return new

    return registry.database.write(work)


def revoke_key(registry: Registry, key_id: str) -> None:
    """Let a key open nothing from now on. NotFound if nobody issued it."""

    def work(session: Session) -> None:
        key = session.get(KeyRow, key_id, with_for_update=True)
        if key is None:
            raise NotFound("key", key_id)
        key.revoked_at = key.revoked_at or registry.clock()

    registry.database.write(work)


def list_keys(registry: Registry, account_id: str | None = None) -> list[dict[str, object]]:
    """All keys, without their text, the oldest first."""
    query = select(KeyRow).order_by(KeyRow.created_at, KeyRow.key_id)
    with registry.database.read() as session:
        rows = session.scalars(query if account_id is None else query.where(KeyRow.account_id == account_id))
        return [
            {
                "key_id": row.key_id, "account_id": row.account_id, "name": row.name, "scopes": " ".join(row.scopes),
                "created_at": row.created_at, "revoked_at": row.revoked_at,
            }
            for row in rows
        ]  # fmt: skip


def grant_of(registry: Registry, key: str) -> Grant:
    """What a key allows. Unauthorized for one that nobody issued or that was revoked."""
    query = select(KeyRow).where(KeyRow.digest == digest(key), KeyRow.revoked_at.is_(None))
    with registry.database.read() as session:
        row = session.scalar(query)
        if row is None:
            raise Unauthorized("This key is not known, or it was revoked. Ask for one: trunkline key create.")
        return Grant(row.key_id, Caller(row.account_id, f"key {row.key_id} ({row.name})"), tuple(row.scopes))


def digest(key: str) -> str:
    """What is kept of a key. A key is 256 random bits, so one fast hash is enough."""
    return sha256(key.encode()).hexdigest()
