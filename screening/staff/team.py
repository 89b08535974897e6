"""The manager's pages: who works here, and what they may do."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from screening.accounts import members
from screening.accounts.access import MANAGER, person, staff, who_may
from screening.accounts.members import ShownAccount
from screening.core.errors import Refused
from screening.core.workflow import DESK, ROLES
from screening.desk.desk import actor
from screening.staff import refusals
from screening.staff.after_sign_in import take_up
from screening.staff.showing import page
from screening.web.door import service
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext

LONGEST_NAME = 100


def role_names() -> dict[str, str]:
    """The roles as people say them, with what each may do."""
    return {
        "reception": _("Reception"),
        "clinician": _("Clinician"),
        "manager": _("Manager"),
        "auditor": _("Auditor"),
    }


def role_hints() -> dict[str, str]:
    """What a role may do."""
    return {
        "reception": _("Works the lists and books; sees contact details"),
        "clinician": _("Reviews flags; sees health answers"),
        "manager": _("Adds people and gives them roles; sees no health answers"),
        "auditor": _("Reads the audit, and nothing else"),
    }


class WhoForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Who somebody is, and where they get mail."""

    name = StringField(
        validators=[InputRequired(lazy_gettext("Enter a name")), Length(max=LONGEST_NAME)],
        filters=[lambda text: text.strip() if text else text],
    )
    email = EmailField(validators=[InputRequired(lazy_gettext("Enter an email address"))])

    def validate_email(self, field: Any) -> None:
        """Raises ValidationError with the words for the page."""
        if not members.is_email(str(field.data)):
            raise ValidationError(_("Enter an email address in the right form, like name@example.com"))


class RolesForm(FlaskForm):  # type: ignore[misc]
    """One or more roles, and why where one opens health answers."""

    roles = SelectMultipleField(choices=list(ROLES))
    reason = StringField(validators=[Length(max=members.LONGEST_REASON)], default="")

    def validate_roles(self, field: Any) -> None:
        """Raises ValidationError with the words for the page."""
        if not field.data:
            raise ValidationError(_("Select at least one role"))


class PersonForm(WhoForm, RolesForm):
    """A new account; what is wrong is told in the order of the page."""


@staff.get("/people")
@who_may(MANAGER)
def people() -> ResponseReturnValue:
    """Everybody who works here, those who are kept out too."""
    found = [member for member in members.everyone(service()) if service().site.rows in member.sites]
    return _page("people", everyone=found, manages=lambda member: members.manages(person().sites, member))


@staff.route("/people/add", methods=["GET", "POST"])
@who_may(MANAGER)
def add_person() -> ResponseReturnValue:
    """A new account; its password is shown once, on the page that follows."""
    form = take_up(PersonForm)
    if form.validate_on_submit():
        try:
            made = members.add(
                service(),
                actor(person()),
                email=form.email.data,
                name=form.name.data,
                roles=form.roles.data,
                reason=form.reason.data,
            )
        except Refused as refusal:
            form.reason.errors = [refusals.words(refusal)]
        else:
            if made is not None:
                return _page("person_made", made=made)
            form.email.errors = [_("There is an account with this email address already")]
    return _page("person_add", form=form), 422 if form.errors else 200


@staff.route("/people/<person_id>", methods=["GET", "POST"])
@who_may(MANAGER)
def person_page(person_id: str) -> ResponseReturnValue:
    """One account, and its roles to change."""
    member = _member(person_id)
    form = take_up(RolesForm, data={"roles": list(member.roles)})
    if form.validate_on_submit():
        if request.form.get("seen", _seen(member)) != _seen(member):
            form.roles.errors = [_changed_meanwhile(member)]
        elif _is_me(member) and MANAGER not in form.roles.data:
            form.roles.errors = [_("You cannot take the role of manager from yourself: ask another manager")]
        elif _gave(member, form):
            return see_other(url_for("staff.people"))
    more = {"treatments": _treatments(member), "clinics": _clinics(member)}
    shown = _page("person", member=member, seen=_seen(member), form=form, is_me=_is_me(member), **more)
    return shown, 422 if form.errors else 200


def _clinics(member: ShownAccount) -> list[dict[str, object]]:
    """Where they could work: at those of the manager; nothing where there is one, or to oneself."""
    theirs = [site for site in service().sites.each if site.rows in person().sites]
    if _is_me(member) or len(theirs) < 2:
        return []
    return [{"value": site.key, "text": site.name, "checked": site.rows in member.sites} for site in theirs]


@staff.post("/people/<person_id>/clinics")
@who_may(MANAGER)
def set_clinics(person_id: str) -> ResponseReturnValue:
    """Where somebody works; a manager gives no clinic but their own ones."""
    member, keys = _member(person_id), request.form.getlist("clinics")
    chosen = {site.rows for site in service().sites.each if site.key in keys and site.rows in person().sites}
    members.set_sites(service(), actor(person()), member, chosen)
    return see_other(url_for("staff.people"))


def _seen(member: ShownAccount) -> str:
    return " ".join(sorted(member.roles))


def _changed_meanwhile(member: ShownAccount) -> str:
    """Sending it again is then a decision of its own."""
    roles = ", ".join(role_names()[role] for role in sorted(member.roles))
    return _("Somebody changed the roles since you opened this page. They are now: %(roles)s", roles=roles)


def _treatments(member: ShownAccount) -> list[dict[str, object]]:
    """What there is to deal with, for who works at the desk."""
    if set(DESK).isdisjoint(member.roles):
        return []
    theirs = members.treatments_of(service(), member)
    return [
        {"value": offered.id, "text": offered.title, "checked": offered.id in theirs}
        for offered in service().treatments()
    ]


@staff.post("/people/<person_id>/team")
@who_may(MANAGER)
def set_team(person_id: str) -> ResponseReturnValue:
    """The treatments that somebody deals with. What the page cannot show, as another clinic's, stays."""
    member, known = _member(person_id), {offered.id for offered in service().treatments()}
    chosen = known.intersection(request.form.getlist("treatments"))
    unseen = set(members.treatments_of(service(), member)) - known
    members.set_treatments(service(), actor(person()), member, chosen | unseen)
    return see_other(url_for("staff.person_page", person_id=person_id))


@staff.get("/people/<person_id>/confirm/<action>")
@who_may(MANAGER)
def confirm_person(person_id: str, action: str) -> ResponseReturnValue:
    """Asks once before somebody is kept out, or their way in is taken."""
    member = _member(person_id)
    heading, about, endpoint = confirmations().get(action) or abort(404)
    if _is_me(member) and action != "reset-second-factor":
        abort(404)
    does = url_for(endpoint, person_id=person_id)
    return _page("person_confirm", member=member, heading=heading, about=about, action=does)


def confirmations() -> dict[str, tuple[str, str, str]]:
    """What is asked, what it does, and the page that does it."""
    return {
        "disable": (
            _("Disable this account?"),
            _("They are signed out now and cannot sign in again. Their open requests stay theirs."),
            "staff.disable_person",
        ),
        "reset": (
            _("Reset password and second factor?"),
            _("They are signed out now. The old password, app, passkeys and recovery codes no longer work."),
            "staff.reset_person",
        ),
        "reset-second-factor": (
            _("Reset second factor?"),
            _("They are signed out now, and set up a new app at the next sign-in; passkeys and codes go."),
            "staff.reset_second_factor",
        ),
    }


def _gave(member: ShownAccount, form: RolesForm) -> bool:
    """Whether they have the roles now; where not, the form says why."""
    try:
        members.set_roles(service(), actor(person()), member, form.roles.data, form.reason.data)
    except Refused as refusal:
        wrong = form.roles if refusal.code == "own_role" else form.reason
        wrong.errors = [refusals.words(refusal)]
        return False
    return True


@staff.post("/people/<person_id>/disable")
@who_may(MANAGER)
def disable_person(person_id: str) -> ResponseReturnValue:
    """Keep somebody out, now."""
    return _set_active(person_id, active=False)


@staff.post("/people/<person_id>/enable")
@who_may(MANAGER)
def enable_person(person_id: str) -> ResponseReturnValue:
    """Let somebody in again."""
    return _set_active(person_id, active=True)


@staff.post("/people/<person_id>/reset-second-factor")
@who_may(MANAGER)
def reset_second_factor(person_id: str) -> ResponseReturnValue:
    """For a lost phone: the next sign-in sets a new one up."""
    members.reset_second_factor(service(), actor(person()), _member(person_id))
    return see_other(url_for("staff.person_page", person_id=person_id))


@staff.post("/people/<person_id>/reset")
@who_may(MANAGER)
def reset_person(person_id: str) -> ResponseReturnValue:
    """For a forgotten password: a new one, shown once, and a new second factor."""
    member = _member(person_id)
    if _is_me(member):
        abort(404)
    return _page("person_made", made=members.reset(service(), actor(person()), member))


def _set_active(person_id: str, *, active: bool) -> ResponseReturnValue:
    member = _member(person_id)
    if _is_me(member):  # the page offers no button for it
        abort(404)
    members.set_active(service(), actor(person()), member, active=active)
    return see_other(url_for("staff.person_page", person_id=person_id))


def _page(name: str, **context: Any) -> str:
    words = {"role_names": role_names(), "role_hints": role_hints()}
    once_hours = int(members.ONCE_WITHIN.total_seconds() // 3600)
    return page(name, once_hours=once_hours, **words, **context)


def _member(person_id: str) -> ShownAccount:
    found = members.find(service(), id=person_id)
    if found is None or not members.manages(person().sites, found):
        abort(404)
    return found


def _is_me(member: ShownAccount) -> bool:
    return member.id == person().id
