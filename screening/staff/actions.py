"""What staff do to a request, as one table: its words, its form, and the desk's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from screening.core.review import QuestionToAsk
from screening.desk import alike, bookings, clinician, messages, reception
from screening.desk.desk import Desk
from screening.desk.shapes import Person, RequestPage
from screening.staff import desk_words
from screening.staff.action_forms import (
    ActionForm,
    AlikeAgainForm,
    AnswerForm,
    AskAgainForm,
    BookForm,
    CallForm,
    CloseForm,
    DuplicateForm,
    HandOverForm,
    IdentityForm,
    MessageForm,
    NoteForm,
    NotSameForm,
    RaiseForm,
    ReasonForm,
    UnlikeForm,
    WayForm,
)
from screening.staff.review_forms import NextStepForm
from screening.web.words import lazy_gettext as _l

Do = Callable[[Desk, Person, str, Any, Any], object]  # desk, who, reference, version, the form


@dataclass(frozen=True, slots=True)
class Action:
    """`moves` are the workflow's names of what it may come to; `fits` says when it makes sense besides."""

    name: str
    label: Any
    form: type[ActionForm]
    do: Do
    moves: tuple[str, ...]
    about: str = ""  # words that stand above the form
    fits: Callable[[RequestPage, Person], bool] = lambda _page, _person: True
    beside: bool = False  # its button stands where two requests are side by side, and on no other page

    @property
    def at_once(self) -> bool:
        """Nothing to fill in: a button on the request's page is enough."""
        return self.form is ActionForm

    def offered(self, page: RequestPage, who: Person) -> bool:
        """Whether it is possible now."""
        return any(move.name in self.moves for move in page.moves) and self.fits(page, who)


_ALL = (
    Action(
        "take",
        _l("Take it"),
        ActionForm,
        lambda desk, who, ref, seen, _f: reception.take(desk, who, ref, seen),
        ("take",),
        fits=lambda page, who: page.row.owner != who.id,
    ),
    Action(
        "hand-over",
        _l("Hand over"),
        HandOverForm,
        lambda desk, who, ref, seen, form: reception.hand_over(
            desk, who, ref, seen, form.chosen, form.note.data
        ),
        ("hand_over",),
    ),
    Action(
        "call",
        _l("Log a call"),
        CallForm,
        lambda desk, who, ref, seen, form: reception.log_call(
            desk, who, ref, seen, form.outcome.data, form.note.data, asked=form.is_asked
        ),
        ("call", "reach", "wait_for_patient"),
    ),
    Action(
        "note",
        _l("Write a note"),
        NoteForm,
        lambda desk, who, ref, seen, form: reception.write_note(desk, who, ref, seen, form.note.data),
        ("note",),
    ),
    Action(
        "message",
        _l("Send a message"),
        MessageForm,
        lambda desk, who, ref, seen, form: messages.send_message(
            desk, who, ref, seen, form.template.data, form.way.data
        ),
        ("message",),
        fits=lambda page, _who: bool(page.ways),  # nobody is offered what can only fail
    ),
    Action(
        "raise",
        _l("Raise something for a doctor or nurse"),
        RaiseForm,
        lambda desk, who, ref, seen, form: reception.raise_item(
            desk, who, ref, seen, form.flag.data, form.told.data
        ),
        ("raise_item",),
    ),
    Action(
        "identity",
        _l("Identity check"),
        IdentityForm,
        lambda desk, who, ref, seen, form: reception.check_identity(
            desk, who, ref, seen, form.checked.data == "yes", form.how.data
        ),
        ("check_identity",),
    ),
    Action(
        "to-review",
        _l("Pass to review"),
        ActionForm,
        lambda desk, who, ref, seen, _f: reception.pass_to_review(desk, who, ref, seen),
        ("pass_to_review",),
    ),
    Action(
        "ready",
        _l("Ready to book"),
        ActionForm,
        lambda desk, who, ref, seen, _f: reception.make_ready(desk, who, ref, seen),
        ("make_ready",),
    ),
    Action(
        "send-back",
        _l("Send back to reception"),
        NextStepForm,
        lambda desk, who, ref, seen, form: clinician.send_back(desk, who, ref, seen, form.next_step.data),
        ("send_back", "let_stand", "hand_back"),
    ),
    Action(
        "back-to-review",
        _l("Take back to review"),
        ActionForm,
        lambda desk, who, ref, seen, _f: clinician.call_back_to_review(desk, who, ref, seen),
        ("call_back_to_review",),
    ),
    Action(
        "book",
        _l("Book"),
        BookForm,
        lambda desk, who, ref, seen, form: bookings.book(
            desk, who, ref, seen, form.booking, identity=form.is_known, side=form.is_side_confirmed
        ),
        ("book",),
    ),
    Action(
        "unbook",
        _l("Cancel the appointment"),
        ReasonForm,
        lambda desk, who, ref, seen, form: bookings.unbook(desk, who, ref, seen, form.reason.data),
        ("unbook", "cancel"),
    ),
    Action(
        "ask-again",
        _l("Ask again before the day"),
        AskAgainForm,
        lambda desk, who, ref, seen, form: reception.ask_again(
            desk, who, ref, seen, form.changed.data == "yes", form.told.data, form.flag.data
        ),
        ("ask_again",),
        fits=lambda page, _who: page.booking is not None,
    ),
    Action(
        "urgent",
        _l("Mark urgent"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.mark_urgent(desk, who, ref, seen, form.reason.data),
        ("mark_urgent",),
        fits=lambda page, _who: not page.urgent,
    ),
    Action(
        "not-urgent",
        _l("No longer urgent"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.unmark_urgent(desk, who, ref, seen, form.reason.data),
        ("unmark_urgent",),
        fits=lambda page, _who: bool(page.urgent),
    ),
    Action(
        "not-same",
        _l("Not the same person"),
        NotSameForm,
        lambda desk, who, ref, seen, form: reception.not_same(
            desk, who, ref, seen, form.of.data, form.reason.data
        ),
        ("not_same",),
        fits=lambda page, _who: any(not twin.not_same for twin in page.twins),
    ),
    Action(
        "unlike",
        _l("Only looks alike"),
        UnlikeForm,
        lambda desk, who, ref, seen, form: alike.tell_apart(
            desk, who, ref, seen, form.of.data, form.what.data, form.reason.data
        ),
        ("note",),
        beside=True,
    ),
    Action(
        "alike-again",
        _l("May be the same after all"),
        AlikeAgainForm,
        lambda desk, who, ref, seen, form: alike.same_after_all(
            desk, who, ref, seen, form.of.data, form.reason.data
        ),
        ("note",),
        beside=True,
    ),
    Action(
        "duplicate",
        _l("Mark as a duplicate"),
        DuplicateForm,
        lambda desk, who, ref, seen, form: reception.mark_duplicate(desk, who, ref, seen, form.named),
        ("mark_duplicate",),
    ),
    Action(
        "close",
        _l("Close"),
        CloseForm,
        lambda desk, who, ref, seen, form: reception.close(
            desk, who, ref, seen, form.reason.data, form.note.data
        ),
        ("close",),
    ),
    Action(
        "ask-to-close",
        _l("Ask a doctor or nurse to close it"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.ask_to_close(desk, who, ref, seen, form.reason.data),
        ("ask_to_close",),
    ),
    Action(
        "withdraw",
        _l("The patient withdrew it"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.withdraw(desk, who, ref, seen, form.reason.data),
        ("withdraw",),
    ),
    Action(
        "reopen",
        _l("Open again"),
        ReasonForm,
        lambda desk, who, ref, seen, form: reception.reopen(desk, who, ref, seen, form.reason.data),
        ("reopen",),
    ),
)


def offered(page: RequestPage, who: Person) -> list[Action]:
    """What may be done now, for the buttons on a request's pages."""
    return [action for action in ACTIONS.values() if not action.beside and action.offered(page, who)]


ACTIONS = {action.name: action for action in _ALL}


def action_for_move(move: str) -> Action | None:
    """The action that makes a move of the workflow."""
    return next((action for action in ACTIONS.values() if move in action.moves), None)


def answering(asked: QuestionToAsk) -> Action:
    """What the patient said to a clinician's question, or that they could not be asked."""
    return Action(
        "answer",
        _l("Enter the patient’s answer"),
        AnswerForm,
        lambda desk, who, ref, seen, form: _answer(desk, who, ref, seen, asked, form),
        ("answer",),
        about=asked.words,
        fits=lambda _page, _who: asked.answer is None,
    )


WAITS = ("later", "left_message")  # after these it is the patient's turn


def _answer(desk: Desk, who: Person, ref: str, seen: int, asked: QuestionToAsk, form: Any) -> object:
    happened, words = form.outcome.data, form.words.data
    if happened in desk_words.ANSWERED:
        called = happened == "answered"
        return reception.answer_question(desk, who, ref, seen, asked.id, words, called=called)
    outcome = "reached" if happened == "later" else happened
    return reception.log_call(desk, who, ref, seen, outcome, words, asked=happened in WAITS)


def sending(asked: QuestionToAsk) -> Action:
    """Sending the patient a link to a clinician's question."""
    return Action(
        "send",
        _l("Send the question to the patient"),
        WayForm,
        lambda desk, who, ref, seen, form: messages.send_question(
            desk, who, ref, seen, asked.id, form.way.data
        ),
        ("message",),
        about=asked.words,
        fits=lambda _page, _who: asked.answer is None,
    )
