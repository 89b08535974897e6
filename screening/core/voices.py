"""Two voices of one text: `me` speaks to the patient, `other` to somebody who fills in for the patient."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from operator import is_

from screening.core.documents import Node
from screening.core.findings import Problem

ME, OTHER = "me", "other"
VOICES = (ME, OTHER)
Steps = tuple[str, ...]
_QUESTION = (
    "ask", "hint", "why", "section", "page", "missing", "low", "high", "answers.*.label", "answers.*.hint",
)  # fmt: skip
SPOKEN: tuple[Steps, ...] = tuple(  # where a text may have two voices; * stands for every entry of a list
    tuple(address.split("."))
    for address in (
        "start.about.*",
        "start.have_ready.*",
        *(f"questions.*.{key}" for key in _QUESTION),
        "flags.*.say.patient",
        "urgent.*.heading",
        "urgent.*.items.*",
        "urgent.*.after",
    )
)


def both(node: Node) -> tuple[Node, Node] | None:
    """The two voices of a text, `me` first; None for a text with one."""
    voices = tuple(found for voice in VOICES if (found := node.get(voice)) is not None)
    words = all(isinstance(found.value, str) for found in voices)
    return (voices[0], voices[1]) if len(voices) == len(node.keys) == len(VOICES) and words else None


def has_two(node: Node) -> bool:
    """Whether any text of a rule set has two voices."""
    return any(both(found) is not None for found in _places(node, SPOKEN))


def spoken_in(key: str, entry: Node, voice: str) -> Node:
    """An entry of one of the lists as one voice says it; itself, where no text of it has two."""
    return _spoken(entry, _below(_below(SPOKEN, key), "*"), VOICES.index(voice))


def spoken_beside(node: Node, lists: tuple[str, ...], voice: str) -> Node:
    """A rule set in which all but these lists is as one voice says it. `node` stays as it is."""
    return _spoken(node, _but(lists), VOICES.index(voice))


def broken_in(key: str, entry: Node) -> Iterator[Problem]:
    """Texts of an entry of one of the lists that were meant to have two voices, and have not."""
    return _broken(entry, _below(_below(SPOKEN, key), "*"))


def broken_beside(node: Node, lists: tuple[str, ...]) -> Iterator[Problem]:
    """The same of a rule set, in all but these lists."""
    return _broken(node, _but(lists))


def _broken(node: Node, addresses: tuple[Steps, ...]) -> Iterator[Problem]:
    for found in _places(node, addresses):
        if isinstance(found.value, dict) and both(found) is None:
            what = "This text is neither words nor two voices."
            remedy = "Write words, or {me: ..., other: ...} with what the patient and somebody else is told."
            yield Problem(found.place, "format", what, remedy)


def _places(node: Node, addresses: tuple[Steps, ...]) -> Iterator[Node]:
    if () in addresses:
        yield node
    for key, inner in _inside(node):
        below = _below(addresses, key)
        if below:
            yield from _places(inner, below)


def _spoken(node: Node, addresses: tuple[Steps, ...], voice: int) -> Node:
    if () in addresses:
        found = both(node)
        # what is broken is told by `_broken`, and stands here as words so that nothing else complains of it
        return found[voice] if found else Node(node.place, "?") if isinstance(node.value, dict) else node
    if isinstance(node.value, list):
        below = _below(addresses, "*")
        each = [_spoken(inner, below, voice) for inner in node.value] if below else node.value
        same = all(map(is_, each, node.value))
        return node if same else Node(node.place, each)
    if not isinstance(node.value, dict):
        return node
    said = {
        key: _spoken(inner, below, voice) if (below := _below(addresses, key)) else inner
        for key, inner in node.value.items()
    }
    return node if all(map(is_, said.values(), node.value.values())) else Node(node.place, said, node.keys)


def _inside(node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node.value, dict):
        yield from node.value.items()
    for inner in node.items():
        yield "*", inner


@lru_cache(maxsize=16)
def _but(lists: tuple[str, ...]) -> tuple[Steps, ...]:
    return tuple(steps for steps in SPOKEN if steps[0] not in lists)


@lru_cache(maxsize=1024)  # a rule set asks thousands of times, of some dozens
def _below(addresses: tuple[Steps, ...], key: str) -> tuple[Steps, ...]:
    return tuple(steps[1:] for steps in addresses if steps and steps[0] == key)
