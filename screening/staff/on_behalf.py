"""Filling in for a patient, on the phone or from paper: the patient's own journey, marked with who did it."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from screening.accounts import sessions
from screening.accounts.access import CLINICIAN, RECEPTION, may_see_page, person, staff, who_may
from screening.core.errors import Unavailable
from screening.service.patient import Sender, Visit
from screening.service.recording import record_reading
from screening.staff.after_sign_in import kept
from screening.staff.showing import page
from screening.web import failures
from screening.web.door import service
from screening.web.question_pages import QuestionPages


def _page(name: str, visit: Visit, **context: object) -> str:
    """A page of the entry; the one with all answers is in the audit, on the request that they become."""
    if name == "check":
        _on_record(visit, shown_again=bool(context["errors"]))
    return page(f"entry_{name}", visit=visit, rule_set=visit.rule_set, **context)


def _on_record(visit: Visit, *, shown_again: bool) -> None:
    """Where nothing can be kept just now, whoever had the page gets it back all the same."""
    who = sessions.current()  # also after a failure that came before the guard
    if visit.token is None or who is None:
        return
    try:
        record_reading(service(), "entry_read", (who.person_id, who.name), [visit.token.row_id])
    except Unavailable:
        if not shown_again:
            raise


def _sender() -> Sender:
    return Sender(person().id, person().name, request.remote_addr or "")


asking = QuestionPages("staff.entry_", _page, sender=_sender, typed_before=kept, may_see_draft=may_see_page)
failures.keepers |= asking.keepers()


@staff.get("/entry")
@who_may(RECEPTION, CLINICIAN)
def entry() -> ResponseReturnValue:
    """Which treatment: on the screen, or as a form to print."""
    return page("entry", treatments=service().treatments())


@staff.get("/entry/<treatment>", strict_slashes=False)
@who_may(RECEPTION, CLINICIAN)
def entry_start(treatment: str) -> ResponseReturnValue:
    """What to say to the patient first, and when they should get help now instead."""
    return asking.start(treatment)


@staff.route("/entry/<treatment>/<question>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_question(treatment: str, question: str) -> ResponseReturnValue:
    """One question, as the patient would see it."""
    return asking.question(treatment, question)


@staff.route("/entry/<treatment>/check-your-answers", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_check(treatment: str) -> ResponseReturnValue:
    """All answers once more, to read out, and the button that sends them."""
    return asking.check(treatment)


@staff.get("/entry/<treatment>/request-sent")
@who_may(RECEPTION, CLINICIAN)
def entry_sent(treatment: str) -> ResponseReturnValue:
    """The reference to give the patient."""
    return asking.sent(treatment)


@staff.post("/entry/<treatment>/start-again")
@who_may(RECEPTION, CLINICIAN)
def entry_start_again(treatment: str) -> ResponseReturnValue:
    """Forget what was filled in, or go on to the next patient."""
    return asking.start_again(treatment)
