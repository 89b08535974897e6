"""Forms of other programs: what becomes a draft, and what is refused or left out, by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.importing import Imported, take_in
from screening.exports.fhir.names import HL7
from screening.exports.fhir.parsing import Unreadable, parse
from screening.exports.fhir.read_values import ALL_ANSWERS, ValueSets
from screening.exports.fhir.reading import Element, Troubles

from .conftest import Reached
from .making import again

FORMS = os.environ.get("SCREENING_TEST_FHIR_FORMS", "")  # a folder, such as the test data of LHC-Forms


def form(*items: Plain, **keys: Any) -> Plain:
    return {"resourceType": "Questionnaire", "status": "active", "title": "T", "item": list(items), **keys}


def asks(link: str, type_: str = "choice", **keys: Any) -> dict[str, Any]:
    if type_ == "choice":
        keys.setdefault(
            "answerOption", [{"valueCoding": {"code": "Y", "display": "Yes"}}, {"valueString": "No"}]
        )
    return {"linkId": link, "text": f"About {link}?", "type": type_, **keys}


def test_a_plain_form_of_another_program_becomes_a_draft_that_says_what_is_missing() -> None:
    under = {"enableWhen": [{"question": "/1", "operator": "=", "answerCoding": {"code": "Y"}}]}
    group = {
        "linkId": "g",
        "type": "group",
        "text": "Part",
        "item": [asks("2.x", "integer"), asks("b", "boolean")],
        **under,
    }
    found = again(
        form(asks("/1", repeats=True), group, asks("3", "decimal"), asks("4", "date"), asks("5", "string")),
        None,
    )
    assert found.wrong == ()
    made = found.rule_set
    assert made is not None
    assert found.text is not None
    assert made.status == "draft"
    assert [each.type for each in made.questions] == [
        "choose_many",
        "number",
        "choose_one",
        "number",
        "date",
        "text",
    ]
    assert [each.section for each in made.questions] == [None, "Part", "Part", None, None, None]
    assert made.follows(made.questions[1].id) == (made.questions[0].id,)
    assert "TO REVIEW" in "".join(made.start.about)


def test_answers_of_any_type_that_are_offered_are_answers_to_choose_from() -> None:
    days = [{"valueDate": day} for day in ("2022", "2022-09", "2022-09-20")]
    counts = [{"valueInteger": count} for count in (1, 2)]
    looks = [{"question": "a", "operator": "=", "answerInteger": 2}]
    asked = (
        asks("a", "integer", answerOption=counts),
        asks("b", "date", answerOption=days, repeats=True, enableWhen=looks),
    )
    found = again(form(*asked))
    assert (found.wrong, found.left_out) == ((), ())
    assert found.rule_set is not None
    assert [each.type for each in found.rule_set.questions] == ["choose_one", "choose_many"]
    assert [answer.label for answer in found.rule_set.questions[1].answers] == [
        "2022",
        "2022-09",
        "2022-09-20",
    ]


_ENABLE = {"question": "a", "operator": "=", "answerCoding": {"code": "Y"}}
FIRST, SECOND = "Questionnaire.item[0]", "Questionnaire.item[1]"
_TWICE = {"linkId": "g", "type": "group", "item": [asks("a")]}
_RUN = {"url": "http://x.example/calculatedExpression", "valueExpression": {}}
_NUMBER = {"text": "How many?", "type": "integer"}
_MODIFIES = {"url": "http://x.example/m"}
_UNEQUAL = {**_ENABLE, "operator": "!="}
_ABOVE = {"question": "a", "operator": ">", "answerInteger": 5}
_MANY = {"enableBehavior": "any", "enableWhen": [_ENABLE, *[{**_ABOVE, "question": "n"}] * 399]}
_SIXTY = [asks(f"b{n}") for n in range(60)]
_SINCE = {"question": "a", "operator": ">=", "answerDateTime": "2020-01-01T10:00Z"}
_WORDS = {"linkId": "a", "type": "display", "text": "Words"}
_DYNAMIC = {"extension": [{"url": f"{HL7}/cqf-expression", "valueExpression": {}}]}
_HIDDEN = {"url": f"{HL7}/questionnaire-hidden", "valueBoolean": True}


def _offers(**holds: Any) -> Plain:
    """A form that asks with the answers of a value set that came with it."""
    return form(
        asks("a", answerOption=[], answerValueSet="#v"),
        contained=[{"resourceType": "ValueSet", "id": "v", "url": "http://x.example/v", **holds}],
    )


_CODES: list[Plain] = [{"code": "b", "display": "Bees"}, {"code": "w", "display": "Wasps"}]
_INCLUDED = {"system": "http://x.example/c", "concept": _CODES}
REFUSED = {  # what is wrong, and where it must be told
    "a type that is none here": (form(asks("a", "quantity")), FIRST),
    "something to attach": (form(asks("a", "attachment")), FIRST),
    "no answers to choose from": (form(asks("a"), asks("b", "open-choice")), SECOND),
    "a foreign value set": (form(asks("a", answerOption=[], answerValueSet="http://x.example/v")), FIRST),
    "a repeating group": (form({**_TWICE, "repeats": True}), FIRST),
    "linkIds twice": (form(asks("a"), _TWICE), f"{SECOND}.item[0]"),
    "a forward reference": (form(asks("b", enableWhen=[_ENABLE]), asks("a")), f"{FIRST}.enableWhen[0]"),
    "a ring": (form(asks("a", enableWhen=[_ENABLE])), f"{FIRST}.enableWhen[0]"),
    "conditions in a ring": (
        form(asks("a", enableWhen=[{**_ENABLE, "question": "b"}]), asks("b", enableWhen=[_ENABLE])),
        f"{FIRST}.enableWhen[0]",
    ),
    "a group that looks at what is in it": (
        form({**_TWICE, "enableWhen": [_ENABLE]}),
        f"{FIRST}.enableWhen[0]",
    ),
    "a condition on nothing": (
        form(asks("b", enableWhen=[{**_ENABLE, "question": "zz"}])),
        f"{FIRST}.enableWhen[0]",
    ),
    "words with a linkId that stands twice": (form(_WORDS, asks("a")), SECOND),
    "more than a number with decimals": (
        form(asks("a", "decimal"), asks("b", enableWhen=[_ABOVE])),
        f"{SECOND}.enableWhen[0]",
    ),
    "rules that change the meaning": (form(asks("a"), implicitRules="http://x.example/r"), "Questionnaire"),
    "words that are worked out": (form(asks("a", _text=_DYNAMIC)), f"{FIRST}._text.extension[0]"),
    "an expression in what is hidden": (
        form(asks("a"), asks("b", "date", extension=[_HIDDEN], item=[asks("c", extension=[_RUN])])),
        f"{SECOND}.item[0].extension[0]",
    ),
    "a question for each of several answers": (
        form(asks("a", repeats=True, item=[asks("b", "integer")])),
        f"{FIRST}.item[0]",
    ),
    "answers by a rule": (
        _offers(compose={"include": [{**_INCLUDED, "filter": [{}]}]}),
        "Questionnaire.contained[0].compose.include[0]",
    ),
    "answers less some": (
        _offers(compose={"include": [_INCLUDED], "exclude": [_INCLUDED]}),
        "Questionnaire.contained[0].compose",
    ),
    "conditions without end": (
        form(asks("a"), {**_NUMBER, "linkId": "n"}, {**_TWICE, "item": _SIXTY, **_MANY}),
        "Questionnaire.item[2].item[50]",
    ),
    "more answers than anybody reads": (
        _offers(expansion={"contains": [{"code": f"c{number}"} for number in range(400)]}),
        FIRST,
    ),
    "a day that is none": (form(asks("a", "dateTime"), asks("b", enableWhen=[_SINCE])), SECOND),
    "answers that are not all listed": (
        _offers(expansion={"total": 3, "contains": _CODES}),
        "Questionnaire.contained[0].expansion",
    ),
    "not equal": (form(asks("a"), asks("b", enableWhen=[_UNEQUAL])), f"{SECOND}.enableWhen[0]"),
    "no behaviour": (form(asks("a"), asks("b", enableWhen=[_ENABLE, _ENABLE])), SECOND),
    "an expression": (form(asks("a", extension=[_RUN])), f"{FIRST}.extension[0]"),
    "a modifier": (form(asks("a", modifierExtension=[_MODIFIES])), FIRST),
    "no words": (form({"linkId": "a", "type": "date"}), FIRST),
    "nothing asked": (form(), "Questionnaire"),
    "no form": ({"resourceType": "Patient"}, "Questionnaire"),
    "several dates": (form(asks("a", "date", repeats=True)), FIRST),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked_here_is_refused_at_its_place(name: str) -> None:
    given_form, where = REFUSED[name]
    found = again(given_form)
    assert where in [each.where for each in found.wrong]
    assert found.text is None


def test_a_form_has_room_for_so_many_answers_and_no_more() -> None:
    troubles, values = Troubles(), ValueSets()
    item = Element({}, FIRST, troubles)
    assert (values.has_room(item, ALL_ANSWERS), values.has_room(item, 1)) == (True, False)
    assert [each.where for each in troubles.wrong] == [FIRST]


def test_every_problem_is_told_at_once() -> None:
    found = again(form(asks("a", "quantity"), asks("b", "reference"), asks("c", answerOption=[])))
    assert {each.where for each in found.wrong} >= {f"Questionnaire.item[{number}]" for number in range(3)}


def test_nothing_is_dropped_unnamed() -> None:
    words = {"linkId": "w", "type": "display", "text": "Words"}
    given_form = form(
        words, asks("a", initial=[{"valueString": "x"}], _text={"extension": []}), copyright="C"
    )
    assert {each.where for each in again(given_form).left_out} == {
        FIRST,
        f"{SECOND}.initial",
        f"{SECOND}._text",
        "Questionnaire.copyright",
    }


def _draft(*items: Plain, **keys: Any) -> tuple[RuleSet, Imported]:
    found = again(form(*items, **keys))
    assert found.wrong == ()
    assert found.rule_set is not None
    return found.rule_set, found


_COUNT: dict[str, Any] = {"linkId": "c", "text": "How many?", "type": "integer"}
_DROPS_DOWN = {
    "url": f"{HL7}/questionnaire-itemControl",
    "valueCodeableConcept": {"coding": [{"code": "drop-down"}]},
}
_LOINC = {"system": "http://loinc.org", "code": "LA6568-5", "display": "Not at all"}
_INCH = {"url": f"{HL7}/questionnaire-unit", "valueCoding": {"code": "[in_i]", "display": "inches"}}
_SCORE = {"url": f"{HL7}/ordinalValue", "valueDecimal": 1}
LEFT_OUT = {  # what a rule set does not hold, and where it must be told
    "who it is about": (form(asks("a"), subjectType=["Group"]), "Questionnaire.subjectType"),
    "its language": (form(asks("a"), language="de"), "Questionnaire.language"),
    "its address": (form(asks("a"), url="http://x.example/q"), "Questionnaire.url"),
    "other names": (form(asks("a"), identifier=[{"value": "x"}]), "Questionnaire.identifier[0]"),
    "a number before it": (form(asks("a", prefix="1.")), f"{FIRST}.prefix"),
    "its code": (form(asks("a", code=[_LOINC])), f"{FIRST}.code"),
    "how it is shown": (form(asks("a", extension=[_DROPS_DOWN])), f"{FIRST}.extension[0]"),
    "how a group is shown": (form({**_TWICE, "extension": [_DROPS_DOWN]}), f"{FIRST}.extension[0]"),
    "a group that must be filled in": (form({**_TWICE, "required": True}), f"{FIRST}.required"),
    "the length of a number": (form({**_COUNT, "maxLength": 3}), f"{FIRST}.maxLength"),
    "an unlimited length": (form(asks("a", "string")), FIRST),
    "unlimited decimals": (form(asks("a", "decimal")), FIRST),
    "the code of a unit": (form({**_COUNT, "extension": [_INCH]}), FIRST),
    "the unit of a choice": (form(asks("a", extension=[_INCH])), f"{FIRST}.extension[0]"),
    "bounds of a date": (form(asks("a", "date", extension=[_SCORE])), f"{FIRST}.extension[0]"),
    "codes of answers": (form(asks("a", answerOption=[{"valueCoding": _LOINC}])), f"{FIRST}.answerOption"),
    "a score": (
        form(asks("a", answerOption=[{"valueString": "x", "extension": [_SCORE]}])),
        f"{FIRST}.answerOption[0].extension[0]",
    ),
    "a score in a value set": (
        _offers(expansion={"contains": [{**_CODES[0], "extension": [_SCORE]}]}),
        "Questionnaire.contained[0].expansion.contains[0].extension[0]",
    ),
    "rights in a value set": (
        _offers(copyright="C", compose={"include": [_INCLUDED]}),
        "Questionnaire.contained[0].copyright",
    ),
    "what no question offers": (
        form(asks("a"), contained=[{"resourceType": "ValueSet", "id": "v"}]),
        "Questionnaire.contained[0]",
    ),
    "what is hidden": (form(asks("a"), asks("b", extension=[_HIDDEN])), SECOND),
    "what is only read": (form(asks("a"), asks("b", readOnly=True)), SECOND),
    "what hangs on an answer": (form(asks("a", item=[_COUNT])), f"{FIRST}.item[0]"),
    "the time of day": (form(asks("a", "dateTime")), f"{FIRST}.type"),
    "the form of a time": (form(asks("a", "time")), f"{FIRST}.type"),
    "the form of an address": (form(asks("a", "url")), f"{FIRST}.type"),
    "that it is open": (form(asks("a", "open-choice", answerOption=[{"valueString": "x"}])), f"{FIRST}.type"),
    "that nothing can look at it": (form({**_COUNT, "linkId": ""}), FIRST),
    "what a condition adds": (
        form(asks("a"), asks("b", enableWhen=[{**_ENABLE, "note": "x"}])),
        f"{SECOND}.enableWhen[0].note",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_a_rule_set_does_not_hold_is_told_at_its_place(name: str) -> None:
    given_form, where = LEFT_OUT[name]
    found = again(given_form)
    assert where in [each.where for each in found.left_out]
    assert found.text is not None


def test_what_says_nothing_is_not_told() -> None:
    shown = {**_DROPS_DOWN, "valueCodeableConcept": {"coding": [{"code": "radio-button"}]}}
    quiet = asks("a", required=False, readOnly=False, repeats=False, code=[], extension=[shown])
    assert _draft(quiet)[1].left_out == ()


@pytest.mark.parametrize("name", ["#v", "http://x.example/v", "http://x.example/v|2"])
@pytest.mark.parametrize(
    "holds",
    [
        {"compose": {"include": [_INCLUDED]}},
        {"expansion": {"total": 2, "contains": _CODES}},
        {"expansion": {"contains": [{"abstract": True, "display": "Insects", "contains": _CODES}]}},
    ],
)
def test_answers_of_a_value_set_that_came_along_are_offered(name: str, holds: Plain) -> None:
    came = {"resourceType": "ValueSet", "id": "v", "url": "http://x.example/v", "version": "2", **holds}
    made, _ = _draft(asks("a", answerOption=[], answerValueSet=name), contained=[came])
    assert [answer.label for answer in made.questions[0].answers] == ["Bees", "Wasps"]


def test_an_open_choice_asks_for_the_words_that_are_not_offered() -> None:
    choice = asks("a", "open-choice", answerOption=[{"valueString": "Bees"}, {"valueString": "Other"}])
    looks = [{"question": "a", "operator": "exists", "answerBoolean": True}]
    made, found = _draft(choice, asks("b", enableWhen=looks))
    first, words, last = made.questions
    assert [(each.id, each.type, each.required) for each in (first, words)] == [
        ("a", "choose_one", False),
        ("a_other_2", "text", False),
    ]
    assert [answer.id for answer in first.answers] == ["bees", "other", "other_2"]
    assert found.text is not None
    assert found.text.count("TO REVIEW") >= 3
    conditions = {each.id: each.ask_when for each in (words, last)}
    assert str(conditions["a_other_2"]).count("other_2") == 1
    assert all(answer in str(conditions["b"]) for answer in ("bees", "other", "other_2"))


def test_headings_of_groups_inside_each_other_are_all_said() -> None:
    inner = {"linkId": "i", "type": "group", "text": "Knee", "item": [asks("a")]}
    outer = {"linkId": "o", "type": "group", "text": "Pain", "item": [inner, asks("b")]}
    assert [each.section for each in _draft(outer)[0].questions] == ["Pain: Knee", "Pain"]


def test_a_condition_on_a_code_that_two_answers_have_is_met_by_both() -> None:
    same = [{"valueCoding": {"code": "Y", "display": words}} for words in ("High", "Raised")]
    made, _ = _draft(asks("a", answerOption=same), asks("b", enableWhen=[_ENABLE]))
    assert [answer.id in str(made.by_id["b"].ask_when) for answer in made.by_id["a"].answers] == [True, True]


def test_more_than_a_whole_number_is_at_least_the_next() -> None:
    made, _ = _draft({**_COUNT, "linkId": "a"}, asks("b", enableWhen=[_ABOVE]))
    assert getattr(made.by_id["b"].ask_when, "at_least", None) == 6


def test_forms_of_other_people_become_drafts_or_are_refused_with_every_reason(reached: Reached) -> None:
    what, wanted = "forms of other people that load as drafts", "35 %"
    if not FORMS:
        reached(what, wanted, "not tried: give FORMS")
        pytest.skip("set SCREENING_TEST_FHIR_FORMS to a folder of Questionnaires of R4")
    found = [take_in(file.read_bytes()) for file in sorted(Path(FORMS).rglob("*.json")) if _is_form(file)]
    drafts = [each for each in found if each.text is not None]
    assert all(each.wrong for each in found if each.text is None)
    assert all(problem.where.startswith("Questionnaire") for each in found for problem in each.wrong)
    assert all(problem.remedy for each in found for problem in each.wrong)
    assert all(each.rule_set is not None and each.rule_set.status == "draft" for each in drafts)
    share = len(drafts) / len(found)
    reached(what, wanted, f"{share:.0%} of {len(found)}")
    assert share >= 0.35


def _is_form(file: Path) -> bool:
    try:
        return bool(parse(file.read_bytes()).get("resourceType") == "Questionnaire")
    except Unreadable:
        return False
