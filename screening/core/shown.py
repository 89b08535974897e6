"""All that the check page showed, for its form to carry: what is sent is what was read, and is never gone.

The digest of the rules, then a value for each question of them, in few bytes: places among the answers that
it offers, or what was typed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from screening.core.answers import Mistake, typed_of, understand
from screening.core.answers.answer_type import Circumstances
from screening.core.journey import Path, walk
from screening.core.rules import Question, RuleSet
from screening.core.serialising import canonical
from screening.core.stored import Stored

MOST = 20_000  # characters of all values; a browser may write each as twelve, and 256 KiB of a form are read
_BETWEEN, _DIGEST = ";", "\\#"
_AS_WRITTEN = str.maketrans({"\\": "\\\\", ";": "\\s", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_AS_READ = {"s": ";", "n": "\n", "r": "\r", "0": "\0"}


def shown(rule_set: RuleSet, path: Path, stored: Stored) -> str:
    """Of answers that count; where all of them are far too much, digests of what was typed."""
    values = list(_values(rule_set, path, stored))
    if sum(map(len, values)) > MOST:
        values = [_digest(value) if len(value) > len(rule_set.digest) else value for value in values]
    return _BETWEEN.join([rule_set.digest, *values])


def rules_in(text: str) -> str:
    """The digest of the rules."""
    return text.partition(_BETWEEN)[0]


def differing(rule_set: RuleSet, before: str, now: str) -> frozenset[str]:
    """Questions with another value; none where that cannot be known."""
    values = [text.split(_BETWEEN)[1:] for text in (before, now)]
    if rules_in(before) != rules_in(now) or len(values[0]) != len(values[1]):
        return frozenset()
    questions = zip(rule_set.questions, *values, strict=True)
    return frozenset(question.id for question, was, is_now in questions if was != is_now)


def stored_in(rule_set: RuleSet, text: str, circumstances: Circumstances) -> Stored:
    """The answers in it that count, as somebody would give them now; nothing where it is of other rules."""
    values = text.split(_BETWEEN)[1:]
    if rules_in(text) != rule_set.digest or len(values) != len(rule_set.questions):
        return {}
    questions = zip(rule_set.questions, values, strict=True)
    given = {question.id: _given(question, value, circumstances) for question, value in questions}
    return {asked: given[asked] for asked in walk(rule_set, given).asked}


def _values(rule_set: RuleSet, path: Path, stored: Stored) -> Iterator[str]:
    counted = path.answers
    for question in rule_set.questions:  # of a page that everybody comes to: each look at one counts
        yield _value(question, stored[question.id]) if question.id in counted else ""


def _value(question: Question, answer: Any) -> str:
    if places := question.places:
        return places[answer] if isinstance(answer, str) else ",".join([places[chosen] for chosen in answer])
    return (answer if isinstance(answer, str) else canonical(answer)).translate(_AS_WRITTEN)


def _digest(value: str) -> str:
    return _DIGEST + hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()


def _given(question: Question, value: str, circumstances: Circumstances) -> Any:
    """None for what is none, or would not be taken now."""
    for answer in _meant(question, value):
        if question.read(answer) is not None:
            with suppress(Mistake):
                return understand(question, typed_of(question, answer), circumstances)
    return None


def _meant(question: Question, value: str) -> Iterator[Any]:
    """What may have been written as that: a text, or another value."""
    if not value or value.startswith(_DIGEST):
        return
    if question.answers:
        ids = {place: offered for offered, place in question.places.items()}
        chosen = [ids.get(place) for place in value.split(",")]
        yield chosen if question.kind.several else chosen[0]
        return
    text = _ESCAPED.sub(lambda found: _AS_READ.get(found[1], found[1]), value)
    yield text
    with suppress(ValueError, RecursionError):
        yield json.loads(text)
