"""A date of birth that is hardly the patient's, or outside the age that the rules say, is pointed at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.core import remarks
from screening.core.kept import KeptContact
from screening.core.sources import Age
from tests.core.remarking import DAY, LISTS, RULES, found, kept_of
from tests.usual import USUAL

# Dates of birth


@pytest.mark.parametrize(
    ("born", "why"),
    [
        ("2027-01-01", "in_the_future"),
        ("2026-11-26", "in_the_future"),
        ("2026-11-25", "under_18"),
        ("2025-03-01", "under_18"),
        ("2008-11-26", "under_18"),
        ("1899-12-31", "over_110"),
        ("1850-01-01", "over_110"),
    ],
)
def test_a_date_of_birth_that_is_hardly_the_patients_is_pointed_at(born: str, why: str) -> None:
    (remark,) = found(birth_date=born)
    assert (remark.kind, remark.question, remark.named) == ("birth_date", "birth_date", (why,))
    assert remark.said == (born,)


@pytest.mark.parametrize("born", ["2008-11-25", "1916-11-25", "1950-03-31", "2000-02-29"])
def test_a_date_of_birth_that_may_be_is_not(born: str) -> None:
    assert found(birth_date=born) == ()


@pytest.mark.parametrize(
    ("born", "why"),
    [
        *(("in April", "no_date"), (["1961-04-12"], "no_date")),
        *(("2008", "under_18"), ("2026", "under_18"), ("2027", "in_the_future")),  # whatever day of it it is
        *(("1915-11", "over_110"), ("1917", None), ("1961-04", None)),
    ],
)
def test_a_date_of_birth_that_is_none_or_a_part_of_one_is_pointed_at_where_it_may_not_be(
    born: object, why: str | None
) -> None:
    kept = kept_of(RULES, USUAL)
    answers = (
        replace(answer, stored=born) if answer.contact == "birth_date" else answer
        for answer in kept.contact.answers
    )
    spoilt = replace(kept, contact=KeptContact(tuple(answers)))
    pointed = [remark.named for remark in remarks.find(spoilt, RULES, LISTS, DAY)]
    assert pointed == ([] if why is None else [(why,)])


@pytest.mark.parametrize(("born", "why"), [("2010-11-26", ("under_16",)), ("2010-11-25", None)])
def test_where_the_rules_have_no_age_it_is_the_one_of_consent(born: str, why: tuple[str] | None) -> None:
    assert named_of(None, born) == why


@pytest.mark.parametrize(
    ("age", "born", "why"),
    [
        (Age(at_most=17), "2008-11-25", ("over_17",)),
        (Age(at_most=17), "2008-11-26", None),
        (Age(at_most=17), "2020-01-01", None),  # for children: theirs is no slip
        (Age(at_most=65), "2020-01-01", ("under_16",)),
        (Age(at_most=65), "1960-11-25", ("over_65",)),
        (Age(at_least=5, at_most=17), "2022-01-01", ("under_5",)),
        (Age(at_least=5, at_most=17), "2000-01-01", ("over_17",)),
        (Age(at_least=5, at_most=17), "2015-01-01", None),
        (Age(at_most=120), "1850-01-01", ("over_110",)),
    ],
)
def test_who_is_outside_the_age_that_the_rules_say_is_pointed_at(
    age: Age, born: str, why: tuple[str] | None
) -> None:
    assert named_of(age, born) == why


def named_of(age: Age | None, born: str) -> tuple[str, ...] | None:
    """What is wrong with a date of birth, under rules with this age."""
    rules, kept = RULES.model_copy(update={"age": age}), kept_of(RULES, {**USUAL, "birth_date": born})
    remark = next(iter(remarks.find(kept, rules, LISTS, DAY)), None)
    return remark.named if remark is not None else None


def test_without_the_rules_of_that_day_the_date_of_birth_is_looked_at_all_the_same() -> None:
    kept = kept_of(RULES, {**USUAL, "birth_date": "1850-01-01", "anything_else": "warfarin"})
    assert {remark.kind for remark in remarks.find(kept, None, LISTS, DAY)} == {"birth_date"}
