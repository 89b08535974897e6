"""Items of a Questionnaire, ours or another's, into questions as a rule set writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from screening.core.answers import LONG_TEXT, SCALE
from screening.core.conditions import RESERVED
from screening.core.serialising import Plain
from screening.core.wording import so_many
from screening.exports.fhir.conditions import AskedAbove
from screening.exports.fhir.elements import LARGEST
from screening.exports.fhir.kinds import DEFAULT_LIMIT
from screening.exports.fhir.names import DECIMALS, DISPLAY_CATEGORY, HIDDEN, ITEM_CONTROL, MAX, MIN, UNIT
from screening.exports.fhir.read_answers import GivenIds, overwriting, read_answers
from screening.exports.fhir.read_values import ValueSets
from screening.exports.fhir.reading import Element, Extensions

MAX_LIMIT, MAX_DECIMALS = 4000, 6
_SAID = ("safety", "contact", "about", "format", "partial", "past", "missing")
_CONTROLS = {"help": "hint", "flyover": "why", "lower": "low", "upper": "high"}
_SHOWN = {"choose_one": "radio-button", "choose_many": "check-box"}
_TYPES = {
    "choice": "choose_one", "open-choice": "choose_one", "boolean": "choose_one", "integer": "number",
    "decimal": "number", "date": "date", "dateTime": "date", "string": "text", "text": "text", "url": "text",
    "time": "text",
}  # fmt: skip
_NEARLY = {
    "dateTime": "Only the day is asked here, not the time of day.",
    "time": "A time is given in words here.",
    "url": "An address of a page is given in words here.",
}
_NOT_HERE = {
    "quantity": "Ask for a number with one unit.",
    "attachment": "Nothing can be attached here.",
    "reference": "Ask for text.",
}
_OF_OTHERS = ("prefix", "definition", "designNote")


def question_names() -> GivenIds:
    """For questions, some words are kept for conditions."""
    return GivenIds(RESERVED)


def read_question(item: Element, name: str, values: ValueSets) -> tuple[Plain, AskedAbove]:
    """A question without its section and condition; `values` are the value sets that came with it.

    What cannot be asked here is refused; where there is no type at all, the question is read as text.
    """
    extensions = item.extensions()
    type_ = _type(item, extensions)
    ask = item.words("text") or ""
    if not ask:
        item.refuse("A question without words cannot be asked.", 'Add "text".')
    offered, called = read_answers(item, values) if type_.startswith("choose") else ([], {})
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
    item.ignore("linkId", "enableWhen", "enableBehavior", "id", "readOnly")
    item.pass_over("code", *_OF_OTHERS)
    extensions.shown(ITEM_CONTROL, _SHOWN.get(type_, ""))
    extensions.one("condition")  # held against `enableWhen` by whoever reads the whole
    extensions.done()
    item.done()
    return found, AskedAbove(name, called, type_, item.text("type") == "integer")


def _type(item: Element, extensions: Extensions) -> str:
    named = item.text("type") or ""
    several = item.flag("repeats")
    if named not in _TYPES:
        item.refuse(
            f'A question of type "{named[:30]}" cannot be asked here.',
            _NOT_HERE.get(named, "Choose another type."),
        )
        return "text"
    if named.endswith("choice") or (named != "boolean" and item.has("answerOption")):
        return "choose_many" if several else "choose_one"  # of whatever type the answers are
    if several:
        item.refuse("Only answers to choose from may be given several times.", "Ask once, or offer answers.")
    if named in _NEARLY:
        item.troubles.leave_out(f"{item.path}.type", _NEARLY[named])
    return "scale" if extensions.one("scale") else _TYPES[named]


def _figures(item: Element, extensions: Extensions, type_: str) -> Plain:
    if type_ == "text":
        return _limit(item)
    if type_ not in ("number", "scale"):
        return {}
    low, high = (extensions.hl7(url)[1] for url in (MIN, MAX))
    if type_ == "number":
        return {**_range(low, high), **_decimals(item, extensions), **_unit(item, extensions.hl7(UNIT)[1])}
    if (low, high) != (SCALE[0], SCALE[-1]):
        item.refuse("A scale runs from 0 to 10.", "Correct minValue and maxValue.")
    return {}


def _range(low: Any, high: Any) -> Plain:
    if low is None and high is None:
        return {}
    return {"range": [-LARGEST if low is None else low, LARGEST if high is None else high]}


def _decimals(item: Element, extensions: Extensions) -> Plain:
    decimals = extensions.hl7(DECIMALS)[1]
    if decimals is None and item.text("type") == "decimal":
        decimals = MAX_DECIMALS + 1  # as many as one likes
    if not isinstance(decimals, int) or not decimals:
        return {}
    if decimals > MAX_DECIMALS:
        item.troubles.leave_out(item.path, f"At most {MAX_DECIMALS} decimals are taken here.")
    return {"decimals": min(decimals, MAX_DECIMALS)}


def _unit(item: Element, unit: Any) -> Plain:
    if not isinstance(unit, dict):
        return {}
    display, code = (str(unit.get(key) or "") for key in ("display", "code"))
    if display and code and display != code:
        item.troubles.leave_out(item.path, f"Of the unit the word is kept, not the code: {code[:60]}")
    return {"unit": display or code}


def _limit(item: Element) -> Plain:
    given = item.whole("maxLength")
    most = LONG_TEXT if item.text("type") in ("string", "time") else DEFAULT_LIMIT
    limit = most if given is None else min(given, MAX_LIMIT)
    if limit != given and item.text("type") in _TYPES:
        item.troubles.leave_out(item.path, f"At most {limit} characters are taken here.")
    return {} if limit == DEFAULT_LIMIT else {"limit": limit}


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
    return {**found, "fresh_for": so_many(days, "day")}


def _words(item: Element, type_: str) -> Plain:
    """The words that stand beside a question, as items of their own below it."""
    found: dict[str, Any] = {}
    for child in item.parts("item"):
        if child.text("type") != "display":
            continue  # asked in its turn
        extensions = child.extensions()
        code = extensions.shown(ITEM_CONTROL, "", *_CONTROLS)
        key = _CONTROLS.get(code, "hint" if code == "" and "hint" not in found else "")
        extensions.shown(DISPLAY_CATEGORY, "instructions")
        extensions.done()
        text = child.words("text")
        if not key or key in found or (key in ("low", "high") and type_ != "scale"):
            leave_out_words(child)
        elif text:
            found[key] = text
        child.ignore("linkId", "id")
        child.pass_over("required", "repeats", "readOnly", "code", *_OF_OTHERS)
        child.done()
    return found


def leave_out_words(display: Element) -> None:
    """Names words that have no place, with what they say."""
    said = " ".join((display.text("text") or "").split())[:200]
    display.troubles.leave_out(display.path, f"Rule sets do not hold words that stand for themselves: {said}")


def not_filled_in(item: Element) -> str:
    """Why nobody fills it in; empty where somebody does."""
    if item.again().extensions().hl7(HIDDEN)[1] is True:
        return "It is hidden from who fills it in, and is not asked here, with all that is in it."
    if item.flag("readOnly"):
        return "It is shown and not filled in, and is not asked here, with all that is in it."
    return ""


def leave_out_whole(item: Element, why: str) -> None:
    """Names an item with all that is in it; what would have to be run is refused there too."""
    item.troubles.leave_out(item.path, why)
    waiting = [item]
    while waiting:
        inner = waiting.pop()
        inner.again().extensions().refuse_what_runs()
        waiting += inner.again().parts("item")


def children(item: Element, *, told: bool = False) -> Iterator[Element]:
    """The items below that are more than words; words are named as left out, unless a question took them."""
    for child in item.parts("item"):
        if child.text("type") != "display":
            yield child
        elif not told:
            leave_out_words(child)
