"""Opening the desk: the private keys, the head of the audit, and what was kept before there was a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from screening.desk import Desk
from screening.service.patient import Service
from screening.settings import Settings
from screening.storage.sealing.keys import PRIVATE, load_opening_keys


def open_desk(service: Service, origin: Callable[[], str | None] = lambda: None) -> Desk:
    """The desk on a service that is open. Raises NotReady without the private keys, Unavailable."""
    settings = service.settings
    keys = load_opening_keys(key_file(settings))
    desk = Desk(service, keys, head_file(settings), origin)
    desk.catch_up()
    return desk


def head_file(settings: Settings) -> Path:
    """Where the head of the audit is kept besides the database."""
    return settings.audit_head or settings.instance / "audit-head"


def has_keys(settings: Settings) -> bool:
    """Whether this process is to open what patients sent: a file was named, or is in the instance folder."""
    return settings.opening_keys is not None or key_file(settings).exists()


def key_file(settings: Settings) -> Path:
    """Where the private keys are."""
    return settings.opening_keys or settings.keys / PRIVATE
