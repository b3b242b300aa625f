"""Topics: names, sizes, and what happens when they are there already or of another shape."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.settings import CONFIG_VARIABLE, Settings, load_settings
from pipeline.stream.errors import TopicsRefused, WrongTopic
from pipeline.stream.topics import create_topics, topic_partitions, wanted_topics
from tests.stream.feed import worker_settings
from tests.stream.workers import run_command


@pytest.fixture
def asked(tmp_path: Path, kafka: str) -> Settings:
    sources = [{"name": name, "format": "native_json"} for name in ("sbc1", "sbc2")]
    return worker_settings(tmp_path, kafka, sources=sources)


def test_one_topic_for_each_source_and_one_between(tmp_path: Path) -> None:
    """The prefix stands before all of them; messages of cdr.leg may be large."""
    settings = worker_settings(tmp_path, "", kafka={"topic_prefix": "a.", "raw_partitions": 3, "leg_partitions": 5})
    assert [("a.cdr.raw.sbc1", 3), ("a.cdr.leg", 5)] == [topic[:2] for topic in wanted_topics(settings)]
    assert 16 * 1024 * 1024 == wanted_topics(settings)[-1].message_bytes_max


@pytest.mark.kafka
def test_topics_are_created_once(asked: Settings) -> None:
    """The second time there is nothing to do; two workers may do it side by side."""
    prefix = asked.kafka.topic_prefix
    assert {f"{prefix}cdr.raw.sbc1", f"{prefix}cdr.raw.sbc2", f"{prefix}cdr.leg"} == set(create_topics(asked))
    assert [] == create_topics(asked)
    assert 2 == topic_partitions(asked)[f"{prefix}cdr.leg"]


@pytest.mark.kafka
def test_another_number_of_partitions_is_refused(asked: Settings) -> None:
    """Calls of a group would meet in another partition than before."""
    create_topics(asked)
    other = asked.model_copy(update={"kafka": asked.kafka.model_copy(update={"leg_partitions": 4})})
    with pytest.raises(WrongTopic, match="has 2 partitions, expected 4"):
        create_topics(other)


@pytest.mark.kafka
def test_what_kafka_refuses_is_told(asked: Settings) -> None:
    """Three copies on a cluster of one broker: the reason of the broker, and what to do."""
    other = asked.model_copy(update={"kafka": asked.kafka.model_copy(update={"replication_factor": 3})})
    with pytest.raises(TopicsRefused, match=r"replication factor.*trunkline topics list"):
        create_topics(other)


@pytest.mark.kafka
def test_the_commands(asked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`topics create` names what it made, `topics list` compares."""
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "trunkline.yaml"))
    load_settings.cache_clear()
    created = CliRunner().invoke(app, ["topics", "create"])
    assert (0, True) == (created.exit_code, "3 topics created" in created.output), created.output
    listed = CliRunner().invoke(app, ["topics", "list", "--json"])
    assert 3 == listed.output.count('"in_kafka": 2')
    load_settings.cache_clear()


def test_a_command_without_a_broker_ends_with_3(tmp_path: Path) -> None:
    """A message that says what to check, no traceback."""
    worker_settings(tmp_path, "127.0.0.1:1")
    done = run_command(tmp_path, "topics", "create")
    assert 3 == done.returncode
    assert "Kafka at 127.0.0.1:1 cannot be reached" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
