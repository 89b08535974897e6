"""What staff do to a request, as one table: its words, its form, and the desk's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from screening.core import workflow
from screening.core.review import QuestionToAsk
from screening.desk import clinician, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Person, RequestPage
from screening.staff.action_forms import (
    ActionForm,
    AnswerForm,
    BookForm,
    CallForm,
    CloseForm,
    DuplicateForm,
    HandOverForm,
    IdentityForm,
    NextStepForm,
    NoteForm,
    ReasonForm,
)

Do = Callable[[Desk, Person, str, Any, Any], object]  # desk, who, reference, version, the form


@dataclass(frozen=True, slots=True)
class Action:
    """`moves` are the workflow's names, where it is one; `fits` says when the others make sense."""

    name: str
    label: Any
    form: type[ActionForm]
    do: Do
    moves: tuple[str, ...] = ()
    about: str = ""  # words that stand above the form
    fits: Callable[[RequestPage, Person], bool] = lambda _page, _person: True

    @property
    def at_once(self) -> bool:
        """Nothing to fill in: a button on the request's page is enough."""
        return self.form is ActionForm

    def offered(self, page: RequestPage, who: Person) -> bool:
        """Whether it is possible now."""
        if self.moves:
            return any(move.name in self.moves for move in page.moves)
        return self.fits(page, who)


def _open(page: RequestPage, _who: Person) -> bool:
    return not workflow.is_finished(page.row.status)


_ALL = (
    Action(
        "take",
        _l("Take it"),
        ActionForm,
        lambda desk, who, ref, seen, _f: reception.take(desk, who, ref, seen),
        fits=lambda page, who: _open(page, who) and page.row.owner != who.id,
    ),
    Action(
        "hand-over",
        _l("Hand over"),
        HandOverForm,
        lambda desk, who, ref, seen, form: reception.hand_over(
            desk, who, ref, seen, form.chosen, form.note.data
        ),
        fits=_open,
    ),
    Action(
        "call",
        _l("Log a call"),
        CallForm,
        lambda desk, who, ref, seen, form: reception.log_call(
            desk, who, ref, seen, form.outcome.data, form.note.data
        ),
        fits=_open,
    ),
    Action(
        "note",
        _l("Write a note"),
        NoteForm,
        lambda desk, who, ref, seen, form: reception.write_note(desk, who, ref, seen, form.note.data),
    ),
    Action(
        "identity",
        _l("Identity check"),
        IdentityForm,
        lambda desk, who, ref, seen, form: reception.check_identity(
            desk, who, ref, seen, form.checked.data == "yes", form.how.data
        ),
        fits=_open,
    ),
    Action(
        "to-review",
        _l("Pass to review"),
        ActionForm,
        lambda desk, who, ref, seen, _f: reception.pass_to_review(desk, who, ref, seen),
        moves=("pass_to_review",),
    ),
    Action(
        "ready",
        _l("Ready to book"),
        ActionForm,
        lambda desk, who, ref, seen, _f: reception.make_ready(desk, who, ref, seen),
        moves=("make_ready",),
    ),
    Action(
        "send-back",
        _l("Send back to reception"),
        NextStepForm,
        lambda desk, who, ref, seen, form: clinician.send_back(desk, who, ref, seen, form.next_step.data),
        moves=("send_back", "hand_back"),
    ),
    Action(
        "back-to-review",
        _l("Take back to review"),
        ActionForm,
        lambda desk, who, ref, seen, _f: clinician.call_back_to_review(desk, who, ref, seen),
        moves=("call_back_to_review",),
    ),
    Action(
        "book",
        _l("Book"),
        BookForm,
        lambda desk, who, ref, seen, form: reception.book(desk, who, ref, seen, form.booking),
        moves=("book",),
    ),
    Action(
        "unbook",
        _l("Cancel the booking"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.unbook(desk, who, ref, seen, form.reason.data),
        moves=("unbook",),
    ),
    Action(
        "urgent",
        _l("Mark urgent"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.mark_urgent(desk, who, ref, seen, form.reason.data),
        fits=lambda page, who: _open(page, who) and not page.row.urgent,
    ),
    Action(
        "not-urgent",
        _l("No longer urgent"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.unmark_urgent(desk, who, ref, seen, form.reason.data),
        fits=lambda page, _who: page.row.urgent,
    ),
    Action(
        "duplicate",
        _l("Mark as a duplicate"),
        DuplicateForm,
        lambda desk, who, ref, seen, form: reception.mark_duplicate(desk, who, ref, seen, form.of.data),
        moves=("mark_duplicate",),
    ),
    Action(
        "close",
        _l("Close"),
        CloseForm,
        lambda desk, who, ref, seen, form: reception.close(
            desk, who, ref, seen, form.reason.data, form.note.data
        ),
        moves=("close",),
    ),
    Action(
        "withdraw",
        _l("The patient withdrew it"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.withdraw(desk, who, ref, seen, form.reason.data),
        moves=("withdraw",),
    ),
    Action(
        "reopen",
        _l("Open again"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.reopen(desk, who, ref, seen, form.reason.data),
        moves=("reopen",),
    ),
)
ACTIONS = {one.name: one for one in _ALL}
_BY_MOVE = {move: one for one in _ALL for move in one.moves}
_BY_MOVE["reach"] = ACTIONS["call"]  # a call that reached the patient is what makes the move


def action_for_move(move: str) -> Action | None:
    """The action that makes a move of the workflow."""
    return _BY_MOVE.get(move)


def answering(asked: QuestionToAsk) -> Action:
    """Entering what the patient said to a clinician's question."""
    return Action(
        "answer",
        _l("Enter the patient’s answer"),
        AnswerForm,
        lambda desk, who, ref, seen, form: reception.answer_question(
            desk, who, ref, seen, asked.id, form.words.data
        ),
        about=asked.words,
        fits=lambda page, who: _open(page, who) and asked.answer is None,
    )
