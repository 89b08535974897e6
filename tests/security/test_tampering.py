"""Whoever can write to the database, and to the file of the head: what they change is found, and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Executable, Table, delete, insert, select, update

from screening.desk.desk import Desk
from screening.service import audit_head
from screening.storage import binding, events, tables
from screening.storage.database import writing
from screening.storage.lanes import BEGINNING, FIRST
from tests.desk.making import send
from tests.security.meddling import Story
from tests.storage.test_events import rehash

R, E, M, P, PUB = tables.requests, tables.entries, tables.request_status, tables.people, tables.publications
EV, MAILS, MESSAGES = tables.events, tables.outbox, tables.messages


def of(table: Table, reference: str) -> Executable:
    return delete(table).where(table.c.reference == reference)


def copied(table: Table, connection: Connection, changed: dict[str, object]) -> Executable:
    row = connection.execute(select(table)).first()
    assert row is not None
    return insert(table).values(row._asdict() | changed)


LATER = datetime(2027, 1, 1, tzinfo=UTC)
CHANGES: dict[str, Callable[[Story], list[Executable]]] = {
    "a decision moved to another request": lambda it: [
        update(E).where(E.c.reference == it.first).values(reference=it.second, version=E.c.version + 50)
    ],
    "a decision deleted": lambda it: [of(E, it.first)],
    "nothing open any more": lambda it: [update(R).where(R.c.reference == it.second).values(open_flags=7)],
    "a flag hidden": lambda it: [update(R).where(R.c.reference == it.first).values(flags_to_review=0)],
    "a status flipped": lambda it: [update(R).where(R.c.reference == it.second).values(status="booked")],
    "identity checked by nobody": lambda it: [
        update(R).where(R.c.reference == it.second).values(identity_checked=1)
    ],
    "a promise put off": lambda it: [update(R).where(R.c.reference == it.second).values(due_at=None)],
    "a request deleted": lambda it: [of(table, it.second) for table in (R, E, M, tables.request_index)],
    "a request put under another site": lambda it: [
        update(R).where(R.c.reference == it.second).values(site="elsewhere")
    ],
    "a decision put under another site": lambda it: [
        update(E).where(E.c.reference == it.first).values(site="elsewhere")
    ],
    "a request hidden from search": lambda it: [of(tables.request_index, it.second)],
    "a move deleted": lambda it: [of(M, it.first)],
    "a move renamed": lambda it: [update(M).where(M.c.reference == it.first).values(by_name="Nobody")],
    "health answers swapped": lambda it: [
        update(R).where(R.c.reference == it.first).values(sealed_health=b"other")
    ],
    "contact details swapped": lambda it: [
        update(R).where(R.c.reference == it.first).values(sealed_contact=b"other")
    ],
    "another writer of a decision": lambda it: [
        update(E).where(E.c.reference == it.first).values(by_id="p-else", by_name="Else")
    ],
    "an entry's words replaced": lambda it: [update(E).where(E.c.reference == it.second).values(sealed=b"x")],
    "a role given": lambda it: [update(P).where(P.c.id == it.person).values(roles="reception clinician")],
    "a password replaced": lambda it: [update(P).where(P.c.id == it.person).values(password="$other$")],
    "an account deleted": lambda it: [delete(P).where(P.c.id == it.person)],
    "a publication taken back": lambda _: [update(PUB).values(retired_because="because")],
    "a publication deleted": lambda _: [delete(PUB)],
    "a recall deleted": lambda _: [delete(tables.recalls)],
    "another version recalled": lambda _: [update(tables.recalls).values(version="2.0.0")],
    "what patients are told reworded": lambda _: [update(tables.message_templates).values(words="All well.")],
    "a template deleted": lambda _: [delete(tables.message_templates)],
    "a message moved to another request": lambda it: [update(MESSAGES).values(reference=it.second)],
    "a message deleted": lambda _: [delete(MESSAGES)],
    "a message that failed hidden": lambda _: [update(MESSAGES).values(seen_to=1)],
    "a link that is over opened again": lambda _: [update(MESSAGES).values(expires_at=LATER)],
    "a mail that waits deleted": lambda _: [delete(MAILS).where(MAILS.c.sent_at.is_(None))],
    "a mail that waits passed for sent": lambda _: [update(MAILS).values(sent_at=LATER, due_at=None)],
    "a mail that waits given up": lambda _: [update(MAILS).values(due_at=None)],
    "a mail sent elsewhere": lambda _: [update(MAILS).values(address="x@else.example")],
    "a reminder kept from being written": lambda _: [
        update(MAILS).where(MAILS.c.kind == "owed").values(once="owed:reception:2026-11-28:r@x.example")
    ],
    "a request given to somebody for good": lambda _: [delete(tables.lent)],
    "another stand-in": lambda it: [update(tables.away).values(stand_in=it.person)],
    "a team emptied": lambda _: [delete(tables.teams)],
    "sessions of another person taken over": lambda it: [
        update(P).where(P.c.id == it.person).values(uniquifier="mine")
    ],
    "a printed password kept alive": lambda it: [
        update(P).where(P.c.id == it.person).values(password_until=LATER)
    ],
    "the rules of a request changed": lambda _: [update(tables.rule_sets).values(document="{}")],
    "the rules of a request deleted": lambda _: [delete(tables.rule_sets)],
    "the counts changed": lambda _: [update(tables.status_counts).values(requests=41)],
    "an export's event deleted": lambda _: [delete(EV).where(EV.c.action == "exported")],
    "what events vouch for emptied": lambda _: [update(EV).values(bound=None)],
    "vouching declared to begin": lambda _: [update(tables.event_head).values(bound=0)],
}  # fmt: skip


@pytest.mark.both_engines
def test_each_change_of_rows_is_found(story: Story) -> None:
    used = select(R.c.rule_set_digest)
    with story.meddled(delete(tables.rule_sets).where(tables.rule_sets.c.digest.not_in(used))) as meddler:
        found = {name: meddler.found_after(*change(story)) for name, change in CHANGES.items()}
    assert [name for name in CHANGES if not found[name]] == []


def test_the_finding_names_the_request_and_what_of_it(story: Story) -> None:
    (found,) = story.found_after(of(E, story.first))
    assert story.first in found


NEW_PERSON: dict[str, object] = {"id": "n", "email": "n@x.example", "uniquifier": "n", "passkey_handle": "n"}


def test_a_row_put_in_and_vouched_for_at_the_next_start_is_found(story: Story) -> None:
    before = set(story.found)
    with writing(story.desk.service.engine) as connection:
        connection.execute(copied(P, connection, NEW_PERSON))
        connection.execute(update(tables.event_head).values(bound=0))
    with writing(story.desk.service.engine) as connection:
        assert events.vouch_for_all(connection, story.desk.service.now())
        heads = audit_head.committed(story.desk.settings, connection)
    audit_head.remember(story.desk.settings, heads)
    assert set(story.found) - before


def test_rows_that_a_later_program_binds_are_vouched_for_once_when_it_starts(story: Story) -> None:
    first, later = len(binding.AGES) - 1, []
    engine, now = story.desk.service.engine, story.desk.service.now()
    with writing(engine) as connection:
        connection.execute(update(tables.event_head).values(bound=first))
        connection.execute(insert(tables.teams).values(UNBOUND))
        later.append(events.vouch_for_all(connection, now))
        heads = audit_head.committed(story.desk.settings, connection)
        later.append(events.vouch_for_all(connection, now))
    audit_head.remember(story.desk.settings, heads)
    assert later == [True, False]
    assert story.found_after(delete(tables.teams).where(tables.teams.c.person_id == "old"))


UNBOUND = {"person_id": "old", "treatment": "knee"}


def test_a_careful_forger_who_makes_the_chain_agree_again_is_found(story: Story) -> None:
    before = set(story.found)
    with writing(story.desk.service.engine) as connection:
        connection.execute(of(E, story.first))
        connection.execute(update(tables.events).where(tables.events.c.number == 3).values(bound=None))
        rehash(connection, 3)
    assert set(story.found) - before


def test_serving_on_does_not_cover_up_what_a_careful_forger_did(desk: Desk) -> None:
    for name in ("Anna Example", "Bert Example"):
        send(desk.service, name=name)
    with writing(desk.service.engine) as connection:
        connection.execute(update(EV).where(EV.c.number == 1).values(origin="198.51.100.7"))
        rehash(connection, 1)
    assert audit_head.findings(desk.settings, desk.service.engine)[0]
    send(desk.service, name="Carl Example")
    assert audit_head.findings(desk.settings, desk.service.engine)[0]


# The head beside the database


def cut_to(connection: Connection, number: int) -> None:
    connection.execute(delete(EV).where(EV.c.number > number))
    for lane in connection.scalars(select(tables.event_head.c.id)).all():
        last = select(EV.c.number, EV.c.hash).where(EV.c.lane == lane).order_by(EV.c.number.desc()).limit(1)
        ends, digest = connection.execute(last).one_or_none() or (0, BEGINNING)
        mine = tables.event_head.c.id == lane
        connection.execute(update(tables.event_head).where(mine).values(number=ends, hash=digest))


def head_of(desk: Desk) -> Path:
    return audit_head.head_files(desk.settings)[0]


def test_the_events_that_patients_cause_reach_the_kept_head(desk: Desk) -> None:
    send(desk.service)
    kept = audit_head.kept_heads(desk.settings).latest
    assert set(kept) == set(audit_head.findings(desk.settings, desk.service.engine)[1])
    with writing(desk.service.engine) as connection:
        connection.execute(update(tables.event_head).values(number=0, hash=BEGINNING))
        connection.execute(delete(tables.events))
        for table in (R, M, tables.request_index, tables.status_counts):
            connection.execute(delete(table))
    assert audit_head.findings(desk.settings, desk.service.engine)[0]


@pytest.mark.parametrize("spoil", ["gone", "garbled", "unsigned", "earlier"])
def test_a_missing_garbled_or_earlier_head_is_itself_a_finding(desk: Desk, spoil: str) -> None:
    file = head_of(desk)
    send(desk.service)
    earlier = file.read_text()
    send(desk.service, name="Anna Example")
    assert audit_head.findings(desk.settings, desk.service.engine)[0] == []
    if spoil == "gone":
        file.unlink()
    else:
        spoilt = {"garbled": "0", "unsigned": " ".join(file.read_text().split()[:2]), "earlier": earlier}
        file.write_text(spoilt[spoil])
    assert audit_head.findings(desk.settings, desk.service.engine)[0]


@pytest.mark.parametrize("spoil", ["gone", "garbled"])
def test_serving_on_does_not_mend_a_head_that_is_gone_or_garbled(desk: Desk, spoil: str) -> None:
    if spoil == "gone":
        head_of(desk).unlink()
    else:
        head_of(desk).write_text("0")
    send(desk.service)
    assert audit_head.findings(desk.settings, desk.service.engine)[0]


def test_events_cut_off_together_with_the_head_file_are_found(desk: Desk) -> None:
    for name in ("Anna Example", "Bert Example", "Carl Example"):
        send(desk.service, name=name)
    head_of(desk).unlink()
    with writing(desk.service.engine) as connection:
        cut_to(connection, 1)
    assert audit_head.findings(desk.settings, desk.service.engine)[0]


def test_a_head_put_back_with_the_events_cut_to_it_is_told_by_the_copy(desk: Desk, tmp_path: Path) -> None:
    with_copy = desk.settings.model_copy(update={"audit_copy": tmp_path / "elsewhere"})
    desk.service.settings = with_copy
    audit_head.begin_anew(with_copy, audit_head.findings(desk.settings, desk.service.engine)[1])
    send(desk.service)
    earlier, ends = head_of(desk).read_text(), audit_head.findings(with_copy, desk.service.engine)[1]
    send(desk.service, name="Anna Example")
    head_of(desk).write_text(earlier)
    with writing(desk.service.engine) as connection:
        cut_to(connection, audit_head.newest(ends))
        for table in (R, M, MAILS, tables.request_index):
            connection.execute(delete(table).where(table.c.reference.not_in(told_of(connection))))
        counted = {"status": connection.scalars(select(R.c.status)).one(), "lane": FIRST, "requests": 1}
        connection.execute(delete(tables.status_counts))
        connection.execute(insert(tables.status_counts).values(counted))
    found = audit_head.findings(with_copy, desk.service.engine)[0]
    assert found
    assert all(str(tmp_path / "elsewhere") in fault or "were kept" in fault for fault in found)


def told_of(connection: Connection) -> list[str]:
    return [str(request) for request in connection.scalars(select(tables.events.c.request)) if request]
