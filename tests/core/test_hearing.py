"""Of a flag that is handled lighter, told to fewer or not raised at all, somebody hears less."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screening.core.assessment import assess
from screening.core.hearing import heard_in, less, raised_more
from screening.core.kept import KeptFlag, KeptSay, keep
from tests.core.making import flag, load_data, question, rule_set

LOUD = KeptFlag("a", "A", True, "review_before_booking", KeptSay("Look.", "Wait.", "We ring."), (), "")
QUIETER = {
    "handled lighter": replace(LOUD, handling="discuss_at_consultation"),
    **{
        f"{who} not told": replace(LOUD, say=replace(LOUD.say, **{who: None}))
        for who in ("clinician", "patient")
    },
    "reception not told": replace(LOUD, say=replace(LOUD.say, reception="")),
}


@pytest.mark.parametrize("how", QUIETER)
def test_a_flag_that_is_heard_less_is_named_and_one_that_is_heard_more_is_not(how: str) -> None:
    before, now = heard_in([LOUD]), heard_in([QUIETER[how]])
    assert less(before, now) == ("a",)
    assert less(now, before) == ()


def test_what_is_not_raised_is_heard_less_and_what_is_as_it_was_is_not() -> None:
    heard = heard_in([LOUD])
    assert less(heard, {}) == ("a",)
    assert less(heard, heard) == less({}, heard) == ()


def test_of_a_kept_request_only_the_flags_of_which_more_is_heard_are_raised_again() -> None:
    asked = [question(name, safety=True) for name in ("same", "heavier", "new", "calm")]
    same, heavier, new, calm = (flag(one["id"], {one["id"]: "yes"}) for one in asked)
    old = load_data(rule_set(asked, flags=[same, heavier, calm]))
    sound = load_data(
        rule_set(asked, flags=[same, heavier | {"handling": "review_before_booking"}, new, calm])
    )
    answers = {"same": "yes", "heavier": "yes", "new": "yes", "calm": "no"}
    found = raised_more(sound, keep(old, assess(old, answers), answers))
    assert [flag.id for flag in found] == ["heavier", "new"]
