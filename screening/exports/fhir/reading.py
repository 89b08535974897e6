"""FHIR JSON read with care: every part at its FHIRPath, nothing left out unnamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.core.serialising import Plain
from screening.core.voices import ME, OTHER, VOICES
from screening.exports.fhir.elements import value_key
from screening.exports.fhir.names import EXTENSIONS, NAMES, OTHER_VOICE, SPOKEN, fhir_type, ours

_RUNS = (
    "xpression", "onstraint", "/variable", "launchContext", "assemble", "sourceQueries", "targetStructureMap",
)  # fmt: skip
_MODIFIES = ("modifierExtension", "implicitRules")
_SHOWN = 60  # characters of a foreign word in a message


@dataclass(frozen=True, order=True)
class Trouble:
    """Something at a FHIRPath that is wrong, or that is left out; and the remedy."""

    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what} {self.remedy}".rstrip()


@dataclass(slots=True)
class Troubles:
    """What was found on the way: `wrong` keeps a rule set from being made, `left_out` does not."""

    wrong: list[Trouble] = field(default_factory=list)
    left_out: list[Trouble] = field(default_factory=list)
    ours: bool = False  # what rule sets do not hold was written by us, and is held against the rule set

    def refuse(self, where: str, what: str, remedy: str) -> None:
        """Something that is wrong, or that has no place in a rule set."""
        self.wrong.append(Trouble(where, what, remedy))

    def leave_out(self, where: str, what: str) -> None:
        """Something that a rule set does not hold."""
        self.left_out.append(Trouble(where, what))


class Element:
    """A part of a resource; whatever is not asked for is named when it is `done`."""

    __slots__ = ("_data", "_unread", "path", "troubles")

    def __init__(self, data: Plain, path: str, troubles: Troubles) -> None:
        self.path = path
        self.troubles = troubles
        self._data = data
        self._unread = dict.fromkeys(data)

    def again(self, **more: object) -> Element:
        """The same, of which nothing has been read yet; with `more` where it does not say that itself."""
        return Element({**more, **self._data}, self.path, self.troubles)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._data

    def text(self, key: str) -> str | None:
        """The text under the key."""
        found: str | None = self._take(key, str, "text")
        return found

    def words(self, key: str) -> Any:
        """The text under the key, in two voices where an extension of ours gives the other one."""
        return two_voices(self.text(key), self.part(f"_{key}")) if self._has_other(key) else self.text(key)

    def _has_other(self, key: str) -> bool:
        beside = self._data.get(f"_{key}")
        held = beside.get("extension") if isinstance(beside, dict) else None
        return isinstance(held, list) and any(
            isinstance(each, dict) and each.get("url") == ours(OTHER_VOICE) for each in held
        )

    def flag(self, key: str) -> bool | None:
        """The yes or no under the key."""
        found: bool | None = self._take(key, bool, "true or false")
        return found

    def whole(self, key: str) -> int | None:
        """The whole number under the key."""
        found: int | None = self._take(key, int, "a whole number")
        return found

    def _take(self, key: str, kind: type, called: str) -> Any:
        self._unread.pop(key, None)
        value = self._data.get(key)
        if value is not None and type(value) is not kind:
            self.refuse(f'"{key}" must be {called}.', "Correct it.")
            return None
        return value

    def value(self) -> tuple[str, Any]:
        """The one `value[x]`: `String` and its text; empty where there is none."""
        return self._one_of("value")

    def answer(self) -> tuple[str, Any]:
        """The one `answer[x]` of an `enableWhen`."""
        return self._one_of("answer")

    def _one_of(self, begins: str) -> tuple[str, Any]:
        found = [key for key in self._data if key.startswith(begins)]
        for key in found:
            self._unread.pop(key, None)
        return (found[0].removeprefix(begins), self._data[found[0]]) if len(found) == 1 else ("", None)

    def part(self, key: str) -> Element | None:
        """The object under the key."""
        found = self._take(key, dict, "an object")
        return None if found is None else Element(found, f"{self.path}.{key}", self.troubles)

    def parts(self, key: str) -> list[Element]:
        """The objects under the key."""
        listed = self._take(key, list, "a list")
        if not listed:
            return []
        return [
            Element(each, f"{self.path}.{key}[{index}]", self.troubles)
            for index, each in enumerate(listed)
            if self._is_object(each, key)
        ]

    def _is_object(self, value: object, key: str) -> bool:
        if not isinstance(value, dict):
            self.refuse(f'"{key}" must hold objects.', "Correct it.")
        return isinstance(value, dict)

    def extensions(self) -> Extensions:
        """What FHIR's own elements do not say."""
        return Extensions(self.parts("extension"), self)

    def refuse(self, what: str, remedy: str) -> None:
        """Something here is wrong."""
        self.troubles.refuse(self.path, what, remedy)

    def ignore(self, *keys: str) -> None:
        """Read elsewhere, or of no meaning for a rule set."""
        for key in keys:
            self._unread.pop(key, None)

    def pass_over(self, *keys: str) -> None:
        """What a rule set does not need: named in a form of others, where it says anything."""
        for key in keys:
            self._unread.pop(key, None)
            if not self.troubles.ours and self._data.get(key):
                self.troubles.leave_out(f"{self.path}.{key}", "Rule sets do not hold this.")

    def done(self) -> None:
        """Names what nobody asked for."""
        for key in self._unread:
            beside = self._data[key]
            if key in _MODIFIES:
                self.refuse(f"{key} may change what this means.", "Remove it.")
            elif key.startswith("_") and isinstance(beside, dict) and beside.get("extension"):
                inside = Element(beside, f"{self.path}.{key}", self.troubles)
                inside.extensions().done()
                inside.done()
            else:
                self.troubles.leave_out(f"{self.path}.{key}", "Rule sets do not hold this.")


def two_voices(words: str | None, beside: Element | None) -> Any:
    """Words, and what stands beside them for somebody who fills in for the patient."""
    if words is None or beside is None:
        return words
    extensions = beside.extensions()
    other = extensions.one(OTHER_VOICE)
    extensions.done()
    beside.done()
    return words if other is None else {ME: words, OTHER: other}


class Extensions:
    """The extensions of one element: HL7's by address, ours by name."""

    __slots__ = ("_by_url", "_owner")

    def __init__(self, found: list[Element], owner: Element) -> None:
        self._owner = owner
        self._by_url: dict[str, list[Element]] = {}
        for each in found:
            url = each.text("url") or ""
            self._by_url.setdefault(NAMES.get(url, url), []).append(each)

    @property
    def ours(self) -> bool:
        """Whether any of them is ours."""
        return any(name in EXTENSIONS for name in self._by_url)

    def all(self, name: str) -> list[Any]:
        """The values of one of ours that may stand several times."""
        if name not in self._by_url:
            return []
        found = (_own_value(name, each) for each in self._by_url.pop(name))
        return [value for value in found if value is not None]

    def one(self, name: str) -> Any:
        """The value of one of ours that stands once at most."""
        return self._single(name, self.all(name)) if name in self._by_url else None

    def hl7(self, url: str) -> tuple[str, Any]:
        """The value of one of HL7's: `String` and its text; empty where there is none."""
        if url not in self._by_url:
            return "", None
        found: tuple[str, Any] = self._single(url, [each.value() for each in self._by_url.pop(url)])
        return found

    def shown(self, url: str, *codes: str) -> str:
        """The code of a concept that says how something is shown; named, unless it is one of `codes`."""
        found = self._by_url.get(url, [])
        code = control_code(self.hl7(url)[1])
        if found and code not in codes and not self._owner.troubles.ours:
            what = f"Rule sets do not hold how this is shown: {code[:_SHOWN]}"
            self._owner.troubles.leave_out(found[0].path, what)
        return code

    def _single(self, name: str, found: list[Any]) -> Any:
        if len(found) > 1:
            self._owner.refuse(f"The extension {name[:_SHOWN]} stands here twice.", "Keep one of them.")
        return found[0] if found else None

    def refuse_what_runs(self) -> None:
        """Expressions are told where they stand; nothing else is."""
        for url, found in self._by_url.items():
            if any(word in url for word in _RUNS) and "xtract" not in url:
                for each in found:
                    each.refuse(f"Expressions are not run here: {url[:200]}", "Write the rule by hand.")

    def done(self) -> None:
        """Names those that nobody asked for; what would have to be run is refused."""
        before = len(self._owner.troubles.wrong)
        self.refuse_what_runs()
        refused = {each.where for each in self._owner.troubles.wrong[before:]}
        for url, found in self._by_url.items():
            for each in found:
                if each.path not in refused:
                    self._owner.troubles.leave_out(each.path, f"Rule sets do not hold this: {url[:200]}")


def control_code(concept: Any) -> str:
    """The code inside an itemControl; empty where there is none."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    first = codings[0] if isinstance(codings, list) and codings else None
    return str(first.get("code", "")) if isinstance(first, dict) else ""


def _own_value(name: str, found: Element) -> Any:
    known = EXTENSIONS[name]
    if not known.type:
        return _inside({part: (type_, many) for part, type_, many in known.parts}, found)
    if known.type == SPOKEN and found.has("extension"):
        return _voices(found)
    type_, value = found.value()
    if f"value{type_}" != value_key(known.type) or type(value) is not _JSON.get(known.type, str):
        found.refuse(
            f"The extension {name} must hold a {fhir_type(known.type)}.",
            "Correct it, or remove the extension.",
        )
        return None
    return value


_JSON: Mapping[str, type] = {"boolean": bool, "integer": int, "Duration": dict}
_OF_VOICES = dict.fromkeys(VOICES, ("string", "1..1"))


def _voices(found: Element) -> Plain | None:
    held = _inside(_OF_VOICES, found)
    if held.keys() != _OF_VOICES.keys():
        found.refuse("This text has not both of its two voices.", f"Give both: {', '.join(VOICES)}.")
        return None
    return held


def _inside(parts: Mapping[str, tuple[str, str]], found: Element) -> Plain:
    held: dict[str, list[object]] = {}
    for each in found.parts("extension"):
        part = each.text("url") or ""
        type_, many = parts.get(part, ("", ""))
        value = _voices(each) if type_ == SPOKEN and each.has("extension") else each.value()[1]
        if not many or not _fits(value, type_) or (part in held and many.endswith("1")):
            each.refuse(f'"{part[:_SHOWN]}" does not belong here.', "Remove it.")
        else:
            held.setdefault(part, []).append(value)
    return {part: values if parts[part][1].endswith("*") else values[0] for part, values in held.items()}


def _fits(value: object, type_: str) -> bool:
    return type(value) in (str, int) or (type_ == SPOKEN and isinstance(value, dict))
