"""Many strangers at once over real HTTP, as fast as they are answered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

PATIENCE = 20  # seconds
FORM = "application/x-www-form-urlencoded"


class SaidFrom(NamedTuple):
    """What somebody posts, and the address that the proxy says they have."""

    fields: dict[str, str]
    address: str


def _keep_posting(
    address: str, path: str, says: Callable[[int], SaidFrom], ended: Event, answered: list[int]
) -> None:
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", path)
        page = connection.getresponse()
        cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
        assert token is not None
        headers = {"Cookie": cookie, "Origin": address, "Content-Type": FORM}
        for number in count():
            if ended.is_set():
                return
            said = says(number)
            body = urlencode({"csrf_token": token[1]} | said.fields)
            try:
                connection.request("POST", path, body, headers | {"X-Forwarded-For": said.address})
                answer = connection.getresponse()
                answer.read()
                answered.append(answer.status)
            except (OSError, HTTPException):
                connection.close()


@contextmanager
def posting(
    address: str, path: str, people: int, says: Callable[[int, int], SaidFrom]
) -> Iterator[list[int]]:
    """So many people at once until the block ends, each with a page of their own; the statuses they got.

    `says` is given who posts, and how often they did before.
    """
    ended, answered = Event(), list[int]()

    def one_of_them(who: int) -> None:
        _keep_posting(address, path, lambda number: says(who, number), ended, answered)

    threads = [Thread(target=one_of_them, args=(who,)) for who in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield answered
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def seconds(address: str, path: str) -> float:
    """How long somebody waits for a page."""
    begun = time.perf_counter()
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", path)
        assert connection.getresponse().status == 200
    return time.perf_counter() - begun
