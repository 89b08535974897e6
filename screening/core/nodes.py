"""What was written, as nodes that know where they stand: `documents` reads them from YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.core.findings import Place

_HOLDS_NODES = frozenset({dict, list})
Scalar = str | int | float | bool | None


@dataclass(slots=True)  # not frozen: a file has hundreds, and a frozen one takes three times as long to make
class Node:
    """A value and its place: `value` is a scalar, a list of nodes, or a dict of nodes."""

    place: Place
    value: Scalar | list[Node] | dict[str, Node]
    keys: dict[str, Place] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The node under `key` of a mapping; None for anything else."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def items(self) -> list[Node]:
        """The entries of a list; nothing for anything else."""
        return self.value if isinstance(self.value, list) else []

    def plain(self) -> Any:
        """The value without places, as `json.loads` would give it."""
        value = self.value
        if isinstance(value, dict):
            return {key: node.plain() for key, node in value.items()}
        return [node.plain() for node in value] if isinstance(value, list) else value

    def frozen(self) -> Any:
        """The same as frozen models hold it: lists as tuples."""
        value = self.value
        if isinstance(value, dict):
            return {
                key: node.frozen() if type(node.value) in _HOLDS_NODES else node.value
                for key, node in value.items()
            }
        return tuple([node.frozen() for node in value]) if isinstance(value, list) else value

    def at(self, path: tuple[int | str, ...]) -> Node:
        """The deepest node on `path` that exists."""
        node = self
        for step in path:
            inner = node.get(step) if isinstance(step, str) else _entry(node, step)
            if inner is None:
                break
            node = inner
        return node


def _entry(node: Node, index: int) -> Node | None:
    entries = node.items()
    return entries[index] if index < len(entries) else None


def node_of(value: Any, place: Place) -> Node:
    """Plain data as nodes, all of them at `place`."""
    if isinstance(value, dict):
        entries = {key: node_of(inner, place) for key, inner in value.items()}
        return Node(place, entries, dict.fromkeys(entries, place))
    if isinstance(value, list):
        return Node(place, [node_of(inner, place) for inner in value])
    return Node(place, value)


def mappings(node: Node, keys: Mapping[str, str] | tuple[str, ...]) -> Iterator[tuple[str, int, Node]]:
    """Every entry of the lists under `keys`, with its list's name and its index."""
    for key in keys:
        inner = node.get(key)
        if inner is not None:
            for index, entry in enumerate(inner.items()):
                yield key, index, entry
