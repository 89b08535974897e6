"""From what is kept to what is shown: sealed parts and entries, opened, as the shapes of the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from screening.core.workflow import UNDECIDED
from screening.desk.shapes import Entry, Question, Row, Said
from screening.service.sending import contact_of
from screening.storage.entries import Kept
from screening.storage.standing import Standing

CLINICAL = frozenset({"decision"})  # kinds of entries that are about health
REVIEW_FIRST = "review_before_booking"


def said(answers: Iterable[Mapping[str, Any]]) -> tuple[Said, ...]:
    """Kept answers, in the order asked."""
    return tuple(
        Said(
            one["question"],
            one["section"] or "",
            one["asked"],
            tuple(one["said"]),
            one["safety"],
            "answered" if one["said"] else "not_answered",
        )
        for one in answers
    )


def because(reasons: Iterable[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
    """The answers behind a flag or an indicator, each with its reason."""
    by_id = {one.question: one for one in said(answers)}
    found = []
    for reason in reasons:
        question = reason["question"]
        line = by_id.get(question, Said(question, "", question, (), False))
        found.append(Said(line.question, line.section, line.asked, line.said, line.safety, reason["reason"]))
    return tuple(found)


def chosen(contact: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """The words of a contact answer, "none of these" left out."""
    for one in contact.get("answers", ()):
        if one["contact"] == kind and one["answer"] not in (["none"], "none"):
            return tuple(one["said"])
    return ()


def row(standing: Standing, title: str, contact: Mapping[str, Any], *, overdue: bool) -> Row:
    """A row of the queue."""
    return Row(
        reference=standing.reference,
        treatment=standing.treatment,
        title=title,
        name=str(contact_of(contact).get("name") or ""),
        received_at=standing.received_at,
        due_at=standing.due_at,
        overdue=overdue,
        status=standing.status,
        owner=standing.owner,
        owner_name=standing.owner_name,
        urgent=standing.rank == 0,
        open_flags=standing.open_flags,
        questions=standing.questions,
        contact_wish=chosen(contact, "reach_by") + chosen(contact, "reach_when"),
        access_needs=chosen(contact, "needs") + chosen(contact, "needs_words"),
        entered_by=standing.entered_by,
        version=standing.version,
    )


def entry(kept: Kept, *, clinical: bool) -> Entry:
    """An entry; without the flag it is about for those who may not see health answers."""
    shown = {key: value for key, value in kept.words.items() if clinical or key != "flag"}
    return Entry(kept.id, kept.kind, kept.at, kept.by_name, shown)


def entries_for(kept: Iterable[Kept], *, clinical: bool) -> tuple[Entry, ...]:
    """Those that this reader may see, oldest first."""
    return tuple(entry(one, clinical=clinical) for one in kept if clinical or one.kind not in CLINICAL)


def latest(kept: Iterable[Kept], kind: str) -> Kept | None:
    """The last entry of a kind."""
    return next((one for one in reversed(list(kept)) if one.kind == kind), None)


def decisions(kept: Iterable[Kept], flag: str) -> list[Kept]:
    """All decisions on a flag, oldest first."""
    return [one for one in kept if one.kind == "decision" and one.words["flag"] == flag]


def questions(kept: Sequence[Kept]) -> tuple[Question, ...]:
    """What is to be asked, and what was answered; a question whose flag was decided since is dropped."""
    answers = {one.words["question"]: one for one in kept if one.kind == "answer"}
    found = []
    for one in kept:
        if one.kind != "question":
            continue
        answer = answers.get(one.id)
        if answer is None and not _waits(one, kept):
            continue
        given = (str(answer.words["words"]), answer.by_name) if answer is not None else (None, None)
        found.append(Question(one.id, str(one.words["words"]), one.by_name, one.at, *given))
    return tuple(found)


def _waits(question: Kept, kept: Iterable[Kept]) -> bool:
    """Whether no later decision on the same flag took its place: one change writes both."""
    last = decisions(kept, question.words["flag"])[-1:]
    return bool(last) and last[0].version == question.version


def standing_of_flags(raised: Iterable[Mapping[str, Any]], kept: Sequence[Kept]) -> dict[str, int]:
    """The counts on a request's row, from its raised flags and everything decided on them."""
    open_, stopped, to_review = 0, 0, 0
    for flag in raised:
        last = next(iter(decisions(kept, flag["id"])[-1:]), None)
        decided = last.words["decision"] if last is not None else None
        if decided in UNDECIDED and (flag["handling"] == REVIEW_FIRST or decided is not None):
            open_ += 1
            to_review += decided is None or _answered(last, kept)
        stopped += decided == "do_not_proceed"
    waiting = sum(question.answer is None for question in questions(kept))
    return {"open_flags": open_, "stopped_flags": stopped, "to_review": to_review, "questions": waiting}


def _answered(decision: Kept | None, kept: Sequence[Kept]) -> bool:
    """Whether the question that a decision asked was answered."""
    if decision is None:
        return False
    asked = {one.id for one in kept if one.kind == "question" and one.version == decision.version}
    return any(one.kind == "answer" and one.words["question"] in asked for one in kept)


def raised(health: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The raised flags of a health part."""
    return [flag for flag in health["flags"] if flag["raised"]]
