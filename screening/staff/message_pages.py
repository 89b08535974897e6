"""Messages to patients: the clinic's templates, which managers write, and what did not get there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from screening.accounts.access import CLINICIAN, MANAGER, RECEPTION, person, staff, who_may
from screening.core import messages as rules_of_messages
from screening.core.errors import Refused
from screening.core.messages import FIELDS, LONGEST, PARTS, QUESTION, MessageFault, MessageTemplate, sentence
from screening.desk import messages, wordings
from screening.desk.wordings import ShownTemplate
from screening.staff import message_words, refusals
from screening.staff.action_forms import ActionForm
from screening.staff.after_sign_in import comes_back, take_up
from screening.staff.fields import errors_of, line_field, render, words_field
from screening.staff.showing import desk, page
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l


class TemplateForm(ActionForm):
    """What a template says; `version` is the one that was seen."""

    label = line_field(
        _l("Name of the template"), hint=_l("Staff choose it by this. Patients do not see it.")
    )
    subject = line_field(_l("Subject of the email"))
    words = words_field(_l("Words of the email"), limit=LONGEST["words"])
    text = words_field(
        _l("Words of the text message"),
        hint=_l("Leave it empty where it is not sent as a text."),
        limit=LONGEST["text"],
    )

    def template(self, name: str) -> MessageTemplate:
        """As it was typed, with the line ends that are kept."""
        said = {part: (self[part].data or "").replace("\r\n", "\n").strip() for part in PARTS}
        return MessageTemplate(name, **said)


comes_back("staff.message_template", _l("Template of a message"), TemplateForm)


@staff.get("/messages")
@who_may(MANAGER)
def message_list() -> ResponseReturnValue:
    """The clinic's templates."""
    return page(
        "messages",
        sentence=lambda fault: sentence(fault, _),
        found=wordings.message_templates_of(desk(), person()),
        new=wordings.NEW,
    )


@staff.route("/messages/<name>", methods=["GET", "POST"])
@who_may(MANAGER)
def message_template(name: str) -> ResponseReturnValue:
    """One template, to read and to write."""
    shown = wordings.message_template(desk(), person(), name)
    form = take_up(TemplateForm)
    if not form.is_submitted():
        if not g.restored:
            _fill(form, shown)
            _mark(form, shown.wrong)
        return _form_page(form, shown)
    if not form.validate():
        return _form_page(form, shown), 422
    try:
        wordings.write_template(desk(), person(), form.template(name), form.seen)
    except Refused as refusal:
        return _refused(form, shown, refusal)
    return see_other(url_for("staff.message_list"))


def _refused(form: TemplateForm, shown: ShownTemplate, refusal: Refused) -> ResponseReturnValue:
    """Each fault beside what it is about; a colleague's change on top."""
    given = refusal.figures.get("faults")
    found = [fault for fault in given if isinstance(fault, MessageFault)] if isinstance(given, tuple) else []
    _mark(form, found)
    if found:
        return _form_page(form, shown), 422
    form.version.data = shown.version
    return _form_page(form, shown, refusals.words(refusal), _theirs(form, shown)), 409


def _theirs(form: TemplateForm, shown: ShownTemplate) -> list[tuple[str, str]]:
    """What a colleague wrote meanwhile, where it is not what stands on this form."""
    mine = dict(form.template(shown.template.id).parts())
    return [(_(PARTS[part]), words) for part, words in shown.template.parts() if words.strip() != mine[part]]


def _mark(form: TemplateForm, found: Iterable[MessageFault]) -> None:
    for fault in found:
        form[fault.part].errors = (*form[fault.part].errors, sentence(fault, _))


def _fill(form: TemplateForm, shown: ShownTemplate) -> None:
    for part, words in shown.template.parts():
        form[part].data = words
    form.version.data = shown.version


def _form_page(
    form: TemplateForm, shown: ShownTemplate, problem: str = "", theirs: Sequence[tuple[str, str]] = ()
) -> str:
    is_question = shown.template.id == QUESTION
    fields = [name for name in FIELDS if is_question or name not in rules_of_messages.OF_LINKS]
    return page(
        "message_template",
        heading=shown.template.label or _("A new template"),
        fields=[_drawn(form[name]) for name in PARTS],
        seen=form.version.data,
        errors=([{"text": problem}] if problem else []) + errors_of(form),
        theirs=theirs,
        known=[(f"{{{name}}}", _(FIELDS[name])) for name in fields],
    )


def _drawn(field: Any) -> Any:
    """With all that is wrong with it, not the first only."""
    more = {"errorMessage": {"text": " ".join(map(str, field.errors)), "visuallyHiddenText": _("Error")}}
    rows = {"rows": 12} if field.name == "words" else {}
    return render(field, **(rows | (more if field.errors else {})))


@staff.get("/undelivered")
@who_may(RECEPTION, CLINICIAN)
def undelivered() -> ResponseReturnValue:
    """Messages that did not get to a patient, until somebody did something since."""
    found = messages.not_delivered(desk(), person())
    return page("undelivered", lines=[(one, message_words.message_standing(one)) for one in found])
