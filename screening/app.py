"""The application, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from screening import patient
from screening.accounts.places import PREFIX
from screening.core.errors import NotReady, RuleSetError, Unavailable
from screening.desk.desk import Desk
from screening.desk.opening import open_desk
from screening.logs import configure_logs, log
from screening.operating import doctor
from screening.operating.backups.files import refuse_half_restored
from screening.operating.backups.make import make_before
from screening.service import known_rules
from screening.service.cut_off import clear_away
from screening.service.held_keys import has_keys, hold, secret_before, secret_of
from screening.service.library import Library
from screening.service.message_templates import say_what_is_amiss, shipped_templates
from screening.service.patient import Service
from screening.service.premises import Clock, utc_now
from screening.service.recording import begin_record
from screening.service.sending import Arrival
from screening.service.site_file import check_known, load_sites
from screening.settings import TRANSLATIONS, Settings, shipped
from screening.settings.environment import load_settings
from screening.storage.database import older_revision, open_database, rights_told, upgrade
from screening.web import (
    components,
    door,
    fhir_pages,
    gateway,
    headers,
    health,
    kept_pages,
    question_controls,
    sites,
    summary_rows,
)
from screening.web.when_asked import DoorWhenAsked
from screening.web.words import gettext


def create_app(
    settings: Settings | None = None,
    clock: Clock = utc_now,
    service: Service | None = None,
    processes: int = 1,
    *,
    lean: bool = False,
) -> Flask:
    """The whole service on one database; `service` when it is open already, as a preview's is.

    With `lean`, what only staff's pages need is loaded for the first of them, and the app that is returned
    does not know their addresses; and what only migrating needs is not kept.
    Raises NotReady, or RuleSetError with every problem.
    """
    settings = settings or load_settings()
    configure_logs(settings.log_level, settings.log_file)
    doctor.before_start(settings, clock())
    say_what_is_unsaid(settings)
    shipped_templates()
    opened = service or open_service(
        settings, clock, origin=door.origin, processes=processes, lean=lean, starts=True
    )
    with _or_closed(opened.engine):
        say_what_is_amiss(opened)
        return _with_doors(settings, opened, _desk(settings, opened), staff_when_asked=lean)


def _desk(settings: Settings, service: Service) -> Desk | None:
    """Where nothing opens what patients sent, there is no door for staff."""
    if settings.doors == "staff" or has_keys(settings):
        return open_desk(service, gettext)
    return None


def _with_doors(settings: Settings, service: Service, desk: Desk | None, *, staff_when_asked: bool) -> Flask:
    whole = partial(_app, settings, service, desk, with_staff=desk is not None)
    # After the secret was changed, what it sealed for staff is sealed anew at this very start.
    if not staff_when_asked or desk is None or settings.doors == "staff" or secret_before(settings):
        return whole()
    from screening import staff

    staff.check_installed()
    app = _app(settings, service, desk, with_staff=False)
    app.wsgi_app = DoorWhenAsked(app.wsgi_app, PREFIX, lambda: whole().wsgi_app)  # type: ignore[method-assign]  # Flask documents this assignment
    return app


def _app(settings: Settings, service: Service, desk: Desk | None, *, with_staff: bool) -> Flask:
    app = OneAfterTheOther("screening", template_folder=str(shipped("templates")))
    app.config.update(_config(settings))
    app.jinja_env.undefined = StrictUndefined
    app.extensions["screening"] = service
    if desk is not None:
        app.extensions["desk"] = desk
    _furnish(app, settings)
    if with_staff:
        from screening import staff  # not even read where its door stays shut

        staff.init_app(app)
    sites.init_app(app)
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as above
    return app


def _furnish(app: Flask, settings: Settings) -> None:
    components.init_app(app)
    kept_pages.init_app(app)
    question_controls.init_app(app)
    summary_rows.init_app(app)
    door.init_app(app, settings)
    app.register_blueprint(health.monitoring)
    app.register_blueprint(fhir_pages.fhir)
    app.register_blueprint(gateway.gateway)
    if settings.doors != "staff":
        patient.init_app(app)


class OneAfterTheOther(Flask):
    """Flask, of which nothing is asynchronous: it need not look at each function before each call."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """It is."""
        return func


def say_what_is_unsaid(settings: Settings) -> None:
    """For the operator: what the privacy notice leaves out, once patients are meant to read it."""
    if not settings.trial and settings.unsaid:
        log.warning(f"the privacy notice has gaps: set {', '.join(settings.unsaid)}")


def open_service(
    settings: Settings,
    clock: Clock = utc_now,
    library_class: type[Library] = Library,
    origin: Callable[[], str] = lambda: "command line",
    processes: int = 1,
    *,
    lean: bool = False,
    starts: bool = False,
) -> Service:
    """The service on its database, migrated, with its rule sets loaded. Raises NotReady, RuleSetError.

    `starts`: as of `open_migrated`. `processes` read and prove rule sets where many are new.
    """
    try:
        engine = open_migrated(settings, clock, lean=lean, starts=starts)
        with _or_closed(engine), rights_told():
            return _on(engine, settings, clock, library_class, origin, processes)
    except Unavailable as error:
        raise NotReady(f"The service cannot start: {error}.") from None


def _on(
    engine: Engine,
    settings: Settings,
    clock: Clock,
    library_class: type[Library],
    origin: Callable[[], str],
    processes: int,
) -> Service:
    library = library_class(
        settings.rules, engine, trial=settings.trial, stop_past_review=settings.stop_past_review
    )
    library.known, library.processes = settings.instance / known_rules.FILE, processes
    library.load(clock())
    if not len(library):
        raise NotReady(f"There are no rule sets in {settings.rules}. Set SCREENING_RULES to their folder.")
    if clear_away(settings):
        log.warning("a change of keys was cut off: what it had written aside was removed")
    keys, clinics = hold(settings, engine, clock()), load_sites(settings)
    check_known(clinics, engine)
    own = clinics.default.settings
    arrival = Arrival(own, keys.sealing, keys.index)
    return Service(own, engine, library, arrival, clock, origin, clinics)


@contextmanager
def _or_closed(engine: Engine) -> Iterator[None]:
    """What does not start leaves no connection behind."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def open_migrated(
    settings: Settings, clock: Clock = utc_now, *, lean: bool = False, starts: bool = False
) -> Engine:
    """The database with all its tables, for what needs no rule sets. Raises NotReady, Unavailable.

    What an older program made is brought up to date by what `starts` the service: a command that somebody
    tries beside that program, which may still run, leaves its tables as they are.
    """
    _make_instance(settings.instance)
    refuse_half_restored(settings)
    engine = open_database(settings.database)
    with _or_closed(engine), rights_told():
        if (before := older_revision(engine)) is not None:
            if not starts:
                raise NotReady(
                    f"The tables are of an older version of this program (revision {before}). Only a start "
                    "brings them up to date: stop the service of before, run screening serve, then try again."
                )
            make_before(settings, engine, before, clock())
        upgrade(engine, lean=lean)
        begin_record(settings, engine, clock())
    return engine


def _config(settings: Settings) -> Mapping[str, object]:
    secret, before = secret_of(settings), [key for key in [secret_before(settings)] if key]
    return {
        "SECRET_KEY": secret,
        "SECRET_KEY_FALLBACKS": before,  # what was signed with the one of before still counts
        "WTF_CSRF_SECRET_KEY": [*before, secret],  # the last one signs
        # A door that is a process of its own has a secret of its own: neither is to take the other's cookie.
        "SESSION_COOKIE_NAME": "form" if settings.doors != "staff" else "desk",
        "SESSION_COOKIE_PATH": "/" if settings.doors != "staff" else "/staff",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "WTF_CSRF_TIME_LIMIT": None,  # a page may stay open as long as its draft lives
        "WTF_CSRF_SSL_STRICT": False,  # Origin and Sec-Fetch-Site are checked instead: some send no Referer
        "MAX_CONTENT_LENGTH": headers.MAX_BODY,
        "MAX_FORM_MEMORY_SIZE": headers.MAX_BODY,
        "MAX_FORM_PARTS": headers.MAX_FIELDS,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),  # addresses of files change with their content
        "BABEL_DEFAULT_LOCALE": settings.language,
        "BABEL_TRANSLATION_DIRECTORIES": str(TRANSLATIONS),
    }


def _make_instance(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotReady(f"{folder}: cannot be made ({error.strerror}). Set SCREENING_INSTANCE.") from None


__all__ = ["RuleSetError", "create_app", "open_service"]
