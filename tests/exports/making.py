"""Random rule sets with all that FHIR has to hold, and patients who answer them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.importing import Imported, take_in
from screening.exports.fhir.plan import plan
from screening.exports.fhir.questionnaire import questionnaire
from tests.core.generating import Data, Draw, answers_to, rule_sets

WORDS = (
    "A word",
    "Zwölf Öfen",
    '"Quoted" = {x: [1]}',
    "yes",
    "12:30",
    "null",
    "a\nb",
    "<b>&amp;</b>",
    "名前 🙂",
    "#",
    "- x",
)
_words = st.sampled_from(WORDS)
_spoken = _words | st.fixed_dictionaries({"me": _words, "other": _words})
_LABELS = st.sampled_from(["Yes", {"me": "No", "other": "No, they do not"}])
FOR_WHOM: Data = {
    "id": "for_whom", "ask": "Who is it for?", "type": "choose_one", "contact": "for_whom",
    "answers": [{"id": "me", "label": "Me"}, {"id": "someone_else", "label": "Somebody else"}],
}  # fmt: skip
SAID: Data = {"section": "who", "phrase": "a few words"}
BORN: Data = {"id": "born_on", "ask": "Born?", "type": "date", "contact": "birth_date"}
_TOP: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["draft", "live", "retired"]),
    "category": _words,
    "effective_from": st.just("2026-11-01"),
    "review_by": st.sampled_from(["2027-05-01", None]),
    "page": st.sampled_from([
        {}, {"url": "https://clinic.example/x"}, {"sections": {"who": "Who?", "safety": "Safe, é"}},
        {"url": None, "sections": {"safety": "S", "who": "W"}},
    ]),
    "start": st.sampled_from([
        {}, {"about": ["One", "yes"], "minutes": 15, "have_ready": ["Two"]}, {"minutes": None},
        {"about": ["One", {"me": "Your", "other": "Theirs"}], "have_ready": [{"me": "a", "other": "b"}]},
    ]),
    "summary": st.sampled_from([{}, {"heading": "H"}, {"heading": "H", "statement": "S"}]),
    "wording": st.sampled_from([{}, {"ban": ["x"]}, {"allow": [], "ban": []},
                                {"allow": [{"word": "w", "where": "flags.a", "reason": "r"}]}]),
    "urgent": st.sampled_from([[], [
        {"id": "u", "level": "emergency", "heading": "H", "items": ["a", "b"]},
        {"id": "v", "level": "urgent", "heading": {"me": "H", "other": "I"}, "after": None,
         "items": ["a", {"me": "b", "other": "c"}]},
    ]]),
}  # fmt: skip
_OF_QUESTIONS: dict[str, st.SearchStrategy[Any]] = {
    "ask": _spoken,
    "section": _spoken,
    "hint": _spoken | st.none(),
    "why": _spoken,
    "missing": _spoken,
    "about": st.just("place"),
    "fresh_for": st.sampled_from(["28 days", "1 day", "1 days", "7 day"]),
}
_OF_KINDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "scale": {"low": _spoken, "high": _spoken},
    "number": {"unit": _words, "decimals": st.sampled_from([0, 1, 6]),
               "range": st.sampled_from([[0, 20], [0.5, 20], [-3, 10**12], [0, 20.0]])},
    "date": {"partial": st.booleans(), "past": st.booleans()},
    "text": {"limit": st.sampled_from([1, 100, 101, 500, 4000]),
             "format": st.sampled_from(["email", "phone"])},
}  # fmt: skip
_OF_RULES: dict[str, st.SearchStrategy[Any]] = {
    "source": st.sampled_from([{"section": "who", "phrase": "p"}, {"none": "Because"}, None]),
}
_OF_FLAGS: dict[str, st.SearchStrategy[Any]] = {
    "handling": st.sampled_from(["review_before_booking", "discuss_at_consultation", "arrange"]),
    "say": st.sampled_from(
        [
            {},
            {"clinician": "C", "patient": {"me": "P", "other": "Q"}},
            {"reception": "R", "clinician": None},
        ]
    ),
}


@st.composite
def dressed(draw: Draw) -> Data:
    """A rule set with every key that it may have, some of them written needlessly."""
    data: Data = copy.deepcopy(draw(rule_sets()))
    _dress(draw, data, _TOP)
    for number, question in enumerate(data["questions"]):
        _dress(draw, question, _OF_QUESTIONS | _OF_KINDS.get(question["type"], {}))
        if number == 0:
            _dress(draw, question, {"contact": st.just("needs")})
        for answer in question["answers"] if isinstance(question.get("answers"), list) else ():
            _dress(draw, answer, {"hint": _spoken, "label": _spoken | _LABELS})
    _share_pages(draw, data["questions"])
    for rule in (*data["flags"], *data["indicators"]):
        _dress(draw, rule, _OF_RULES | (_OF_FLAGS if "raise_when" in rule else {}))
    if (data.get("page") or {}).get("sections") is None:
        data["page"] = {**(data.get("page") or {}), "sections": {"who": "Who?"}}
    if draw(st.booleans()):
        age = draw(st.sampled_from([{"at_least": 18}, {"at_most": 17}, {"at_least": 5, "at_most": 17}]))
        source = draw(st.sampled_from([{}, {"source": SAID}, {"source": [SAID, SAID]}]))
        data |= {"age": {**age, **source}, "questions": [*data["questions"], copy.deepcopy(BORN)]}
    if draw(st.booleans()):
        return {**data, "questions": [copy.deepcopy(FOR_WHOM), *data["questions"]]}
    in_one: Data = _in_one_voice(data)
    return in_one


def _in_one_voice(value: Any) -> Any:
    if isinstance(value, dict):
        return (
            value["me"]
            if value.keys() == {"me", "other"}
            else {key: _in_one_voice(held) for key, held in value.items()}
        )
    return [_in_one_voice(each) for each in value] if isinstance(value, list) else value


def _share_pages(draw: Draw, questions: list[Data]) -> None:
    """Some questions get a page, and share it with the one above where neither decides on the other."""
    above: Data = {}
    for number, question in enumerate(questions):
        drawn = draw(st.sampled_from(["none", "own", "shared"]))
        free = above.get("page") is not None and not json.dumps(question.get("ask_when")).count('"q')
        if drawn == "shared" and free and not question.get("safety"):
            question["page"] = above["page"]
        elif drawn != "none":
            heading = f"Page {number}"
            question["page"] = draw(st.sampled_from([heading, {"me": heading, "other": f"Their {heading}"}]))
        above = question


def _dress(draw: Draw, entry: Data, keys: dict[str, st.SearchStrategy[Any]]) -> None:
    for key, values in keys.items():
        if draw(st.integers(0, 2)) == 0:
            entry[key] = draw(values)


@st.composite
def dressed_and_answered(draw: Draw) -> tuple[Data, list[Data]]:
    """A rule set with a few patients' answers, sound, unsound and stale."""
    data = draw(dressed())
    return data, [draw(answers_to(data)) for _ in range(4)]


def resources(rule_set: RuleSet) -> tuple[Plain, Plain]:
    """Its Questionnaire and PlanDefinition."""
    asked = questionnaire(rule_set)
    return asked, plan(rule_set, asked)


def every(value: Any, wanted: Callable[[Plain], bool]) -> list[Any]:
    """Every object inside that is wanted."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) and wanted(value) else []
    return own + [found for each in inner for found in every(each, wanted)]


def again(asked: Plain, rules: Plain | None = None) -> Imported:
    """Taken in, as from files."""
    return take_in(json.dumps(asked).encode(), None if rules is None else json.dumps(rules).encode())
