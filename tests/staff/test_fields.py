"""Controls of the desk's forms: which are made once, and that none of those holds what a patient typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask_babel.speaklater import LazyString
from wtforms import BooleanField, Field, Form, StringField

from screening.staff import fields
from screening.staff.fields import ChoiceField, ListField, line_field, render, words_field
from screening.web.components import component
from screening.web.words import lazy_gettext as _l

TYPED = "Quendrith Typedword"
INTO = _l("Of %(name)s", name=TYPED)  # the program's own words, with a patient's put in
OTHER = LazyString(lambda: TYPED)
MINE = {"yes": _l("Yes"), "no": _l("No")}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is kept of controls, as text."""
    found: list[str] = []

    def remembered(name: str, params: Mapping[str, object]) -> Any:
        made = component(name, params)
        found.append(made)
        return made

    monkeypatch.setattr(fields, "remembered", remembered)
    return found


def drawn(app: Flask, field: Any, typed: Mapping[str, str] | None = None) -> tuple[Field, str]:
    """The field in a form that holds what is typed, and as the page shows it."""

    class Asked(Form):  # type: ignore[misc]  # WTForms ships no types
        asked = field

    with app.test_request_context():
        form = Asked(data=typed)
        return form.asked, render(form.asked)


def test_a_box_that_is_too_full_says_which_it_is(app: Flask) -> None:
    class Asked(Form):  # type: ignore[misc]  # WTForms ships no types
        one, other = words_field("One"), line_field("Other")

    with app.test_request_context():
        form = Asked(data=dict.fromkeys(("one", "other"), "x" * 4001))
        assert not form.validate()
        assert [form[name].label.text in form[name].errors[0] for name in ("one", "other")] == [True, True]


@pytest.mark.parametrize("words", [INTO, OTHER, TYPED])
@pytest.mark.parametrize("place", ["label", "hint", "offered"])
def test_a_control_with_words_of_a_patient_is_never_kept(
    app: Flask, kept: list[str], words: Any, place: str
) -> None:
    label, hint = (words if place == one else _l("Which?") for one in ("label", "hint"))
    offered = {"one": words} if place == "offered" else MINE
    made = [
        ChoiceField(label, description=hint, offered=offered),
        ListField(label, description=hint, offered=offered),
        *([words_field(label, hint=hint), line_field(label, hint=hint)] if place != "offered" else []),
        *([BooleanField(label, description=hint)] if place != "offered" else []),
    ]
    for field in made:
        assert TYPED in drawn(app, field)[1]
    assert kept == []


def test_what_stands_in_a_field_is_never_kept(app: Flask, kept: list[str]) -> None:
    for field in (words_field(_l("Note")), line_field(_l("Note")), StringField(_l("Note"))):
        assert TYPED in drawn(app, field, {"asked": TYPED})[1]
    assert kept == []


def test_a_control_of_the_programs_own_words_is_made_once(app: Flask, kept: list[str]) -> None:
    made = [ChoiceField(_l("Which?"), offered=MINE), words_field(_l("Note")), BooleanField(_l("Read"))]
    for number, field in enumerate(made, start=1):
        drawn(app, field)
        assert len(kept) == number
