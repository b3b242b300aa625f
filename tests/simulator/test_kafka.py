"""Runs that are sent to Kafka instead of written to files."""

import time
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from pipeline.settings import KafkaSettings, Settings
from pipeline.simulator import THREE_SBCS
from pipeline.simulator.kafka import send_run
from pipeline.simulator.spool import write_truth
from pipeline.stream.topics import create_topics, raw_topic
from tests.simulator.runs import a_world, bytes_of, written_run

pytestmark = pytest.mark.kafka


@pytest.fixture
def settings(kafka: str, tmp_path: Path) -> KafkaSettings:
    """Topics of their own for each test."""
    found = KafkaSettings(bootstrap_servers=kafka, topic_prefix=f"{tmp_path.name}-", raw_partitions=2)
    create_topics(Settings(kafka=found, sources=tuple(sbc.settings for sbc in THREE_SBCS)))
    return found


def _received(settings: KafkaSettings, source: str) -> list[tuple[int, bytes, bytes]]:
    """Partition, key and value of all that a topic holds, in its order."""
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap_servers, consumer_timeout_ms=5_000)
    places = [TopicPartition(raw_topic(settings, source), number) for number in range(settings.raw_partitions)]
    ends = consumer.end_offsets(places)
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    found = []
    while len(found) < sum(ends.values()):
        for records in consumer.poll(timeout_ms=1_000).values():
            found += [(record.partition, record.key, record.value) for record in records]
    consumer.close()
    return found


def test_topics_hold_what_files_would(settings: KafkaSettings, tmp_path: Path):
    """The same bytes for each source, in one partition, under the name of the node, in the order of arrival."""
    world = a_world(seed=9)
    written_run(world, tmp_path)
    sent = send_run(world, settings, None, lambda _: None)
    files = bytes_of(tmp_path / "spool")
    assert sum(len(content.splitlines()) for content in files.values()) == sent
    for sbc in THREE_SBCS:
        lines = [line for name in sorted(files) if name.startswith(sbc.source) for line in files[name].splitlines()]
        received = _received(settings, sbc.source)
        assert lines == [value for _, _, value in received]
        assert {sbc.node.encode()} == {key for _, key, _ in received}
        assert 1 == len({partition for partition, _, _ in received})


def test_a_rate_is_kept(settings: KafkaSettings):
    """Some 200 records at 200 a second take about a second, and progress is told all along."""
    told: list[int] = []
    begun = time.monotonic()
    sent = send_run(a_world(seed=4), settings, 200, told.append)
    assert time.monotonic() - begun > 0.8 * sent / 200
    assert sent == sum(told)
    assert len(told) > 10


def test_the_truth_of_a_sent_run_is_that_of_a_written_one(tmp_path: Path):
    """But for the places, which Kafka decides."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    world = a_world(seed=9)
    written = written_run(world, tmp_path).drop_columns(["file", "line"])
    write_truth(world, tmp_path / "sent.parquet")
    sent = pq.read_table(tmp_path / "sent.parquet").drop_columns(["file", "line"])
    assert written.equals(sent)
