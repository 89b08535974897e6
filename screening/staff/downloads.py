"""What leaves the screen: the letter, its print page, and exports. Each is in the audit."""

from __future__ import annotations

from typing import Any

from flask import request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from screening.accounts.access import CLINICIAN, MANAGER, RECEPTION, person, staff, who_may
from screening.core.errors import Refused
from screening.desk import clinician, outgoing
from screening.desk.shapes import Filters
from screening.staff import refusals
from screening.staff.after_sign_in import comes_back, take_up
from screening.staff.fields import ChoiceField, ListField, drawn, errors_of, line_field, needed
from screening.staff.inbox import statuses, treatments
from screening.staff.request_page import links_to
from screening.staff.review_page import flags_of, sections_of
from screening.staff.showing import desk, page, reference_of, sent
from screening.web.words import gettext
from screening.web.words import lazy_gettext as _l


@staff.get("/requests/<reference>/letter.pdf")
@who_may(CLINICIAN)
def letter(reference: str) -> ResponseReturnValue:
    """The consultation request as a PDF; with `?for=patient` their own copy."""
    for_patient = request.args.get("for") == "patient"
    made = outgoing.letter(desk(), person(), reference_of(reference), for_patient=for_patient)
    return sent(made, made.content)


@staff.get("/requests/<reference>/print")
@who_may(CLINICIAN)
def print_page(reference: str) -> ResponseReturnValue:
    """The same as a page to print, flags first."""
    found = clinician.review(desk(), person(), reference_of(reference), "printed")
    back = url_for("staff.review", reference=found.request.row.reference)
    return page(
        "print",
        found=found,
        row=found.request.row,
        flags=flags_of(found),
        sections=sections_of(found),
        links=links_to(found.request),
        back=back,
        made_at=desk().service.now(),
    )


class ExportForm(FlaskForm):  # type: ignore[misc]  # WTForms ships no types
    """Which requests, and how."""

    format = ChoiceField(_l("Format"), needed(_l("Select a format")))
    reason = line_field(
        _l("Why"), needed(_l("Say why")), hint=_l("It is kept in the audit: name no patient here")
    )
    status = ListField(_l("Status"), default="open")
    treatment = ListField(_l("Treatment"), default="")

    def offer(self, formats: Any) -> None:
        """What can be chosen."""
        self.format.offered = {way.name: gettext(way.label) for way in formats}
        self.status.offered = statuses()
        self.treatment.offered = treatments()


comes_back("staff.exports", _l("Export"), ExportForm)


@staff.route("/exports", methods=["GET", "POST"])
@who_may(RECEPTION, CLINICIAN, MANAGER)
def exports() -> ResponseReturnValue:
    """Choose what to export; the file is the answer, and the audit says who took it."""
    formats = outgoing.formats(person())
    form = take_up(ExportForm)
    form.offer(formats)
    errors: list[dict[str, str]] = []
    if form.validate_on_submit():
        filters = Filters(status=form.status.data, treatment=form.treatment.data)
        try:
            made = outgoing.export(desk(), person(), form.format.data, filters, reason=form.reason.data)
            return sent(made, stream_with_context(made.pieces))
        except Refused as refusal:
            errors = [{"text": refusals.words(refusal)}]
    errors = errors or errors_of(form)
    fields = drawn(form)
    return page("exports", formats=formats, fields=fields, errors=errors), 422 if errors else 200
