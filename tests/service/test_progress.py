"""How far somebody has come, and how long it takes."""

from __future__ import annotations

import pytest

from screening.proving import still_to_come
from screening.proving.still_to_come import Span
from screening.service import progress
from screening.service.visit import Visit
from screening.settings import shipped
from tests.core.making import load_data, question, rule_set
from tests.sending import filled_in
from tests.usual import TREATMENT, rules_of


def test_a_part_is_a_section_that_may_come() -> None:
    rules = load_data(
        rule_set(
            [
                question("first", section="One"),
                question("second", section="Two", ask_when={"first": "yes"}),
                question("third", section="Three"),
                question("fourth", section="Three"),
            ]
        )
    )
    assert progress.progress(Visit(rules), ["first"]) == progress.Progress(1, 3, Span(2, 3))
    assert progress.progress(Visit(rules), ["fourth"]) == progress.Progress(3, 3, Span(2, 3))


def test_a_question_above_all_headings_is_of_no_part() -> None:
    for headed, parts in (({"section": "One"}, 1), ({}, 0)):
        rules = load_data(rule_set([question("first"), question("last", **headed)]))
        assert progress.progress(Visit(rules), ["first"]) == progress.Progress(0, parts, Span(1, 1))


def test_who_has_answered_everything_has_no_page_to_come(service: object) -> None:
    visit = filled_in(service)  # type: ignore[arg-type]  # the fixture
    found = progress.progress(visit, visit.rule_set.pages["name"])
    assert found is not None
    assert found.left.least == 0
    assert found.part == found.parts


def test_minutes_are_of_words_and_of_fields() -> None:
    few = load_data(rule_set([question("a", "text", limit=50)]))
    more = load_data(
        rule_set([question("a", "text", limit=500), question("b", "text", ask=" ".join(["word"] * 400))])
    )
    assert progress.minutes(few) == Span(2, 2)
    assert progress.minutes(more) == Span(5, 5)


@pytest.mark.parametrize("where", ["about", "heading", "items", "after"])
def test_minutes_are_of_what_is_read_before_the_first_question_too(where: str) -> None:
    two = " ".join(["word"] * 2 * progress.WORDS_A_MINUTE)
    notice = {"id": "now", "level": "emergency", "heading": "Ring 999 if:", "items": ["it bleeds"]}
    said = {"items": [two]} if where == "items" else {where: two}
    more = {"start": {"about": [two]}} if where == "about" else {"urgent": [notice | said]}
    bare, longer = (progress.minutes(load_data(rule_set([question("a")], **keys))) for keys in ({}, more))
    assert bare is not None
    assert longer is not None
    assert longer.least >= bare.least + 2


def test_where_there_are_too_many_ways_nothing_is_said_of_how_far_or_how_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(still_to_come, "MOST", 0)
    rules = load_data(rule_set([question("first"), question("second")]))
    assert progress.progress(Visit(rules), ["first"]) is None
    assert progress.minutes(rules) is None


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (question("a", "date"), 1 + 3 * progress.PART),
        (question("a"), 3 + progress.TICK),  # with the words of three answers
        (question("a", hint="Five words to be read"), 4 + progress.TICK),
        (question("a", "text", limit=50), 1 + progress.FEW_WORDS),
        (question("a", "text", limit=500), 1 + progress.MANY_WORDS),
    ],
)
def test_a_question_is_read_with_its_answers_and_answered_box_by_box(
    asked: dict[str, object], seconds: int
) -> None:
    assert progress.seconds(load_data(rule_set([asked])).by_id["a"]) == seconds


def test_the_documents_say_the_rule_of_thumb() -> None:
    said = shipped("rules").joinpath("README.md").read_text()
    told = said[said.index("**Minutes.**") :].split("\n\n")[0]
    names = ("WORDS_A_MINUTE", "TURN", "TICK", "FEW_WORDS", "MANY_WORDS", "PART", "CHECK")
    assert [name for name in names if str(getattr(progress, name)) not in told] == []


def test_the_shipped_treatment_is_done_within_half_an_hour() -> None:
    found = progress.minutes(rules_of(TREATMENT))
    assert found is not None
    assert found.most <= 30
