"""What patients and staff are told, and who works here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from screening.exports.pictures import NotPrintable, picture
from screening.operating.checks.check import Check, recorded, when
from screening.operating.record_facts import RecordFacts
from screening.settings import EXAMPLE_PHONE, SHORTEST_SECRET, TRANSLATIONS, Settings
from screening.settings.kinds import addresses

_FOR_STAFF = "Make one: screening staff add EMAIL --name NAME --role ROLE."


def _lacks(role: str) -> Callable[[RecordFacts], Iterable[object]]:
    return lambda record: when(role not in record.roles, f"there is no active account of the role {role}")


def _texts_amiss(settings: Settings) -> Iterator[str]:
    """Files that are named and cannot be used; a gateway without a sender."""
    if settings.sms_url and not settings.sms_from:
        yield "SCREENING_SMS_FROM is empty"
    for name, least in (("sms_token_file", 1), ("sms_secret_file", SHORTEST_SECRET)):
        file = getattr(settings, name)
        if file is not None and _length(file) < least:
            yield f"SCREENING_{name.upper()}: {file} has fewer than {least} characters, or cannot be read"


def _length(file: Path) -> int:
    try:
        return len(file.read_text().strip())
    except (OSError, ValueError):
        return 0


def _logos_amiss(settings: Settings) -> Iterator[str]:
    """A picture that letters go without, and addresses from which browsers are told to load nothing."""
    if settings.opens and settings.letter_logo is not None:
        try:
            picture(settings.letter_logo)
        except NotPrintable as error:
            yield f"SCREENING_LETTER_LOGO: {settings.letter_logo} {error}"
    for name in ("clinic_logo", "clinic_stylesheet"):
        if (address := getattr(settings, name)) and not _is_own(address, settings):
            yield f"SCREENING_{name.upper()}: {address} is not on this host"


def _is_own(address: str, settings: Settings) -> bool:
    own = f"{settings.public_address.rstrip('/')}/"
    return (address.startswith("/") and not address.startswith("//")) or (
        own != "/" and address.startswith(own)
    )


def _is_spoken(language: str) -> bool:
    """Whether the words of the pages are in it: they are written in English."""
    general = language.partition("_")[0]
    found = (TRANSLATIONS / name / "LC_MESSAGES" for name in (language, general))
    return general == "en" or any(any(folder.glob("*.mo")) for folder in found)


TOLD: tuple[Check, ...] = (
    Check(
        "trial",
        "deployed",
        lambda at: when(at.settings.trial, "SCREENING_TRIAL is true"),
        "Patients would be asked what no clinician signed off: publish the rule sets, and set it to false.",
    ),
    Check(
        "example_phone",
        "deployed",
        lambda at: when(at.settings.clinic_phone == EXAMPLE_PHONE, EXAMPLE_PHONE),
        "This number rings nowhere: set SCREENING_CLINIC_PHONE.",
    ),
    Check(
        "notice_with_gaps",
        "said",
        lambda at: when(not at.settings.trial and bool(at.settings.unsaid), ", ".join(at.settings.unsaid)),
        "The privacy notice leaves out what patients have a right to know: set them.",
    ),
    Check(
        "nameless",
        "deployed",
        lambda at: when("clinic_name" not in at.settings.model_fields_set, at.settings.clinic_name),
        "Patients are not told whose questions these are: set SCREENING_CLINIC_NAME.",
    ),
    Check(
        "no_translation",
        "said",
        lambda at: when(
            not _is_spoken(at.settings.language), f"SCREENING_LANGUAGE is {at.settings.language}"
        ),
        "Nobody has translated the pages into it: their words are English, said to be in that language, and "
        "may run from right to left. Set SCREENING_LANGUAGE=en_GB.",
    ),
    Check(
        "logo_amiss",
        "said",
        lambda at: _logos_amiss(at.settings),
        "Letters, or pages, go without it: name a picture of 1 MB at most, or an address such as /logo.svg.",
    ),
    Check(
        "no_mail",
        "deployed",
        lambda at: when(not at.settings.smtp_host, "SCREENING_SMTP_HOST is empty"),
        "Nobody is told of a new request, nor reminded of one that waits: set it, and SCREENING_MAIL_FROM.",
    ),
    Check(
        "nobody_told",
        "said",
        lambda at: [
            f"SCREENING_{name.upper()} is empty"
            for name in ("mail_reception", "mail_clinicians")
            if at.settings.smtp_host and not addresses(getattr(at.settings, name))
        ],
        "There is a mail server, and nobody to write to: set it.",
    ),
    Check(
        "texts_unset",
        "said",
        lambda at: _texts_amiss(at.settings),
        "Texts to patients do not go, or nobody learns whether they arrive: see docs/messages.md.",
    ),
    Check(
        "no_reports",
        "deployed",
        lambda at: when(
            bool(at.settings.sms_url) and at.settings.sms_secret_file is None,
            "SCREENING_SMS_SECRET_FILE is empty",
        ),
        "A text that did not arrive is not noticed: set it, and have the gateway report (docs/messages.md).",
    ),
    Check("no_clinician", "deployed", recorded(_lacks("clinician")), _FOR_STAFF),
    Check("no_reception", "deployed", recorded(_lacks("reception")), _FOR_STAFF),
    Check("no_auditor", "deployed", recorded(_lacks("auditor")), _FOR_STAFF),
    Check(
        "nothing_published",
        "deployed",
        recorded(lambda record: when(record.published == 0, "no rule set is published")),
        "A clinician signs it, then: screening rules publish RULESET (docs/publishing.md).",
    ),
    Check(
        "kept_for_ever",
        "deployed",
        lambda at: [
            f"SCREENING_{name.upper()} is 0"
            for name in ("keep_not_taken_days", "keep_finished_days")
            if not getattr(at.settings, name)
        ],
        "Requests are kept for ever: set how many days the clinic may keep them.",
    ),
)
