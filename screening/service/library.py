"""The rule sets in use: those in the rules folder, and those that a draft or request still pins."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import reduce
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine

from screening.core.building import from_document
from screening.core.errors import RuleSetError, Unavailable
from screening.core.loading import load_folder, load_words
from screening.core.rules import RuleSet
from screening.core.word_lists import LostName, WordLists
from screening.proving.prove import prove, serious
from screening.settings import shipped
from screening.storage import publications, rule_sets, sign_offs
from screening.storage.database import reading, writing
from screening.storage.publications import Publication, Withdrawn

FRESH = 5.0  # seconds for which what was published, or retired, elsewhere may go unseen


class Library:
    """Rule sets by id (the folder's) and by digest (every one ever loaded, from the archive).

    Without `trial`, patients start what was published last and has begun, whatever else the folder holds
    by now: another content of the same id waits until it is published, and is in nobody's way. With
    `stop_past_review`, nobody starts one after the day by which a clinician was to look at it again.
    """

    def __init__(
        self, folder: Path, engine: Engine, *, trial: bool = True, stop_past_review: bool = False
    ) -> None:
        self._folder = folder
        self._engine = engine
        self._trial = trial
        self._stop_past_review = stop_past_review
        self._lock = Lock()
        self._current: dict[str, RuleSet] = {}
        self._by_digest: dict[str, RuleSet] = {}
        self._proved: set[str] = set()  # digests, so that a reload proves only what changed
        self._published: Mapping[str, Publication] = {}  # by digest, the latest first
        self._in_force: dict[str, RuleSet | None] = {}  # by digest; None for what cannot be served
        self._withdrawn = Withdrawn()
        self._looked = -FRESH
        self.words = WordLists()  # of now, and what was agreed to, for whatever was sent, however long ago
        self.lost_words: tuple[LostName, ...] = ()  # agreed to, and in the folder's lists no more

    def load(self, now: datetime) -> None:
        """Read the folder and archive what it holds; on a problem nothing changes.

        Raises RuleSetError, also for a live rule set that would be served and cannot be proved safe.
        """
        found = self.read()
        words = self.read_words(found)
        with reading(self._engine) as connection:
            published = _published(connection)
            agreed = list(_words_agreed(connection, published.values(), now.date()))
        self._prove([each for each in found if self._trial or each.digest in published])
        with writing(self._engine) as connection:
            published, taken_back = _published(connection), publications.withdrawn(connection)
            for rule_set in found:
                rule_sets.archive(connection, rule_set, now)
        with self._lock:
            self._current = {rule_set.id: rule_set for rule_set in found}
            self._by_digest |= {rule_set.digest: rule_set for rule_set in found}
            self._published, self._looked = published, time.monotonic()
            self._withdrawn = taken_back
            self.lost_words = tuple(dict.fromkeys(name for each in agreed for name in words.lacking(each)))
            self.words = reduce(WordLists.with_those_of, agreed, words)

    def read(self) -> list[RuleSet]:
        """What the folder holds now. Raises RuleSetError."""
        return load_folder(self._folder)

    def read_words(self, treatments: Sequence[RuleSet]) -> WordLists:
        """The folder's word lists; the shipped ones for a folder that has none. Raises RuleSetError."""
        found = load_words(self._folder, root=self._folder.parent, treatments=treatments)
        return found if found.subjects else load_words(shipped("rules"))

    def _prove(self, found: list[RuleSet]) -> None:
        unproved = [
            rule_set
            for rule_set in found
            if rule_set.status == "live" and rule_set.digest not in self._proved
        ]
        problems = [problem for rule_set in unproved for problem in serious(prove(rule_set))]
        if problems:
            raise RuleSetError(problems)
        self._proved |= {rule_set.digest for rule_set in unproved}

    def refresh(self) -> None:
        """See what was published or retired by another process; without a database, what was known holds."""
        with self._lock:
            due = time.monotonic() - self._looked >= FRESH
            self._looked = time.monotonic() if due else self._looked  # one looks, the others go on
        if due:
            with suppress(Unavailable), reading(self._engine) as connection:
                self._published = _published(connection)
                self._withdrawn = publications.withdrawn(connection)

    def is_signed(self, digest: str) -> bool:
        """Whether a clinician signed off this very content, and it was published here."""
        return digest in self._published

    def all_signed(self) -> bool:
        """Whether that is so for everything that patients may start."""
        return not self._trial or all(
            rule_set.digest in self._published
            for rule_set in self._current.values()
            if rule_set.status == "live"
        )

    def published(self) -> Mapping[str, Publication]:
        """What was published here, by digest, as far as this process has seen."""
        return self._published

    def is_withdrawn(self, rule_set: RuleSet, connection: Connection | None = None) -> bool:
        """Whether it was taken back: retired here, or recalled; as of now with a connection."""
        taken_back = publications.withdrawn(connection) if connection is not None else self._withdrawn
        current = self._current.get(rule_set.id)
        retired = current is not None and current.digest == rule_set.digest and current.status == "retired"
        return retired or taken_back.names(rule_set.digest, rule_set.id, rule_set.version)

    def __len__(self) -> int:
        return len(self._current)

    def unpublished(self) -> list[RuleSet]:
        """What the folder calls live and, out of trial, waits until it is published."""
        live = (found for found in self._current.values() if found.status == "live")
        return [found for found in live if not self._trial and found.digest not in self._published]

    def live(self, today: date) -> list[RuleSet]:
        """What patients may start today, by category and title."""
        served = (self._served(rule_set, today) for rule_set in self._current.values())
        open_today = [found for found in served if found is not None and self._is_open(found, today)]
        return sorted(open_today, key=lambda rule_set: (rule_set.category, rule_set.title))

    def in_use(self, today: date) -> list[RuleSet]:
        """What is live and was not taken back, whatever its days say."""
        served = (self._served(rule_set, today) for rule_set in self._current.values())
        found = [each for each in served if each is not None]
        return [each for each in found if each.status == "live" and not self.is_withdrawn(each)]

    def find_live(self, treatment: str, today: date) -> RuleSet | None:
        """The treatment, when patients may start it today."""
        current = self._current.get(treatment)
        found = self._served(current, today) if current is not None else None
        return found if found is not None and self._is_open(found, today) else None

    def _served(self, current: RuleSet, today: date) -> RuleSet | None:
        """The folder's own, or the published version that holds today in its place."""
        holds = publications.in_force(self._published.values(), current.id, today)
        begun = current.effective_from is None or current.effective_from <= today
        if current.status == "retired" or (holds is not None and holds.digest == current.digest):
            return current
        if holds is not None and not (self._trial and current.status == "live" and begun):
            return self._archived_live(holds.digest)
        return current if self._trial else None

    def _archived_live(self, digest: str) -> RuleSet | None:
        """A published version from the archive, proved once as every one is that patients may start."""
        if digest not in self._in_force:
            found = self.pinned(digest)
            sound = found is not None and found.digest == digest and not serious(prove(found))
            live = found.model_copy(update={"status": "live"}) if found is not None and sound else None
            self._in_force[digest] = live
        return self._in_force[digest]

    def pinned(self, digest: str) -> RuleSet | None:
        """The very rule set that a draft or request was made with. Raises Unavailable."""
        found = self._by_digest.get(digest)
        return found if found is not None else self._from_archive(digest)

    def _from_archive(self, digest: str) -> RuleSet | None:
        with reading(self._engine) as connection:
            document = rule_sets.load(connection, digest)
        if document is None:
            return None
        try:
            found = from_document(document)
        except RuleSetError:  # archived by a version of this program with other rules
            return None
        with self._lock:
            self._by_digest[digest] = found
        return found

    def _is_open(self, rule_set: RuleSet, today: date) -> bool:
        begun = rule_set.effective_from is None or rule_set.effective_from <= today
        past = rule_set.review_by is not None and rule_set.review_by < today
        stopped = past and self._stop_past_review
        return rule_set.status == "live" and begun and not stopped and not self.is_withdrawn(rule_set)


def _words_agreed(
    connection: Connection, published: Iterable[Publication], today: date
) -> Iterator[WordLists]:
    """The word lists of what patients have: a name goes when a version without it is published."""
    ids = dict.fromkeys(each.rule_set_id for each in published)
    in_force = (publications.in_force(published, each, today) for each in ids)
    for each in in_force:
        found = sign_offs.words_agreed(connection, each.rule_set_id, each.content) if each else None
        if found is not None:
            yield found


def _published(connection: Connection) -> dict[str, Publication]:
    return {publication.digest: publication for publication in publications.history(connection)}
