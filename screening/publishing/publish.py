"""Publishing a version: what refuses it, and what is kept for ever once nothing does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from screening.authoring import versions
from screening.core import complaints
from screening.core.errors import RuleSetError, Unavailable
from screening.core.findings import Problem
from screening.core.loading import from_document
from screening.core.rules import RuleSet
from screening.publishing.quieter import quieter_flags
from screening.publishing.refuse import refusals
from screening.publishing.sign import SignOff, load_sign_off, unsigned
from screening.storage import events, publications, rule_sets
from screening.storage.database import reading, writing
from screening.storage.publications import Publication


@dataclass(frozen=True)
class Candidate:
    """What somebody wants to publish; `reasons` is flag id -> why it may be quieter than before."""

    file: Path
    rule_set: RuleSet
    page: Path | None
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class PublishOutcome:
    """Refused with problems, or published; `again` when it had been published before."""

    problems: tuple[Problem, ...] = ()
    publication: Publication | None = None
    before: Publication | None = None
    again: bool = False


def publish(engine: Engine, candidate: Candidate, *, today: date, now: datetime) -> PublishOutcome:
    """Publishes when nothing refuses it. Raises RuleSetError for unreadable files, Unavailable."""
    with reading(engine) as connection:
        history = publications.history(connection, candidate.rule_set.id)
        old = _archived(connection, history)
    same = next((past for past in history if past.digest == candidate.rule_set.digest), None)
    if same is not None and same.stands:
        return PublishOutcome(publication=same, again=True)
    sign_off = load_sign_off(candidate.file)
    problems = [
        *refusals(candidate.file, candidate.rule_set, candidate.page, today),
        *_unsigned(candidate.rule_set, sign_off, today),
        *_wrong_version(candidate.rule_set, history),
        *_unreasoned(candidate, old, history),
    ]
    if problems or sign_off is None:
        return PublishOutcome(_each_once(problems))
    publication = _publication(candidate, sign_off, now)
    _keep(engine, candidate.rule_set, publication, history)
    with suppress(RuleSetError):  # a help for `check` on this machine; the database is what counts
        versions.record(candidate.file, candidate.rule_set)
    return PublishOutcome(publication=publication, before=history[0] if history else None)


def _each_once(problems: list[Problem]) -> tuple[Problem, ...]:
    once: list[Problem] = []
    once += (problem for problem in problems if problem not in once)
    return tuple(sorted(once, key=lambda problem: (problem.place, problem.code)))


def _archived(connection: Connection, history: list[Publication]) -> RuleSet | None:
    """The version published last; None where there is none, or this program can no longer read it."""
    document = rule_sets.load(connection, history[0].digest) if history else None
    try:
        return from_document(document) if document is not None else None
    except RuleSetError:
        return None


def _unsigned(rule_set: RuleSet, sign_off: SignOff | None, today: date) -> Iterator[Problem]:
    found = unsigned(rule_set, sign_off, today)
    if found is not None:
        yield found


def _wrong_version(rule_set: RuleSet, history: list[Publication]) -> Iterator[Problem]:
    version, place = rule_set.version, rule_set.place
    raise_it = "Raise the version, and have it signed off again."
    if rule_set.status == "retired":
        yield Problem(place, "version-retired", "This rule set says status: retired.", "Write status: live.")
    for past in history:
        if past.version == version and past.digest != rule_set.digest:
            what = f"Version {version} was published with other content on {past.published_at:%Y-%m-%d}."
            yield Problem(place, "version-taken", what, raise_it)
        elif past.version == version:
            yield Problem(place, "version-retired", f"Version {version} was published and retired.", raise_it)
    if history and _number(version) < _number(history[0].version):
        what = f"Version {version} comes before {history[0].version}, which was published already."
        yield Problem(place, "version-taken", what, raise_it)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _unreasoned(candidate: Candidate, old: RuleSet | None, history: list[Publication]) -> Iterator[Problem]:
    if history and old is None:
        what = f"Version {history[0].version} cannot be read by this program, so nothing can be compared."
        remedy = "Publish with the program that published it, or restore the archive of rule sets."
        yield Problem(candidate.rule_set.place, "old-unreadable", what, remedy)
        return
    quieter = quieter_flags(old, candidate.rule_set) if old is not None else {}
    for flag, problems in quieter.items():
        if not candidate.reasons.get(flag, "").strip():
            yield from problems
    for flag in candidate.reasons:
        if flag not in quieter:
            what = f'The flag "{flag}" is not quieter than before, so it needs no reason.'
            yield Problem(
                candidate.rule_set.place, "unknown-reason", what, complaints.did_you_mean(flag, quieter)
            )


def _publication(candidate: Candidate, sign_off: SignOff, now: datetime) -> Publication:
    return Publication(
        digest=candidate.rule_set.digest,
        rule_set_id=candidate.rule_set.id,
        version=candidate.rule_set.version,
        published_at=now,
        signed_name=sign_off.name,
        signed_role=sign_off.role,
        signed_on=sign_off.date,
        reasons=dict(candidate.reasons),
        traced=candidate.page is not None,
    )


def _keep(engine: Engine, rule_set: RuleSet, publication: Publication, seen: list[Publication]) -> None:
    with writing(engine) as connection:
        if publications.history(connection, rule_set.id) != seen:
            raise Unavailable("somebody else published or retired this rule set meanwhile: run it again")
        rule_sets.archive(
            connection,
            digest=rule_set.digest,
            rule_set_id=rule_set.id,
            version=rule_set.version,
            status=rule_set.status,
            document=rule_set.document,
            now=publication.published_at,
        )
        if not publications.insert(connection, publication):
            raise Unavailable("somebody else published this version meanwhile: run it again")
        _note(connection, "rules_published", publication.published_at, rule_set.id, version=rule_set.version)


def retire(engine: Engine, rule_set_id: str, *, because: str, now: datetime) -> int:
    """Takes every published version from new patients; how many there were. Raises Unavailable."""
    with writing(engine) as connection:
        retired = publications.retire(connection, rule_set_id, because=because, now=now)
        if retired:
            _note(connection, "rules_retired", now, rule_set_id)
    return retired


def _note(connection: Connection, action: str, now: datetime, rule_set_id: str, **details: str) -> None:
    told = {"rule_set": rule_set_id, **details}
    events.append(
        connection, actor="", action=action, request=None, details=told, origin="command line", now=now
    )


def history(engine: Engine, rule_set_id: str | None = None) -> list[Publication]:
    """Every version that was published, the latest first. Raises Unavailable."""
    with reading(engine) as connection:
        return publications.history(connection, rule_set_id)
