"""Publishing a version: what refuses it, and what is kept for ever once nothing does."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from screening.authoring import versions
from screening.core.errors import RuleSetError, Unavailable
from screening.core.findings import Problem
from screening.core.rules import RuleSet
from screening.publishing.comparing import compare
from screening.publishing.refuse import examine, page_refusals
from screening.publishing.sign import Dossier, Signatures, dossier, signatures, unreasoned, unsigned
from screening.storage import events, publications, rule_sets
from screening.storage.database import reading, writing
from screening.storage.publications import Publication
from screening.tracing.trace import trace


@dataclass(frozen=True)
class Candidate:
    """What somebody wants to publish, and the treatment page as it is now."""

    file: Path
    rule_set: RuleSet
    page: Path | None


@dataclass(frozen=True)
class PublishOutcome:
    """Refused with problems, or published; `again` when it had been published before.

    Then the problems are what the page has come to say since.
    """

    problems: tuple[Problem, ...] = ()
    publication: Publication | None = None
    before: Publication | None = None
    again: bool = False


def publish(engine: Engine, candidate: Candidate, *, today: date, now: datetime) -> PublishOutcome:
    """Publishes when nothing refuses it. Raises RuleSetError for unreadable files, Unavailable."""
    file, rule_set = candidate.file, candidate.rule_set
    whole = dossier(file, rule_set)
    with reading(engine) as connection:
        history = publications.history(connection, rule_set.id)
        found = signatures(connection, rule_set.id, whole.content)
        comparison = compare(connection, whole)
        recalled = publications.withdrawn(connection).versions
    if is_published(rule_set, history):
        return PublishOutcome(tuple(_outgrown(candidate, history[0])), history[0], again=True)
    problems = [
        *examine(file, rule_set, today).problems,
        *page_refusals(file, rule_set, candidate.page),
        *unsigned(whole, found),
        *_not_live(rule_set),
        *wrong_version(rule_set, history, recalled),
        *comparison.problems,
        *unreasoned(comparison.things, found.agreed),
    ]
    if problems:
        return PublishOutcome(_each_once(problems))
    publication = _publication(candidate, whole, found, today, now)
    _keep(engine, rule_set, publication, history)
    with suppress(RuleSetError):  # a help for `check` on this machine; the database is what counts
        versions.record(file, rule_set)
    return PublishOutcome(publication=publication, before=history[0] if history else None)


def _each_once(problems: list[Problem]) -> tuple[Problem, ...]:
    once: list[Problem] = []
    once += (problem for problem in problems if problem not in once)
    return tuple(sorted(once, key=lambda problem: (problem.place, problem.code)))


def is_published(rule_set: RuleSet, history: Sequence[Publication]) -> bool:
    """Whether this very content is what patients have, or will have once it begins."""
    return bool(history) and history[0].digest == rule_set.digest and not history[0].taken_back


def _outgrown(candidate: Candidate, published: Publication) -> Iterator[Problem]:
    """What the page that is given says otherwise by now than the version that patients have."""
    if candidate.page is None:
        return
    found = trace(candidate.file, candidate.rule_set, candidate.page).problems
    if found:
        what = (
            f"Version {published.version} was published on {published.published_at:%Y-%m-%d}, "
            "and the page that is given says something else. Patients still have that version."
        )
        remedy = "Mend what is told of the page, raise the version, and have it agreed to again."
        yield Problem(candidate.rule_set.at("version"), "page-changed", what, remedy)
        yield from found


def _not_live(rule_set: RuleSet) -> Iterator[Problem]:
    if rule_set.status != "live":
        what, remedy = f"This rule set says status: {rule_set.status}.", "Write status: live."
        yield Problem(
            rule_set.at("status"), "not-live", what, f"{remedy} Nobody sees it before it is published."
        )


def wrong_version(
    rule_set: RuleSet, history: Sequence[Publication], recalled: Container[tuple[str, str]]
) -> Iterator[Problem]:
    """Why its number cannot be published any more; `recalled` are rule sets with their versions."""
    version, place = rule_set.version, rule_set.at("version")
    raise_it = "Raise the version, and have it agreed to again."
    if (rule_set.id, version) in recalled:
        yield Problem(place, "version-retired", f"Version {version} was recalled as unsafe.", raise_it)
        return
    for past in history:
        if past.version == version and past.digest != rule_set.digest:
            what = f"Version {version} was published with other content on {past.published_at:%Y-%m-%d}."
            yield Problem(place, "version-taken", what, raise_it)
        elif past.version == version:
            gone = "was published and retired" if not past.stands else "ended when a later one was published"
            yield Problem(place, "version-retired", f"Version {version} {gone}.", raise_it)
    if history and _number(version) < _number(history[0].version):
        what = f"Version {version} comes before {history[0].version}, which was published already."
        yield Problem(place, "version-taken", what, raise_it)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _publication(
    candidate: Candidate, whole: Dossier, found: Signatures, today: date, now: datetime
) -> Publication:
    agreed, seconded, rule_set = found.agreed, found.seconded, candidate.rule_set
    assert agreed is not None  # noqa: S101  # `unsigned` says so otherwise
    assert seconded is not None  # noqa: S101  # as above
    return Publication(
        digest=rule_set.digest,
        rule_set_id=rule_set.id,
        version=rule_set.version,
        published_at=now,
        signed_name=agreed.by_name,
        signed_role=agreed.by_role,
        signed_on=agreed.at.date(),
        reasons={f"{each.about}: {each.what}": each.reason for each in agreed.reasons},
        traced=candidate.page is not None,
        begins_on=max(rule_set.effective_from or today, today),
        content=whole.content,
        signed_by=agreed.by_id,
        seconded_name=seconded.by_name,
    )


def _keep(engine: Engine, rule_set: RuleSet, publication: Publication, seen: list[Publication]) -> None:
    with writing(engine) as connection:
        if publications.history(connection, rule_set.id) != seen:
            raise Unavailable("somebody else published or retired this rule set meanwhile: run it again")
        rule_sets.archive(connection, rule_set, rule_set.document, publication.published_at)
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
