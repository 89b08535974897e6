"""Single questions of a common block, with all that belongs to them: `common/injection-safety#diabetes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from screening.core import complaints, nodes
from screening.core.conditions import CONDITIONS, LOGIC
from screening.core.findings import Problem
from screening.core.nodes import Node

MARK = "#"
RULES = ("indicators", "flags")


def pick(block: Node, pieces: Iterable[Node], problems: list[Problem]) -> Node:
    """What is left of a block: the named questions and notices, in its order.

    With a question come its follow-ups, the questions it hangs on, each rule that looks at it, whatever that
    rule looks at besides, and what was let stand of all of these.
    """
    entries = {key: _by_id(block, key) for key in ("questions", *RULES, "urgent")}
    there = [*entries["questions"], *entries["urgent"]]
    wanted = set()
    for piece in pieces:
        name = str(piece.value).partition(MARK)[2]
        if name not in there:
            what = f'The common block has no question or notice "{name}".'
            problems.append(Problem(piece.place, "unknown-name", what, complaints.did_you_mean(name, there)))
        wanted.add(name)
    questions, rules = _closed(entries, wanted & entries["questions"].keys())
    kept = {"questions": questions, "flags": rules, "indicators": rules, "urgent": wanted}
    value = dict(block.value) if isinstance(block.value, dict) else {}
    for key, names in kept.items():
        if key in value:
            left = [entry for name, entry in entries[key].items() if name in names]
            value[key] = Node(value[key].place, left)
    if "accept" in value:
        spoken = {f"{key}.{name}" for key, names in kept.items() for name in names}
        value["accept"] = Node(value["accept"].place, list(_of(value["accept"], spoken)))
    return Node(block.place, value, block.keys)


def _by_id(block: Node, key: str) -> dict[str, Node]:
    found = ((entry.get("id"), entry) for _, _, entry in nodes.mappings(block, (key,)))
    return {str(name.value): entry for name, entry in found if name is not None}


def _closed(entries: dict[str, dict[str, Node]], start: Iterable[str]) -> tuple[set[str], set[str]]:
    """The questions and the rules that belong together with these questions."""
    asked = {name: set(_looks_at(entry)) for name, entry in entries["questions"].items()}
    looking = {name: set(_looks_at(entry)) for key in RULES for name, entry in entries[key].items()}
    questions, rules = set(start), set[str]()
    while True:
        rules |= {name for name, those in looking.items() if those & questions}
        grown = questions | {name for rule in rules for name in looking[rule] if name in asked}
        grown |= {name for name, those in asked.items() if those & questions}
        grown |= {parent for name in questions for parent in asked.get(name, ()) if parent in asked}
        if grown == questions:
            return questions, rules
        questions = grown


def _looks_at(entry: Node) -> Iterator[str]:
    for key in CONDITIONS:
        found = entry.get(key)
        if found is not None:
            yield from _named(found)


def _named(condition: Node) -> Iterator[str]:
    for part in condition.items():
        yield from _named(part)
    if isinstance(condition.value, dict):
        for key, inner in condition.value.items():
            if key in LOGIC:
                yield from _named(inner)
            else:
                yield key


def _of(accept: Node, spoken: set[str]) -> Iterator[Node]:
    for entry in accept.items():
        where = entry.get("where")
        if where is not None and where.value in spoken:
            yield entry
