"""The server is killed while patients send: nothing acknowledged is lost, changed or doubled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import Cookie, CookieJar
from itertools import count
from pathlib import Path
from random import Random
from threading import Event, Lock
from time import monotonic, sleep
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from sqlalchemy import make_url, select

from screening.app import open_service
from screening.core.errors import Unavailable
from screening.service.premises import utc_now
from screening.settings.environment import load_settings
from screening.storage import requests, tables
from screening.storage.database import open_database, reading
from screening.storage.sealing.keys import load_opening_keys
from screening.storage.sealing.tokens import DraftToken
from tests.faults.forks import Forks, forks
from tests.sending import filled_in
from tests.starting import ReadOnce
from tests.thorough import asked
from tests.usual import TREATMENT, USUAL, page_typed, rules_of, said

pytestmark = pytest.mark.slow

KILLS, WRITERS = asked((2, 4), (100, 8))
WALKING = 2  # writers that fill in every page; the others have only to send
PATIENCE, SOON = 60, 5  # seconds
MASTERS = 25  # kills of whoever serves, after which whoever begins them is killed too
RULES = rules_of(TREATMENT)
REFERENCE = re.compile(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{4}")


@dataclass
class Sender:
    """A patient over real HTTP, who tries again when nothing answers."""

    address: list[str]  # where the server is now
    words: str
    draft: DraftToken | None = None  # one that is filled in
    opener: OpenerDirector = field(init=False)

    def __post_init__(self) -> None:
        jar = CookieJar()
        if self.draft is not None:
            jar.set_cookie(_cookie("draft", self.draft.encode(), f"/{TREATMENT}"))
        self.opener = build_opener(HTTPCookieProcessor(jar))

    def page(self, name: str, data: dict[str, list[str]] | None = None) -> tuple[str, str]:
        body = urlencode(data, doseq=True).encode() if data is not None else None
        with self.opener.open(f"{self.address[0]}/{TREATMENT}/{name}", body, timeout=10) as response:
            return response.url.split("?")[0].rsplit("/", 1)[1], response.read().decode()

    def goes_on(self, name: str, page: str) -> tuple[str, str]:
        """Fill in the page at hand; the one that comes next."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        shown = re.findall(r'name="shown" value="([^"]+)"', page)
        typed = {"shown": shown} if name == "check-your-answers" else self._typed(name)
        return self.page(name, {"csrf_token": [token[1]]} | typed)

    def begin(self) -> tuple[str, str]:
        """The page behind the first one."""
        return self.goes_on(*self.page("for_whom"))

    def send(self) -> str:
        """Fill in and send; the reference that was acknowledged."""
        name, page = self.page("for_whom" if self.draft is None else "check-your-answers")
        while name != "request-sent":
            name, page = self.goes_on(name, page)
        found = REFERENCE.search(page)
        assert found is not None
        return found[0]

    def _typed(self, name: str) -> dict[str, list[str]]:
        given = USUAL | {"what_happened": self.words}
        return page_typed(RULES, name, said(RULES.by_id[name], given), given)


def _cookie(name: str, value: str, path: str) -> Cookie:
    here, none = ("127.0.0.1", True, False), (None, None)
    return Cookie(0, name, value, None, False, *here, path, True, False, None, True, *none, {})


def drafts_of(database_url: str, instance: Path) -> Callable[[str], DraftToken]:
    """Fills in a form with these words, all but sending it, from a process that nobody kills."""
    settings = load_settings(database_url=database_url, instance=instance, log_level="error")
    service, turn = open_service(settings, utc_now, ReadOnce), Lock()

    def fill_in(words: str) -> DraftToken:
        with turn:
            token = filled_in(service, what_happened=words).token
            if service.engine.dialect.name == "postgresql":  # the next test would find it open
                service.engine.dispose()
        assert token is not None
        return token

    return fill_in


def write(
    address: list[str],
    stop: Event,
    number: int,
    acknowledged: dict[str, str],
    patient: Callable[[list[str], str], Sender] = Sender,
) -> None:
    """Send requests until told to stop, adding what was acknowledged, with the words that were in it."""
    for sent in count():
        if stop.is_set():
            return
        words, sender = f"writer {number}, request {sent}", None
        while not stop.is_set():
            try:
                sender = sender or patient(address, words)
                reference = sender.send()
            except (URLError, OSError, HTTPException, Unavailable):
                sleep(0.05)  # it is away: the same patient goes on with the same draft
            else:
                acknowledged[reference] = words
                break


TOLD = {"smtp_host": "localhost", "mail_from": "desk@example.org", "mail_reception": "reception@example.org"}


def killed(
    service: Forks, address: list[str], chance: Random, number: int, acknowledged: Collection[str]
) -> None:
    """Serve, and be killed so often: wherever it is, or in turn a little after an acknowledgement."""
    for turn in range(number):
        address[0], known, until = service.begin(), len(acknowledged), monotonic() + SOON
        while turn % 2 and len(acknowledged) == known and monotonic() < until:
            sleep(0.01)
        sleep(chance.random() * (0.2 if turn % 2 else 1.4))
        service.kill()


def test_no_acknowledged_request_is_lost_changed_or_doubled_by_kills(
    tmp_path: Path, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    address, stop, settings = ["http://127.0.0.1:1"], Event(), TOLD | {"database_url": database_url}
    acknowledged = dict[str, str]()
    with ThreadPoolExecutor(WRITERS) as pool:
        filled = drafts_of(database_url, tmp_path / "instance")

        def at_the_end(where: list[str], words: str) -> Sender:
            return Sender(where, words, filled(words))

        writers = enumerate([Sender] * WALKING + [at_the_end] * (WRITERS - WALKING))
        running = [
            pool.submit(write, address, stop, number, acknowledged, patient) for number, patient in writers
        ]
        chance = Random(7)
        try:
            for _ in range(KILLS // MASTERS):
                with forks(tmp_path, **settings) as service:
                    killed(service, address, chance, MASTERS, acknowledged)
            with forks(tmp_path, **settings) as service:
                killed(service, address, chance, KILLS % MASTERS, acknowledged)
                address[0], known, until = service.begin(), len(acknowledged), monotonic() + PATIENCE
                while len(acknowledged) == known and monotonic() < until:
                    sleep(0.1)
                stop.set()
                for ended in running:
                    ended.result()
        finally:
            stop.set()
    told = f"{KILLS} kills, and {KILLS // MASTERS} of whoever begins them, {len(acknowledged)} acknowledged"
    record_property("reached", f"{told}, on {make_url(database_url).drivername}")
    assert acknowledged
    kept = kept_words(database_url, tmp_path / "instance" / "keys" / "opening.private")
    assert {reference: kept.get(reference) for reference in acknowledged} == acknowledged
    assert len(set(kept.values())) == len(kept)
    assert notices(database_url) == dict.fromkeys(kept, 1)


def notices(database_url: str) -> dict[str, int]:
    """How often reception is told of each request; the database is whole."""
    engine, rows = open_database(database_url), tables.outbox.c
    with reading(engine) as connection:
        told = connection.scalars(select(rows.reference).where(rows.kind == "new_request")).all()
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()
    return dict(Counter(told))


def kept_words(database_url: str, key: Path) -> dict[str, str]:
    """Reference -> the words in it, of every request in the database."""
    engine, keys, words = open_database(database_url), load_opening_keys(key), dict[str, str]()
    with reading(engine) as connection:
        for reference in connection.scalars(select(tables.requests.c.reference)).all():
            request = requests.load(connection, keys, reference)
            assert request is not None
            answers = {answer.question: answer.stored for answer in request.kept.health.answers}
            words[reference] = answers["what_happened"]
    engine.dispose()
    return words
