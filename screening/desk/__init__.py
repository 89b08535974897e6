"""What staff do, one method each, beside `service`; the staff door and the command line talk to this.

Every method takes the person who does it first and refuses by role. Raised everywhere:
`Absent` no such request (404); `Refused` not allowed now, with `.allowed`; `Changed` (a Refused) the
page was stale, with `.since`; `Unavailable` the database. A method that changes a request takes the
`version` that the person saw and gives the new one; when it raises, nothing was kept.

    desk = opening.open_desk(service, origin=lambda: request.remote_addr)
    page = desk.queue(person, Filters(status="new"), after=None)
"""

from __future__ import annotations

from screening.desk.outgoing import Papers
from screening.desk.shapes import (
    Booking,
    Counts,
    Entry,
    File,
    Filters,
    Flag,
    HistoryLine,
    IndicatorLine,
    Look,
    Person,
    Question,
    QueuePage,
    RequestPage,
    ReviewPage,
    Row,
    Said,
    Twin,
)


class Desk(Papers):
    """All that staff do with requests; one for each process that holds the opening keys.

    It grows from `queue` over `reception` and `review` to `papers`, where the methods stand.
    """


__all__ = [
    "Booking", "Counts", "Desk", "Entry", "File", "Filters", "Flag", "HistoryLine", "IndicatorLine",
    "Look", "Person", "Question", "QueuePage", "RequestPage", "ReviewPage", "Row", "Said", "Twin",
]  # fmt: skip
