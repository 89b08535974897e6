"""How many forms strangers may begin and send within an hour: generous to people, and an end to floods."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from flask import current_app
from werkzeug.exceptions import TooManyRequests

from screening.settings.kinds import networks
from screening.web.callers import caller, counted_as
from screening.web.door import service

CLINICS = 20  # times as many from the clinic's own networks, where many patients share an address


class Limit(NamedTuple):
    """Within an hour."""

    from_address: int
    in_all: int


LIMITS: Mapping[str, Limit] = {
    "draft": Limit(120, 6_000),
    "request": Limit(20, 1_000),
    "link": Limit(60, 3_000),
    "look_up": Limit(9, 3_000),  # links that there are none of, or are over: whoever guesses is stopped soon
}


def admit(kind: str) -> None:
    """One more draft or request of a patient. Raises TooManyRequests, Unavailable."""
    address = caller()
    if address is None or address.is_loopback:  # this machine itself, or a server that does not tell
        return
    limit = LIMITS[kind]
    mine = limit.from_address * (CLINICS if _is_the_clinics(address) else 1)
    if not service().admits(kind, _digest(address), mine, limit.in_all):
        raise TooManyRequests


def _is_the_clinics(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in networks(service().settings.clinic_networks))


def _digest(address: IPv4Address | IPv6Address) -> str:
    """It tells nobody which address it was."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, counted_as(address).encode(), "sha256").hexdigest()[:32]
