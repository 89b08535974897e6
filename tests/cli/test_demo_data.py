"""`screening demo-data`: what it makes is what the service itself would have left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine, func, select

from screening.accounts import members
from screening.cli import demo, main
from screening.cli.demo_data import command, making
from screening.cli.demo_data.copies import Copy
from screening.cli.demo_data.lives import WEEK, Life, live_all
from screening.cli.demo_data.people import NUMBER as MOST
from screening.cli.demo_data.stories import STORIES
from screening.cli.demo_data.templates import Template
from screening.cli.demo_work import DemoStaff
from screening.core.errors import NotReady
from screening.core.owed import WORK_LISTS
from screening.core.workflow import STATUSES
from screening.desk import opened_request
from screening.desk.desk import Desk
from screening.service import audit_head
from screening.service.patient import Service
from screening.storage import queue, requests, standing, tables
from screening.storage.database import reading
from screening.storage.queue import Wanted
from screening.storage.sealing import blind_index
from screening.storage.sites import at
from screening.web.door import service_of
from tests.desk.making import CLARA, RITA
from tests.sending import sends
from tests.storage.making import known_tables
from tests.two_sites import NORTH, make_group

NUMBER = 130
STAFF = DemoStaff(RITA, CLARA)
_LIVED: list[Life] = []  # by the first test, for all


@dataclass
class Filling:
    """A service to be filled."""

    service: Service
    errand: making.MakingErrand

    def upto(self, number: int, first: int = 0) -> Iterator[int]:
        planned = [copied for copied in making.plan(self.errand, number) if copied.number >= first]
        return making.make(self.service, self.errand, planned, number, 1)


@pytest.fixture
def filling(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Filling:
    """A desk with nothing to do yet; its keys are in its hands and not in files."""
    service = desk.service
    if not _LIVED:
        _LIVED.extend(live_all(service, STAFF, str, len(STORIES)))
    monkeypatch.setattr(making, "load_sealing_key", lambda _file: service.arrival.sealing_key)
    monkeypatch.setattr(making, "load_index_key", lambda _file: service.arrival.index_key)
    return Filling(service, making.errand_of(service, _LIVED, 1))


class Found(NamedTuple):
    """What an auditor and a query find."""

    faults: list[str]
    requests: int
    references: list[str]


def look(service: Service) -> Found:
    faults, _last = audit_head.findings(service.settings, service.engine)
    with reading(service.engine) as connection:
        there = requests.count(connection)
        references = queue.references(connection, Wanted(status="all", newest=True), 25)
    return Found(faults, there, references)


@pytest.mark.both_engines
def test_the_record_vouches_for_all_that_was_made(filling: Filling) -> None:
    assert [*filling.upto(NUMBER)] == [NUMBER]
    found = look(filling.service)
    assert (found.faults, found.requests) == ([], NUMBER)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.postgresql
def test_postgresql_knows_at_once_what_it_was_filled_with(filling: Filling) -> None:
    list(filling.upto(NUMBER))
    assert {"requests", "events", "request_index"} <= known_tables(filling.service.engine)


@pytest.mark.both_engines
def test_another_site_is_filled_beside_the_default_one(filling: Filling, tmp_path: Path) -> None:
    make_group(filling.service, tmp_path)
    list(filling.upto(NUMBER))
    with at(NORTH):
        there = Filling(filling.service, making.errand_of(filling.service, _LIVED, 1))
        assert look(filling.service).references == []
        list(there.upto(NUMBER))
        assert len(look(filling.service).references) > 0
    found = look(filling.service)
    assert (found.faults, found.requests) == ([], 2 * NUMBER)


def test_each_row_says_what_the_desk_makes_of_its_request_and_it_is_found_by_name(
    filling: Filling, desk: Desk
) -> None:
    list(filling.upto(NUMBER))
    for reference in look(desk.service).references:
        page = opened_request.request(desk, CLARA, reference)
        with reading(desk.service.engine) as connection:
            row = standing.load(connection, reference)
            kept = requests.load_contact(connection, desk.opening_keys, reference)
            index = tables.request_index.c
            found = connection.scalars(select(index.digest).where(index.reference == reference)).all()
        assert row is not None
        assert kept is not None
        figures = asdict(page.facts.figures)
        assert {name: getattr(row, name) for name in figures} == figures
        assert {*found} == blind_index.digests(desk.service.index_key(), kept, "GB")


def test_what_was_interrupted_is_whole_and_goes_on(filling: Filling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "BATCH", 40)
    first = next(filling.upto(NUMBER))
    assert look(filling.service).faults == []
    assert 0 < first < NUMBER
    last = [*filling.upto(NUMBER, first)][-1]
    found = look(filling.service)
    assert (last, found.faults) == (NUMBER, [])
    assert found.requests <= NUMBER  # whoever was to send again when it was stopped did not


def test_things_are_in_the_record_in_the_order_in_which_they_happened(
    filling: Filling, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.setattr(making, "BATCH", 40)
    list(filling.upto(NUMBER))
    with reading(engine) as connection:
        times = connection.scalars(select(tables.events.c.at).order_by(tables.events.c.number)).all()
    assert all(before <= after for before, after in pairwise(times))


def test_lives_come_by_every_status_and_every_list(filling: Filling) -> None:
    stood = [row for life in filling.errand.lives for step in life.steps for row in step.stands.values()]
    assert {row["status"] for row in stood} == set(STATUSES)
    assert {row["work_list"] for row in stood} >= {found.name for found in WORK_LISTS}


def test_requests_of_few_days_repeat_lives_of_every_story(desk: Desk) -> None:
    days = {day.weekday() for day in making.days_of(NUMBER, desk.service.today())}
    assert len(days) < WEEK
    lives = live_all(desk.service, STAFF, str, len(STORIES), sorted(days))
    assert len(lives) == len(STORIES)
    errand = making.errand_of(desk.service, lives, 1)
    assert {life.begins.astimezone(ZoneInfo(errand.zone)).weekday() for life in lives} == days
    assert len({copied.life for copied in making.plan(errand, NUMBER)}) > len(STORIES) / 2


def copied(errand: making.MakingErrand) -> list[tuple[object, ...]]:
    """When each of some requests came, how it is called, and whose it is; the same lives are repeated."""
    ground = errand.ground()
    templates = [Template(life, ground.surroundings()) for life in errand.lives]
    steps = (
        step for each in making.plan(errand, 30) for step in Copy(ground, templates[each.life], each).steps()
    )
    person = tables.requests.c.keys().index("person")
    return [(step.at, row[0], row[person]) for step in steps for row in step.new]


def test_the_same_seed_gives_the_same_requests_and_another_one_others(filling: Filling) -> None:
    first, again = copied(filling.errand), copied(filling.errand)
    others = copied(replace(filling.errand, seed=2))
    assert len(first) == 30
    assert first == again
    assert {row[1] for row in first}.isdisjoint(row[1] for row in others)


def test_notices_of_what_was_made_up_were_sent(filling: Filling, engine: Engine) -> None:
    list(filling.upto(NUMBER))
    with reading(engine) as connection:
        waiting = select(func.count()).where(tables.outbox.c.sent_at.is_(None))
        there = select(func.count()).select_from(tables.outbox)
        assert connection.scalar(waiting) == 0
        assert connection.scalar(there)


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str, **settings: str) -> Result:
    for name, value in ({"instance": str(folder / "instance"), "log_level": "error"} | settings).items():
        monkeypatch.setenv(f"SCREENING_{name.upper()}", value)
    return CliRunner().invoke(main, ["demo-data", *(options or ("--requests", "10"))])


def refused(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str, **settings: str) -> str:
    ended = asked(folder, monkeypatch, *options, **settings)
    assert ended.exit_code == 2
    assert isinstance(ended.exception, SystemExit)  # and no other, which would be a traceback
    return ended.stderr


def test_whoever_asks_again_for_as_many_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        assert asked(tmp_path, monkeypatch, "--requests", "2").exit_code == 0
    with closing(sqlite3.connect(tmp_path / "instance" / "screening.sqlite3")) as there:
        assert there.execute("SELECT count(*) FROM requests").fetchone() == (2,)


def test_it_is_for_a_trial_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = {"clinic_name": "Elm House", "clinic_phone": "020 7946 0000"}
    assert "SCREENING_TRIAL" in refused(tmp_path, monkeypatch, trial="false", **public)


def test_a_site_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nroth" in refused(tmp_path, monkeypatch, "--requests", "10", "--site", "nroth")


@pytest.mark.parametrize("number", ["0", "-1", str(MOST + 1), "many"])
def test_a_number_out_of_range_is_refused(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--requests" in refused(tmp_path, monkeypatch, "--requests", number)


def test_nothing_made_up_goes_among_real_requests(app: Flask) -> None:
    service = service_of(app)
    sends(service)
    with pytest.raises(NotReady):
        demo.refuse_real_requests(service)
    with pytest.raises(NotReady):  # `serve --demo` gives nobody an account there
        demo.prepare(app)
    assert members.everyone(service) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_disk_that_is_too_small_is_named_before_anything_is_made(desk: Desk) -> None:
    with pytest.raises(NotReady):
        command.refuse_full_disk(desk.service, 10**12)
