"""Filling in for patients, on the phone or from paper: the patient's own journey, marked with who did it.

Staff fill in for several patients at once. Each draft has an address and a cookie of its own; a form says
which draft and which patient it was opened for, and is refused anywhere else. Name and birth date are asked
first, by the order of this door alone: rule sets keep the patient's order, in which they come late because
patients know who they are. So nobody is asked about their health before it is known whose form this is.
"""

from __future__ import annotations

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from screening.accounts import sessions
from screening.accounts.access import CLINICIAN, RECEPTION, may_see_page, person, staff, who_may
from screening.core.errors import Unavailable
from screening.service.patient import Sender, Visit
from screening.service.recording import record_reading
from screening.staff import being_filled_in as filling
from screening.staff.after_sign_in import kept
from screening.staff.showing import page
from screening.web import draft_cookie, failures
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.question_pages import QuestionPages
from screening.web.redirects import see_other
from screening.web.stray_forms import DRAFT, Stray
from screening.web.visits import promise_to

ASKED_FIRST = ("for_whom", "representative_name", "representative_relationship", "name", "birth_date")
PATIENT = "patient"  # the field of a form that says whom it was opened for, as the page said it
OLD_PAGES = frozenset({"check-your-answers", "request-sent", "start-again"})  # had no draft in their address


class EntryPages(QuestionPages):
    """Several drafts in one browser, each at its own address."""

    def draft_id(self) -> str:
        """From the address."""
        return str((request.view_args or {}).get("draft", ""))

    def token(self) -> draft_cookie.DraftKey | None:
        """From the cookie of this draft."""
        return draft_cookie.token_of(self.draft_id())

    def forget_key(self, response: Response, visit: Visit) -> Response:
        """Of this draft alone."""
        del visit
        return filling.forget(response, self.draft_id())

    def address(self, page: str, visit: Visit, **values: object) -> str:
        """All begins at the list."""
        if page == "start":
            return url_for("staff.entry", **values)  # type: ignore[arg-type]  # Flask names its options
        return super().address(page, visit, draft=self._id_of(visit), **values)

    def _id_of(self, visit: Visit) -> str:
        return visit.token.public_id if visit.token is not None else self.draft_id()

    def begins_anew(self) -> bool:
        """Only the button on the start page begins one."""
        return False

    def about_me(self, visit: Visit) -> bool:
        """A browser knows the names of staff, and of patients before."""
        del visit
        return False

    def carries(self, visit: Visit) -> dict[str, str]:
        """The draft, and whom it is for."""
        return {DRAFT: self._id_of(visit), PATIENT: filling.who_it_is_for(visit)}

    def is_for_another(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        """Opened for another draft, or for somebody who is not this draft's patient any more."""
        same = filling.who_it_is_for(visit).startswith(typed.get(PATIENT, ""))  # less was known of them then
        return typed.get(DRAFT) != self.draft_id() or not same

    def refuse(self, visit: Visit, stray: Stray, **context: object) -> ResponseReturnValue:
        """Says which patient the form was for, and offers to put it there."""
        home = visit if stray.draft == self.draft_id() else filling.visit_of(stray.draft)
        fields: list[tuple[str, str]] = []
        send_to = None
        asked = [given.question.id for given in stray.answers]
        if asked and home is not None and all(takes(home, question) for question in asked):
            fields = [*stray.to_send_again(DRAFT, PATIENT), *self.carries(home).items()]
            send_to = self.to_question(home, asked[0])
        was_for = filling.who_it_is_for(home) if home not in (None, visit) else stray.typed.get(PATIENT, "")
        return super().refuse(
            visit, stray, home=home, was_for=was_for, send_to=send_to, fields=fields, **context
        )


def takes(visit: Visit, question: str) -> bool:
    """Whether an answer to this question may still be put into the draft."""
    return visit.draft is not None and visit.reference is None and question in visit.rule_set.by_id


def _page(name: str, visit: Visit, **context: object) -> str:
    """A page of the entry; one with all answers is in the audit, on the request that they become."""
    if name in ("check", "withdrawn"):
        _on_record(visit, shown_again=bool(context.get("errors")))
    shared = {"carried": asking.carried(visit), "patient": filling.who_it_is_for(visit)}
    return page(f"entry_{name}", visit=visit, rule_set=visit.rule_set, **shared, **context)


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


asking = EntryPages(
    "staff.entry_", _page, asked_first=ASKED_FIRST, sender=_sender, typed_before=kept,
    may_see_draft=may_see_page,
)  # fmt: skip
failures.keepers |= asking.keepers()


@staff.get("/entry")
@who_may(RECEPTION, CLINICIAN)
def entry() -> ResponseReturnValue:
    """What is being filled in, and which treatments there are: on the screen, or as a form to print."""
    return filling.list_page(asking.to_go_on)


@staff.route("/entry/<treatment>", methods=["GET", "POST"], strict_slashes=False)
@who_may(RECEPTION, CLINICIAN)
def entry_start(treatment: str) -> ResponseReturnValue:
    """What to say to the patient first, and when they should get help now instead; and to begin."""
    visit = service().visit(treatment, None)
    if visit is None:
        abort(404)
    if request.method in SAFE:
        return page("entry_start", rule_set=visit.rule_set, promise=promise_to(visit))
    if filling.is_full():
        return filling.list_page(asking.to_go_on, full=True), 409
    begun = service().begin(visit, person().id)
    return filling.give(see_other(asking.to_go_on(begun)), begun)


@staff.route("/entry/<treatment>/<name>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_old(treatment: str, name: str) -> ResponseReturnValue:
    """An address without a draft, or without a question: on with the draft, or to the list."""
    found = filling.visit_of(name)
    if found is not None:
        return asking.onward(found)
    visit = service().visit(treatment, None)
    if visit is None or name not in OLD_PAGES.union(visit.rule_set.by_id):
        abort(404)
    if request.method not in SAFE and name not in OLD_PAGES:
        return asking.question(treatment, name)  # is refused, and shown
    return see_other(url_for("staff.entry"))


@staff.route("/entry/<treatment>/<draft>/<question>", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_question(treatment: str, draft: str, question: str) -> ResponseReturnValue:
    """One question, as the patient would see it."""
    del draft  # as the next ones, read by `EntryPages.draft_id`
    return asking.question(treatment, question)


@staff.route("/entry/<treatment>/<draft>/check-your-answers", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_check(treatment: str, draft: str) -> ResponseReturnValue:
    """All answers once more, to read out, and the button that sends them."""
    del draft
    return asking.check(treatment)


@staff.route("/entry/<treatment>/<draft>/questions-withdrawn", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_withdrawn(treatment: str, draft: str) -> ResponseReturnValue:
    """What was filled in under questions that were taken back since."""
    del draft
    return asking.withdrawn(treatment)


@staff.get("/entry/<treatment>/<draft>/request-sent")
@who_may(RECEPTION, CLINICIAN)
def entry_sent(treatment: str, draft: str) -> ResponseReturnValue:
    """The reference to give the patient."""
    del draft
    return asking.sent(treatment)


@staff.route("/entry/<treatment>/<draft>/delete-the-answers", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_delete(treatment: str, draft: str) -> ResponseReturnValue:
    """Forget what was filled in, after asking once."""
    del draft
    visit = asking.visit(treatment)
    if visit.draft is None or visit.reference is not None:
        return asking.onward(visit)
    if request.method in SAFE:
        return _page("delete", visit, onward=asking.to_go_on(visit))
    return asking.start_again(treatment)
