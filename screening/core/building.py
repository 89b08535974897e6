"""Nodes, which know where they stand, into a rule set; or every problem in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import ValidationError

from screening.core import checks, complaints, nodes, questions, rules, voices
from screening.core.conditions import CONDITIONS, parse_condition
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.nodes import Node
from screening.core.serialising import Plain, canonical, to_plain
from screening.core.sources import Age, SetAside

LISTS: Mapping[str, type[questions.Model]] = {
    "questions": rules.Question,
    "indicators": rules.Indicator,
    "flags": rules.Flag,
    "urgent": rules.Urgent,
}
BOTH = ""  # in place of a voice: an entry that says the same in both
LIFECYCLE = ("status",)  # moving from live to retired does not make another rule set


class BuiltEntry(NamedTuple):
    """What became of an entry, with its conditions; without a model, something is wrong with it."""

    model: questions.Model | None
    conditions: tuple[checks.WrittenCondition, ...]


@dataclass
class BuiltEntries:
    """What became of entries, so that each is made once: for both voices, and for all files that have it.

    An entry is known by its identity, which is its own only as long as the entry is there: `kept` are those
    of common blocks, which are there for as long as these are asked; others are forgotten with their file.
    """

    kept: set[int] = field(default_factory=set)
    _made: dict[tuple[int, str], BuiltEntry] = field(default_factory=dict)
    _written: dict[int, tuple[str, str]] = field(default_factory=dict)

    def keep(self, block: Node) -> None:
        """The block stays for as long as these are asked for it."""
        self.kept |= {id(entry) for _, _, entry in nodes.mappings(block, tuple(LISTS))}

    def made(self, key: str, entry: Node, voice: str, problems: list[Problem]) -> BuiltEntry:
        """The model of an entry as one voice says it."""
        known = self._made.get((id(entry), BOTH)) or self._made.get((id(entry), voice))
        if known is not None:
            return known
        before, said = len(problems), voices.spoken_in(key, entry, voice)
        problems.extend(voices.broken_in(key, entry))
        found = _model(key, LISTS[key], said, problems)
        if isinstance(found.model, rules.Question):
            checks.check_question(found.model, entry, problems)
        if len(problems) == before:  # what is wrong with it is told for each file that has it
            self._made[id(entry), BOTH if said is entry else voice] = found
        return found

    def written(self, entry: Node) -> tuple[str, str]:
        """An entry in canonical JSON, without its place and with it."""
        if id(entry) not in self._written:
            plain = entry.plain()
            placed = plain | {"place": to_plain(entry.place)} if isinstance(plain, dict) else plain
            self._written[id(entry)] = canonical(plain), canonical(placed)
        return self._written[id(entry)]

    def forget(self) -> None:
        """All but the entries of common blocks."""
        self._made = {at: made for at, made in self._made.items() if at[0] in self.kept}
        self._written = {at: written for at, written in self._written.items() if at in self.kept}


def make_models() -> None:
    """What looks at rule sets and their entries, which else is made when the first one is read."""
    models: list[type[questions.Model]] = [rules.RuleSet, *LISTS.values()]
    for model in models:
        model.model_rebuild()


def from_document(document: str) -> rules.RuleSet:
    """An archived rule set, from its `document`."""
    node = _archived(json.loads(document))
    for key in LISTS:
        listed = node.get(key)
        if isinstance(node.value, dict) and listed is not None:
            entries: list[Node] = [_archived(entry) for entry in listed.plain()]
            node.value[key] = Node(node.place, entries)
    return build(node, [])


def _archived(data: Plain) -> Node:
    content = {key: value for key, value in data.items() if key != "place"}
    return nodes.node_of(content, Place(**data["place"]))


def build(
    node: Node,
    problems: list[Problem],
    entries: BuiltEntries | None = None,
    hidden: checks.Hidden = checks.ALL_READ,
) -> rules.RuleSet:
    """The rule set, in both voices. Raises RuleSetError with these problems and all that are found.

    Nothing is told that may be otherwise once what is hidden can be read.
    """
    entries = entries or BuiltEntries()
    try:
        problems.extend(voices.broken_beside(node))
        archived = _archived_as(node, entries)
        rule_set = _build(node, problems, archived, entries, hidden=hidden)
        two = not problems and voices.has_two(node)
        other = _build(node, problems, archived, entries, voices.OTHER, hidden) if two else None
    finally:
        entries.forget()
    if problems or rule_set is None:
        raise RuleSetError(problems)
    return rule_set if other is None else rule_set.with_other_voice(other)


def _build(
    written: Node,
    problems: list[Problem],
    archived: Plain,
    entries: BuiltEntries,
    voice: str = voices.ME,
    hidden: checks.Hidden = checks.ALL_READ,
) -> rules.RuleSet | None:
    """Models from nodes, entry by entry, so that one bad entry hides no other problem."""
    built: dict[str, tuple[questions.Model, ...]] = {}
    conditions: list[checks.WrittenCondition] = []
    for key in LISTS:
        listed = written.get(key)
        if listed is not None and isinstance(listed.value, list):
            made = [entries.made(key, entry, voice, problems) for entry in listed.items()]
            built[key] = tuple(each.model for each in made if each.model is not None)
            conditions += [condition for each in made for condition in each.conditions]
    if hidden.texts:
        built.setdefault("questions", ())  # those of the part that cannot be read
    node = voices.spoken_beside(written, voice)
    beside = node.value.items() if isinstance(node.value, dict) else ()
    top = {key: inner.frozen() for key, inner in beside if key not in built}
    top |= {**built, **archived, **_placed_beside(node, problems)}
    top |= {"place": node.place, "places": written.keys}
    top["schema_"] = top.pop("schema", None)
    problems.extend(complaints.unknown_keys(rules.RuleSet, node))
    rule_set = _validate(rules.RuleSet, top, node, problems)
    checks.check_pages(built, problems)
    if voice == voices.ME:  # the rest is the same in both
        checks.check(written, built, conditions, problems, hidden)
    return rule_set if isinstance(rule_set, rules.RuleSet) else None


def _placed_beside(node: Node, problems: list[Problem]) -> Plain:
    """The age rule, and the page with what is set aside, each of which says where it stands."""
    found: dict[str, Any] = {}
    page, age = node.get("page"), node.get("age")
    if page is not None and isinstance(page.value, dict) and page.value.get("set_aside") is not None:
        aside = page.value["set_aside"]
        entries = tuple(_placed(SetAside, entry, problems) for entry in aside.items())
        found["page"] = page.frozen() | {
            "set_aside": entries if isinstance(aside.value, list) else aside.frozen()
        }
    if age is not None:
        found["age"] = _placed(Age, age, problems)
    return found


def _placed(model: type[questions.Model], node: Node, problems: list[Problem]) -> Any:
    problems.extend(complaints.unknown_keys(model, node))
    data = node.frozen()
    return {**data, "place": node.place} if isinstance(node.value, dict) else data


def _model(
    key: str,
    model: type[questions.Model],
    node: Node,
    problems: list[Problem],
) -> BuiltEntry:
    if not isinstance(node.value, dict):
        problems.append(
            Problem(node.place, "format", "This entry is not a list of keys.", "Start it with: - id: ...")
        )
        return BuiltEntry(None, ())
    data = node.frozen() | {"place": node.place}
    conditions: list[checks.WrittenCondition] = []
    for name in CONDITIONS:
        inner = node.get(name)
        if inner is not None and name in model.model_fields:
            data[name] = parse_condition(inner, problems)
            conditions.append(checks.WrittenCondition(key, str(data.get("id", "")), data[name]))
    problems.extend(complaints.unknown_keys(model, node))
    return BuiltEntry(_validate(model, data, node, problems), tuple(conditions))


def _validate(
    model: type[questions.Model], data: Any, node: Node, problems: list[Problem]
) -> questions.Model | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(complaints.problems_of(error, model, node))
    return None


def _archived_as(node: Node, entries: BuiltEntries) -> Plain:
    """What the archive keeps of it, and by which name."""
    content, document = dict[str, str](), {"place": canonical(to_plain(node.place))}
    for key, inner in node.value.items() if isinstance(node.value, dict) else ():
        written = _written(key, inner, entries)
        # The content alone: no places, no comments, no order of keys, no life cycle.
        content |= {key: written[0]} if key not in LIFECYCLE else {}
        document[key] = written[1]
    digest = hashlib.sha256(_put_together(content).encode()).hexdigest()
    return {"digest": digest, "document": _put_together(document)}


def _written(key: str, node: Node, entries: BuiltEntries) -> tuple[str, str]:
    if key not in LISTS or not isinstance(node.value, list):
        return (canonical(node.plain()),) * 2
    each = [entries.written(entry) for entry in node.value]
    content, document = (",".join(texts) for texts in zip(*each, strict=True)) if each else ("", "")
    return f"[{content}]", f"[{document}]"


def _put_together(written: Mapping[str, str]) -> str:
    """Canonical JSON, of values that are."""
    return "{" + ",".join(f"{canonical(key)}:{written[key]}" for key in sorted(written)) + "}"
