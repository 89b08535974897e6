"""What the page to sign shows, as data: every text that stands on it."""

from __future__ import annotations

from typing import TypedDict

from screening.authoring.sentences import Sentence


class AnswerShown(TypedDict):
    """An answer as offered; `marks` says what is special about it."""

    label: str
    hint: str
    marks: list[str]


class QuestionShown(TypedDict):
    """A question with its answers, of whom it is asked, and what its answer is used for."""

    number: int
    id: str
    ask: str
    hint: str
    why: str
    kind: str
    safety: bool
    required: bool
    holds: str  # for how long the answer does; empty: it does not grow old
    codes: str  # what terminologies call it; empty: nobody has said
    answers: list[AnswerShown]
    asked: Sentence
    used: list[str]
    place: str


class WordsShown(TypedDict):
    """What one audience of a flag is told."""

    to: str
    words: str


class RuleShown(TypedDict):
    """An indicator, or a flag with what it `say`s to whom."""

    id: str
    label: str
    sentence: Sentence
    source: str
    place: str
    say: list[WordsShown]


class NoticeShown(TypedDict):
    """A "get help now" notice."""

    heading: str
    items: tuple[str, ...]
    after: str
    source: str


class CaseShown(TypedDict):
    """A case's sentence, and who has signed it off."""

    sentence: str
    signed: str


class ProofShown(TypedDict):
    """Whether the proof was run, the number of claims, and those that failed."""

    run: bool
    checked: int
    problems: list[str]


class Shown(TypedDict):
    """Everything on the page, as JSON data; a sentence is a list of [text, stressed].

    `changed` is told since the version before, `signed` who stands for this content.
    """

    title: str
    category: str
    id: str
    version: str
    status: str
    digest: str
    effective_from: str
    review_by: str
    page: str
    statement: str
    changed: list[str]
    signed: list[str]
    start: list[str]
    questions: list[QuestionShown]
    indicators: list[RuleShown]
    flags: list[RuleShown]
    urgent: list[NoticeShown]
    by_guidance: list[str]
    accepted: list[str]
    set_aside: list[str]
    cases: list[CaseShown]
    proof: ProofShown
    flow: str
    flow_pages: list[str]
