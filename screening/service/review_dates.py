"""Notices that a rule set is to be reviewed by a clinician: before its `review_by`, and after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from screening.core.outlines import Outline
from screening.service.premises import Premises
from screening.service.recording import recording
from screening.settings.clinic_time import calendar_of
from screening.settings.kinds import addresses
from screening.storage import outbox
from screening.storage.database import reading
from screening.storage.outbox import Notice

KIND = "rule_set_review"
BEFORE = (7, 30)  # days
AFTER = 30  # days from one notice to the next, as long as it stays in use


@dataclass(frozen=True, slots=True)
class ToReview:
    """What a notice says: which rule set, by when, whether that is over, and whether it stopped."""

    title: str
    version: str
    review_by: date
    past: bool
    stopped: bool


def note(service: Premises) -> None:
    """Put the notices that are due today into the outbox, each once to each address, for when the clinic is
    open. Raises Unavailable."""
    due = list(_due(service, service.today()))
    if not due:
        return
    with reading(service.engine) as connection:
        known = outbox.known(connection, [once for once, _address in due])
    calendar = calendar_of(service.settings)
    with recording(service) as recorder:
        now = recorder.now
        at = now if calendar.is_open(now) else calendar.next_opening(now)
        for once, address in due:
            if once not in known:
                outbox.put(recorder.connection, KIND, now=now, due_at=at, once=once, address=address)


def about(service: Premises, notice: Notice) -> ToReview | None:
    """What to say; nothing of a rule set that is not in use any more."""
    digest = notice.once.split(":")[1]
    in_use = service.library.in_use(service.today())
    found = next((rule_set for rule_set in in_use if rule_set.digest == digest), None)
    if found is None or found.review_by is None:
        return None
    past = found.review_by < service.today()
    stopped = past and service.settings.stop_past_review
    return ToReview(found.title, found.version, found.review_by, past, stopped)


def _due(service: Premises, today: date) -> Iterator[tuple[str, str]]:
    settings = service.settings
    told = dict.fromkeys((*addresses(settings.mail_managers), *addresses(settings.mail_clinicians)))
    for rule_set in service.library.in_use(today):
        if (stage := _stage(rule_set, today)) is not None:
            yield from ((f"{KIND}:{rule_set.digest}:{stage}:{address}", address) for address in told)


def _stage(rule_set: Outline, today: date) -> str | None:
    """Which notice of the series it is time for; a service that was away sends the newest only."""
    if rule_set.review_by is None:
        return None
    left = (rule_set.review_by - today).days
    if left < 0:
        return f"past{(-left - 1) // AFTER}"
    return next((f"before{days}" for days in BEFORE if left <= days), None)
