"""Commands about what trunks used of what they have: the allowance of a plan, the channels."""

from typing import Annotated

import typer

from pipeline.cli.book import BookOption, open_book
from pipeline.cli.opened import LedgerOption, open_views
from pipeline.cli.output import JsonOption, fail, print_rows, problems
from pipeline.cli.sql import TABLE_ROWS

PeriodArgument = Annotated[str, typer.Argument(metavar="PERIOD", help="Month, such as 2026-10.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("fair-use")(fair_use)
    app.command("capacity")(capacity)


def fair_use(
    trunk: Annotated[str, typer.Argument(metavar="TRUNK", help="Trunk of an UNLIMITED plan.")],
    period: PeriodArgument,
    book: BookOption = None,
    ledger: LedgerOption = None,
    *,
    overage: Annotated[bool, typer.Option("--overage", help="Only calls that go beyond the allowance.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Trace the fair use of a trunk: the allowance, and what each call in its order takes of it."""
    from pipeline.usage.fair_use import NoFairUse, allowance_sum, fair_use_trace

    _check_period(period)
    try:
        trace = fair_use_trace(open_views(ledger), open_book(book), trunk, period)
    except NoFairUse as error:
        fail(str(error), code=1)
    used = trace.fair_use
    calls = [
        call._asdict() | {"charge": f"{call.charge:f}"} for call in trace.calls if call.overage_seconds or not overage
    ]
    problems.print(f"Allowance: {allowance_sum(trace)}", soft_wrap=True)
    print_rows(calls if as_json else calls[:TABLE_ROWS], as_json=as_json, title=f"{trunk}, {period}")
    if len(calls) > TABLE_ROWS and not as_json:
        problems.print(f"Only the first {TABLE_ROWS} calls are shown; take them all with --json.")
    problems.print(
        f"{len(trace.calls)} calls used {used.used_seconds} seconds, {used.remaining_seconds} are left; "
        f"overage {used.overage_seconds} seconds, {trace.charge:f}",
        soft_wrap=True,
    )


def capacity(
    period: PeriodArgument,
    trunk: Annotated[str | None, typer.Option("--trunk", help="Only this trunk.")] = None,
    ledger: LedgerOption = None,
    *,
    daily: Annotated[bool, typer.Option("--daily", help="A row for each local day of the account.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the peak of channels, the time above the limit, calls refused, and calls answered above the limit."""
    from pipeline.cli.watched import watched
    from pipeline.sql.texts import shown
    from pipeline.usage.capacity import capacity as capacity_of

    _check_period(period)
    connection = open_views(ledger)
    rows = watched(connection, lambda: capacity_of(connection, period, trunk, daily=daily))
    print_rows([{name: shown(value) for name, value in row.items()} for row in rows], as_json=as_json,
               title=f"Channels in {period}")  # fmt: skip
    over = [row["trunk_id"] for row in rows if row["answered_over_limit"]]
    if over:
        problems.print(
            f"[bold red]Alarm:[/] calls were answered above the channel limit of {', '.join(sorted(set(over)))}"
        )


def _check_period(period: str) -> None:
    from schemas.period import Period

    try:
        Period.month(period)
    except ValueError as error:
        fail(str(error))
