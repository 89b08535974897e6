"""A question as the design system's parameters: one function for each way of asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup, escape

from screening.core.answers.controls import Box, Option, Part, Parts, Ticks
from screening.core.rules import Question
from screening.web.components import Parameters, component, remembered
from screening.web.question_forms import AnswerField, part_name

LONG_LIST = 12  # more to tick than this, one below the other, would be two screens of a small phone
AUTOCOMPLETE = {
    "name": "name",
    "representative_name": "name",
    "phone": "tel",
    "email": "email",
    "birth_date": "bday",
}


@dataclass(frozen=True, slots=True)
class DrawnControl:
    """A design-system component and its parameters; `remember` only where nobody types."""

    name: str
    params: Parameters
    remember: bool = False

    def render(self) -> Markup:
        """The markup."""
        return (remembered if self.remember else component)(self.name, self.params)


def control_for(field: AnswerField, *, about_me: bool, alone: bool = True) -> DrawnControl:
    """The control of a question, with what was typed and what is wrong with it; `alone` heads its page."""
    control = _drawn(field, about_me, alone)
    shared = {"hint": _text(field.question.hint), "errorMessage": _text(error_of(field))}
    if shared["errorMessage"] is not None:
        shared["errorMessage"]["visuallyHiddenText"] = _("Error")
    control.params.update({key: value for key, value in shared.items() if value is not None})
    return control


def error_of(field: AnswerField) -> str | None:
    """The one thing to mend, if any."""
    return str(field.errors[0]) if field.errors else None


def error_address(field: AnswerField) -> str:
    """Where the error summary links to: the first control at fault."""
    names = field.wrong_parts or field.question.kind.control(field.question).names
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


def _typed(field: AnswerField, part: str = "") -> str:
    return next(iter(field.typed.get(part, ())), "")


def _is_empty(field: AnswerField) -> bool:
    """Whether nothing was typed, so that nothing of it can stay in memory."""
    return not any(text for texts in field.typed.values() for text in texts)


def _drawn(field: AnswerField, about_me: bool, alone: bool) -> DrawnControl:
    asked_with = field.question.kind.control(field.question)
    if isinstance(asked_with, Parts):
        return _parts(field, asked_with, about_me, alone)
    if isinstance(asked_with, Box):
        return _box(field, asked_with, about_me, alone)
    return _ticks(field, asked_with, alone)


def _ticks(field: AnswerField, ticks: Ticks, heads: bool) -> DrawnControl:
    chosen = field.typed.get("", ()) if ticks.several else [_typed(field)]
    items = [_item(option, chosen, ticks.several) for option in ticks.options]
    alone = [item for item in items if "behaviour" in item]
    if alone and len(alone) < len(items):
        items.insert(items.index(alone[0]), {"divider": _("or")})
    params: Parameters = {"idPrefix": field.name, "name": field.name, "items": items}
    params["fieldset"] = _fieldset(field.question, heads)
    if ticks.several and len(items) > LONG_LIST:
        params["classes"] = "govuk-checkboxes--small"
    if ticks.in_a_row:
        params |= _in_rows(ticks, items)
    return DrawnControl("checkboxes" if ticks.several else "radios", params, remember=True)


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


def _box(field: AnswerField, box: Box, about_me: bool, alone: bool) -> DrawnControl:
    params: Parameters = {"id": field.name, "name": field.name}
    params |= {"label": _label(field.question, alone)}
    params |= {"value": _typed(field), "inputmode": box.keyboard, "suffix": _text(box.suffix)}
    params |= {"autocomplete": _autocomplete(field.question, about_me)}
    if box.width is not None:
        params["classes"] = f"govuk-input--width-{box.width}"
    if box.input_type is not None:
        params |= {"type": box.input_type, "spellcheck": False}
    given = {name: value for name, value in params.items() if value is not None}
    if not box.counted:
        return DrawnControl("input", given, _is_empty(field))
    size = {"maxlength": box.longest, "rows": 4, "threshold": 75}
    return DrawnControl("character-count", given | size | _count_words(box.longest), _is_empty(field))


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


def _parts(field: AnswerField, control: Parts, about_me: bool, alone: bool) -> DrawnControl:
    token = _autocomplete(field.question, about_me)
    items = [_part(field, part, token) for part in control.parts]
    shown: Parameters = {"id": field.name, "fieldset": _fieldset(field.question, alone), "items": items}
    return DrawnControl("date-input", shown, _is_empty(field))


def _part(field: AnswerField, part: Part, token: str | None) -> Parameters:
    name = part_name(part.name, field.name)
    classes = f"govuk-input--width-{part.width}"
    if field.errors and (part.name in field.wrong_parts or not field.wrong_parts):
        classes += " govuk-input--error"
    item: Parameters = {"id": name, "name": name, "label": label_of(part), "classes": classes}
    fills_in = {"autocomplete": f"{token}-{part.name}"} if token else {}
    return item | {"value": _typed(field, part.name)} | fills_in


def label_of(part: Part) -> str:
    """What stands above a box of an answer in parts."""
    names = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    return str(names.get(part.name, part.name.replace("_", " ").capitalize()))
