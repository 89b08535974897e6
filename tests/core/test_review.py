"""What a clinician must have read, and what each item says of itself, whatever the page that shows it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from screening.core.dealings import Item
from screening.core.entries import (
    Entry,
    FlagDecision,
    NoDuplicate,
    PatientAnswer,
    PatientQuestion,
    Raised,
)
from screening.core.kept import KeptAnswer, KeptRequest
from screening.core.review import FlagReview, Review, review, to_read
from tests.core.kept_requests import kept_flag, kept_request, written

THINNER = kept_flag("thinner", "review_before_booking")
FEVER = kept_flag("fever", "arrange", raised=False)
ESCORT = kept_flag("escort", "arrange")


def kept(*answers: KeptAnswer, contact: Sequence[KeptAnswer] = ()) -> KeptRequest:
    return kept_request(THINNER, FEVER, ESCORT, answers=answers, contact=contact)


def reviewed(*entries: Entry) -> Review:
    return review(kept(), written(*entries))


@pytest.mark.parametrize(
    ("answer", "thing"),
    [
        (KeptAnswer("q", "Q?", "text", stored="w", said=("w",)), "words:q"),
        (KeptAnswer("q", "Q?", "gone", stored="w", said=("w",)), "words:q"),  # a type that is no more
        (KeptAnswer("q", "Q?", "choose_one", stored="other", said=("Other",)), "other:q"),
        (KeptAnswer("q", "Q?", "choose_many", stored=["a", "other"], said=("A", "Other")), "other:q"),
        (KeptAnswer("q", "Q?", "choose_one", stored="a"), "unreadable:q"),
        (KeptAnswer("q", "Q?", "choose_one", stored="brother", said=("My brother",)), None),
        (KeptAnswer("q", "Q?", "choose_many", stored=["a"], said=("A",)), None),
        (KeptAnswer("q", "Q?", "choose_one"), None),
        (KeptAnswer("q", "Q?", "text"), None),
    ],
)
def test_own_words_other_and_what_cannot_be_read_wait_for_a_clinician(
    answer: KeptAnswer, thing: str | None
) -> None:
    found = [] if thing is None else [thing]
    assert list(to_read(kept(answer))) == found
    assert list(to_read(kept(answer), ["r"], whole=True)) == ["request", *found, "remark:r"]


def test_of_the_contact_answers_only_words_about_needs_are_read() -> None:
    needs = KeptAnswer("n", "N?", "text", contact="needs_words", stored="w", said=("w",))
    name = KeptAnswer("c", "C?", "text", contact="name", stored="Ada", said=("Ada",))
    assert to_read(kept(contact=[name, needs])) == ("words:n",)
    assert to_read(kept(contact=[KeptAnswer("n", "N?", "text", contact="needs_words")])) == ()


@pytest.mark.parametrize(
    ("item", "holds"),
    [
        (Item("x", "consultation"), True),
        (Item("x", "consultation", "noted"), False),
        (Item("x", "treatment"), True),
        (Item("x", "treatment", "noted"), True),
        (Item("x", "treatment", "settled"), False),
    ],
)
def test_an_item_holds_its_own_gate_until_it_is_dealt_with_there(item: Item, *, holds: bool) -> None:
    assert FlagReview(THINNER, item).holds is holds


def test_what_was_raised_in_words_is_called_by_the_first_of_them() -> None:
    said = Raised("told_2", "Told later", "x"), Raised("told_1", "Told", "y"), Raised("told_1", "Again", "z")
    found = {line.flag.id: line.flag for line in reviewed(*said).flags}
    labels = [found[name].label for name in ("thinner", "told_2", "told_1")]
    assert labels == ["thinner", "Told later", "Told"]
    assert {found[name].handling for name in ("told_2", "told_1")} == {"review_before_booking"}


def test_an_item_is_handled_as_its_rule_says_until_something_more_is_told_of_it() -> None:
    def handled(*entries: Entry) -> list[str]:
        return [line.flag.handling for line in reviewed(*entries).flags]

    assert handled() == handled(FlagDecision("escort", "proceed")) == ["review_before_booking", "arrange"]
    assert handled(Raised("escort", "Escort", "nobody can come")) == ["review_before_booking"] * 2


def test_a_flag_that_the_answers_did_not_raise_is_an_item_once_somebody_raises_it() -> None:
    assert [line.flag.id for line in reviewed().flags] == ["thinner", "escort"]
    flags = [line.flag for line in reviewed(Raised("fever", "Fever", "told")).flags]
    assert [flag.id for flag in flags] == ["thinner", "fever", "escort"]
    assert all(flag.raised for flag in flags)


def test_what_was_decided_asked_and_told_of_one_item_stands_beside_no_other() -> None:
    said = (
        FlagDecision("escort", "ask_patient", "n"),
        PatientQuestion("Who?", "escort"),
        Raised("escort", "E", "x"),
    )
    thinner, escort = reviewed(*said[:2]).flags
    assert (thinner.decision, thinner.decisions, thinner.questions) == (None, (), ())
    assert [made.note for made in escort.decided] == ["n"]
    assert [asked.words for asked in escort.questions] == ["Who?"]
    thinner, escort = reviewed(*said).flags
    assert (thinner.raised, [told.words for told in escort.raised_since]) == ((), ["x"])


def test_only_what_came_from_a_duplicate_before_it_was_opened_again_is_said_to_be_of_none() -> None:
    came = Raised("thinner", "L", "x", "duplicate", "one")
    others = Raised("thinner", "L", "x", "duplicate", "two"), Raised("thinner", "L", "x", "recall", "one")
    line, _escort = reviewed(came, *others, NoDuplicate("one"), came).flags
    assert line.raised_because == ("no_duplicate", "duplicate", "recall", "duplicate")


def test_a_question_is_shown_until_its_item_is_decided_and_for_ever_with_its_answer() -> None:
    asked = FlagDecision("thinner", "ask_patient"), PatientQuestion("Which?", "thinner")
    decided = FlagDecision("thinner", "proceed")
    assert [question.answer for question in reviewed(*asked).questions] == [None]
    assert reviewed(*asked, decided).questions == ()
    (answered,) = reviewed(*asked, PatientAnswer("e2", "Apixaban"), decided).questions
    assert (answered.words, answered.answer, answered.answered_by) == ("Which?", "Apixaban", "P")
