"""Every command with something to choose shows examples in its help, and each can be typed as it stands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner

from screening.cli import main
from screening.cli.examples import EXAMPLES


def commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group, info_name=" ".join(("screening", *path)))
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        else:
            yield (*path, name), found


COMMANDS = {" ".join(path): found for path, found in commands()}
TO_TYPE = [(command, given) for command, lines in EXAMPLES.items() for given in lines]


def test_every_command_with_something_to_choose_has_examples_and_no_other() -> None:
    assert {name for name, found in COMMANDS.items() if found.params} == EXAMPLES.keys()
    assert all(EXAMPLES.values())


@pytest.mark.parametrize(("command", "given"), TO_TYPE)
def test_each_example_is_shown_and_can_be_parsed(
    command: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = CliRunner().invoke(main, [*command.split(), "--help"], prog_name="screening")
    assert f"screening {command} {given}".rstrip() in said.output.split("xample", 1)[1]
    _needs_no_files(monkeypatch)
    typed = shlex.split(given.partition(" < ")[0].partition("> ")[0])  # what follows is the shell's
    COMMANDS[command].make_context(command, typed)


def _needs_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_typed(_self: click.Path, value: Any, *_about: object) -> Any:
        return value

    for kind in (click.Path, click.File):
        monkeypatch.setattr(kind, "convert", as_typed)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_example_is_written_into_a_command(command: str) -> None:
    """One table has them all: what a command says itself stands above it."""
    assert "screening " + command + " " not in (COMMANDS[command].help or "")
