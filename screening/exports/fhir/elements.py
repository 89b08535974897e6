"""Small pieces of FHIR JSON: extensions, and numbers as FHIR types them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from screening.core.serialising import Plain, canonical
from screening.core.voices import ME, OTHER, VOICES
from screening.exports.fhir.names import (
    DISPLAY_CATEGORY,
    DISPLAYS,
    EXTENSIONS,
    ITEM_CONTROL,
    ITEM_CONTROLS,
    OTHER_VOICE,
    UNITS,
    VERSIONS,
    fhir_type,
    ours,
)

LARGEST = 2**31 - 1  # FHIR's integers have 32 bits
SEMVER = {"url": VERSIONS, "valueCoding": {
    "system": "http://hl7.org/fhir/version-algorithm", "code": "semver"}}  # fmt: skip


def value_key(type_: str) -> str:
    """`valueString` for `string`."""
    known = fhir_type(type_)
    return f"value{known[0].upper()}{known[1:]}"


def extension(name: str, value: Any) -> Plain:
    """One of ours with its value, typed as its table says; a mapping becomes extensions inside."""
    known = EXTENSIONS[name]
    if known.type:
        return _held(ours(name), known.type, value)
    types = {part: type_ for part, type_, _ in known.parts}
    inside = [
        _held(part, types[part], each)
        for part, held in value.items()
        for each in (held if isinstance(held, list) else [held])
    ]
    return {"url": ours(name), "extension": inside}


def _held(url: str, type_: str, value: Any) -> Plain:
    if isinstance(value, dict):
        return {"url": url, "extension": [{"url": voice, "valueString": value[voice]} for voice in VOICES]}
    return {"url": url, value_key(type_): _days(value) if type_ == "Duration" else value}


def said(key: str, words: Any) -> Plain:
    """Words under a key of FHIR's own: the patient's voice, with the other one as its extension."""
    if not isinstance(words, dict):
        return {key: words}
    return {key: words[ME], f"_{key}": {"extension": [extension(OTHER_VOICE, words[OTHER])]}}


def _days(value: str) -> Plain:
    return {"value": int(value.split()[0]), "unit": "day", "system": UNITS, "code": "d"}


def extensions_of(raw: Plain, names: Mapping[str, str]) -> Iterator[Plain]:
    """For each key that says something, the extension that `names` gives it."""
    for key, name in names.items():
        if raw.get(key) not in (None, False):
            yield extension(name, raw[key])


def number(value: float) -> tuple[str, Any]:
    """A number with its key: decimal where it is written so, or too large for an integer."""
    small = type(value) is int and abs(value) <= LARGEST
    return ("Integer" if small else "Decimal"), value


def control(code: str) -> Plain:
    """How an item is to be shown."""
    return {
        "url": ITEM_CONTROL,
        "valueCodeableConcept": {"coding": [{"system": ITEM_CONTROLS, "code": code}]},
    }


def beside(link: str, code: str, text: Any) -> Plain:
    """Words that stand beside a question: help, or its ends of a scale."""
    found = [control(code)]
    if code == "help":
        category = {"coding": [{"system": DISPLAYS, "code": "instructions"}]}
        found.append({"url": DISPLAY_CATEGORY, "valueCodeableConcept": category})
    return {"extension": found, "linkId": link, **said("text", text), "type": "display"}


def written(raw: Plain, back: Plain) -> Iterator[Plain]:
    """The keys of `raw` that reading back would not give just so; each says what holds without it.

    Raises NoPlace for one that says more than that.
    """
    for key, value in raw.items():
        if key in back and (_same_plainly(value, back[key]) or canonical(value) == canonical(back[key])):
            continue
        if bare(key, value) != bare(key, back.get(key)):
            raise NoPlace(key)
        yield extension("written", f"{key}={canonical(value)}")


def _same_plainly(one: Any, other: Any) -> bool:
    return type(one) in (str, bool, int) and type(one) is type(other) and one == other


class NoPlace(Exception):
    """A key of a rule set that FHIR has no place for."""


_DEFAULTS = {"required": True, "limit": 500, "decimals": 0}


def bare(key: str, value: Any) -> Any:
    """What a value means: without what is empty or says what holds anyway."""
    if value in (None, False, [], {}) or (key in _DEFAULTS and value == _DEFAULTS[key]):
        return None
    if key == "fresh_for":
        return str(value).split()[0]
    if isinstance(value, dict):
        inner = {name: bare(name, held) for name, held in value.items()}
        return {name: held for name, held in inner.items() if held is not None} or None
    return [bare("", each) for each in value] if isinstance(value, list) else value
