"""The registry as a process works with it: its database, its settings, its clock, and who is asking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pipeline.registry.database import Database
from pipeline.registry.places import Location, locations
from pipeline.registry.problems import Refused
from pipeline.registry.settings import RegistrySettings

ID_BYTES = 12
"""Ids are 24 hexadecimal digits, as in the vendor's examples."""

EFFECTIVE_FROM = "X-Effective-From"
"""The header with which staff say since when a change holds."""

_TICK = timedelta(microseconds=1)


def wall_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


class Caller(NamedTuple):
    """Whose objects a request is about, and who asks: a key, or a user of the command line."""

    account_id: str
    actor: str


@dataclass(frozen=True)
class Registry:
    """Everything that a change needs besides the request."""

    database: Database
    settings: RegistrySettings
    clock: Callable[[], datetime] = wall_clock
    dated: datetime | None = None
    """Since when changes hold that staff make for another time than now."""

    @property
    def locations(self) -> Mapping[str, Location]:
        """Data centres by name."""
        return locations(self.settings.locations_path)

    def since(self, at: datetime) -> "Registry":
        """The same desk for changes that hold from `at` on; the audit log still says when they were made."""
        return replace(self, dated=at)

    def now(self) -> datetime:
        """The instant from which a change holds that nothing came before."""
        return self.dated or self.clock()

    def now_from(self, other: datetime) -> datetime:
        """The same where something came before: never earlier, even if the clock jumps. Refused if staff say so."""
        if self.dated is None:
            return max(self.clock(), other)
        if self.dated < other:
            raise Refused.at(
                EFFECTIVE_FROM,
                f"{self.dated.isoformat()} is too early: what this builds on is of {other.isoformat()}. "
                "Name a later time, or none for now.",
            )
        return self.dated

    def now_after(self, other: datetime) -> datetime:
        """The same, just after what came before: versions follow each other."""
        return self.now_from(other + _TICK)

    def written_at(self, effective: datetime) -> datetime:
        """When a change was made that holds from `effective` on: the same instant, unless staff dated it."""
        return effective if self.dated is None else self.clock()
