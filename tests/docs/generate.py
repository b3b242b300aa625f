"""Write the pages that are made from code: docs/settings.md and docs/cli.md. `make docs` runs it, a test compares."""

from collections.abc import Iterator
from pathlib import Path

import click
import typer.main
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from pipeline.cli import app
from pipeline.mediation.describe import formats_page
from pipeline.settings import KafkaSettings, Settings, Source
from tests.docs.ledger_pages import ledger_page, views_page

DOCS = Path(__file__).resolve().parents[2] / "docs"
SECTIONS = {
    "Trunkline": (Settings, "TRUNKLINE_"),
    "Kafka": (KafkaSettings, "TRUNKLINE_KAFKA__"),
    "A source": (Source, ""),
}


def settings_page() -> str:
    """One table of settings for each section: name, environment variable, default, meaning."""
    lines = [
        "# Settings", "",
        "Defaults, then `trunkline.yaml` (or the file in `TRUNKLINE_CONFIG`), then the environment; the later wins.",
        "This page is made from `pipeline/settings.py` by `make docs`.", "",
    ]  # fmt: skip
    for title, (model, prefix) in SECTIONS.items():
        lines += [f"## {title}", "", "| setting | environment | default | meaning |", "|---|---|---|---|"]
        lines += list(_rows(model, prefix))
        lines += [""]
    return "\n".join(lines)


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True) if not field.is_required() else PydanticUndefined
        shown = (
            "required"
            if default is PydanticUndefined
            else "see below"
            if isinstance(default, BaseModel)
            else f"`{default}`"
        )
        variable = f"`{prefix}{name.upper()}`" if prefix else ""
        yield f"| `{name}` | {variable} | {shown} | {field.description or name.replace('_', ' ')} |"


def cli_page() -> str:
    """Every command with its help, arguments and options."""
    lines = ["# Command line", "", "This page is made from the commands themselves by `make docs`.", ""]
    root = typer.main.get_command(app)
    for path, command in _commands(root, "trunkline"):
        lines += [f"## {path}", "", command.help or command.short_help or "", ""]
        lines += [f"* {_parameter(parameter)}" for parameter in command.params if parameter.name != "help"]
        lines += [""]
    return "\n".join(lines)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    children = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name in sorted(children):
        yield from _commands(children[name], f"{path} {name}")


def _parameter(parameter: click.Parameter) -> str:
    names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
    text = getattr(parameter, "help", None) or ("required" if parameter.required else "optional")
    return f"{names}: {text}"


PAGES = {
    "settings.md": settings_page,
    "cli.md": cli_page,
    "ledger.md": ledger_page,
    "views.md": views_page,
    "formats.md": formats_page,
}


def main() -> None:
    """Write every generated page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page())


if __name__ == "__main__":
    main()
