"""`screening serve`: the service on waitress, a production-grade server in pure Python."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import Any, NoReturn

import click
import waitress
from flask import Flask
from watchfiles import watch as watch_files

from screening import web
from screening.app import create_app
from screening.cli.rules import refuse
from screening.core.errors import NotReady, RuleSetError, Unavailable
from screening.service import Service
from screening.settings import Settings, load_settings

CONNECTIONS = 1000  # a slow client holds a connection, never a thread
IDLE = 60  # seconds after which a silent connection is closed


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
def serve(host: str | None, port: int | None, watch: bool) -> None:
    """Serve the forms until Ctrl+C or SIGTERM.

    The embedded default keeps its database and its secrets in the folder SCREENING_INSTANCE
    (./instance), which it makes. All settings stand in the README.
    """
    given = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    try:
        settings = load_settings(**given)
        app = create_app(settings)
    except RuleSetError as error:
        refuse(error)
    except NotReady as error:
        stop(str(error))
    with_watch = Event()
    if watch:
        Thread(
            target=keep_watching, args=(web.service_of(app), settings.rules, with_watch), daemon=True
        ).start()
    try:
        run(app, settings)
    finally:
        with_watch.set()


def run(app: Flask, settings: Settings) -> None:
    """Listen, say where, and end cleanly."""
    try:
        server: Any = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE,
            asyncore_use_poll=True,
            max_request_body_size=web.MAX_BODY,
            max_request_header_size=32 * 1024,
            ident=None,
            clear_untrusted_proxy_headers=settings.proxies == 0,
        )
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        stop(f"Cannot listen on {where} ({error.strerror}). Choose another with --port.")
    signal.signal(signal.SIGTERM, _end)
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"Serving on http://{name}:{server.effective_port} (Ctrl+C to stop)")
    sys.stdout.flush()
    server.run()
    click.echo("Stopped.")


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)  # waitress ends its loop on this and lets its threads finish


def keep_watching(service: Service, folder: Path, ended: Event) -> None:
    """Load the rules again at each change until `ended`; what is broken is said, not served."""
    for _changes in watch_files(folder, stop_event=ended, raise_interrupt=False):
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
            click.echo(f"The rules are loaded again: {len(service.library)} treatments.")


def stop(why: str) -> NoReturn:
    """Tell the operator what to do, then exit 2."""
    click.echo(why.encode(), err=True)
    sys.exit(2)
