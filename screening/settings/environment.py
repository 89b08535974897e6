"""Settings from the environment variables SCREENING_*: all that is wrong with them is told at once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from screening.core.errors import NotReady
from screening.settings import PREFIX, SHORTEST_SECRET, Settings, variable
from screening.settings.clinic_time import promised_by

TESTS = f"{PREFIX}TEST_"  # what the test suite is told, not the service
_PYDANTICS = "Value error, "  # its own words before ours
LONGEST_RETURN = 21  # characters before the @ of the return address: a token goes in


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, `given` first.

    Raises NotReady that names every variable that is wrong or unknown, each with what to do; a name that
    was given counts as its variable.
    """
    wrong = list(_unknown([*os.environ, *map(variable, given)]))
    try:
        settings = Settings(**(_in_environment() | given))
    except ValidationError as error:
        wrong += [
            f"{variable(str(fault['loc'][0]))}: {fault['msg'].removeprefix(_PYDANTICS)}."
            for fault in error.errors()
            if fault["type"] != "extra_forbidden"  # `_unknown` says it, with a remedy
        ]
        raise NotReady("\n".join(wrong)) from None
    wrong += _at_odds(settings)
    if wrong:
        raise NotReady("\n".join(wrong))
    return settings


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


def _at_odds(settings: Settings) -> Iterator[str]:
    """Settings that are right by themselves and not together."""
    if not settings.trial and {"clinic_name", "clinic_phone"} - settings.model_fields_set:
        yield (
            "SCREENING_TRIAL=false: patients need somebody to call. "
            "Set SCREENING_CLINIC_NAME and SCREENING_CLINIC_PHONE."
        )
    try:
        promised_by(settings, datetime.now(UTC))
    except ValueError as error:
        yield f"SCREENING_PROMISE_HOURS: cannot be kept, {error}. Lower it, or mend SCREENING_WORKING_HOURS."
    if settings.smtp_host and not settings.mail_from:
        yield "SCREENING_SMTP_HOST: mail needs a sender. Set SCREENING_MAIL_FROM beside it."
    if len(settings.mail_return.partition("@")[0]) > LONGEST_RETURN or "," in settings.mail_return:
        yield (
            "SCREENING_MAIL_RETURN: 42 letters go into it, and 64 are the most before the @. "
            f"Use one address with {LONGEST_RETURN} letters or fewer there."
        )
    if settings.smtp_tls == "none" and settings.smtp_host not in ("", "localhost", "127.0.0.1", "::1"):
        yield (
            "SCREENING_SMTP_TLS: without TLS the mail server must be on this machine. "
            "Set SCREENING_SMTP_TLS=starttls."
        )
    if settings.secret_key and len(settings.secret_key) < SHORTEST_SECRET:
        yield f"SCREENING_SECRET_KEY: is too short. Use {SHORTEST_SECRET} random characters or more."
