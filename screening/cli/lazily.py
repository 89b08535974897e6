"""Commands that are imported when they are run or asked for help, so that none waits for another's tools."""

from __future__ import annotations

import gc
from collections import UserDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

import click

from screening.cli.ending import broken_off
from screening.cli.examples import told


class CommandPlace(NamedTuple):
    """Where a command stands (`package.module:attribute`), and the one line that lists say about it."""

    where: str
    brief: str


def places_in(package: str, commands: Mapping[str, tuple[str, str]]) -> dict[str, CommandPlace]:
    """Name -> place, from name -> (module of the package, brief); there it is called `<name>_command`."""
    return {
        name: CommandPlace(f"{package}.{module}:{name.replace('-', '_')}_command", brief)
        for name, (module, brief) in commands.items()
    }


class Lazily(UserDict[str, click.Command]):
    """Name -> command, from name -> place, in the given order."""

    def __init__(self, places: Mapping[str, CommandPlace]) -> None:
        super().__init__()
        self.places = places

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.data:
            module, _, attribute = self.places[name].where.partition(":")
            with uncollected():
                self.data[name] = getattr(import_module(module), attribute)
        return self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


@contextmanager
def uncollected() -> Iterator[None]:
    """At a start what is made stays: to go through it again and again takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class HelpfulGroup(click.Group):
    """The help of each of its commands ends with examples."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Those of the table, by all words of the command."""
        found = super().get_command(ctx, cmd_name)
        if found is not None and not isinstance(found, click.Group):
            path = [*ctx.command_path.split()[1:], cmd_name]
            found.epilog = told(" ".join(path)) or None
        return found


class LazyGroup(HelpfulGroup):
    """Lists its commands in the order in which they were given, and imports none of them for it."""

    def __init__(self, name: str | None = None, *, places: Mapping[str, CommandPlace], **more: Any) -> None:
        super().__init__(name, Lazily(places), **more)
        self.places = places

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is no UTF-8 could be neither kept nor told, whatever the command."""
        for given in args:
            if not given.isascii() and given != (told := given.encode(errors="replace").decode()):
                raise click.UsageError(f'"{told}" is no UTF-8 here. Rename it, or set LANG=C.UTF-8.', ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Where it is broken off, that is told here for every command."""
        with broken_off():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.places)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table's lines stand for the docstrings; a test holds the two equal."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.brief) for name, place in self.places.items()])


class WholeGroup(HelpfulGroup):
    """Lists its commands with all of the line that each begins with; click cuts it at half a line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """In the order of their names, as click has them."""
        lines = [
            (name, self.commands[name].get_short_help_str(limit=200)) for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(lines)
