"""Opening the desk: the private keys, and what was kept before there was a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from screening.desk.catching_up import catch_up, count
from screening.desk.desk import Desk
from screening.service.patient import Service
from screening.settings import Settings
from screening.storage.each_site import each_site
from screening.storage.sealing.keys import PRIVATE, load_opening_keys
from screening.storage.sites import at


def open_desk(service: Service, translate: Callable[[str], str] = str) -> Desk:
    """The desk on a service that is open. Raises NotReady without the private keys, Unavailable."""
    desk = Desk(service, load_opening_keys(key_file(service.settings)), translate)
    for site in each_site(service.engine):
        with at(site):
            catch_up(desk)
            count(desk)
    return desk


def has_keys(settings: Settings) -> bool:
    """Whether this process is to open what patients sent: a file was named, or is in the instance folder."""
    return settings.opens and (settings.opening_keys is not None or key_file(settings).exists())


def key_file(settings: Settings) -> Path:
    """Where the private keys are."""
    return settings.opening_keys or settings.keys / PRIVATE
