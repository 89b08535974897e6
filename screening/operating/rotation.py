"""Changing the pair that seals requests: old keys open, the new one seals, and old rows are sealed again.

Each step leaves a service that starts, and the next call goes on where the last one was cut off:
the new key is added to the private file; the database is told that it is current; the files say so too.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from screening.core.errors import NotReady
from screening.operating.job import TRANSACTIONS, JobDone, JobGround, go_on
from screening.service import held_keys
from screening.service.recording import Ground, recording
from screening.settings import Settings
from screening.storage import registered_keys, resealing
from screening.storage.database import reading
from screening.storage.each_site import each_site
from screening.storage.registered_keys import SEALING
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys
from screening.storage.sealing.keys import add_opening_key, drop_opening_keys, load_opening_keys
from screening.storage.sites import at

SIZE = 25  # requests at a time: others wait for so many


def rotate(ground: Ground) -> str:
    """The id of the key that is current now. Raises NotReady, Unavailable."""
    settings = ground.settings
    with reading(ground.engine) as connection:
        known = {key.key_id for key in registered_keys.known(connection).get(SEALING, ())}
    private = held_keys.private_file(settings)
    begun = [key_id for key_id in load_opening_keys(private).key_ids if key_id not in known]
    if not known:
        raise NotReady("This database knows no key yet: run screening keys init, or start the service.")
    if not begun:
        fresh = OpeningKey.new()
        add_opening_key(private, fresh)
        begun = [fresh.key_id]
    with recording(ground) as recorder:
        registered_keys.replace(recorder.connection, SEALING, begun[0], ground.now())
        recorder.note("keys_rotated", purpose=SEALING, key=begun[0])
    held_keys.make_current(settings, begun[0])
    return begun[0]


def every(_settings: Settings) -> timedelta:
    """Often, and most of the time there is nothing to do."""
    return timedelta(minutes=5)


def reseal(on: JobGround, before: JobDone, size: int = SIZE, most: int = TRANSACTIONS) -> JobDone:
    """Go on with sealing again; `most` transactions. The figure is of this time. Raises Unavailable."""
    private = held_keys.private_file(on.settings)
    if on.keys is None or not private.exists() or len(load_opening_keys(private).key_ids) < 2:
        return JobDone(0)
    return go_on(before, partial(_some, on, on.keys, size), most)


def _some(on: JobGround, keys: OpeningKeys, size: int, after: str) -> tuple[int, str | None]:
    with recording(on.ground) as recorder:
        current = registered_keys.current(recorder.connection, SEALING)
        key = held_keys.sealing_key_of(on.settings)
        if key.key_id != current:
            raise NotReady(
                "The files of the keys do not say what the database says: run screening keys rotate."
            )
        number, last, changed = resealing.some(recorder.connection, keys, key, after, size)
        if changed:
            recorder.note("sealed_again", key=key.key_id, requests=changed)
    return number, last


def finish(on: JobGround) -> list[str]:
    """Seal all the rest again, and put aside the keys that nothing needs; their ids. Raises NotReady."""
    for site in each_site(on.ground.engine):
        with at(site):
            done = JobDone(0)
            while (done := reseal(on, done)).detail:
                pass
    with reading(on.ground.engine) as connection:
        needed = set(resealing.in_use(connection)) | {registered_keys.current(connection, SEALING)}
    private = held_keys.private_file(on.settings)
    gone = [key_id for key_id in load_opening_keys(private).key_ids if key_id not in needed]
    drop_opening_keys(private, gone)
    return gone
