"""The topics: `cdr.raw.<source>` for the bytes of each source, and `cdr.leg` for what mediation makes of them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from pipeline.ledger.marks import LEG_TOPIC
from pipeline.settings import KafkaSettings, Settings
from pipeline.stream.connection import client_options
from pipeline.stream.errors import TopicsRefused, WrongTopic

RAW_PREFIX = "cdr.raw."
_BOOTSTRAP_MS = 5_000
_EXISTS = 36
"""Error code TOPIC_ALREADY_EXISTS of the Kafka protocol."""


class Topic(NamedTuple):
    """A topic as Trunkline wants it."""

    name: str
    partitions: int
    message_bytes_max: int


def raw_topic(kafka: KafkaSettings, source: str) -> str:
    """Name of the topic of one source."""
    return f"{kafka.topic_prefix}{RAW_PREFIX}{source}"


def leg_topic(kafka: KafkaSettings) -> str:
    """Name of the topic between the two stages."""
    return f"{kafka.topic_prefix}{LEG_TOPIC}"


def wanted_topics(settings: Settings) -> list[Topic]:
    """All topics of these settings."""
    kafka = settings.kafka
    raw = [Topic(raw_topic(kafka, source.name), kafka.raw_partitions, 2 << 20) for source in settings.sources]
    return [*raw, Topic(leg_topic(kafka), kafka.leg_partitions, 16 << 20)]


def create_topics(settings: Settings) -> list[str]:
    """Make the topics that are not there; return their names.

    Raises TopicsRefused, WrongTopic, and KafkaError where no broker answers.
    """
    admin = _admin(settings)
    try:
        found = _partitions(admin)
        _check_shape(settings, found)
        missing = [topic for topic in wanted_topics(settings) if topic.name not in found]
        if missing:
            _create(admin, missing, settings.kafka.replication_factor)
    finally:
        admin.close()
    return [topic.name for topic in missing]


def topic_partitions(settings: Settings) -> dict[str, int]:
    """The topics that Kafka has, with their numbers of partitions. Raises KafkaError where no broker answers."""
    admin = _admin(settings)
    try:
        return _partitions(admin)
    finally:
        admin.close()


def _admin(settings: Settings) -> KafkaAdminClient:
    return KafkaAdminClient(client_id="trunkline", bootstrap_timeout_ms=_BOOTSTRAP_MS, **client_options(settings.kafka))


def _partitions(admin: KafkaAdminClient) -> dict[str, int]:
    return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}


def _check_shape(settings: Settings, found: dict[str, int]) -> None:
    name, expected = leg_topic(settings.kafka), settings.kafka.leg_partitions
    if found.get(name, expected) != expected:
        raise WrongTopic(name, found[name], expected)


def _create(admin: KafkaAdminClient, topics: Iterable[Topic], replication_factor: int) -> None:
    specification: dict[str, Any] = {
        topic.name: {
            "num_partitions": topic.partitions,
            "replication_factor": replication_factor,
            "configs": {"max.message.bytes": str(topic.message_bytes_max)},
        }
        for topic in topics
    }
    try:
        results = admin.create_topics(specification, raise_errors=False)["topics"]
    except KafkaError as error:
        raise TopicsRefused(dict.fromkeys(specification, str(error))) from error
    refused = {result["name"]: result.get("error_message") or f"error {result['error_code']}"
               for result in results if result["error_code"] not in {0, _EXISTS}}  # fmt: skip
    if refused:
        raise TopicsRefused(refused)
    admin.wait_for_topics(list(specification))
