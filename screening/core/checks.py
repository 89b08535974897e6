"""What must hold between the parts of a rule set: ids, references, order, and what each type allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from screening.core import complaints, nodes, shared_pages, voices
from screening.core.answers import NOT_SURE, TYPES, Bounds, date_span
from screening.core.conditions import BOUNDS, RESERVED, Chosen, Condition, Leaf, Within, leaves
from screening.core.findings import Code, Place, Problem
from screening.core.nodes import Node
from screening.core.questions import Model
from screening.core.rules import RESERVED_ADDRESSES, Flag, Indicator, Question, Urgent
from screening.core.sources import AGE_RULE

LISTS = ("questions", "indicators", "flags", "urgent")
KINDS = {"questions": "question", "indicators": "indicator", "flags": "flag", "urgent": "urgent notice"}

ON_AGE = (
    "No condition looks at the age rule, which is of the whole treatment. "
    'Ask it, as in "Are you 65 or older?", and look at the answer.'
)
SOURCED = (Indicator, Flag, Urgent)  # what may stand for statements of the page


class WrittenCondition(NamedTuple):
    """A condition, and the entry it is written in; None where it could not be read."""

    key: str
    owner: str
    condition: Condition | None


class Hidden(NamedTuple):
    """What cannot be read of a rule set, as texts; None for what has none, and may hold anything."""

    texts: tuple[str | None, ...] = ()

    def may_name(self, name: str) -> bool:
        """Whether something of this name may stand there."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        return any(text is None or word.search(text) for text in self.texts)


ALL_READ = Hidden()


def find_clashing_ids(parts: list[Node], problems: list[Problem]) -> None:
    """Ids that stand twice in the rule set and its blocks; the problem names both places."""
    for key in LISTS:
        seen: dict[str, Place] = {}
        for part in parts:
            for _, _, entry in nodes.mappings(part, (key,)):
                _see(entry, KINDS[key], seen, problems)


def _see(entry: Node, kind: str, seen: dict[str, Place], problems: list[Problem]) -> None:
    found = entry.get("id")
    if found is None or not isinstance(found.value, str):
        return
    if found.value in seen:
        what = f'The {kind} "{found.value}" stands here twice; the first is at {seen[found.value]}.'
        remedy = "Give one of them another id, or remove it."
        problems.append(Problem(found.place, "duplicate-id", what, remedy))
    seen.setdefault(found.value, found.place)


def check(
    node: Node,
    built: Mapping[str, tuple[Model, ...]],
    conditions: list[WrittenCondition],
    problems: list[Problem],
    hidden: Hidden = ALL_READ,
) -> None:
    """Everything that no entry can see by itself.

    That something is nowhere is told only where it cannot be in what is hidden.
    """
    _check_top(node, problems)
    asked = [entry for _, _, entry in nodes.mappings(node, ("questions",)) if isinstance(entry.value, dict)]
    ids = [found for entry in asked if (found := entry.get("id")) is not None]
    questions, named = _questions(built), [str(found.value) for found in ids]
    hidden = Hidden((None,)) if _has_unclear_id(asked, problems) else hidden
    unclear = {entry.place for entry in asked if _has_unclear_id(entry.at(("answers",)).items(), problems)}
    clear = [question for question in questions if question.place not in unclear]
    references = _References(named, clear, problems, hidden)
    for written in conditions:
        references.check(written)
    rules = [entry for entries in built.values() for entry in entries if isinstance(entry, SOURCED)]
    _check_sources(node, rules, problems)
    _check_contacts(questions, problems)
    if not hidden.texts and len(questions) == len(node.at(("questions",)).items()):
        problems.extend(_unknown_age(node, questions))
        problems.extend(_silent_voices(node, questions))
    problems.extend(_odd_age(node.get("age")))


def _has_unclear_id(entries: Iterable[Node], problems: list[Problem]) -> bool:
    """Whether an id is missing, or is itself told as wrong: then any name may mean that entry."""
    told = {problem.place for problem in problems}
    ids = [entry.get("id") for entry in entries]
    return any(found is None or found.place in told for found in ids)


def check_pages(built: Mapping[str, tuple[Model, ...]], problems: list[Problem]) -> None:
    """Which questions share a page: their headings may differ from voice to voice."""
    problems.extend(shared_pages.check(_questions(built)))


def _questions(built: Mapping[str, tuple[Model, ...]]) -> list[Question]:
    return [entry for entry in built.get("questions", ()) if isinstance(entry, Question)]


def _silent_voices(node: Node, questions: list[Question]) -> Iterator[Problem]:
    """Who is spoken to is known from the question for whom the request is, or not at all."""
    asked = [question for question in questions if question.contact == "for_whom"]
    if voices.has_two(node) and not any(question.answer(voices.ME) for question in asked):
        what = "Texts have two voices, but no question tells for whom the request is."
        remedy = (
            "Write common/whom first under uses, or ask it yourself with contact: for_whom, "
            f'and "{voices.ME}" among its answers.'
        )
        yield Problem(node.keys.get("uses", node.place), "format", what, remedy)


def _unknown_age(node: Node, questions: list[Question]) -> Iterator[Problem]:
    """An age rule counts the years from the patient's date of birth."""
    days = [question for question in questions if "past" in question.kind.keys]  # of a type that knows days
    born = any(question.contact == "birth_date" for question in days)
    if node.get("age") is not None and not born:
        what = "There is an age rule, but no question asks for the date of birth."
        remedy = "Ask it with type: date and contact: birth_date, as common/about-you does."
        yield Problem(node.keys["age"], "format", what, remedy)


def _odd_age(age: Node | None) -> Iterator[Problem]:
    """What each bound of an age rule by itself does not tell."""
    if age is None or not isinstance(age.value, dict):
        return
    if not age.value:
        yield Problem(age.place, "format", "No age is named here.", "Write at_least or at_most.")
    written = {key: held for key in BOUNDS if (held := age.get(key)) is not None}
    for key, held in written.items():
        if held.value is None:
            yield Problem(held.place, "format", f'"{key}" is empty.', "Write years, or leave the key out.")
    years = [held.value for held in written.values() if type(held.value) is int]
    if len(years) == len(BOUNDS) and years[0] > years[1]:
        what = "at_least lies above at_most, so everybody would be asked to ring."
        yield Problem(written["at_least"].place, "format", what, "Swap them.")


def _check_top(node: Node, problems: list[Problem]) -> None:
    address = node.get("id")
    if address is not None and isinstance(address.value, str) and address.value in RESERVED_ADDRESSES:
        what = f'"{address.value}" is an address of the service itself.'
        problems.append(Problem(address.place, "format", what, "Choose another id for the treatment."))
    questions = node.get("questions")
    if questions is not None and isinstance(questions.value, list) and not questions.value:
        problems.append(Problem(questions.place, "format", "There are no questions.", "Write at least one."))
    days = [
        str(found.value) for key in ("effective_from", "review_by") if (found := node.get(key)) is not None
    ]
    review = node.get("review_by")
    if review is not None and len(days) == 2 and all(map(date_span, days)) and days[0] > days[1]:
        problems.append(
            Problem(
                review.place, "format", "The review date lies before effective_from.", "Give a later date."
            )
        )


def check_question(question: Question, node: Node, problems: list[Problem]) -> None:
    """What the model of a question cannot see, and what can be seen without other questions."""
    kind = question.kind
    others: frozenset[str] = frozenset().union(*(other.keys for other in TYPES.values())) - kind.keys
    for key in sorted(others & node.keys.keys()):
        owners = ", ".join(name for name, other in TYPES.items() if key in other.keys)
        what = f'"{key}" does not belong to the type {question.type}, but to {owners}.'
        problems.append(Problem(node.keys[key], "format", what, "Remove it, or change the type."))
    for key in sorted(kind.needs - node.keys.keys()):
        what = f'The question "{question.id}" needs "{key}", since its type is {question.type}.'
        problems.append(Problem(node.place, "format", what, "Add it."))
    if question.id in RESERVED:
        problems.append(
            Problem(
                node.place, "format", f'"{question.id}" has a meaning in conditions.', "Choose another id."
            )
        )
    problems += [
        Problem(node.keys[fault.key], "format", fault.message, fault.remedy)
        for fault in kind.faults(question)
        if fault.key in node.keys
    ]
    _check_answers(question, node, problems)


def _check_answers(question: Question, node: Node, problems: list[Problem]) -> None:
    seen: dict[str, Place] = {}
    for _, _, entry in nodes.mappings(node, ("answers",)):
        _see(entry, "answer", seen, problems)
    _check_safety(question, node, problems)
    clearing = question.answer(NOT_SURE)
    if clearing is not None and clearing.clears:
        what = f'"{NOT_SURE}" cannot clear the question "{question.id}".'
        problems.append(Problem(node.place, "format", what, "Remove clears: true from it."))


def _check_safety(question: Question, node: Node, problems: list[Problem]) -> None:
    """Whoever does not know can say so: with "not sure", or where nothing is chosen by leaving it empty."""
    if not question.safety or question.answer(NOT_SURE) is not None:
        return
    if _has_unclear_id(node.at(("answers",)).items(), problems):
        return
    place = node.keys.get("safety", node.place)
    if question.kind.own_words:
        what = f'The question "{question.id}" is answered in words, which raise nothing.'
        remedy = "Ask a question to choose from before it, and make that one the safety question."
        problems.append(Problem(place, "format", what, remedy))
    elif question.kind.chosen:
        what = f'The safety question "{question.id}" does not offer "{NOT_SURE}".'
        remedy = f"Add an answer with id {NOT_SURE}, or write answers: yes_no_not_sure."
        problems.append(Problem(place, "not-sure-missing", what, remedy))
    elif question.required:
        what = f'The safety question "{question.id}" cannot be left empty by somebody who does not know.'
        remedy = "Write required: false. An empty answer raises its flags."
        problems.append(Problem(place, "not-sure-missing", what, remedy))


class _References:
    """Checks that conditions name questions that are asked, and answers that they offer."""

    def __init__(
        self, named: list[str], questions: list[Question], problems: list[Problem], hidden: Hidden
    ) -> None:
        self._named, self._hidden = named, hidden
        self._questions = {question.id: question for question in questions}
        self._problems = problems

    def check(self, written: WrittenCondition) -> None:
        there = self._named
        if written.key == "questions" and written.owner in there:
            there = there[: there.index(written.owner)]
        for leaf in leaves(written.condition):
            self._check_leaf(leaf, f'{KINDS[written.key]} "{written.owner}"', there)

    def _check_leaf(self, leaf: Leaf, owner: str, there: list[str]) -> None:
        what = f'The {owner} looks at question "{leaf.question}", '
        if leaf.question not in self._named and self._hidden.may_name(leaf.question):
            return
        if leaf.question not in self._named:
            remedy = ON_AGE if leaf.question == "age" else complaints.did_you_mean(leaf.question, there)
            self._add(leaf, what + "which nobody asks.", remedy, "unknown-name")
        elif leaf.question not in there:
            remedy = "Move that question up, or this one down."
            self._add(leaf, what + "which is not asked above it.", remedy, "wrong-order")
        elif (question := self._questions.get(leaf.question)) is not None:
            self._check_comparison(leaf, question)

    def _check_comparison(self, leaf: Leaf, question: Question) -> None:
        comparison = question.kind.comparison
        if not comparison.takes(leaf):
            what = (
                f'The question "{question.id}" is of type {question.type} and cannot be compared like this.'
            )
            self._add(leaf, what, comparison.remedy)
        elif isinstance(leaf, Chosen):
            offered = [answer.id for answer in question.answers]
            for wanted in leaf.answers:
                if wanted not in offered:
                    what = f'The question "{question.id}" does not offer the answer "{wanted}".'
                    remedy = complaints.did_you_mean(wanted, offered)
                    if "," in wanted:
                        remedy = f"Write several between brackets: [{wanted}]."
                    self._add(leaf, what, remedy, "unknown-name")
        elif isinstance(comparison, Bounds):
            self._check_bounds(leaf, question, comparison)

    def _check_bounds(self, leaf: Within, question: Question, comparison: Bounds) -> None:
        bounds = [bound for bound in (leaf.at_least, leaf.at_most) if bound is not None]
        wrong = [bound for bound in bounds if not comparison.fits(question, bound)]
        for bound in wrong:
            what = f'"{bound}" is not a possible answer to the question "{question.id}".'
            self._add(leaf, what, comparison.fitting)
        if not wrong and len(bounds) == 2 and bounds[0] > bounds[1]:
            self._add(leaf, "at_least lies above at_most, so this is never met.", "Swap them.")

    def _add(self, leaf: Leaf, what: str, remedy: str, code: Code = "format") -> None:
        self._problems.append(Problem(leaf.place, code, what, remedy))


def _check_sources(node: Node, rules: list[Indicator | Flag | Urgent], problems: list[Problem]) -> None:
    page = node.get("page")
    sections = page.get("sections") if page is not None else None
    if sections is None or not isinstance(sections.value, dict):
        return
    age = node.get("age")
    told = age.get("source") if age is not None else None
    of_age = [] if told is None else [each.get("section") for each in told.items() or [told]]
    pointing = [(rule.id, rule.place, source.section) for rule in rules for source in rule.sources]
    pointing += [
        (AGE_RULE, each.place, each.value) for each in of_age if each and isinstance(each.value, str)
    ]
    for name, place, section in pointing:
        if section not in sections.value:
            what = f'The source of "{name}" names the section "{section}", not in page.sections.'
            common = place.file != node.place.file
            remedy = (
                complaints.said_elsewhere(name)
                if common
                else complaints.did_you_mean(section, sections.value)
            )
            problems.append(Problem(place, "unknown-name", what, remedy))
    for entry in node.at(("page", "set_aside")).items():
        named = entry.get("section")
        if named is not None and named.value in sections.value and entry.get("phrase") is None:
            what = f'"{named.value}" stands under page.sections, so it cannot be set aside as a whole.'
            remedy = (
                "Name the one statement that no rule needs, with a phrase of it; or, where no rule has its "
                "source there, take it from page.sections and name it here by its heading."
            )
            problems.append(Problem(entry.place, "format", what, remedy))


def _check_contacts(questions: list[Question], problems: list[Problem]) -> None:
    seen: dict[str, Question] = {}
    for question in questions:
        if question.contact is not None and question.contact in seen:
            what = (
                f'"contact: {question.contact}" stands twice; the first is at {seen[question.contact].place}.'
            )
            problems.append(Problem(question.place, "format", what, "Keep it on one question."))
        if question.contact is not None:
            seen.setdefault(question.contact, question)
