"""Stories lived by the service itself, row for row, on a database that is thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from screening.cli import demo
from screening.cli.demo_data.stories import STORIES, WholeStory
from screening.cli.demo_data.witness import LifeStep, Witness
from screening.cli.demo_work import FLAGGED, WISHES, DemoStaff, at_moment
from screening.core.stored import Stored
from screening.desk.desk import Desk
from screening.service.held_keys import hold
from screening.service.patient import Service
from screening.service.recording import begin_record
from screening.service.sending import Arrival
from screening.service.sites import Site, Sites
from screening.settings import Settings
from screening.settings.clinic_time import calendar_of
from screening.storage.database import open_database, upgrade
from screening.storage.sealing.keys import PRIVATE, load_opening_keys
from screening.storage.sites import DEFAULT, at

WEEK = 7
OPENS, CLOSES = 7, 22  # hours of the day between which patients send
ODD = timedelta(
    minutes=7, seconds=17, microseconds=1
)  # what people do falls on no full minute; clinics' times do


@dataclass(frozen=True)
class Life:
    """One story, as it was lived: a request, or two of one person. What lay under seals is canonical JSON."""

    weight: float
    begins: datetime
    steps: tuple[LifeStep, ...]
    sealed: Mapping[str, Mapping[str, str]] = field(repr=False)  # reference -> column -> plaintext


def live_all(
    real: Service,
    staff: DemoStaff,
    translate: Callable[[str], str],
    number: int,
    weekdays: Sequence[int] = range(WEEK),
) -> list[Life]:
    """So many lives: the stories in turn, begun on other days, at other hours, with other answers.

    Where there are few `weekdays` to repeat them on, they are begun on these alone. They are those of the
    site where this is, on a database that knows no other.
    """
    site = real.site
    with at(DEFAULT), _scratch(real, site, translate) as desk:
        return list(_lived(desk, Witness(desk), staff, number, weekdays))


def _lived(
    desk: Desk, witness: Witness, staff: DemoStaff, number: int, weekdays: Sequence[int]
) -> Iterator[Life]:
    zone = ZoneInfo(desk.settings.time_zone)
    today = desk.service.now().astimezone(zone).date()
    monday = today - timedelta(days=today.weekday() + 7)
    for nth in range(number):
        hour = OPENS + nth * 4 % (CLOSES - OPENS)
        begins = (
            datetime.combine(monday + timedelta(days=weekdays[nth % len(weekdays)]), time(hour), tzinfo=zone)
            + ODD
        )
        story = STORIES[nth % len(STORIES)]
        witness.begin()
        _live(desk, witness, staff, story, nth, begins)
        yield Life(story.weight, begins, tuple(witness.steps), witness.sealed)


@contextmanager
def _scratch(real: Service, site: Site, translate: Callable[[str], str]) -> Iterator[Desk]:
    """A desk with the same rules and settings, on a database and keys of its own, which nothing leaves."""
    with ExitStack() as after:
        settings = _alone(site.settings, Path(after.enter_context(TemporaryDirectory(dir=_quick_place()))))
        engine = open_database(settings.database)
        after.callback(engine.dispose)
        upgrade(engine)
        begin_record(settings, engine, real.now())
        held = hold(settings, engine, real.now())
        arrival = Arrival(settings, held.sealing, held.index)
        alone = Sites((replace(site, key="", rows=DEFAULT, settings=settings),), settings)
        service = Service(settings, engine, real.library, arrival, real.now, sites=alone)
        yield Desk(service, load_opening_keys(settings.keys / PRIVATE), translate)


def _quick_place() -> Path | None:
    """Memory, where it can be had: what is thrown away need not survive a power cut."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of its own in it, which others cannot read
    return memory if memory.is_dir() else None


def _alone(settings: Settings, folder: Path) -> Settings:
    """The same, but for where things are, and with nobody outside."""
    files = ("sealing_key", "opening_keys", "index_key", "audit_key", "audit_head", "audit_copy")
    nobody: dict[str, object] = {"database_url": "", "fhir_send_to": "", "doors": "both", "instance": folder}
    return settings.model_copy(update=dict.fromkeys(files) | nobody)


def _live(
    desk: Desk, witness: Witness, staff: DemoStaff, story: WholeStory, number: int, begins: datetime
) -> None:
    answers, references = _answers(number, flagged=story.flagged), list[str]()

    def sends(then: Desk) -> None:
        offered = then.service.treatments()
        references.append(demo.send(then.service, offered[number % len(offered)].id, answers))

    def done(act: Callable[[Desk, DemoStaff, str], object]) -> Callable[[Desk], object]:
        return lambda then: act(then, staff, references[-1])

    planned: list[tuple[float, Callable[[Desk], object]]] = [(0.0, sends)]
    planned += [(24.0, sends)] if story.twice else []
    planned += [(later.hours, done(later.act)) for later in story.then]
    for hours, act in planned:
        moment = begins + timedelta(hours=hours)
        act(at_moment(desk, moment if act is sends else _at_work(desk, moment)))
        witness.deliver()


def _answers(number: int, *, flagged: bool) -> Stored:
    """Of a person who is in no other life; the year of birth is what all copies share."""
    return {
        **demo.USUAL,
        "name": f"Nobody Number{number}",
        "birth_date": f"{1938 + number * 7 % 66}-06-15",
        "phone": "020 7946 0999",
        "severity": 3 + number % 7,
        **(WISHES[number % 7] if number % 7 < len(WISHES) else {}),
        **(FLAGGED[number % len(FLAGGED)] if flagged else {}),
    }


def _at_work(desk: Desk, moment: datetime) -> datetime:
    """Then, or soon after the clinic opens next."""
    calendar = calendar_of(desk.settings)
    return moment if calendar.is_open(moment) else calendar.next_opening(moment) + ODD
