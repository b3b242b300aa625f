"""Fixtures that more than one area uses."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.kafka_broker import KafkaUnavailable, running_broker
from tests.s3_server import ObjectStore, running_s3

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("fresh", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
"""The same examples on every machine, so that a change is refused for what it does; `make fuzz` looks for fresh ones.
No example has a deadline: how long it takes depends on what else the machine does."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, those that share a broker stay together, and so do those of one file."""
    for item in items:
        group = "kafka" if item.get_closest_marker("kafka") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Bootstrap servers of a real Apache Kafka; one for the whole session."""
    try:
        with running_broker() as address:
            yield address
    except KafkaUnavailable as problem:
        if os.environ.get("CI"):
            pytest.fail(str(problem))
        pytest.skip(str(problem))


@pytest.fixture(scope="session")
def s3() -> Iterator[ObjectStore]:
    """An S3 server with one bucket; one for the whole session."""
    with running_s3() as store:
        yield store
