"""The server is killed while patients send: nothing acknowledged is lost, changed or doubled."""

from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from random import Random
from threading import Event
from time import sleep
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from screening.storage import requests
from screening.storage.database import open_database, reading
from screening.storage.sealing.keys import load_opening_keys
from tests.cli.test_serve import serving
from tests.thorough import usually
from tests.usual import TREATMENT, USUAL, page_typed, rules_of, said

pytestmark = pytest.mark.slow

KILLS = usually(2, thorough=10)
WRITERS = 4
RULES = rules_of(TREATMENT)
REFERENCE = re.compile(r"[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{4}")


@dataclass
class Sender:
    """A patient over real HTTP, who tries again when nothing answers."""

    address: list[str]  # where the server is now
    words: str
    opener: object = field(init=False)

    def __post_init__(self) -> None:
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def page(self, name: str, data: dict[str, list[str]] | None = None) -> tuple[str, str]:
        body = urlencode(data, doseq=True).encode() if data is not None else None
        with self.opener.open(f"{self.address[0]}/{TREATMENT}/{name}", body, timeout=10) as response:  # type: ignore[attr-defined]  # urllib's opener is untyped here
            return response.url.split("?")[0].rsplit("/", 1)[1], response.read().decode()

    def send(self) -> str:
        """Fill in and send; the reference that was acknowledged."""
        name, page = self.page("for_whom")
        while name != "request-sent":
            token = re.search(r'name="csrf_token" value="([^"]+)"', page)
            assert token is not None
            shown = re.findall(r'name="shown" value="([^"]+)"', page)
            typed = {"shown": shown} if name == "check-your-answers" else self._typed(name)
            name, page = self.page(name, {"csrf_token": [token[1]]} | typed)
        found = REFERENCE.search(page)
        assert found is not None
        return found[0]

    def _typed(self, name: str) -> dict[str, list[str]]:
        given = USUAL | {"what_happened": self.words}
        return page_typed(RULES, name, said(RULES.by_id[name], given), given)


def write(address: list[str], stop: Event, number: int) -> dict[str, str]:
    """Send requests until told to stop; what was acknowledged, with the words that were in it."""
    acknowledged: dict[str, str] = {}
    while not stop.is_set():
        words = f"writer {number}, request {len(acknowledged)}"
        sender = Sender(address, words)
        while not stop.is_set():
            try:
                reference = sender.send()
            except (URLError, OSError, HTTPException):
                sleep(0.05)  # the server is away: the same patient goes on with the same draft
            else:
                acknowledged[reference] = words
                break
    return acknowledged


def test_no_acknowledged_request_is_lost_changed_or_doubled_by_kills(tmp_path: Path) -> None:
    address, stop, chance = ["http://127.0.0.1:1"], Event(), Random(7)
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, address, stop, number) for number in range(WRITERS)]
        for _ in range(KILLS):
            with serving(tmp_path, log_level="error") as (process, address[0]):
                sleep(1 + chance.random())
                process.kill()
        with serving(tmp_path, log_level="error") as (process, address[0]):
            sleep(1)
            stop.set()
            acknowledged = {reference: words for one in running for reference, words in one.result().items()}
    assert len(acknowledged) >= KILLS
    instance = tmp_path / "instance"
    kept = kept_words(f"sqlite:///{instance / 'screening.sqlite3'}", instance)
    assert {reference: kept.get(reference) for reference in acknowledged} == acknowledged
    assert len(set(kept.values())) == len(kept)
    check = sqlite3.connect(tmp_path / "instance" / "screening.sqlite3")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()


def kept_words(url: str, instance: Path) -> dict[str, str]:
    """Reference -> the words in it, of every request in the database; its keys lie in the instance folder."""
    engine = open_database(url)
    keys = load_opening_keys(instance / "keys" / "opening.private")
    words: dict[str, str] = {}
    with reading(engine) as connection:
        for (reference,) in connection.exec_driver_sql("SELECT reference FROM requests"):
            request = requests.load(connection, keys, reference)
            assert request is not None
            answers = {answer.question: answer.stored for answer in request.kept.health.answers}
            words[reference] = answers["what_happened"]
    engine.dispose()
    return words
