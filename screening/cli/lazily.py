"""Commands that are imported when they are looked at, so that `serve` starts without the authors' tools."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator, Mapping
from importlib import import_module

import click


class Lazily(UserDict[str, click.Command]):
    """Name -> command, from name -> where it stands (`package.module:attribute`), in the given order."""

    def __init__(self, where: Mapping[str, str]) -> None:
        super().__init__()
        self.where = where

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.data:
            module, _, attribute = self.where[name].partition(":")
            self.data[name] = getattr(import_module(module), attribute)
        return self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in self.where

    def __iter__(self) -> Iterator[str]:
        return iter(self.where)

    def __len__(self) -> int:
        return len(self.where)


class InOrder(click.Group):
    """Lists its commands in the order in which they were given."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.commands)
