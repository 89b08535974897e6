"""Settings from the environment variables SCREENING_*: all that is wrong with them is told at once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from screening.core.errors import NotReady
from screening.settings import PREFIX, SHORTEST_SECRET, Settings, variable
from screening.settings.clinic_time import promised_by

TESTS = f"{PREFIX}TEST_"  # what the test suite is told, not the service
_PYDANTICS = "Value error, "  # its own words before ours
_REMEDIES = {  # a kind of fault, as pydantic calls it -> what to write instead
    "bool_parsing": "write true or false",
    "greater_than_equal": "write {ge} or more",
    "int_from_float": "write a whole number",
    "int_parsing": "write a whole number",
    "less_than_equal": "write {le} or less",
    "literal_error": "write {expected}",
}
LONGEST_RETURN = 21  # characters before the @ of the return address: a token goes in


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, `given` first.

    Raises NotReady that names every variable that is wrong or unknown, each with what to do; a name that
    was given counts as its variable.
    """
    wrong = list(_unknown([*os.environ, *map(variable, given)]))
    asked, faults = _in_environment() | given, dict[str, str]()
    try:
        settings = Settings(**asked)
    except ValidationError as error:
        faults = {
            str(fault["loc"][0]): _told(fault)
            for fault in error.errors()
            if fault["type"] != "extra_forbidden"  # `_unknown` says it, with a remedy
        }
        settings = Settings(**{name: asked[name] for name in {*asked} & {*Settings.model_fields} - {*faults}})
    wrong += [f"{variable(name)}: {what}." for name, what in faults.items()]
    wrong += _at_odds(settings, faults)
    if wrong:
        raise NotReady("\n".join(wrong))
    return settings


def _told(fault: ErrorDetails) -> str:
    """What is wrong with a setting, without its value, which may be a secret."""
    remedy = _REMEDIES.get(fault["type"])
    return remedy.format(**fault.get("ctx", {})) if remedy else fault["msg"].removeprefix(_PYDANTICS)


def _in_environment() -> dict[str, Any]:
    """What is set there, of the settings that there are; an empty one is as if it were not."""
    found = {name.upper(): text for name, text in os.environ.items() if text}
    return {name: found[variable(name)] for name in Settings.model_fields if variable(name) in found}


def _unknown(environment: Iterable[str]) -> Iterator[str]:
    """A misspelt variable would leave its default on, silently."""
    known = list(map(variable, Settings.model_fields))
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known and not name.startswith(TESTS):
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)
            remedy = f"Did you mean {near[0]}?" if near else "Unset it: docs/settings.md has them all."
            yield f"{name}: there is no such setting. {remedy}"


def _at_odds(settings: Settings, wrong: Iterable[str]) -> Iterator[str]:
    """Settings that are right by themselves and not together; nothing is said about one that is `wrong`."""
    for names, told in _TOGETHER:
        if names.isdisjoint(wrong) and (what := told(settings)) is not None:
            yield what


def _nobody_to_call(settings: Settings) -> str | None:
    if settings.trial or {"clinic_name", "clinic_phone"} <= settings.model_fields_set:
        return None
    return (
        "SCREENING_TRIAL=false: patients need somebody to call. "
        "Set SCREENING_CLINIC_NAME and SCREENING_CLINIC_PHONE."
    )


def _promised_in_vain(settings: Settings) -> str | None:
    try:
        promised_by(settings, datetime.now(UTC))
    except ValueError as error:
        return f"SCREENING_PROMISE_HOURS: cannot be kept, {error}. Lower it, or mend SCREENING_WORKING_HOURS."
    return None


def _no_sender(settings: Settings) -> str | None:
    if not settings.smtp_host or settings.mail_from:
        return None
    return "SCREENING_SMTP_HOST: mail needs a sender. Set SCREENING_MAIL_FROM beside it."


def _return_too_long(settings: Settings) -> str | None:
    if len(settings.mail_return.partition("@")[0]) <= LONGEST_RETURN and "," not in settings.mail_return:
        return None
    return (
        "SCREENING_MAIL_RETURN: 42 letters go into it, and 64 are the most before the @. "
        f"Use one address with {LONGEST_RETURN} letters or fewer there."
    )


def _mail_in_the_clear(settings: Settings) -> str | None:
    if settings.smtp_tls != "none" or settings.smtp_host in ("", "localhost", "127.0.0.1", "::1"):
        return None
    return (
        "SCREENING_SMTP_TLS: without TLS the mail server must be on this machine. "
        "Set SCREENING_SMTP_TLS=starttls."
    )


def _short_secret(settings: Settings) -> str | None:
    if not settings.secret_key or len(settings.secret_key) >= SHORTEST_SECRET:
        return None
    return f"SCREENING_SECRET_KEY: is too short. Use {SHORTEST_SECRET} random characters or more."


_TOGETHER: tuple[tuple[frozenset[str], Callable[[Settings], str | None]], ...] = (
    (frozenset({"trial", "clinic_name", "clinic_phone"}), _nobody_to_call),
    (
        frozenset({"promise_hours", "reply_days", "working_hours", "time_zone", "holidays"}),
        _promised_in_vain,
    ),
    (frozenset({"smtp_host", "mail_from"}), _no_sender),
    (frozenset({"mail_return"}), _return_too_long),
    (frozenset({"smtp_host", "smtp_tls"}), _mail_in_the_clear),
    (frozenset({"secret_key"}), _short_secret),
)
