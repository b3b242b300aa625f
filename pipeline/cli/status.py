"""Commands for the morning round: the ledger as a whole, and each feed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.opened import LedgerOption, open_ledger, open_views
from pipeline.cli.output import JsonOption, fail, print_rows, problems

if TYPE_CHECKING:
    from pipeline.settings import KafkaSettings

REJECT_ALARM_PER_MILLION = 5000
"""Above half a percent rejected a feed raises an alarm (mediation rule R59)."""
SILENCE_AT_LEAST = timedelta(minutes=15)
"""A shorter silence is no alarm, however talkative the feed was."""

KAFKA_MS = 5000
"""How long Kafka may take to answer."""

KafkaOption = Annotated[bool, typer.Option("--kafka", help="Ask Kafka where its partitions end, to show the lag.")]
CheckOption = Annotated[bool, typer.Option("--check", help="End with 1 if a feed raises an alarm.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("sources")(sources)


def status(ledger: LedgerOption = None, *, kafka: KafkaOption = False, as_json: JsonOption = False) -> None:
    """Show the ledger's version, its records by state, the balance, the book and the positions."""
    from pipeline.settings import load_settings
    from pipeline.sql.connection import connect_to
    from pipeline.sql.state import ledger_state, loaded_files, positions
    from pipeline.sql.texts import shown

    opened = open_ledger(ledger)
    marks = opened.marks()
    state = ledger_state(connect_to(opened))
    known = positions(marks)
    if kafka:
        known = positions(marks, _ends(load_settings().kafka, [position.partition for position in known]))
    told = {name: shown(value) for name, value in state._asdict().items()} | {"spool_files": loaded_files(marks)}
    if as_json:
        print_rows([told | {"positions": [position._asdict() for position in known]}], as_json=True)
    else:
        print_rows([{"": name, "value": value} for name, value in told.items()], as_json=False, title="Status")
        if known:
            print_rows([position._asdict() for position in known], as_json=False, title="Positions")
    if state.difference:
        fail(f"The balance does not add up by {state.difference} records: run `trunkline ledger verify`.", code=1)


def _ends(kafka: "KafkaSettings", partitions: list[str]) -> Mapping[str, int]:
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    from pipeline.stream.connection import client_options

    try:
        consumer = KafkaConsumer(bootstrap_timeout_ms=KAFKA_MS, **client_options(kafka))
        named = {name: TopicPartition(*_topic_and_number(name)) for name in partitions}
        there = {topic: consumer.partitions_for_topic(topic) or () for topic, _ in named.values()}
        known = {name: at for name, at in named.items() if at.partition in there[at.topic]}
        ends = consumer.end_offsets(list(known.values()))
        consumer.close()
    except KafkaError as error:
        fail(f"Kafka at {kafka.bootstrap_servers} does not answer: {error}. Leave out --kafka, or check it.", code=3)
    return {name: ends[partition] for name, partition in known.items()}


def _topic_and_number(name: str) -> tuple[str, int]:
    topic, _, number = name.rpartition("-")
    return topic, int(number)


def sources(ledger: LedgerOption = None, *, check: CheckOption = False, as_json: JsonOption = False) -> None:
    """Show each feed: records, rate, delay, last one heard, longest silence, gaps, share of rejects, and alarms."""
    from pipeline.settings import load_settings
    from pipeline.sql.texts import shown

    connection = open_views(ledger)
    connection.execute("FROM sources")
    columns = [column[0] for column in connection.description]
    heard = [dict(zip(columns, row, strict=True)) for row in connection.fetchall()]
    now = datetime.now(UTC)
    rows = [row | {"alarm": " ".join(_alarms(row, now)) or None} for row in heard]
    missing = {source.name for source in load_settings().sources} - {row["source"] for row in heard}
    rows += [
        dict.fromkeys(columns) | {"source": name, "records": 0, "alarm": "NEVER_HEARD"} for name in sorted(missing)
    ]
    print_rows([{name: shown(value) for name, value in row.items()} for row in rows], as_json=as_json, title="Sources")
    alarms = [f"{row['source']}: {row['alarm']}" for row in rows if row["alarm"]]
    if alarms:
        problems.print(f"Alarms: {', '.join(alarms)}", markup=False)
    if alarms and check:
        raise typer.Exit(1)


def _alarms(row: Mapping[str, Any], now: datetime) -> list[str]:
    """SILENT: quiet for longer than ever before. REJECTS: more than half a percent. GAPS: numbers are missing."""
    silence = now - row["last_received_at"]
    usual = max(timedelta(minutes=row["longest_silence_minutes"]), SILENCE_AT_LEAST)
    return [
        name
        for name, rings in (
            ("SILENT", silence > usual),
            ("REJECTS", row["rejected_per_million"] > REJECT_ALARM_PER_MILLION),
            ("GAPS", row["missing"] > 0),
        )
        if rings
    ]
