"""Commands that run for long: the workers, and the topics that they read and write."""

import logging
from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.output import JsonOption, byte_progress, fail, print_rows
from schemas.outcomes import State


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
    *,
    spool: Annotated[
        bool, typer.Option("--spool", help="Read the files of the spool folder instead of Kafka.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="With --spool: read what lies there, then end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read CDRs from Apache Kafka or the spool, rate them and commit them to the ledger, until SIGTERM or Ctrl-C."""
    if not spool:
        if once:
            fail("--once goes with --spool: a topic of Kafka has no end.")
        run_kafka_worker(only)
    elif only:
        fail("--only goes without --spool: the spool runs both stages in one process.")
    else:
        run_spool_worker(once=once, as_json=as_json)


def run_spool_worker(*, once: bool, as_json: bool) -> None:
    """The spool side of `trunkline worker`."""
    from pipeline.book import BookFileError
    from pipeline.ledger.errors import LedgerError
    from pipeline.logs import configure_logs
    from pipeline.mediation.feed import BadSource
    from pipeline.mediation.registry import UnknownFormat
    from pipeline.settings import load_settings
    from pipeline.sources.run import NoSpool, run_spool, spool_bytes

    configure_logs(logging.WARNING if once else logging.INFO)
    settings = load_settings()
    try:
        with byte_progress("Reading the spool", spool_bytes(settings) if once else None) as advance:
            report = run_spool(settings, once=once, on_bytes=advance)
    except (BookFileError, NoSpool, BadSource, UnknownFormat) as error:
        fail(str(error))
    except LedgerError as error:
        fail(str(error), code=3)
    counts = {state.lower(): report.by_state.get(state, 0) for state in State}
    row = {"received": report.received, **counts, "skipped_lines": report.skipped, "files": len(report.finished)}
    print_rows([row], as_json=as_json, title="Spool")


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
