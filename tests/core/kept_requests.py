"""A small kept request, and what staff wrote on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from screening.core.entries import Entry, Written
from screening.core.kept import (
    KeptAnswer,
    KeptContact,
    KeptFlag,
    KeptHealth,
    KeptRequest,
    KeptRuleSet,
    KeptSay,
)
from screening.core.rules import Handling

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def kept_flag(name: str, handling: Handling, *, raised: bool = True) -> KeptFlag:
    """Named by its id."""
    return KeptFlag(name, name, raised, handling, KeptSay(), (), "")


def kept_request(
    *flags: KeptFlag, answers: Sequence[KeptAnswer] = (), contact: Sequence[KeptAnswer] = ()
) -> KeptRequest:
    """With these flags, and nothing but what is given."""
    rule_set = KeptRuleSet("t", "1", "d", "T")
    health = KeptHealth(rule_set, "", "", tuple(answers), (), (), flags, ())
    return KeptRequest(KeptContact(tuple(contact)), health)


def written(*entries: Entry) -> list[Written]:
    """Each is a version of its own, from the first on."""
    return [Written(f"e{at}", at, "p", "P", NOW, entry) for at, entry in enumerate(entries, 1)]
