"""The parts of a rule set, its own and those of common blocks: written out in full, and merged into one."""

from __future__ import annotations

from screening.core import complaints, nodes
from screening.core.answers import READY_MADE
from screening.core.building import LISTS
from screening.core.findings import Problem
from screening.core.nodes import Node

MERGED = (*LISTS, "accept")
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
            problems.append(
                Problem(answers.place, "format", what, complaints.did_you_mean(answers.value, READY_MADE))
            )
            question.value["answers"] = nodes.node_of(READY_MADE["yes_no_not_sure"], answers.place)


def carry_sections_on(part: Node) -> None:
    """A question without one is of the section above it."""
    section: Node | None = None
    for _, _, question in nodes.mappings(part, ("questions",)):
        if isinstance(question.value, dict):
            section = question.get("section") or section
            if section is not None:
                question.value.setdefault("section", section)


def merge(own: Node, parts: list[Node]) -> Node:
    """The file's own keys, and each list of all parts after each other."""
    if not isinstance(own.value, dict):
        raise TypeError("only mappings are merged")
    merged = {key: node for key, node in own.value.items() if key != "uses"}
    for key in MERGED:
        lists = [node for part in parts if (node := part.get(key)) is not None]
        if lists:
            merged[key] = Node(lists[0].place, [entry for node in lists for entry in node.items()])
    return Node(own.place, merged, own.keys)
