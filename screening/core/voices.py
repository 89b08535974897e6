"""Two voices of one text: `me` speaks to the patient, `other` to somebody who fills in for the patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import is_

from screening.core.findings import Problem
from screening.core.nodes import Node

ME, OTHER = "me", "other"
VOICES = (ME, OTHER)
EACH = "*"  # in place of a key: every entry of a list
_QUESTION = (
    "ask", "hint", "why", "section", "page", "missing", "low", "high", "answers.*.label", "answers.*.hint",
)  # fmt: skip
_BESIDE = ("start.about.*", "start.have_ready.*")
_ENTRIES: Mapping[str, tuple[str, ...]] = {
    "questions": _QUESTION,
    "flags": ("say.patient",),
    "urgent": ("heading", "items.*", "after"),
}


_Tree = dict[str, "_Tree"]  # where texts may have two voices: here, or under these keys


def _tree(addresses: Iterable[str]) -> _Tree:
    tree: _Tree = {}
    for address in addresses:
        inner = tree
        for step in address.split("."):
            inner = inner.setdefault(step, {})
    return tree


_IN_ENTRIES = {key: _tree(addresses) for key, addresses in _ENTRIES.items()}
_BESIDE_ENTRIES = _tree(_BESIDE)
_ANYWHERE = _BESIDE_ENTRIES | {key: {EACH: tree} for key, tree in _IN_ENTRIES.items()}


def both(node: Node) -> tuple[Node, Node] | None:
    """The two voices of a text, `me` first; None for a text with one."""
    if not isinstance(node.value, dict) or node.value.keys() != set(VOICES):
        return None
    mine, other = (node.value[voice] for voice in VOICES)
    return (mine, other) if isinstance(mine.value, str) and isinstance(other.value, str) else None


def has_two(node: Node) -> bool:
    """Whether any text of a rule set has two voices."""
    return any(both(found) is not None for found in _texts(node, _ANYWHERE))


def spoken_in(key: str, entry: Node, voice: str) -> Node:
    """An entry of one of the lists as one voice says it; itself, where no text of it has two."""
    tree = _IN_ENTRIES.get(key)
    return entry if tree is None else _said(entry, tree, VOICES.index(voice))


def spoken_beside(node: Node, voice: str) -> Node:
    """A rule set in which all but the lists is as one voice says it. `node` stays as it is."""
    return _said(node, _BESIDE_ENTRIES, VOICES.index(voice))


def broken_in(key: str, entry: Node) -> Iterator[Problem]:
    """Texts of an entry of one of the lists that were meant to have two voices, and have not."""
    return _broken(entry, _IN_ENTRIES[key]) if key in _IN_ENTRIES else iter(())


def broken_beside(node: Node) -> Iterator[Problem]:
    """The same of a rule set, in all but the lists."""
    return _broken(node, _BESIDE_ENTRIES)


def _broken(node: Node, tree: _Tree) -> Iterator[Problem]:
    for found in _texts(node, tree):
        if isinstance(found.value, dict) and both(found) is None:
            what = "This text is neither words nor two voices."
            remedy = "Write words, or {me: ..., other: ...} with what the patient and somebody else is told."
            yield Problem(found.place, "format", what, remedy)


def _texts(node: Node, tree: _Tree) -> Iterator[Node]:
    if not tree:
        yield node
    elif isinstance(node.value, dict):
        for key, inner in node.value.items():
            if key in tree:
                yield from _texts(inner, tree[key])
    elif EACH in tree:
        for inner in node.items():
            yield from _texts(inner, tree[EACH])


def _said(node: Node, tree: _Tree, voice: int) -> Node:
    if not isinstance(node.value, (dict, list)):
        return node
    if not tree:
        found = both(node)
        # what is broken is told by `_broken`, and stands here as words so that nothing else complains of it
        return found[voice] if found else Node(node.place, "?") if isinstance(node.value, dict) else node
    if isinstance(node.value, list):
        each = [_said(inner, tree[EACH], voice) for inner in node.value] if EACH in tree else node.value
        return node if all(map(is_, each, node.value)) else Node(node.place, each)
    said = {
        key: _said(inner, tree[key], voice) if key in tree else inner for key, inner in node.value.items()
    }
    return node if all(map(is_, said.values(), node.value.values())) else Node(node.place, said, node.keys)
