"""Flask-Security, cut down to what is used: its pages under /staff, our forms, templates and counters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g, render_template
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out
from flask_login.utils import _user_context_processor
from flask_security import Security, tf_profile_changed, user_authenticated
from werkzeug.wrappers import Response
from wtforms import Form

from screening.accounts import factors, forms, passkeys, sessions
from screening.accounts.places import PLACES, PREFIX
from screening.accounts.second_factors import encrypt_again, recovery_keys, totp_secrets
from screening.accounts.store import Account, Store, actor
from screening.service.held_keys import secret_before
from screening.service.recording import record, recording
from screening.storage import colleagues
from screening.storage.staff_sessions import FULL, TRIES_WITHIN
from screening.web.door import service, service_of

ISSUER_LIMIT = 40  # an authenticator app has little room
FRESH = timedelta(minutes=10)  # how long ago the password may have been given for what matters


def init_app(app: Flask) -> None:
    """Sign-in, sign-out, password, second factor, recovery codes and passkeys."""
    key = str(app.secret_key)
    settings = service_of(app).settings
    before, clinic = secret_before(settings), settings.clinic_name
    if before:
        encrypt_again(service_of(app), key, before)
    app.config.update({f"SECURITY_{name}": value for name, value in _config(key, before, clinic).items()})
    security = Security(app, Store(service_of(app)), **_OURS)
    security.want_json(_never)
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]  # Flask-Login puts it there
    _load_nobody_unasked(app, security)
    security.wan_serializer = passkeys.ceremonies(app)
    security.wan_signin_context_processor(passkeys.was_refused)
    security.wan_register_context_processor(passkeys.was_refused)
    user_authenticated.connect(_signed_in, app)
    tf_profile_changed.connect(_second_factor_changed, app)
    user_logged_out.connect(_signed_out, app)
    app.register_error_handler(sessions.TooManyTries, _wait)


def _load_nobody_unasked(app: Flask, security: Security) -> None:
    """Whose page it is says our session: who is loaded besides, hash and all, is loaded where it is used."""
    security.principal.identity_loaders.clear()
    # Private: Flask-Login has a switch for it, which Flask-Security does not pass on.
    app.template_context_processors[None].remove(_user_context_processor)
    app.context_processor(lambda: {"current_user": None})


def _nobody(_request: object) -> None:
    """Who has no session is nobody: tokens in requests, which Flask-Security looks for, are not used."""


def _config(key: str, before: str, clinic: str) -> dict[str, object]:
    return (
        _FEATURES
        | dict(PLACES)
        | _VIEWS
        | _TEMPLATES
        | {
            "TOTP_SECRETS": totp_secrets(key, before),
            "TOTP_ISSUER": issuer(clinic),
            "MULTI_FACTOR_RECOVERY_CODES_KEYS": recovery_keys(key, before),
            "PASSWORD_SALT": "",  # argon2id has one of its own
            "WAN_RP_NAME": clinic,
            "DATETIME_FACTORY": lambda: service().now(),
        }
    )


def issuer(clinic: str) -> str:
    """The clinic as an authenticator app shows it; a colon would end it."""
    return clinic.replace(":", " ")[:ISSUER_LIMIT]


_FEATURES: dict[str, object] = {
    "URL_PREFIX": PREFIX,
    "CACHE_CONTROL": None,  # ours is on every page; its own reads `no-store=True`, which no cache knows
    "STATIC_FOLDER": None,
    "FLASH_MESSAGES": False,
    "API_ENABLED_METHODS": ["session"],
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
    "PASSWORD_HASH": "argon2",
    "PASSWORD_SCHEMES": ["argon2"],
    "PASSWORD_SINGLE_HASH": {"argon2"},
    "CHANGEABLE": True,
    "SEND_PASSWORD_CHANGE_EMAIL": False,
    "TWO_FACTOR": True,
    "TWO_FACTOR_REQUIRED": True,
    "TWO_FACTOR_ALWAYS_VALIDATE": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 10,
    "WEBAUTHN": True,
    "WAN_ALLOW_AS_FIRST_FACTOR": True,
    "WAN_ALLOW_AS_MULTI_FACTOR": True,
    "WAN_ALLOW_USER_HINTS": False,
    "WAN_ALLOW_AS_VERIFY": None,
    "WAN_REGISTER_WITHIN": FRESH,
    "FRESHNESS": FRESH,
    "FRESHNESS_GRACE_PERIOD": timedelta(0),
    "LOGOUT_METHODS": ["POST"],
}
_VIEWS = {
    "POST_LOGIN_VIEW": "staff.home",
    "POST_LOGOUT_VIEW": "security.login",
    "POST_CHANGE_VIEW": "staff.account",
    "POST_VERIFY_VIEW": "staff.account",
    "TWO_FACTOR_POST_SETUP_VIEW": "staff.account",
    "TWO_FACTOR_ERROR_VIEW": "security.login",
    "WAN_POST_REGISTER_VIEW": "security.wan_register",
}
_TEMPLATES = {
    "LOGIN_USER_TEMPLATE": "staff/sign_in.html",
    "VERIFY_TEMPLATE": "staff/confirm_password.html",
    "CHANGE_PASSWORD_TEMPLATE": "staff/change_password.html",
    "TWO_FACTOR_SETUP_TEMPLATE": "staff/set_up_second_factor.html",
    "TWO_FACTOR_VERIFY_CODE_TEMPLATE": "staff/second_factor.html",
    "MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "staff/recovery_codes.html",
    "MULTI_FACTOR_RECOVERY_TEMPLATE": "staff/recovery.html",
    "WAN_REGISTER_TEMPLATE": "staff/passkeys.html",
    "WAN_SIGNIN_TEMPLATE": "staff/passkey_sign_in.html",
}


def _render(template: str, **context: Any) -> ResponseReturnValue:
    """A page; 422 where one of its forms was sent with a mistake, so that scripts and tests can tell."""
    wrong = any(isinstance(value, Form) and value.errors for value in context.values())
    return current_app.make_response((render_template(template, **context), 422 if wrong else 200))


_OURS: dict[str, Any] = {  # keywords of Flask-Security
    "render_template": _render,
    "login_form": forms.SignInForm,
    "verify_form": forms.ConfirmPasswordForm,
    "change_password_form": forms.OwnPasswordForm,
    "two_factor_setup_form": forms.SetUpForm,
    "two_factor_rescue_form": forms.HelpForm,
    "two_factor_verify_code_form": forms.CodeForm,
    "mf_recovery_form": forms.RecoveryForm,
    "wan_register_form": forms.PasskeyForm,
    "wan_register_response_form": forms.PasskeyMadeForm,
    "wan_signin_response_form": forms.PasskeySignInForm,
    "totp_cls": factors.Codes,
    "webauthn_util_cls": passkeys.Passkeys,
    "mf_recovery_codes_util_cls": factors.RecoveryCodes,
}


def _never(_request: Any) -> bool:
    """Our pages are for people: no answer in JSON."""
    return False


def _signed_in(_app: Flask, user: Account, authn_via: list[str] | None = None, **_more: Any) -> None:
    """Everything is shown that must be: the session that counts begins. Also after a change of password."""
    if authn_via == ["change"]:
        sessions.go_on(user.member.id)
    else:
        sessions.begin(user.member.id, FULL)
        with recording(service()) as recorder:
            colleagues.signed_in(recorder.connection, user.member.id, recorder.now)
            recorder.note("signed_in", actor(user))


def _second_factor_changed(_app: Flask, user: Account, **_more: Any) -> None:
    """The change ended all their sessions: this one, which made it, goes on under another id."""
    sessions.go_on(user.member.id)


def _signed_out(_app: Flask, **_more: Any) -> None:
    who = g.get("person")
    sessions.end()
    if who is not None:
        record(service(), "signed_out", (who.id, who.name))


def _wait(_error: sessions.TooManyTries) -> ResponseReturnValue:
    minutes = int(TRIES_WITHIN.total_seconds() // 60)
    response: Response = current_app.make_response((render_template("staff/wait.html", minutes=minutes), 429))
    response.headers["Retry-After"] = str(minutes * 60)
    return response
