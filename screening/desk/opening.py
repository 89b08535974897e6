"""Opening the desk: the private keys, and what was kept before there was a desk."""

from __future__ import annotations

from collections.abc import Callable

from screening.desk.catching_up import catch_up, count
from screening.desk.desk import Desk
from screening.service.held_keys import private_file
from screening.service.patient import Service
from screening.storage.each_site import each_site
from screening.storage.sealing.keys import load_opening_keys
from screening.storage.sites import at


def open_desk(service: Service, translate: Callable[[str], str] = str) -> Desk:
    """The desk on a service that is open. Raises NotReady without the private keys, Unavailable."""
    desk = Desk(service, load_opening_keys(private_file(service.settings)), translate)
    for site in each_site(service.engine):
        with at(site):
            catch_up(desk)
            count(desk)
    return desk
