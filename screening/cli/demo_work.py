"""A day's work for the demo: sixty requests in every state, as patients and staff would have left them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Concatenate, NamedTuple, ParamSpec

from screening.core.entries import SPOKEN, Booking
from screening.core.errors import Refused
from screening.core.stored import Stored
from screening.desk import bookings, clinician, opened_request, reception
from screening.desk.clinician import WishedDecision
from screening.desk.desk import Desk
from screening.desk.shapes import Person
from screening.service.patient import Service

Send = Callable[[Service, str, Stored], str]  # as a patient does it; the reference
DeskStep = Callable[[Desk, "DemoStaff", str], object]  # something that staff do with a request
Given = ParamSpec("Given")  # what is done needs besides
_FIRST = ("Ada", "Ben", "Cora", "Dev", "Esme", "Finn", "Gita", "Hugo", "Iris", "Jack", "Kofi", "Lena", "Mina")
_LAST = (
    "Abbott",
    "Okafor",
    "Price",
    "Quinn",
    "Rahman",
    "Shaw",
    "Turner",
    "Usman",
    "Vaughan",
    "Wells",
    "Yates",
)
FLAGGED: tuple[Stored, ...] = (
    {"blood_thinners": "yes", "which_blood_thinner": ["apixaban"]},
    {"blood_thinners": "not_sure", "diabetes": "yes", "diabetes_treatment": ["tablets"]},
    {"allergies": "yes", "allergy_kinds": ["latex"], "allergy_words": "Rash from gloves"},
    {"kidney_liver": "not_sure"},
    {"infection": "yes", "anything_else": "The pain is worst at night."},
)
_TIMES = ("09:00", "09:40", "10:20", "11:00", "11:40", "13:30", "14:10", "14:50", "15:30")
WISHES: tuple[Stored, ...] = (
    {"reach_when": ["morning"]},
    {"reach_when": ["evening"], "needs": ["interpreter"]},
    {"for_whom": "someone_else", "representative_name": "Dylan Hughes", "representative_relationship": "Son"},
)


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """Who works at the demo's desk, by role."""

    reception: Person
    clinician: Person
    today: date | None = None  # when it all ends


class Later(NamedTuple):
    """What is done with a request, how many hours after it came."""

    hours: float
    act: DeskStep


@dataclass(frozen=True, slots=True)
class Story:
    """`number` requests that came these hours ago and half a day apart, and what became of them."""

    number: int
    hours: float
    flagged: bool = False
    then: tuple[Later, ...] = field(default=())
    again: str = ""  # of whoever rang unanswered first, under this name


def version_of(desk: Desk, who: Person, reference: str) -> int:
    return opened_request.request(desk, who, reference).row.version


def at_reception(
    do: Callable[Concatenate[Desk, Person, str, int, Given], object],
    *given: Given.args,
    **more: Given.kwargs,
) -> DeskStep:
    """Whatever reception does with a request as it stands."""
    return lambda desk, staff, ref: do(
        desk, staff.reception, ref, version_of(desk, staff.reception, ref), *given, **more
    )


def calls(outcome: str, note: str = "", *, asked: bool = False) -> DeskStep:
    return at_reception(reception.log_call, outcome, note, asked=asked)


def closes(reason: str) -> DeskStep:
    return at_reception(reception.close, reason)


marks_urgent = at_reception(reception.mark_urgent, "The GP rang about it this morning")
raises = at_reception(reception.raise_item, "", "Told us that she is on antibiotics now")
passes = at_reception(reception.pass_to_review)
withdraws = at_reception(reception.withdraw, "Feels better")


def reviews(decision: str, step: str = "", note: str = "", question: str = "") -> DeskStep:
    """Everything read, each item decided in the same way, and what comes next."""

    def act(desk: Desk, staff: DemoStaff, ref: str) -> object:
        found = clinician.review(desk, staff.clinician, ref)
        wishes = [WishedDecision(line.flag.id, decision, note, question) for line in found.flags]
        version = found.request.row.version
        return clinician.settle(desk, staff.clinician, ref, version, wishes, found.unread, step)

    return act


def answers_all(desk: Desk, staff: DemoStaff, ref: str) -> None:
    for asked in opened_request.request(desk, staff.reception, ref).questions:
        said = "Since March, 5 mg a day"
        at_reception(reception.answer_question, asked.id, said, called=True)(desk, staff, ref)


def books(days: int, at: str = "10:30") -> DeskStep:
    """Days from when it is booked, moved to a weekday."""

    def act(desk: Desk, staff: DemoStaff, ref: str) -> object:
        on = _weekday(desk.service.now().date() + timedelta(days=days))
        return _books(Booking(on, at, "Room 7"))(desk, staff, ref)

    return act


def _books_today(desk: Desk, staff: DemoStaff, ref: str) -> None:
    """For the day on which somebody looks at the demo, whatever day of the week it is; times go round."""
    on = staff.today or desk.service.today()
    at = _TIMES[sum(map(ord, ref)) % len(_TIMES)]
    _books(Booking(on, at, "Room 7"))(desk, staff, ref)


def _books(booking: Booking) -> DeskStep:
    return at_reception(bookings.book, booking, identity=True, side=True)


def _weekday(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def repeats(desk: Desk, staff: DemoStaff, ref: str) -> None:
    (first,) = opened_request.request(desk, staff.reception, ref).twins
    at_reception(reception.mark_duplicate, first.reference)(desk, staff, ref)


_SENT_BACK = Later(20, reviews("proceed", "Book half an hour", "Noted, will go through it"))
STOPPED = reviews("do_not_proceed", "Tell the patient that we wait for a test", "Not before the test")
_ASKS = Later(9, reviews("ask_patient", question="Which dose, since when?"))
STORIES: tuple[Story, ...] = (
    Story(7, 1),
    Story(3, 30, then=(Later(3, calls("no_answer")), Later(20, calls("left_message", "Will try again")))),
    Story(10, 2, flagged=True),
    Story(1, 250, flagged=True),  # late, whatever day it is
    Story(1, 260, flagged=True, then=(_ASKS, Later(20, calls("left_message", asked=True)))),  # no answer yet
    Story(1, 6, then=(Later(2, passes),)),
    Story(2, 4, flagged=True, then=(Later(1, marks_urgent),)),
    Story(2, 40, flagged=True, then=(_ASKS,)),
    Story(2, 46, flagged=True, then=(_ASKS, Later(20, calls("left_message", asked=True)))),
    Story(
        2,
        50,
        flagged=True,
        then=(Later(9, reviews("ask_patient", question="Which dose?")), Later(30, answers_all)),
    ),
    Story(4, 45, flagged=True, then=(_SENT_BACK,)),
    Story(3, 60, flagged=True, then=(_SENT_BACK, Later(26, calls("reached", "Will look at her diary")))),
    Story(1, 90, then=(Later(10, books(6)),)),
    Story(5, 130, then=(Later(20, _books_today),)),
    Story(2, 100, flagged=True, then=(_SENT_BACK, Later(40, books(9, "14:00")))),
    Story(2, 80, then=(Later(10, books(8)), Later(50, raises), Later(70, STOPPED))),
    Story(1, 70, then=(Later(10, books(60)),)),
    Story(1, 72, then=(Later(10, books(30)), Later(40, marks_urgent))),
    Story(2, 65, flagged=True, then=(Later(20, STOPPED),)),
    Story(2, 260, then=(Later(20, books(4)),)),
    Story(2, 200, then=(Later(20, closes("cannot_reach")),)),
    Story(1, 300, then=(Later(20, books(3)), Later(150, closes("attended")))),
    Story(1, 150, then=(Later(30, withdraws),)),
    Story(1, 22, then=(Later(2, repeats),), again="{name}"),
    Story(1, 5, again="Dr {name}"),
)
UNANSWERED = STORIES[0].number  # the number of the first that nobody could reach


def said() -> Iterator[Stored]:
    """What each patient answers besides the usual; numbers from the range kept for fiction."""
    for number in range(sum(story.number for story in STORIES)):
        yield {
            "name": f"{_FIRST[number % len(_FIRST)]} {_LAST[number % len(_LAST)]}",
            "birth_date": f"{1938 + number * 7 % 66}-{1 + number % 12:02}-{1 + number * 5 % 28:02}",
            "phone": f"020 7946 {200 + number:04}",
            "severity": 3 + number % 7,
            **WISHES[number % 7 if number % 7 < len(WISHES) else 0],
        }


def do_the_work(desk: Desk, staff: DemoStaff, send: Send, usual: Stored) -> None:
    """All of it in the order in which it happened, each at its time."""
    sent: dict[int, str] = {}
    staff = replace(staff, today=desk.service.today())

    def comes(number: int, like: int, answers: Stored, at: Desk) -> None:
        offered = at.service.treatments()
        sent[number] = send(at.service, offered[-1 - like % len(offered)].id, {**usual, **answers})

    def done(number: int, act: DeskStep, at: Desk) -> None:
        with suppress(Refused):  # with rules of their own a story may stop where the shipped go on
            act(at, staff, sent[number])

    patients = list(said())
    people = enumerate(patients)
    planned: list[tuple[float, Callable[[Desk], None]]] = []
    for story in STORIES:
        for place, (number, answers) in zip(range(story.number), people, strict=False):
            hours = story.hours + place * 3
            more = FLAGGED[number % len(FLAGGED)] if story.flagged else {}
            if story.again:
                first = patients[UNANSWERED]
                more = {**first, "name": story.again.format(name=first["name"])}
            like = UNANSWERED if story.again else number
            planned.append((hours, _bound(comes, number, like, {**answers, **more})))
            planned += [(hours - later.hours, _bound(done, number, later.act)) for later in story.then]
    for hours, step in sorted(planned, key=lambda one: -one[0]):
        step(at_moment(desk, desk.service.now() - timedelta(hours=hours)))
    begins(desk, staff.reception, "Olive Grant")
    begins(desk, staff.clinician, "Percy Lamb")


def begins(desk: Desk, who: Person, name: str) -> None:
    """Somebody at the desk fills in for a patient who rang, and has asked no more yet than who it is."""
    visit = desk.service.fresh_visit(desk.service.treatments()[-1].id)
    if visit is None:
        return
    told = {"for_whom": "me", "name": name, "birth_date": "1957-05-02"}
    answers = {asked: answer for asked, answer in told.items() if asked in visit.rule_set.by_id}
    desk.service.begin(visit, who.id, SPOKEN, answers)


def _bound(what: Callable[..., None], *given: object) -> Callable[[Desk], None]:
    return lambda at: what(*given, at)


def at_moment(desk: Desk, then: datetime) -> Desk:
    """The same desk at that moment."""
    return replace(desk, service=service_at(desk.service, then))


def service_at(service: Service, then: datetime) -> Service:
    """The same service at that moment."""
    return Service(service.settings, service.engine, service.library, service.arrival, lambda: then)
