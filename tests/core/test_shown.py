"""What a check page showed is in its form, whole, or by digest where it would be too much to send."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote_plus

from hypothesis import given

from screening.core.answers import Circumstances
from screening.core.journey import walk
from screening.core.rules import RuleSet
from screening.core.shown import differing, shown, stored_in
from screening.core.stored import Stored
from screening.web.headers import MAX_BODY
from tests.core.generating import Data, rule_sets_and_answers
from tests.core.making import load_data, question, rule_set
from tests.usual import TREATMENT, USUAL, rules_of

RULES = rules_of(TREATMENT)
NOW = Circumstances(date(2026, 11, 23))


def written(rules: RuleSet, stored: Stored) -> str:
    return shown(rules, walk(rules, stored), stored)


def test_what_was_shown_is_read_back() -> None:
    path = walk(RULES, USUAL)
    assert stored_in(RULES, written(RULES, USUAL), NOW) == {asked: USUAL.get(asked) for asked in path.asked}


def test_each_answer_that_is_another_is_named() -> None:
    before = written(RULES, USUAL)
    for asked, other in (("side", "right"), ("severity", 3), ("name", "Ann"), ("tried", ["painkillers"])):
        assert differing(RULES, before, written(RULES, {**USUAL, asked: other})) == {asked}


@given(rule_sets_and_answers())
def test_whatever_counts_in_any_rule_set_is_read_back(both: tuple[Data, Data]) -> None:
    rules, answers = load_data(both[0]), both[1]
    path = walk(rules, answers)
    text = written(rules, answers)
    found = stored_in(rules, text, NOW)
    assert set(found) == set(path.asked)
    assert walk(rules, found).answers == path.answers


def test_the_longest_answers_are_no_longer_than_a_form_that_is_read() -> None:
    names = [f"words{number}" for number in range(20)]
    rules = load_data(rule_set([question(name, "text", limit=4000) for name in names]))
    most = dict.fromkeys(names, "🙂" * 4000)
    assert len(quote_plus(written(rules, most))) < MAX_BODY
    changed = {**most, names[7]: "🙂" * 3999}
    assert differing(rules, written(rules, most), written(rules, changed)) == {names[7]}
