"""Items of a Questionnaire, ours or another's, into questions as a rule set writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from screening.core.answers import LONG_TEXT, READY_MADE, SCALE
from screening.core.conditions import RESERVED
from screening.core.documents import MAX_DEPTH
from screening.core.serialising import Plain
from screening.exports.fhir.codes import answer_of
from screening.exports.fhir.conditions import AskedAbove, key_of
from screening.exports.fhir.elements import LARGEST
from screening.exports.fhir.kinds import DEFAULT_LIMIT
from screening.exports.fhir.names import DECIMALS, DISPLAY_CATEGORY, EXCLUSIVE, ITEM_CONTROL, MAX, MIN, UNIT
from screening.exports.fhir.parsing import Unreadable, bounded
from screening.exports.fhir.reading import Element, Extensions, two_voices

MAX_LIMIT, MAX_DECIMALS = 4000, 6
_SIMPLE = ("required", "safety", "ask_when", "contact", "about", "fresh_for", "partial", "past", "format")
_SAID = ("safety", "contact", "about", "format", "partial", "past", "missing")
_CONTROLS = {"help": "hint", "flyover": "why", "lower": "low", "upper": "high"}
_TYPES = {
    "choice": "choose_one", "boolean": "choose_one", "integer": "number", "decimal": "number", "date": "date",
    "string": "text", "text": "text",
}  # fmt: skip
_NOT_HERE = {
    "open-choice": 'Offer an answer "other" and ask for the words in a question after it.',
    "quantity": "Ask for a number with one unit.",
    "dateTime": "Ask for a date.",
    "time": "Ask for text.",
    "url": "Ask for text.",
    "attachment": "Nothing can be attached here.",
    "reference": "Ask for text.",
}
_OF_NO_MEANING = ("id", "prefix", "code", "definition", "designNote", "readOnly")


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


def question_names() -> GivenIds:
    """For questions, some words are kept for conditions."""
    return GivenIds(RESERVED)


def read_question(item: Element, name: str, values: Mapping[str, list[Plain]]) -> tuple[Plain, AskedAbove]:
    """A question without its section and condition; `values` are the value sets that came with it.

    What cannot be asked here is refused; where there is no type at all, the question is read as text.
    """
    extensions = item.extensions()
    type_ = _type(item, extensions)
    ask = item.words("text") or ""
    if not ask:
        item.refuse("A question without words cannot be asked.", 'Add "text".')
    offered, called = _answers(item, values) if type_.startswith("choose") else ([], {})
    found = {
        "id": name,
        "ask": ask,
        "type": type_,
        **({} if item.flag("required") else {"required": False}),
        **({"answers": offered} if offered else {}),
        **_figures(item, extensions, type_),
        **_ours(extensions),
        **_words(item, type_),
        **overwriting(extensions, item),
    }
    item.ignore("linkId", "enableWhen", "enableBehavior", *_OF_NO_MEANING)
    extensions.hl7(ITEM_CONTROL)
    extensions.one("condition")  # held against `enableWhen` by whoever reads the whole
    extensions.done()
    item.done()
    return found, AskedAbove(name, called, type_)


def _type(item: Element, extensions: Extensions) -> str:
    named = item.text("type") or ""
    several = item.flag("repeats")
    if named in _NOT_HERE or named not in _TYPES:
        item.refuse(
            f'A question of type "{named[:30]}" cannot be asked here.',
            _NOT_HERE.get(named, "Choose another type."),
        )
        return "text"
    chosen = named == "choice" or (named != "boolean" and item.has("answerOption"))
    if chosen:  # of whatever type the answers are
        return "choose_many" if several else "choose_one"
    if several:
        item.refuse("Only answers to choose from may be given several times.", "Ask once, or offer answers.")
    return "scale" if extensions.one("scale") else _TYPES[named]


def _answers(item: Element, values: Mapping[str, list[Plain]]) -> tuple[list[Plain], dict[str, str]]:
    """The answers; and what `enableWhen` calls each, with its id."""
    if item.text("type") == "boolean":
        return [dict(answer) for answer in READY_MADE["yes_no"]], {
            "Boolean:True": "yes",
            "Boolean:False": "no",
        }
    value_set = item.text("answerValueSet")
    offered = item.parts("answerOption")
    if value_set is not None:
        offered += _of_value_set(item, value_set, values)
    if not offered:
        item.refuse("This question offers no answers.", 'Write them as "answerOption".')
    names = GivenIds()
    read = [_option(each, names) for each in offered]
    return [answer for answer, _ in read], {key: str(answer["id"]) for answer, key in read}


def _of_value_set(item: Element, name: str, values: Mapping[str, list[Plain]]) -> list[Element]:
    """The codes of a value set that came with the form; any other is refused."""
    if name not in values:
        item.refuse(
            f"Its answers stand in a value set elsewhere: {name[:200]}", 'Write them as "answerOption".'
        )
        return []
    path = f"{item.path}.answerValueSet"
    return [Element({"valueCoding": code}, path, item.troubles) for code in values[name]]


def _option(option: Element, names: GivenIds) -> tuple[Plain, str]:
    extensions = option.extensions()
    type_, value = option.value()
    coding = value if isinstance(value, dict) else {"code": str(value), "display": str(value)}
    code = str(coding.get("code") or coding.get("display") or "")
    label = _label(coding, option)
    if not label or value is None:
        option.refuse("An answer without words cannot be chosen.", 'Add "display".')
    own = {"clears": extensions.one("clears"), "hint": extensions.one("answer-hint")}
    found = {
        "id": names.give(answer_of(str(coding.get("system", "")), code), letter_first=False),
        "label": label,
        **({"alone": True} if extensions.hl7(EXCLUSIVE)[1] is True else {}),
        **{key: held for key, held in own.items() if held is not None},
        **overwriting(extensions, option),
    }
    option.ignore("id")
    extensions.done()
    option.done()
    return found, key_of(type_, value)


def _label(coding: Plain, option: Element) -> Any:
    words, beside = str(coding.get("display") or coding.get("code") or ""), coding.get("_display")
    path = f"{option.path}.valueCoding._display"
    return two_voices(words, Element(beside, path, option.troubles) if isinstance(beside, dict) else None)


def _figures(item: Element, extensions: Extensions, type_: str) -> Plain:
    low, high = (extensions.hl7(url)[1] for url in (MIN, MAX))
    decimals, unit = extensions.hl7(DECIMALS)[1], extensions.hl7(UNIT)[1]
    limit = item.whole("maxLength")
    if type_ == "number":
        return {**_range(low, high), **_decimals(decimals, item), **_unit(unit)}
    if type_ == "text":
        return _limit(item, limit)
    if type_ == "scale" and (low, high) != (SCALE[0], SCALE[-1]):
        item.refuse("A scale runs from 0 to 10.", "Correct minValue and maxValue.")
    elif type_ != "scale" and (low, high) != (None, None):
        item.troubles.leave_out(item.path, "Only numbers have bounds here.")
    return {}


def _range(low: Any, high: Any) -> Plain:
    if low is None and high is None:
        return {}
    return {"range": [-LARGEST if low is None else low, LARGEST if high is None else high]}


def _decimals(decimals: Any, item: Element) -> Plain:
    if decimals is None and item.text("type") == "decimal":
        return {"decimals": MAX_DECIMALS}
    return {"decimals": min(decimals, MAX_DECIMALS)} if isinstance(decimals, int) and decimals else {}


def _unit(unit: Any) -> Plain:
    return {"unit": str(unit.get("display") or unit.get("code") or "")} if isinstance(unit, dict) else {}


def _limit(item: Element, limit: int | None) -> Plain:
    if limit is None:
        limit = LONG_TEXT if item.text("type") == "string" else DEFAULT_LIMIT
    if limit > MAX_LIMIT:
        item.troubles.leave_out(f"{item.path}.maxLength", f"At most {MAX_LIMIT} characters are kept here.")
    return {} if limit == DEFAULT_LIMIT else {"limit": min(limit, MAX_LIMIT)}


def _ours(extensions: Extensions) -> Plain:
    held = {key: extensions.one(key) for key in _SAID}
    found = {key: value for key, value in held.items() if value is not None}
    open_ones, codings = extensions.one("codings-open"), extensions.all("coding")
    if codings or open_ones is not None:
        found["codings"] = codings or open_ones
    fresh = extensions.one("fresh-for")
    if fresh is None:
        return found
    days = fresh.get("value")
    return {**found, "fresh_for": f"{days} day{'' if days == 1 else 's'}"}


def _words(item: Element, type_: str) -> Plain:
    """The words that stand beside a question, as items of their own below it."""
    found: dict[str, Any] = {}
    for child in item.parts("item"):
        if child.text("type") != "display":
            continue  # asked in its turn
        extensions = child.extensions()
        code = control_code(extensions.hl7(ITEM_CONTROL)[1])
        key = _CONTROLS.get(code, "hint" if code == "" and "hint" not in found else "")
        extensions.hl7(DISPLAY_CATEGORY)
        extensions.done()
        text = child.words("text")
        if not key or key in found or (key in ("low", "high") and type_ != "scale"):
            child.troubles.leave_out(child.path, "Rule sets do not hold these words.")
        elif text:
            found[key] = text
        child.ignore("linkId", *_OF_NO_MEANING)
        child.done()
    return found


def control_code(concept: Any) -> str:
    """The code inside an itemControl; empty where there is none."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    first = codings[0] if isinstance(codings, list) and codings else None
    return str(first.get("code", "")) if isinstance(first, dict) else ""


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


def children(item: Element, *, told: bool = False) -> Iterator[Element]:
    """The items below that are more than words; words are named as left out, unless a question took them."""
    for child in item.parts("item"):
        if child.text("type") != "display":
            yield child
        elif not told:
            child.troubles.leave_out(child.path, "Rule sets do not hold words that stand for themselves.")
