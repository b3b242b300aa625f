"""Workers on a real Apache Kafka: from bytes to committed rows, and what happens when something breaks."""

import json
import shutil
import signal
import time
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from kafka.structs import OffsetAndMetadata, TopicPartition

from pipeline.settings import Settings
from pipeline.stream.topics import create_topics, topic_partitions
from tests.stream.feed import BOOK, an_event, events, send, worker_settings
from tests.stream.workers import WorkerProcess, rows, states, wait_for_rows, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(280)]

CHARGE = Decimal("0.008250000")
"""61 seconds at 6/6 are 66 billed ones; 66 / 60 of 0.0075 a minute to the United States."""


@pytest.fixture
def settings(tmp_path: Path, kafka: str) -> Settings:
    """Topics, group and ledger of this test alone."""
    chosen = worker_settings(tmp_path, kafka)
    create_topics(chosen)
    return chosen


@pytest.fixture
def admin(kafka: str) -> Any:
    client = KafkaAdminClient(bootstrap_servers=kafka)
    yield client
    client.close()


def assert_each_once(settings: Settings, count: int) -> None:
    """Calls 0 to count - 1 are rated, each once, at the right charge."""
    found = rows(settings)
    assert {"RATED": count} == dict(states(settings))
    assert count == len(set(found.column("cdr_id").to_pylist()))
    assert {CHARGE} == set(found.column("charge").to_pylist())


def committed(admin: KafkaAdminClient, settings: Settings) -> dict[str, int]:
    """What Kafka believes that the group has read."""
    groups = admin.list_group_offsets([settings.kafka.group])
    return {f"{at.topic.removeprefix(settings.kafka.topic_prefix)}-{at.partition}": found.offset
            for at, found in groups[settings.kafka.group].items()}  # fmt: skip


def test_from_bytes_to_priced_rows(settings: Settings, tmp_path: Path, admin: KafkaAdminClient) -> None:
    """Each record becomes one row: priced, a duplicate, or rejected with its reason; Kafka is told how far it is."""
    good = list(events(range(200)))
    broken = [b"", b"\x00\xff\xfe", b'{"leg_id": 7}', b"[1, 2]", b"x" * 1_000_000]
    send(settings, good + broken)
    with WorkerProcess(tmp_path) as worker:
        wait_for_rows(settings, 205, 90, worker)
        send(settings, good[:3])
        wait_for_rows(settings, 208, 60, worker)
        assert {"RATED": 200, "REJECTED": 5, "DUPLICATE": 3} == dict(states(settings))
        wait_until(
            lambda: sum(committed(admin, settings).get(f"cdr.raw.sbc1-{number}", 0) for number in (0, 1)) == 208, 20
        )
    found = rows(settings, "state", "charge", "reject_reason")
    assert {CHARGE} == {row["charge"] for row in found.to_pylist() if row["state"] == "RATED"}
    assert None not in {row["reject_reason"] for row in found.to_pylist() if row["state"] == "REJECTED"}


def test_offsets_of_kafka_are_never_used(settings: Settings, tmp_path: Path, admin: KafkaAdminClient) -> None:
    """Committed offsets that were deleted or are wrong change nothing: the ledger alone knows where to go on."""
    send(settings, events(range(100)))
    with WorkerProcess(tmp_path) as worker:
        wait_for_rows(settings, 100, 90, worker)
        assert 0 == worker.end(60)
    admin.delete_groups([settings.kafka.group])
    with WorkerProcess(tmp_path) as worker:
        send(settings, events(range(100, 200)))
        wait_for_rows(settings, 200, 90, worker)
        assert 0 == worker.end(60)
    prefix = settings.kafka.topic_prefix
    wrong = {f"{prefix}cdr.raw.sbc1": 1, f"{prefix}cdr.leg": 10_000}
    admin.alter_group_offsets(
        settings.kafka.group,
        {TopicPartition(topic, number): OffsetAndMetadata(offset, "", -1)
         for topic, offset in wrong.items() for number in (0, 1)},
    )  # fmt: skip
    with WorkerProcess(tmp_path) as worker:
        send(settings, events(range(200, 300)))
        wait_for_rows(settings, 300, 90, worker)
        assert 0 == worker.end(60)
    assert_each_once(settings, 300)
    admin.delete_topics([f"{prefix}cdr.raw.sbc1", f"{prefix}cdr.leg"])
    wait_until(lambda: f"{prefix}cdr.leg" not in topic_partitions(settings), 30)
    with WorkerProcess(tmp_path, name="other") as worker:
        assert 3 == worker.process.wait(60), "topics that were made anew would be skipped up to the old marks"
        assert "made again" in worker.text
        assert "Traceback" not in worker.text


def test_two_workers_share_the_partitions(settings: Settings, tmp_path: Path) -> None:
    """Each has half. One stands still longer than a session, comes back, is killed: nothing is lost or twice."""
    with WorkerProcess(tmp_path, name="one") as one, WorkerProcess(tmp_path, name="two") as two:
        for worker in (one, two):
            wait_until(lambda worker=worker: len(last_assignment(worker)) == 2, 60)
        assert 4 == len({*last_assignment(one), *last_assignment(two)})
        send(settings, events(range(2000)))
        one.send_signal(signal.SIGSTOP)
        wait_until(lambda: len(last_assignment(two)) == 4, 60)
        wait_for_rows(settings, 2000, 60, two)
        one.send_signal(signal.SIGCONT)
        wait_until(lambda: len(last_assignment(two)) == 2 or one.process.poll() == 3, 60)
        send(settings, events(range(2000, 3000)))
        one.process.kill()
        wait_until(lambda: len(last_assignment(two)) == 4, 60)
        send(settings, events(range(3000, 4000)))
        wait_for_rows(settings, 4000, 60, one, two)
    assert_each_once(settings, 4000)


def last_assignment(worker: WorkerProcess) -> list[str]:
    """Partitions of the last assignment in a worker's log."""
    lines = [json.loads(line) for line in worker.text.splitlines() if '"partitions_assigned"' in line]
    return list(lines[-1]["partitions"]) if lines else []


def test_sigterm_commits_what_is_in_hand(kafka: str, tmp_path: Path) -> None:
    """A worker that would flush in a minute only commits at once when it is told to end, and ends in seconds."""
    settings = worker_settings(tmp_path, kafka, flush_seconds=60, metrics_port=0)
    create_topics(settings)
    with WorkerProcess(tmp_path) as worker:
        url = health_url(worker)
        wait_until(lambda: fetched(f"{url}/health")[0] == 200, 60)
        facts = json.loads(fetched(f"{url}/health")[1])
        assert (4, {"hash", "age_seconds"}) == (len(facts["partitions"]), set(facts["book"]))
        send(settings, events(range(50)))
        wait_until(lambda: bytes_in_hand(url) > 0 and mediated(url) == 50, 60)
        wait_until(lambda: json.loads(fetched(f"{url}/health")[1])["lag"].get(f"{facts['partitions'][0]}", 0) > 0, 60)
        assert 0 == sum(states(settings).values())
        began = time.monotonic()
        assert 0 == worker.end(60)
        assert time.monotonic() - began < 20
    assert_each_once(settings, 50)


def test_a_broker_that_is_down_is_waited_for(tmp_path: Path) -> None:
    """The worker says what it cannot reach and when it tries again, is not ready, prints no stack, and ends at once."""
    worker_settings(tmp_path, "127.0.0.1:1", metrics_port=0)
    with WorkerProcess(tmp_path) as worker:
        text = worker.wait_for('"again_in_seconds": 1')
        assert "127.0.0.1:1" in text
        assert "Traceback" not in text
        status, body = fetched(f"{health_url(worker)}/health")
        assert (503, False) == (status, json.loads(body)["ready"])
        assert 0 == worker.end(30)


def health_url(worker: WorkerProcess) -> str:
    """Where the worker says that its endpoint listens."""
    (line,) = [line for line in worker.wait_for("health_served").splitlines() if "health_served" in line]
    return f"http://127.0.0.1:{json.loads(line)['port']}"


def fetched(url: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own endpoint
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def figure(url: str, name: str) -> float:
    """One value of /metrics; 0 if it is not there yet."""
    lines = [line for line in fetched(f"{url}/metrics")[1].splitlines() if line.startswith(name)]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def bytes_in_hand(url: str) -> float:
    return figure(url, "worker_bytes_in_hand")


def mediated(url: str) -> float:
    return figure(url, "mediator_records_total")


def test_a_full_disk_stops_the_worker_and_loses_nothing(settings: Settings, tmp_path: Path) -> None:
    """Where the ledger cannot be written, the worker ends with code 3 and a next step; after that all is there."""
    send(settings, events(range(3000)))
    with WorkerProcess(tmp_path, name="full", kilobytes_max=60) as worker:
        assert 3 == worker.process.wait(60)
        assert "cannot be written" in worker.text
        assert "free space" in worker.text
        assert "Traceback" not in worker.text
    assert 0 == sum(states(settings).values())
    with WorkerProcess(tmp_path) as worker:
        wait_for_rows(settings, 3000, 90, worker)
    assert_each_once(settings, 3000)


def test_a_changed_book_is_picked_up(kafka: str, tmp_path: Path) -> None:
    """A new rate in the deck's file prices the calls that come after it, without a restart."""
    book = tmp_path / "book"
    shutil.copytree(BOOK, book)
    settings = worker_settings(tmp_path, kafka, book_path=str(book))
    create_topics(settings)
    with WorkerProcess(tmp_path) as worker:
        send(settings, events(range(10)))
        wait_for_rows(settings, 10, 90, worker)
        deck = book / "decks" / "us-outbound.csv"
        row = "usd-001,1,United States,PRICED,"
        deck.write_text(deck.read_text().replace(f"{row}0.0075", f"{row}0.0150"))
        wait_until(lambda: worker.text.count("book_loaded") == 2, 60)
        send(settings, events(range(10, 20)))
        wait_for_rows(settings, 20, 60, worker)
        (book / "plans.yaml").write_text("- plan_id: [half of a file")
        worker.wait_for("book_not_loaded")
        send(settings, [an_event(20)])
        wait_for_rows(settings, 21, 60, worker)
    charges = sorted(rows(settings).column("charge").to_pylist())
    assert [CHARGE] * 10 + [2 * CHARGE] * 11 == charges
