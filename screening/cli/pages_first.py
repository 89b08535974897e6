"""What takes long waits in a line of its own: who guesses passwords, or sends, holds up nobody's page."""

from __future__ import annotations

import logging
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from screening.accounts.places import TAKE_PASSWORDS
from screening.cli.taking_turns import TakingTurns
from screening.web.sites import without_site

SENDING = "/check-your-answers"  # where an address ends that takes a whole form


def takes_password(request: Any) -> bool:
    """Whether answering it costs a hash, as far as its first line tells; what is no request has none."""
    return _is_form(request) and without_site(request.path) in TAKE_PASSWORDS


def sends(request: Any) -> bool:
    """Whether it makes a request of a form that was filled in: ten pages of work, one by one."""
    return _is_form(request) and request.path.endswith(SENDING)


def _is_form(request: Any) -> bool:
    return request.error is None and request.command == "POST"


# Threads: while one hashes or waits for the database, others go on; where it is locked, four give up at once.
LINES = {takes_password: 2, sends: 4}


class PagesFirst(TakingTurns):
    """So many threads for pages, and a few more for each line that waits beside them."""

    def __init__(self, for_pages: int) -> None:
        super().__init__()
        self.queue_logger.setLevel(logging.ERROR)  # else a line for each that waits, from the loop
        self._lines = {belongs: ThreadedTaskDispatcher() for belongs in LINES}
        self.set_thread_count(for_pages)
        for belongs, line in self._lines.items():
            line.set_thread_count(LINES[belongs])

    def add_task(self, task: Any) -> None:
        """A connection with a request to answer."""
        for belongs, line in self._lines.items():
            if task.requests and belongs(task.requests[0]):
                line.add_task(task)
                return
        super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Let what is being answered finish, in every line."""
        beside = [line.shutdown(cancel_pending, timeout) for line in self._lines.values()]
        of_pages: bool = super().shutdown(cancel_pending, timeout)
        return of_pages and all(beside)
