"""What trunks are found by, and whose it is: source hosts, and identifiers at providers.

An identity belongs to one account at a time (PRODUCT.md, Trunks 4). Where another account's trunk has given one up,
a trunk that is newer than that may take it: the lives of the two do not meet, so a record that arrives late is still
billed to the right one. A trunk that was already there must wait until such records can no longer arrive.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from pipeline.registry.problems import Refused
from pipeline.registry.tables import IdentityOwnerRow, TrunkIdentityRow, TrunkRow
from pipeline.registry.tables.trunks import HOST


class Claim:
    """A trunk's wish to be found by identities, at an instant."""

    def __init__(self, session: Session, trunk: TrunkRow, at: datetime, *, wait: timedelta) -> None:
        self._session = session
        self._trunk = trunk
        self._at = at
        self._wait = wait

    def hold(self, kind: str, wanted: dict[str, str]) -> None:
        """Hold exactly these identities of a kind: values by the path of the field that names them.

        Refused names each value that another customer has, or that another trunk has where only one may.
        """
        held = set(self._values(kind))
        for value in sorted(held - set(wanted.values())):
            self._release(kind, value)
        violations = {}
        # In one order for all, so that two trunks that want the same hosts wait for each other and never lock up.
        for path, value in sorted(wanted.items(), key=lambda item: item[1]):
            if value not in held and (problem := self._take(kind, value)):
                violations[path] = [problem]
        if violations:
            raise Refused(violations)

    def release_all(self) -> None:
        """Give up everything: the trunk is deleted."""
        query = select(TrunkIdentityRow.kind, TrunkIdentityRow.value).where(
            TrunkIdentityRow.trunk_id == self._trunk.trunk_id
        )
        for kind, value in sorted(self._session.execute(query)):
            self._release(kind, value)

    def _values(self, kind: str) -> Iterable[str]:
        mine = TrunkIdentityRow.trunk_id == self._trunk.trunk_id
        return self._session.scalars(select(TrunkIdentityRow.value).where(mine, TrunkIdentityRow.kind == kind))

    def _take(self, kind: str, value: str) -> str | None:
        owner = self._owner(kind, value)
        others = self._others(kind, value)
        if owner.account_id != self._trunk.account_id:
            if others:
                return f"{value!r} belongs to another customer's trunk."
            if problem := self._too_early(owner):
                return problem
            owner.account_id = self._trunk.account_id
        elif others and kind != HOST:
            return f"{value!r} already finds trunk {others[0]}; calls of two trunks could not be told apart."
        owner.released_at = None
        self._session.flush()
        self._session.add(
            TrunkIdentityRow(
                kind=kind, value=value, trunk_id=self._trunk.trunk_id, account_id=self._trunk.account_id
            )
        )  # fmt: skip
        self._session.flush()
        return None

    def _too_early(self, owner: IdentityOwnerRow) -> str | None:
        if owner.released_at is None or self._trunk.created_at >= owner.released_at:
            return None
        free = owner.released_at + self._wait
        if self._at >= free:
            return None
        return (
            f"{owner.value!r} was another customer's until {owner.released_at:%Y-%m-%d %H:%M} UTC, and calls of that "
            f"time may still be reported. This trunk can have it from {free:%Y-%m-%d} on; a new trunk can have it now."
        )

    def _owner(self, kind: str, value: str) -> IdentityOwnerRow:
        """The owner's row, locked; the first claim of an identity makes it."""
        insert = sqlite.insert if self._session.get_bind().dialect.name == "sqlite" else postgresql.insert
        row = {"kind": kind, "value": value, "account_id": self._trunk.account_id, "released_at": None}
        self._session.execute(insert(IdentityOwnerRow).values(row).on_conflict_do_nothing())
        return self._session.get_one(IdentityOwnerRow, (kind, value), with_for_update=True, populate_existing=True)

    def _others(self, kind: str, value: str) -> list[str]:
        same = (TrunkIdentityRow.kind == kind, TrunkIdentityRow.value == value)
        return list(self._session.scalars(select(TrunkIdentityRow.trunk_id).where(*same)))

    def _release(self, kind: str, value: str) -> None:
        owner = self._owner(kind, value)
        mine = TrunkIdentityRow.trunk_id == self._trunk.trunk_id
        same = (TrunkIdentityRow.kind == kind, TrunkIdentityRow.value == value)
        self._session.execute(delete(TrunkIdentityRow).where(mine, *same))
        if not self._others(kind, value):
            owner.released_at = self._at
            self._session.flush()
