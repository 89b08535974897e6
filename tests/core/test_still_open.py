"""What every paper says at its head: both gates, each item by where it stands, and what is unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args, get_type_hints

import pytest

from screening.core import paper_words
from screening.core.entries import (
    Booking,
    Decision,
    Entry,
    FlagDecision,
    PatientAnswer,
    PatientQuestion,
    Raised,
)
from screening.core.kept import KeptAnswer
from screening.core.remarks import Remark, RemarkKind
from screening.core.review import NOT_OF_IT, flag_lines
from screening.core.still_open import ItemStanding, StillOpen, item_standing, sides, still_open
from tests.core.kept_requests import kept_flag, kept_request, written
from tests.core.making import load_data, question, rule_set

KEPT = kept_request(kept_flag("thinner", "review_before_booking"), kept_flag("escort", "arrange"))


def found(*entries: Entry, unread: Sequence[str] = ()) -> StillOpen:
    return still_open(flag_lines(KEPT, written(*entries)), KEPT, unread, ())


def names(of: StillOpen) -> tuple[list[str], list[str], list[str]]:
    """Before a consultation, stopped, before the treatment."""
    return (
        [line.flag.id for line in of.consultation],
        [line.flag.id for line in of.stopped],
        [line.flag.id for line in of.treatment],
    )


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (None, (["thinner"], [], ["thinner", "escort"])),
        ("proceed", ([], [], ["thinner", "escort"])),
        ("discuss", ([], [], ["thinner", "escort"])),
        ("settled", ([], [], ["escort"])),
        ("ask_patient", (["thinner"], [], ["thinner", "escort"])),
        ("do_not_proceed", ([], ["thinner"], ["thinner", "escort"])),
    ],
)
def test_an_item_stands_before_each_gate_that_it_keeps_shut(
    decision: Decision | None, expected: tuple[list[str], list[str], list[str]]
) -> None:
    entries = [] if decision is None else [FlagDecision("thinner", decision)]
    assert names(found(*entries)) == expected


@pytest.mark.parametrize(
    ("decision", "standing"),
    [
        *(("proceed", "unsettled"), ("discuss", "unsettled"), ("settled", "settled")),
        *(("ask_patient", "asked"), ("do_not_proceed", "stopped")),
    ],
)
def test_an_item_stands_where_its_latest_decision_puts_it(decision: Decision, standing: ItemStanding) -> None:
    lines = flag_lines(KEPT, written(FlagDecision("thinner", "settled"), FlagDecision("thinner", decision)))
    assert [item_standing(line.review) for line in lines] == [standing, "unsettled"]
    assert item_standing(flag_lines(KEPT, ())[0].review) == "open"


def test_what_is_asked_answered_and_raised_is_open_before_a_consultation() -> None:
    asked = FlagDecision("thinner", "ask_patient"), PatientQuestion("Which?", "thinner")
    answered = (*asked, PatientAnswer("e2", "Apixaban"))
    raised = FlagDecision("escort", "settled"), Raised("escort", "escort", "nobody can come")
    standings = [
        [item_standing(line) for line in found(*entries).consultation]
        for entries in (asked, answered, raised)
    ]
    assert standings == [["asked"], ["open"], ["open", "open"]]


def test_what_is_unread_is_named_with_what_is_to_be_read_or_stays_by_its_id() -> None:
    remark = Remark("contradiction", "pregnancy", "pregnancy", "Are you pregnant?")
    ids = (f"remark:{remark.id}", "remark:unchecked", "request", "words:gone")
    things = still_open((), KEPT, ids, (remark,)).unread
    assert [thing.id for thing in things] == list(ids)
    assert [thing.remark for thing in things] == [remark, None, None, None]
    called = [paper_words.unread_name(thing, str) for thing in things]
    assert all(called)
    assert "Are you pregnant?" in called[0]


def test_own_words_are_to_be_read_with_the_answer_that_they_are_of() -> None:
    health = KeptAnswer("cream", "Which cream?", said=("The white one",))
    contact = KeptAnswer("needs_words", "What else?", contact="needs_words", said=("A ramp",))
    kept = kept_request(answers=[health], contact=[contact])
    things = still_open((), kept, ("words:cream", "other:needs_words"), ()).unread
    assert [(thing.kind, thing.answer) for thing in things] == [("words", health), ("other", contact)]


def test_the_side_is_what_was_answered_about_it_and_rules_that_are_gone_name_none() -> None:
    rules = load_data(rule_set([question("which", about="side"), question("other")]))
    answers = KeptAnswer("which", "Which side?", said=("Left",)), KeptAnswer("other", "Other?", said=("Yes",))
    kept = replace(KEPT, health=replace(KEPT.health, answers=answers))
    assert sides(kept, rules) == answers[:1]
    assert sides(kept, None) == ()


def test_there_are_words_for_everything_that_a_paper_may_say() -> None:
    assert set(paper_words.ITEM_STANDINGS) == set(get_args(ItemStanding))
    assert set(paper_words.STILL_OPEN) == set(StillOpen.__dataclass_fields__)
    assert set(paper_words.REMARKS) == set(get_args(RemarkKind))
    assert set(paper_words.RAISED_BECAUSE) == {*get_args(get_type_hints(Raised)["because"]), NOT_OF_IT}
    assert set(paper_words.BOOKED_FOR) == set(get_args(get_type_hints(Booking)["what"]))
