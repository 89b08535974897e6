"""The kept request: all of it and nothing else, and every shape it ever had can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from screening.core.assessment import assess
from screening.core.errors import CannotOpen, TooNew
from screening.core.hearing import heard_in
from screening.core.judged import judged
from screening.core.kept import KeptAnswer, KeptContact, KeptHealth, KeptRequest, for_row, keep
from screening.core.loading import load
from screening.core.past_shapes import LIFTS, SCHEMA
from screening.core.rules import RuleSet
from tests.core.generating import Data, rule_sets_and_answers
from tests.core.making import RULES, SHIPPED, flag, load_data, load_text, question, rule_set

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


def kept(loaded: RuleSet, stored: dict[str, Any]) -> KeptRequest:
    return keep(loaded, assess(loaded, stored), stored)


def sealed(part: KeptContact | KeptHealth) -> Any:
    """As it comes back from under the seal."""
    return json.loads(json.dumps(part.to_data(), allow_nan=False))


def shape_1(request: KeptRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both parts as the first version wrote them: the keys that it had, and no mark."""
    health = sealed(request.health)
    return (
        {"answers": [_answer_1(answer) for answer in sealed(request.contact)["answers"]]},
        {
            "rule_set": health["rule_set"],
            "summary": {"heading": health["heading"], "statement": health["statement"]},
            "answers": [_answer_1(answer) for answer in health["answers"]],
            "unanswered": health["unanswered"],
            "indicators": [_rule_1(found) for found in health["indicators"]],
            "flags": [_rule_1(found) for found in health["flags"]],
            "said_to_patient": health["said_to_patient"],
        },
    )


def _answer_1(answer: dict[str, Any]) -> dict[str, Any]:
    old = {name: value for name, value in answer.items() if name not in ("stored", "follows")}
    return {
        **old,
        "section": answer["section"] or None,
        "offered": dict(answer["offered"]),
        "answer": answer["stored"],
    }


def _rule_1(found: dict[str, Any]) -> dict[str, Any]:
    because = [
        {"question": why["question"], "answer": why["stored"], "reason": why["reason"]}
        for why in found["because"]
    ]
    return {name: value for name, value in found.items() if name not in ("source", "no_source")} | {
        "because": because
    }


@given(rule_sets_and_answers())
def test_what_is_kept_comes_back_the_same(drawn: tuple[Data, Data]) -> None:
    request = kept(load_data(drawn[0]), drawn[1])
    assert KeptContact.from_data(sealed(request.contact)) == request.contact
    assert KeptHealth.from_data(sealed(request.health)) == request.health


@given(rule_sets_and_answers())
def test_what_the_first_version_kept_is_read_and_completed(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    request = kept(loaded, drawn[1])
    contact, health = shape_1(request)
    lifted = KeptHealth.from_data(health)
    assert lifted.completed(loaded) == request.health
    assert lifted.completed(None) == lifted
    assert [answer.said for answer in KeptContact.from_data(contact).answers] == [
        answer.said for answer in request.contact.answers
    ]


@given(rule_sets_and_answers())
def test_what_came_of_it_is_the_same_without_the_words(drawn: tuple[Data, Data]) -> None:
    request = kept(load_data(drawn[0]), drawn[1])
    for contact, health in ((sealed(request.contact), sealed(request.health)), shape_1(request)):
        found = judged(contact, health)
        assert found.stored == request.stored
        assert heard_in(found.raised) == heard_in(request.health.raised)
        assert [*found.indicators] == [(one.id, one.state) for one in request.health.indicators]


def test_every_shape_leads_to_the_present_one() -> None:
    reached = set()
    for schema in LIFTS:
        reached.add(schema)
    assert SCHEMA not in reached
    assert all(schema.startswith("screening-request/") for schema in reached)


def test_a_later_shape_is_refused_in_words() -> None:
    for part in (KeptContact, KeptHealth):
        with pytest.raises(TooNew, match="screening-request/5"):
            part.from_data({"schema": "screening-request/5", "answers": []})


SPOILT: list[Any] = [
    {},
    {"answers": None},
    {"answers": [{}]},
    {"schema": SCHEMA},
    {"schema": SCHEMA, "answers": [{"x": 1}]},
]


@pytest.mark.parametrize("data", SPOILT, ids=repr)
def test_what_is_no_part_of_a_request_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(CannotOpen):
        KeptHealth.from_data(data)
    with pytest.raises(CannotOpen):
        judged(data, data)


def test_half_a_surrogate_pair_does_not_lose_a_request() -> None:
    request = kept(MIXED, STORED | {"name": "Sam \ud800"})
    assert KeptContact.from_data(sealed(request.contact)).stored("name") == "Sam \ud800"


def test_hidden_answers_stand_nowhere() -> None:
    assert "hidden words" not in repr(
        [sealed(kept(MIXED, STORED).health), sealed(kept(MIXED, STORED).contact)]
    )


def test_contact_and_health_never_share_an_answer() -> None:
    request = kept(MIXED, STORED | {"ill": "yes"})
    assert [answer.question for answer in request.health.answers] == ["ill", "ill_words"]
    assert [answer.question for answer in request.contact.answers] == ["name", "needs", "phone"]
    assert request.stored == STORED | {"ill": "yes"}  # for those who may see both
    assert "canary" not in json.dumps(request.health.to_data()).lower()
    assert "hidden words" not in json.dumps(request.contact.to_data())


def test_what_is_kept_holds_the_words_as_the_patient_saw_them_and_the_type() -> None:
    health = kept(MIXED, STORED).health
    (answer,) = health.answers
    asked = MIXED.by_id["ill"]
    assert (answer.asked, answer.type) == (asked.ask, asked.type)
    assert answer.offered == tuple((offered.id, offered.label) for offered in asked.answers)
    assert (answer.stored, answer.said) == ("no", ("No",))
    assert health.rule_set.digest == MIXED.digest


def test_what_stood_beside_a_question_is_kept_and_where_the_page_says_what_a_flag_stands_for() -> None:
    asked = question("ill", safety=True, section="Your health", hint="Today", fresh_for="7 days")
    said = flag("ill", {"ill": "yes"}, source={"section": "safety", "phrase": "ill"})
    unsaid = flag("unsaid", {"ill": "yes"}, source={"none": "Asked of everybody."})
    page = {"sections": {"safety": "Safety note"}}
    health = kept(load_data(rule_set([asked], flags=[said, unsaid], page=page)), {"ill": "yes"}).health
    (answer,) = health.answers
    assert (answer.section, answer.hint, answer.safety, answer.fresh_for) == ("Your health", "Today", True, 7)
    assert [(one.source, one.no_source) for one in health.flags] == [
        ("Safety note: ill", None),
        (None, "Asked of everybody."),
    ]


def test_the_follow_ups_of_a_flag_are_kept_with_it() -> None:
    health = kept(MIXED, STORED | {"ill": "yes"}).health
    assert [answer.question for answer in health.follow_ups(health.raised[0].because)] == ["ill_words"]


def test_of_a_request_of_the_first_version_whose_rules_are_gone_no_follow_ups_are_known() -> None:
    _contact, old = shape_1(kept(MIXED, STORED | {"ill": "yes"}))
    health = KeptHealth.from_data(old).completed(None)
    assert health.follow_ups(health.raised[0].because) == ()


def test_every_flag_is_kept_with_its_reasons_raised_or_not() -> None:
    flags = kept(MIXED, STORED).health.flags
    assert [(found.id, found.raised) for found in flags] == [
        ("ill", False), ("ill_too", False), ("clinic_only", False),
    ]  # fmt: skip
    assert all(found.because and found.place for found in flags)


def test_the_shipped_rule_set_keeps_contact_and_health_apart() -> None:
    loaded = load(SHIPPED, root=RULES.parent)
    request = kept(loaded, {})
    health = {answer.question for answer in request.health.answers}
    contact = {answer.question for answer in request.contact.answers}
    assert health.isdisjoint(contact)
    assert all(loaded.by_id[name].contact for name in contact)
    looked_at = {name for rule in loaded.rules for name in rule.looks_at}
    assert not any(loaded.by_id[name].contact for name in looked_at)


def contact_of(**stored: Any) -> KeptContact:
    return KeptContact(
        tuple(
            KeptAnswer(kind, f"{kind}?", contact=kind, stored=held, said=(str(held),))
            for kind, held in stored.items()
        )
    )


CARER = {"for_whom": "someone_else", "name": "Sam", "representative_name": "Anna"}


@pytest.mark.parametrize(
    ("stored", "by_another", "ask_for"),
    [
        ({"name": "Sam"}, False, ()),
        ({"for_whom": "me", "name": "Sam"}, False, ()),
        (CARER, True, ("Anna",)),
        (CARER | {"whom_to_ring": "me"}, True, ("Anna",)),
        (CARER | {"whom_to_ring": "patient"}, True, ("Sam",)),
        (CARER | {"whom_to_ring": "both"}, True, ("Anna", "Sam")),
        ({"for_whom": "someone_else", "name": "Sam", "whom_to_ring": "both"}, True, ("Sam",)),
    ],
)
def test_whom_to_ask_for_is_whoever_was_named_and_the_lists_know_it_too(
    stored: dict[str, Any], by_another: bool, ask_for: tuple[str, ...]
) -> None:
    contact = contact_of(**stored)
    in_rows = for_row(sealed(contact))
    assert (contact.by_another, contact.ask_for, in_rows.ask_for) == (by_another, ask_for, ask_for)
    assert contact_of(**stored, patient_knows="no").unaware
    assert not contact_of(**stored, patient_knows="cannot").unaware
    assert not contact.unaware


def test_lists_know_when_and_how_to_ring_whom_and_what_they_need() -> None:
    told = {
        "birth_date": "1950-03-31",
        "phone": "01632 960001",
        "reach_by": ["text"],
        "reach_when": ["morning"],
    }
    contact = contact_of(name="Sam", needs=["other"], needs_words="A ramp", patient_knows="no", **told)
    found = for_row(sealed(contact))
    for answer in contact.answers:
        kind = answer.contact or ""
        assert (found.stored(kind), found.said(kind)) == (contact.stored(kind), contact.said(kind))
    assert found.unaware


def test_lists_know_names_and_needs_and_no_address() -> None:
    contact = contact_of(name="Sam", needs=["step_free"], email="sam@example.org", nhs_number="canary")
    found = for_row(sealed(contact))
    assert (found.said("name"), found.stored("name")) == (("Sam",), "Sam")
    assert found.said("needs") == ("['step_free']",)
    assert contact_of(needs=["none"]).said("needs") == contact_of(needs="none").said("needs") == ()
    assert "sam@example.org" not in repr(found)
    assert "canary" not in repr(found)
    name = sealed(contact)["answers"][0]
    for spoilt in (
        {"contact": "name"},
        {**name, "said": 5},
        {**name, "said": "Sam"},
        {**name, "asked": None},
    ):
        with pytest.raises(CannotOpen):
            for_row({"schema": SCHEMA, "answers": [spoilt]})


def test_a_request_that_stands_in_a_traceback_tells_nothing_of_it() -> None:
    assert repr(kept(MIXED, STORED)) == repr(kept(MIXED, {"name": "Another", "ill": "yes"}))


def test_words_that_look_like_code_stay_words() -> None:
    loaded = load_text(
        'schema: screening/1\nid: t\nversion: 1.0.0\ntitle: "{{7*7}} ${x} %s {0.__class__}"\n'
        "questions: [{id: a, ask: '{{7*7}} %s', type: text}]\n"
    )
    health = kept(loaded, {"a": "{0}"}).health
    assert health.rule_set.title == "{{7*7}} ${x} %s {0.__class__}"
    assert (health.answers[0].asked, health.answers[0].said) == ("{{7*7}} %s", ("{0}",))


def test_each_notice_is_kept_with_the_version_of_its_words() -> None:
    notice = {"id": "n", "level": "urgent", "heading": "Call if:", "items": ["one"]}
    first, second = (
        kept(load_data(rule_set([question("ill")], urgent=[{**notice, "items": items}])), {}).health.notices
        for items in (["one"], ["one", "two"])
    )
    assert (first[0].id, first[0].level, first[0].heading) == ("n", "urgent", "Call if:")
    assert first[0].version != second[0].version
