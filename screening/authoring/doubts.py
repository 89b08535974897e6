"""What may be right and mostly is not: each doubt is mended, or let stand with a reason that is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from screening.core.answers import Bounds
from screening.core.conditions import Chosen, Leaf, Within, leaves
from screening.core.dealings import weight
from screening.core.findings import Code, Place, Problem
from screening.core.nodes import Node
from screening.core.rules import Acceptable, Flag, Handling, Question, RuleSet
from screening.proving.examination import named
from screening.proving.worlds import all_leaves
from screening.tracing.statements import word_count

REASON_WORDS = 3  # at least
WHOLE = "rule set"
CLEARING = frozenset({"no", "none", "never", "does_not_apply"})  # what usually says that it is not there
_BLOOD_THINNER = (
    r"blood.?thin|anti-?coagul|anti-?platelet|warfarin|\w+xaban\b|clopidogrel|helps? to stop blood clots"
)
MUST_ASK: Mapping[str, str] = {  # before any needle: subject -> how it is known
    "blood_thinners": _BLOOD_THINNER,
    "allergies": r"allerg",
    "infection": r"infection",
    "pregnancy": r"pregnan",
}
LEAST: tuple[tuple[Handling, str], ...] = (  # what such a flag is handled as, at least
    (
        "review_before_booking",
        rf"{_BLOOD_THINNER}|pregnan|allerg|infection|antibiotic|react(?:ed|ion)|pace.?maker|defibrillator|bleed",
    ),
    ("discuss_at_consultation", r"diabet|steroid|breast.?feed|kidney|epilep|heart"),
)
_KEEP_TAKING = re.compile(r"\b(?:keep|go on|carry on|continue) (?:on )?(?:to take|taking)\b", re.IGNORECASE)
_SAYS_YES = re.compile(r"^(?:yes|i do|i am|i have)\b", re.IGNORECASE)
_SAYS_NO = re.compile(r"^(?:no|not|never|none|i do not|i don.t|i am not|i.m not)\b", re.IGNORECASE)
_SAYS_UNSURE = re.compile(
    r"not sure|don.t know|do not know|might|maybe|perhaps|unsure|can.t say", re.IGNORECASE
)


class Doubt(NamedTuple):
    """A problem that may be let stand at `where`, such as `flags.weight`."""

    where: str
    problem: Problem


def check(rule_set: RuleSet, node: Node, today: date, *, going_live: bool) -> Iterator[Problem]:
    """Every doubt that nobody accepted with a reason, and what is wrong with the reasons."""
    yield from _contradictions(rule_set)
    yield from _beyond_today(rule_set, today)
    doubts = [doubt for kind in _KINDS for doubt in kind(rule_set)]
    live = [doubt for kind in _OF_LIVE_ONES for doubt in kind(rule_set)]
    shown = [*doubts, *live] if going_live or rule_set.status == "live" else doubts
    for doubt in shown:
        if not rule_set.accepts(doubt.problem.code, doubt.where):
            yield doubt.problem
    yield from _exceptions(rule_set, node, {(doubt.problem.code, doubt.where) for doubt in [*doubts, *live]})


def _exceptions(rule_set: RuleSet, node: Node, found: set[tuple[Code, str]]) -> Iterator[Problem]:
    """Reasons that hardly say anything, and those for what is not in doubt."""
    there = node.at(("accept",)).items()
    for at, accepted in enumerate(rule_set.accept):
        place = there[at].place if at < len(there) else rule_set.place
        if word_count(accepted.reason) < REASON_WORDS:
            what = f"It is hardly said why {accepted.code} may stand at {accepted.where}."
            yield Problem(
                place, "no-reason", what, "Say in a few words who looked at it, and why it is right."
            )
        hides = accepted.code == "hidden-by-another" and _is_hidden(rule_set, accepted.where)
        if (accepted.code, accepted.where) not in found and not hides:
            what = f"Nothing at {accepted.where} is in doubt as {accepted.code}."
            remedy = (
                "Remove this reason, or mend its code and where, such as flags.weight or questions.weight."
            )
            yield Problem(place, "unused-exception", what, remedy)


def _is_hidden(rule_set: RuleSet, where: str) -> bool:
    asked = rule_set.by_id.get(where.removeprefix("questions."))
    return asked is not None and asked.safety and asked.ask_when is not None


def _doubt(where: str, place: Place, code: Acceptable, what: str, remedy: str) -> Doubt:
    how = f"{remedy} Or let it stand: accept: [{{code: {code}, where: {where}, reason: ...}}]."
    return Doubt(where, Problem(place, code, what, how))


def _unguarded(rule_set: RuleSet) -> Iterator[Doubt]:
    """A flag on a question that nobody has to answer is silent for whoever leaves it out."""
    for flag in rule_set.flags:
        open_ones = [name for name in flag.looks_at if not rule_set.by_id[name].safety]
        if open_ones:
            listed = ", ".join(f'"{name}"' for name in open_ones)
            what = (
                f"The {named(flag)} looks at {listed}, which is no safety question: without an answer, "
                "and with “not sure”, it stays away."
            )
            remedy = "Write safety: true in that question."
            yield _doubt(f"flags.{flag.id}", flag.place, "unguarded-flag", what, remedy)


def _clears_raises(rule_set: RuleSet) -> Iterator[Doubt]:
    """An answer that says "it is not there" and raises a flag all the same."""
    for flag in rule_set.flags:
        for leaf in leaves(flag.raise_when):
            asked = rule_set.by_id[leaf.question]
            offered = {answer.id: answer for answer in asked.answers}
            for name in leaf.answers if isinstance(leaf, Chosen) and asked.safety else ():
                if name in offered and offered[name].clears:
                    what = (
                        f'The answer “{offered[name].label}” to "{asked.id}" clears, '
                        f"and raises the {named(flag)}: it cannot mean both."
                    )
                    where = f"flags.{flag.id}"
                    yield _doubt(
                        where,
                        leaf.place,
                        "clears-raises",
                        what,
                        "Take clears: true from the one that raises.",
                    )


def _unusual(rule_set: RuleSet) -> Iterator[Doubt]:
    """What clears is mostly "no": anything else may be a slip of the pen that silences a flag."""
    for asked in rule_set.questions:
        strange = [
            answer for answer in asked.answers if asked.safety and answer.clears and answer.id not in CLEARING
        ]
        for answer in strange[:1]:
            what = f'The answer “{answer.label}” to "{asked.id}" clears, which mostly only “no” does.'
            remedy = "Take clears: true from it."
            yield _doubt(f"questions.{asked.id}", asked.place, "clears-unusual", what, remedy)


def _words_of(rule_set: RuleSet, flag: Flag) -> str:
    asked = (rule_set.by_id[name] for name in flag.looks_at)
    return " ".join((flag.id, flag.label, *(f"{each.id} {each.ask}" for each in asked if each.safety)))


def _light(rule_set: RuleSet) -> Iterator[Doubt]:
    """What may harm by a needle is looked at by somebody before it is booked."""
    for flag in rule_set.flags:
        said = _words_of(rule_set, flag)
        least = next((least for least, words in LEAST if re.search(words, said, re.IGNORECASE)), None)
        if least is not None and weight(flag.handling) < weight(least):
            what = (
                f"The {named(flag)} is handled as {flag.handling}; flags of this kind are handled as {least}."
            )
            yield _doubt(f"flags.{flag.id}", flag.place, "handling-light", what, f"Write handling: {least}.")


def _keep_taking(rule_set: RuleSet) -> Iterator[Doubt]:
    """Who reads of blood thinners may stop them, unless it is said at once that they should not."""
    for asked in rule_set.questions:
        words = " ".join(filter(None, (asked.ask, asked.hint, asked.why)))
        if asked.safety and re.search(_BLOOD_THINNER, words, re.IGNORECASE):
            yield from _not_kept(f"questions.{asked.id}", named(asked), asked.place, words)
    for flag in rule_set.flags:
        words = flag.say.patient or ""
        if re.search(_BLOOD_THINNER, words, re.IGNORECASE):
            yield from _not_kept(f"flags.{flag.id}", named(flag), flag.place, words)


def _not_kept(where: str, name: str, place: Place, words: str) -> Iterator[Doubt]:
    if _KEEP_TAKING.search(" ".join(words.split())) is None:
        what = f"The {name} speaks of blood thinners to the patient, and does not say to keep taking them."
        remedy = (
            "Add: Keep taking your medicines unless a doctor, nurse or pharmacist tells you to change them."
        )
        yield _doubt(where, place, "keep-taking", what, remedy)


def _no_urgent(rule_set: RuleSet) -> Iterator[Doubt]:
    if not any(notice.level == "emergency" for notice in rule_set.urgent):
        what = "There is no notice that says when to call 999: a patient in danger would fill in a form."
        remedy = "Write one under urgent, or use a block that has it, such as common/leg-emergencies."
        yield _doubt(WHOLE, rule_set.place, "no-urgent", what, remedy)


def _no_contact(rule_set: RuleSet) -> Iterator[Doubt]:
    if rule_set.by_contact.keys().isdisjoint(("phone", "email")):
        what = "Nobody is asked for a phone number or an email address, so nobody can be reached."
        yield _doubt(WHOLE, rule_set.place, "no-contact", what, "Write uses: [common/about-you].")


def _no_safety(rule_set: RuleSet) -> Iterator[Doubt]:
    asked = [f"{each.id} {each.subject} {each.ask}" for each in rule_set.questions if each.safety]
    for subject, words in MUST_ASK.items():
        if not any(re.search(words, each, re.IGNORECASE) for each in asked):
            what = f"No safety question asks about {subject.replace('_', ' ')}."
            remedy = (
                "Write uses: [common/injection-safety], or a safety question with its flag; "
                f"where its words are others, write about: {subject} in it."
            )
            yield _doubt(f"safety.{subject}", rule_set.place, "no-safety", what, remedy)


_KINDS: tuple[Callable[[RuleSet], Iterator[Doubt]], ...] = (
    _unguarded,
    _clears_raises,
    _unusual,
    _light,
    _keep_taking,
)
_OF_LIVE_ONES: tuple[Callable[[RuleSet], Iterator[Doubt]], ...] = (_no_urgent, _no_contact, _no_safety)


def _contradictions(rule_set: RuleSet) -> Iterator[Problem]:
    """The patient reads the label, the rules go by the id: the two say the same."""
    for asked in rule_set.questions:
        for answer in asked.answers:
            if _contradicts(asked, answer.id, answer.label):
                what = f'The answer with the id "{answer.id}" of "{asked.id}" is shown as “{answer.label}”.'
                remedy = "Swap the labels, or give the answer the id of what it says."
                yield Problem(asked.place, "label-contradicts", what, remedy)


def _contradicts(asked: Question, name: str, label: str) -> bool:
    unsure, plain = bool(_SAYS_UNSURE.search(label)), label.strip()
    if name == "not_sure":
        return not unsure and bool(_SAYS_YES.search(plain) or _SAYS_NO.search(plain))
    if name in ("yes", "no") and unsure:
        return asked.answer("not_sure") is not None or asked.safety
    if name == "yes":
        return bool(_SAYS_NO.search(plain))
    if name == "no":
        return bool(_SAYS_YES.search(plain))
    return name in CLEARING and plain.casefold().startswith("yes")


def _beyond_today(rule_set: RuleSet, today: date) -> Iterator[Problem]:
    """Days that nobody can give yet, since the question refuses what lies in the future."""
    for leaf in all_leaves(rule_set):
        asked = rule_set.by_id[leaf.question]
        if asked.past and isinstance(asked.kind.comparison, Bounds) and _lies_ahead(leaf, today):
            what = f'The question "{asked.id}" takes no day after today, so this decides for nobody yet.'
            place = leaf.place if leaf.place.file else asked.place
            yield Problem(
                place, "beyond-today", what, "Name a day that has been, or take past: true from the question."
            )


def _lies_ahead(leaf: Leaf, today: date) -> bool:
    if not isinstance(leaf, Within):
        return False
    least, most = (str(bound) if bound is not None else None for bound in (leaf.at_least, leaf.at_most))
    return (least is not None and least > today.isoformat()) or (
        most is not None and most >= today.isoformat()
    )
