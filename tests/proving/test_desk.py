"""The desk over all histories: the claims hold, and small mistakes in its tables are noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.workflow import BY_NAME
from screening.proving.acts import acts_on
from screening.proving.desk_claims import LETTERS
from screening.proving.desk_mutants import TableMutant, mutants, planted
from screening.proving.desk_search import SCOPES, Broken, as_test, replay, search
from screening.proving.histories import Scope
from tests.thorough import usually

pytestmark = pytest.mark.slow


COMMANDS = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf-8")
# States and steps of each scope. Who changes the table puts the new sums, and what `--teeth` prints, into
# the page of commands.
SIZES = ((1_096, 24_732), (2_448, 45_288), (1_805, 26_339), (10_374, 213_842), (547, 8_214))


# The largest is for `screening prove-desk`, which CI runs, and for the long form.
SEARCHED = [
    (scope, size)
    for scope, size in zip(SCOPES, SIZES, strict=True)
    if usually(size != max(SIZES), thorough=True)
]


@pytest.mark.parametrize(("scope", "size"), SEARCHED, ids=[scope.name for scope, _size in SEARCHED])
def test_every_claim_holds_in_all_histories(scope: Scope, size: tuple[int, int]) -> None:
    found = search(scope)
    assert found.broken == []
    assert (found.states, found.steps) == size


def test_every_move_of_the_table_is_tried() -> None:
    of_two = {"not_same", "mark_duplicate"}  # requests of one person: the searches with a second one
    changes_nothing = {"take", "hand_over", "note", "message"}  # that a claim looks at
    assert {act.name for act in acts_on(("x",))} == set(BY_NAME) - of_two - changes_nothing


def test_the_page_of_commands_tells_how_large_the_search_is_and_how_many_mistakes_are_made() -> None:
    states, steps = map(sum, zip(*SIZES, strict=True))
    assert f"over {states:,} states and {steps:,} steps" in COMMANDS
    assert f"makes all {len([*mutants()])} small mistakes" in COMMANDS


# One of each kind; `screening prove-desk --teeth` makes them all.
NOTICED = {
    "make_ready without “everything read”": "",
    "book without “identity checked”": "A",
    "book without “side given”": "A",
    "book without “appointment given”": "",
    "book by managers too": "H",
    "decide by reception too": "H",
    "decide by patients too": "H",
    "close without “no open flag, or a clinician does it”": "",
    "an entry raised has no effect": "",
    "an entry decision has no effect": "",
    "an entry message has no effect": "G",
    "an entry next_step has no effect": "G",
    "an entry reopened has no effect": "G",
    "do_not_proceed counts as noted": "",
    "contact_clock always says stop": "E",
    "review_clock always says keep": "E",
    "no notice review_digest": "G",
    "no list to_review": "C",
    "no list waiting_for_patient": "C",
    "nothing goes back to review by itself": "",
    "a duplicate takes nothing over": "F",
}


def called(name: str) -> TableMutant:
    return next(mutant for mutant in mutants() if mutant.name == name)


def _likely(name: str) -> tuple[Scope, ...]:
    """The scopes without those in which nothing can come of it: a duplicate takes two requests."""
    return tuple(scope for scope in SCOPES if scope.second is not None or "duplicate" not in name)


def bitten(name: str) -> list[Broken]:
    """The first claim that notices a mistake."""
    with planted(called(name)):
        for scope in usually(_likely(name), thorough=SCOPES):
            if broken := search(scope, first_only=True).broken:
                return broken
    return []


@pytest.mark.parametrize("name", NOTICED)
def test_a_mistake_in_the_tables_is_noticed(name: str) -> None:
    (broken, *_more) = bitten(name)
    assert broken.claim == (NOTICED[name] or broken.claim)
    assert broken.claim in LETTERS
    assert broken.history


def test_a_broken_claim_comes_with_a_history_that_shows_it_as_a_test() -> None:
    name = "make_ready without “everything read”"
    (broken, *_more) = bitten(name)
    written: dict[str, object] = {}
    exec(compile(as_test(broken), "written", "exec"), written)  # what the command saves
    (test,) = [found for name, found in written.items() if name.startswith("test_")]
    assert callable(test)
    with planted(called(name)):
        assert broken.claim in replay(broken.scope, broken.history)
        with pytest.raises(AssertionError):
            test()
    with pytest.raises((LookupError, StopIteration)):
        replay(broken.scope, broken.history)  # in the sound table the last step is refused
