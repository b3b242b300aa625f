"""`trunkline registry`: serve the API, publish its changes, bring its database up to date."""

import threading
from typing import Annotated

import typer

from pipeline.cli.output import JsonOption, fail, problems
from pipeline.cli.registry_client import KeyOption, UrlOption, account_path, reach, show


def register(app: typer.Typer) -> None:
    """Add `trunkline registry`."""
    registry = typer.Typer(no_args_is_help=True, help="The trunk registry: its API, its database, its topics.")
    registry.command("serve")(serve)
    registry.command("publish")(publish)
    registry.command("account")(account)
    registry.command("migrate")(migrate)
    app.add_typer(registry, name="registry")


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; put a proxy with TLS before any other.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port.")] = 1,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C; with `registry.publish`, publish changes to Kafka as well."""
    from pipeline.logs import configure_logs
    from pipeline.registry.serve import CannotListen
    from pipeline.registry.serve import serve as serve_registry
    from pipeline.settings import load_settings

    configure_logs()
    problems.print(f"Serving the registry on http://{host}:{port}, its description on /docs")
    try:
        serve_registry(load_settings(), host, port, processes)
    except CannotListen as error:
        fail(str(error), code=3)


def publish(
    *,
    once: Annotated[bool, typer.Option("--once", help="Publish what waits, then end.")] = False,
    give_up: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="End with 3 when Kafka was away for so long.")
    ] = 60.0,
) -> None:
    """Publish changes to Kafka until SIGTERM or Ctrl-C, beside servers that do not."""
    import signal

    from pipeline.logs import configure_logs
    from pipeline.registry.opened import open_registry
    from pipeline.registry.publish import Unpublished, publish_waiting, run_publisher
    from pipeline.settings import load_settings

    configure_logs()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = load_settings()
    registry = open_registry(settings)
    try:
        if once:
            problems.print(f"{publish_waiting(registry, settings.kafka)} records published.")
        else:
            run_publisher(registry, settings.kafka, stop, give_up)
    except Unpublished as error:
        fail(str(error), code=3)


def account(
    account: Annotated[str, typer.Argument(help="The account; opened if it is new.")],
    metered_plan: Annotated[str | None, typer.Option(help="Plan of its new METERED trunks.")] = None,
    unlimited_plan: Annotated[str | None, typer.Option(help="Plan of its new UNLIMITED trunks.")] = None,
    trunk_limit: Annotated[int | None, typer.Option(help="How many trunks it may have.")] = None,
    url: UrlOption = None, key: KeyOption = None, *, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Open an account, or change what is named; show its plans, its trunk limit and how many trunks it has."""
    change = {"meteredPlan": metered_plan, "unlimitedPlan": unlimited_plan, "trunkLimit": trunk_limit}
    show(reach(url, key, account).ask("PUT", account_path(account), change), as_json=as_json)


def migrate() -> None:
    """Create the tables of the database, or bring them to the shape of this version."""
    from sqlalchemy.exc import SQLAlchemyError

    from pipeline.registry.opened import open_registry
    from pipeline.settings import load_settings

    try:
        database = open_registry(load_settings()).database
    except SQLAlchemyError as error:
        fail(f"The registry's database cannot be opened: {error}. Correct registry_url.", code=3)
    problems.print(f"The tables are as this version needs them: {database.engine.url!r}")
