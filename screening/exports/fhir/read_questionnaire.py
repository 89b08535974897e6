"""A Questionnaire, ours or another's, into the content of a rule set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from screening.core.documents import MAX_DEPTH
from screening.core.rules import RESERVED_ADDRESSES
from screening.core.serialising import Plain
from screening.exports.fhir.conditions import AskedAbove, both, read_condition
from screening.exports.fhir.names import DISPLAY_CATEGORY, ITEM_CONTROL, RULE_SETS, VERSIONS
from screening.exports.fhir.parsing import Unreadable, bounded
from screening.exports.fhir.read_items import children, overwriting, question_names, read_question
from screening.exports.fhir.reading import Element, Extensions, Troubles

SCHEMA = "screening/1"
MAX_QUESTIONS = 1000
UNTITLED = "TO REVIEW: a title"
_WHOLE = ("category", "review-by", "age", "start", "summary")
OF_NO_MEANING = (
    "resourceType", "id", "meta", "text", "language", "url", "name", "status", "subjectType", "date",
    "contained", "experimental",
)  # fmt: skip


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
    return found


def _whole(extensions: Extensions) -> Plain:
    held = {name.replace("-", "_"): extensions.one(name) for name in _WHOLE}
    wording = {key: words for key in ("allow", "ban") if (words := extensions.all(key))}
    notices = [_notice(each) for each in extensions.all("urgent")]
    several = {"wording": wording, "accept": extensions.all("accept"), "urgent": notices}
    return {
        **{key: value for key, value in held.items() if value is not None},
        **{key: value for key, value in several.items() if value},
    }


def _notice(notice: Plain) -> Plain:
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


def read_items(resource: Element, contained: Mapping[str, list[Plain]]) -> list[tuple[str, Plain]]:
    """Each question with its FHIRPath."""
    reading = _Reading(contained, resource.troubles)
    for item in children(resource):
        reading.read(item, {}, None)
    if not reading.questions:
        resource.refuse("Nothing is asked here.", "Give a Questionnaire with questions.")
    return reading.questions


class _Reading:
    """Goes through the items once, remembering what conditions may name."""

    def __init__(self, contained: Mapping[str, list[Plain]], troubles: Troubles) -> None:
        self.questions: list[tuple[str, Plain]] = []
        self._contained = contained
        self._troubles = troubles
        self._names = question_names()
        self._above: dict[str, AskedAbove] = {}
        self._links: set[str] = set()

    def read(self, item: Element, around: Plain, when: Plain | None) -> None:
        """`around` holds the words of the section and the page that it stands in."""
        link = item.text("linkId") or ""
        if not link or link in self._links:
            item.refuse(f'The linkId "{link[:60]}" is missing, or stands twice.', "Give each item its own.")
        self._links.add(link)
        when = both(when, read_condition(item, self._above))
        if item.text("type") == "group":
            self._group(item, around, when)
        elif len(self.questions) < MAX_QUESTIONS:
            self._question(item, link, around, when)
        elif len(self.questions) == MAX_QUESTIONS:
            item.refuse(f"There are more than {MAX_QUESTIONS} questions.", "Split the form.")

    def _group(self, item: Element, around: Plain, when: Plain | None) -> None:
        if item.flag("repeats"):
            item.refuse("A group that is filled in several times cannot be asked here.", "Ask once.")
        extensions = item.extensions()
        for url in (ITEM_CONTROL, DISPLAY_CATEGORY):
            extensions.hl7(url)
        key = "page" if extensions.one("page") else "section"
        extensions.done()
        heading = item.words("text")
        for child in children(item):
            self.read(child, {**around, key: heading} if heading else around, when)
        item.ignore("required", "id", "prefix", "code", "definition")
        item.done()

    def _question(self, item: Element, link: str, around: Plain, when: Plain | None) -> None:
        written = _as_written(item)
        question, asked = read_question(item, self._names.give(link), self._contained)
        more = {**around, "ask_when": written if written is not None else when}
        question = {**question, **{key: held for key, held in more.items() if held is not None}}
        self.questions.append((item.path, question))
        self._above[link] = asked
        for child in children(item, told=True):
            self.read(child, around, when)


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


def value_sets(resource: Element) -> dict[str, list[Plain]]:
    """The codes of each value set that came inside the form, by how items name it."""
    return dict(_value_sets(resource))


def _value_sets(resource: Element) -> Iterator[tuple[str, list[Plain]]]:
    for each in resource.parts("contained"):
        if each.text("resourceType") != "ValueSet":
            each.troubles.leave_out(each.path, "Rule sets do not hold this.")
            continue
        name = each.text("id") or ""
        yield f"#{name.removeprefix('#')}", [*_expanded(each), *_composed(each)]


def _expanded(value_set: Element) -> Iterator[Plain]:
    expansion = value_set.part("expansion")
    for code in expansion.parts("contains") if expansion is not None else ():
        yield {key: held for key in ("system", "code", "display") if (held := code.text(key))}


def _composed(value_set: Element) -> Iterator[Plain]:
    compose = value_set.part("compose") if not value_set.has("expansion") else None
    for include in compose.parts("include") if compose is not None else ():
        system = include.text("system") or ""
        for code in include.parts("concept"):
            yield {"system": system} | {key: held for key in ("code", "display") if (held := code.text(key))}
