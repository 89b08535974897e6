"""Changing the key of the blind indexes, the one that signs the audit's kept head, and the cookies' secret.

As with the pair that seals: old ones find and vouch, the new one is used from now on. Each step leaves a
service that starts, and the next call goes on where the last one was cut off: the new key is added to its
file; the database is told that it is current; the file says so too.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from sqlalchemy import select

from screening.core.errors import CannotOpen, NotReady
from screening.core.kept import KeptContact
from screening.operating import erasures
from screening.operating.job import TRANSACTIONS, JobDone, JobGround, go_on
from screening.service import audit_head
from screening.service.audit_head import audit_key_file
from screening.service.held_keys import (
    SECRET_BEFORE,
    SECRET_FILE,
    change_secret,
    index_file,
    index_key_of,
    make_first,
    sealing_key_of,
    secret_before,
    secret_id,
    secret_of,
    secret_purpose,
)
from screening.service.recording import Ground, Recorder, record, recording
from screening.service.sending import Arrival
from screening.storage import registered_keys, requests
from screening.storage.database import reading
from screening.storage.each_site import each_site
from screening.storage.files import PRIVATE, write_whole
from screening.storage.registered_keys import AUDITING, INDEXING
from screening.storage.sealing import blind_index
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.head_key import HeadKey
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sealing.keys import (
    fresh_audit_key,
    fresh_index_key,
    fresh_secret,
    load_audit_key,
    load_index_key,
    write_keys,
)
from screening.storage.sites import also_here, at
from screening.storage.tables import requests as rows

SIZE = 25  # requests at a time: others wait for so many


def rotate_index(ground: Ground) -> str:
    """The id of the key that indexes now; a lost one is replaced. Raises NotReady, Unavailable."""
    file = index_file(ground.settings)
    key = _begun(ground, INDEXING, file, index_key_of(ground.settings) if file.exists() else None)
    make_first(file, index_key_of(ground.settings), key)
    return key


def rotate_audit(ground: Ground) -> str:
    """The id of the key that signs now. Raises NotReady, Unavailable, OSError."""
    file = audit_key_file(ground.settings)
    key = _begun(ground, AUDITING, file, load_audit_key(file))
    make_first(file, load_audit_key(file), key)
    erasures.sign_again(ground.settings)
    audit_head.bring_forward(ground.settings, ground.engine)
    return key


def _begun(ground: Ground, purpose: str, file: Path, held: IndexKey | HeadKey | None) -> str:
    """Add a key, unless that was done before it was cut off, and tell the database."""
    with reading(ground.engine) as connection:
        known = {key.key_id for key in registered_keys.known(connection).get(purpose, ())}
    if not known:
        raise NotReady("This database knows no key yet: run screening keys init, or start the service.")
    there: tuple[IndexKey | HeadKey, ...] = (held, *held.earlier) if held is not None else ()
    begun = [key.key_id for key in there if key.key_id not in known]
    if not begun:
        fresh = fresh_index_key() if purpose == INDEXING else fresh_audit_key()
        write_keys(file, [*there, fresh])
        begun = [fresh.key_id]
    with recording(ground) as recorder:
        registered_keys.replace(recorder.connection, purpose, begun[0], ground.now())
        recorder.note("keys_rotated", purpose=purpose, key=begun[0])
    return begun[0]


def rotate_secret(ground: Ground) -> str:
    """The id of the secret that signs cookies now; a process uses it once it is started again.

    The one of before is kept beside it, and still counts until `finish_secret`; one that is lost is replaced.
    Raises NotReady, Unavailable, OSError.
    """
    settings, file = ground.settings, ground.settings.instance / SECRET_FILE
    if settings.secret_key:
        raise NotReady(
            "SCREENING_SECRET_KEY holds it: set SCREENING_SECRET_KEY_BEFORE to it, and SCREENING_SECRET_KEY "
            "to another one (openssl rand -base64 48), on every server; then start them again."
        )
    purpose = secret_purpose(settings)
    if not file.exists():
        return _instead_of_the_lost(ground, purpose, file)
    before, aside = secret_of(settings), settings.instance / SECRET_BEFORE
    if not aside.exists():
        write_whole(aside, before.encode(), PRIVATE)
    if secret_before(settings) == before:  # it was not cut off in between
        write_whole(file, fresh_secret().encode(), PRIVATE)
    key = secret_id(secret_of(settings))
    change_secret(ground.engine, secret_id(secret_before(settings)), key, ground.now(), purpose)
    record(ground, "keys_rotated", purpose=purpose, key=key)
    return key


def _instead_of_the_lost(ground: Ground, purpose: str, file: Path) -> str:
    """The database is told first: cut off before the file is there, the same is done again."""
    fresh = fresh_secret()
    key = secret_id(fresh)
    with recording(ground) as recorder:
        registered_keys.replace(recorder.connection, purpose, key, ground.now())
        recorder.note("keys_rotated", purpose=purpose, key=key)
    write_whole(file, fresh.encode(), PRIVATE)
    return key


def finish_secret(ground: Ground) -> list[str]:
    """Put the secret of before aside: what only it has signed counts no more. Raises NotReady, OSError."""
    before = ground.settings.instance / SECRET_BEFORE
    if ground.settings.secret_key_before:
        raise NotReady("SCREENING_SECRET_KEY_BEFORE holds it: unset it, and start the service again.")
    if not before.exists():
        return []
    gone = secret_id(secret_before(ground.settings))
    before.replace(before.with_name(f"{SECRET_FILE}.old"))
    return [gone]


def index_again(on: JobGround, before: JobDone, size: int = SIZE, most: int = TRANSACTIONS) -> JobDone:
    """Go on with indexing again what an earlier key indexed; `most` transactions. Raises Unavailable."""
    if on.keys is None or not index_file(on.settings).exists() or not index_key_of(on.settings).earlier:
        return JobDone(0)
    return go_on(before, partial(_some, on, on.keys, size), most)


def _some(on: JobGround, keys: OpeningKeys, size: int, after: str) -> tuple[int, str | None]:
    key = index_key_of(on.settings)
    arrival = Arrival(on.settings, sealing_key_of(on.settings), key)
    with recording(on.ground) as recorder:
        if registered_keys.current(recorder.connection, INDEXING) != key.key_id:
            raise NotReady("The file of the index key does not say what the database says: rotate it again.")
        wanted = also_here(rows) & (rows.c.index_key != key.key_id) & (rows.c.reference > after)
        query = select(rows.c.reference, rows.c.received_at).where(wanted).order_by(rows.c.reference)
        found = recorder.connection.execute(query.limit(size).with_for_update()).all()
        done = [row.reference for row in found if _anew(recorder, arrival, key, keys, row.reference)]
        if done:
            recorder.note("indexed_again", key=key.key_id, requests=done)
    return len(done), found[-1].reference if len(found) == size else None


def _anew(recorder: Recorder, arrival: Arrival, key: IndexKey, keys: OpeningKeys, reference: str) -> bool:
    """Index a request again, and let it and the same person's others see each other."""
    connection = recorder.connection
    try:
        contact = requests.load_contact(connection, keys, reference) or KeptContact()
    except CannotOpen:
        return False
    received_at = connection.scalars(select(rows.c.received_at).where(rows.c.reference == reference)).one()
    blind_index.forget(connection, reference)
    blind_index.write(connection, key, reference, received_at, contact, arrival.settings.region)
    arrival.see_each_other(connection, keys, reference, recorder.now)
    return True


def finish_index(on: JobGround) -> list[str]:
    """Index all the rest again, and put aside the keys that nothing needs; their ids. Raises NotReady."""
    if on.keys is None:
        raise NotReady("Names are sealed: this needs the private keys.")
    for site in each_site(on.ground.engine):
        with at(site):
            done = JobDone(0)
            while (done := go_on(done, partial(_some, on, on.keys, SIZE))).detail:
                pass
    with reading(on.ground.engine) as connection:
        needed = registered_keys.in_use(connection, INDEXING)
    return _put_aside(index_file(on.settings), index_key_of(on.settings), needed)


def finish_audit(ground: Ground) -> list[str]:
    """Put aside the keys of before; their ids. Raises NotReady."""
    erasures.sign_again(ground.settings)
    audit_head.bring_forward(ground.settings, ground.engine)
    file = audit_key_file(ground.settings)
    return _put_aside(file, load_audit_key(file), ())


def _put_aside(file: Path, key: IndexKey | HeadKey, needed: Collection[str]) -> list[str]:
    """Keys of before into a file beside this one; nothing is destroyed."""
    gone = [earlier for earlier in key.earlier if earlier.key_id not in needed]
    stay = [earlier for earlier in key.earlier if earlier.key_id in needed]
    if gone:
        aside = file.with_name(f"{file.name}.old")
        load = load_index_key if isinstance(key, IndexKey) else load_audit_key
        before = load(aside) if aside.exists() else None
        kept: tuple[IndexKey | HeadKey, ...] = (before, *before.earlier) if before is not None else ()
        write_keys(aside, [*gone, *kept])
        write_keys(file, [key, *stay])
    return [earlier.key_id for earlier in gone]
