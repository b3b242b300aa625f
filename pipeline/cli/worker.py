"""Commands that run for long: the workers, and the topics that they read and write."""

from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.output import JsonOption, fail, print_rows


class StageName(StrEnum):
    """The two stages of a worker."""

    MEDIATE = "mediate"
    RATE = "rate"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("worker")(worker)
    topics = typer.Typer(no_args_is_help=True, help="The topics of Trunkline in Apache Kafka.")
    topics.command("create")(create)
    topics.command("list")(list_topics)
    app.add_typer(topics, name="topics")


def worker(
    only: Annotated[StageName | None, typer.Option(help="Run one stage instead of both.")] = None,
) -> None:
    """Read CDRs from Apache Kafka, rate them and commit them to the ledger, until SIGTERM or Ctrl-C."""
    run_kafka_worker(only)


def run_kafka_worker(only: StageName | None) -> None:
    """The Kafka side of `trunkline worker`."""
    from pipeline.book import BookFileError
    from pipeline.ledger.errors import LedgerError
    from pipeline.logs import configure_logs
    from pipeline.settings import load_settings
    from pipeline.stream.errors import StreamError
    from pipeline.stream.messages import BadLegMessage
    from pipeline.stream.worker import run_worker

    configure_logs()
    try:
        run_worker(load_settings(), only.value if only else None)
    except BookFileError as error:
        fail(str(error))
    except (LedgerError, StreamError, BadLegMessage) as error:
        fail(str(error), code=3)


def create() -> None:
    """Make the topics of all configured sources, and cdr.leg; what is there stays as it is."""
    from kafka.errors import KafkaError

    from pipeline.settings import load_settings
    from pipeline.stream.errors import StreamError
    from pipeline.stream.topics import create_topics

    settings = load_settings()
    try:
        created = create_topics(settings)
    except StreamError as error:
        fail(str(error), code=3)
    except KafkaError as error:
        fail(_unreachable(settings.kafka.bootstrap_servers, error), code=3)
    for name in created:
        typer.echo(f"created {name}")
    typer.echo(f"{len(created)} topics created")


def list_topics(*, as_json: JsonOption = False) -> None:
    """List the topics that the settings ask for, and what Kafka has."""
    from kafka.errors import KafkaError

    from pipeline.settings import load_settings
    from pipeline.stream.topics import topic_partitions, wanted_topics

    settings = load_settings()
    try:
        found = topic_partitions(settings)
    except KafkaError as error:
        fail(_unreachable(settings.kafka.bootstrap_servers, error), code=3)
    print_rows(
        (
            {"topic": topic.name, "partitions": topic.partitions, "in_kafka": found.get(topic.name)}
            for topic in wanted_topics(settings)
        ),
        as_json=as_json,
    )


def _unreachable(servers: str, error: Exception) -> str:
    return f"Kafka at {servers} cannot be reached: {error}. Check kafka.bootstrap_servers and the broker."
