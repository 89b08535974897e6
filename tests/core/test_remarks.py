"""Remarks: what names a subject after a clearing answer, sides and places that do not fit."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.core import remarks
from screening.core.answers import in_own_words
from screening.core.building import from_document
from screening.core.journey import walk
from screening.core.kept import KeptContact, KeptHealth, KeptRequest
from screening.core.remarks import Remark
from screening.core.rules import RuleSet
from screening.core.word_lists import Subject, WordLists
from tests.core.making import load_data, question, rule_set
from tests.core.own_words import HARMLESS, SPEAKING_AGAINST
from tests.core.remarking import DAY, LISTS, RULES, found, kept_of
from tests.thorough import usually
from tests.usual import TREATMENT, USUAL, rules_of, usual_of, whole

EVERY_TEXT = [asked.id for asked in RULES.questions if in_own_words(asked.type) and not asked.contact]
FOUND_AT_LEAST, FALSE_ALARMS_AT_MOST = 0.9, 0.1


def kinds(found: tuple[Remark, ...]) -> set[tuple[str, str, str]]:
    return {(remark.kind, remark.question, remark.elsewhere) for remark in found}


def test_the_usual_answers_fit() -> None:
    assert found() == ()
    knee = rules_of("example-knee-injection")
    assert remarks.find(kept_of(knee, usual_of(knee.id)), knee, LISTS, DAY) == ()


def test_most_phrases_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    missed = [
        (words, against)
        for words, against in SPEAKING_AGAINST
        if ("contradiction", against, "anything_else") not in kinds(found(anything_else=words))
    ]
    share = 1 - len(missed) / len(SPEAKING_AGAINST)
    with capsys.disabled():
        sys.stdout.write(f"\n{share:.0%} of {len(SPEAKING_AGAINST)} phrases found; missed: {missed}\n")
    assert share >= FOUND_AT_LEAST, missed


def test_few_harmless_words_are_pointed_at(capsys: pytest.CaptureFixture[str]) -> None:
    alarms = [(words, kinds(pointed)) for words in HARMLESS if (pointed := found(anything_else=words))]
    with capsys.disabled():
        sys.stdout.write(f"\n{len(alarms)} false alarms in {len(HARMLESS)} harmless sentences: {alarms}\n")
    assert len(alarms) <= FALSE_ALARMS_AT_MOST * len(HARMLESS), alarms


@pytest.mark.parametrize("asked", EVERY_TEXT)
def test_own_words_of_any_question_are_looked_at(asked: str) -> None:
    """A question that only a "yes" leads to is filled in as if its answer were kept all the same."""
    kept = kept_of(RULES, USUAL)
    template = next(answer for answer in kept.health.answers if in_own_words(answer.type))
    told = replace(template, question=asked, stored="warfarin", said=("warfarin",))
    others = tuple(answer for answer in kept.health.answers if answer.question != asked)
    kept = replace(kept, health=replace(kept.health, answers=(*others, told)))
    pointed = kinds(remarks.find(kept, RULES, LISTS, DAY))
    assert ("contradiction", "blood_thinners", asked) in pointed


def test_words_beside_the_contact_details_are_looked_at() -> None:
    pointed = found(needs=["step_free"], needs_words="I am 30 weeks pregnant")
    assert kinds(pointed) == {("contradiction", "pregnancy", "needs_words")}


def test_a_name_is_not_looked_at() -> None:
    assert found(name="Warfarin Pregnant") == ()


@pytest.mark.parametrize("said", ["yes", "not_sure"])
def test_an_answer_that_raised_its_flag_contradicts_nothing(said: str) -> None:
    given = {"blood_thinners": said, "which_blood_thinner": ["warfarin"], "anything_else": "warfarin"}
    assert found(**given) == ()


def test_a_remark_holds_the_words_as_the_patient_wrote_them() -> None:
    words = "Since May I take\nApixiban, 2×5 mg"
    (remark,) = found(anything_else=words)
    assert "\n".join(remark.words) == words
    assert remark.said == ("No",)
    assert remark.named == ("apixaban",)


def test_one_answer_and_one_question_make_one_remark_however_many_names() -> None:
    (remark,) = found(anything_else="warfarin, then apixaban, then Eliquis")
    assert {"warfarin", "apixaban", "Eliquis"} <= set(remark.named)


def test_a_remark_keeps_its_id_when_a_list_grows() -> None:
    kept = kept_of(RULES, {**USUAL, "anything_else": "warfarin and newdrugumab"})
    more = Subject(subject="blood_thinners", words=("newdrugumab",))
    (before,) = remarks.find(kept, RULES, LISTS, DAY)
    (after,) = remarks.find(kept, RULES, WordLists((*LISTS.subjects, more)), DAY)
    assert before.id == after.id
    assert set(after.named) == {*before.named, "newdrugumab"}


def test_an_id_holds_nothing_that_the_patient_wrote() -> None:
    (remark,) = found(anything_else="Anna takes warfarin")
    assert "warfarin" not in remark.id
    assert "Anna" not in remark.id


def asking(*questions: dict[str, Any]) -> RuleSet:
    words = question("words", "text", required=False)
    return load_data(rule_set([*questions, words]))


def test_a_question_is_about_the_subject_that_it_names() -> None:
    rules = asking(question("thumb_infection", safety=True, about="infection"))
    kept = kept_of(rules, {"thumb_infection": "no", "words": "it is infected"})
    assert kinds(remarks.find(kept, rules, LISTS, DAY)) == {("contradiction", "thumb_infection", "words")}


def test_what_no_question_asks_about_is_pointed_at_in_own_words() -> None:
    rules = asking(question("burning"))
    kept = kept_of(rules, {"burning": "no", "words": "I am pregnant"})
    assert kinds(remarks.find(kept, rules, LISTS, DAY)) == {("not_asked", "", "words")}


def test_what_this_patient_was_not_asked_is_pointed_at() -> None:
    hidden = question("pregnancy", safety=True, ask_when={"diabetes": ["yes", "not_sure"]})
    rules = asking(question("diabetes", safety=True), hidden)
    kept = kept_of(rules, {"diabetes": "no", "words": "12 weeks pregnant"})
    assert kinds(remarks.find(kept, rules, LISTS, DAY)) == {("not_asked", "pregnancy", "words")}


@pytest.mark.parametrize(
    ("safety", "answer", "kind"),
    [(True, "no", "contradiction"), (True, "not_sure", ""), (True, None, ""), (False, None, "not_asked")],
)
def test_what_was_left_unanswered_is_pointed_at_where_no_flag_says_so(
    safety: bool, answer: str | None, kind: str
) -> None:
    rules = asking(question("pregnancy", safety=safety, required=False))
    kept = kept_of(rules, {"pregnancy": answer, "words": "12 weeks pregnant"})
    pointed = {(kind, "pregnancy", "words")} if kind else set[tuple[str, str, str]]()
    assert kinds(remarks.find(kept, rules, LISTS, DAY)) == pointed


def test_another_answer_that_was_chosen_speaks_against_no_too() -> None:
    asked = question("medicines", "choose_many", answers=[{"id": "w", "label": "Warfarin"}])
    rules = asking(question("blood_thinners", safety=True), asked)
    kept = kept_of(rules, {"blood_thinners": "no", "medicines": ["w"]})
    assert kinds(remarks.find(kept, rules, LISTS, DAY)) == {("contradiction", "blood_thinners", "medicines")}


def test_no_answer_offered_by_the_shipped_treatments_points_at_a_question_of_its_own_family() -> None:
    for treatment in (TREATMENT, "example-knee-injection"):
        rules = rules_of(treatment)
        for asked in rules.questions:
            for offered in asked.answers:
                held = [offered.id] if asked.kind.several else offered.id
                kept = kept_of(rules, {**usual_of(treatment), asked.id: held})
                pointed = remarks.find(kept, rules, LISTS, DAY)
                assert {remark.kind for remark in pointed} <= {"open_answer"}, (asked.id, offered.id)


# Sides and places


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("left", "my right ankle was broken"),
        ("left", "my right big toe"),
        ("right", "operation on the left, in 2019"),
        ("right", "LEFT KNEE replaced"),
        ("left", "rt foot crushed"),
    ],
)
def test_own_words_that_name_the_other_side_are_pointed_at(side: str, words: str) -> None:
    assert kinds(found(side=side, what_happened=words)) == {("another_answer", "side", "what_happened")}


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("left", "my left ankle was broken"),
        ("both", "my right ankle was broken"),
        ("left", "right now it is bad"),
        ("right", "I left work in May"),
    ],
)
def test_own_words_that_fit_the_side_are_not(side: str, words: str) -> None:
    assert found(side=side, what_happened=words) == ()


def test_a_side_that_the_patient_is_not_sure_of_is_pointed_at() -> None:
    assert kinds(found(side="not_sure")) == {("open_answer", "side", "")}


def test_the_side_of_another_treatment_is_found_by_what_its_question_is_about() -> None:
    knee = rules_of("example-knee-injection")
    kept = kept_of(knee, {**usual_of(knee.id), "knee_side": "left", "anything_else": "my right knee"})
    assert kinds(remarks.find(kept, knee, LISTS, DAY)) == {("another_answer", "knee_side", "anything_else")}


@pytest.mark.parametrize("where", [["elsewhere"], ["leg", "elsewhere"]])
def test_pain_somewhere_else_is_pointed_at(where: list[str]) -> None:
    assert ("open_answer", "pain_where", "") in kinds(found(pain_where=where))


def test_a_yes_to_blood_thinners_with_none_of_those_we_name_is_pointed_at() -> None:
    given = {"blood_thinners": "yes", "which_blood_thinner": ["none"]}
    assert kinds(found(**given)) == {("open_answer", "which_blood_thinner", "")}
    assert looked_at_again(**given) == ("which_blood_thinner",)


def test_a_patient_looks_again_only_at_what_does_not_go_with_a_yes() -> None:
    assert looked_at_again(side="not_sure", pain_where=["elsewhere"]) == ()
    assert looked_at_again(blood_thinners="not_sure", which_blood_thinner=["none"]) == ()
    assert looked_at_again(blood_thinners="yes", which_blood_thinner=["warfarin"]) == ()
    assert looked_at_again(blood_thinners="no", which_blood_thinner=["none"]) == ()


def looked_at_again(**answers: Any) -> tuple[str, ...]:
    stored = whole(RULES, USUAL | answers) | answers
    return remarks.second_looks(RULES, walk(RULES, stored), stored, LISTS)


# Whatever is written

SPOKEN = st.sampled_from([words for words, _ in SPEAKING_AGAINST] + HARMLESS)
TEXTS = st.text(max_size=200) | SPOKEN
SIDES = st.sampled_from(["left", "right", "both", "not_sure"])


@settings(max_examples=usually(60, thorough=150), deadline=None)
@given(
    held=st.dictionaries(st.sampled_from(["what_happened", "anything_else"]), TEXTS, max_size=2),
    more=st.dictionaries(st.sampled_from(["what_happened", "anything_else"]), TEXTS, min_size=1),
    side=SIDES,
    safe=st.fixed_dictionaries(
        {name: st.sampled_from(["yes", "no", "not_sure"]) for name in ("diabetes", "pregnancy", "allergies")}
    ),
)
def test_more_own_words_never_make_fewer_remarks(
    held: dict[str, str], more: dict[str, str], side: str, safe: dict[str, str]
) -> None:
    longer = held | {
        name: f"{held[name]}\n{words}" if name in held else words for name, words in more.items()
    }
    before = {remark.id: set(remark.named) for remark in found(side=side, **safe, **held)}
    after = {remark.id: set(remark.named) for remark in found(side=side, **safe, **longer)}
    assert before.keys() <= after.keys()
    assert all(named <= after[name] for name, named in before.items())


@settings(max_examples=usually(50, thorough=100), deadline=None)
@given(data=st.data())
def test_finding_never_fails_whatever_was_kept(data: st.DataObject) -> None:
    kept = kept_of(RULES, {**USUAL, "anything_else": "x"})
    junk = st.none() | st.text(max_size=50) | st.integers() | st.lists(st.text(max_size=9), max_size=3)
    answers = tuple(
        replace(answer, stored=data.draw(junk), said=tuple(data.draw(st.lists(TEXTS, max_size=2))))
        for answer in (*kept.contact.answers, *kept.health.answers)
    )
    split = len(kept.contact.answers)
    spoilt = KeptRequest(
        KeptContact(answers[:split]),
        KeptHealth(**{**_fields(kept.health), "answers": answers[split:]}),
    )
    ids = [remark.id for remark in remarks.find(spoilt, RULES, LISTS, DAY)]
    assert len(ids) == len(set(ids))


def _fields(health: KeptHealth) -> dict[str, Any]:
    return {name: getattr(health, name) for name in KeptHealth.__dataclass_fields__}


def test_an_archived_rule_set_says_what_its_questions_are_about() -> None:
    knee = from_document(rules_of("example-knee-injection").document)
    assert knee.by_id["knee_side"].subject == "side"
    assert whole(knee, usual_of(knee.id))
