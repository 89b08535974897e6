"""What a duplicate hands on to the request that it repeats: each open item, with what was said of it."""

from __future__ import annotations

from collections.abc import Iterator

from screening.core import dealings
from screening.core.answers import reads_as
from screening.core.entries import Raised
from screening.core.kept import KeptAnswer
from screening.core.paper_words import labelled, remark_sentence, unread_name
from screening.core.review import FlagLine, flag_lines
from screening.core.still_open import UnreadThing, unread_things
from screening.core.wording import marked
from screening.desk.changes import Change

UNREAD = marked("Words of a duplicate that nobody has read")


def travelling(made: Change, kept: Change) -> Iterator[Raised]:
    """What of a duplicate nobody has dealt with: its items, and one item for words that nobody has read.

    What was said goes with each, so that nobody decides on it without the words.
    """
    reference, gone = made.standing.reference, made.position.dealings
    lines = {line.flag.id: line for line in flag_lines(made.kept, made.before)}
    for item in dealings.travelling(gone, kept.position.dealings, reference):
        line = lines.get(item)
        label = line.flag.label if line is not None else made.desk.translate(UNREAD)
        words = _said_of(made, line) if line is not None else _unread(made)
        yield Raised(item, label, "\n".join(words), "duplicate", reference)


def _said_of(made: Change, line: FlagLine) -> Iterator[str]:
    """The answers behind an item, what came since, and what was asked and decided."""
    for answer in (*(answer for answer, _reason in line.because), *line.follow_ups):
        if answer.said:
            yield labelled(answer.asked, _read(made, answer))
    yield from (raised.words for raised in line.review.raised_since if raised.words)
    for asked in line.review.questions:
        yield labelled(asked.words, asked.answer or "–")
    yield from (decided.note for decided in line.review.decided if decided.note)


def _unread(made: Change) -> Iterator[str]:
    rule_set = made.desk.rule_set(made.standing.rule_set_digest)
    remarks = made.desk.service.remarks(made.kept, rule_set, made.standing.received_at)
    for thing in unread_things(made.kept, sorted(made.position.dealings.unread), remarks):
        yield _thing(made, thing)


def _thing(made: Change, thing: UnreadThing) -> str:
    translate = made.desk.translate
    if thing.remark is not None:
        return remark_sentence(thing.remark, translate, str)
    name, answer = unread_name(thing, translate), thing.answer
    return name if answer is None else labelled(name, _read(made, answer) or str(answer.stored))


def _read(made: Change, answer: KeptAnswer) -> str:
    return ", ".join(reads_as(answer.type, answer.said, answer.stored, made.desk.settings.language))
