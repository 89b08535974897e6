"""A rule set as a FHIR R4 Questionnaire: what a patient is asked; `plan` holds its flags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import count, groupby
from typing import Any, NamedTuple

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.outlines import Outline
from screening.core.rules import Flag, Indicator, Question, RuleSet
from screening.core.serialising import Plain, canonical
from screening.exports.fhir.closing import ClosedConditions, TooEntangled
from screening.exports.fhir.elements import SEMVER, NoPlace, extension, said, written
from screening.exports.fhir.items import item_of
from screening.exports.fhir.names import HOME, RULE_SETS, STATUSES
from screening.exports.fhir.read_questionnaire import read_head
from screening.exports.fhir.reading import Element, Troubles

SECTION, PAGE = "section.", "page."  # begin the link ids of groups, which no question's id can
_LONGEST_ID = 64  # characters of an id in FHIR
_PLAIN = ("category", "review_by", "age", "start", "summary")


class Placed(NamedTuple):
    """An item, with the words of the section and the page that it stands in."""

    section: Any
    page: Any
    item: Plain


def content_of(rule_set: RuleSet) -> Plain:
    """What the digest is made of, as it was written."""
    return {key: held for key, held in json.loads(rule_set.document).items() if key != "place"}


def no_place(entry: RuleSet | Question | Flag | Indicator, why: Exception) -> Problem:
    """What an author is told of something that FHIR cannot hold."""
    place = entry.place
    if isinstance(why, TooEntangled):
        what = "This condition, with those of the questions it looks at, is too entangled for FHIR."
        return Problem(place, "no-place", what, "Split the question, or look at fewer answers.")
    return Problem(
        place,
        "no-place",
        f'FHIR has no place for what is written as "{why}" here.',
        "Change it, or leave it out.",
    )


def address(rule_set: RuleSet | Outline, kind: str, base: str = HOME) -> str:
    """The canonical address of a Questionnaire or PlanDefinition, without its version."""
    return f"{base}/{kind}/{rule_set.id}"


def resource_id(treatment: str) -> str:
    """A treatment's id as FHIR takes it: of a longer one the end becomes a mark that no other id has."""
    if len(treatment) <= _LONGEST_ID:
        return treatment.strip("-")
    return f"{treatment[:55].strip('-')}-{sha256(treatment.encode()).hexdigest()[:8]}"


def head(rule_set: RuleSet, kind: str, base: str) -> Plain:
    """What both resources say of themselves."""
    return {
        "resourceType": kind,
        "id": resource_id(rule_set.id),
        "url": address(rule_set, kind, base),
        "identifier": [{"system": RULE_SETS, "value": rule_set.id}],
        "version": rule_set.version,
        "name": "".join(word.capitalize() for word in re.split("[^a-z0-9]+", rule_set.id)),
        "title": rule_set.title,
        "status": STATUSES[rule_set.status],
        "extension": [SEMVER, extension("digest", rule_set.digest)],
    }


def version_before(rule_set: RuleSet, known: Iterable[str]) -> str | None:
    """The last of these versions of it that comes before this one."""
    earlier = [version for version in known if () < _number(version) < _number(rule_set.version)]
    return max(earlier, key=_number, default=None)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split("."))) if re.fullmatch(r"\d+\.\d+\.\d+", version, re.ASCII) else ()


def questionnaire(rule_set: RuleSet, base: str = HOME, before: str | None = None) -> Plain:
    """The Questionnaire; addresses begin with `base`. Raises RuleSetError for what has no place.

    `before` is the version that it was made from, where that is known.
    """
    raw = content_of(rule_set)
    problems: list[Problem] = []
    found = {**head(rule_set, "Questionnaire", base), "subjectType": ["Patient"]}
    if before is not None:
        found["derivedFrom"] = [f"{address(rule_set, 'Questionnaire', base)}|{before}"]
    if rule_set.effective_from is not None:
        found["effectivePeriod"] = {"start": rule_set.effective_from.isoformat()}
    found["extension"] += _of_the_whole(raw)
    try:
        back = read_head(Element(found, "Questionnaire", Troubles()))
        found["extension"] += written(_top(raw), back)
    except NoPlace as why:
        problems.append(no_place(rule_set, why))
    found["item"] = list(_sections(list(_items(rule_set, raw, problems))))
    if problems:
        raise RuleSetError(problems)
    return found


def _of_the_whole(raw: Plain) -> Iterator[Plain]:
    yield extension("schema", raw["schema"])
    for key in _PLAIN:
        held = _with_sources(raw[key]) if isinstance(raw.get(key), dict) else raw.get(key)
        if held:
            yield extension(key.replace("_", "-"), held)
    wording = raw.get("wording") or {}
    yield from (extension("allow", _without_nothing(allowed)) for allowed in wording.get("allow") or ())
    yield from (extension("ban", word) for word in wording.get("ban") or ())
    yield from (extension("accept", _without_nothing(doubt)) for doubt in raw.get("accept") or ())
    yield from (extension("urgent", _with_sources(notice)) for notice in raw.get("urgent") or ())


def _with_sources(notice: Plain) -> Plain:
    """Its sources as JSON, one by one: an extension inside an extension holds no more than a value."""
    held: Plain = _without_nothing(notice)
    source = held.get("source")
    listed = source if isinstance(source, list) else [source]
    return {**held, "source": [canonical(each) for each in listed]} if source else held


def _without_nothing(held: Any) -> Any:
    if not isinstance(held, dict):
        return held
    return {key: value for key, value in held.items() if key != "place" and value not in (None, [])}


def _top(raw: Plain) -> Plain:
    """What the Questionnaire holds of a rule set, besides its questions."""
    kept = {
        key: value
        for key, value in raw.items()
        if key not in ("questions", "indicators", "flags", "page", "status")
    }
    if kept.get("urgent"):
        kept["urgent"] = [
            {key: held for key, held in each.items() if key != "place"} for each in kept["urgent"]
        ]
    return kept


def _items(rule_set: RuleSet, raw: Plain, problems: list[Problem]) -> Iterator[Placed]:
    closing = ClosedConditions(rule_set)
    for question, entry in zip(rule_set.questions, raw["questions"], strict=True):
        try:
            item = item_of(rule_set, closing, question, entry)
            yield Placed(entry.get("section"), entry.get("page"), item)
        except (NoPlace, TooEntangled) as why:
            problems.append(no_place(question, why))


def _sections(items: Sequence[Placed]) -> Iterator[Plain]:
    """A group for each heading, and in it one for each page that questions share."""
    pages = count(1)
    for number, (section, group) in enumerate(groupby(items, key=lambda placed: placed.section), 1):
        inside = list(_pages(group, pages))
        if section is None:
            yield from inside
        else:
            yield {"linkId": f"{SECTION}{number}", **said("text", section), "type": "group", "item": inside}


def _pages(items: Iterable[Placed], numbers: Iterator[int]) -> Iterator[Plain]:
    for page, together in groupby(items, key=lambda placed: placed.page):
        inside = [placed.item for placed in together]
        if page is None:
            yield from inside
        else:
            marked = {"extension": [extension("page", True)], "linkId": f"{PAGE}{next(numbers)}"}
            yield {**marked, **said("text", page), "type": "group", "item": inside}
