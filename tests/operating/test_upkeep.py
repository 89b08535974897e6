"""What runs by itself: expired drafts go whoever comes, but not on the word of a clock that has jumped."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from screening.desk import catching_up, opened_request, queues, reception
from screening.desk.desk import Desk
from screening.operating import unreadable
from screening.operating.job import Job, JobDone, JobGround
from screening.operating.record_facts import gather
from screening.operating.upkeep import JOBS, run
from screening.service.patient import Service
from screening.service.witness import SETTLED, Running, running
from screening.storage import people, staff_sessions, tables
from screening.storage.database import reading, writing
from tests.actors import Clock
from tests.desk.making import CLARA, RITA, read_all
from tests.sending import filled_in, sends
from tests.usual import TREATMENT

DAY = timedelta(days=1)


@dataclass
class Machine:
    """A server whose clock may be set, and whose counter of time goes on."""

    on: JobGround
    clock: Clock
    boot: str = "b1"
    seconds: float = 1000.0

    def waits(self, **by: float) -> None:
        self.clock.forward(**by)
        self.seconds += timedelta(**by).total_seconds()

    def keeps_up(self) -> list[str]:
        return run(self.on, Running(self.boot, self.seconds))

    def serves(self, minutes: int) -> None:
        """For so long, looking every five minutes."""
        for _ in range(0, minutes, 5):
            self.waits(minutes=5)
            self.keeps_up()


@pytest.fixture
def machine(service: Service, desk: Desk, clock: Clock) -> Machine:
    return Machine(JobGround(service, desk.opening_keys), clock)


def drafts_kept(service: Service) -> int:
    with reading(service.engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.drafts)) or 0


def test_expired_drafts_are_gone_whoever_comes(machine: Machine, service: Service) -> None:
    filled_in(service)
    machine.keeps_up()
    machine.waits(minutes=service.settings.draft_minutes)
    machine.keeps_up()
    assert drafts_kept(service) == 0


def test_a_patient_deletes_nobody_elses_draft(service: Service, clock: Clock) -> None:
    filled_in(service)
    clock.forward(days=1)
    fresh = service.fresh_visit("lumbar-sympathetic-block")
    assert fresh is not None
    service.save_answers(fresh, {"side": "left"})
    assert drafts_kept(service) == 2


def test_what_is_to_be_read_since_the_clinic_reads_every_request_comes_to_the_clinicians_by_itself(
    machine: Machine, service: Service, desk: Desk
) -> None:
    quiet, read, closed = (sends(service, name=name) for name in ("A", "B", "C"))
    reception.close(desk, RITA, closed, 1, "patient_declined")
    machine.keeps_up()
    stricter = service.settings.model_copy(update={"review_requests": "all"})
    object.__setattr__(service.arrival, "settings", stricter)
    read_all(desk, CLARA, read, 1, ["request"])  # before anything was counted again
    machine.waits(minutes=5)
    assert "counting" in machine.keeps_up()
    assert [row.reference for row in queues.review_queue(desk, CLARA).rows] == [quiet]
    assert opened_request.request(desk, RITA, quiet).row.review_due_at is not None
    now = read_all(desk, CLARA, quiet, 1, ["request"])
    reception.make_ready(desk, RITA, quiet, now)
    assert catching_up.count_again(desk) == (0, "")


def test_a_clock_a_day_ahead_for_an_hour_deletes_nothing_and_is_told(
    machine: Machine, service: Service
) -> None:
    machine.keeps_up()
    filled_in(service)
    machine.clock.now += DAY
    machine.serves(60)
    assert drafts_kept(service) == 1
    assert gather(service.settings, service.engine, service.now()).clock_set
    machine.clock.now -= DAY
    machine.keeps_up()
    assert not gather(service.settings, service.engine, service.now()).clock_set
    machine.waits(minutes=10)
    machine.keeps_up()
    assert drafts_kept(service) == 0


@pytest.mark.both_engines
@pytest.mark.parametrize("moves", [(DAY,), (DAY, -DAY), (-DAY, DAY), (-DAY,)])
def test_a_draft_lives_as_long_as_it_would_have_whatever_the_clock_is_set_to(
    machine: Machine, service: Service, moves: tuple[timedelta, ...]
) -> None:
    visit, idle = filled_in(service), service.settings.draft_minutes
    machine.keeps_up()
    for by in moves:
        machine.clock.now += by
        machine.keeps_up()
    machine.waits(minutes=idle - 1)
    found = service.visit(TREATMENT, visit.token)
    assert found is not None
    assert found.answers == visit.answers
    machine.waits(minutes=1)
    gone = service.visit(TREATMENT, visit.token)
    assert gone is not None
    assert gone.lost


def test_a_clock_that_was_put_right_is_believed_once_it_has_stood(machine: Machine, service: Service) -> None:
    machine.keeps_up()
    filled_in(service)
    machine.clock.now += DAY
    machine.serves(int(SETTLED / 60) + 10)
    assert drafts_kept(service) == 0


@pytest.mark.parametrize(("away", "kept"), [({"minutes": 10}, 0), ({"days": 2}, 1)])
def test_a_machine_that_was_started_again_is_believed_where_its_clock_went_on(
    machine: Machine, service: Service, away: dict[str, int], kept: int
) -> None:
    filled_in(service)
    machine.keeps_up()
    machine.serves(55)
    machine.clock.forward(**away)
    machine.boot, machine.seconds = "b2", 30.0
    machine.keeps_up()
    assert drafts_kept(service) == kept
    machine.serves(int(SETTLED / 60) + 10)
    assert drafts_kept(service) == 0


def test_tries_of_a_fast_clock_lock_nobody_out_once_it_is_right(service: Service, clock: Clock) -> None:
    clock.now += DAY
    with writing(service.engine) as connection:
        tries = [staff_sessions.begin_try(connection, "a", "192.0.2.1", clock()) for _ in range(6)]
        assert tries[-1] is None
        clock.now -= DAY
        assert staff_sessions.begin_try(connection, "a", "192.0.2.1", clock()) is not None


def test_a_step_of_a_fast_clock_uses_up_none_of_now(service: Service, clock: Clock) -> None:
    step = int(clock().timestamp() // 30)
    with writing(service.engine) as connection:
        given = {"email": "a@example.org", "name": "A", "roles": ("reception",), "password": "x"}
        made = people.add(connection, **given, now=clock())  # type: ignore[arg-type]  # given by name
        assert made is not None
        assert people.use_step(connection, made, step + 2880)
        assert people.use_step(connection, made, step)
        assert not people.use_step(connection, made, step)


def test_of_two_servers_one_does_what_is_due(machine: Machine, service: Service) -> None:
    other = Machine(JobGround(service), machine.clock, "b9", 5.0)
    assert set(machine.keeps_up()) == {job.name for job in JOBS if job.every(service.settings) is not None}
    assert other.keeps_up() == []


def test_of_two_servers_whose_clocks_differ_one_does_what_is_due_each_day(
    machine: Machine, service: Service
) -> None:
    """A backup of each would fill a disk twice as fast."""
    ahead, done = Clock(), list[str]()
    service_ahead = copy(service)
    service_ahead._clock = ahead
    other = Machine(JobGround(service_ahead), ahead, "b9")
    daily = Job("daily", lambda _: DAY, lambda _on, before: before)
    ahead.forward(minutes=4)
    for _ in range(3 * 24 * 12):
        for each in (other, machine):
            done += run(each.on, Running(each.boot, each.seconds), [daily])
            each.waits(minutes=5)
    assert done == ["daily"] * 3


def test_a_job_that_fails_stops_no_other_and_is_done_again(machine: Machine) -> None:
    def fails(_on: JobGround, _before: JobDone) -> JobDone:
        raise ValueError("planted")

    jobs = (Job("fails", lambda _: DAY, fails), Job("works", lambda _: DAY, lambda _on, before: before))
    assert run(machine.on, Running("b1", 1.0), jobs) == ["works"]
    machine.waits(minutes=11)
    works = Job("fails", lambda _: DAY, lambda _on, before: before)
    assert run(machine.on, Running("b1", 661.0), [works]) == ["fails"]


def test_requests_that_do_not_open_are_counted_some_at_a_time(machine: Machine, service: Service) -> None:
    references = sorted(sends(service) for _ in range(3))
    with writing(service.engine) as connection:
        mine = tables.requests.c.reference == references[0]
        connection.execute(update(tables.requests).where(mine).values(sealed_health=b"spoilt"))
    first = unreadable.look(machine.on, JobDone(0), size=2)
    assert (first.figure, bool(first.detail)) == (1, True)
    assert unreadable.look(machine.on, first, size=2).figure == 1


def test_this_machine_knows_how_long_it_runs() -> None:
    first, second = running(), running()
    assert first.boot == second.boot
    assert second.seconds >= first.seconds
