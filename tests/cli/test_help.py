"""Every command explains itself, takes no option twice, and answers wrong usage with a sentence and code 2."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner, Result

from pipeline.cli import SUBJECTS, app

WIDE = {"COLUMNS": "400", "TERMINAL_WIDTH": "400", "NO_COLOR": "1", "TERM": "dumb"}
USAGE_ERROR: type[Any] = typer.BadParameter.__mro__[1]
"""Base of all refusals of the parser, which typer does not name publicly."""


def leaves(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], typer.core.TyperCommand]]:
    """Every command that is no group, by its path."""
    inner = getattr(command, "commands", None)
    if inner is None:
        assert isinstance(command, typer.core.TyperCommand)
        yield path, command
        return
    for name, child in inner.items():
        yield from leaves(child, (*path, name))


COMMANDS = dict(leaves(typer.main.get_command(app)))
GROUPS = sorted({path[:1] for path in COMMANDS if len(path) > 1})
NEEDING = {
    path: command for path, command in COMMANDS.items() if any(parameter.required for parameter in command.params)
}


def run(*arguments: str) -> Result:
    """`trunkline` with these arguments, on a wide terminal."""
    return CliRunner().invoke(app, list(arguments), env=WIDE)


def named(path: tuple[str, ...]) -> str:
    """A path as it is typed."""
    return " ".join(path)


@pytest.mark.parametrize("path", COMMANDS, ids=named)
def test_help_names_every_option_and_argument(path: tuple[str, ...]) -> None:
    """Code 0, the usage line, each option with its name, and nothing on stderr."""
    done = run(*path, "--help")
    assert (0, "") == (done.exit_code, done.stderr)
    assert f"trunkline {named(path)}" in done.stdout
    for parameter in COMMANDS[path].params:
        names = parameter.opts if parameter.param_type_name == "option" else [parameter.metavar or parameter.name]
        assert any(name in done.stdout for name in names), (parameter.name, done.stdout)


@pytest.mark.parametrize("path", COMMANDS, ids=named)
def test_every_command_says_what_it_does(path: tuple[str, ...]) -> None:
    """In a sentence that begins with a capital letter and ends."""
    about = (COMMANDS[path].help or "").split("\n\n")[0].strip()
    assert about[:1].isupper(), about
    assert about.endswith((".", ")")), about


@pytest.mark.parametrize("path", COMMANDS, ids=named)
def test_no_two_options_share_a_name(path: tuple[str, ...]) -> None:
    """Short or long, with its negation."""
    names = [
        name
        for parameter in COMMANDS[path].params
        if parameter.param_type_name == "option"
        for name in (*parameter.opts, *parameter.secondary_opts)
    ]
    assert len(set(names)) == len(names)


def refusal(path: tuple[str, ...], *arguments: str) -> Any:
    """How a command refuses these arguments before it does anything."""
    with pytest.raises(USAGE_ERROR) as refused:
        COMMANDS[path].make_context(named(path), list(arguments))
    return refused.value


@pytest.mark.parametrize("path", COMMANDS, ids=named)
def test_an_unknown_option_is_wrong_usage(path: tuple[str, ...]) -> None:
    """Code 2, and its name."""
    found = refusal(path, "--no-such-option")
    assert 2 == found.exit_code
    assert "--no-such-option" in found.format_message()


@pytest.mark.parametrize("path", NEEDING, ids=named)
def test_a_missing_argument_is_wrong_usage(path: tuple[str, ...]) -> None:
    """Code 2, and what is missing."""
    found = refusal(path)
    assert 2 == found.exit_code
    assert found.format_message().startswith("Missing ")


def test_wrong_usage_is_a_sentence_on_stderr() -> None:
    """What is wrong, where to read on, nothing on stdout, no traceback."""
    for arguments, said in ((("close",), "Missing argument"), (("close", "--perod", "x"), "No such option: --perod")):
        done = run(*arguments)
        assert (2, "") == (done.exit_code, done.stdout)
        assert said in done.stderr
        assert "trunkline close --help" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("path", GROUPS, ids=named)
def test_an_unknown_command_is_wrong_usage(path: tuple[str, ...]) -> None:
    """Within each group."""
    done = run(*path, "no-such-command")
    assert 2 == done.exit_code
    assert "no-such-command" in done.stderr


def test_without_a_command_the_help_is_shown() -> None:
    """With the first word of every command."""
    shown = run()
    for first in {path[0] for path in COMMANDS}:
        assert f" {first} " in shown.output


def test_a_mistyped_command_is_wrong_usage() -> None:
    """The word that was typed is named."""
    done = run("clsoe")
    assert 2 == done.exit_code
    assert "No such command 'clsoe'" in done.stderr


def test_subjects_are_listed_once() -> None:
    """Each module of the list has commands of its own: there are at least as many commands as modules."""
    assert len(set(SUBJECTS)) == len(SUBJECTS) <= len(COMMANDS)
