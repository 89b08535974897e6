"""Away and back: who is, who stands in, and what became of each of their requests."""

from __future__ import annotations

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from screening.accounts.access import CLINICIAN, RECEPTION, StaffPerson, person, staff, who_may
from screening.core.errors import Refused
from screening.desk import away
from screening.staff import refusals
from screening.staff.after_sign_in import comes_back, take_up
from screening.staff.fields import ListField, drawn, errors_of, needed
from screening.staff.many_pages import results_page
from screening.staff.owners import names_apart
from screening.staff.showing import colleagues, desk, page
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l


class AwayForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Who, and who has their requests meanwhile."""

    whose = ListField(_l("Who is away?"), needed(_l("Select who is away")), default="")
    stand_in = ListField(
        _l("Who takes their requests meanwhile?"), needed(_l("Select who takes their requests")), default=""
    )

    def offer(self) -> None:
        """Everybody at the desk."""
        names = names_apart(colleagues())
        self.whose.offered = {"": _("Select a person")} | names
        self.stand_in.offered = {"": _("Select a person")} | names


comes_back("staff.away_page", _l("Away and back"), AwayForm)


@staff.route("/away", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN)
def away_page() -> ResponseReturnValue:
    """Who is away; and to say that somebody is."""
    form = take_up(AwayForm)
    form.offer()
    errors: list[dict[str, str]] = []
    if form.validate_on_submit():
        whose, stand_in = _colleague(form.whose.data), _colleague(form.stand_in.data)
        try:
            dealt = away.go_away(desk(), person(), whose, stand_in)
        except Refused as refusal:
            errors = [{"text": refusals.words(refusal), "href": "#stand_in"}]
        else:
            heading = _("%(name)s is away, %(other)s stands in", name=whose.name, other=stand_in.name)
            return results_page(heading, dealt, url_for("staff.away_page"))
    elif not form.is_submitted() and not form.whose.data:
        form.whose.data = person().id
    errors = errors or errors_of(form)
    lines = [line for line in away.absences(desk(), colleagues()) if line.since is not None]
    fields = drawn(form)
    return page("away", lines=lines, fields=fields, errors=errors), 422 if errors else 200


@staff.post("/away/<person_id>/back")
@who_may(RECEPTION, CLINICIAN)
def back(person_id: str) -> ResponseReturnValue:
    """They are here again."""
    whose = _colleague(person_id)
    dealt = away.come_back(desk(), person(), whose)
    return results_page(_("%(name)s is back", name=whose.name), dealt, url_for("staff.away_page"))


def _colleague(person_id: str) -> StaffPerson:
    return next((one for one in colleagues() if one.id == person_id), None) or abort(404)
