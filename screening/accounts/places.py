"""Where pages of signing in are: known to whoever has to tell them from others without loading them."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "/staff"
PLACES: Mapping[str, str] = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "CHANGE_URL": "/change-password",
    "VERIFY_URL": "/confirm-password",
    "TWO_FACTOR_SETUP_URL": "/set-up-second-factor",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/second-factor",
    "TWO_FACTOR_RESCUE_URL": "/second-factor-help",
    "TWO_FACTOR_SELECT_URL": "/second-factor-choice",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
    "MULTI_FACTOR_RECOVERY_URL": "/recovery-code",
    "WAN_REGISTER_URL": "/passkeys",
    "WAN_SIGNIN_URL": "/passkey",
    "WAN_DELETE_URL": "/forget-passkey",
    "WAN_VERIFY_URL": "/confirm-passkey",
}
# What is posted there costs a hash.
TAKE_PASSWORDS = frozenset(f"{PREFIX}{PLACES[name]}" for name in ("LOGIN_URL", "VERIFY_URL", "CHANGE_URL"))
