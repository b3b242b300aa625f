"""What the registry knows, as its followers read it; here from its database, in `topic_feed` from its topics."""

from typing import Protocol

from sqlalchemy import func, select

from pipeline.registry.database import Database
from pipeline.registry.merge import Content, HistoricTrunk
from pipeline.registry.store.records import TrunkRecord, all_addresses, all_trunks
from pipeline.registry.tables import OutboxRow


class Feed(Protocol):
    """A way to what the registry knows."""

    def news(self) -> Content | None:
        """All that the registry knows now, or None if nothing has changed since the last call."""

    def close(self) -> None:
        """Let go of connections."""


class DatabaseFeed:
    """Reads the registry's database: the way without Kafka."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: tuple[int, int] | None = None

    def news(self) -> Content | None:
        """Every change leaves a row in the outbox, so their number and the last one tell whether there was any."""
        with self._database.read() as session:
            last, number = session.execute(select(func.max(OutboxRow.change_id), func.count())).one()
            seen = (last or 0, number)
            if seen == self._seen:
                return None
            content = Content(historic(all_trunks(session)), all_addresses(session))
        self._seen = seen
        return content

    def close(self) -> None:
        """Close the connections."""
        self._database.close()


def historic(records: list[TrunkRecord]) -> list[HistoricTrunk]:
    """Trunks in the order of their beginnings."""
    ordered = sorted(records, key=lambda record: (record.trunk.effective_from, record.trunk.trunk_id))
    return [HistoricTrunk(record.trunk, record.former_hosts) for record in ordered]
