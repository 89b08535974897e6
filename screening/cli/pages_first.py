"""Forms with a password wait in a line of their own: whoever guesses keeps nobody's page waiting."""

from __future__ import annotations

import logging
from typing import Any

from waitress.task import ThreadedTaskDispatcher

from screening.accounts.places import TAKE_PASSWORDS
from screening.cli.taking_turns import TakingTurns
from screening.web.sites import without_site

FOR_PASSWORDS = 2  # threads: while the password of one is hashed, the form of the other is read


def takes_password(request: Any) -> bool:
    """Whether answering it costs a hash, as far as its first line tells; what is no request has none."""
    return (
        request.error is None and request.command == "POST" and without_site(request.path) in TAKE_PASSWORDS
    )


class PagesFirst(TakingTurns):
    """So many threads for pages, and a few more, with a line of its own before them, for passwords."""

    def __init__(self, for_pages: int) -> None:
        super().__init__()
        self.queue_logger.setLevel(logging.ERROR)  # else a line for each that waits, from the loop
        self.passwords = ThreadedTaskDispatcher()
        self.set_thread_count(for_pages)
        self.passwords.set_thread_count(FOR_PASSWORDS)

    def add_task(self, task: Any) -> None:
        """A connection with a request to answer."""
        if task.requests and takes_password(task.requests[0]):
            self.passwords.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Let what is being answered finish, in both lines."""
        of_passwords: bool = self.passwords.shutdown(cancel_pending, timeout)
        of_pages: bool = super().shutdown(cancel_pending, timeout)
        return of_passwords and of_pages
