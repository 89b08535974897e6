"""The desk's pages as the number of requests grows: a thousand, ten thousand, and so on up to SIZE.

Each is compared with the smallest database in which it shows as many requests: a longer list takes longer,
however large the database is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import Engine, event

from screening.cli.demo_data.people import FIRST, LAST
from screening.core.references import ALPHABET
from screening.desk import opened_request
from screening.desk.shapes import Row
from screening.storage.queue import Wanted
from screening.storage.sealing.blind_index import ENDS
from screening.web.door import service_of
from tests.actors import Clock
from tests.bench.filled import FilledService, filled, now, sizes
from tests.bench.measuring import Figure, figure, interleaved, ratio
from tests.sending import sends
from tests.staff.actors import Staff
from tests.staff.desk import TWO_FLAGS

PAGE, GROWTH, QUERIES = 40, 1.3, 10
ROUNDS = 15
ROWS = 25  # of a page of a list
SENDING = "a request is filled in and sent"  # no page of the desk; what is put on record then is looked up
NAMESAKES = "request of somebody with namesakes"  # which looks at up to twenty of them, and may show none
MANY = 200  # more than ever ran of this on one database
UNUSED = ("01632 960", "03069 990", "0808 157 0")  # begins numbers that nobody has, nor who is made up
_REFERENCE = re.compile(rf"\b[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}-[{ALPHABET}]{{4}}\b")
CLOCKS = {  # SQLite works in this process, whose time is steadier than the clock on the wall
    "sqlite": (time.process_time, "ms CPU"),
    "postgresql": (time.perf_counter, "ms"),
}


class Sought(NamedTuple):
    """Somebody of whom there is one request, which waits for a clinician: so each page of theirs is the same
    in every database. Those who were made up are namesakes of each other, the more the larger it is."""

    name: str
    birth_date: str
    phone: str
    reference: str


def _somebody() -> dict[str, str]:
    """Nobody else is called so."""
    drawn = Random(uuid4().int)  # nothing secret hangs on it
    family = "".join(drawn.choice("bdfgklmnprtvz") + drawn.choice("aeiou") for _ in range(5)).title()
    born = date(1900, 1, 1) + timedelta(days=drawn.randrange(30 * 365))
    phone = f"{drawn.choice(UNUSED)}{drawn.randrange(1000):03}"
    return {"name": f"{FIRST[0]} {family}ston", "birth_date": born.isoformat(), "phone": phone}


def _sought(place: FilledService) -> Sought:
    """Their request, and so many of others that the clinicians' list is a whole page everywhere."""
    service = service_of(place.app)
    there = len(place.references(ROWS, Wanted(work_list="to_review", now=now())))
    for _ in range(ROWS - there):
        sends(service, **TWO_FLAGS, **_somebody())
    who = _somebody()
    return Sought(**who, reference=sends(service, **TWO_FLAGS, **who))


class DeskBrowser:
    """Somebody at the desk, with every page that is measured."""

    def __init__(self, place: FilledService) -> None:
        clock = Clock()
        clock.now = now()
        email = f"{uuid4().hex[:8]}@demo.example"
        self.place = place
        self.engine = service_of(place.app).engine
        self.sought = _sought(place)
        self.staff = Staff(place.app, clock, ("reception", "clinician"), email=email)
        self.staff.comes_in()
        self.token = self.staff.token()

    def pages(self) -> Mapping[str, Callable[[], str]]:
        """By name, as they come."""
        sought, first = self.sought, FIRST[0]
        waiting = self.place.references(MANY, Wanted(work_list="to_review", now=now()))
        said = next(
            row for row in map(self._opened, waiting + self.place.references(MANY)) if _made_up(row.name)
        )
        usual = said.reference
        searches = {
            "a whole name": sought.name,
            "a whole name that others have too": said.name,
            "a first name, which hundreds have": first,
            "a name as it sounds": f"{first} {_misspelt(sought.name.split()[-1])}",
            "a date of birth": sought.birth_date,
            "a phone number": sought.phone,
            "the end of a phone number": sought.phone.replace(" ", "")[-ENDS[-1] :],
            "four digits, with which hundreds of numbers end": said.phone[-ENDS[0] :],
            "a reference": sought.reference,
            "a name that nobody has": "Zzyzx",
        }
        return {
            "queue": lambda: self.get("/staff/requests"),
            "everything, newest first": lambda: self.get("/staff/requests?status=all&sort=newest"),
            "clinicians' list": lambda: self.get("/staff/review"),
            SENDING: self._sent,
            "review": lambda: self.get(f"/staff/requests/{sought.reference}/review"),
            "request": lambda: self.get(f"/staff/requests/{sought.reference}"),
            NAMESAKES: lambda: self.get(f"/staff/requests/{usual}"),
            **{f"search for {name}": self._page_of(words) for name, words in searches.items()},
        }

    def _sent(self) -> str:
        sends(service_of(self.place.app), **TWO_FLAGS, **_somebody())
        return ""

    def _opened(self, reference: str) -> Row:
        return opened_request.request(self.place.desk, self.place.reception, reference).row

    def _page_of(self, words: str) -> Callable[[], str]:
        """Where the form leads that somebody typed this into."""
        form = {"csrf_token": self.token, "search": words}
        address = self.staff.client.post("/staff/requests/find", data=form).headers["Location"]
        return lambda: self.get(address)

    def get(self, address: str) -> str:
        """A page that opens."""
        answer = self.staff.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.headers.get("Location"))
        return answer.text


def _shown(page: str) -> int:
    """How many requests are on it."""
    return len(set(_REFERENCE.findall(page)))


def _made_up(name: str) -> bool:
    """Whether it is not of somebody whom an earlier run looked for."""
    return name.split()[-1] in LAST


def _misspelt(name: str) -> str:
    return name.replace("f", "ph", 1) if "f" in name else f"{name}e"


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def _statements(engine: Engine, page: Callable[[], object]) -> int:
    """Of one time; now and then a page also notes that somebody is here, and looks what was published."""
    with _counted(engine) as asked:
        page()
    return len(asked)


def figures() -> Iterator[Figure]:
    """On SQLite, then on PostgreSQL."""
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as places:
            browsers = {size: DeskBrowser(places.enter_context(filled(size, kind))) for size in sizes()}
            yield from _of_engine(kind, browsers)


def _of_engine(kind: str, browsers: Mapping[int, DeskBrowser]) -> Iterator[Figure]:
    clock, unit = CLOCKS[kind]
    pages = {size: browser.pages() for size, browser in browsers.items()}
    last = max(pages)
    for name in pages[last]:
        taken = interleaved({str(size): pages[size][name] for size in pages}, rounds=ROUNDS, clock=clock)
        shown = {size: _shown(pages[size][name]()) for size in pages}
        for size in pages:
            told = f"{shown[size]} requests on it"
            yield figure(f"{name}, {size:,} on {kind}", taken[str(size)], unit, PAGE, told)
        alike = min(size for size in pages if shown[size] == shown[last])
        if alike != last and name != NAMESAKES:
            grown = taken[str(last)], taken[str(alike)]
            yield ratio(f"{name}, {last:,} over {alike:,} on {kind}", *grown, GROWTH)
        if name == SENDING:
            continue
        number = min(_statements(browsers[last].engine, pages[last][name]) for _ in range(3))
        yield Figure(f"{name}, statements on {kind}", number, "queries", QUERIES, number, number)
