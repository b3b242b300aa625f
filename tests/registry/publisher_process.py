"""A publisher that dies between Kafka and the database.

`python -m tests.registry.publisher_process URL SERVERS PREFIX` sends what waits, is acknowledged, and ends itself with
SIGKILL before a row is marked.
"""

import os
import signal
import sys

from pipeline.registry.database import Database
from pipeline.registry.publish import Publisher, new_producer
from pipeline.registry.settings import RegistrySettings
from pipeline.registry.store.desk import Registry
from pipeline.settings import KafkaSettings


class DyingPublisher(Publisher):
    """Gets as far as Kafka."""

    def _mark(self, change_ids: list[int]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Publish and die."""
    url, servers, prefix = sys.argv[1:]
    kafka = KafkaSettings(bootstrap_servers=servers, topic_prefix=prefix)
    DyingPublisher(Registry(Database(url), RegistrySettings()), new_producer(kafka), prefix).publish()


if __name__ == "__main__":
    main()
