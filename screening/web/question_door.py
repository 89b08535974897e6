"""What differs between the doors where questions are asked: who asks, of which draft, at which addresses.

As it is: one draft of a treatment in a browser. A door with several of them says in a class of its own where
each is held. What stands together on a page is a value (`asking_order.Paging`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, Protocol

from flask import Response, abort, request
from werkzeug.datastructures import MultiDict

from screening.core.stored import Stored
from screening.core.voices import ME
from screening.service.sending import PATIENT, Sender
from screening.service.visit import Visit
from screening.web import draft_cookie
from screening.web.addresses import address
from screening.web.asking_order import AS_THE_RULES_SAY, Paging
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.redirects import see_other
from screening.web.stray_forms import DRAFT

VOICE = "voice"  # the field of a form that says in which it was drawn, where that is not the patient's own


class Render(Protocol):
    """A door's page called `start`, `question`, `check`, `sent` or `stray`, as markup."""

    def __call__(self, name: str, visit: Visit, **context: object) -> str: ...


@dataclass(frozen=True, slots=True)
class QuestionDoor:
    """One door, as far as it differs from another."""

    prefix: str  # of the door's endpoints: its question is at `<prefix>question`
    render: Render
    first: str = "start"  # the page before the first question
    ring_us: str = ""  # the page for who is outside the age that the rules say; this door may have none
    paging: Paging = AS_THE_RULES_SAY

    # Who asks

    def sender(self) -> Sender:
        """Who sends a request here."""
        return PATIENT

    def admit(self, kind: str) -> None:
        """Raises where too many drafts, or requests, come."""

    def typed_before(self) -> MultiDict[str, str] | None:
        """What was typed on this page in a session that ended."""
        return None

    def may_see_draft(self) -> bool:
        """Asked after a failure, which the door's guard may not outlive."""
        return True

    def about_me(self, visit: Visit) -> bool:
        """Whether whoever fills it in is the patient, as far as the questions tell."""
        somebody_else = visit.rule_set.by_contact.get("representative_name")
        return visit.voice == ME and somebody_else not in visit.path.asked

    def absent(self, treatment: str) -> NoReturn:
        """There is no such treatment for whoever asks: raises what this door answers."""
        del treatment
        abort(404)

    # Which draft, and where its key is

    def token(self) -> draft_cookie.DraftKey | None:
        """The key that the browser sent for the draft of this address."""
        return draft_cookie.token()

    def give_key(self, response: Response, visit: Visit) -> Response:
        """Hand the key of a draft to this browser."""
        return draft_cookie.give(response, visit.token, self.address("start", visit))

    def forget_key(self, response: Response, visit: Visit) -> Response:
        """Take it from this browser."""
        return draft_cookie.forget(response, self.address("start", visit))

    def draft_id(self) -> str:
        """The public id of the draft of this address; empty where there is none."""
        token = self.token()
        return token.public_id if token is not None else ""

    def carries(self, visit: Visit) -> dict[str, str]:
        """What every form of a visit says of the draft it is for."""
        return {DRAFT: self.draft_id()} | voice_in(visit)

    def carried(self, visit: Visit) -> dict[str, str]:
        """The same; of a form that is shown again after a failure, what it said before."""
        posted = request.form if request.method not in SAFE else {}
        return {name: posted.get(name, now) for name, now in self.carries(visit).items()}

    def is_for_another(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        """Whether a form was opened for another draft. One from before the first answer is for any."""
        del visit
        return bool(typed.get(DRAFT)) and typed.get(DRAFT) != self.draft_id()

    def is_held_elsewhere(self, visit: Visit) -> bool:
        """Whether somebody else fills it in now, so that it is theirs to go on with."""
        del visit
        return False

    def begins_anew(self) -> bool:
        """Whether an answer without a draft begins one."""
        return True

    def begin_again(self, visit: Visit, answers: Stored) -> Visit:
        """A draft with what a check page showed, where its own is gone. Raises Unavailable."""
        return service().save_answers(visit, answers)

    # Where its pages are

    def address(self, page: str, visit: Visit, **values: object) -> str:
        """Where a page of a visit is; values are for the route and the query, None for none."""
        return address(self.prefix + page, treatment=visit.rule_set.id, **values)  # type: ignore[arg-type]  # an anchor is one of them

    def to_question(self, visit: Visit, question: str | None, **query: object) -> str:
        """Where a question is asked; without one, where the answers are checked."""
        if question is None:
            return self.address("check", visit, **query)
        return self.address("question", visit, question=question, **query)

    def to_change(self, visit: Visit, question: str) -> str:
        """Where a question is asked again, to come back to the check page."""
        here = self.paging.on_page(visit, question)
        anchor = f"asks-{here.index(question) + 1}" if question in here[1:] else None  # a number is few bytes
        return self.to_question(visit, question, change=1, _anchor=anchor)

    def same_for_all(self, visit: Visit) -> str | None:
        """What those addresses begin with; None where they are of one draft."""
        return self.address("start", visit)

    def to_go_on(self, visit: Visit) -> str:
        """Where the reference is, or what is due next, or the start where nothing is kept."""
        if visit.reference is not None:
            return self.address("sent", visit)
        if visit.withdrawn:
            return self.address("withdrawn", visit)
        if visit.draft is None:
            gone = visit.lost or not self.begins_anew()
            return self.address("start", visit, notice="expired" if gone else "elsewhere")
        return self.to_question(visit, self.paging.order(visit).next)

    def onward(self, visit: Visit) -> Response:
        """A redirect to where this browser can go on."""
        return see_other(self.to_go_on(visit))


def voice_in(visit: Visit) -> dict[str, str]:
    """For a form to carry: nothing where patients are spoken to themselves."""
    return {} if visit.voice == ME else {VOICE: visit.voice}
