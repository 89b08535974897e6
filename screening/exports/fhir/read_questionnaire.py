"""A Questionnaire, ours or another's, into the content of a rule set."""

from __future__ import annotations

import re
from typing import Any

from screening.core.answers import LONG_TEXT
from screening.core.documents import MAX_DEPTH
from screening.core.rules import RESERVED_ADDRESSES, SCHEMA
from screening.core.serialising import Plain
from screening.exports.fhir.conditions import AskedAbove, both, comparisons, read_condition
from screening.exports.fhir.names import DISPLAY_CATEGORY, ITEM_CONTROL, RULE_SETS, VERSIONS
from screening.exports.fhir.parsing import Unreadable, bounded
from screening.exports.fhir.read_answers import in_own_words, overwriting
from screening.exports.fhir.read_items import (
    children,
    leave_out_whole,
    not_filled_in,
    question_names,
    read_question,
)
from screening.exports.fhir.read_links import looked_at, survey
from screening.exports.fhir.read_values import ValueSets
from screening.exports.fhir.reading import Element, Extensions

MAX_QUESTIONS, MAX_COMPARISONS = 1000, 20_000
UNTITLED = "TO REVIEW: a title"
ASK_WORDS = "TO REVIEW: what is it, in your own words?"
_WHOLE = ("category", "review-by", "age", "start", "summary")
_SAYS_NOTHING = ("resourceType", "id", "status", "contained")  # of a draft, or said of it elsewhere
_NAMED = ("url", "name", "subjectType")  # these we write ourselves
OF_NO_MEANING = (*_SAYS_NOTHING, *_NAMED, "meta", "text", "language", "date", "experimental")


def read_head(resource: Element) -> Plain:
    """All that stands before the questions; `status` as far as FHIR tells it."""
    extensions = resource.extensions()
    found = {
        "schema": extensions.one("schema") or SCHEMA,
        "id": _address(resource),
        "version": _version(resource),
        "status": "draft",
        "title": resource.text("title") or resource.text("name") or UNTITLED,
        **_whole(extensions),
        **_period(resource),
        **overwriting(extensions, resource),
    }
    extensions.one("digest")
    extensions.hl7(VERSIONS)
    extensions.done()
    resource.ignore(*_SAYS_NOTHING)
    resource.pass_over(*_NAMED)
    return found


def _whole(extensions: Extensions) -> Plain:
    held = {name.replace("-", "_"): extensions.one(name) for name in _WHOLE}
    wording = {key: words for key in ("allow", "ban") if (words := extensions.all(key))}
    notices = [_with_sources(each) for each in extensions.all("urgent")]
    if held["age"] is not None:
        held["age"] = _with_sources(held["age"])
    several = {"wording": wording, "accept": extensions.all("accept"), "urgent": notices}
    return {
        **{key: value for key, value in held.items() if value is not None},
        **{key: value for key, value in several.items() if value},
    }


def _with_sources(notice: Plain) -> Plain:
    """With its sources, which stand in it as JSON; what is none is left for the loader to refuse."""
    sources: list[object] = []
    for said in notice.get("source") or ():
        try:
            sources.append(bounded(said, MAX_DEPTH))
        except Unreadable:
            sources.append(said)
    return {**notice, "source": sources if len(sources) > 1 else sources[0]} if sources else notice


def _period(resource: Element) -> Plain:
    period = resource.part("effectivePeriod")
    start = period.text("start") if period is not None else None
    if period is not None:
        period.done()
    return {"effective_from": start[: len("2026-01-01")]} if start else {}


def _address(resource: Element) -> str:
    """Ours as it was; another's made of its id or name."""
    for identifier in resource.parts("identifier"):
        if identifier.text("system") == RULE_SETS and (value := identifier.text("value")):
            return value
        if not resource.troubles.ours:
            resource.troubles.leave_out(identifier.path, "A rule set has one id.")
    wanted = resource.text("id") or resource.text("name") or resource.text("title") or ""
    slug = re.sub("[^a-z0-9]+", "-", wanted.lower()).strip("-")[:90]
    return slug if slug[:1].isalpha() and slug not in RESERVED_ADDRESSES else f"form-{slug}".rstrip("-")


def _version(resource: Element) -> str:
    written = resource.text("version") or ""
    found = re.fullmatch(r"(\d{1,5})(?:\.(\d{1,5}))?(?:\.(\d{1,5}))?", written)
    if found is None:
        if written:
            resource.troubles.leave_out(f"{resource.path}.version", "A version is three numbers here.")
        return "0.1.0"
    return ".".join(str(int(part or 0)) for part in found.groups())


def read_items(form: Element) -> list[tuple[str, Plain]]:
    """Each question with its FHIRPath."""
    reading = _Reading(form)
    for item in children(form):
        reading.read(item, {}, None)
    reading.values.done()
    if not reading.questions:
        form.refuse("Nothing is asked here.", "Give a Questionnaire with questions.")
    return reading.questions


class _Reading:
    """Goes through the items once, remembering what conditions may name."""

    def __init__(self, form: Element) -> None:
        self.questions: list[tuple[str, Plain]] = []
        self.values = ValueSets(form)
        self._links = survey(form)
        self._names = question_names()
        self._above: dict[str, AskedAbove] = {}
        self._comparisons = 0

    def read(self, item: Element, around: Plain, when: Plain | None) -> None:
        """`around` holds the words of the section and the page that it stands in."""
        link = item.text("linkId") or ""
        if not link:
            item.troubles.leave_out(item.path, "It has no linkId, so no condition can look at it.")
        when = both(when, read_condition(item, self._above, self._links))
        if why := not_filled_in(item):
            leave_out_whole(item, why)
        elif item.text("type") == "group":
            self._group(item, around, when)
        elif len(self.questions) < MAX_QUESTIONS:
            self._question(item, link, around, when)
        elif len(self.questions) == MAX_QUESTIONS:
            item.refuse(f"There are more than {MAX_QUESTIONS} questions.", "Split the form.")

    def _group(self, item: Element, around: Plain, when: Plain | None) -> None:
        if item.flag("repeats"):
            item.refuse("A group that is filled in several times cannot be asked here.", "Ask once.")
        extensions = item.extensions()
        extensions.shown(ITEM_CONTROL)
        extensions.shown(DISPLAY_CATEGORY)
        key = "page" if extensions.one("page") else "section"
        extensions.done()
        around = _within(around, key, item.words("text"))
        for child in children(item):
            self.read(child, around, when)
        item.ignore("id", "linkId", "enableWhen", "enableBehavior")
        item.pass_over("required", "prefix", "code", "definition")
        item.done()

    def _question(self, item: Element, link: str, around: Plain, when: Plain | None) -> None:
        written, around_it = _as_written(item), when
        question, asked = read_question(item, self._names.give(link or item.text("text") or ""), self.values)
        when = self._with_room(item, written if written is not None else when)
        more = {**around, "ask_when": when}
        question = {**question, **{key: held for key, held in more.items() if held is not None}}
        self.questions.append((item.path, question))
        if link:
            self._above[link] = asked
        if other := in_own_words(asked.answers):
            self._in_own_words(item, asked, other, around)
        for child in children(item, told=True):
            _below_an_answer(child, asked, link)
            self.read(child, around, around_it)

    def _with_room(self, item: Element, when: Plain | None) -> Plain | None:
        """The condition of a group is that of all in it: one file could hold millions."""
        if self._comparisons <= MAX_COMPARISONS:
            self._comparisons += comparisons(when)
        if self._comparisons <= MAX_COMPARISONS:
            return when
        item.refuse(f"Conditions compare more than {MAX_COMPARISONS} times.", "Split the form.")
        return None

    def _in_own_words(self, item: Element, asked: AskedAbove, other: str, around: Plain) -> None:
        """The words that an open choice takes are a question of their own, after its answers."""
        name = self._names.give(f"{asked.id}_{other}")
        words = {"id": name, "ask": ASK_WORDS, "type": "text", "required": False, "limit": LONG_TEXT}
        self.questions.append((item.path, {**words, **around, "ask_when": {asked.id: [other]}}))
        what = "Its own words are asked for in a question after it, with words to review."
        item.troubles.leave_out(f"{item.path}.type", what)


def _within(around: Plain, key: str, heading: Any) -> Plain:
    """The heading of a group inside another's: both are said."""
    outer = around.get(key)
    if not heading:
        return around
    return {
        **around,
        key: f"{outer}: {heading}" if isinstance(outer, str) and isinstance(heading, str) else heading,
    }


def _below_an_answer(child: Element, asked: AskedAbove, link: str) -> None:
    if asked.type == "choose_many":
        child.refuse("What is asked below several answers is asked once for each.", "Ask once, after it.")
    elif link not in looked_at(child):
        child.troubles.leave_out(
            child.path, "It is asked here whether or not the question above it is answered."
        )


def _as_written(item: Element) -> Plain | None:
    """The condition that our extension carries; it is held against `enableWhen` afterwards."""
    said = item.extensions().one("condition")
    return parsed(said, item)


def parsed(said: Any, owner: Element) -> Plain | None:
    """A condition from its JSON."""
    if not isinstance(said, str):
        return None
    try:
        found = bounded(said, MAX_DEPTH)
    except Unreadable:
        found = None
    if not isinstance(found, dict):
        owner.refuse("The extension condition holds no condition.", "Correct it, or remove the extension.")
        return None
    return found
