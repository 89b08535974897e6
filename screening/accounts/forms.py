"""Flask-Security's forms with our words, our counters, and one answer for every wrong sign-in."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    WebAuthnRegisterForm,
    current_user,
)
from flask_security.forms import Form
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.webauthn import WebAuthnRegisterResponseForm, WebAuthnSigninResponseForm
from wtforms import EmailField, Field, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from screening.accounts import passkeys, passwords, sessions
from screening.accounts.store import Account
from screening.service.recording import record
from screening.storage.staff_sessions import PASSWORD
from screening.web.door import service
from screening.web.words import lazy_gettext as _

_LIMIT = Length(max=500)  # of what is typed in haste; longer is no password and no code
_UNDER_ANOTHER_KEY = _(
    "Codes of this app cannot be checked here any more. Use a recovery code, or ask a manager at the clinic, "
    "or whoever runs this service, to reset your second factor"
)
_password_given = InputRequired(_("Enter your password"))


class SignInForm(LoginForm):
    """Address and password; a session of its own begins here, which is worth the second factor's page."""

    email = EmailField(validators=[InputRequired(_("Enter your email address")), _LIMIT])
    password = PasswordField(validators=[_password_given, _LIMIT])
    remember = None

    def validate(self, **kwargs: Any) -> bool:
        """Nothing tells an account that does not exist from a wrong password. Raises TooManyTries."""
        if not Form.validate(self, **kwargs):
            return False
        email = str(self.email.data)
        found = current_app.extensions["security"].datastore.find_user(email=email)
        kept = found.password if found is not None and _counts(found) else None
        if not sessions.tried(email, lambda: passwords.is_right(str(self.password.data), kept)):
            _failed(found, "password")
            self.form_errors.append(_("The email address or the password is wrong"))
            return False
        self.user = found
        sessions.begin(found.member.id, PASSWORD)
        return True


class ConfirmPasswordForm(VerifyForm):
    """The password again, before something that matters."""

    password = PasswordField(validators=[_password_given, _LIMIT])

    def validate(self, **kwargs: Any) -> bool:
        """Raises TooManyTries."""
        return Form.validate(self, **kwargs) and own_password_is_right(self.password)


class OwnPasswordForm(ChangePasswordForm):
    """A new password, judged by the shipped list and by what is known of the person."""

    password = PasswordField(validators=[_password_given, _LIMIT])
    new_password = PasswordField(validators=[InputRequired(_("Enter a new password"))])
    new_password_confirm = PasswordField(validators=[InputRequired(_("Enter the new password again"))])

    def validate(self, **kwargs: Any) -> bool:
        """Raises TooManyTries."""
        if not Form.validate(self, **kwargs) or not own_password_is_right(self.password):
            return False
        self.new_password.data = passwords.normal(str(self.new_password.data))
        return self._is_good(self.new_password)

    def _is_good(self, field: Field) -> bool:
        new, about = field.data, (current_user.email, current_user.name, service().settings.clinic_name)
        if not passwords.SHORTEST <= len(new) <= passwords.LONGEST:
            field.errors = [_("Use 12 to 128 characters, for example four words")]
        elif new == passwords.normal(str(self.password.data)):
            field.errors = [_("Choose a password that is not the old one")]
        elif passwords.is_common(new, *about):
            field.errors = [_("This password is easy to guess: choose another, for example four words")]
        elif new != passwords.normal(str(self.new_password_confirm.data)):
            self.new_password_confirm.errors = [_("The two new passwords are not the same")]
        else:
            return True
        return False


class CodeForm(TwoFactorVerifyCodeForm):
    """The six digits of the authenticator app."""

    code = StringField(validators=[InputRequired(_("Enter the code from your app")), _LIMIT])

    def validate(self, **kwargs: Any) -> bool:
        """Raises TooManyTries."""
        if not Form.validate(self, **kwargs):
            return False
        security, code = current_app.extensions["security"], "".join(str(self.code.data).split())
        user: Any = self.user
        factory = security.totp_factory
        if not factory.opens(self.tf_totp_secret):
            _failed(user, "code")
            self.code.errors = [_UNDER_ANOTHER_KEY]
            return False
        if sessions.tried(user.email, lambda: factory.verify_totp(code, self.tf_totp_secret, user)):
            return True
        _failed(user, "code")
        self.code.errors = [_("The code is wrong, or was used already. Wait for the next one")]
        return False


class RecoveryForm(MfRecoveryForm):
    """One of the codes that were printed, for whoever has lost the app."""

    code = StringField(validators=[InputRequired(_("Enter a recovery code")), _LIMIT])

    def validate(self, **kwargs: Any) -> bool:
        """Takes the code away in the moment that it is found right. Raises TooManyTries."""
        if not Form.validate(self, **kwargs):
            return False
        user: Any = self.user
        self.code.data = str(self.code.data).strip().casefold()
        util = current_app.extensions["security"].mf_recovery_codes_util
        if sessions.tried(user.email, lambda: util.check_recovery_code(user, self.code.data)):
            return True
        _failed(user, "recovery code")
        self.code.errors = [_("This is not one of your recovery codes, or it was used already")]
        return False


class SetUpForm(TwoFactorSetupForm):
    """Which second factor: there is but one. (Flask-Security's own field warns under WTForms 3.3.)"""

    setup = StringField(validators=[_LIMIT])


class HelpForm(TwoFactorRescueForm):
    """Built by Flask-Security for its own page, and never shown."""

    help_setup = RadioField(choices=[])


class PasskeyForm(WebAuthnRegisterForm):
    """A name for a new passkey; it stands for the password and the second factor together."""

    usage = StringField(validators=[_LIMIT])

    def validate(self, **kwargs: Any) -> bool:
        """Whatever was sent for the usage."""
        self.usage.data = "first"
        return bool(super().validate(**kwargs))


class PasskeyMadeForm(WebAuthnRegisterResponseForm):
    """What the browser says of a new key; what it says beside the key is not kept."""

    def validate(self, **kwargs: Any) -> bool:
        """Whoever sent something else is told so on the page that follows."""
        try:
            right = bool(super().validate(**kwargs))
        except ValueError:  # rubbish where a device says who made it, which nobody asked for
            right = False
        self.extensions = ""
        if not right:
            passkeys.refuse()
        return right


class PasskeySignInForm(WebAuthnSigninResponseForm):
    """What the browser signed; counts only when it also made sure who holds the key."""

    def validate(self, **kwargs: Any) -> bool:
        """Tries are counted by address alone: no key can be guessed. Raises TooManyTries."""
        if sessions.tried(self.challenge, lambda: self._is_right(**kwargs)):
            return True
        _failed(self.user, "passkey")
        passkeys.refuse()
        return False

    def _is_right(self, **kwargs: Any) -> bool:
        """Flask-Security goes on with disabled accounts here: we do not."""
        right = bool(super().validate(**kwargs)) and self.mf_check and not self.credential.errors
        return right and passkeys.use_challenge(self.cred, self.challenge)


def _counts(user: Account) -> bool:
    """Whether the account may sign in by password now: one that was printed has its time."""
    until = user.member.password_until
    return bool(user.active) and (until is None or service().now() < until)


def own_password_is_right(field: Field) -> bool:
    """Whether it is the signed-in person's; puts the words on the field if not. Raises TooManyTries."""
    kept, typed = current_user.password, str(field.data)
    if sessions.tried(current_user.email, lambda: passwords.is_right(typed, kept)):
        return True
    _failed(current_user, "password")
    field.errors = [_("The password is wrong")]
    return False


def own_code_is_right(typed: str) -> bool:
    """Whether it is what the signed-in person's app shows now; it is used up by this. Raises TooManyTries.

    Never for an account without an app, whatever else it signed in with.
    """
    security, code = current_app.extensions["security"], "".join(typed.split())
    secret, who = current_user.tf_totp_secret, current_user
    if not secret or len(code) > _LIMIT.max:
        return False
    if sessions.tried(who.email, lambda: security.totp_factory.verify_totp(code, secret, who)):
        return True
    _failed(who, "code")
    return False


def has_app() -> bool:
    """Whether the signed-in person's account has an authenticator app."""
    return bool(current_user.tf_totp_secret)


def _failed(user: Account | Any, what: str) -> None:
    actor = (user.member.id, user.member.name) if user is not None else None
    record(service(), "sign_in_failed", actor, what=what)
