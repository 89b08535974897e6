"""The parts of a rule set, its own and those of common blocks: written out in full, and merged into one."""

from __future__ import annotations

from screening.core import complaints, nodes
from screening.core.answers import READY_MADE
from screening.core.building import LISTS
from screening.core.findings import Problem
from screening.core.nodes import Node

MERGED = (*LISTS, "accept")
SOURCED = ("indicators", "flags", "urgent")  # what may stand for statements of the page
BORROWED = "borrowed"  # in `page`: where this page says what common rules ask for
BLOCK_KEYS = ("schema", "title", *MERGED)


def of_another_kind(node: Node) -> Problem | None:
    """A file that stands beside a rule set, or that some use, is told as such and not key by key."""
    schema = node.get("schema")
    kind = str(schema.value if schema is not None else "").partition("/")[0]
    if kind.startswith("screening-"):
        what = f"This is no rule set: {kind} stands in its first line."
        return Problem(node.place, "format", what, "Name the rule set's file, which begins with screening/1.")
    if any(key in MERGED for key in node.keys) and set(node.keys) <= set(BLOCK_KEYS):
        what = "This is a common block: it has no id and no version, which a rule set has."
        return Problem(node.place, "format", what, "Name a rule set that uses it: it is looked at with that.")
    return None


def refuse_what_is_no_list(part: Node, problems: list[Problem]) -> None:
    """Of the lists that are merged."""
    for key in MERGED:
        listed = part.get(key)
        if listed is not None and not isinstance(listed.value, list):
            what = f'"{key}" must be a list.'
            problems.append(
                Problem(listed.place, "format", what, "Write each entry after a dash, or leave it out.")
            )


def write_out_answers(part: Node, problems: list[Problem]) -> None:
    """Those that are written by a name, such as `yes_no`."""
    for _, _, question in nodes.mappings(part, ("questions",)):
        answers = question.get("answers")
        if answers is None or not isinstance(question.value, dict) or not isinstance(answers.value, str):
            continue
        if answers.value in READY_MADE:
            question.value["answers"] = nodes.node_of(READY_MADE[answers.value], answers.place)
        else:
            what = f'There is no ready-made set of answers "{answers.value}".'
            known = complaints.did_you_mean(answers.value, READY_MADE)
            own = "Answers of your own stand below, each on its line: - {id: left, label: Left}."
            problems.append(Problem(answers.place, "format", what, f"{known} {own}"))
            question.value["answers"] = nodes.node_of(READY_MADE["yes_no_not_sure"], answers.place)


def carry_sections_on(part: Node) -> None:
    """A question without one is of the section above it."""
    section: Node | None = None
    for _, _, question in nodes.mappings(part, ("questions",)):
        if isinstance(question.value, dict):
            section = question.get("section") or section
            if section is not None:
                question.value.setdefault("section", section)


def stand_here(own: Node, parts: list[Node], problems: list[Problem], *, all_read: bool) -> list[Node]:
    """The parts, each common rule that is `borrowed` with the source it has on this page."""
    page = own.get("page")
    written = page.get(BORROWED) if page is not None else None
    if written is None:
        return parts
    if not isinstance(written.value, dict):
        what = f'"{BORROWED}" names rules of common blocks.'
        remedy = f"Write {BORROWED}: {{short name: {{section: ..., phrase: ...}}}}."
        problems.append(Problem(written.place, "format", what, remedy))
        return parts
    rules = [entry for part in parts if part is not own for _, _, entry in nodes.mappings(part, SOURCED)]
    there = [str(found.value) for entry in rules if (found := entry.get("id")) is not None]
    for name in written.value if all_read else ():
        if name not in there:
            what = f'No common rule that is used here is called "{name}".'
            remedy = complaints.did_you_mean(name, there)
            problems.append(Problem(written.keys[name], "unknown-name", what, remedy))
    return [part if part is own else _standing(part, written) for part in parts]


def _standing(block: Node, written: Node) -> Node:
    """A block is shared by files, so that its own entries stay as they are."""
    value = dict(block.value) if isinstance(block.value, dict) else {}
    for key in SOURCED:
        if key in value:
            value[key] = Node(
                value[key].place, [_with_source(entry, written) for entry in value[key].items()]
            )
    return Node(block.place, value, block.keys)


def _with_source(entry: Node, written: Node) -> Node:
    name = entry.get("id")
    source = written.get(str(name.value)) if name is not None else None
    if source is None or not isinstance(entry.value, dict):
        return entry
    keys = entry.keys | {"source": source.place}
    return Node(entry.place, {**entry.value, "source": source}, keys)


def merge(own: Node, parts: list[Node]) -> Node:
    """The file's own keys, and each list of all parts after each other."""
    if not isinstance(own.value, dict):
        raise TypeError("only mappings are merged")
    merged = {key: node for key, node in own.value.items() if key != "uses"}
    if "page" in merged:
        merged["page"] = _without_borrowed(merged["page"])
    for key in MERGED:
        lists = [node for part in parts if (node := part.get(key)) is not None]
        if lists:
            merged[key] = Node(lists[0].place, [entry for node in lists for entry in node.items()])
    return Node(own.place, merged, own.keys)


def _without_borrowed(page: Node) -> Node:
    """As it is looked at and kept: what is said there has gone into the rules."""
    if not isinstance(page.value, dict):
        return page
    keys = {key: place for key, place in page.keys.items() if key != BORROWED}
    return Node(page.place, {key: node for key, node in page.value.items() if key != BORROWED}, keys)
