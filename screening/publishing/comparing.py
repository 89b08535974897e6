"""Which version a new one is held against: the one published last, or what else is offered already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from screening.core.building import from_document
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.rules import RuleSet
from screening.publishing.quieter import QuieterThing, fewer_words, quieter_things
from screening.publishing.sign import Dossier
from screening.storage import publications, rule_sets, sign_offs
from screening.storage.publications import Publication


@dataclass(frozen=True)
class VersionComparison:
    """`before` is what was published last under this id, `old` its rules where they can be read."""

    before: Publication | None
    old: RuleSet | None
    things: tuple[QuieterThing, ...]
    problems: tuple[Problem, ...] = ()


def compare(connection: Connection, whole: Dossier) -> VersionComparison:
    """What becomes quieter; a new id is held against all that is offered, for it may be an old treatment."""
    rule_set = whole.rule_set
    history = publications.history(connection)
    before = next((past for past in history if past.rule_set_id == rule_set.id), None)
    if before is None:
        return VersionComparison(None, None, tuple(_of_others(connection, rule_set, history)))
    old = archived(connection, before)
    if old is None:
        what = f"Version {before.version} cannot be read by this program, so nothing can be compared."
        remedy = "Publish with the program that published it, or restore the archive of rule sets."
        return VersionComparison(before, None, (), (Problem(rule_set.place, "old-unreadable", what, remedy),))
    agreed = sign_offs.words_agreed(connection, rule_set.id, before.content)
    words = fewer_words(rule_set, whole.words.lacking(agreed)) if agreed is not None else ()
    return VersionComparison(before, old, (*quieter_things(old, rule_set), *words))


def archived(connection: Connection, publication: Publication) -> RuleSet | None:
    """A published version; None where this program can no longer read it."""
    document = rule_sets.load(connection, publication.digest)
    try:
        return from_document(document) if document is not None else None
    except RuleSetError:
        return None


def _of_others(
    connection: Connection, rule_set: RuleSet, history: list[Publication]
) -> Iterator[QuieterThing]:
    latest = {past.rule_set_id: past for past in reversed(history) if past.stands}
    for past in latest.values():
        other = archived(connection, past)
        if other is not None:
            yield from quieter_things(other, rule_set, same_treatment=_is_same(other, rule_set))


def _is_same(other: RuleSet, rule_set: RuleSet) -> bool:
    """Whether an id is new and the treatment is not."""
    same_page = rule_set.page.url is not None and other.page.url == rule_set.page.url
    return same_page or other.title.casefold() == rule_set.title.casefold()
