"""The keys of a service as an operator sees them: which there are, what needs them, and taking them along."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from screening.core.errors import NotReady
from screening.core.wording import so_many
from screening.operating.backups.files import BACKUP_PUBLIC, elsewhere, files_of
from screening.operating.erasures import FILE as ERASURES
from screening.service.audit_head import audit_key_file
from screening.service.held_keys import (
    SECRET_FILE,
    KeyPlace,
    audit_place,
    current_of,
    expected_keys,
    foreign,
    has_keys,
    hold,
    index_key_of,
    is_lost_half,
    lost,
    places,
    private_file,
    prove_pair,
    sealing_key_of,
    secret_before,
    secret_id,
    secret_of,
)
from screening.settings import Settings
from screening.storage import registered_keys, resealing
from screening.storage.database import open_database, reading
from screening.storage.files import write_once
from screening.storage.registered_keys import AUDITING, INDEXING, SEALING, SECRET
from screening.storage.sealing.keys import (
    AUDIT,
    INDEX,
    load_audit_key,
    load_index_key,
    load_opening_keys,
    load_secret,
)

SHORTEST_PASSWORD = 12  # characters


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key by its id, and how many sealed parts, or indexed requests, need it."""

    purpose: str
    key_id: str
    since: datetime | None
    current: bool
    here: bool | None  # whether it opens here; None for keys that open nothing
    parts: int


def listed(settings: Settings, engine: Engine) -> Iterator[KnownKey]:
    """All that the database knows, and any that its rows need beside those. Raises NotReady, Unavailable."""
    private = private_file(settings)
    held = load_opening_keys(private).key_ids if private.exists() else ()
    with reading(engine) as connection:
        known, needed = registered_keys.known(connection), resealing.in_use(connection)
        indexed = registered_keys.indexed(connection)
    for purpose, keys in known.items():
        for key in keys:
            opens = key.key_id in held if purpose == SEALING else None
            parts = (needed.pop if purpose == SEALING else indexed.get)(key.key_id, 0)
            yield KnownKey(purpose, key.key_id, key.since, key == keys[-1], opens, parts)
    for key_id, parts in needed.items():
        yield KnownKey(SEALING, key_id, None, False, key_id in held, parts)


def amiss(settings: Settings, engine: Engine, now: datetime) -> list[str]:
    """What is wrong with the keys that are here. Raises Unavailable."""
    try:
        hold(settings, engine, now)
        keys = list(listed(settings, engine))
    except NotReady as error:
        return [str(error)]
    here = private_file(settings)
    if not here.exists():
        return []
    return [
        f"key {key.key_id}: not in {here}, and needed for {so_many(key.parts, 'sealed part')}"
        for key in keys
        if key.parts and key.here is False
    ]


def unfit(settings: Settings, engine: Engine) -> list[str]:
    """The keys for which a start would be refused; by looking, none is made or told to the database.

    Raises Unavailable.
    """
    looked_at = [*places(settings), *([audit_place(settings)] if settings.opens else [])]
    return [told for place in looked_at for told in _unfit(settings, engine, place)]


def _unfit(settings: Settings, engine: Engine, place: KeyPlace) -> Iterator[str]:
    expected = expected_keys(engine, place.purpose)
    if place.missing:
        if expected and not is_lost_half(settings, place):
            yield lost(settings, place, expected)
        return
    try:
        here = _ids_at(settings, place.purpose, {key.key_id for key in expected})
    except NotReady as error:
        yield str(error)
        return
    if expected and not {key.key_id for key in current_of(expected)} & set(here):
        yield foreign(settings, place, here[0], expected)


def _ids_at(settings: Settings, purpose: str, known: Collection[str]) -> list[str]:
    """The current key's, and those that a start makes current where a change was cut off. Raises NotReady."""
    if purpose == SEALING:
        public = sealing_key_of(settings)
        prove_pair(settings, public)
        private = load_opening_keys(private_file(settings)).key_ids if has_keys(settings) else ()
        return [public.key_id, *(private if public.key_id in known else ())]
    if purpose in (INDEXING, AUDITING):
        key = index_key_of(settings) if purpose == INDEXING else load_audit_key(audit_key_file(settings))
        return [key.key_id, *(earlier.key_id for earlier in key.earlier)]
    return [secret_id(secret) for secret in (secret_of(settings), secret_before(settings)) if secret]


def to_take_along(settings: Settings) -> dict[str, bytes]:
    """Every key file that is here, by name."""
    left = {BACKUP_PUBLIC, ERASURES}
    files = {name: path for name, path in files_of(settings).items() if name not in left and path.is_file()}
    return {name: path.read_bytes() for name, path in files.items()}


def put_back(settings: Settings, files: Mapping[str, bytes]) -> list[str]:
    """Write the key files of which none is there yet; where. Raises NotReady, OSError."""
    wanted = {path: files[name] for name, path in files_of(settings).items() if name in files}
    different = [path for path, data in wanted.items() if path.exists() and path.read_bytes() != data]
    if different:
        raise NotReady(
            f"{different[0]}: another key is there. Move it away first, or set SCREENING_INSTANCE."
        )
    for path, data in wanted.items():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, data)
    return [str(path) for path in wanted]


def rehearse(settings: Settings, files: Mapping[str, bytes]) -> list[str]:
    """What is wrong with keys that were taken along, held against the database; they are put nowhere.

    Raises NotReady, Unavailable.
    """
    with tempfile.TemporaryDirectory(prefix="screening-drill-") as folder:
        place = elsewhere(settings, Path(folder))
        put_back(place, files)
        try:
            there = _ids(place)
        except NotReady as error:
            return [str(error)]
    engine = open_database(settings.database)
    try:
        with reading(engine) as connection:
            known, needed = registered_keys.known(connection), resealing.in_use(connection)
    finally:
        engine.dispose()
    lacks = [(purpose, keys[-1].key_id) for purpose, keys in known.items() if purpose in there]
    lacks += [(SEALING, key_id) for key_id in needed]
    return [
        f"{purpose}: the database needs key {key_id}, which is not among them"
        for purpose, key_id in dict.fromkeys(lacks)
        if key_id not in there[purpose]
    ]


def _ids(settings: Settings) -> Mapping[str, Collection[str]]:
    """Of the keys in a place; the secret that a setting holds is in none."""
    secret = settings.instance / SECRET_FILE
    return {
        SEALING: load_opening_keys(private_file(settings)).key_ids,
        INDEXING: [load_index_key(files_of(settings)[INDEX]).key_id],
        AUDITING: [load_audit_key(files_of(settings)[AUDIT]).key_id],
        **({SECRET: [secret_id(load_secret(secret))]} if secret.exists() else {}),
    }
