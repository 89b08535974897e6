"""The rule sets in use: those in the rules folder, and those that a draft or request still pins."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine

from screening.core.errors import RuleSetError
from screening.core.loading import from_document, load_folder
from screening.core.rules import RuleSet
from screening.storage import rule_sets
from screening.storage.database import reading, writing


class Library:
    """Rule sets by id (the folder's) and by digest (every one ever loaded, from the archive)."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder = folder
        self._engine = engine
        self._lock = Lock()
        self._current: dict[str, RuleSet] = {}
        self._by_digest: dict[str, RuleSet] = {}

    def load(self, now: datetime) -> None:
        """Read the folder and archive what it holds; on a problem nothing changes. Raises RuleSetError."""
        found = load_folder(self._folder)
        with writing(self._engine) as connection:
            for rule_set in found:
                rule_sets.archive(
                    connection,
                    digest=rule_set.digest,
                    rule_set_id=rule_set.id,
                    version=rule_set.version,
                    status=rule_set.status,
                    document=rule_set.document,
                    now=now,
                )
        with self._lock:
            self._current = {rule_set.id: rule_set for rule_set in found}
            self._by_digest |= {rule_set.digest: rule_set for rule_set in found}

    def __len__(self) -> int:
        return len(self._current)

    def live(self, today: date) -> list[RuleSet]:
        """What patients may start today, by category and title."""
        open_today = [one for one in self._current.values() if _is_open(one, today)]
        return sorted(open_today, key=lambda one: (one.category, one.title))

    def find_live(self, treatment: str, today: date) -> RuleSet | None:
        """The treatment, when patients may start it today."""
        found = self._current.get(treatment)
        return found if found is not None and _is_open(found, today) else None

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


def _is_open(rule_set: RuleSet, today: date) -> bool:
    begun = rule_set.effective_from is None or rule_set.effective_from <= today
    return rule_set.status == "live" and begun
