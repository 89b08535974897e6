"""Words on a page that its writer has not gone on from: kept to be shown again, and never counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from screening.core.answers import Typed, typed_of
from screening.core.journey import belongs_to
from screening.core.rules import RuleSet
from screening.core.serialising import canonical
from screening.core.stored import Stored

Unfinished = Mapping[str, Typed]  # by question
MOST = 128 * 1024  # bytes that are kept beside the answers of a draft


def with_page(kept: Unfinished, page: Unfinished, rule_set: RuleSet, stored: Stored) -> Unfinished:
    """`kept`, with what stands on one page now: what says no more than its answer is nothing unfinished.

    Where all of it is too much, that page alone; where that is too much, nothing.
    """
    new = {
        question: _filled(typed)
        for question, typed in page.items()
        if _filled(typed) != _filled(typed_of(rule_set.by_id[question], stored.get(question)))
    }
    others = {question: typed for question, typed in kept.items() if question not in page}
    return next((words for words in ({**others, **new}, new) if _size(words) <= MOST), {})


def still_theirs(kept: Unfinished, rule_set: RuleSet, before: Stored, now: Stored) -> Unfinished:
    """Without the words about a person, where the answers now mean another one."""
    return {
        question: typed
        for question, typed in kept.items()
        if belongs_to(rule_set, [question], before) == belongs_to(rule_set, [question], now)
    }


def opened_on(rule_set: RuleSet, questions: Collection[str], stored: Stored) -> str:
    """What a page stood on when it was opened: its answers, and whose they are."""
    answers = {question: stored.get(question) for question in questions}
    return canonical([belongs_to(rule_set, questions, stored), answers])


def _filled(typed: Typed) -> dict[str, Sequence[str]]:
    return {part: kept for part, texts in typed.items() if (kept := [text for text in texts if text])}


def _size(words: Unfinished) -> int:
    return len(canonical(words).encode(errors="surrogatepass"))
