"""Questions that share a page: what may stand together, and what must not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from screening.core.conditions import leaves
from screening.core.findings import Problem
from screening.core.journey import BELONG_TO
from screening.core.rules import Question

SAFETY_TOGETHER = 3  # at most: each is to be read and answered by itself


def check(questions: Sequence[Question]) -> Iterator[Problem]:
    """Every page that cannot be asked in one go."""
    seen: set[str] = set()
    for heading, together in groupby(questions, key=lambda question: question.page):
        page = list(together)
        if heading is not None:
            yield from _split(heading, page, seen)
            yield from _depending(page)
            yield from _belonging(page)
            yield from _too_many(page)
            seen.add(heading)


def _split(heading: str, page: list[Question], seen: set[str]) -> Iterator[Problem]:
    if heading in seen:
        what = f'The page "{heading}" stands further up already, and other questions come between.'
        yield Problem(page[0].place, "format", what, "Put its questions together, or give this another page.")


def _depending(page: list[Question]) -> Iterator[Problem]:
    together = {question.id for question in page}
    for question in page:
        for leaf in leaves(question.ask_when):
            if leaf.question in together:
                what = (
                    f'The question "{question.id}" shares a page with "{leaf.question}", which decides on it.'
                )
                yield Problem(leaf.place, "format", what, "Give it another page, or take its ask_when away.")


def _belonging(page: list[Question]) -> Iterator[Problem]:
    kinds = {question.contact for question in page}
    for question in page:
        if kinds.intersection(BELONG_TO.get(question.contact or "", ())):
            what = f'Another answer to "{question.id}" takes away answers of the same page.'
            yield Problem(question.place, "format", what, "Ask it on a page of its own.")


def _too_many(page: list[Question]) -> Iterator[Problem]:
    safety = [question for question in page if question.safety]
    if len(safety) > SAFETY_TOGETHER:
        what = f"This page asks {len(safety)} safety questions at once."
        yield Problem(safety[-1].place, "format", what, f"Put at most {SAFETY_TOGETHER} on a page.")
