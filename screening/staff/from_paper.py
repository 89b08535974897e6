"""Entry from a form on paper: what stands on it besides answers is asked first, and kept with the request."""

from __future__ import annotations

import re
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms.validators import ValidationError

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core.entries import FromPaper
from screening.staff import being_filled_in as filling
from screening.staff import desk_words
from screening.staff.after_sign_in import comes_back, take_up
from screening.staff.entry_pages import asking
from screening.staff.fields import ChoiceField, MaybeDayField, drawn, errors_of, line_field, needed
from screening.staff.showing import page
from screening.web.door import service
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

_VERSION = re.compile(r"\d{1,4}\.\d{1,4}\.\d{1,4}")


class PaperEntryForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Its version, its date, whose hand it is in, and whether somebody interpreted."""

    version = line_field(
        _l("Version of the form"),
        needed(_l("Enter the version of the form")),
        hint=_l("It is at the foot of each sheet, for example 3.0.0"),
    )
    written_on = MaybeDayField(_l("Which date is written on it? (leave this empty if there is none)"))
    by = ChoiceField(
        _l("Who wrote on it?"), needed(_l("Select who wrote on it")), offered=desk_words.WROTE_ON_PAPER
    )
    by_name = line_field(_l("Name of the person who wrote it, if not the patient"))
    interpreted = ChoiceField(
        _l("Did somebody interpret?"),
        needed(_l("Select whether somebody interpreted")),
        offered=desk_words.INTERPRETED,
    )
    interpreter = line_field(_l("Name of the interpreter, if it is given (optional)"))

    def validate_version(self, field: Any) -> None:
        """Raises ValidationError for what no version looks like."""
        if not _VERSION.fullmatch(field.data.strip()):
            raise ValidationError(_("Enter the version as three numbers with dots, for example 3.0.0"))

    def validate_written_on(self, field: Any) -> None:
        """Raises ValidationError for a day to come."""
        if field.data is not None and field.data > service().today():
            raise ValidationError(_("Enter a day that is not in the future"))

    def validate_by_name(self, field: Any) -> None:
        """Raises ValidationError where somebody else wrote it."""
        if self.by.data == "other" and not field.data.strip():
            raise ValidationError(_("Enter the name of the person who wrote it"))

    def entry(self, entered_as: str) -> FromPaper:
        """As it is kept."""
        return FromPaper(
            self.version.data.strip(),
            entered_as,
            self.written_on.data,
            self.by.data,
            self.by_name.data.strip() if self.by.data == "other" else "",
            self.interpreted.data,
            self.interpreter.data.strip() if self.interpreted.data == "yes" else "",
        )


comes_back("staff.entry_from_paper", _l("Enter from paper"), PaperEntryForm)


@staff.route("/entry/<treatment>/from-paper", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def entry_from_paper(treatment: str) -> ResponseReturnValue:
    """To begin one that somebody wrote at home, or a GP at the practice."""
    visit = service().visit(treatment, None)
    if visit is None:
        abort(404)
    form = take_up(PaperEntryForm)
    if not form.validate_on_submit():
        fields = drawn(form)
        errors = errors_of(form)
        shown = page("entry_paper", rule_set=visit.rule_set, fields=fields, errors=errors)
        return shown, 422 if errors else 200
    if filling.is_full():
        return filling.list_page(asking.to_go_on, full=True), 409
    begun = service().begin(visit, person().id, form.entry(visit.rule_set.version), {})
    return see_other(asking.to_go_on(begun))
