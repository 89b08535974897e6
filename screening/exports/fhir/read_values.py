"""The value sets that came inside a form: which answers a question offers, as far as they are listed.

What would have to be looked up elsewhere, or worked out, is refused where a question needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from screening.exports.fhir.reading import Element

MAX_ANSWERS = 300  # of one value set: each question that names it offers them anew
ALL_ANSWERS = 20_000  # of all questions together; a rule set has room for fewer
_WORKED_OUT = ("filter", "valueSet")


class ValueSets:
    """Value sets by how items may name them: by their place in the form, or by their address."""

    def __init__(self, form: Element | None = None) -> None:
        contained = form.parts("contained") if form is not None else []
        self._named: dict[str, Element] = {}
        self._large: set[str] = set()
        self._answers = 0
        self._unused = {each.path: each for each in contained}
        for each in contained:
            if each.text("resourceType") == "ValueSet":
                self._named |= dict.fromkeys(_names(each), each)

    def offered(self, item: Element, name: str) -> list[Element]:
        """Its codes, as items themselves offer answers; a value set that did not come along is refused."""
        found = self._named.get(name)
        if found is None:
            what = f'Its answers stand in the value set "{name[:200]}", which did not come along.'
            item.refuse(what, 'Write them as "answerOption".')
            return []
        self._unused.pop(found.path, None)
        large = found.path in self._large
        listed = [] if large else list(islice(_codes(found.again()), MAX_ANSWERS + 1))
        if large or len(listed) > MAX_ANSWERS:
            self._large.add(found.path)
            item.refuse(f"More than {MAX_ANSWERS} answers are no choice.", "Ask for words, or offer fewer.")
            return []
        return listed

    def has_room(self, item: Element, answers: int) -> bool:
        """Whether the form may offer as many more; where not, that is refused."""
        self._answers += answers
        if self._answers > ALL_ANSWERS:
            item.refuse(f"The form offers more than {ALL_ANSWERS} answers.", "Split the form.")
        return self._answers <= ALL_ANSWERS

    def done(self) -> None:
        """Names those that no question offers, and what is no value set at all."""
        for each in self._unused.values():
            each.troubles.leave_out(each.path, "No question offers this.")


def _names(value_set: Element) -> Iterator[str]:
    place, address, version = (value_set.text(key) for key in ("id", "url", "version"))
    if place:
        yield f"#{place.removeprefix('#')}"
    if address:
        yield address
    if address and version:
        yield f"{address}|{version}"


def _codes(value_set: Element) -> Iterator[Element]:
    expansion, compose = value_set.part("expansion"), value_set.part("compose")
    if expansion is not None:
        yield from _expanded(expansion)
    elif compose is not None:
        yield from _composed(compose)
    value_set.ignore("resourceType", "id", "url", "version", "status", "compose")
    value_set.done()


def _expanded(expansion: Element) -> Iterator[Element]:
    found, total = list(_contained(expansion)), expansion.whole("total")
    if total is not None and total > len(found):
        expansion.refuse(f"It lists {len(found)} of {total} answers.", "Give the whole list.")
    expansion.ignore("identifier", "timestamp", "offset", "parameter")
    expansion.done()
    yield from (code for code in found if not code.flag("abstract"))  # it only holds others


def _contained(within: Element) -> Iterator[Element]:
    for code in within.parts("contains"):
        yield code
        yield from _contained(code)


def _composed(compose: Element) -> Iterator[Element]:
    if compose.has("exclude"):
        compose.refuse("Answers that are taken out again are not worked out.", "List what is left.")
    for include in compose.parts("include"):
        system, concepts = include.text("system"), include.parts("concept")
        if not concepts or any(include.has(key) for key in _WORKED_OUT):
            include.refuse("Its answers are not listed here.", 'List each as "concept".')
        yield from (code.again(system=system) for code in concepts)
        include.ignore(*_WORKED_OUT)
        include.done()
    compose.ignore("exclude")
    compose.done()
