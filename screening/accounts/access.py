"""Who may see what: each page of the staff door declares its roles, and what declares none is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from screening.accounts import sessions
from screening.accounts.places import PREFIX
from screening.core import references
from screening.core.workflow import ROLES
from screening.service.recording import record
from screening.storage.sites import DEFAULT, this_site
from screening.storage.staff_sessions import FULL, PASSWORD, StaffSession
from screening.web.addresses import asked_for
from screening.web.door import service
from screening.web.failures import CARRIED_FIELDS, SECRET_FIELDS
from screening.web.headers import SAFE
from screening.web.redirects import see_other
from screening.web.sites import mounted as without

RECEPTION, CLINICIAN, MANAGER, AUDITOR = ROLES

staff = Blueprint("staff", __name__, url_prefix=PREFIX)

View = TypeVar("View", bound=Callable[..., Any])

# Beside the roles: who has not signed in, and who has given the password but not the second factor.
ANYBODY, HALFWAY = "anybody", "halfway"
NOBODY: frozenset[str] = frozenset()
_MEMBERS: frozenset[str] = frozenset(ROLES)

# Flask-Security's pages, which cannot declare it themselves. Those for NOBODY are as if they were absent.
SECURITY: Mapping[str, frozenset[str]] = {
    "security.login": frozenset({ANYBODY}),
    "security.logout": frozenset({ANYBODY}),
    "security.wan_signin": frozenset({ANYBODY}),
    "security.wan_signin_response": frozenset({ANYBODY}),
    "security.mf_recovery": frozenset({HALFWAY}),
    "security.two_factor_token_validation": _MEMBERS | {HALFWAY},
    "security.two_factor_setup": _MEMBERS | {HALFWAY},
    "security.verify": _MEMBERS,
    "security.change_password": _MEMBERS,
    "security.mf_recovery_codes": _MEMBERS,
    "security.wan_register": _MEMBERS,
    "security.wan_register_response": _MEMBERS,
    "security.wan_delete": _MEMBERS,
    "security.two_factor_setup_validate": NOBODY,
    "security.two_factor_rescue": NOBODY,
    "security.tf_select": NOBODY,
}
# Their own account, which is of no site.
OF_ONES_OWN = frozenset(
    {*SECURITY, "staff.account", "staff.stay", "staff.time_left", "staff.lock", "staff.locked"}
)
_BY_PASSKEY = frozenset({"security.wan_signin", "security.wan_signin_response"})
_CODE = "security.two_factor_token_validation"
_WHILE_LOCKED = frozenset({"staff.locked", "security.logout"})
_BEFORE_OWN_PASSWORD = frozenset({"security.change_password", "security.logout", "staff.stay", "staff.lock"})


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """A member of staff as pages know them: who is signed in, or a colleague. `roles` are some of ROLES."""

    id: str
    name: str
    email: str
    roles: frozenset[str]
    sites: frozenset[str] = frozenset({DEFAULT})  # where they work

    def has(self, *roles: str) -> bool:
        """Whether one of these roles is theirs."""
        return not self.roles.isdisjoint(roles)


class NotYours(Forbidden):
    """The page is for other roles: `roles` are those it declares."""

    def __init__(self, roles: frozenset[str]) -> None:
        self.roles = roles
        super().__init__()


class NotHere(Forbidden):
    """The page is of a site where whoever asks does not work."""


def who_may(*roles: str, polls: bool = False) -> Callable[[View], View]:
    """Declares who may see a page; stands below the route: `@staff.get("/inbox")`, `@who_may("reception")`.

    A page that `polls`, asked for by the script alone, does not put off the end of the session.
    """
    unknown = set(roles) - _MEMBERS - {ANYBODY}
    if unknown or not roles:
        raise ValueError(f"who_may needs some of {', '.join(ROLES)}, not {sorted(unknown)}")

    def declare(view: View) -> View:
        view.who_may = frozenset(roles)  # type: ignore[attr-defined]  # read by the guard and by the tests
        view.polls = polls  # type: ignore[attr-defined]  # as above
        return view

    return declare


def person() -> StaffPerson:
    """Who is signed in; on pages of the staff door there always is somebody."""
    found: StaffPerson = g.person
    return found


def who_asks() -> StaffPerson | None:
    """The same also after a failure that came before the guard. Raises Unavailable."""
    found: StaffPerson | None = g.get("person")
    asking = sessions.current() if found is None else None
    return _person_of(asking) if asking is not None and asking.stage == FULL else found


def _person_of(found: StaffSession) -> StaffPerson:
    return StaffPerson(found.person_id, found.name, found.email, found.roles, found.sites)


def declared(app: Flask, endpoint: str) -> frozenset[str] | None:
    """Who may see an endpoint of the staff door; None when it does not say."""
    if endpoint in SECURITY:
        return SECURITY[endpoint]
    found: frozenset[str] | None = getattr(app.view_functions.get(endpoint), "who_may", None)
    return found


def is_open(endpoint: str) -> bool:
    """Whether a page exists and the person may see it: for links."""
    who = g.get("person")
    return (
        who is not None
        and this_site() in who.sites
        and not who.roles.isdisjoint(declared(current_app, endpoint) or NOBODY)
    )


def may_see_page() -> bool:
    """Whether the guard lets in whoever asks for this page; also where a failure came before the guard.

    Raises Unavailable.
    """
    asking, allowed = sessions.current(), declared(current_app, str(request.endpoint)) or NOBODY
    if asking is None or asking.stage != FULL or asking.locked or asking.password_once:
        return False
    if this_site() not in asking.sites:
        return False
    return not asking.roles.isdisjoint(allowed)


def init_app(app: Flask) -> None:
    """Put the guard before every page under /staff, whoever registers it."""
    app.before_request(_guard)
    app.register_error_handler(NotYours, _not_yours)
    app.register_error_handler(NotHere, _not_here)


def _guard() -> ResponseReturnValue | None:
    rule = request.url_rule
    if rule is None or not (rule.rule == PREFIX or rule.rule.startswith(f"{PREFIX}/")):
        return None
    allowed = declared(current_app, str(request.endpoint))
    if not allowed:
        raise NotFound
    staff_session = sessions.current()
    _tidy_cookie(staff_session)
    if staff_session is not None and staff_session.stage == FULL:
        return _as_member(staff_session, allowed)
    if ANYBODY in allowed or (staff_session is not None and HALFWAY in allowed):
        return None
    return _sign_in_first()


def _tidy_cookie(staff_session: StaffSession | None) -> None:
    """What Flask-Security would believe of a cookie counts only while our session does."""
    if (
        staff_session is None
        or staff_session.stage != FULL
        or session.get("_user_id") != staff_session.uniquifier
    ):
        session.pop("_user_id", None)
        g.pop("_login_user", None)  # Flask-Login may have looked before us
    if (
        staff_session is None
        or staff_session.stage != PASSWORD
        or session.get("tf_user_id") != staff_session.uniquifier
    ):
        session.pop("tf_user_id", None)
    if request.endpoint in _BY_PASSKEY and not _nothing_typed():
        session.pop("tf_user_id", None)  # a passkey stands for both factors, whatever was begun before


def _as_member(staff_session: StaffSession, allowed: frozenset[str]) -> ResponseReturnValue | None:
    g.person = _person_of(staff_session)
    if staff_session.locked and request.endpoint not in _WHILE_LOCKED:
        return see_other(url_for("staff.locked", next=asked_for())) if _nothing_typed() else _ended()
    if (
        staff_session.password_once
        and request.endpoint not in _BEFORE_OWN_PASSWORD
        and not staff_session.locked
    ):
        return see_other(url_for("security.change_password"))
    if allowed == {HALFWAY}:
        return see_other(url_for("staff.account"))
    if ANYBODY not in allowed and request.endpoint not in OF_ONES_OWN:
        _keep_to_sites(g.person)
    if ANYBODY not in allowed and staff_session.roles.isdisjoint(allowed):
        raise _not_theirs(g.person, allowed & _MEMBERS)
    if not _polls():
        sessions.touch(staff_session)
    if request.endpoint == _CODE and "tf_totp_secret" not in session:
        # Flask-Security would sign out whoever comes without a reason.
        return see_other(url_for("staff.account"))
    return None


def _not_theirs(who: StaffPerson, roles: frozenset[str]) -> NotYours:
    _on_record(who, "other_roles")
    return NotYours(roles)


def _keep_to_sites(who: StaffPerson) -> None:
    """Raises NotHere at a site where they do not work."""
    if this_site() not in who.sites:
        _on_record(who, "other_site")
        raise NotHere


def _on_record(who: StaffPerson, why: str) -> None:
    """That they tried is in the audit, on the request that it was about; not each time a script asks."""
    if not _polls():
        reference = references.recognise(str((request.view_args or {}).get("reference", "")))
        page = str(request.endpoint).removeprefix("staff.")
        record(service(), "refused", (who.id, who.name), reference, tried=page, why=why)


def _polls() -> bool:
    return bool(getattr(current_app.view_functions[str(request.endpoint)], "polls", False))


def _sign_in_first() -> ResponseReturnValue:
    if _nothing_typed():
        return see_other(url_for("security.login", next=asked_for()))
    return _ended()


def _nothing_typed() -> bool:
    return request.method in SAFE


def _ended() -> ResponseReturnValue:
    """The session ended while somebody wrote: their words come back, to be sent again once signed in."""
    posted = [pair for pair in request.form.items(multi=True) if pair[0] not in SECRET_FIELDS]
    typed = [text for name, text in posted if text and name not in CARRIED_FIELDS]
    context = {"retry": posted or [("again", "1")], "typed": typed, "onward": None, "still_in": False}
    return render_template("staff/ended.html", **context), 401


def _not_yours(error: NotYours) -> ResponseReturnValue:
    return render_template("staff/not_yours.html", roles=sorted(error.roles)), 403


def _not_here(_error: NotHere) -> ResponseReturnValue:
    return render_template("staff/not_here.html", site=service().site, clinics=clinics()), 403


def clinics() -> list[tuple[str, str, bool]]:
    """Where whoever is signed in works: name, address, and whether it is this one; nothing of one alone."""
    who, sites, mounted = g.get("person"), service().sites, without()
    theirs = [site for site in sites.each if who is not None and site.rows in who.sites]
    if len(theirs) == 1 and theirs[0].rows == this_site():
        return []
    return [(site.name, f"{mounted}{site.path}{PREFIX}", site.rows == this_site()) for site in theirs]


def ends_in() -> int:
    """Seconds until the person is signed out, as things stand."""
    staff_session = sessions.current()
    if staff_session is None:
        return 0
    left = (sessions.ends_at(staff_session) - service().now()).total_seconds()
    return max(0, math.ceil(left))  # rounded up: a page that goes by it never comes too early
