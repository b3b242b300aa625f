"""The registry as a process works with it: its database, its settings, its clock, and who is asking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pipeline.registry.database import Database
from pipeline.registry.places import Location, locations
from pipeline.registry.settings import RegistrySettings

ID_BYTES = 12
"""Ids are 24 hexadecimal digits, as in the vendor's examples."""

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

    @property
    def locations(self) -> Mapping[str, Location]:
        """Data centres by name."""
        return locations(self.settings.locations_path)

    def now_after(self, *others: datetime) -> datetime:
        """The time now, or just after the latest of the others: versions follow each other even if the clock jumps."""
        return max(self.clock(), *(other + _TICK for other in others))
