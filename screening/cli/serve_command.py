"""`screening serve`: the whole service, until somebody stops it."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import click
from flask import Flask

from screening.app import create_app
from screening.cli.crew import can_fork
from screening.cli.lazily import uncollected
from screening.cli.refusing import stop, told
from screening.cli.server import leave_whole, run, run_crew
from screening.core.building import make_models
from screening.core.errors import RuleSetError, Unavailable
from screening.core.wording import so_many
from screening.desk.desk import Desk
from screening.operating import metrics
from screening.operating.job import JobGround
from screening.operating.upkeep import keep_up
from screening.service.library import Library
from screening.service.patient import Service
from screening.settings import Settings
from screening.settings.environment import load_settings
from screening.storage.sealing.hpke import OpeningKeys
from screening.web import door
from screening.web.components import compile_now

if TYPE_CHECKING:
    from screening.cli.demo import DemoAccount
    from screening.service.rounds import SendsDue

_ARENA_MAX = -8  # as <malloc.h> numbers it
PAUSE = 3600.0  # seconds; whoever waits is ended by a signal

GivenOptions = dict[str, str | int | Path | None]  # by the name of the setting; None: not said


@click.command()
@click.option("--host", help="Address to listen on (SCREENING_HOST; 127.0.0.1).")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on (SCREENING_PORT; 8000); 0: any free one."
)
@click.option(
    "--watch",
    is_flag=True,
    help="Read the rules again when they change; a broken edit keeps the last good version.",
)
@click.option("--demo", is_flag=True, help="With accounts and requests to try out, on this machine alone.")
@click.option(
    "--demo-accounts",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the demo's accounts there, as JSON.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that answer requests (SCREENING_WORKERS; 1): one for each core of a busy server.",
)
def serve(
    host: str | None,
    port: int | None,
    watch: bool,
    demo: bool,
    demo_accounts: Path | None,
    workers: int | None,
) -> None:
    """Serve the forms until Ctrl+C or SIGTERM.

    The embedded default keeps its database and its secrets in the folder SCREENING_INSTANCE
    (./instance), which it makes. All settings stand in docs/settings.md. A demo has a folder of its own,
    ./instance-demo, unless SCREENING_INSTANCE is set.
    """
    given: GivenOptions = {"host": host, "port": port, "workers": workers}
    if demo_accounts is not None and not demo:
        stop("--demo-accounts goes with --demo.")
    with told(RuleSetError):
        app, settings = made_for_demo(given, demo_accounts, watch) if demo else made(given, watch)
    tell_waiting(door.service_of(app).library)
    try:
        run_all(app, settings, watch)
    finally:
        leave_whole(app)


def run_all(app: Flask, settings: Settings, watch: bool) -> None:
    """In as many processes as are wished, until they end."""
    if settings.workers > 1:
        get_ready(app)  # once for all of them
        door.service_of(app).engine.dispose()  # no connection goes from one process to another
        run_crew(app, settings, partial(stay_beside, app, settings))
    else:
        run_alone(app, settings, watch)


def run_alone(app: Flask, settings: Settings, watch: bool) -> None:
    """All in this process, until it ends."""
    ended = Event()
    tell_figures(app, settings)

    def begin() -> None:
        # Who comes first waits for none of it, and would need what is compiled anyway.
        Thread(target=get_ready, args=(app,), daemon=True).start()
        begin_beside(app, settings, ended)
        if watch:
            service = door.service_of(app)
            Thread(target=keep_watching, args=(service, settings.rules, ended), daemon=True).start()

    try:
        run(app, settings, begin)
    finally:
        ended.set()


def get_ready(app: Flask) -> None:
    """What the first pages need, made before somebody asks for one."""
    make_models()
    compile_now(app)


def made(
    given: GivenOptions, watch: bool, check: Callable[[Settings], None] | None = None
) -> tuple[Flask, Settings]:
    """The app, ready to serve. Raises RuleSetError, NotReady, Unavailable."""
    settings = load_settings(**{key: value for key, value in given.items() if value is not None})
    check_workers(settings, watch=watch)
    if check is not None:
        check(settings)
    share_freed_memory()
    with uncollected():
        # Several processes would each load for themselves what was not loaded before they were made.
        app = create_app(settings, processes=cores(), lean=settings.workers == 1)
    give_back_memory()
    return app, settings


def made_for_demo(given: GivenOptions, accounts: Path | None, watch: bool) -> tuple[Flask, Settings]:
    """The same with a day's work, and accounts to type."""
    from screening.cli import demo  # with it comes a day's work

    app, settings = made({**given, **demo.given()}, watch, demo.check)
    tell(demo.prepare(app, accounts))
    return app, settings


def cores() -> int:
    """How many processes can work at once here; four read half as fast again as two, more fill the memory."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 4)


def share_freed_memory() -> None:
    """glibc keeps what a thread frees for that thread; ours take turns, and one room for all is enough."""
    with suppress(AttributeError, OSError):  # other systems have nothing of the kind
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def give_back_memory() -> None:
    """What a start needed and nobody needs any more: the system has it again."""
    with suppress(AttributeError, OSError):  # other systems have nothing of the kind
        ctypes.CDLL(None).malloc_trim(0)


def check_workers(settings: Settings, *, watch: bool) -> None:
    """Stop where several processes cannot be had."""
    if settings.workers > 1 and not can_fork():
        stop("--workers: this system does not make processes of processes. Leave it at 1.")
    if settings.workers > 1 and watch:
        stop("--watch goes with one process. Leave --workers, and SCREENING_WORKERS, at 1.")


def stay_beside(app: Flask, settings: Settings) -> None:
    """What runs beside the pages, in a process of its own, until a signal."""
    ended = Event()
    tell_figures(app, settings)
    begin_beside(app, settings, ended)
    try:
        while not ended.wait(PAUSE):
            pass
    finally:
        ended.set()


def begin_beside(app: Flask, settings: Settings, ended: Event) -> None:
    """What runs by itself, until `ended`."""
    kept_up = JobGround(door.service_of(app), opening_keys(app))
    Thread(target=keep_up, args=(kept_up, ended), daemon=True).start()
    begin_sending(app, settings, ended)


def tell_figures(app: Flask, settings: Settings) -> None:
    """What a monitor is told, where it is told something."""
    if settings.metrics_port:
        try:
            metrics.listen(settings.metrics_port, metrics.DatabaseFigures(door.service_of(app)))
        except OSError as error:
            stop(f"SCREENING_METRICS_PORT: cannot listen there ({error.strerror}). Choose another.")


def begin_sending(app: Flask, settings: Settings, ended: Event) -> None:
    """What goes out, where the operator said how: only then is what sends it loaded."""
    senders: list[SendsDue] = []
    if settings.smtp_host:
        from screening.service.delivery import Delivery

        senders.append(Delivery(door.service_of(app), opening_keys(app)))
    if settings.fhir_send_to and "desk" in app.extensions:
        from screening.desk.to_server import ToServer

        senders.append(ToServer(app.extensions["desk"]))
    if settings.sms_url and "desk" in app.extensions:
        from screening.service.texting import Texts

        senders.append(Texts(door.service_of(app), app.extensions["desk"].opening_keys))
    if senders:
        from screening.service.rounds import keep_delivering

        for sender in senders:
            Thread(target=keep_delivering, args=(sender, ended), daemon=True).start()


def tell(accounts: list[DemoAccount]) -> None:
    """The demo's accounts, for a person to type."""
    for account in accounts:
        click.echo(
            f"{account.role}: {account.email}  {account.password}  authenticator key {account.totp_secret}"
        )


TOLD_AT_MOST = 20  # names; the rest is counted


def tell_waiting(library: Library) -> None:
    """What the folder calls live and nobody can start: it is in nobody's way, and must not go unseen."""
    for rule_set in library.unpublished():
        what = f"{rule_set.id} {rule_set.version} waits until it is published; see: screening rules list"
        click.echo(what.encode(), err=True)
    lost = library.lost_words
    if lost:
        named = ", ".join(f"{name.phrase} ({name.subject})" for name in lost[:TOLD_AT_MOST])
        what = f"{so_many(len(lost), 'name')} gone from the word lists since they were agreed to: {named}."
        still = "They are still looked for, until a version without them is published."
        click.echo(f"{what} {still}".encode(), err=True)


def opening_keys(app: Flask) -> OpeningKeys | None:
    """The private keys, where this process has a desk."""
    desk: Desk | None = app.extensions.get("desk")
    return desk.opening_keys if desk is not None else None


def keep_watching(service: Service, folder: Path, ended: Event) -> None:
    """Load the rules again at each change until `ended`; what is broken is said, not served."""
    from watchfiles import watch  # only authors need it

    for _changes in watch(folder, stop_event=ended, raise_interrupt=False, ignore_permission_denied=True):
        try:
            service.library.load(service.now())
        except RuleSetError as error:
            lines = [*map(str, error.problems), "The last good version is still served."]
            click.echo("\n".join(lines).encode(), err=True)
        except Unavailable as error:
            click.echo(
                f"The rules were not loaded: {error}. The last good version is still served.", err=True
            )
        else:
            click.echo(f"The rules are loaded again: {so_many(len(service.library), 'treatment')}.")
            tell_waiting(service.library)
