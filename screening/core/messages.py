"""Templates of messages to patients: what they may say, and what is wrong with one, at its place.

A message may be read by anybody who holds the telephone. So a template has a handful of fields, none of
them about health, and may not use a word that a rule set has about health. Pure.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from screening.core.outlines import Outline
from screening.core.wording import marked

Way = Literal["mail", "text"]
WAYS: tuple[Way, ...] = get_args(Way)
QUESTION = "question"  # the template whose message leads to a question; every other one holds no link
FIELDS: Mapping[str, str] = {
    "clinic": marked("the clinic’s name"),
    "phone": marked("the clinic’s phone number"),
    "reference": marked("the reference of the request"),
    "link": marked("the address where the question is read and answered"),
    "code": marked("the code that is asked for there"),
    "day": marked("the last day on which the link works"),
}
OF_LINKS = frozenset({"link", "code", "day"})
NEEDED = ("link", "code")
LONGEST: Mapping[str, int] = {"label": 100, "subject": 100, "words": 2000, "text": 400}
PARTS: Mapping[str, str] = {
    "label": marked("Name of the template"),
    "subject": marked("Subject of the email"),
    "words": marked("Words of the email"),
    "text": marked("Words of the text message"),
}
_SHORTEST = 5  # letters of a word that is about health; shorter ones mean too much else
_FIELD = re.compile(r"\{([^{}\n]*)\}")
_BRACE = re.compile(r"[{}]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Words of rule sets that say nothing about health by themselves.
EVERYDAY = frozenset({
    "about", "after", "again", "always", "answer", "appointment", "arrange", "automatic", "because",
    "before", "being", "birth", "booked", "booking", "check", "clinic", "common", "consultation",
    "could", "discuss", "doctor", "doctors", "during", "email", "enter", "every", "everything",
    "example", "filled", "first", "found", "going", "having", "message", "might", "needs", "nurse",
    "other", "others", "people", "person", "phone", "please", "possible", "question", "questions",
    "rather", "reach", "ready", "reference", "reply", "report", "reported", "request", "review",
    "right", "short", "since", "someone", "something", "still", "taken", "telephone", "their", "there",
    "these", "things", "those", "three", "today", "tried", "until", "using", "which", "while", "within",
    "without", "would", "years", "yours",
})  # fmt: skip


class MessageFault(NamedTuple):
    """Something that is wrong with a template: in which part, where, and what to do."""

    part: str
    line: int
    column: int
    code: str
    said: str = ""
    near: str = ""


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """What the clinic says: a mail (`subject`, `words`), and a text message where `text` is not empty."""

    id: str
    label: str
    subject: str
    words: str
    text: str = ""

    def parts(self) -> Iterator[tuple[str, str]]:
        """Each part by its name."""
        return ((part, getattr(self, part)) for part in PARTS)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it goes: `subject` is empty in a text."""

    subject: str
    words: str


def compose(template: MessageTemplate, way: Way, said: Mapping[str, str]) -> Letter:
    """The message; `said` has a value for each of FIELDS that it uses. Raises KeyError."""

    def filled(words: str) -> str:
        return _FIELD.sub(lambda found: said[found[1].strip()], words)

    if way == "text":
        return Letter("", filled(template.text).strip())
    return Letter(filled(template.subject).strip(), filled(template.words).strip())


def faults(template: MessageTemplate, about_health: Collection[str] = ()) -> tuple[MessageFault, ...]:
    """All that is wrong with it; `about_health` are words that may not leave in a message."""
    found: list[MessageFault] = []
    for part, words in template.parts():
        found += _part_faults(template.id, part, words)
        found += _health_faults(part, words, about_health)
    return tuple(found)


def _part_faults(template: str, part: str, words: str) -> Iterator[MessageFault]:
    if not words.strip() and part != "text":
        yield MessageFault(part, 1, 1, "empty")
    if len(words) > LONGEST[part]:
        yield MessageFault(part, *_place(words, LONGEST[part]), "too_long", str(LONGEST[part]))
    fields = FIELDS if template == QUESTION else FIELDS.keys() - OF_LINKS
    for found in _FIELD.finditer(words):
        name = found[1].strip()
        if part == "label" or name not in fields:
            yield _no_field(part, words, found, fields)
    for brace in _BRACE.finditer(_FIELD.sub(lambda found: " " * len(found[0]), words)):
        yield MessageFault(part, *_place(words, brace.start()), "brace", brace[0])
    if template == QUESTION and part in ("words", "text") and words.strip():
        used = {found[1].strip() for found in _FIELD.finditer(words)}
        yield from (MessageFault(part, 1, 1, "lacks", name) for name in NEEDED if name not in used)


def _no_field(part: str, words: str, found: re.Match[str], fields: Collection[str]) -> MessageFault:
    name = found[1].strip()
    code = "only_question" if name in OF_LINKS else "no_field"
    near = difflib.get_close_matches(name, sorted(fields), n=1)
    return MessageFault(part, *_place(words, found.start()), code, name, near[0] if near else "")


def _health_faults(part: str, words: str, about_health: Collection[str]) -> Iterator[MessageFault]:
    if part == "label":  # it stays at the desk
        return
    bare = _FIELD.sub(lambda found: " " * len(found[0]), words)
    for found in _WORD.finditer(bare):
        if found[0].casefold() in about_health:
            yield MessageFault(part, *_place(words, found.start()), "about_health", found[0])


def _place(words: str, at: int) -> tuple[int, int]:
    before = words[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


SENTENCES: Mapping[str, str] = {
    "empty": marked("%(part)s: write something."),
    "too_long": marked("%(part)s, line %(line)s, column %(column)s: use %(said)s characters or fewer."),
    "no_field": marked(
        "%(part)s, line %(line)s, column %(column)s: there is no field {%(said)s}. Use one of: %(fields)s."
    ),
    "only_question": marked(
        "%(part)s, line %(line)s, column %(column)s: {%(said)s} belongs to the message "
        "with a question. Leave it out."
    ),
    "brace": marked(
        "%(part)s, line %(line)s, column %(column)s: “%(said)s” stands alone. "
        "Write a field like {clinic}, or leave it out."
    ),
    "lacks": marked("%(part)s: nobody can answer without {%(said)s}. Write it where it is to stand."),
    "about_health": marked(
        "%(part)s, line %(line)s, column %(column)s: “%(said)s” may tell others about the patient’s health. "
        "Leave it out: others may read the message."
    ),
}
NEAR = marked("Did you mean {%(near)s}?")


def sentence(fault: MessageFault, translate: Callable[[str], str] = str) -> str:
    """What is wrong, where, and the remedy."""
    told = fault._asdict() | {"part": translate(PARTS[fault.part]), "fields": ", ".join(FIELDS)}
    said = translate(SENTENCES[fault.code]) % told
    return f"{said} {translate(NEAR) % told}" if fault.near else said


def health_words(rule_sets: Iterable[Outline]) -> frozenset[str]:
    """What may not stand in a message: the words of titles, categories, flags and indicators."""
    texts: set[str] = set()  # treatments share most of them
    for rules in rule_sets:
        texts.update((rules.title, rules.category, *rules.labels))
    words = {found[0].casefold() for text in texts for found in _WORD.finditer(text)}
    return frozenset(word for word in words if len(word) >= _SHORTEST) - EVERYDAY
