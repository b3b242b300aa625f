"""Commands that make traffic, and that compare a ledger with the traffic it was made from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.opened import LedgerOption, open_views
from pipeline.cli.output import JsonOption, console, fail, print_rows, problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.settings import Settings
    from pipeline.simulator import Sbc, World


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("simulate")(simulate)
    app.command("compare")(compare)


def simulate(
    profile: Annotated[str, typer.Option(help="tiny, faults, demo, day, dst, month, soak or bench.")] = "tiny",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    *,
    calls: Annotated[int | None, typer.Option(min=1, help="Another number of calls than the profile's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: spool_path of the settings.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Truth table to write, such as truth.parquet.")] = None,
    to_kafka: Annotated[bool, typer.Option("--kafka", help="Send to the raw topics instead of writing files.")] = False,
    rate: Annotated[int | None, typer.Option(min=1, help="With --kafka: records a second.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make the traffic of a few SBCs on the trunks of the book, with faults, and the truth table beside it."""
    from pipeline.settings import load_settings

    settings = load_settings()
    world = _world(settings, profile, seed, calls)
    if world.profile.is_endless and truth is not None:
        fail(f"Profile {profile} has no end and so no truth table. Leave --truth out.")
    if to_kafka:
        _send(world, settings, rate, truth, as_json=as_json)
        return
    if world.profile.is_endless:
        fail(f"Profile {profile} has no end: send it with --kafka, or take day or month.")
    if rate is not None:
        fail("--rate goes with --kafka: files are written as fast as it goes.")
    from pipeline.cli.simulating import simulated_row, written
    from pipeline.simulator.faults import TooFewRecords

    try:
        result = written(world, out or settings.spool_path, truth)
    except TooFewRecords as error:
        fail(str(error))
    print_rows([simulated_row(result)], as_json=as_json, title=f"Simulated {profile}, seed {seed}")


def _world(settings: "Settings", name: str, seed: int, calls: int | None) -> "World":
    from pipeline.book import BookFileError
    from pipeline.registry.book_source import current_book
    from pipeline.simulator import PROFILES, build_world
    from schemas.reference import ReferenceData

    if name not in PROFILES:
        known = ", ".join(f"{profile.name} ({profile.about})" for profile in PROFILES.values())
        fail(f"Profile {name!r} is unknown. Known: {known}.")
    profile = PROFILES[name] if calls is None else PROFILES[name]._replace(calls=calls)
    try:
        reference = ReferenceData.model_validate_json(current_book(settings).snapshot)
        return build_world(profile, reference, _sbcs(settings), seed)
    except (BookFileError, ValueError) as error:
        fail(str(error))


def _sbcs(settings: "Settings") -> "Sequence[Sbc]":
    """The sources of the settings, each as one node."""
    from pipeline.simulator import Sbc
    from pipeline.simulator.writers import WRITERS

    if not settings.sources:
        fail("No source is configured. Name each feed under `sources:` in trunkline.yaml, as examples/demo.yaml does.")
    for source in settings.sources:
        if source.format not in WRITERS:
            fail(f"Source {source.name} has format {source.format}; the simulator writes {', '.join(WRITERS)}.")
        for name, needed in WRITERS[source.format].options.items():
            if source.options.get(name) != needed:
                fail(f"Source {source.name} needs options: {{{name}: {needed!r}}} to read what the simulator writes.")
    return [
        Sbc(source.name, source.format, source.node or source.name, source.time_zone, options=source.options)
        for source in settings.sources
    ]


def _send(world: "World", settings: "Settings", rate: int | None, truth: Path | None, *, as_json: bool) -> None:
    from aiokafka.errors import KafkaError

    from pipeline.cli.simulating import sent

    if world.profile.is_endless and rate is None:
        fail(f"Profile {world.profile.name} has no end and needs a --rate, such as --rate 1000.")
    try:
        result = sent(world.without("F20"), settings.kafka, rate, truth)  # a topic has no trailers
    except KafkaError as error:
        servers = settings.kafka.bootstrap_servers
        fail(f"Kafka at {servers} cannot be reached: {error}. Check kafka.bootstrap_servers and the broker.", code=3)
    print_rows([result], as_json=as_json, title="Sent to Kafka")


def compare(
    truth: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Truth table of `trunkline simulate`.")],
    ledger: LedgerOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare the ledger with a truth table, record by record; ends with 1 where they differ."""
    from pipeline.simulator.audit import audit_ledger

    found = audit_ledger(open_views(ledger), truth)
    print_rows(found.balance, as_json=as_json, title="What became of the records, and what had to")
    print_rows(found.money, as_json=as_json, title="What the calls come to")
    if found.gaps:
        print_rows(found.gaps, as_json=False, title="Gaps in numbers that are only expected, or only found")
        problems.print(f"{len(found.gaps)} gaps differ between the ledger and {truth}.")
        raise typer.Exit(1)
    if not found.difference_count and as_json:
        return
    if not found.difference_count:
        console.print(f"All {sum(row['found'] for row in found.balance)} records ended as the truth table says.")
        return
    print_rows(found.differences, as_json=False, title="The first differences")
    problems.print(f"{found.difference_count} differences between the ledger and {truth}.")
    raise typer.Exit(1)
