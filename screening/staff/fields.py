"""WTForms fields as the design system's components, and the few fields that staff need besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel.speaklater import LazyString
from markupsafe import Markup
from wtforms import BooleanField, Field, Form, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, StopValidation, ValidationError

from screening.core.answers import DATE_PARTS, Circumstances, Mistake, understand
from screening.core.rules import Question
from screening.web.components import Parameters, component, remembered
from screening.web.words import OwnWords, lazy_gettext
from screening.web.words import gettext as _

Offered = Mapping[str, str | LazyString]  # value -> words
NOTE_LENGTH = 2000
LINE_LENGTH = 200
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)  # nobody means others, and time zones need room
_DATE = Question(id="on", ask="on", type="date")  # read as patients' dates are, "3 March" too
_DATE_WIDTH = {"day": 2, "month": 2, "year": 4}


class DayField(Field):  # type: ignore[misc]  # WTForms ships no types
    """A day in three parts: `on-day`, `on-month`, `on-year`; `data` is a date, or None when left empty."""

    typed: dict[str, list[str]]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take the three parts as they were typed."""
        del extra_filters, data
        self.process_errors: list[str] = []
        self.data: date | None = None
        names = {part: f"{self.name}-{part}" for part in DATE_PARTS}
        self.typed = {part: formdata.getlist(name) if formdata else [] for part, name in names.items()}

    def pre_validate(self, form: object) -> None:
        """Raises StopValidation with what to do."""
        del form
        try:
            stored = understand(_DATE, self.typed, Circumstances(date.max))
        except Mistake:
            raise StopValidation(_("Enter a real date, for example 27 3 2027")) from None
        self.data = date.fromisoformat(stored)
        if not FIRST_DAY <= self.data <= LAST_DAY:
            raise StopValidation(_("Enter a real date, for example 27 3 2027"))


class MaybeDayField(DayField):
    """The same, and nothing is an answer too."""

    def pre_validate(self, form: object) -> None:
        """Raises StopValidation with what to do."""
        if any(text.strip() for texts in self.typed.values() for text in texts):
            super().pre_validate(form)


class ChoiceField(StringField):  # type: ignore[misc]  # WTForms ships no types
    """One of `offered` (value -> words), as radios; WTForms' own changes its shape with each version."""

    offered: Offered
    hints: Mapping[str, str] = {}  # value -> what stands below its words

    def __init__(self, label: Any, *checks: Any, offered: Offered | None = None, **more: Any) -> None:
        super().__init__(label, list(checks), **more)
        self.offered = offered or {}

    def pre_validate(self, form: object) -> None:
        """Raises StopValidation for what is not on the page."""
        del form
        if self.data and self.data not in self.offered:
            raise StopValidation(_("Select one of the answers on this page"))


class ListField(ChoiceField):
    """The same, as a list that opens."""


class OfferedField(StringField):  # type: ignore[misc]  # WTForms ships no types
    """A line of text that also offers some: `offered` are suggestions, and nothing else is refused."""

    offered: Sequence[str] = ()

    def __init__(self, label: Any, *checks: Any, hint: Any = "", **more: Any) -> None:
        super().__init__(label, list(checks), description=hint, filters=[_text], **more)


def needed(words: Any) -> DataRequired:
    """Must be given; `words` tell what to do."""
    return DataRequired(message=words)


def at_most(limit: int) -> Callable[[Form, Field], None]:
    """Not longer than the record keeps; the words say which box is meant."""

    def check(_form: Form, field: Field) -> None:
        if len(field.data or "") > limit:
            words = _("Use %(limit)s characters or fewer", limit=limit)
            raise ValidationError(_("%(words)s: %(ask)s", words=words, ask=field.label.text))

    return check


def words_field(label: Any, *checks: Any, hint: Any = "", limit: int = NOTE_LENGTH) -> TextAreaField:
    """Some lines of text."""
    return TextAreaField(label, [*checks, at_most(limit)], description=hint, filters=[_text])


def line_field(label: Any, *checks: Any, hint: Any = "") -> StringField:
    """One line of text."""
    return StringField(label, [*checks, at_most(LINE_LENGTH)], description=hint, filters=[_text])


def _text(typed: str | None) -> str:
    """A field that was not sent at all is an empty one."""
    return typed or ""


def render_list(field: ListField, **more: Any) -> Markup:
    """A list in which nothing can be typed, made once for what it offers now."""
    name, params = _select(field)
    return remembered(name, params | more)


def render(field: Field, **more: Any) -> Markup:
    """The field with what was typed and what is wrong with it; `more` goes to the component as it is."""
    name, params = _CONTROLS[type(field)](field)
    params["hint"] = {"text": field.description} if field.description else None
    if field.errors:
        params["errorMessage"] = {"text": field.errors[0], "visuallyHiddenText": _("Error")}
    return (component if _may_hold_typed(field) else remembered)(name, params | more)


def drawn(form: Form) -> list[Markup]:
    """All that somebody fills in."""
    return [render(field) for field in form if not isinstance(field, HiddenField)]


def _may_hold_typed(field: Field) -> bool:
    """Only `OwnWords` are kept: any others, lazy ones too, may hold what a patient typed."""
    kind = type(field)
    if kind not in _PLAIN or field.errors or (field.data and kind in _TYPED_INTO):
        return True
    choice = (*field.offered.values(), *field.hints.values()) if kind in _CHOSEN else ()
    words = (field.label.text, field.description or _NOTHING, *choice)
    return not all(isinstance(one, OwnWords) for one in words)


def errors_of(form: Form, of: str = "") -> list[dict[str, str]]:
    """For the error summary: the first thing wrong with each field, in the order of the page.

    `of`: which part of the page the form is, where other parts ask the same.
    """
    wrong = [(field, str(field.errors[0])) for field in form if field.errors]
    return [
        {"text": _("%(words)s: %(ask)s", words=words, ask=of) if of else words, "href": _href(field)}
        for field, words in wrong
    ]


def _href(field: Field) -> str:
    return f"#{field.id}-day" if isinstance(field, DayField) else f"#{field.id}"


_NOTHING = lazy_gettext("")
_TYPED_INTO, _CHOSEN = (StringField, TextAreaField), (ChoiceField, ListField)
_PLAIN = (*_TYPED_INTO, *_CHOSEN, BooleanField)

Drawn = tuple[str, Parameters]  # a component and its parameters


def _input(field: Field) -> Drawn:
    label = {"text": field.label.text, "classes": "govuk-label--s"}
    return "input", {"id": field.id, "name": field.name, "label": label, "value": field.data or ""}


def _offering(field: Field) -> Drawn:
    name, params = _input(field)
    if not field.offered:
        return name, params
    options = Markup("").join(Markup('<option value="{}">').format(text) for text in field.offered)
    found = Markup('<datalist id="{}-offered">{}</datalist>').format(field.id, options)
    attributes = {"list": f"{field.id}-offered", "autocomplete": "off"}
    return name, params | {"attributes": attributes, "formGroup": {"afterInput": {"html": found}}}


def _textarea(field: Field) -> Drawn:
    _name, params = _input(field)
    return "textarea", params | {"rows": 4}


def _select(field: Field) -> Drawn:
    items = [
        {"value": value, "text": text, "selected": value == field.data}
        for value, text in field.offered.items()
    ]
    label = {"text": field.label.text}
    return "select", {"id": field.id, "name": field.name, "label": label, "items": items}


def _radios(field: Field) -> Drawn:
    items = [
        {"value": value, "text": text, "checked": value == field.data}
        | ({"hint": {"text": field.hints[value]}} if value in field.hints else {})
        for value, text in field.offered.items()
    ]
    return "radios", {"idPrefix": field.id, "name": field.name, "fieldset": _legend(field), "items": items}


def _checkbox(field: Field) -> Drawn:
    items = [{"value": "y", "text": field.label.text, "checked": bool(field.data), "id": field.id}]
    return "checkboxes", {"idPrefix": field.id, "name": field.name, "items": items}


def _day(field: Field) -> Drawn:
    names = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    wrong = " govuk-input--error" if field.errors else ""
    items = [
        {
            "id": f"{field.id}-{part}",
            "name": f"{field.name}-{part}",
            "label": names[part],
            "classes": f"govuk-input--width-{_DATE_WIDTH[part]}{wrong}",
            "value": next(iter(field.typed[part]), ""),
        }
        for part in DATE_PARTS
    ]
    return "date-input", {"id": field.id, "fieldset": _legend(field), "items": items}


def _legend(field: Field) -> Parameters:
    return {"legend": {"text": field.label.text, "classes": "govuk-fieldset__legend--s"}}


_CONTROLS: Mapping[type[Field], Callable[[Field], Drawn]] = {
    StringField: _input,
    OfferedField: _offering,
    TextAreaField: _textarea,
    ListField: _select,
    ChoiceField: _radios,
    BooleanField: _checkbox,
    DayField: _day,
    MaybeDayField: _day,
}
