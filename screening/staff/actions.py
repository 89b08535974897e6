"""What staff do to a request, as one table: its words, its form, and the desk's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
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

Do = Callable[..., object]  # desk, who, reference, version, and by name what the form has `given`


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
        reception.take,
        ("take",),
        fits=lambda page, who: page.row.owner != who.id,
    ),
    Action("hand-over", _l("Hand over"), HandOverForm, reception.hand_over, ("hand_over",)),
    Action("call", _l("Log a call"), CallForm, reception.log_call, ("call", "reach", "wait_for_patient")),
    Action("note", _l("Write a note"), NoteForm, reception.write_note, ("note",)),
    Action(
        "message",
        _l("Send a message"),
        MessageForm,
        messages.send_message,
        ("message",),
        fits=lambda page, _who: bool(page.ways),  # nobody is offered what can only fail
    ),
    Action(
        "raise",
        _l("Raise something for a doctor or nurse"),
        RaiseForm,
        reception.raise_item,
        ("raise_item",),
    ),
    Action("identity", _l("Identity check"), IdentityForm, reception.check_identity, ("check_identity",)),
    Action("to-review", _l("Pass to review"), ActionForm, reception.pass_to_review, ("pass_to_review",)),
    Action("ready", _l("Ready to book"), ActionForm, reception.make_ready, ("make_ready",)),
    Action(
        "send-back",
        _l("Send back to reception"),
        NextStepForm,
        clinician.send_back,
        ("send_back", "let_stand", "hand_back"),
    ),
    Action(
        "back-to-review",
        _l("Take back to review"),
        ActionForm,
        clinician.call_back_to_review,
        ("call_back_to_review",),
    ),
    Action("book", _l("Book"), BookForm, bookings.book, ("book",)),
    Action("unbook", _l("Cancel the appointment"), ReasonForm, bookings.unbook, ("unbook", "cancel")),
    Action(
        "ask-again",
        _l("Ask again before the day"),
        AskAgainForm,
        reception.ask_again,
        ("ask_again",),
        fits=lambda page, _who: page.booking is not None,
    ),
    Action(
        "urgent",
        _l("Mark urgent"),
        ReasonForm,
        reception.mark_urgent,
        ("mark_urgent",),
        fits=lambda page, _who: not page.urgent,
    ),
    Action(
        "not-urgent",
        _l("No longer urgent"),
        ReasonForm,
        reception.unmark_urgent,
        ("unmark_urgent",),
        fits=lambda page, _who: bool(page.urgent),
    ),
    Action(
        "not-same",
        _l("Not the same person"),
        NotSameForm,
        reception.not_same,
        ("not_same",),
        fits=lambda page, _who: any(not twin.not_same for twin in page.twins),
    ),
    Action("unlike", _l("Only looks alike"), UnlikeForm, alike.tell_apart, ("note",), beside=True),
    Action(
        "alike-again",
        _l("May be the same after all"),
        AlikeAgainForm,
        alike.same_after_all,
        ("note",),
        beside=True,
    ),
    Action(
        "duplicate", _l("Mark as a duplicate"), DuplicateForm, reception.mark_duplicate, ("mark_duplicate",)
    ),
    Action("close", _l("Close"), CloseForm, reception.close, ("close",)),
    Action(
        "ask-to-close",
        _l("Ask a doctor or nurse to close it"),
        ReasonForm,
        reception.ask_to_close,
        ("ask_to_close",),
    ),
    Action("withdraw", _l("The patient withdrew it"), ReasonForm, reception.withdraw, ("withdraw",)),
    Action("reopen", _l("Open again"), ReasonForm, reception.reopen, ("reopen",)),
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
        partial(_answer, question=asked.id),
        ("answer",),
        about=asked.words,
        fits=lambda _page, _who: asked.answer is None,
    )


WAITS = ("later", "left_message")  # after these it is the patient's turn


def _answer(
    desk: Desk, who: Person, ref: str, seen: int, *, question: str, outcome: str, words: str
) -> object:
    if outcome in desk_words.ANSWERED:
        called = outcome == "answered"
        return reception.answer_question(desk, who, ref, seen, question, words, called=called)
    came = "reached" if outcome == "later" else outcome
    return reception.log_call(desk, who, ref, seen, came, words, asked=outcome in WAITS)


def sending(asked: QuestionToAsk) -> Action:
    """Sending the patient a link to a clinician's question."""
    return Action(
        "send",
        _l("Send the question to the patient"),
        WayForm,
        partial(messages.send_question, question=asked.id),
        ("message",),
        about=asked.words,
        fits=lambda _page, _who: asked.answer is None,
    )
