"""A question as the design system's parameters: one function for each way of asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from screening.core.answers import DATE_PARTS, DEFAULT_LIMIT, FORMATS, LONG_TEXT, SCALE, TYPES
from screening.core.rules import Question
from screening.web.components import component, remembered
from screening.web.question_forms import NAME, AnswerField, part_name

AUTOCOMPLETE = {
    "name": "name",
    "representative_name": "name",
    "phone": "tel",
    "email": "email",
    "birth_date": "bday",
}
DATE_WIDTH = {"day": 2, "month": 2, "year": 4}


@dataclass(frozen=True, slots=True)
class Control:
    """A design-system component and its parameters; `remember` only where nobody types."""

    name: str
    params: dict[str, Any]
    remember: bool = False

    def render(self) -> Markup:
        """The markup."""
        return (remembered if self.remember else component)(self.name, self.params)


def control_for(field: AnswerField, *, about_me: bool) -> Control:
    """The control of a question, with what was typed and what is wrong with it."""
    control = _CONTROLS[TYPES[field.question.type].control](field, about_me)
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
    if field.question.type == "date":
        return "#" + part_name(field.wrong_parts[0] if field.wrong_parts else DATE_PARTS[0])
    return "#" + NAME


def asked(question: Question) -> str:
    """The question, marked where it may be left out."""
    return question.ask if question.required else _("%(ask)s (optional)", ask=question.ask)


def _text(words: str | None) -> dict[str, str] | None:
    return {"text": words} if words else None


def _fieldset(question: Question) -> dict[str, Any]:
    legend = {"text": asked(question), "isPageHeading": True, "classes": "govuk-fieldset__legend--l"}
    return {"legend": legend}


def _label(question: Question) -> dict[str, Any]:
    return {"text": asked(question), "isPageHeading": True, "classes": "govuk-label--l"}


def _typed(field: AnswerField, part: str = "") -> str:
    return next(iter(field.typed.get(part, ())), "")


def _radios(field: AnswerField, _about_me: bool) -> Control:
    items = _scale_items(field.question) if field.question.type == "scale" else _answer_items(field.question)
    chosen = _typed(field)
    for item in items:
        item["checked"] = item["value"] == chosen
    params = {"idPrefix": NAME, "name": NAME, "fieldset": _fieldset(field.question), "items": items}
    return Control("radios", params, remember=True)


def _checkboxes(field: AnswerField, _about_me: bool) -> Control:
    items: list[dict[str, Any]] = []
    for answer, item in zip(field.question.answers, _answer_items(field.question), strict=True):
        if answer.alone:
            item["behaviour"] = "exclusive"
        item["checked"] = item["value"] in field.typed.get("", ())
        items.append(item)
    alone = [item for item in items if "behaviour" in item]
    if alone and len(alone) < len(items):
        items.insert(items.index(alone[0]), {"divider": _("or")})
    params = {"idPrefix": NAME, "name": NAME, "fieldset": _fieldset(field.question), "items": items}
    return Control("checkboxes", params, remember=True)


def _answer_items(question: Question) -> list[dict[str, Any]]:
    return [{"value": one.id, "text": one.label, "hint": _text(one.hint)} for one in question.answers]


def _scale_items(question: Question) -> list[dict[str, Any]]:
    ends = {SCALE[0]: question.low, SCALE[-1]: question.high}
    return [
        {"value": str(point), "text": f"{point} – {ends[point]}" if ends.get(point) else str(point)}
        for point in SCALE
    ]


def _input(field: AnswerField, about_me: bool) -> Control:
    question = field.question
    params: dict[str, Any] = {"id": NAME, "name": NAME, "label": _label(question), "value": _typed(field)}
    if question.type == "number":
        mode = "decimal" if question.decimals else "numeric"
        return Control(
            "input",
            params | {"inputmode": mode, "classes": "govuk-input--width-5", "suffix": _text(question.unit)},
        )
    if question.format is not None:
        params |= {"type": FORMATS[question.format].input_type, "spellcheck": False}
    token = _autocomplete(question, about_me)
    if token:
        params["autocomplete"] = token
    limit = question.limit or DEFAULT_LIMIT
    if question.format is None and limit > LONG_TEXT:
        return Control(
            "character-count", params | {"maxlength": limit, "rows": 4, "threshold": 75} | _count_words(limit)
        )
    return Control("input", params)


def _autocomplete(question: Question, about_me: bool) -> str | None:
    """What a browser may fill in; somebody filling in for the patient has another name and birthday."""
    theirs = question.contact in ("name", "birth_date") and not about_me
    return None if question.contact is None or theirs else AUTOCOMPLETE.get(question.contact)


def _count_words(limit: int) -> dict[str, Any]:
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


def _date(field: AnswerField, about_me: bool) -> Control:
    token = _autocomplete(field.question, about_me)
    names = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    items = []
    for part in DATE_PARTS:
        classes = f"govuk-input--width-{DATE_WIDTH[part]}"
        if field.errors and (part in field.wrong_parts or not field.wrong_parts):
            classes += " govuk-input--error"
        item = {"id": part_name(part), "name": part_name(part), "label": names[part], "classes": classes}
        item |= {"value": _typed(field, part)} | ({"autocomplete": f"{token}-{part}"} if token else {})
        items.append(item)
    return Control("date-input", {"id": NAME, "fieldset": _fieldset(field.question), "items": items})


_CONTROLS: Mapping[str, Callable[[AnswerField, bool], Control]] = {
    "radios": _radios,
    "checkboxes": _checkboxes,
    "input": _input,
    "date": _date,
}
