"""How many requests a key has left, counted for all servers of one database.

A minute's share may come at once and grows back evenly. A server takes a hundredth of the share at a time out of the
database and spends it by itself, so most requests cost no transaction; what it has taken and not yet spent (at most a
hundredth for each server) is counted as used.
"""

import threading
import time
from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol

from sqlalchemy.orm import Session

from pipeline.registry.database import Database
from pipeline.registry.problems import TooManyRequests
from pipeline.registry.tables import ShareRow

Kind = Literal["reads", "trunk_writes", "route_writes", "simulations", "usage_queries"]
Owner = tuple[str, Kind]
"""The id of a key, and what it asks for."""

_SECOND_NS = 1_000_000_000
_MINUTE_NS = 60 * _SECOND_NS
_HUNDREDTH = 100


class Share(NamedTuple):
    """What has been used of a share: when the whole of it will be back, in nanoseconds since 1970."""

    whole_at: int
    granted: int = 0
    wait_ns: int = 0
    """Until there is one again, where none was granted."""


def take_from(whole_at: int | None, now: int, per_minute: int, wanted: int) -> Share:
    """Take as many as are wanted of a share, or as many as there are."""
    cost = _MINUTE_NS // per_minute
    # A clock that was set back must not keep a customer waiting for more than a minute.
    used_until = min(max(now if whole_at is None else whole_at, now), now + _MINUTE_NS)
    granted = min(wanted, (now + cost * per_minute - used_until) // cost)
    if granted <= 0:
        return Share(used_until, 0, used_until + cost - now - cost * per_minute)
    return Share(used_until + granted * cost, granted)


class Shares(Protocol):
    """Where shares are kept."""

    def take(self, owner: Owner, now: int, per_minute: int, wanted: int) -> Share:
        """Take up to `wanted` requests of the owner's share."""


class SharesInMemory:
    """Shares of one process: for the command line, which asks nobody else."""

    def __init__(self) -> None:
        self._whole_at: dict[Owner, int] = {}

    def take(self, owner: Owner, now: int, per_minute: int, wanted: int) -> Share:
        """Take up to `wanted` requests; one thread at a time."""
        share = take_from(self._whole_at.get(owner), now, per_minute, wanted)
        self._whole_at[owner] = share.whole_at
        return share


class SharesInDatabase:
    """Shares of all servers on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, owner: Owner, now: int, per_minute: int, wanted: int) -> Share:
        """Take up to `wanted` requests in a transaction of its own."""

        def work(session: Session) -> Share:
            row = session.get(ShareRow, owner, with_for_update=True)
            share = take_from(row.whole_at if row else None, now, per_minute, wanted)
            if row is None:
                session.add(ShareRow(key_id=owner[0], kind=owner[1], whole_at=share.whole_at))
            elif share.granted:
                row.whole_at = share.whole_at
            return share

        return self._database.write(work)


class Allowances:
    """What this server may let through. For any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.time, shares: Shares | None = None) -> None:
        self._clock = clock
        self._shares = shares or SharesInMemory()
        self._left: dict[Owner, int] = {}
        self._empty_until: dict[Owner, int] = {}
        self._lock, self._taking = threading.Lock(), threading.Lock()

    def spend(self, key_id: str, kind: Kind) -> bool:
        """Use up one request that was taken before, without waiting for anything; whether there was one."""
        with self._lock:
            left = self._left.get((key_id, kind), 0)
            if left:
                self._left[key_id, kind] = left - 1
            return left > 0

    def take(self, key_id: str, kind: Kind, per_minute: int) -> None:
        """Use up one request. Raises TooManyRequests with the whole seconds until there is one again."""
        owner = (key_id, kind)
        with self._taking:
            if self.spend(key_id, kind):
                return
            now = round(self._clock() * _SECOND_NS)
            wait = self._empty_until.get(owner, 0) - now
            if not 0 < wait <= _MINUTE_NS:
                share = self._shares.take(owner, now, per_minute, max(1, per_minute // _HUNDREDTH))
                wait = share.wait_ns
                self._empty_until[owner] = now + wait
                with self._lock:
                    self._left[owner] = max(0, share.granted - 1)
            if wait > 0:
                raise TooManyRequests(-(-wait // _SECOND_NS), per_minute)
