"""Requests: one for each draft, opened only by who may, where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, update

from screening.core.errors import CannotOpen
from screening.storage import drafts, requests, tables
from screening.storage.database import reading, writing
from screening.storage.sealing.hpke import OpeningKeys, SealingKey
from screening.storage.sealing.tokens import DraftToken

from .making import (
    CANARY,
    EXPIRY,
    LATER,
    TREATMENT,
    begin_draft,
    bytes_on_disk,
    kept_request,
    merge,
    new_request,
)


def keep(connection: Connection, key: SealingKey, request: requests.NewRequest) -> str | None:
    """Under its seal."""
    return requests.insert(connection, requests.seal(key, request), request)


def insert(engine: Engine, key: SealingKey, **given: object) -> str | None:
    """Insert in a transaction of its own."""
    with writing(engine) as connection:
        return keep(connection, key, new_request(**given))


def send(engine: Engine, key: SealingKey, token: DraftToken, references: Iterator[int]) -> str | None:
    """Send as the service does: lock, insert, mark, all in one transaction."""
    with writing(engine) as connection:
        draft = drafts.lock(connection, token, treatment=TREATMENT, now=LATER)
        assert draft is not None
        if draft.reference:
            return draft.reference
        request = new_request(reference=f"R{next(references)}", draft_id=token.row_id)
        reference = keep(connection, key, request)
        assert reference is not None
        drafts.mark_sent(connection, token, draft, reference, now=LATER, expires_at=EXPIRY)
        return reference


def test_a_request_comes_back_as_it_was_sent(
    engine: Engine, sealing_key: SealingKey, opening_keys: OpeningKeys
) -> None:
    insert(engine, sealing_key)
    sent = vars(new_request()).copy()
    del sent["draft_id"], sent["due_at"], sent["things"]
    with reading(engine) as connection:
        kept = requests.load(connection, opening_keys, "R1")
        assert kept == requests.Request(**sent, status="new")
        assert requests.load_contact(connection, opening_keys, "R1") == new_request().kept.contact


def test_an_absent_request_is_none(engine: Engine, opening_keys: OpeningKeys) -> None:
    with reading(engine) as connection:
        assert requests.load(connection, opening_keys, "R1") is None
        assert requests.load_contact(connection, opening_keys, "R1") is None
        assert requests.find_by_draft(connection, "draft-1") is None
        assert requests.count(connection) == 0


def test_sending_a_draft_again_gives_the_first_reference(engine: Engine, sealing_key: SealingKey) -> None:
    assert insert(engine, sealing_key, reference="R1") == "R1"
    assert insert(engine, sealing_key, reference="R2") == "R1"
    with reading(engine) as connection:
        assert requests.count(connection) == 1


def test_a_reference_in_use_asks_for_another_within_the_same_transaction(
    engine: Engine, sealing_key: SealingKey, opening_keys: OpeningKeys
) -> None:
    insert(engine, sealing_key, draft_id="draft-1")
    with writing(engine) as connection:
        other = {"draft_id": "draft-2", "kept": kept_request("Other")}
        assert keep(connection, sealing_key, new_request(**other)) is None
        assert keep(connection, sealing_key, new_request(**other, reference="R2")) == "R2"
    with reading(engine) as connection:
        first = requests.load_contact(connection, opening_keys, "R1")
        assert first == new_request().kept.contact
        assert requests.find_by_draft(connection, "draft-2") == "R2"


def test_twenty_clicks_on_send_make_one_request(engine: Engine, sealing_key: SealingKey) -> None:
    token, references = begin_draft(engine), count(1)
    with ThreadPoolExecutor(8) as clicks:
        answers = set(clicks.map(lambda _: send(engine, sealing_key, token, references), range(20)))
    assert answers == {"R1"}
    with reading(engine) as connection:
        assert requests.count(connection) == 1


def test_without_the_lock_twenty_inserts_still_make_one_request(
    engine: Engine, sealing_key: SealingKey
) -> None:
    with ThreadPoolExecutor(8) as clicks:
        answers = set(
            clicks.map(lambda number: insert(engine, sealing_key, reference=f"R{number}"), range(20))
        )
    assert len(answers) == 1
    with reading(engine) as connection:
        assert requests.count(connection) == 1


@pytest.mark.parametrize(
    ("column", "source", "reference"),
    [
        ("sealed_contact", "sealed_contact", "R2"),  # another row
        ("sealed_contact", "sealed_health", "R1"),  # another column
        ("sealed_health", "sealed_contact", "R1"),
        ("sealed_health", "sealed_health", "R2"),
    ],
)
def test_moved_text_does_not_open(
    engine: Engine,
    sealing_key: SealingKey,
    opening_keys: OpeningKeys,
    column: str,
    source: str,
    reference: str,
) -> None:
    insert(engine, sealing_key, reference="R1", draft_id="draft-1")
    insert(engine, sealing_key, reference="R2", draft_id="draft-2")
    table = tables.requests
    with writing(engine) as connection:
        sealed = connection.scalar(select(table.c[source]).where(table.c.reference == reference))
        connection.execute(update(table).where(table.c.reference == "R1").values({column: sealed}))
    with reading(engine) as connection, pytest.raises(CannotOpen):
        requests.load(connection, opening_keys, "R1")


def test_reception_reads_contact_details_even_where_health_does_not_open(
    engine: Engine, sealing_key: SealingKey, opening_keys: OpeningKeys
) -> None:
    insert(engine, sealing_key)
    with writing(engine) as connection:
        connection.execute(update(tables.requests).values(sealed_health=b"spoilt"))
        assert requests.load_contact(connection, opening_keys, "R1") == new_request().kept.contact


def test_no_word_of_a_patient_lies_in_the_clear_in_the_tables(
    engine: Engine, sealing_key: SealingKey
) -> None:
    token = begin_draft(engine, story=CANARY)
    merge(engine, token, more=CANARY)
    insert(engine, sealing_key)
    with reading(engine) as connection:
        rows = [row for table in tables.metadata.sorted_tables for row in connection.execute(select(table))]
    assert len(rows) == 4  # and the head of the audit
    assert CANARY not in repr(rows)


def test_no_word_of_a_patient_lies_in_the_clear_on_the_disk(
    sqlite_engine: Engine, sealing_key: SealingKey, tmp_path: Path
) -> None:
    token = begin_draft(sqlite_engine, story=CANARY)
    merge(sqlite_engine, token, more=CANARY)
    insert(sqlite_engine, sealing_key)
    kept = bytes_on_disk(tmp_path)
    assert (tmp_path / "screening.db-wal").stat().st_size > 0
    assert token.row_id.encode() in kept  # so the search finds what is there
    for secret in (CANARY.encode(), token.id, token.key, token.encode().encode()):
        assert secret not in kept


def test_a_request_does_not_show_what_was_said() -> None:
    assert CANARY not in repr(new_request())
