"""A clinic of a group from the first answer to the appointment: its rows, its mails, what runs by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from screening.core.entries import Booking
from screening.core.errors import Absent
from screening.desk import (
    away,
    bookings,
    links,
    messages,
    opened_request,
    outgoing,
    queues,
    reception,
)
from screening.desk.desk import Desk
from screening.desk.shapes import Filters
from screening.desk.to_server import ToServer
from screening.operating import desk_jobs, other_keys, rotation, unreadable
from screening.operating.job import JobDone, JobGround
from screening.operating.record_facts import gather
from screening.operating.upkeep import run
from screening.service import audit_head, held_keys, texting
from screening.service.patient import Service
from screening.service.recording import recording
from screening.service.witness import Running
from screening.storage import outbox, resealing, tables, verifying
from screening.storage.database import reading
from screening.storage.messages import letter_of
from screening.storage.sealing.keys import load_opening_keys
from screening.storage.sites import DEFAULT, at
from screening.web.door import service_of
from tests.actors import Clock
from tests.conftest import MakeApp
from tests.desk.making import (
    CLARA,
    RITA,
    ROB,
    TWO_FLAGS,
    WHY,
    clear,
    decide,
    messages_of,
    review_flags,
    version,
)
from tests.sending import filled_in, sends
from tests.two_sites import NORTH, make_group, written
from tests.usual import USUAL

from .conftest import Inbox

BY_MAIL = {"reach_by": ["email"], "email": "patient@example.org"}
OF_A_SITE = tuple(table for table in tables.metadata.sorted_tables if "site" in table.c)


@pytest.fixture
def group(service: Service, desk: Desk, tmp_path: Path) -> Desk:
    """The desk of two clinics."""
    changed = {"public_address": "https://forms.example.org"}
    service.settings = service.settings.model_copy(update=changed)
    make_group(service, tmp_path)
    return desk


def sites_in(service: Service) -> dict[str, set[str]]:
    """Of which sites there are rows, by table."""
    with reading(service.engine) as connection:
        return {table.name: set(connection.scalars(select(table.c.site))) for table in OF_A_SITE}


def amiss(service: Service) -> list[str]:
    with reading(service.engine) as connection:
        return verifying.verify(connection, audit_head.kept_heads(service.settings).latest)


def booked(desk: Desk) -> str:
    """Word to booking, with all that staff do in between; its reference."""
    reference = sends(desk.service, **TWO_FLAGS, **BY_MAIL)
    flag = review_flags(desk, reference)[0]
    decide(desk, CLARA, reference, 1, flag, "ask_patient", question="Which one?")
    question = opened_request.request(desk, RITA, reference).questions[0].id
    messages.send_question(desk, RITA, reference, version(desk, reference), question, "mail")
    opened_request.look(desk, RITA, reference)
    reception.answer_question(desk, RITA, reference, version(desk, reference), question, "Apixaban")
    now = clear(desk, reference)
    now = reception.take(desk, RITA, reference, now)
    bookings.book(desk, RITA, reference, now, booking(desk), side=True)
    away.go_away(desk, RITA, RITA, ROB)
    return reference


def booking(desk: Desk) -> Booking:
    on = desk.service.today() + timedelta(days=3)
    return Booking(on, "09:30", desk.settings.places_offered[0])


def test_whatever_is_kept_of_a_request_is_of_its_site(group: Desk) -> None:
    with at(NORTH):
        booked(group)
    assert sites_in(group.service) == {table.name: {NORTH} for table in OF_A_SITE}
    assert amiss(group.service) == []


def test_a_patient_of_one_site_is_nobody_at_another(group: Desk) -> None:
    service = group.service
    with at(NORTH):
        theirs, draft = sends(service, **TWO_FLAGS, **BY_MAIL), filled_in(service)
    ours = sends(service, **TWO_FLAGS)
    for here, mine, foreign in ((DEFAULT, ours, theirs), (NORTH, theirs, ours)):
        with at(here):
            for search in (Filters(), Filters(search=USUAL["name"]), Filters(search=foreign)):
                listed = [row.reference for row in queues.queue(group, RITA, search).rows]
                assert listed == ([] if search.search == foreign else [mine])
            with pytest.raises(Absent):
                opened_request.request(group, RITA, foreign)
            with pytest.raises(Absent):
                reception.write_note(group, RITA, foreign, 1, "Who is this?")
            exported = b"".join(outgoing.export(group, CLARA, "json", reason=WHY).pieces)
            assert (mine.encode() in exported, foreign.encode() in exported) == (True, False)
            found = service.visit(draft.rule_set.id, draft.token)
            assert found is not None
            assert (found.draft is not None) == (here == NORTH)
    assert amiss(service) == []


def test_each_clinic_tells_its_own_people_and_patients(
    group: Desk, serve: Any, delivery: Any, inbox: Inbox, tmp_path: Path
) -> None:
    sender = delivery(serve())
    make_group(group.service, tmp_path)
    with at(NORTH):
        theirs = sends(group.service, **TWO_FLAGS, **BY_MAIL)
    group.service.now()
    sender.run()
    (told,) = inbox.to("north@example.org")
    assert theirs in told.get_content()
    assert "https://forms.example.org/at/north/staff" in told.get_content()
    (confirmed,) = inbox.to("patient@example.org")
    assert confirmed["From"].addresses[0].display_name == "North clinic"
    assert {to for to, _mail in inbox.mails} == {"north@example.org", "patient@example.org"}


def test_reminders_and_digests_count_what_waits_at_their_own_clinic(
    group: Desk, serve: Any, delivery: Any, inbox: Inbox, clock: Clock, tmp_path: Path
) -> None:
    sender = delivery(serve())
    make_group(group.service, tmp_path)
    with at(NORTH):
        sends(group.service, **TWO_FLAGS)
    for _day in range(7):
        clock.forward(days=1)
        sender.run()
    told = {to for to, _mail in inbox.mails}
    assert told == {"north@example.org", "north-clinicians@example.org"}
    links = [mail.get_content() for _to, mail in inbox.mails if "https://" in mail.get_content()]
    assert all("/at/north/staff" in words for words in links)
    assert links


def test_a_link_in_a_message_leads_to_the_clinic_that_sent_it(group: Desk) -> None:
    service = group.service
    with at(NORTH):
        reference = sends(service, **TWO_FLAGS, **BY_MAIL)
        flag = review_flags(group, reference)[0]
        decide(group, CLARA, reference, 1, flag, "ask_patient", question="Which one?")
        question = opened_request.request(group, RITA, reference).questions[0].id
        messages.send_question(group, RITA, reference, version(group, reference), question, "mail")
        (sent,) = messages_of(group, reference)
        with reading(service.engine) as connection:
            letter = letter_of(connection, group.opening_keys, sent.id)
    assert letter is not None
    token = letter.words.split("https://forms.example.org/at/north/answer/")[1].split()[0]
    assert not links.look_at(group, token).works
    with at(NORTH):
        assert links.look_at(group, token).works


def test_who_reports_a_text_need_not_say_whose_it_is(group: Desk) -> None:
    service = group.service
    service.settings = service.settings.model_copy(update={"sms_url": "http://127.0.0.1:9/texts"})
    by_text = {"reach_by": ["phone"], "phone": "07911 123456", "leave_message": "yes"}
    make_group(service, Path(service.settings.instance).parent)
    with at(NORTH):
        reference = sends(service, **by_text)
        messages.send_message(group, RITA, reference, 1, "ring_us", "text")
        (sent,) = messages_of(group, reference)
    assert texting.take_report(service, texting.TextReport(sent.id, "failed"))
    with at(NORTH):
        assert [each.state for each in messages_of(group, reference)] == ["failed"]
    assert messages.not_delivered(group, RITA) == ()
    assert not texting.take_report(service, texting.TextReport("0" * 32, "failed"))


def test_what_a_server_refused_is_taken_up_again_at_every_clinic(group: Desk, tmp_path: Path) -> None:
    service = group.service
    to_server = {"fhir_send_to": "http://127.0.0.1:9/fhir", "fhir_send_when": "received"}
    service.settings = service.settings.model_copy(update=to_server)
    make_group(service, tmp_path)
    with at(NORTH):
        sends(service)
        with recording(service) as recorder:
            waits = select(tables.outbox.c.id).where(tables.outbox.c.kind == "fhir_request")
            outbox.give_up(recorder.connection, recorder.connection.scalars(waits).one(), "500")
    assert ToServer(group).again() == 1
    assert amiss(service) == []


def test_what_runs_by_itself_is_done_at_every_site(group: Desk, clock: Clock) -> None:
    service, on = group.service, JobGround(group.service, group.opening_keys)
    with at(NORTH):
        (sent,) = messages_of(group, booked(group))
    assert sent.expires_at is not None
    for number in range(4):
        clock.forward(days=10)
        run(on, Running("b1", 1000.0 + number * 864_000))
    with at(NORTH):
        assert unreadable.look(on, JobDone(0)).figure == 0
        assert desk_jobs.run_out(on, JobDone(0)).figure == 0
    assert gather(service.settings, service.engine, clock()).unreadable == 0
    assert amiss(service) == []


def test_requests_whose_time_is_over_are_erased_at_every_site(
    group: Desk, clock: Clock, tmp_path: Path
) -> None:
    service = group.service
    service.settings = service.settings.model_copy(update={"keep_not_taken_days": 30})
    make_group(service, tmp_path)
    for site in (DEFAULT, NORTH):
        with at(site):
            reception.close(group, RITA, sends(service), 1, "other", "Not wanted")
    clock.forward(days=60)
    for number in range(3):
        clock.forward(hours=2)
        run(JobGround(service, group.opening_keys), Running("b1", 1000.0 + number * 7200))
    with reading(service.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.requests)) == 0
    assert amiss(service) == []


def test_new_keys_seal_and_find_what_every_site_keeps(make_app: MakeApp, tmp_path: Path) -> None:
    service = service_of(make_app(sites=written(tmp_path)))
    kept = {}
    for site in (DEFAULT, NORTH):
        with at(site):
            kept[site] = sends(service, **TWO_FLAGS)
    private = held_keys.private_file(service.settings)
    sealing, indexing = rotation.rotate(service), other_keys.rotate_index(service)
    keys = load_opening_keys(private)
    assert len(rotation.finish(JobGround(service, keys))) == 1
    assert len(other_keys.finish_index(JobGround(service, keys))) == 1
    with reading(service.engine) as connection:
        assert set(resealing.in_use(connection)) == {sealing}
        assert set(connection.scalars(select(tables.requests.c.index_key))) == {indexing}
    desk = Desk(service, load_opening_keys(private))
    for site, reference in kept.items():
        with at(site):
            found = queues.queue(desk, RITA, Filters(search=USUAL["name"])).rows
            assert [row.reference for row in found] == [reference]
    assert amiss(service) == []


def test_who_is_away_from_two_clinics_is_vouched_for_at_both(group: Desk) -> None:
    for site in (DEFAULT, NORTH):
        with at(site):
            away.go_away(group, RITA, RITA, ROB)
    assert not amiss(group.service)
    away.come_back(group, RITA, RITA)
    assert not amiss(group.service)
    with at(NORTH):
        away.come_back(group, RITA, RITA)
    assert not amiss(group.service)
