"""All that a page of a request needs, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, Select, select

from screening.core.entries import Written
from screening.storage import entries, messages, presence, reading_events, registered_keys, requests, standing
from screening.storage.messages import KeptMessage
from screening.storage.presence import Presence
from screening.storage.reading_events import Event
from screening.storage.registered_keys import INDEXING
from screening.storage.requests import Request
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import of_reference
from screening.storage.standing import Standing
from screening.storage.tables import people
from screening.storage.tables import requests as request_rows
from screening.storage.together import Together, given, made_once


@dataclass(frozen=True)
class Whole:
    """A request with what belongs to it. `together`: it and the same person's others; `index_key`: the id
    of the one that finds requests now; `looking`: whoever has it open, or had a moment ago."""

    at: Standing
    request: Request = field(repr=False)
    together: Mapping[str, Standing]
    written: tuple[Written, ...] = field(repr=False)
    events: list[Event]
    messages: tuple[KeptMessage, ...]
    looking: list[Presence]
    entered_by: str
    index_key: str | None


def load(connection: Connection, keys: OpeningKeys, reference: str, *, history: bool = True) -> Whole | None:
    """None where there is no such request; without `history`, of its events those of links alone.

    Raises TooNew, CannotOpen.
    """
    values = {"reference": reference, "references": [reference], "purpose": INDEXING}
    rows, others, written, happened, sent, looking, entered_by, index_key = _query(history=history).ask(
        connection, values
    )
    if not rows:
        return None
    together = {row.reference: standing.of_row(row) for row in others}
    return Whole(
        at=together[reference],
        request=requests.opened(keys, rows[0]),
        together=together,
        written=entries.opened(keys, written),
        events=reading_events.in_order(happened),
        messages=messages.newest_first(sent),
        looking=presence.longest_first(looking),
        entered_by=entered_by[0].name if entered_by else "",
        index_key=index_key[0].key_id if index_key else None,
    )


class OnPaper(NamedTuple):
    """What papers and exports are made of."""

    at: Standing
    request: Request
    written: tuple[Written, ...]


def load_for_paper(connection: Connection, keys: OpeningKeys, reference: str) -> OnPaper | None:
    """As `load`, and of it only this. Raises TooNew, CannotOpen."""
    rows, written = _on_paper().ask(connection, {"reference": reference})
    if not rows:
        return None
    at = Standing(*(getattr(rows[0], name) for name in Standing.__dataclass_fields__))
    return OnPaper(at, requests.opened(keys, rows[0]), entries.opened(keys, written))


@made_once
def _on_paper() -> Together:
    return Together(requests.query(), entries.query())


@made_once
def _query(*, history: bool) -> Together:
    return Together(
        requests.query(),
        standing.others_query().order_by(None),
        entries.query(),
        reading_events.query() if history else reading_events.links_opened_query(),
        messages.query(),
        presence.query(),
        _entered_by(),
        select(registered_keys.current_query().subquery()),
    )


def _entered_by() -> Select[tuple[str]]:
    mine = of_reference(request_rows, given("reference"))
    return select(people.c.name).join(request_rows, request_rows.c.entered_by == people.c.id).where(mine)
