"""The desk's pages as the number of requests grows: a thousand, ten thousand, and so on up to SIZE."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from sqlalchemy import Engine, event

from screening.desk import opened_request
from screening.storage.queue import Wanted
from screening.web.door import service_of
from tests.actors import Clock
from tests.bench.filled import FilledService, filled, now, sizes
from tests.bench.measuring import Figure, figure, interleaved, ratio
from tests.staff.actors import Staff

PAGE, GROWTH, QUERIES = 40, 1.3, 10
ROUNDS = 15
CLOCKS = {  # SQLite works in this process, whose time is steadier than the clock on the wall
    "sqlite": (time.process_time, "ms CPU"),
    "postgresql": (time.perf_counter, "ms"),
}


class DeskBrowser:
    """Somebody at the desk, with every page that is measured."""

    def __init__(self, place: FilledService) -> None:
        clock = Clock()
        clock.now = now()
        email = f"{uuid4().hex[:8]}@demo.example"
        self.place = place
        self.engine = service_of(place.app).engine
        self.staff = Staff(place.app, clock, ("reception", "clinician"), email=email)
        self.staff.comes_in()
        self.token = self.staff.token()

    def pages(self) -> Mapping[str, Callable[[], object]]:
        """By name. What is looked for stands in one request that is there."""
        found = self.place.references(1, Wanted(work_list="to_review", now=now()))
        reference = (found or self.place.references(1))[0]
        said = opened_request.request(self.place.desk, self.place.reception, reference).row
        searches = {
            "a whole name": said.name,
            "a first name, which hundreds have": said.name.split()[0],
            "a name as it sounds": f"{said.name.split()[0]} {_misspelt(said.name.split()[-1])}",
            "a date of birth": said.birth_date,
            "a phone number": said.phone,
            "the end of a phone number": said.phone[-4:],
            "a reference": reference,
            "a name that nobody has": "Zzyzx",
        }
        return {
            "queue": lambda: self.get("/staff/requests"),
            "everything, newest first": lambda: self.get("/staff/requests?status=all&sort=newest"),
            "clinicians' list": lambda: self.get("/staff/review"),
            "review": lambda: self.get(f"/staff/requests/{reference}/review"),
            "request": lambda: self.get(f"/staff/requests/{reference}"),
            **{f"search for {name}": self._page_of(words) for name, words in searches.items()},
        }

    def _page_of(self, words: str) -> Callable[[], object]:
        """Where the form leads that somebody typed this into."""
        form = {"csrf_token": self.token, "search": words}
        address = self.staff.client.post("/staff/requests/find", data=form).headers["Location"]
        return lambda: self.get(address)

    def get(self, address: str) -> None:
        """A page that opens."""
        answer = self.staff.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code, answer.headers.get("Location"))


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


def figures() -> Iterator[Figure]:
    """On SQLite, then on PostgreSQL."""
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as places:
            browsers = {size: DeskBrowser(places.enter_context(filled(size, kind))) for size in sizes()}
            yield from _of_engine(kind, browsers)


def _of_engine(kind: str, browsers: Mapping[int, DeskBrowser]) -> Iterator[Figure]:
    clock, unit = CLOCKS[kind]
    pages = {size: browser.pages() for size, browser in browsers.items()}
    first, last = min(pages), max(pages)
    for name in pages[first]:
        taken = interleaved({str(size): pages[size][name] for size in pages}, rounds=ROUNDS, clock=clock)
        for size in pages:
            yield figure(f"{name}, {size:,} on {kind}", taken[str(size)], unit, PAGE)
        if first != last:
            yield ratio(
                f"{name}, {last:,} over {first:,} on {kind}", taken[str(last)], taken[str(first)], GROWTH
            )
        with _counted(browsers[last].engine) as asked:
            pages[last][name]()
        number = len(asked)
        yield Figure(f"{name}, statements", number, "queries", QUERIES, number, number)
