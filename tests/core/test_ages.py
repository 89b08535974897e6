"""The age rule of a treatment, and whom it asks to ring."""

from __future__ import annotations

from datetime import date

import pytest

from screening.core.ages import Outside, outside_age
from screening.core.building import from_document
from screening.core.rules import RuleSet
from tests.core.making import HEAD, load_text, refused_at_marks

DAY = date(2026, 11, 26)
BORN = "questions:\n  - {id: born, ask: B, type: date, partial: true, contact: birth_date}\n"
ADULTS, CHILDREN, PUPILS = (
    load_text(f"{HEAD}age: {{{age}}}\n{BORN}")
    for age in ("at_least: 18", "at_most: 17", "at_least: 5, at_most: 17")
)


@pytest.mark.parametrize(
    ("born", "young"),
    [
        ("2008-11-26", False),
        ("2008-11-27", True),
        ("2008", True),  # may be
        ("2007", False),
        ("no date", False),
        (None, False),
    ],
)
def test_who_has_fewer_years_than_the_rule_says_is_too_young(born: str | None, young: bool) -> None:
    assert (outside_age(ADULTS, {"born": born}, DAY) == "under") is young


@pytest.mark.parametrize(
    ("born", "old"),
    [
        ("2008-11-27", False),
        ("2008-11-26", True),  # 18 today
        ("2008", True),  # may be
        ("2008-12", False),
        ("2009", False),
        ("2026-11-26", False),
        ("no date", False),
        (None, False),
    ],
)
def test_who_has_more_years_than_the_rule_says_is_too_old(born: str | None, old: bool) -> None:
    assert (outside_age(CHILDREN, {"born": born}, DAY) == "over") is old


@pytest.mark.parametrize(
    ("born", "side"),
    [
        ("2021-11-27", "under"),
        ("2021-11-26", None),
        ("2008-11-27", None),
        ("2008-11-26", "over"),
        ("2021", "under"),
        ("2008", "over"),
    ],
)
def test_a_rule_with_both_bounds_has_both_edges(born: str, side: Outside | None) -> None:
    assert outside_age(PUPILS, {"born": born}, DAY) == side


@pytest.mark.parametrize(
    ("day", "years"),
    [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18), (date(2028, 2, 28), 19), (date(2028, 2, 29), 20)],
)
def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_day_after_february_ends(
    day: date, years: int
) -> None:
    for most in (years - 1, years):
        rule_set = load_text(f"{HEAD}age: {{at_most: {most}}}\n{BORN}")
        assert outside_age(rule_set, {"born": "2008-02-29"}, day) == ("over" if most < years else None)


def test_without_an_age_rule_nobody_is() -> None:
    for born in ("2026-01-01", "1900-01-01"):
        assert outside_age(load_text(HEAD + BORN), {"born": born}, DAY) is None


@pytest.mark.parametrize("rule_set", [ADULTS, CHILDREN, PUPILS], ids=lambda each: str(each.age))
def test_an_age_rule_comes_back_from_the_archive_as_it_was_written(rule_set: RuleSet) -> None:
    archived = from_document(rule_set.document)
    assert archived == rule_set
    assert archived.age == rule_set.age


def test_a_rule_without_an_upper_age_has_the_digest_that_it_had_before_there_were_any() -> None:
    assert '"age":{"at_least":18}' in ADULTS.document
    assert ADULTS.digest == "b21ea219c9098d5a88e84120b5a7c934289d3950716c85aa4274dd79f2e01deb"


@pytest.mark.parametrize("bound", ["at_least: 18", "at_most: 17", "at_least: 5, at_most: 17"])
def test_an_age_rule_needs_a_date_of_birth(bound: str) -> None:
    refused_at_marks(f"{HEAD}▸age: {{{bound}}}\nquestions: [{{id: a, ask: A, type: text}}]\n")


@pytest.mark.parametrize(
    "age",
    [
        "{at_least: ▸0}",
        "{at_least: ▸-1}",
        "{at_most: ▸-1}",
        "{at_most: ▸121}",
        "{at_most: ▸17.5}",
        "{at_most: ▸'17'}",
        "{at_least: ▸true}",
        "{at_most: ▸[17]}",
        "{at_least: ▸18, at_most: 17}",
        "{at_least: ▸5, at_most: ▸-1}",
        "{at_least: 5, ▸at_mots: 17}",
        "{at_least: 5, at_most: ▸}",
        "▸{}",
        "▸17",
    ],
)
def test_an_age_rule_needs_whole_years_that_somebody_can_have(age: str) -> None:
    refused_at_marks(f"{HEAD}age: {age}\n{BORN}")


@pytest.mark.parametrize("age", ["{at_most: 0}", "{at_least: 5, at_most: 5}"])
def test_one_year_is_an_age(age: str) -> None:
    assert load_text(f"{HEAD}age: {age}\n{BORN}").age is not None
