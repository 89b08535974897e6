"""A question as the design system's parameters: one function for each way of asking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from flask import Flask
from markupsafe import Markup, escape

from screening.core.answers import Typed
from screening.core.answers.controls import Box, Option, Part, Parts, Ticks
from screening.core.rules import Question
from screening.web.at_hand import app_at_hand
from screening.web.components import MEMO_SIZE, Parameters, component
from screening.web.question_forms import AnswerField, part_name
from screening.web.words import gettext as _

_OURS = "controls"  # of an app's extensions
LONG_LIST = 12  # more to tick than this, one below the other, would be two screens of a small phone
AUTOCOMPLETE = {
    "name": "name",
    "representative_name": "name",
    "phone": "tel",
    "email": "email",
    "birth_date": "bday",
}


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """What a page shows of a question beside its own words; `alone` heads its page."""

    question: Question
    name: str
    about_me: bool
    alone: bool
    typed: Typed = field(default_factory=dict, repr=False)
    error: str | None = None
    wrong_parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnControl:
    """A design-system component and its parameters."""

    name: str
    params: Parameters = field(repr=False)


def init_app(app: Flask) -> None:
    """Each app keeps those in its own words."""
    app.extensions[_OURS] = lru_cache(maxsize=MEMO_SIZE)(_untouched)


def draw_control(field: AnswerField, *, about_me: bool, alone: bool = True) -> Markup:
    """The control of a question, with what was typed and what is wrong with it.

    It is kept by which of its options are ticked, unless something was typed or is wrong.
    """
    ticked = _ticked(field)
    if ticked is None or field.errors:
        shown = ShownQuestion(field.question, field.name, about_me, alone, field.typed, error_of(field))
        return _markup(replace(shown, wrong_parts=field.wrong_parts))
    kept: Callable[..., Markup] = app_at_hand().extensions[_OURS]
    return kept(_VeryQuestion(field.question), field.name, about_me, alone, ticked)


class _VeryQuestion:
    """Equal to itself alone: to compare two questions takes longer than to draw one."""

    __slots__ = ("question",)

    def __init__(self, question: Question) -> None:
        self.question = question

    def __hash__(self) -> int:
        return id(self.question)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _VeryQuestion) and other.question is self.question


def _ticked(field: AnswerField) -> tuple[str, ...] | None:
    """Its own options that are ticked, or none where nothing was typed; None where something was."""
    control = field.question.control
    if isinstance(control, Ticks):
        said = _said(field.typed, several=control.several)
        return tuple([option.value for option in control.options if option.value in said])
    return None if any(text for texts in field.typed.values() for text in texts) else ()


def _said(typed: Typed, *, several: bool) -> Sequence[str]:
    texts = typed.get("", ())
    return texts if several else texts[:1]


def _untouched(
    asked: _VeryQuestion, name: str, about_me: bool, alone: bool, ticked: tuple[str, ...]
) -> Markup:
    return _markup(ShownQuestion(asked.question, name, about_me, alone, {"": ticked} if ticked else {}))


def _markup(shown: ShownQuestion) -> Markup:
    drawn = control_for(shown)
    return component(drawn.name, drawn.params)


def control_for(shown: ShownQuestion) -> DrawnControl:
    """The component of a question and its parameters."""
    control = _drawn(shown)
    shared = {"hint": _text(shown.question.hint), "errorMessage": _text(shown.error)}
    if shared["errorMessage"] is not None:
        shared["errorMessage"]["visuallyHiddenText"] = _("Error")
    control.params.update({key: value for key, value in shared.items() if value is not None})
    return control


def error_of(field: AnswerField) -> str | None:
    """The one thing to mend, if any."""
    return str(field.errors[0]) if field.errors else None


def error_address(field: AnswerField) -> str:
    """Where the error summary links to: the first control at fault."""
    names = field.wrong_parts or field.question.control.names
    return "#" + part_name(names[0], field.name)


def asked(question: Question) -> str:
    """The question, marked where it may be left out."""
    return question.ask if question.required else _("%(ask)s (optional)", ask=question.ask)


def _text(words: str | None) -> dict[str, str] | None:
    return {"text": words} if words else None


def _fieldset(question: Question, alone: bool) -> Parameters:
    size = "l" if alone else "m"
    legend = {"text": asked(question), "isPageHeading": alone, "classes": f"govuk-fieldset__legend--{size}"}
    return {"legend": legend}


def _label(question: Question, alone: bool) -> Parameters:
    size = "l" if alone else "m"
    return {"text": asked(question), "isPageHeading": alone, "classes": f"govuk-label--{size}"}


def _typed(shown: ShownQuestion, part: str = "") -> str:
    return next(iter(shown.typed.get(part, ())), "")


def _drawn(shown: ShownQuestion) -> DrawnControl:
    asked_with = shown.question.control
    if isinstance(asked_with, Parts):
        return _parts(shown, asked_with)
    if isinstance(asked_with, Box):
        return _box(shown, asked_with)
    return _ticks(shown, asked_with)


def _ticks(shown: ShownQuestion, ticks: Ticks) -> DrawnControl:
    chosen = _said(shown.typed, several=ticks.several)
    items = [_item(option, chosen, ticks.several) for option in ticks.options]
    alone = [item for item in items if "behaviour" in item]
    if alone and len(alone) < len(items):
        items.insert(items.index(alone[0]), {"divider": _("or")})
    params: Parameters = {"idPrefix": shown.name, "name": shown.name, "items": items}
    params["fieldset"] = _fieldset(shown.question, shown.alone)
    if ticks.several and len(items) > LONG_LIST:
        params["classes"] = "govuk-checkboxes--small"
    if ticks.in_a_row:
        params |= _in_rows(ticks, items)
    return DrawnControl("checkboxes" if ticks.several else "radios", params)


def _item(option: Option, chosen: Sequence[str], several: bool) -> Parameters:
    item = {"value": option.value, "text": option.label, "hint": _text(option.hint)}
    behaviour = {"behaviour": "exclusive"} if several and option.alone else {}
    return {**item, **behaviour, "checked": option.value in chosen}


def _in_rows(ticks: Ticks, items: list[Parameters]) -> Parameters:
    """Points of a scale as buttons with the number alone; what the ends mean is written above them, once."""
    for option, item in zip(ticks.options, items, strict=True):
        beside = escape(option.label.removeprefix(option.value))
        hidden = Markup('<span class="govuk-visually-hidden">{}</span>').format(beside) if beside else ""
        item |= {"text": None, "html": Markup("{}{}").format(option.value, hidden)}
    ends = [option.label for option in ticks.options if option.label != option.value]
    told = Markup("").join(Markup("<span>{}</span>").format(end) for end in ends)
    above = Markup('<p class="clinic-scale__ends" aria-hidden="true">{}</p>').format(told)
    return {"classes": "clinic-scale", "formGroup": {"beforeInputs": {"html": above}}}


def _box(shown: ShownQuestion, box: Box) -> DrawnControl:
    params: Parameters = {"id": shown.name, "name": shown.name}
    params |= {"label": _label(shown.question, shown.alone)}
    params |= {"value": _typed(shown), "inputmode": box.keyboard, "suffix": _text(box.suffix)}
    params |= {"autocomplete": _autocomplete(shown.question, shown.about_me)}
    if box.width is not None:
        params["classes"] = f"govuk-input--width-{box.width}"
    if box.input_type is not None:
        params |= {"type": box.input_type, "spellcheck": False}
    given = {name: value for name, value in params.items() if value is not None}
    if not box.counted:
        return DrawnControl("input", given)
    size = {"maxlength": box.longest, "rows": 4, "threshold": 75}
    return DrawnControl("character-count", given | size | _count_words(box.longest))


def _autocomplete(question: Question, about_me: bool) -> str | None:
    """What a browser may fill in; somebody filling in for the patient has another name and birthday."""
    theirs = question.contact in ("name", "birth_date") and not about_me
    return None if question.contact is None or theirs else AUTOCOMPLETE.get(question.contact)


def _count_words(limit: int) -> Parameters:
    """The character count's words; its script puts the number for %{count}."""
    return {
        "textareaDescriptionText": _("You can write up to %(limit)s characters", limit=limit),
        "charactersUnderLimitText": {
            "one": _("You have %(count)s character left", count="%{count}"),
            "other": _("You have %(count)s characters left", count="%{count}"),
        },
        "charactersAtLimitText": _("You have no characters left"),
        "charactersOverLimitText": {
            "one": _("You have %(count)s character too many", count="%{count}"),
            "other": _("You have %(count)s characters too many", count="%{count}"),
        },
    }


def _parts(shown: ShownQuestion, control: Parts) -> DrawnControl:
    token = _autocomplete(shown.question, shown.about_me)
    items = [_part(shown, part, token) for part in control.parts]
    fieldset = _fieldset(shown.question, shown.alone)
    return DrawnControl("date-input", {"id": shown.name, "fieldset": fieldset, "items": items})


def _part(shown: ShownQuestion, part: Part, token: str | None) -> Parameters:
    name = part_name(part.name, shown.name)
    classes = f"govuk-input--width-{part.width}"
    if shown.error and (part.name in shown.wrong_parts or not shown.wrong_parts):
        classes += " govuk-input--error"
    item: Parameters = {"id": name, "name": name, "label": label_of(part), "classes": classes}
    fills_in = {"autocomplete": f"{token}-{part.name}"} if token else {}
    return item | {"value": _typed(shown, part.name)} | fills_in


def label_of(part: Part) -> str:
    """What stands above a box of an answer in parts."""
    names = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    return str(names.get(part.name, part.name.replace("_", " ").capitalize()))
