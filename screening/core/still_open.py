"""What is still open of a request, by the two gates, and what nobody has read: the head of every paper.

A consultation and a treatment are booked behind gates of their own. What is not named here is not said to
be clear: no engine says that of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from screening.core.kept import KeptAnswer, KeptRequest
from screening.core.remarks import Remark
from screening.core.review import FlagLine, FlagReview
from screening.core.rules import RuleSet

SIDE = "side"  # the subject of questions about which side: `about` in a rule set
ItemStanding = Literal["open", "asked", "stopped", "unsettled", "settled"]


@dataclass(frozen=True, slots=True)
class UnreadThing:
    """What no clinician has read: an answer, what does not fit, or neither of them: the whole request."""

    id: str
    answer: KeptAnswer | None = None
    remark: Remark | None = None

    @property
    def kind(self) -> str:
        """words, other, unreadable, remark or request."""
        return self.id.partition(":")[0]


@dataclass(frozen=True, slots=True)
class StillOpen:
    """What keeps a consultation from being booked, what the treatment, and what is unread.

    `treatment` has every item that is not settled, those of the consultation among them.
    """

    consultation: tuple[FlagReview, ...] = ()
    stopped: tuple[FlagReview, ...] = ()
    treatment: tuple[FlagReview, ...] = ()
    unread: tuple[UnreadThing, ...] = ()


def sides(kept: KeptRequest, rule_set: RuleSet | None) -> tuple[KeptAnswer, ...]:
    """The answers that say which side, by the rules of that day; none where those cannot be read any more."""
    names = side_questions(rule_set)
    return tuple(answer for answer in kept.health.answers if answer.question in names)


def side_questions(rule_set: RuleSet | None) -> frozenset[str]:
    """The questions about which side; none where the rules cannot be read any more."""
    asked = rule_set.questions if rule_set is not None else ()
    return frozenset(question.id for question in asked if question.subject == SIDE)


def item_standing(line: FlagReview) -> ItemStanding:
    """Where an item stands, by the nearest gate that it keeps shut."""
    if line.open:
        return "asked" if line.item.state == "asked" else "open"
    if line.stopped:
        return "stopped"
    return "unsettled" if line.unsettled else "settled"


def still_open(
    lines: Sequence[FlagLine], kept: KeptRequest, unread: Iterable[str], remarks: Iterable[Remark]
) -> StillOpen:
    """Of a request's items and of what is unread, by id."""
    items = [line.review for line in lines]
    return StillOpen(
        tuple(item for item in items if item.open),
        tuple(item for item in items if item.stopped),
        tuple(item for item in items if item.unsettled),
        unread_things(kept, unread, remarks),
    )


def unread_things(
    kept: KeptRequest, unread: Iterable[str], remarks: Iterable[Remark]
) -> tuple[UnreadThing, ...]:
    """Each with what is to be read; a remark that is no longer made stays, without its words."""
    answers = {answer.question: answer for answer in (*kept.health.answers, *kept.contact.answers)}
    made = {remark.id: remark for remark in remarks}
    found = []
    for thing in unread:
        _, _, name = thing.partition(":")
        remark = made.get(name) if thing.startswith("remark:") else None
        found.append(UnreadThing(thing, answers.get(name), remark))
    return tuple(found)
