"""What PostgreSQL says when it lets nobody in, and what the operator is to do about it.

The driver tells it in words alone, without a code; a server may speak another language, and then its words
stand without the remedy that belongs to them. None of it is about a patient: nothing was asked yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OF_AN_ATTEMPT = re.compile(r"connection to server .*? failed: (?:FATAL:\s*)?(.*)")  # one for each address
_OF_THE_DRIVER = re.compile("connection (?:failed|is bad): ")
_LAST = "See SCREENING_DATABASE_URL and the server's log"
_REMEDIES = tuple(
    (re.compile(words), remedy)
    for words, remedy in (
        (
            "Connection refused|No such file or directory",
            "Start it there, or mend host and port in SCREENING_DATABASE_URL",
        ),
        (
            "resolve host|translate host name",
            "Mend the host in SCREENING_DATABASE_URL, or see whether this machine knows it",
        ),
        (
            "timeout expired|timed out|unreachable|No route to host|did not answer",
            "See whether it runs, whether the network and its firewalls let this machine through, "
            "and host and port in SCREENING_DATABASE_URL",
        ),
        (
            "authentication failed|no password supplied|not permitted to log in|role .* does not exist",
            "Mend user and password in SCREENING_DATABASE_URL, or the user on the server",
        ),
        (
            "database .* does not exist|no such database",
            "Make it on the server, or mend the name in SCREENING_DATABASE_URL",
        ),
        (
            "too many|remaining connection slots",
            "Raise max_connections there, or the limit of the user or the database, or start fewer "
            "processes: each may hold 15",
        ),
        ("pg_hba", "Let this machine, user and database in, in pg_hba.conf of the server"),
        (
            "SSL|certificate",
            "Mend sslmode in SCREENING_DATABASE_URL, or what the server has for TLS",
        ),
        ("starting up|shutting down|not accepting", "Wait until it runs, then start again"),
        ("permission denied", "Let the user of SCREENING_DATABASE_URL own the database, or connect to it"),
    )
)


def told(words: str, place: Mapping[str, Any]) -> str:
    """For the operator, from the driver's words; of `place`, what it was asked with, no password is told."""
    first, *_more = _OF_THE_DRIVER.sub("", words).splitlines()
    said = "; ".join(dict.fromkeys(_OF_AN_ATTEMPT.findall(words))) or first
    return f"{_at(place)}: {said}. {_remedy(said)}"


def _at(place: Mapping[str, Any]) -> str:
    host, port = place.get("host"), place.get("port") or 5432
    return f"PostgreSQL at {host}, port {port}" if host else "PostgreSQL on this machine"


def _remedy(said: str) -> str:
    return next((remedy for words, remedy in _REMEDIES if words.search(said)), _LAST)
