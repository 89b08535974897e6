"""How far the desk has got: what goes over from a duplicate, which questions wait, whose a request is."""

from __future__ import annotations

import pytest

from screening.core.dealings import Asked, Dealings, Gate, Item, ItemState, fold, travelling
from screening.core.entries import Call, Entry, MessageSent, NotSame, PatientAnswer, Raised
from tests.core.kept_requests import written

ASKED = Dealings(
    (Item("x", "consultation", "asked"), Item("y", "consultation", "asked")),
    asked=(Asked("x1", "x"), Asked("x2", "x"), Asked("y1", "y")),
)


def after(begun: Dealings, *entries: Entry) -> Dealings:
    return fold(begun, written(*entries))


@pytest.mark.parametrize(
    ("gate", "state", "known_there", "unknown_there"),
    [
        ("consultation", "open", True, True),
        ("consultation", "asked", True, True),
        ("consultation", "answered", True, True),
        ("consultation", "stopped", True, True),
        ("treatment", "stopped", True, True),
        ("treatment", "open", False, True),
        ("consultation", "noted", False, True),
        ("consultation", "settled", False, False),
    ],
)
def test_of_a_duplicate_goes_over_what_nobody_has_dealt_with(
    gate: Gate, state: ItemState, *, known_there: bool, unknown_there: bool
) -> None:
    gone, there = Dealings((Item("x", gate, state),)), Dealings((Item("x", "consultation", "settled"),))
    assert travelling(gone, there, "R") == (("x",) if known_there else ())
    assert travelling(gone, Dealings(), "R") == (("x",) if unknown_there else ())


def test_words_of_a_duplicate_that_nobody_has_read_go_over_as_one_item() -> None:
    assert travelling(Dealings(unread=frozenset({"words:a", "words:b"})), Dealings(), "R") == ("words_R",)
    assert travelling(Dealings(), Dealings(unread=frozenset({"words:a"})), "R") == ()


def test_an_item_goes_back_to_a_clinician_with_the_last_answer_to_what_was_asked_of_it() -> None:
    first = after(ASKED, PatientAnswer("x1", "a"), PatientAnswer("unknown", "b"))
    assert [asked.question for asked in first.asked] == ["x2", "y1"]
    assert [item.state for item in first.items] == ["asked", "asked"]
    second = after(first, PatientAnswer("x2", "c"))
    assert [asked.question for asked in second.asked] == ["y1"]
    assert [item.state for item in second.items] == ["answered", "asked"]


def test_a_call_puts_every_question_to_the_patient_and_a_message_the_one_that_it_asks() -> None:
    def put(*entries: Entry) -> list[bool]:
        return [asked.put for asked in after(ASKED, *entries).asked]

    assert put(Call("reached")) == put(MessageSent("mail", "x")) == [False] * 3
    assert put(Call("reached", "", asked=True)) == [True] * 3
    sent = [MessageSent("mail", "x", name) for name in ("x2", "y1")]
    assert put(*sent) == [False, True, True]


def test_what_is_raised_again_is_open_and_only_its_own_questions_wait_no_more() -> None:
    found = after(ASKED, Raised("x", "X", "told"), Raised("new", "New", "told"))
    assert [(item.id, item.state) for item in found.items] == [("x", "open"), ("y", "asked"), ("new", "open")]
    assert [asked.question for asked in found.asked] == ["y1"]


def test_requests_are_of_another_person_until_that_is_taken_back_of_each() -> None:
    said = after(Dealings(), NotSame("one", "x"), NotSame("two", "x"), NotSame("one", "y", on=False))
    assert said.not_same == {"two"}
    assert after(said, NotSame("never", "z", on=False)) == said
