"""The rule sets in use: those in the rules folder, and those that a draft or request still pins."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import reduce
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine

from screening.core import loading
from screening.core.building import from_document
from screening.core.errors import RuleSetError, Unavailable
from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.core.word_lists import LostName, WordLists
from screening.proving.prove import prove, serious
from screening.service.examining import ExaminedFile, ToProve, examine_all
from screening.service.known_rules import KnownRules
from screening.settings import shipped
from screening.storage import publications, rule_sets, sign_offs
from screening.storage.database import reading, writing
from screening.storage.publications import Publication, Withdrawn

HELD = 64  # rule sets in memory, of some 0.7 MB; others are read when they are asked for
FRESH = 5.0  # seconds for which what was published, or retired, elsewhere may go unseen


class PublishedHere:
    """What was published, as of some moment: by digest, the latest first, and by treatment."""

    def __init__(self, history: Iterable[Publication]) -> None:
        self.by_digest: dict[str, Publication] = {}
        self.by_treatment: dict[str, list[Publication]] = {}
        for each in history:
            self.by_digest[each.digest] = each
            self.by_treatment.setdefault(each.rule_set_id, []).append(each)

    def in_force(self, treatment: str, today: date) -> Publication | None:
        """The version that patients have today."""
        return publications.in_force(self.by_treatment.get(treatment, ()), treatment, today)


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
        self._lock, self._reading = Lock(), Lock()
        self._current: dict[str, Outline] = {}
        self._files: Mapping[str, Path] = {}  # by digest
        self._by_digest: dict[str, RuleSet] = {}  # the last that were asked for
        self._proved: set[str] = set()  # digests, so that a reload proves only what changed
        self._published = PublishedHere(())
        self._in_force: dict[str, Outline | None] = {}  # by digest; None for what cannot be served
        self._withdrawn = Withdrawn()
        self._looked = -FRESH
        self.known: Path | None = None  # where it is kept what is known of files; None: nowhere
        self.processes = 1  # that read and prove, where much is new
        self.words = WordLists()  # of now, and what was agreed to, for whatever was sent, however long ago
        self.lost_words: tuple[LostName, ...] = ()  # agreed to, and in the folder's lists no more

    def load(self, now: datetime) -> None:
        """Look through the folder and archive what is new in it; on a problem nothing changes.

        Raises RuleSetError, also for a live rule set that would be served and cannot be proved safe.
        """
        with reading(self._engine) as connection:
            published = PublishedHere(publications.history(connection))
            agreed = _words_agreed(connection, published, now.date())
        served = None if self._trial else frozenset(published.by_digest)
        found = _sound(self._looked_through(ToProve(frozenset(self._proved), served)))
        words = self.read_words([outline for outline, _ in found])
        agreed = [each for each in agreed if each != words]
        unproved = [problem for _, each in found for problem in each.unproved]
        if unproved:
            raise RuleSetError(unproved)
        self._archive(found, now)
        with reading(self._engine) as connection:
            published = PublishedHere(publications.history(connection))
            taken_back = publications.withdrawn(connection)
        with self._lock:
            self._current = {outline.id: replace(outline, asked=()) for outline, _ in found}
            self._files = {outline.digest: each.file for outline, each in found}
            self._proved |= {outline.digest for outline, each in found if each.proved}
            self._published, self._looked = published, time.monotonic()
            self._withdrawn = taken_back
            self.lost_words = tuple(dict.fromkeys(name for each in agreed for name in words.lacking(each)))
            self.words = reduce(WordLists.with_those_of, agreed, words)

    def _looked_through(self, wanted: ToProve) -> list[ExaminedFile]:
        """Every file of the folder: known, or examined now."""
        files = loading.rule_files(self._folder)
        if self.known is None:
            return self.examine(files, wanted)
        known = KnownRules.read(self.known, self._folder, files)
        found = known.recognised(wanted)
        new = [file for file in files if file not in found]
        found |= {each.file: each for each in self.examine(new, wanted)}
        if new or known.has_more_than(files):
            known.keep(found.values())
        return [found[file] for file in files]

    def examine(self, files: Sequence[Path], wanted: ToProve) -> list[ExaminedFile]:
        """What files of the folder say, and whether that can be served."""
        if self.processes > 1:
            self._engine.dispose()  # no connection goes from one process to another
        return examine_all(files, self._folder.parent, wanted, self.processes)

    def _archive(self, found: Sequence[tuple[Outline, ExaminedFile]], now: datetime) -> None:
        with reading(self._engine) as connection:
            there = rule_sets.archived(connection, [outline.digest for outline, _ in found])
        new = [
            (outline, each.document or self._read(each.file).document)
            for outline, each in found
            if outline.digest not in there
        ]
        if new:
            with writing(self._engine) as connection:
                rule_sets.archive_all(connection, new, now)

    def _read(self, file: Path) -> RuleSet:
        return loading.load(file, root=self._folder.parent)

    def read_words(self, treatments: Sequence[Outline]) -> WordLists:
        """The folder's word lists; the shipped ones for a folder that has none. Raises RuleSetError."""
        found = loading.load_words(self._folder, root=self._folder.parent, treatments=treatments)
        return found if found.subjects else loading.load_words(shipped("rules"))

    def refresh(self) -> None:
        """See what was published or retired by another process; without a database, what was known holds."""
        with self._lock:
            due = time.monotonic() - self._looked >= FRESH
            self._looked = time.monotonic() if due else self._looked  # one looks, the others go on
        if due:
            with suppress(Unavailable), reading(self._engine) as connection:
                self._published = PublishedHere(publications.history(connection))
                self._withdrawn = publications.withdrawn(connection)

    def is_signed(self, digest: str) -> bool:
        """Whether a clinician signed off this very content, and it was published here."""
        return digest in self._published.by_digest

    def all_signed(self) -> bool:
        """Whether that is so for everything that patients may start."""
        return not self._trial or all(
            rule_set.digest in self._published.by_digest
            for rule_set in self._current.values()
            if rule_set.status == "live"
        )

    def published(self) -> Mapping[str, Publication]:
        """What was published here, by digest, as far as this process has seen."""
        return self._published.by_digest

    def is_withdrawn(self, rule_set: RuleSet | Outline, connection: Connection | None = None) -> bool:
        """Whether it was taken back: retired here, or recalled; as of now with a connection."""
        taken_back = publications.withdrawn(connection) if connection is not None else self._withdrawn
        current = self._current.get(rule_set.id)
        retired = current is not None and current.digest == rule_set.digest and current.status == "retired"
        return retired or taken_back.names(rule_set.digest, rule_set.id, rule_set.version)

    def __len__(self) -> int:
        return len(self._current)

    def unpublished(self) -> list[Outline]:
        """What the folder calls live and, out of trial, waits until it is published."""
        live = (found for found in self._current.values() if found.status == "live")
        return [found for found in live if not self._trial and found.digest not in self._published.by_digest]

    def live(self, today: date) -> list[Outline]:
        """What patients may start today, by category and title."""
        served = (self._served(rule_set, today) for rule_set in self._current.values())
        open_today = [found for found in served if found is not None and self._is_open(found, today)]
        return sorted(open_today, key=lambda rule_set: (rule_set.category, rule_set.title))

    def in_use(self, today: date) -> list[Outline]:
        """What is live and was not taken back, whatever its days say."""
        served = (self._served(rule_set, today) for rule_set in self._current.values())
        found = [each for each in served if each is not None]
        return [each for each in found if each.status == "live" and not self.is_withdrawn(each)]

    def find_live(self, treatment: str, today: date) -> RuleSet | None:
        """The treatment, when patients may start it today."""
        current = self._current.get(treatment)
        found = self._served(current, today) if current is not None else None
        return self.whole(found) if found is not None and self._is_open(found, today) else None

    def title_of(self, treatment: str) -> str | None:
        """Of a treatment that patients were shown once, whether they may start it today or not."""
        current, published = self._current.get(treatment), self._published.by_treatment.get(treatment)
        shown = ("live", "retired") if self._trial else ("retired",)
        if current is not None and current.status in shown:
            return current.title
        found = self.pinned(published[0].digest) if published else None
        return found.title if found is not None else None

    def _served(self, current: Outline, today: date) -> Outline | None:
        """The folder's own, or the published version that holds today in its place."""
        holds = self._published.in_force(current.id, today)
        begun = current.effective_from is None or current.effective_from <= today
        if current.status == "retired" or (holds is not None and holds.digest == current.digest):
            return current
        if holds is not None and not (self._trial and current.status == "live" and begun):
            return self._archived_live(holds.digest)
        return current if self._trial else None

    def _archived_live(self, digest: str) -> Outline | None:
        """A published version from the archive, proved once as every one is that patients may start."""
        if digest not in self._in_force:
            found = self.pinned(digest)
            sound = found is not None and found.digest == digest and not serious(prove(found))
            live = replace(Outline.of(found), status="live") if found is not None and sound else None
            self._in_force[digest] = live
        return self._in_force[digest]

    def whole(self, outline: Outline) -> RuleSet | None:
        """All of a rule set, with the status that it has here. Raises Unavailable."""
        found = self.pinned(outline.digest)
        if found is None or found.status == outline.status:
            return found
        return found.model_copy(update={"status": outline.status})

    def pinned(self, digest: str) -> RuleSet | None:
        """The very rule set that a draft or request was made with. Raises Unavailable."""
        found = self._by_digest.get(digest)
        if found is not None:
            return found
        with self._reading:  # once, for all who come after a start; nobody waits here for the database
            found = self._by_digest.get(digest) or self._hold(digest, self._from_file(digest))
        return found or self._hold(digest, self._from_archive(digest))

    def _hold(self, digest: str, found: RuleSet | None) -> RuleSet | None:
        if found is not None:
            with self._lock:
                self._by_digest[digest] = found
                while len(self._by_digest) > HELD:
                    del self._by_digest[next(iter(self._by_digest))]  # whoever has it goes on with it
        return found

    def _from_file(self, digest: str) -> RuleSet | None:
        """As its file says it, with the places of now; None for what stands in no file any more."""
        file = self._files.get(digest)
        with suppress(RuleSetError):
            found = self._read(file) if file is not None else None
            return found if found is not None and found.digest == digest else None
        return None

    def _from_archive(self, digest: str) -> RuleSet | None:
        with reading(self._engine) as connection:
            document = rule_sets.load(connection, digest)
        if document is None:
            return None
        try:
            return from_document(document)
        except RuleSetError:  # archived by a version of this program with other rules
            return None

    def _is_open(self, rule_set: Outline, today: date) -> bool:
        begun = rule_set.effective_from is None or rule_set.effective_from <= today
        past = rule_set.review_by is not None and rule_set.review_by < today
        stopped = past and self._stop_past_review
        return rule_set.status == "live" and begun and not stopped and not self.is_withdrawn(rule_set)


def _sound(found: Sequence[ExaminedFile]) -> list[tuple[Outline, ExaminedFile]]:
    """Raises RuleSetError with the problems of all files."""
    problems = [problem for each in found for problem in each.problems]
    sound = [(each.outline, each) for each in found if each.outline is not None]
    problems += loading.clashing([outline for outline, _ in sound])
    if problems:
        raise RuleSetError(problems)
    return sound


def _words_agreed(connection: Connection, published: PublishedHere, today: date) -> list[WordLists]:
    """The word lists of what patients have, each once: a name goes when a version without it is published."""
    agreed: list[WordLists] = []
    for holds in (published.in_force(each, today) for each in published.by_treatment):
        found = sign_offs.words_agreed(connection, holds.rule_set_id, holds.content) if holds else None
        if found is not None and found not in agreed:
            agreed.append(found)
    return agreed
