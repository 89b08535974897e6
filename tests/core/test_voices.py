"""One rule set in two voices: to the patient, and to somebody who fills in for them."""

from __future__ import annotations

import pytest

from screening.core.building import from_document
from screening.core.journey import voice_of
from screening.core.voices import ME, OTHER
from tests.core.making import HEAD, load_text, refused_at_marks

WHOM = (
    "  - {id: whom, ask: For whom?, type: choose_one, contact: for_whom, "
    "answers: [{id: me, label: Me}, {id: their, label: Them}]}\n"
)
TWO = (
    f"{HEAD}start: {{about: [A, {{me: You, other: They}}]}}\nquestions:\n{WHOM}"
    "  - {id: ill, ask: {me: Are you ill?, other: Are they ill?}, hint: H, type: choose_one, "
    "answers: [{id: yes, label: {me: I am, other: They are}}, {id: no, label: No}]}\n"
    "flags: [{id: f, label: F, handling: arrange, raise_when: {ill: yes}, "
    "say: {patient: {me: Your answer, other: Their answer}}}]\n"
    "urgent: [{id: u, level: urgent, heading: H, items: [{me: your leg, other: their leg}]}]\n"
)


def test_each_voice_says_its_own_words_and_shares_the_rest() -> None:
    written = load_text(TWO)
    for voice, ask, label, about, told, item in (
        (ME, "Are you ill?", "I am", "You", "Your answer", "your leg"),
        (OTHER, "Are they ill?", "They are", "They", "Their answer", "their leg"),
    ):
        said = written.speaking(voice)
        ill = said.by_id["ill"]
        assert (ill.ask, ill.answers[0].label, ill.hint) == (ask, label, "H")
        assert said.start.about == ("A", about)
        assert (said.flags[0].say.patient, said.urgent[0].items) == (told, (item,))
        assert (said.digest, said.document) == (written.digest, written.document)


@pytest.mark.parametrize("text", ["hint", "why", "section", "page", "missing", "low", "high"])
def test_whatever_is_said_beside_a_question_has_two_voices_too(text: str) -> None:
    asked = f"  - {{id: a, ask: A, type: scale, {text}: {{me: Yours, other: Theirs}}}}\n"
    written = load_text(f"{HEAD}questions:\n{WHOM}{asked}")
    said = [getattr(written.speaking(voice).by_id["a"], text) for voice in (ME, OTHER)]
    assert said == ["Yours", "Theirs"]


def test_a_rule_set_with_one_voice_says_the_same_to_everybody() -> None:
    plain = load_text(f"{HEAD}questions:\n{WHOM}")
    assert plain.speaking(OTHER) is plain


def test_an_archived_rule_set_keeps_both_voices() -> None:
    written = load_text(TWO)
    archived = from_document(written.document)
    assert archived == written
    assert archived.speaking(OTHER) == written.speaking(OTHER) != written


def test_another_word_of_the_other_voice_makes_another_rule_set() -> None:
    assert load_text(TWO).digest != load_text(TWO.replace("Are they ill?", "Is she ill?")).digest


def test_the_patient_is_spoken_to_until_it_is_said_that_somebody_else_fills_this_in() -> None:
    written = load_text(TWO)
    assert [voice_of(written, stored) for stored in ({}, {"whom": None}, {"whom": "me"})] == [ME] * 3
    assert voice_of(written, {"whom": "their"}) == OTHER


def test_words_that_are_neither_one_voice_nor_two_are_refused() -> None:
    for wrong in (
        "▸{me: A}",
        "▸{me: A, other: B, third: C}",
        "▸{me: A, other: [B]}",
        "▸{me: [A], other: B}",
        "▸[A]",
    ):
        refused_at_marks(f"{HEAD}questions:\n{WHOM}  - {{id: a, ask: {wrong}, type: text}}\n")


def test_two_voices_need_a_question_that_tells_who_is_spoken_to() -> None:
    two = "  - {id: a, ask: {me: A, other: B}, type: text}\n"
    refused_at_marks(f"▸{HEAD}questions:\n{two}")
    refused_at_marks(f"▸{HEAD}questions:\n{WHOM.replace('id: me', 'id: mine')}{two}")


def test_texts_for_staff_and_ids_have_one_voice() -> None:
    two = "{me: A, other: B}"
    for text in (f"title: ▸{two}", f"summary: {{heading: ▸{two}}}"):
        refused_at_marks(f"{HEAD.replace('title: T', text)}questions:\n{WHOM}" if "title" in text
                         else f"{HEAD}{text}\nquestions:\n{WHOM}")  # fmt: skip
