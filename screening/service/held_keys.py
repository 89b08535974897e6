"""The keys of this server, held against the database: what does not fit is refused before it is used.

A service with other keys than the database's would seal what nobody can open, find nothing, and sign in
nobody. So each key's id is kept in the database from its first start on, and a later start must show it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from screening.core.errors import CannotOpen, NotReady
from screening.service.audit_head import adopt, audit_key_file
from screening.settings import Settings
from screening.storage import registered_keys
from screening.storage.database import reading, writing
from screening.storage.registered_keys import (
    AUDITING,
    INDEXING,
    PATIENTS_SECRET,
    SEALING,
    SECRET,
    RegisteredKey,
)
from screening.storage.sealing import keys
from screening.storage.sealing.blind_index import IndexKey
from screening.storage.sealing.head_key import HeadKey
from screening.storage.sealing.hpke import SealingKey
from screening.storage.sealing.keys import (
    INDEX,
    PRIVATE,
    PUBLIC,
    create_audit_key,
    create_index_key,
    create_keys,
    load_audit_key,
    load_index_key,
    load_opening_keys,
    load_sealing_key,
    load_secret,
)

SECRET_FILE, SECRET_BEFORE = "secret-key", "secret-key.before"
_PROOF = b"what is sealed now can be opened"


@dataclass(frozen=True)
class HeldKeys:
    """All that a service needs; none of it opens a request. The patients' process has no key of the index."""

    sealing: SealingKey = field(repr=False)
    index: IndexKey | None = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key is: a file, or a setting that holds it."""

    purpose: str
    where: str
    missing: bool


def places(settings: Settings) -> tuple[KeyPlace, ...]:
    """Of each key that this server must have to serve; that of the audit's kept head is `audit_place`."""
    purpose, secret = secret_purpose(settings), settings.instance / SECRET_FILE
    return (
        _place(SEALING, public_file(settings)),
        *((_place(INDEXING, index_file(settings)),) if settings.opens else ()),
        KeyPlace(purpose, "SCREENING_SECRET_KEY", missing=False)
        if settings.secret_key
        else _place(purpose, secret),
    )


def secret_purpose(settings: Settings) -> str:
    """What the secret of this process signs: cookies of patients alone, or those of staff too."""
    return SECRET if settings.opens else PATIENTS_SECRET


def audit_place(settings: Settings) -> KeyPlace:
    """Of the key that signs the audit's kept head, which no patients' process has."""
    return _place(AUDITING, audit_key_file(settings))


def _place(purpose: str, file: Path) -> KeyPlace:
    return KeyPlace(purpose, str(file), not file.exists())


def hold(settings: Settings, engine: Engine, now: datetime) -> HeldKeys:
    """The keys, made for a database that is new. Raises NotReady for keys that are not the database's."""
    for place in places(settings):
        if place.missing and not is_lost_half(settings, place):
            _refuse_lost(settings, engine, place)
    _go_on_with_a_change(settings, engine)
    if settings.opens and index_file(settings).exists():
        _go_on_with(engine, INDEXING, index_file(settings), index_key_of(settings))
    held = HeldKeys(_sealing_key(settings), _index_key(settings), secret_of(settings))
    prove_pair(settings, held.sealing)
    purpose, before = secret_purpose(settings), secret_before(settings)
    ids = {SEALING: held.sealing.key_id, purpose: secret_id(held.secret)}
    if held.index is not None:
        ids[INDEXING] = held.index.key_id
    _refuse_the_other_doors(engine, purpose, [held.secret, before])
    if before:
        change_secret(engine, secret_id(before), ids[purpose], now, purpose)
    for place in places(settings):
        _refuse_foreign(settings, engine, place, ids[place.purpose], now)
    return held


def _go_on_with_a_change(settings: Settings, engine: Engine) -> None:
    """Of the sealing key, which was cut off after the database had been told of the new one."""
    public, private = public_file(settings), private_file(settings)
    if not settings.opens or not public.exists() or not private.exists():
        return
    known = [key.key_id for key in expected_keys(engine, SEALING) if key.since is not None]
    if load_sealing_key(public).key_id in known[:-1] and known[-1] in load_opening_keys(private).key_ids:
        make_current(settings, known[-1])


def _go_on_with(engine: Engine, purpose: str, file: Path, key: IndexKey | HeadKey) -> None:
    """The same, of a key whose file holds those of before too."""
    current = [known.key_id for known in expected_keys(engine, purpose)[-1:] if known.since is not None]
    if current and key.key_id not in current:
        make_first(file, key, current[0])


def make_first(file: Path, key: IndexKey | HeadKey, key_id: str) -> None:
    """Say in a file that this one of its keys is current; nothing where it is not there. Raises NotReady."""
    first = [earlier for earlier in key.earlier if earlier.key_id == key_id]
    rest = [earlier for earlier in (key, *key.earlier) if earlier.key_id != key_id]
    if first:
        keys.write_keys(file, [*first, *rest])


def make_current(settings: Settings, key_id: str) -> None:
    """Say in the files that this key seals. Raises NotReady."""
    keys.make_current(private_file(settings), public_file(settings), key_id)


def sealing_key_of(settings: Settings) -> SealingKey:
    """The public key as its file says it now. Raises NotReady."""
    return load_sealing_key(public_file(settings))


def public_file(settings: Settings) -> Path:
    """Where the public key is."""
    return settings.sealing_key or settings.keys / PUBLIC


def private_file(settings: Settings) -> Path:
    """Where the private keys are, on a server that has them."""
    return settings.opening_keys or settings.keys / PRIVATE


def has_keys(settings: Settings) -> bool:
    """Whether this process is to open what patients sent: a file was named, or is in the instance folder."""
    return settings.opens and (settings.opening_keys is not None or private_file(settings).exists())


def hold_audit_key(settings: Settings, engine: Engine, now: datetime) -> None:
    """The key of the audit's kept head, with which that begins to be kept. Raises NotReady.

    The patients' process has none: what it causes is signed for by the staff's.
    """
    if not settings.opens:
        return
    place = audit_place(settings)
    if place.missing:
        _refuse_lost(settings, engine, place)
    if settings.audit_key is None:
        create_audit_key(settings.keys)
    _go_on_with(engine, AUDITING, audit_key_file(settings), load_audit_key(audit_key_file(settings)))
    key = load_audit_key(audit_key_file(settings))
    begins = not expected_keys(engine, AUDITING)
    _refuse_foreign(settings, engine, place, key.key_id, now)
    if begins:
        adopt(settings, engine, key)


def secret_of(settings: Settings) -> str:
    """What signs cookies; made once where no setting gives it. Raises NotReady."""
    return settings.secret_key or load_secret(settings.instance / SECRET_FILE)


def secret_before(settings: Settings) -> str:
    """The one of before, while it is being changed; empty where it is not."""
    file = settings.instance / SECRET_BEFORE
    kept = file.read_text(encoding="utf-8").strip() if not settings.secret_key and file.exists() else ""
    return settings.secret_key_before or kept


def change_secret(engine: Engine, before: str, now_id: str, now: datetime, purpose: str) -> None:
    """Tell a database that has the secret of before that there is another one; by their ids."""
    with writing(engine) as connection:
        if registered_keys.current(connection, purpose) == before != now_id:
            registered_keys.replace(connection, purpose, now_id, now)


def secret_id(secret: str) -> str:
    """Sixteen hexadecimal digits that name a secret and tell nothing about it."""
    return hmac.new(secret.encode(), b"screening secret id", "sha256").hexdigest()[:16]


def is_lost_half(settings: Settings, place: KeyPlace) -> bool:
    """Whether the public half is gone and the private one is there, of which it is made again."""
    makes = settings.opens and settings.sealing_key is None
    return place.purpose == SEALING and makes and (settings.keys / PRIVATE).exists()


def _refuse_lost(settings: Settings, engine: Engine, place: KeyPlace) -> None:
    expected = expected_keys(engine, place.purpose)
    if expected:
        raise NotReady(lost(settings, place, expected))


def expected_keys(engine: Engine, purpose: str) -> tuple[RegisteredKey, ...]:
    """The keys of the database, the current one last; where none was registered yet, those in use."""
    with reading(engine) as connection:
        found = registered_keys.known(connection).get(purpose)
        if found:
            return found
        return tuple(RegisteredKey(key, None) for key in registered_keys.in_use(connection, purpose))


def current_of(expected: tuple[RegisteredKey, ...]) -> tuple[RegisteredKey, ...]:
    """The one of now; where none was registered yet, any in use may be."""
    return expected[-1:] if expected and expected[-1].since is not None else expected


def _refuse_foreign(settings: Settings, engine: Engine, place: KeyPlace, key_id: str, now: datetime) -> None:
    expected = expected_keys(engine, place.purpose)
    current = current_of(expected)
    if current and key_id not in {key.key_id for key in current}:
        raise NotReady(foreign(settings, place, key_id, current))
    with writing(engine) as connection:
        kept = registered_keys.register(connection, place.purpose, key_id, now)
    if kept.key_id != key_id:  # another server was first
        raise NotReady(foreign(settings, place, key_id, (kept,)))


def _refuse_the_other_doors(engine: Engine, purpose: str, secrets: Iterable[str]) -> None:
    """Whoever breaks into the patients' process is not to sign cookies of staff."""
    other = PATIENTS_SECRET if purpose == SECRET else SECRET
    with reading(engine) as connection:
        theirs = {key.key_id for key in registered_keys.known(connection).get(other, ())}
    if theirs & {secret_id(secret) for secret in secrets if secret}:
        raise NotReady(
            "The secret key of this process signs cookies at the other door too: give each door one of its "
            "own. Unset SCREENING_SECRET_KEY here, and remove secret-key from SCREENING_INSTANCE: the next "
            "start draws another."
        )


def lost(settings: Settings, place: KeyPlace, expected: tuple[RegisteredKey, ...]) -> str:
    """What an operator is told of a key that is not where it was."""
    remedy = _remedy(place.purpose, expected, settings)
    return f"{place.where}: this key is gone, and the database needs it. {remedy}"


def foreign(settings: Settings, place: KeyPlace, key_id: str, expected: tuple[RegisteredKey, ...]) -> str:
    """And of one in its place that is not the database's."""
    what = f"{place.where}: this is key {key_id}, and the database belongs to another."
    return f"{what} {_remedy(place.purpose, expected, settings)}"


def _remedy(purpose: str, expected: tuple[RegisteredKey, ...], settings: Settings) -> str:
    """Where the key that is wanted is to be had: of the patients' process no backup holds any."""
    wanted = " or ".join(key.key_id for key in current_of(expected))
    if purpose == PATIENTS_SECRET:
        return (
            f"Copy it from another server of the patients' door: key {wanted}. Where there is none, move "
            "away what is here, and screening keys rotate --of secret draws another: open forms begin anew."
        )
    if not settings.opens:
        return f"Copy it from where staff are served: key {wanted}."
    since = expected[-1].since
    backup = f"a backup made on {since:%Y-%m-%d} or later" if since is not None else "your backup of the keys"
    remedy = f"Restore it from {backup}, or copy it from another server of this database: key {wanted}."
    if purpose == SECRET:
        remedy += (
            " Where it is lost for good, move away what is here, and screening keys rotate --of secret draws "
            "another: everybody signs in again, and second factors by app are reset."
        )
    return remedy


def prove_pair(settings: Settings, sealing: SealingKey) -> None:
    """That what is sealed now can be opened, where the private keys are here. Raises NotReady."""
    file = private_file(settings)
    if not has_keys(settings):
        return
    cell = {"table": "proof", "column": "sealed", "row": "start"}
    try:
        whole = load_opening_keys(file).open(sealing.seal(_PROOF, **cell), **cell) == _PROOF
    except CannotOpen:
        whole = False
    if not whole:
        raise NotReady(
            f"{file}: these private keys do not open what {public_file(settings)} "
            f"seals (key {sealing.key_id}): the two are not a pair. Restore both from the same backup."
        )


def _sealing_key(settings: Settings) -> SealingKey:
    if settings.sealing_key is not None:
        return load_sealing_key(settings.sealing_key)
    if settings.opens:
        create_keys(settings.keys)
    elif not public_file(settings).exists():
        raise NotReady(
            f"{public_file(settings)}: this key is not there, and SCREENING_DOORS=patient makes none. "
            "Run screening keys init where staff are served, and copy it."
        )
    return load_sealing_key(settings.keys / PUBLIC)


def index_file(settings: Settings) -> Path:
    """Where the key of the blind indexes is."""
    return settings.index_key or settings.keys / INDEX


def index_key_of(settings: Settings) -> IndexKey:
    """That key as its file says it now. Raises NotReady."""
    return load_index_key(index_file(settings))


def _index_key(settings: Settings) -> IndexKey | None:
    if not settings.opens:
        return None
    if settings.index_key is None:
        create_index_key(settings.keys)
    return index_key_of(settings)
