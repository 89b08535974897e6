"""The preview put together: the patient's own door, with a panel beside it and a guard before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from flask import Flask, request
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from watchfiles import watch

from screening.app import create_app, open_service
from screening.core.stored import Stored
from screening.preview.author_pages import guard, library, numbered_cases, preview
from screening.preview.library_of_one import PreviewLibrary
from screening.preview.rules_panel import Panel, panel
from screening.service.patient import Service
from screening.service.premises import utc_now
from screening.service.visit import Visit
from screening.settings import Settings, shipped
from screening.settings.environment import load_settings

HOST = "127.0.0.1"


@contextmanager
def previewing(
    file: Path, answers: Stored | None = None, *, port: int = 0
) -> Iterator[tuple[Flask, Settings]]:
    """An app of its own on a folder that is gone afterwards; it reads the file again on each save."""
    with TemporaryDirectory(prefix="screening-preview-") as folder:
        settings = load_settings(
            instance=Path(folder),
            rules=file,
            host=HOST,
            port=port,
            log_level="error",
            # whatever the environment says of the real service: none of it is touched
            database_url="",
            secret_key="",
            sealing_key=None,
            index_key=None,
            opening_keys=None,
            audit_head=None,
            smtp_host="",
            proxies=0,
            trial=True,
        )
        service = open_service(settings, library_class=PreviewLibrary)
        app = make_app(settings, service, answers or {})
        ended = Event()
        Thread(target=_keep_reading, args=(service, file, ended), daemon=True).start()
        try:
            yield app, settings
        finally:
            ended.set()
            service.engine.dispose()


def make_app(settings: Settings, service: Service, answers: Stored) -> Flask:
    """The patient's door with the preview around it."""
    app = create_app(settings, service=service)
    app.extensions["preview_answers"] = answers
    app.extensions["kept_pages"].most = 0  # the preview's templates show the whole visit
    app.register_blueprint(preview)
    app.before_request(guard)
    app.context_processor(_context)
    templates = FileSystemLoader(shipped("templates"))
    over = FileSystemLoader(shipped("templates") / "preview" / "over")
    # a page that asks for base.html gets the preview's, which stands on the patient's own, door/base.html
    app.jinja_loader = ChoiceLoader([over, PrefixLoader({"door": templates}), templates])
    return app


def _context() -> dict[str, object]:
    return {
        "preview": library(),
        "preview_panel": _panel,
        "preview_cases": [case.case for _, case in numbered_cases()]
        if request.endpoint == "patient.start"
        else [],
    }


def _panel(visit: Visit) -> Panel:
    return panel(visit, (request.view_args or {}).get("question"))


def _keep_reading(service: Service, file: Path, ended: Event) -> None:
    """Also the common blocks, which stand in folders beside the file."""
    folder = file.absolute().parent
    for _changes in watch(
        folder, stop_event=ended, raise_interrupt=False, step=20, debounce=200, ignore_permission_denied=True
    ):
        service.library.load(utc_now())
