"""The pages of a form that staff fill in for a patient: the patient's own journey, asked in groups.

Each form has an address of its own, and one of staff holds it (`handing_over`). A form's page says which form
and which patient it was opened for, and is refused anywhere else.
"""

from __future__ import annotations

import hmac

from flask import Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from screening.accounts.access import may_see_page, person, who_asks
from screening.core.errors import Unavailable
from screening.core.stored import Stored
from screening.desk.desk import actor
from screening.service.recording import record_reading
from screening.service.sending import Sender
from screening.service.told import as_text, read_text
from screening.service.visit import Visit
from screening.staff import being_filled_in as filling
from screening.staff.after_sign_in import kept
from screening.staff.in_groups import InGroups
from screening.staff.showing import page
from screening.web import draft_cookie, failures
from screening.web.door import service
from screening.web.headers import SAFE
from screening.web.question_door import VOICE, voice_in
from screening.web.question_drawing import NOT_ITS_PLACE
from screening.web.question_pages import ANEW, QuestionPages
from screening.web.redirects import see_other
from screening.web.stray_forms import DRAFT, SHOWN, Stray

PATIENT = "patient"  # the field of a form that says whom it was opened for, as the page said it
TOLD = "told"  # the field of a check page that says how staff were told it
THEN = "then"  # of the buttons that leave a form with what stands on it, to one of these pages
TYPED = ("question", "check")  # pages to write on
PARK, HAND_OVER = "park", "hand-over"


class EntryPages(QuestionPages):
    """Several drafts at once, each at its own address, whose keys staff's server opens."""

    def draft_id(self) -> str:
        """From the address."""
        return str((request.view_args or {}).get("draft", ""))

    def token(self) -> draft_cookie.DraftKey | None:
        """Whoever asks may open it."""
        return filling.key_of(self.draft_id())

    def give_key(self, response: Response, visit: Visit) -> Response:
        """The browser needs none."""
        del visit
        return response

    def forget_key(self, response: Response, visit: Visit) -> Response:
        """It has none, unless an older program gave it one."""
        del visit
        return filling.forget(response, self.draft_id())

    def is_held_elsewhere(self, visit: Visit) -> bool:
        """A colleague has taken it over, or was handed it."""
        return filling.is_a_colleagues(visit)

    def to_go_on(self, visit: Visit) -> str:
        """To who has it, where that is a colleague."""
        if self.is_held_elsewhere(visit):
            return self.address("held", visit)
        return super().to_go_on(visit)

    def address(self, page: str, visit: Visit, **values: object) -> str:
        """All begins at the list."""
        if page == "start":
            return url_for("staff.entry", **values)  # type: ignore[arg-type]  # Flask names its options
        return super().address(page, visit, draft=self._id_of(visit), **values)

    def _id_of(self, visit: Visit) -> str:
        return visit.token.public_id if visit.token is not None else self.draft_id()

    def same_for_all(self, visit: Visit) -> str | None:
        """Each is of its draft."""
        del visit
        return None

    def begins_anew(self) -> bool:
        """Only the button on the start page begins one."""
        return False

    def sender(self) -> Sender:
        """Who of the staff it is, and where they sit."""
        return Sender(person().id, person().name, request.remote_addr or "")

    def typed_before(self) -> MultiDict[str, str] | None:
        """Before they had to sign in again."""
        return kept()

    def may_see_draft(self) -> bool:
        """Whoever is still signed in."""
        return may_see_page()

    def about_me(self, visit: Visit) -> bool:
        """A browser knows the names of staff, and of patients before."""
        del visit
        return False

    def question(self, treatment: str, question: str) -> ResponseReturnValue:
        """Also leaves it with what stands on the page as it is: to the list, or to be handed over."""
        then = request.form.get(THEN) if request.method not in SAFE else None
        left = self.with_words(self.visit(treatment)) if then in (PARK, HAND_OVER) else None
        if left is None:
            return super().question(treatment, question)
        over = then == HAND_OVER
        return see_other(self.address("hand_over", left) if over else url_for("staff.entry", notice="parked"))

    def carries(self, visit: Visit) -> dict[str, str]:
        """The draft, and whom it is for."""
        return {DRAFT: self._id_of(visit), PATIENT: filling.who_it_is_for(visit)} | voice_in(visit)

    def is_for_another(self, visit: Visit, typed: MultiDict[str, str]) -> bool:
        """Opened for another draft, for who is not its patient any more, or before it was taken over."""
        same = filling.who_it_is_for(visit).startswith(typed.get(PATIENT, ""))  # less was known of them then
        return typed.get(DRAFT) != self.draft_id() or not same or self.is_held_elsewhere(visit)

    def would_stray(self, visit: Visit) -> bool:
        """Never for a token alone: its address names the draft, whatever became of the browser's cookies."""
        del visit
        return False

    def begin_again(self, visit: Visit, answers: Stored) -> Visit:
        """However many there are already: to lose it would be worse than a long list. Of one page, one."""
        told = request.form.get(TOLD, "")
        begun = service().begin(visit, person().id, read_text(told), answers, _mark())
        before = begun.token.public_id if begun.draft is None and begun.token is not None else ""
        return (filling.visit_of(before) if before else None) or begun

    def refuse(
        self, visit: Visit, stray: Stray, *, status: int = NOT_ITS_PLACE, **context: object
    ) -> ResponseReturnValue:
        """Says which patient the form was for, or who has it now, and offers to put it there.

        What a check page showed can be gone on with where there is no such draft any more.
        """
        home = visit if stray.draft == self.draft_id() else filling.visit_of(stray.draft)
        fields: list[tuple[str, str]] = []
        send_to = None
        asked = [given.question.id for given in stray.answers]
        taken = home is visit and self.is_held_elsewhere(visit)
        if taken:
            fields = [*stray.to_send_again(DRAFT, PATIENT, VOICE), *self.carries(visit).items()]
            context |= filling.whose_words(visit, stray)
        elif asked and home is not None and all(takes(home, question) for question in asked):
            fields = [*stray.to_send_again(DRAFT, PATIENT, VOICE), *self.carries(home).items()]
            send_to = self.to_question(home, asked[0])
        elif stray.checked and visit.draft is None and (home is None or home.draft is None):
            fields = [*stray.to_send_again(ANEW), (ANEW, "1")]
            send_to = self.address("check", visit)
        was_for = filling.who_it_is_for(home) if home not in (None, visit) else stray.typed.get(PATIENT, "")
        context |= {"home": home, "was_for": was_for, "send_to": send_to, "fields": fields, "taken": taken}
        return super().refuse(visit, stray, status=status, **context)


def takes(visit: Visit, question: str) -> bool:
    """Whether an answer to this question may still be put into the draft."""
    return visit.waits and not filling.is_a_colleagues(visit) and question in visit.rule_set.by_id


def entry_page(name: str, visit: Visit, **context: object) -> str:
    """A page of the entry; one with all answers is in the audit, on the request that they become."""
    if name in ("check", "withdrawn"):
        _on_record(visit, shown_again=bool(context.get("errors")))
    shared = {"carried": asking.carried(visit), "patient": filling.who_it_is_for(visit), "parks": True}
    looked_at = filling.looked_at(visit, typing=name in TYPED) if name in (*TYPED, "held") else {}
    others = filling.same_person(visit, asking.to_go_on) if name in TYPED else {}
    told = {"told": as_text(visit.draft.told)} if visit.draft is not None else {}
    context = {**shared, **looked_at, **others, **told, **context}
    return page(f"entry_{name}", visit=visit, rule_set=visit.rule_set, **context)


def _on_record(visit: Visit, *, shown_again: bool) -> None:
    """Where nothing can be kept just now, whoever had the page gets it back all the same."""
    who = who_asks()
    if visit.token is None or who is None:
        return
    try:
        record_reading(service(), "entry_read", actor(who), [visit.token.row_id])
    except Unavailable:
        if not shown_again:
            raise


def _mark() -> bytes:
    """The same for each press of a button: of the draft that the page was of, and of all that it showed."""
    said = "\n".join(request.form.get(name, "") for name in (DRAFT, SHOWN, TOLD))
    return hmac.digest(str(current_app.secret_key).encode(), said.encode(), "sha256")


asking = EntryPages("staff.entry_", entry_page, paging=InGroups())
failures.keepers |= asking.keepers()
