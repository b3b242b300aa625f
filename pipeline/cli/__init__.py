"""The command `trunkline`: one module for each subject, each a handful of thin functions.

A command parses its arguments, calls one public function, and prints. Exit codes: 0 done, 1 the answer is no
(a difference, a failed check), 2 wrong usage or bad input, 3 broken machinery.
"""

import logging
from importlib import import_module

import typer

from pipeline.logs import configure_logs

app = typer.Typer(
    name="trunkline",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

SUBJECTS: tuple[str, ...] = (
    "mediation",
    "tax",
    "sql",
    "shell",
    "ledger",
    "rejects",
    "status",
    "report",
    "worker",
    "corrections",
    "simulate",
    "billing",
    "book",
    "deck",
    "channels",
    "pricing",
    "registry",
    "trunk",
    "address",
    "route",
    "key",
)
"""Modules of this package; each has `register(app)` and adds its commands there."""


@app.callback()
def trunkline() -> None:
    """Rate and bill SIP trunk calls: from CDR bytes to a priced ledger and an invoice."""


for subject in SUBJECTS:
    import_module(f"pipeline.cli.{subject}").register(app)


def main() -> None:
    """Entry point of the console script. What goes wrong is logged on stderr, so that stdout is the answer alone."""
    configure_logs(logging.WARNING)
    app()
