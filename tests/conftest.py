"""Fixtures that more than one area uses."""

import os
from collections.abc import Iterator

import pytest

from tests.kafka_broker import KafkaUnavailable, running_broker


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
