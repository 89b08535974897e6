"""What runs by itself beside the pages and the mail: a table of jobs, each done by one server at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Event

from screening.core.errors import Unavailable
from screening.logs import log, log_failure
from screening.operating import (
    desk_jobs,
    forgetting,
    joined_lanes,
    other_keys,
    retention,
    rotation,
    templates_amiss,
    unreadable,
)
from screening.operating.backups import schedule
from screening.operating.backups.make import JOB
from screening.operating.job import Job, JobDone, JobGround
from screening.service.witness import Running, is_believed, running
from screening.settings import Settings
from screening.storage import does_not_open, upkeep
from screening.storage.database import writing
from screening.storage.each_site import each_site
from screening.storage.sites import DEFAULT, at
from screening.storage.upkeep import Upkept

AGAIN = timedelta(minutes=10)  # after a failure
PAUSE = 60.0  # seconds between two rounds while serving


def _each(**time: float) -> Callable[[Settings], timedelta]:
    return lambda _settings: timedelta(**time)


JOBS: tuple[Job, ...] = (
    Job("following", desk_jobs.follows_every, desk_jobs.follow, opens=True, by_site=True),
    Job("joining", joined_lanes.every, joined_lanes.join, opens=True),
    Job("forgetting", _each(minutes=5), forgetting.forget, deletes=True),
    Job("forgetting_staff", _each(minutes=5), forgetting.forget_staff, deletes=True, opens=True),
    Job(does_not_open.JOB, _each(minutes=5), unreadable.look, opens=True, by_site=True),
    Job("counting", _each(minutes=5), desk_jobs.count, opens=True, by_site=True),
    Job("links", _each(minutes=5), desk_jobs.run_out, deletes=True, opens=True, by_site=True),
    Job(templates_amiss.JOB, _each(minutes=5), templates_amiss.look, opens=True),
    Job("sealing_again", rotation.every, rotation.reseal, opens=True, by_site=True),
    Job("indexing_again", rotation.every, other_keys.index_again, opens=True, by_site=True),
    Job("retention", retention.every, retention.purge, deletes=True, opens=True, by_site=True),
    Job(JOB, schedule.every, schedule.back_up, opens=True),
    Job("old_backups", schedule.every, schedule.forget_old, deletes=True),
)


def run(on: JobGround, run: Running, jobs: Iterable[Job] = JOBS) -> list[str]:
    """Do all that is due; the names of what was done. Raises Unavailable."""
    now = on.ground.now()
    joined_lanes.keep_heads(on)
    with writing(on.ground.engine) as connection:
        believed = is_believed(connection, now, run)
    wanted = [job for job in jobs if (believed or not job.deletes) and (on.keys is not None or not job.opens)]
    return [job.name for job in wanted if _do(on, job)]


def _do(on: JobGround, job: Job) -> bool:
    """Whether it was done, at one site or another."""
    done = []
    for site in each_site(on.ground.engine) if job.by_site else [DEFAULT]:
        with at(site):
            done.append(_do_here(on, job))
    return any(done)


def _do_here(on: JobGround, job: Job) -> bool:
    before = _claimed(on, job)
    if before is None:
        return False
    try:
        came = job.do(on, JobDone(before.figure, before.detail))
    except Unavailable:
        raise
    except Exception as error:  # the other jobs are not to wait for this one
        log_failure(f"{job.name} failed", error)
        _put_off(on, job)
        return False
    with writing(on.ground.engine) as connection:
        upkeep.done(connection, upkeep.here(job.name), on.ground.now(), came.figure, came.detail)
    return True


def _put_off(on: JobGround, job: Job) -> None:
    every = job.every(on.settings) or AGAIN
    with writing(on.ground.engine) as connection:
        upkeep.failed(connection, upkeep.here(job.name), on.ground.now() + min(every, AGAIN), every)


def _claimed(on: JobGround, job: Job) -> Upkept | None:
    every = job.every(on.settings)
    if every is None:
        return None
    with writing(on.ground.engine) as connection:
        return upkeep.claim(connection, upkeep.here(job.name), on.ground.now(), every)


def pause_of(settings: Settings) -> float:
    """Seconds between two rounds; fewer where patients' process waits for what it cannot do itself."""
    every = desk_jobs.follows_every(settings)
    return PAUSE if every is None else every.total_seconds()


def keep_up(on: JobGround, ended: Event) -> None:
    """Round after round until `ended`; a failure is logged and the next round tries again."""
    pause = pause_of(on.settings)
    while not ended.is_set():
        try:
            run(on, running())
        except Unavailable:
            log.warning("upkeep not done", error="Unavailable")
        except Exception as error:  # a thread that dies forgets nothing for ever, and nobody sees it
            log_failure("upkeep failed", error)
        ended.wait(pause)
