"""The queues: what waits, in pages, and how much of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from screening.core import references
from screening.core.answers import date_span
from screening.core.errors import CannotOpen, Refused
from screening.core.workflow import STATES
from screening.desk import reading as shown
from screening.desk.changes import CLINICIAN, DESK, Base
from screening.desk.shapes import Counts, Filters, Person, QueuePage, Row
from screening.service.sending import contact_of
from screening.storage import queue as stored
from screening.storage import requests, standing
from screening.storage.database import reading, writing
from screening.storage.queue import Listed, Wanted
from screening.storage.sealing import blind_index
from screening.storage.standing import Standing

LARGEST = 500  # rows of a page
_DATE = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})")
_FEWEST_DIGITS = 6  # of a phone number


class Queue(Base):
    """Reception's queue, the clinicians' queue, and the figures above them."""

    def queue(
        self, person: Person, filters: Filters | None = None, after: str | None = None, size: int = 25
    ) -> QueuePage:
        """A page of the queue; `after` is the `next` of the page before. Searching is audited."""
        self.allow(person, *DESK)
        filters = filters or Filters()
        wanted = self.wanted(filters)
        if not filters.search:
            with reading(self.service.engine) as connection:
                return self._page(stored.page(connection, wanted, _key(after), _size(size) + 1), size)
        with self.viewing(person, "searched", None) as connection:
            return self._page(stored.page(connection, wanted, _key(after), _size(size) + 1), size)

    def review_queue(self, person: Person, after: str | None = None, size: int = 25) -> QueuePage:
        """Requests with a flag that waits for a clinician, whatever their state, longest waiting first."""
        self.allow(person, *CLINICIAN)
        with reading(self.service.engine) as connection:
            return self._page(stored.to_review(connection, _key(after), _size(size) + 1), size)

    def counts(self, person: Person) -> Counts:
        """Figures above the queue."""
        self.allow(person, *DESK, "manager")
        with reading(self.service.engine) as connection:
            figures = stored.figures(connection, self.service.now())
            found = standing.counts(connection)
        by_status: dict[str, int] = {state: found.get(state, 0) for state in STATES}
        return Counts(by_status, figures["overdue"], figures["to_review"], figures["questions"])

    def wanted(self, filters: Filters) -> Wanted:
        """What filters mean to the database. Raises Refused for a status that is none."""
        if filters.status not in ("open", "all", *STATES):
            raise Refused("not_offered", ("open", "all", *STATES), what="status")
        now = self.service.now()
        wanted = Wanted(
            status=filters.status,
            treatment=filters.treatment,
            owner=filters.owner,
            received_before=now - timedelta(hours=filters.waiting_hours)
            if filters.waiting_hours > 0
            else None,
            due_before=now if filters.overdue else None,
            newest=filters.sort == "newest",
        )
        return self._searched(wanted, filters.search.strip()) if filters.search.strip() else wanted

    def _searched(self, wanted: Wanted, text: str) -> Wanted:
        """A reference, a date of birth, a phone number or a name, told apart by their form."""
        if wanted.status == "open":
            wanted = replace(wanted, status="all")
        reference = references.recognise(text)
        if reference is not None:
            return replace(wanted, references=(reference,))
        key = self.service.arrival.index_key
        if birth := _birth_date(text):
            return replace(wanted, words=(key.digest("birth_date", birth),))
        if sum(one.isdigit() for one in text) >= _FEWEST_DIGITS:
            phone = blind_index.plain_phone(text, self.settings.region)
            return replace(wanted, words=(key.digest("phone", phone),))
        words = blind_index.words_of(text)
        # The longest word is mostly the rarest, and leads.
        digests = tuple(key.digest("name", word) for word in sorted(words, key=len, reverse=True))
        return replace(wanted, words=digests or (key.digest("name", ""),))

    def _page(self, found: list[Listed], size: int) -> QueuePage:
        size = _size(size)
        rows = tuple(self.row(one.standing, one.sealed_contact) for one in found[:size])
        more = found[size - 1].key if len(found) > size else None
        return QueuePage(rows, _written(more) if more is not None else None)

    def row(self, at: Standing, sealed_contact: bytes) -> Row:
        """A row of the queue; without a name where the contact part does not open, but never left out."""
        try:
            contact = requests.load_sealed_contact(self.opening_keys, at.reference, sealed_contact)
        except CannotOpen:
            contact = {}
        return self.row_of(at, contact)

    def row_of(self, at: Standing, contact: Mapping[str, Any]) -> Row:
        """A row of the queue, its contact part opened."""
        rule_set = self.service.library.pinned(at.rule_set_digest)
        title = rule_set.title if rule_set is not None else at.treatment
        return shown.row(
            at, title, contact, overdue=at.due_at is not None and at.due_at <= self.service.now()
        )

    def catch_up(self, size: int = 200) -> int:
        """Make requests findable that were kept before there was an index; how many. Raises Unavailable."""
        done, unreadable = 0, set[str]()
        while True:
            with reading(self.service.engine) as connection:
                found = stored.unindexed(connection, unreadable, size)
            if not found:
                return done
            for reference, received_at in found:
                if self._index(reference, received_at):
                    done += 1
                else:
                    unreadable.add(reference)

    def _index(self, reference: str, received_at: datetime) -> bool:
        with writing(self.service.engine) as connection:
            try:
                contact = requests.load_contact(connection, self.opening_keys, reference) or {}
            except CannotOpen:
                return False
            self._write_index(connection, reference, received_at, contact)
        return True

    def _write_index(
        self, connection: Connection, reference: str, received_at: datetime, contact: Mapping[str, Any]
    ) -> None:
        key = self.service.arrival.index_key
        found = blind_index.digests(key, contact_of(contact), self.settings.region)
        blind_index.write(connection, key, reference, received_at, found)


def _size(size: int) -> int:
    return max(1, min(size, LARGEST))


def _birth_date(text: str) -> str | None:
    """`31 3 1950`, `31/03/1950` or `1950-03-31` as it is stored."""
    if found := _DATE.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return None
    return text if len(text) == 10 and date_span(text) is not None else None


def _written(key: Mapping[str, Any]) -> str:
    return f"{key['rank']}.{key['received_at'].isoformat()}.{key['reference']}"


def _key(after: str | None) -> dict[str, Any] | None:
    """Raises Refused for what `_written` did not write."""
    if not after:
        return None
    try:
        rank, rest = after.split(".", 1)
        at, reference = rest.rsplit(".", 1)
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError
        return {"rank": int(rank), "received_at": moment, "reference": reference}
    except ValueError:
        raise Refused("no_such_page") from None
