"""A case as it is written: its sentence, what it expects, and the text of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, TypedDict

import yaml

from screening.authoring.cases import Case, in_labels, listed, reason_of, told
from screening.core.ages import asks_birth_date, bounds
from screening.core.assessment import Assessment
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.core.stored import Stored
from screening.proving.examination import quoted
from screening.proving.patient_sets import Patient

BORN = date(2000, 6, 15)  # a day like any other: no February, no end of a month
BRIEF, FEW = 10, 3  # words of a label, and names in a row, that a sentence holds
Differs = Patient  # None: left unanswered


class GeneratedCase(TypedDict):
    """A case as it is written: `expect` as in `screening.authoring.cases.Expected`."""

    case: str
    signed_off: str | None
    differs: Differs
    expect: Plain


def as_yaml(rule_set: RuleSet, usual: Stored, cases: Sequence[GeneratedCase]) -> str:
    """The cases as the text of `<id>.generated.cases.yaml`."""
    head = {
        "schema": "screening-cases/1",
        "rule_set": rule_set.id,
        "usual": in_labels(rule_set, as_listed(usual)),
        "cases": [{**case, "differs": in_labels(rule_set, case["differs"])} for case in cases],
    }
    return yaml.dump(
        head, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )


def as_listed(usual: Stored) -> Patient:
    """Answers as cases hold them: several as a list."""
    return {name: listed(held) for name, held in usual.items()}


class _Plain(yaml.SafeDumper):
    """Without aliases, which our own reader refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def written_case(
    rule_set: RuleSet, before: Assessment, after: Assessment, differs: Differs, spoken: set[str]
) -> GeneratedCase:
    """One case, unsigned; `spoken`: the rules and follow-ups of which it expects something."""
    sentence = f"{_said(rule_set, differs)}. {_came(before, after)}."
    expected = _expected(rule_set, after, spoken, usual=not differs)
    return {"case": sentence, "signed_off": None, "differs": differs, "expect": expected}


def of_birthday(case: Case) -> bool:
    """Whether it is about a day, and so shows nothing of what does not go by days."""
    return case.expect.rings_on is not None or case.expect.no_ring_on is not None


def birthday_cases(rule_set: RuleSet) -> Iterator[GeneratedCase]:
    """Of each bound of the age rule, the last day on the one side and the first on the other."""
    born = asks_birth_date(rule_set)
    if born is None:
        return
    for side, years in bounds(rule_set.age).items():
        birthday = BORN.replace(year=BORN.year + (years if side == "under" else years + 1))
        days = ("rings_on", "no_ring_on") if side == "under" else ("no_ring_on", "rings_on")
        said = ("is asked to ring", "is not")
        before, on = said if side == "under" else said[::-1]
        yield {
            "case": f"The day before turning {birthday.year - BORN.year}: {before}. On the birthday: {on}.",
            "signed_off": None,
            "differs": {born: BORN.isoformat()},
            "expect": {
                days[0]: (birthday - timedelta(days=1)).isoformat(),
                days[1]: birthday.isoformat(),
            },
        }


def _expected(rule_set: RuleSet, assessment: Assessment, spoken: set[str], *, usual: bool) -> Plain:
    """Each flag that is raised, and no other; of the rest, what the case speaks of."""
    flags: dict[str, object] = {}
    for flag in assessment.flags:
        raised = {"reason": reason_of(flag), "handling": flag.handling, "told": list(told(flag))}
        if flag.raised or usual:
            flags[flag.id] = raised if flag.raised else reason_of(flag)
    asked = set(assessment.path.asked)
    found: Plain = {
        "indicators": {each.id: each.state for each in assessment.indicators if each.id in spoken},
        "flags": flags,
        "asked": [name for name in rule_set.by_id if name in spoken & asked],
        "not_asked": [name for name in rule_set.by_id if name in spoken - asked],
    }
    return {key: value for key, value in found.items() if value} | {"no_other_flags": True}


def _said(rule_set: RuleSet, differs: Differs) -> str:
    """What differs, each answer in its label beside the short name of its question."""
    if not differs:
        return "The usual patient"
    return "; ".join(
        f"{_short(name)}: {quoted(rule_set.by_id[name], held)}" for name, held in differs.items()
    )


def _came(before: Assessment, after: Assessment) -> str:
    """What comes out otherwise than for the usual patient."""
    were = {flag.id: flag.raised for flag in before.flags}
    states = {indicator.id: indicator.state for indicator in before.indicators}
    asked, earlier = (dict.fromkeys(each.path.asked) for each in (after, before))
    parts = {
        "Raised": [_brief(flag.label) for flag in after.flags if flag.raised and not were[flag.id]],
        "Not raised": [_brief(flag.label) for flag in after.flags if not flag.raised and were[flag.id]],
        **{
            state.replace("_", " ").capitalize(): [
                _brief(each.label) for each in after.indicators if each.state == state != states[each.id]
            ]
            for state in ("matched", "possible", "not_reported")
        },
        "Asked": [_short(name) for name in asked if name not in earlier],
        "Not asked": [_short(name) for name in earlier if name not in asked],
    }
    said = [f"{word}: {_few(names)}" for word, names in parts.items() if names]
    return ". ".join(said) or "All comes out as for the usual patient"


def _short(name: str) -> str:
    return name.replace("_", " ")


def _brief(label: str) -> str:
    words = label.split()
    return label if len(words) <= BRIEF else f"{' '.join(words[:BRIEF])} …"


def _few(names: Sequence[str]) -> str:
    """The first of them; all stand in what the case expects."""
    more = len(names) - FEW
    return ", ".join(names) if more < 1 else f"{', '.join(names[:FEW])} and {more} more"
