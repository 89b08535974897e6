"""What holds the lanes of the audit together: their heads, joined, and how far their order is settled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from screening.service import audit_head
from screening.settings import Settings
from screening.storage import joins, lanes
from screening.storage.database import reading, writing
from screening.storage.lanes import FIRST, JOINED, Heads


def join(settings: Settings, engine: Engine, now: datetime) -> None:
    """Vouch for all lanes as they are, where there are several and one moved. Raises Unavailable.

    Not where the record is another one than the kept heads tell, which a link would cover up.
    """
    upto = settled(engine)
    with writing(engine) as connection:
        several = len(lanes.heads(connection)) > 1
        if not (several and audit_head.committed(settings, connection)):
            return
        joins.join(connection, now, upto)
        heads = audit_head.committed(settings, connection)
    audit_head.remember(settings, heads)


def settled(engine: Engine) -> int:
    """The number up to which no event will come any more. Raises Unavailable.

    Numbers are drawn before they are kept, so one that is lower may come later; not once its lane was free.
    """
    with reading(engine) as connection:
        newest, found = lanes.newest(connection), lanes.heads(connection)
    for head in found if len(found) > 1 else ():
        with writing(engine) as connection:
            lanes.wait_for(connection, head.lane)
    return newest


def told(heads: Heads) -> str:
    """What vouches for all of them, in short: to be noted elsewhere, and asked about later."""
    by_lane = {head.lane: head for head in heads}
    head = by_lane.get(JOINED, by_lane[FIRST])
    return f"{head.number}-{head.hash}"
