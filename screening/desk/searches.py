"""What staff search for, sealed: it may then stand in an address, good for one person and some hours."""

from __future__ import annotations

from screening.desk.desk import Desk
from screening.desk.shapes import Person
from screening.storage.sealing.search_words import open_search, seal_search


def remember(desk: Desk, person: Person, secret: str, words: str) -> str:
    """What stands in the address; `secret` is the one that signs cookies, the same on every server."""
    return seal_search(words, secret, person.id, desk.service.now())


def recall(desk: Desk, person: Person, secret: str, sealed: str) -> str | None:
    """What was searched for; None when it is too old, changed, or somebody else's."""
    return open_search(sealed, secret, person.id, desk.service.now())
