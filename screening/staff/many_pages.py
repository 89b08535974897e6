"""One thing to do with every request that is ticked in a list; each has its own result, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms.validators import ValidationError

from screening.accounts.access import CLINICIAN, RECEPTION, person, staff, who_may
from screening.core import references
from screening.core.errors import Absent, CannotOpen, Changed, Refused, ScreeningError
from screening.desk import many, papers, reception
from screening.desk.many import ActForEach, Dealt, Picked
from screening.staff import desk_words, refusals, work_lists
from screening.staff.after_sign_in import comes_back, taken_up
from screening.staff.fields import ListField, errors_of, line_field, render, render_list
from screening.staff.owners import names_apart
from screening.staff.showing import colleagues, desk, page, sent, since_words
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l

ACTS = {
    "take": _l("Take them"),
    "hand-over": _l("Hand them over"),
    "urgent": _l("Mark them urgent"),
    "not-urgent": _l("Mark them no longer urgent"),
    "note": _l("Write a note on each"),
    "labels": _l("Print labels (PDF)"),
    "letters": _l("Print letters (PDF, doctors and nurses only)"),
}
HAND_OVER = "hand-over"
WANT_WORDS = frozenset({"urgent", "not-urgent", "note"})
TAKE_WORDS = WANT_WORDS | {HAND_OVER}


class ManyForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """What to do, and what that needs; which requests stands in `chosen`, REFERENCE.VERSION each."""

    act = ListField(_l("With those that are ticked"), default="")
    to = ListField(_l("Hand over to"), default="")
    words = line_field(_l("Why, or the note"), hint=_l("Stands on each request: name nobody else here"))

    def offer(self) -> None:
        """What can be chosen."""
        self.act.offered = {"": _("Choose what to do")} | ACTS
        others = names_apart(one for one in colleagues() if one.id != person().id)
        self.to.offered = {"": _("Nobody")} | others

    def validate_act(self, field: Any) -> None:
        """Raises ValidationError where nothing was chosen."""
        if not field.data:
            raise ValidationError(_("Choose what to do with them"))

    def validate_to(self, field: Any) -> None:
        """Raises ValidationError where it goes to nobody."""
        if self.act.data == HAND_OVER and not field.data:
            raise ValidationError(_("Select a person"))

    def validate_words(self, field: Any) -> None:
        """Raises ValidationError where the act needs words."""
        if self.act.data in WANT_WORDS and not field.data.strip():
            raise ValidationError(_("Say why, or write the note"))


class ManyResult(NamedTuple):
    """One request's line; `why` is empty where it was done."""

    reference: str
    name: str
    why: str
    since: list[str]


comes_back("staff.do_many", _l("With those that are ticked"), ManyForm, "chosen")


def many_fields() -> list[Markup]:
    """For the foot of a list: nothing is typed there, where it could be lost; more is asked next."""
    return [render_list(_many_form().act)]


def _fields(form: ManyForm) -> list[Markup]:
    """What this act needs, whatever was typed already, and what is wrong."""
    wanted = {"act", "to"} if form.act.data == HAND_OVER else {"act"}
    wanted |= {"words"} if form.act.data in TAKE_WORDS else set()
    return [render(field) for field in form if field.name in wanted or _is_there(field)]


def _is_there(field: Any) -> bool:
    return field.name in ("to", "words") and bool(field.data or field.errors)


def _many_form(form: ManyForm | None = None) -> ManyForm:
    form = form or ManyForm()
    form.offer()
    return form


@staff.get("/requests/many")
@who_may(RECEPTION, CLINICIAN)
def many_again() -> ResponseReturnValue:
    """What was ticked and typed before a session ended; without that, the list."""
    typed = taken_up()
    if typed is None:
        return see_other(_back())
    return _again(_many_form(ManyForm(typed)), chosen(typed), [])


@staff.post("/requests/many")
@who_may(RECEPTION, CLINICIAN)
def do_many() -> ResponseReturnValue:
    """Each as if it were alone; what is refused says why, and the rest is done."""
    form, picked = _many_form(), chosen(request.form)
    if picked and form.act.data in TAKE_WORDS and form.words.name not in request.form:
        return _again(form, picked, [])  # from the list, which asks for no words
    if not form.validate() or not picked:
        nothing = [{"text": refusals.words(Refused("none_chosen")), "href": "#chosen"}]
        errors = errors_of(form) if picked else nothing
        return _again(form, picked, errors), 422
    if form.act.data in ("labels", "letters"):
        make = papers.labels if form.act.data == "labels" else papers.letters
        made = make(desk(), person(), [one.reference for one in picked])
        return sent(made, made.pieces)
    return results_page(str(ACTS[form.act.data]), many.each(desk(), person(), picked, _act(form)))


def chosen(typed: MultiDict[str, str]) -> list[Picked]:
    """What was ticked, each once; what is no reference with a version is left out."""
    found = {}
    for text in typed.getlist("chosen"):
        written, _dot, version = text.partition(".")
        reference = references.recognise(written)
        if reference is not None and version.isdecimal() and len(version) < 10:
            found[reference] = Picked(reference, int(version))
    return list(found.values())


def _act(form: ManyForm) -> ActForEach:
    at, who, said = desk(), person(), form.words.data.strip()
    to = next((one for one in colleagues() if one.id == form.to.data), person())
    acts: dict[str, ActForEach] = {
        "take": lambda ref, seen: reception.take(at, who, ref, seen),
        "hand-over": lambda ref, seen: reception.hand_over(at, who, ref, seen, to, said),
        "urgent": lambda ref, seen: reception.mark_urgent(at, who, ref, seen, said),
        "not-urgent": lambda ref, seen: reception.unmark_urgent(at, who, ref, seen, said),
        "note": lambda ref, seen: reception.write_note(at, who, ref, seen, said),
    }
    return acts[form.act.data]


def _again(form: ManyForm, picked: Sequence[Picked], errors: list[dict[str, str]]) -> str:
    return page("many", picked=picked, fields=_fields(form), errors=errors, back=_back())


def _back() -> str:
    return work_lists.way_back("").partition("#")[0] or url_for("staff.inbox")


def results_page(heading: str, dealt: Iterable[Dealt], back: str = "") -> str:
    """What became of each: those that were refused first, with the reason."""
    results = [_result(one) for one in dealt]
    refused = [one for one in results if one.why]
    done = [one for one in results if not one.why]
    return page("many_done", heading=heading, done=done, refused=refused, back=back or _back())


def _result(dealt: Dealt) -> ManyResult:
    since = since_words(dealt.why.since) if isinstance(dealt.why, Changed) else []
    return ManyResult(dealt.reference, dealt.name, _why(dealt.why), since)


def _why(why: ScreeningError | None) -> str:
    """In words."""
    if why is None:
        return ""
    if isinstance(why, Changed):
        return _("Somebody changed this request since you opened the list.")
    if isinstance(why, Refused):
        return refusals.words(why)
    if isinstance(why, Absent):
        return _("There is no such request any more.")
    if isinstance(why, CannotOpen):
        return str(desk_words.DOES_NOT_OPEN)
    return _("It could not be kept just now. Try this one again.")
