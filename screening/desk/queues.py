"""The queues: what waits, in pages, and how much of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from screening.core import due
from screening.core.dealings import Dealings, fold
from screening.core.entries import Urgency
from screening.core.errors import Refused
from screening.core.kept import contact_of
from screening.desk import beside_lists, forms_begun
from screening.desk.beside_lists import BesideList
from screening.desk.desk import CLINICIAN, EITHER, Desk, actor, allow
from screening.desk.looked_for import wanted
from screening.desk.messages import UNSENT
from screening.desk.rows import opened_row
from screening.desk.shapes import Filters, HeldLink, Person, QueuePage, Row
from screening.service.recording import AGAIN, record_each
from screening.service.visit import Visit
from screening.storage import does_not_open, entries, messages, reading_events
from screening.storage import queue as rows
from screening.storage.database import reading
from screening.storage.messages import Marked
from screening.storage.queue import Key, Listed, Wanted
from screening.storage.together import Together, made_once

A_PAGE, LARGEST = 25, 500  # rows of a page
_RANKS = {"0": 0, "1": 1}


def queue(
    desk: Desk,
    person: Person,
    filters: Filters | None = None,
    after: str | None = None,
    size: int = A_PAGE,
    beside: BesideList | None = None,
) -> QueuePage:
    """A page of the queue; `after` is the `next` of the page before. Whose rows they are is audited.

    `beside`: what was read already of what stands beside lists; a search needs it.
    """
    allow(person, *EITHER)
    filters = filters or Filters()
    if filters.search.strip():
        beside = beside or beside_lists.load(desk, person, searching=True)
        return _search(desk, person, filters, after, size, beside)
    with reading(desk.service.engine) as connection:
        found = _page(desk, rows.page(connection, wanted(desk, filters), _key(after), _size(size) + 1), size)
        more = _beside_rows(desk, connection, person, found.rows, "queue_read")
    found = _with_messages(_told_of(found, more.spoilt), more.marks)
    _on_record(desk, person, more, queue_read=_references(found.rows))
    return found


def _search(
    desk: Desk, person: Person, filters: Filters, after: str | None, size: int, beside: BesideList
) -> QueuePage:
    """By sounds where no name is written so; the forms that wait are looked through too."""
    key, size = desk.service.index_key_now(beside.index_key), _size(size)
    asked = [wanted(desk, filters, by_sound=by_sound, key=key) for by_sound in (False, True)]
    forms = forms_begun.fitting(desk, asked, key, beside.forms)
    named = _named_in(forms)
    with reading(desk.service.engine) as connection:
        listed, sounds = rows.page(connection, asked[0], _key(after), size + 1), False
        if not listed and not (after and rows.references(connection, asked[0], 1)):
            listed, sounds = rows.page(connection, asked[1], _key(after), size + 1), True
        found = _page(desk, listed, size)
        more = _beside_rows(desk, connection, person, found.rows, "entry_list_read", told=named)
    found = _with_messages(_told_of(found, more.spoilt), more.marks)
    _on_record(desk, person, more, searched=_references(found.rows), entry_list_read=named)
    return replace(found, by_sound=sounds and bool(listed), not_indexed=beside.not_indexed, forms=forms)


def review_queue(desk: Desk, person: Person, after: str | None = None, size: int = A_PAGE) -> QueuePage:
    """What waits for a clinician, whatever its status: marked urgent first, with the reason; by clock."""
    allow(person, CLINICIAN)
    looked_for = wanted(desk, Filters(work_list="to_review"))
    with reading(desk.service.engine) as connection:
        found = _page(desk, rows.page(connection, looked_for, _key(after), _size(size) + 1), size)
        urgent = [row.reference for row in found.rows if row.urgent]
        more = _beside_rows(desk, connection, person, found.rows, "urgency_read", "queue_read", urgent=urgent)
    found = _with_messages(_with_reasons(_told_of(found, more.spoilt), more.reasons), more.marks)
    told = [row.reference for row in found.rows if row.urgent_because]
    _on_record(desk, person, more, urgency_read=told, queue_read=_references(found.rows))
    return found


def changed_since(
    desk: Desk, person: Person, filters: Filters, after: str | None, seen: Mapping[str, int]
) -> int:
    """How many rows of a page are new, changed or gone since it was seen; nobody's name is read for it."""
    allow(person, *EITHER)
    with reading(desk.service.engine) as connection:
        now = rows.versions(connection, wanted(desk, filters), _key(after), A_PAGE)
    return max(  # each that goes lets another one in, and the other way round
        sum(seen.get(reference) != version for reference, version in now.items()),
        len(seen.keys() - now.keys()),
    )


def next_to_review(desk: Desk, person: Person, at: Row) -> str | None:
    """Behind this one on the clinicians' list as it is now, the first where it is the last; None for none."""
    allow(person, CLINICIAN)
    looked_for = wanted(desk, Filters(work_list="to_review"))
    with reading(desk.service.engine) as connection:
        here = Key(int(not at.urgent), at.review_due_at or at.received_at, at.received_at, at.reference)
        behind = rows.references(connection, looked_for, 1, here)
        found = behind or rows.references(connection, looked_for, 2)
    return next((one for one in found if one != at.reference), None)


def named(desk: Desk, references: Sequence[str]) -> tuple[Row, ...]:
    """The rows of these requests in this order, absent ones left out; whoever asks puts it on record."""
    with reading(desk.service.engine) as connection:
        wanted = Wanted(status="all", references=tuple(references[:LARGEST]))
        found = {row.reference: row for row in page_of(desk, connection, wanted, LARGEST).rows}
    return tuple(found[reference] for reference in dict.fromkeys(references) if reference in found)


def page_of(desk: Desk, connection: Connection, wanted: Wanted, size: int) -> QueuePage:
    """The first rows, opened; whoever asks puts it on record."""
    found = _page(desk, rows.page(connection, wanted, None, _size(size) + 1), size)
    spoilt = connection.execute(does_not_open.query(), does_not_open.asked()).all()
    return _told_of(found, does_not_open.known(spoilt))


def _told_of(found: QueuePage, spoilt: frozenset[str]) -> QueuePage:
    """Rows of requests that open as far as a row needs, and no further, say so."""
    if spoilt.isdisjoint(_references(found.rows)):
        return found
    marked = (
        replace(row, due=due.PART_DOES_NOT_OPEN)
        if row.reference in spoilt and row.due != due.DOES_NOT_OPEN
        else row
        for row in found.rows
    )
    return replace(found, rows=tuple(marked))


def _with_reasons(found: QueuePage, reasons: Mapping[str, str]) -> QueuePage:
    """With the words why each was marked urgent; without them where they do not open."""
    with_reasons = (replace(row, urgent_because=reasons.get(row.reference, "")) for row in found.rows)
    return replace(found, rows=tuple(with_reasons)) if reasons else found


def _references(found: Iterable[Row]) -> list[str]:
    return [row.reference for row in found]


def _named_in(forms: Iterable[Visit]) -> list[str]:
    """Forms in which somebody is named."""
    told = ((visit, contact_of(visit.rule_set, visit.path, visit.answers)) for visit in forms)
    return [visit.token.row_id for visit, contact in told if visit.token and contact.stored("name")]


class _BesideRows(NamedTuple):
    """`told`: what is in the record already, action and reference; `reasons`: why requests are urgent;
    `spoilt`: requests that do not open."""

    marks: list[Marked]
    told: frozenset[tuple[str, str]]
    reasons: Mapping[str, str]
    spoilt: frozenset[str] = frozenset()


def _beside_rows(
    desk: Desk,
    connection: Connection,
    person: Person,
    shown: Sequence[Row],
    *actions: str,
    urgent: Sequence[str] = (),
    told: Sequence[str] = (),
) -> _BesideRows:
    """All that a list shows of its rows besides, and what somebody read in these ways a moment ago."""
    service, now, these = desk.service, desk.service.now(), _references(shown)
    about = {"references": these, "waiting_since": now - UNSENT, "now": now}
    reasons = {"written_on": list(urgent), "kind": Urgency.kind}
    read = reading_events.told_within(person.id, service.origin(), actions, [*these, *told], now, AGAIN)
    if not these and not told:
        return _BesideRows([], frozenset(), {})
    values = about | reasons | read | does_not_open.asked()
    marks, known, written, spoilt = _beside_rows_query().ask(connection, values)
    why = entries.by_reference(desk.opening_keys, urgent, written)
    return _BesideRows(
        messages.marked(marks),
        frozenset((row.action, row.reference) for row in known),
        {reference: fold(Dealings(), lines).urgent for reference, lines in why.items()},
        does_not_open.known(spoilt),
    )


@made_once
def _beside_rows_query() -> Together:
    return Together(
        messages.marks_query(), reading_events.told_query(), entries.of_kind_query(), does_not_open.query()
    )


def _on_record(desk: Desk, person: Person, beside: _BesideRows, **read: Sequence[str]) -> None:
    """What a page shows is in the record before it shows it; a search always, else what is not there yet."""
    fresh = {
        action: [reference for reference in references if (action, reference) not in beside.told]
        for action, references in read.items()
    }
    noted = [
        (action, references) for action, references in fresh.items() if references or action == "searched"
    ]
    record_each(desk.service, actor(person), noted)


def _with_messages(found: QueuePage, marks: Iterable[Marked]) -> QueuePage:
    """With what became of messages to the patient, and of the links in them."""
    marked = defaultdict[str, list[Marked]](list)
    for mark in marks:
        marked[mark.message.reference].append(mark)
    with_marks = (
        _marked(row, marked[row.reference]) if row.reference in marked else row for row in found.rows
    )
    return replace(found, rows=tuple(with_marks)) if marked else found


def _marked(row: Row, marked: list[Marked]) -> Row:
    lost = {found.message.state for found in marked if found.lost}
    held = [
        HeldLink(message.created_at, message.expires_at, sent=message.state != "waiting")
        for message, is_lost in marked
        if not is_lost and message.expires_at is not None and row.figures.with_patient
    ]
    return replace(
        row,
        undelivered=bool(lost - {"unanswered"}),
        unanswered="unanswered" in lost,
        link=held[0] if held else None,
    )


def _page(desk: Desk, found: list[Listed], size: int) -> QueuePage:
    size = _size(size)
    shown = tuple(opened_row(desk, listed) for listed in found[:size])
    more = found[size - 1].key if len(found) > size else None
    return QueuePage(shown, _written(more) if more is not None else None)


def _size(size: int) -> int:
    return max(1, min(size, LARGEST))


def _written(key: Key) -> str:
    return f"{key.rank},{key.at.isoformat()},{key.came.isoformat()},{key.reference}"


def _key(after: str | None) -> Key | None:
    """Raises Refused for what `_written` did not write."""
    if not after:
        return None
    try:
        rank, *moments, reference = after.split(",")
        at, came = map(datetime.fromisoformat, moments)
        if at.tzinfo is None or came.tzinfo is None or "\0" in reference:
            raise ValueError
        return Key(_RANKS[rank], at.astimezone(UTC), came.astimezone(UTC), reference)
    except (ValueError, LookupError, OverflowError):  # astimezone fails at the ends of time
        raise Refused("no_such_page") from None
