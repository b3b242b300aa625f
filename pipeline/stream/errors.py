"""What stops a worker, beside the errors of the ledger. None of it is bad input."""

from collections.abc import Mapping


class StreamError(Exception):
    """Base of the errors of this package."""


class LedgerAhead(StreamError):
    """The ledger has offsets that the topic does not have: it belongs to another Kafka, or the topic was made anew."""

    def __init__(self, partition: str, position: int, end: int) -> None:
        self.partition = partition
        self.position = position
        self.end = end
        super().__init__(
            f"The ledger has read {partition} up to offset {position - 1}, but the next offset there is {end}. The "
            "topic was deleted and made again, or bootstrap_servers names another Kafka than before. Nothing was "
            "read. Name the right broker, or give the new feed another source name."
        )


class WrongTopic(StreamError):
    """A topic has another shape than the settings say."""

    def __init__(self, topic: str, found: int, expected: int) -> None:
        super().__init__(
            f"Topic {topic} has {found} partitions, expected {expected} (kafka.leg_partitions). The number is fixed "
            "for the life of a ledger, because it decides where the calls of a group meet. Set kafka.leg_partitions "
            f"to {found}, or name another ledger and another Kafka."
        )


class TopicsRefused(StreamError):
    """Kafka did not let us make topics."""

    def __init__(self, refused: Mapping[str, str]) -> None:
        reasons = "; ".join(f"{topic}: {reason}" for topic, reason in refused.items())
        super().__init__(
            f"Kafka did not create the topics of Trunkline ({reasons}). Create them by your own means with the "
            "partitions that `trunkline topics list` prints, or allow this user to."
        )


class NothingToRead(StreamError):
    """No source is configured."""

    def __init__(self) -> None:
        super().__init__(
            "No source is configured, so there is no topic to mediate. Add one under `sources:` in trunkline.yaml, "
            "or run `trunkline worker --only rate`."
        )


class WorkerFailed(StreamError):
    """Faust or the Kafka client gave up."""

    def __init__(self, servers: str, cause: BaseException) -> None:
        super().__init__(
            f"The worker lost Kafka at {servers}: {type(cause).__name__}: {cause}. Nothing that was in hand was "
            "acknowledged. Start it again; it goes on from the ledger's marks."
        )
