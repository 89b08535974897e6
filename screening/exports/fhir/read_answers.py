"""The answers that an item offers, ours or another's, as a rule set writes them; and the ids of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from screening.core.answers import READY_MADE
from screening.core.documents import MAX_DEPTH
from screening.core.serialising import Plain
from screening.exports.fhir.codes import answer_of
from screening.exports.fhir.conditions import key_of
from screening.exports.fhir.names import EXCLUSIVE
from screening.exports.fhir.parsing import Unreadable, bounded
from screening.exports.fhir.read_values import ValueSets
from screening.exports.fhir.reading import Element, Extensions

Called = Mapping[str, tuple[str, ...]]  # what FHIR calls an answer -> the ids of those that it may mean
OTHER_WORDS = "TO REVIEW: another answer"
_YES_NO: Called = {"Boolean:True": ("yes",), "Boolean:False": ("no",)}
_IN_WORDS = "in own words"


class GivenIds:
    """Ids that a rule set takes, made of whatever another program calls things."""

    def __init__(self, reserved: tuple[str, ...] = ()) -> None:
        self._taken = set(reserved)

    def give(self, wanted: str, letter_first: bool = True) -> str:
        """The same where it can be, else the nearest that is free."""
        base = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[:50]
        if re.fullmatch(r"[a-z0-9][a-z0-9_]{0,63}", wanted):
            base = wanted
        if not base or (letter_first and not base[0].isalpha()):
            base = f"q_{base}".rstrip("_")
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def read_answers(item: Element, values: ValueSets) -> tuple[list[Plain], Called]:
    """The answers; and what `enableWhen` calls each, with the ids of those that are called so."""
    if item.text("type") == "boolean":
        return [dict(answer) for answer in READY_MADE["yes_no"]], _YES_NO
    value_set, names, before = item.text("answerValueSet"), GivenIds(), len(item.troubles.wrong)
    read = [_option(each, names) for each in item.parts("answerOption")]
    if value_set is not None:
        read += [_coded(each, names) for each in values.offered(item, value_set)]
    if not read and len(item.troubles.wrong) == before:
        item.refuse("This question offers no answers.", 'Write them as "answerOption".')
    if item.text("type") == "open-choice":
        read.append(_Read({"id": names.give("other"), "label": OTHER_WORDS}, _IN_WORDS))
    if not values.has_room(item, len(read)):
        return [], {}
    systems = sorted({each.system for each in read if each.system})
    if systems and not item.troubles.ours:
        kept = f"Of these answers the words are kept, not the codes: {', '.join(systems)[:200]}"
        item.troubles.leave_out(f"{item.path}.answer{'Option' if value_set is None else 'ValueSet'}", kept)
    return [each.answer for each in read], _called(read)


class _Read(NamedTuple):
    """An answer, what `enableWhen` calls it, and the code system that it came from."""

    answer: Plain
    key: str
    system: str = ""


def in_own_words(called: Called) -> str:
    """The id of the answer after which the words are asked for; empty where there is none."""
    return "".join(called.get(_IN_WORDS, ()))


def _called(read: Iterable[_Read]) -> Called:
    found: dict[str, tuple[str, ...]] = {}
    for each in read:
        found[each.key] = (*found.get(each.key, ()), str(each.answer["id"]))
    return found


def _option(option: Element, names: GivenIds) -> _Read:
    extensions = option.extensions()
    type_, value = option.value()
    if isinstance(value, dict):
        read = _coded(Element(value, f"{option.path}.value{type_}", option.troubles), names)
    else:
        words = "" if value is None else str(value)
        read = _Read(_answer(option, words, words, names), key_of(type_, value))
    own = {"clears": extensions.one("clears"), "hint": extensions.one("answer-hint")}
    found = {
        **read.answer,
        **({"alone": True} if extensions.hl7(EXCLUSIVE)[1] is True else {}),
        **{key: held for key, held in own.items() if held is not None},
        **overwriting(extensions, option),
    }
    option.ignore("id")
    extensions.done()
    option.done()
    return read._replace(answer=found)


def _coded(coding: Element, names: GivenIds) -> _Read:
    system, code = coding.text("system") or "", coding.text("code") or ""
    display = coding.text("display") or ""
    words = coding.words("display") or code
    coding.ignore("id")
    if coding.has("extension"):
        coding.extensions().done()
    coding.done()
    key = key_of("Coding", {"system": system, "code": code or display})
    return _Read(_answer(coding, answer_of(system, code or display), words, names), key, system)


def _answer(owner: Element, code: str, words: object, names: GivenIds) -> Plain:
    if not words:
        owner.refuse("An answer without words cannot be chosen.", 'Add "display".')
    return {"id": names.give(code, letter_first=False), "label": words}


def overwriting(extensions: Extensions, owner: Element) -> Plain:
    """The keys that were written although they say what holds without them."""
    found: dict[str, object] = {}
    for said in extensions.all("written"):
        key, _, text = said.partition("=")
        try:
            found[key] = bounded(text, MAX_DEPTH)
        except Unreadable:
            owner.refuse(f'The extension written is "{said[:60]}".', "Write key=JSON.")
    return found
