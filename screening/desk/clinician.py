"""What a clinician does: sees everything on one page, deals with each flag, and says what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from screening.core import contradictions
from screening.core.errors import Refused
from screening.core.rules import NoSource, RuleSet
from screening.core.workflow import DECISIONS, UNDECIDED, Decision
from screening.desk import reading as shown
from screening.desk.changes import CLINICIAN, Change, one_of, words
from screening.desk.reception import HEALTH_READ, Reception
from screening.desk.shapes import Flag, IndicatorLine, Person, ReviewPage
from screening.storage import entries
from screening.storage.entries import Kept

_BOOKABLE = frozenset({"ready_to_book", "contacted", "booked"})


class Review(Reception):
    """For clinicians only."""

    def review(self, person: Person, reference: str) -> ReviewPage:
        """The request as it was sent, whatever became of its rule set. Audited."""
        self.allow(person, *CLINICIAN)
        with self.viewing(person, HEALTH_READ, reference) as connection:
            return self.review_page(connection, person, reference)

    def review_page(self, connection: Connection, person: Person, reference: str) -> ReviewPage:
        """The page, inside a reading that is audited."""
        opened = self.opened(connection, reference)
        kept = entries.load(connection, self.opening_keys, reference)
        health: Mapping[str, Any] = opened.health
        rule_set = self.service.library.pinned(opened.rule_set_digest)
        answers = health["answers"]
        return ReviewPage(
            request=self.request_page(connection, person, reference, health=True),
            rule_set=health["rule_set"],
            flags=tuple(_flag(flag, answers, kept, rule_set) for flag in shown.raised(health)),
            contradictions=tuple(contradictions.find(rule_set, answers)) if rule_set is not None else (),
            contradictions_checked=rule_set is not None,
            indicators=tuple(
                IndicatorLine(one["id"], one["label"], one["state"], shown.because(one["because"], answers))
                for one in health["indicators"]
            ),
            answers=shown.said(answers),
            statement=health["summary"]["statement"],
        )

    def decide(
        self,
        person: Person,
        reference: str,
        version: int,
        flag: str,
        decision: str,
        note: str = "",
        question: str = "",
    ) -> int:
        """Deal with one flag; a later decision corrects this one. `question` is what to ask the patient.

        Raises Refused for a flag that was not raised, or without the words that the decision needs. What
        may no longer be booked goes back to review.
        """
        one_of(decision, DECISIONS, "decision")
        note = words(note, "note", needed=decision == "do_not_proceed")
        question = words(question, "question", needed=decision == "ask_patient")
        with self.change(person, reference, version, "flag_decided", *CLINICIAN) as change:
            raised = shown.raised(change.request().health)
            one_of(flag, tuple(one["id"] for one in raised), "flag")
            if change.standing.finished:
                raise Refused("finished", ("reopen",))
            change.write("decision", flag=flag, decision=decision, note=note)
            if decision == "ask_patient":
                change.write("question", flag=flag, words=question)
            change.set(**shown.standing_of_flags(raised, [*change.entries(), *_to_come(change)]))
            self._take_back(change)
            if change.standing.status == "needs_review":
                change.wait_for_clinician()
        return change.version

    def send_back(self, person: Person, reference: str, version: int, next_step: str) -> int:
        """Back to reception, with what to do next: ready to book, or as new where a flag stops it.

        Raises Refused while a flag is open.
        """
        next_step = words(next_step, "next_step")
        with self.change(person, reference, version, "sent_back", *CLINICIAN) as change:
            change.move("hand_back" if change.standing.stopped_flags else "send_back", "next_step")
            change.set(to_review=0)
            change.write("next_step", words=next_step)
        return change.version

    def call_back_to_review(self, person: Person, reference: str, version: int) -> int:
        """What reception has is to be looked at again."""
        with self.change(person, reference, version, "called_back", *CLINICIAN) as change:
            change.move("call_back_to_review")
        return change.version

    @staticmethod
    def _take_back(change: Change) -> None:
        """A correction that leaves a flag open, or stops it, takes the request from reception's hands."""
        in_the_way = change.values["open_flags"] + change.values["stopped_flags"]
        if in_the_way and change.standing.status in _BOOKABLE:
            change.move("call_back_to_review")


def _to_come(change: Change) -> list[Kept]:
    """What this change is about to write, as it will be read."""
    who = (change.person.id, change.person.name, change.now)
    version = change.standing.version + 1
    return [
        Kept(f"new {part}", version, kind, *who, dict(said))
        for part, (kind, said) in enumerate(change.written)
    ]


def _flag(
    flag: Mapping[str, Any], answers: list[dict[str, Any]], kept: list[Kept], rule_set: RuleSet | None
) -> Flag:
    made = shown.decisions(kept, flag["id"])
    decision: Decision | None = made[-1].words["decision"] if made else None
    first = flag["handling"] == shown.REVIEW_FIRST
    return Flag(
        id=flag["id"],
        label=flag["label"],
        handling=flag["handling"],
        because=shown.because(flag["because"], answers),
        says=flag["say"]["clinician"],
        place=flag["place"],
        page=_page(flag["id"], rule_set),
        open=decision in UNDECIDED and (first or decision is not None),
        decisions=shown.entries_for(made, clinical=True),
        decision=decision,
    )


def _page(flag: str, rule_set: RuleSet | None) -> str | None:
    """Where on the treatment page the rule has its source, or why it has none."""
    rules = rule_set.flags if rule_set is not None else ()
    source = next((one.source for one in rules if one.id == flag), None)
    if source is None or rule_set is None:
        return None
    if isinstance(source, NoSource):
        return f"nothing. {source.none}"
    return f"{rule_set.page.sections.get(source.section, source.section)}: {source.phrase}"
