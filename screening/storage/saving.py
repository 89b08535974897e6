"""Drafts that wait to be saved at the same time go into one transaction: one wait for the disk serves all.

Each is acknowledged when that transaction is kept, and not before. One of those who wait leads: it saves
whatever waits by then, tells everybody how theirs ended, and names the next to lead.
"""

from __future__ import annotations

from collections import deque
from threading import Event, Lock

from sqlalchemy import Engine

from screening.core.errors import Unavailable
from screening.storage.database import PATIENCE
from screening.storage.drafts import ToSave, save_as_read


class _Waits:
    """A draft, and what becomes of it."""

    def __init__(self, draft: ToSave) -> None:
        self.draft = draft
        self.leads = False
        self.kept: bool | Exception | None = None
        self.called = Event()

    def ended(self) -> bool:
        """Whether it was kept; raises what went wrong for all that were saved with it."""
        if isinstance(self.kept, Exception):
            raise self.kept
        if self.kept is None:
            raise Unavailable("the database cannot answer now: too many are writing")
        return self.kept


class Saving:
    """Of one database, in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._guard = Lock()
        self._led = False
        self._waiting: deque[_Waits] = deque()

    def save(self, draft: ToSave) -> bool:
        """Keep it; False where it is another by now than was read, and was not kept. Raises Unavailable."""
        if self._engine.dialect.name != "sqlite":  # it lets in many at once, who lock rows in any order
            return save_as_read(self._engine, lambda: [draft], alone=True)[0]
        mine = _Waits(draft)
        if self._first(mine) or self._called(mine):
            self._lead()
        return mine.ended()

    def _first(self, mine: _Waits) -> bool:
        with self._guard:
            self._waiting.append(mine)
            first, self._led = not self._led, True
            return first

    def _called(self, mine: _Waits) -> bool:
        """Whether it is called to lead; else it ended, or waited for too long."""
        if mine.called.wait(PATIENCE):
            return mine.leads
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
            return mine.leads

    def _lead(self) -> None:
        together: list[_Waits] = []

        def now_waiting() -> list[ToSave]:
            together.extend(self._all_waiting())
            return [each.draft for each in together]

        try:
            self._tell(together, save_as_read(self._engine, now_waiting))
        except Exception as error:  # whatever it is, it is told to all whose it is
            self._tell(together or self._all_waiting(), error)
        finally:
            self._hand_on()

    def _all_waiting(self) -> list[_Waits]:
        with self._guard:
            found = [*self._waiting]
            self._waiting.clear()
            return found

    def _tell(self, together: list[_Waits], ended: list[bool] | Exception) -> None:
        for number, each in enumerate(together):
            each.kept = ended if isinstance(ended, Exception) else ended[number]
            each.called.set()

    def _hand_on(self) -> None:
        with self._guard:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].leads = True
                self._waiting[0].called.set()
