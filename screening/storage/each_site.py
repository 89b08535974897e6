"""Which sites there is anything of, for what is done at each of them in turn."""

from __future__ import annotations

from sqlalchemy import Engine

from screening.storage.database import reading
from screening.storage.sites import used
from screening.storage.tables import requests


def each_site(engine: Engine) -> list[str]:
    """The default one, and every other one that requests are kept of. Raises Unavailable."""
    with reading(engine) as connection:
        return list(used(connection, requests))
