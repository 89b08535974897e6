"""What is wrong with the words of a rule set: decisions, advice, hard reading, labels that read alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from screening.authoring.deciding import banned_words
from screening.authoring.language import plainly, reading_age
from screening.authoring.texts import PATIENT, WordsForReader, texts
from screening.core.findings import Place, Problem
from screening.core.nodes import Node, mappings
from screening.core.voices import VOICES
from screening.tracing.draft import TO_REVIEW
from screening.tracing.statements import word_count

NO_SENTENCES = (".label", ".section", ".page", ".missing")  # headings, and what is read one by one
OLDEST = 11  # years; the age that our readers' words are for
_YOU = re.compile(r"\byou(rs?|rself)?\b", re.IGNORECASE)
ENOUGH = 20  # words; a reading age of fewer says little


def check(node: Node) -> tuple[list[Problem], list[Problem]]:
    """Problems and warnings about every text of a rule set."""
    every = list(texts(node))
    problems = [*_banned(node, every), *_unfinished(every), *_alike(every)]
    return problems, [*_hard(every), *_about_whom(node, every)]


def _banned(node: Node, every: list[WordsForReader]) -> Iterator[Problem]:
    exceptions = list(_exceptions(node))
    used: set[int] = set()
    more = [str(word.value) for word in node.at(("wording", "ban")).items()]
    for said in every:
        for word in banned_words(said.text, more):
            found = {at for at, exception in enumerate(exceptions) if _covers(exception, said.where, word)}
            used |= found
            if not found:
                what = f'"{word.rstrip("*")}" in {said.where} decides or advises; this form only repeats.'
                remedy = "Say what was answered and who looks at it, or allow it with a reason under wording."
                yield Problem(said.place, "banned-word", what, remedy)
    for at, exception in enumerate(exceptions):
        if at not in used:
            what = "This exception is for words that do not stand there."
            yield Problem(exception.place, "unused-exception", what, "Remove it, or mend its word and where.")


def _exceptions(node: Node) -> Iterator[Node]:
    allow = node.at(("wording", "allow"))
    return (exception for exception in allow.items() if isinstance(exception.value, dict))


def _covers(exception: Node, where: str, word: str) -> bool:
    address, allowed, reason = (_plain(exception, key) for key in ("where", "word", "reason"))
    there = bool(address) and (where == address or where.startswith(f"{address}."))
    return there and bool(reason) and word in (allowed, *banned_words(allowed))


def _plain(node: Node, key: str) -> str:
    found = node.get(key)
    return str(found.value).strip() if found is not None and found.value is not None else ""


def _unfinished(every: Iterable[WordsForReader]) -> Iterator[Problem]:
    for said in every:
        if TO_REVIEW in said.text:
            what = f"The words of {said.where} are a draft."
            remedy = f"Find the words for the reader, and take out {TO_REVIEW}."
            yield Problem(said.place, "to-review", what, remedy)


def _hard(every: Iterable[WordsForReader]) -> Iterator[Problem]:
    """Entry by entry: a question with its hint, a notice, what a flag tells the patient."""
    read = [said for said in every if said.reader == PATIENT and not said.where.endswith(NO_SENTENCES)]
    told = {
        (owner, tuple(said for said in those if said.voice in ("", voice)))
        for owner, group in groupby(read, key=lambda said: said.owner)
        for those in [list(group)]
        for voice in VOICES
    }
    for owner, those in sorted(told, key=lambda entry: entry[1][0].place):
        whole = "\n".join(said.text for said in those)
        age = reading_age(whole)
        if age > OLDEST and word_count(whole) >= ENOUGH:
            what = f"The words of {owner} need a reading age of {age}; we ask {OLDEST} at most of patients."
            yield Problem(
                those[0].place, "reading-age", what, "Write shorter sentences and shorter, commoner words."
            )


def _about_whom(node: Node, every: Iterable[WordsForReader]) -> Iterator[Problem]:
    """What speaks of the patient's health as "you", to somebody who may be filling in for the patient.

    Contact answers are left out: how to reach whoever fills it in is asked of them. So are the start and the
    notices, which come before it is known who that is.
    """
    asked = {f"questions.{_plain(entry, 'id')}": entry for _, _, entry in mappings(node, ("questions",))}
    contact = {owner: _plain(entry, "contact") for owner, entry in asked.items()}
    if "for_whom" not in contact.values():
        return
    told_at = set[Place]()  # a section that goes on over several questions is written once
    for said in every:
        health = said.owner in asked and not contact[said.owner]
        told = said.reader == PATIENT and not said.voice and (health or said.owner.startswith("flags."))
        if told and said.place not in told_at and _YOU.search(said.text):
            told_at.add(said.place)
            what = f'{said.where} says "you" to somebody who fills this in for the patient too.'
            yield Problem(
                said.place, "one-voice", what, "Write {me: ..., other: ...}, or words that fit both."
            )


def _alike(every: Iterable[WordsForReader]) -> Iterator[Problem]:
    """Answers of one question, and questions, flags or indicators, that a hurried reader takes for one."""
    seen: dict[tuple[str, str, str], WordsForReader] = {}
    for said in every:
        among = _compared_with(said)
        if among is None:
            continue
        heard = [said.voice] if said.voice else VOICES
        first, *_rest = [seen.setdefault((among, voice, plainly(said.text)), said) for voice in heard]
        if first is not said and first.where != said.where:  # of one name it is told that it stands twice
            what = (
                f'"{said.text}" ({said.where}) reads like "{first.text}" ({first.where}, at {first.place}).'
            )
            remedy = "Name in each what only it means."
            yield Problem(said.place, "reads-alike", what, remedy)


def _compared_with(said: WordsForReader) -> str | None:
    steps = said.where.split(".")
    if steps[-1] == "ask" or (steps[-1] == "label" and steps[0] in ("indicators", "flags")):
        return steps[0]
    return said.owner if "answers" in steps and steps[-1] == "label" else None
