"""Every error this project raises on purpose.

ScreeningError
├── RuleSetError       an author's file cannot be used; carries every problem in it
├── Unavailable        the database cannot answer now; trying again may help
├── CannotOpen         sealed text was moved, changed, or belongs to another key
│   └── TooNew         it was kept by a later version of this program
├── NotReady           the service cannot start; the words are for the operator
├── Absent             there is no such request, or not for this person: the two look alike
└── Refused            staff asked for what is not allowed now; says what is
    └── Changed        somebody else changed the request since; carries what they did
"""

from __future__ import annotations

from pathlib import Path

from screening.core.findings import Place, Problem


class ScreeningError(Exception):
    """The root: nothing else is raised on purpose."""


class RuleSetError(ScreeningError):
    """An author's file cannot be used; `problems` are sorted by place, without repeats."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda problem: problem.order))
        super().__init__("\n".join(map(str, self.problems)))


def unreadable(path: Path | str, what: str, remedy: str, line: int = 1) -> RuleSetError:
    """The error of a file that cannot be taken in, or given out, at all; it names no other problem."""
    return RuleSetError([Problem(Place(str(path), line), "unreadable", what, remedy)])


class Unavailable(ScreeningError):
    """The database cannot answer now; nothing of the refused step was kept."""


class CannotOpen(ScreeningError):
    """Sealed text did not open: wrong key, wrong row, or changed."""


class TooNew(CannotOpen):
    """Kept by a later version of this program, whose shape this one does not know."""

    def __init__(self, schema: str, known: str) -> None:
        self.schema = schema
        super().__init__(f"Kept as {schema}, and this program knows {known}: start the later version.")


class NotReady(ScreeningError):
    """The service cannot start; the message tells the operator what to do."""


class Absent(ScreeningError):
    """No such request for this person; nothing tells it from one that does not exist."""


class Refused(ScreeningError):
    """Staff asked for something that may not be; `allowed` names what may.

    `code` and `figures` are for pages to word in the reader's language; `str()` is for programmers.
    """

    def __init__(self, code: str, allowed: tuple[str, ...] = (), **figures: object) -> None:
        self.code = code
        self.allowed = allowed
        self.figures = figures
        told = ", ".join(f"{name}={value}" for name, value in figures.items())
        super().__init__(f"{code} ({told})" if told else code)


class Changed(Refused):
    """The page was stale and nothing was kept; `since` is what happened since, oldest first."""

    def __init__(self, since: tuple[object, ...], version: int) -> None:
        self.since = since
        self.version = version
        super().__init__("changed")
