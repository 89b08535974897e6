"""What staff do with requests: functions by who does them, each taking the `Desk` and the person first.

Every function refuses by role. Raised everywhere: `Absent` no such request (404); `Refused` not allowed
now, with `.allowed`; `Changed` (a Refused) the page was stale, with `.since`; `CannotOpen`; `Unavailable`
the database. One that changes a request takes the `version` that the person saw and gives the new one;
when it raises, nothing was kept.

    desk = opening.open_desk(service)
    page = queues.queue(desk, person, Filters(status="new"))
    bookings.book(desk, person, reference, page.rows[0].version, booking)
"""
