"""Which flags of the version before somebody would lose, so that each wants a written reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from screening.authoring.diff import diff
from screening.core.findings import Problem
from screening.core.rules import Flag, RuleSet, Urgent

_REMEDY = "Undo this, or have a clinician give the reason in writing: --reason NAME=TEXT."


def quieter_flags(old: RuleSet, new: RuleSet) -> Mapping[str, list[Problem]]:
    """Flag or notice id -> in what it is quieter: gone, for fewer, handled more lightly, told to fewer.

    A flag that looks at too much to be compared for every patient counts as quieter.
    """
    difference = diff(old, new)
    found: dict[str, list[Problem]] = {}
    gone = {change.id: change.witness for change in difference.changes if change.what == "removed"}
    there = {flag.id for flag in new.flags}
    for flag in old.flags:
        if flag.id not in there:
            what = f'The flag "{flag.id}" is gone.'
            found[flag.id] = [Problem(new.place, "flag-quieter", what, _REMEDY, gone.get(flag.id))]
    kept = {notice.id for notice in new.urgent}
    for notice in old.urgent:
        if notice.id not in kept:
            what = f'The notice "{notice.id}" is gone.'
            found[notice.id] = [Problem(new.place, "notice-quieter", what, _REMEDY)]
    watched: tuple[Flag | Urgent, ...] = (*new.flags, *new.urgent)
    for each in watched:
        about = [
            problem for problem in (*difference.quieter, *difference.unproved) if problem.place == each.place
        ]
        if about:
            found[each.id] = found.get(each.id, []) + [replace(problem, remedy=_REMEDY) for problem in about]
    return found
