"""The summary repeats what was asked and answered: all of it, and nothing else."""

from __future__ import annotations

import json

from hypothesis import given

from screening.core.assessment import assess
from screening.core.loading import load
from screening.core.summary import contact_part, health_part, lines, patient_notes, sections
from tests.core.generating import Data, rule_sets_and_answers
from tests.core.making import RULES, SHIPPED, flag, load_data, load_text, question, rule_set


@given(rule_sets_and_answers())
def test_each_question_asked_stands_there_once_and_in_order(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    path = assess(loaded, drawn[1]).path
    found = list(lines(loaded, path, drawn[1]))
    assert tuple(line.question.id for line in found) == path.asked
    for line in found:
        assert line.stored == (drawn[1][line.question.id] if line.question.id in path.answers else None)
        assert bool(line.said) == (line.stored is not None)
    assert [line for section in sections(loaded, path, drawn[1]) for line in section.lines] == found


@given(rule_sets_and_answers())
def test_the_parts_to_keep_are_json_and_come_back_the_same(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    found = assess(loaded, drawn[1])
    for part in (health_part(loaded, found, drawn[1]), contact_part(loaded, found, drawn[1])):
        assert json.loads(json.dumps(part, allow_nan=False)) == json.loads(json.dumps(part))


MIXED = load_data(
    rule_set(
        [
            question("name", "text", contact="name"),
            question("ill", safety=True),
            question("ill_words", "text", ask_when={"ill": "yes"}),
            question("needs", contact="needs"),
            question("phone", "text", contact="phone", ask_when={"needs": "yes"}),
        ],
        flags=[flag("ill", {"ill": "yes"}, say={"patient": "We will look."}),
               flag("ill_too", {"ill": "yes"}, say={"patient": "We will look.", "reception": "Wait."}),
               flag("clinic_only", {"ill": "yes"}, say={"clinician": "Look."})],
    )
)  # fmt: skip
STORED = {
    "name": "Canary Name",
    "ill": "no",
    "ill_words": "hidden words",
    "needs": "yes",
    "phone": "012 canary",
}


def test_hidden_answers_stand_nowhere() -> None:
    found = assess(MIXED, STORED)
    kept = json.dumps([health_part(MIXED, found, STORED), contact_part(MIXED, found, STORED)])
    assert "hidden words" not in kept


def test_contact_and_health_never_share_an_answer() -> None:
    stored = STORED | {"ill": "yes"}
    found = assess(MIXED, stored)
    health, contact = health_part(MIXED, found, stored), contact_part(MIXED, found, stored)
    assert [one["question"] for one in health["answers"]] == ["ill", "ill_words"]
    assert [one["question"] for one in contact["answers"]] == ["name", "needs", "phone"]
    assert "canary" not in json.dumps(health).lower()
    assert "hidden words" not in json.dumps(contact)


def test_what_is_kept_holds_the_words_as_the_patient_saw_them() -> None:
    part = health_part(MIXED, assess(MIXED, STORED), STORED)
    (answer,) = part["answers"]
    asked = MIXED.by_id["ill"]
    assert answer["asked"] == asked.ask
    assert answer["offered"] == {one.id: one.label for one in asked.answers}
    assert (answer["answer"], answer["said"]) == ("no", ["No"])
    assert part["rule_set"]["digest"] == MIXED.digest


def test_the_patient_is_told_each_sentence_once_and_nothing_meant_for_others() -> None:
    assert patient_notes(assess(MIXED, {"ill": "yes"})) == ["We will look."]
    assert patient_notes(assess(MIXED, {"ill": "no"})) == []


def test_every_flag_is_kept_with_its_reasons_raised_or_not() -> None:
    part = health_part(MIXED, assess(MIXED, STORED), STORED)
    assert [(one["id"], one["raised"]) for one in part["flags"]] == [
        ("ill", False),
        ("ill_too", False),
        ("clinic_only", False),
    ]
    assert all(one["because"] and one["place"] for one in part["flags"])


def test_the_shipped_rule_set_keeps_contact_and_health_apart() -> None:
    loaded = load(SHIPPED, root=RULES.parent)
    asked = {one.id: one for one in loaded.questions}
    found = assess(loaded, {})
    health = {one["question"] for one in health_part(loaded, found, {})["answers"]}
    contact = {one["question"] for one in contact_part(loaded, found, {})["answers"]}
    assert health.isdisjoint(contact)
    assert all(asked[name].contact for name in contact)
    looked_at = {name for one in loaded.indicators for name in one.looks_at}
    looked_at |= {name for one in loaded.flags for name in one.looks_at}
    assert not any(asked[name].contact for name in looked_at)


def test_words_that_look_like_code_stay_words() -> None:
    loaded = load_text(
        'schema: screening/1\nid: t\nversion: 1.0.0\ntitle: "{{7*7}} ${x} %s {0.__class__}"\n'
        "questions: [{id: a, ask: '{{7*7}} %s', type: text}]\n"
    )
    part = health_part(loaded, assess(loaded, {"a": "{0}"}), {"a": "{0}"})
    assert part["rule_set"]["title"] == "{{7*7}} ${x} %s {0.__class__}"
    assert (part["answers"][0]["asked"], part["answers"][0]["said"]) == ("{{7*7}} %s", ["{0}"])
