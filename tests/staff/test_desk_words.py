"""What staff read can be translated, refusals too: the core and the desk only give codes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from flask import Flask

import screening
from screening.accounts import store
from screening.core import entries, workflow
from screening.core.errors import Refused
from screening.staff import desk_words, refusals
from tests.actors import Clock
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS, arrives, at, send
from tests.translating import foreign_words, marking
from tests.usual import USUAL

PACKAGE = Path(screening.__file__).parent


def codes_in_use() -> set[str]:
    """The first argument of every Refused(...) in the core, the desk and accounts."""
    found = set()
    rooms = ("core", "desk", "accounts")
    for file in (file for room in rooms for file in (PACKAGE / room).glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Refused":
                code = call.args[0]
                assert isinstance(code, ast.Constant), (file.name, call.lineno)
                found.add(str(code.value))
    return found


# Where the names of events stand: function -> which of its arguments.
NAMES_EVENTS = {"change": 4, "_act": 5, "record": 1, "note": 0, "_change": 3}


def events_in_use() -> set[str]:
    """What is written into the audit, as far as it is named where it is written."""
    found: set[str] = set()
    for file in PACKAGE.glob("*/*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
            said = call.args[NAMES_EVENTS[name] :][:1] if name in NAMES_EVENTS else []
            parts = [part for argument in said for part in ast.walk(argument)]
            found |= {str(part.value) for part in parts if isinstance(part, ast.Constant)}
    return found


def without_words() -> set[str]:
    """Kinds of entries and events that the screen would call by their codes."""
    return (set(entries.KINDS) - set(desk_words.ENTRIES)) | (events_in_use() - set(desk_words.HISTORY))


def test_each_kind_of_entry_and_each_event_has_words() -> None:
    assert {"noted", "booked", "account_added", "locked"} <= events_in_use()
    assert without_words() == set()
    assert set(store.EVENTS.values()) <= set(desk_words.HISTORY)


def test_a_kind_of_entry_without_words_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(entries.KINDS, "weighing", entries.Note)
    assert without_words() == {"weighing"}


def test_each_refusal_has_words_and_no_words_are_left_over() -> None:
    assert set(refusals.SENTENCES) == codes_in_use() | {"changed"}
    assert set(refusals.NEEDS) == {need.name for move in workflow.MOVES for need in move.needs}


def test_what_is_missing_for_each_move_is_said_in_full(app: Flask) -> None:
    with app.test_request_context("/"):
        for move in workflow.MOVES:
            for state in workflow.STATUSES:
                with pytest.raises(Refused) as refused:
                    workflow.check(move.name, state, {"auditor"}, workflow.Facts())
                assert "%(" not in refusals.words(refused.value)


def test_every_word_of_the_staff_door_can_be_translated(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = arrives(app, **TWO_FLAGS)
    one = Staff(app, clock, workflow.ROLES, name="Zz")
    one.comes_in()
    names = ("", "note", "call", "hand-over", "identity", "urgent", "duplicate", "close", "withdraw", "book")
    paths = [at(reference, name) for name in (*names, "send-back", "review", "history", "print")]
    paths += [f"/staff/{name}" for name in ("requests", "review", "exports", "people", "people/add", "entry")]
    paths += [f"/staff/{name}" for name in ("account", "change-password", "passkeys", "recovery-codes")]
    paths += [f"/staff/{name}" for name in ("set-up-second-factor", "ended", "nothing", "requests/ABC")]
    stale = one.go(at(reference, "note"))
    send(one, at(reference, "note"), stale, note="Qq")
    with marking(app, monkeypatch):
        pages = [one.go(path) for path in paths]
        pages.append(send(one, at(reference, "note"), stale, note="Qq"))
        pages.append(one.post(at(reference, "duplicate"), {"reference": "Qq", "version": "2"}))
        pages.append(one.post(at(reference, "book")))
    known = {
        "Zz",
        "Qq",
        reference,
        one.email,
        USUAL["name"],
        USUAL["what_happened"],
    }  # what patients and staff typed
    assert [(page.path, words) for page in pages if (words := foreign_words(app, page, known))] == []


@pytest.mark.parametrize(
    ("words", "core"),
    [
        (desk_words.DECISIONS, workflow.DECISIONS),
        (desk_words.CALL_OUTCOMES, workflow.CALL_OUTCOMES),
        (desk_words.CLOSE_REASONS, workflow.CLOSE_REASONS),
    ],
)
def test_each_of_the_cores_names_has_words(words: dict[str, object], core: tuple[str, ...]) -> None:
    assert set(words) == set(core)
