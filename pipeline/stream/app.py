"""The Faust app: agents `mediate` and `rate`, fed with whole fetches, with the ledger as their only position."""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Literal

import faust
import structlog
from faust.types import TP
from faust.types.transports import TransportT

from pipeline.settings import Settings
from pipeline.stream import metrics
from pipeline.stream.connection import broker_urls, worker_credentials
from pipeline.stream.fetch import Fetch, FetchSchema, WholeFetches
from pipeline.stream.inflow import Inflow
from pipeline.stream.lanes import Lanes
from pipeline.stream.mediation import BATCH_RECORDS, Mediation, raw_parcels
from pipeline.stream.positions import LedgerPositions
from pipeline.stream.rating import LOOK_FOR_OPEN_LEGS, Rating, leg_parcels
from pipeline.stream.topics import leg_topic, raw_topic
from pipeline.stream.transport import LedgerTransport

log = structlog.get_logger(__name__)

Stage = Literal["mediate", "rate"]

FETCH_BYTES = 4 << 20
REQUEST_BYTES = 16 << 20
OPEN_LEGS_SECONDS = 60
CORES = os.cpu_count() or 2
"""Where both stages run, half of them rate: the other half mediates what comes meanwhile."""
SESSION_SECONDS = 6
"""Without heartbeats for so long, a worker loses its partitions."""


class WorkerApp(faust.App):
    """A Faust app without state of its own: no tables, no acknowledgements, no folder, no web server."""

    def __init__(
        self, settings: Settings, positions: LedgerPositions, on_failure: Callable[[BaseException], None]
    ) -> None:
        self.positions = positions
        self.inflow = Inflow()
        self.fail = on_failure
        self.has_failed = False
        self.partitions: set[TP] | None = None
        """What this worker reads; None before the first assignment and during a rebalance."""
        self.lag: dict[str, int] = {}
        """Messages of each of them that the ledger does not cover."""
        super().__init__(settings.kafka.group, **_options(settings))

    def _new_transport(self) -> TransportT:
        return LedgerTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Without tables there is nothing to keep in folders."""


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "broker": broker_urls(settings.kafka),
        "broker_credentials": worker_credentials(settings.kafka),
        "broker_session_timeout": SESSION_SECONDS,
        "broker_rebalance_timeout": SESSION_SECONDS,
        "broker_heartbeat_interval": SESSION_SECONDS / 4,
        "broker_request_timeout": 30,
        "broker_commit_interval": 3,
        "consumer_max_fetch_size": FETCH_BYTES,
        "ConsumerScheduler": WholeFetches,
        "producer_max_request_size": REQUEST_BYTES,
        "producer_request_timeout": 120,
        "stream_wait_empty": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
    }


class Stream:
    """The app and the stages behind its agents."""

    def __init__(self, app: WorkerApp, settings: Settings, rating: Rating, only: Stage | None) -> None:
        self.app = app
        self._rating = rating
        self._settings = settings
        mediation = Mediation(settings, app.producer.send)
        self._raw = Lanes(
            mediation.work, app.inflow, app.fail, rows=BATCH_RECORDS, seconds=0, at_once=settings.kafka.raw_partitions
        )
        self._leg = Lanes(
            rating.work, app.inflow, app.fail, rows=settings.batch_rows, seconds=settings.flush_seconds,
            at_once=CORES if only == "rate" else max(1, CORES // 2),
        )  # fmt: skip
        if only != "rate":
            self._declare_mediate()
        if only != "mediate":
            self._declare_rate()
        # Faust's own type of a receiver fits no function with a fixed number of arguments.
        app.on_partitions_assigned.connect(self._assigned)  # type: ignore[arg-type]
        app.on_partitions_revoked.connect(self._revoked)  # type: ignore[arg-type]
        app.on_before_shutdown.connect(self._shut_down)  # type: ignore[arg-type]

    def _declare_mediate(self) -> None:
        names = [raw_topic(self._settings.kafka, source.name) for source in self._settings.sources]
        topic = self.app.topic(*names, schema=FetchSchema(), acks=False)

        @self.app.agent(topic, name="mediate", concurrency=1)
        async def mediate(fetches: faust.StreamT[Fetch]) -> None:
            async for fetch in fetches:
                self._raw.put(fetch.partition, raw_parcels(fetch.records))

    def _declare_rate(self) -> None:
        topic = self.app.topic(leg_topic(self._settings.kafka), schema=FetchSchema(), acks=False)

        @self.app.agent(topic, name="rate", concurrency=1)
        async def rate(fetches: faust.StreamT[Fetch]) -> None:
            async for fetch in fetches:
                self._leg.put(fetch.partition, leg_parcels(fetch.records))

    async def _assigned(self, _: object, assigned: set[TP], **__: object) -> None:
        self.app.partitions = set(assigned)
        await asyncio.to_thread(self._rating.keep, [tp.partition for tp in self._leg_partitions()])
        for topic in {tp.topic for tp in assigned}:
            metrics.ASSIGNED.labels(topic).set(sum(tp.topic == topic for tp in assigned))
        log.info("partitions_assigned", partitions=sorted(f"{tp.topic}-{tp.partition}" for tp in assigned))

    async def _revoked(self, _: object, revoked: set[TP], **__: object) -> None:
        """What waits is read again by the next owner; what is in work comes to its end before it gets the partition."""
        self.app.partitions = None
        metrics.ASSIGNED.clear()
        metrics.LAG.clear()
        await self._raw.end(drop=True)
        await self._leg.end(drop=True)
        log.info("partitions_revoked", count=len(revoked))

    async def _shut_down(self, _: object, **__: object) -> None:
        """Commit what is in hand; raw records that wait are left to the next worker."""
        await self._raw.end(drop=True)
        await self._leg.end(drop=self.app.has_failed)
        await asyncio.to_thread(self._rating.keep, ())

    def _leg_partitions(self) -> list[TP]:
        topic = leg_topic(self._settings.kafka)
        return [tp for tp in self.app.partitions or () if tp.topic == topic]

    async def look_for_open_legs(self) -> None:
        """Every minute, let each rate stage give up the calls that nobody ended."""
        while True:
            await asyncio.sleep(OPEN_LEGS_SECONDS)
            for partition in self._leg_partitions():
                self._leg.put(partition, [LOOK_FOR_OPEN_LEGS])
