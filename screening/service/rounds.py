"""Rounds of sending what is due, whatever sends it: mails, texts, requests to another server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import ClassVar

from screening.core.errors import Unavailable
from screening.logs import log
from screening.service.premises import Premises
from screening.storage import outbox
from screening.storage.database import writing
from screening.storage.outbox import Notice
from screening.storage.sealing.hpke import OpeningKeys
from screening.storage.sites import at

PAUSE = 15.0  # seconds between two rounds while serving


class ForGood(Exception):
    """The other side will never take this one; a code says why."""


class NotNow(Exception):
    """It does not take this one now; a code says why. `alone`: what comes after it may fare better."""

    def __init__(self, why: str, *, alone: bool = False) -> None:
        super().__init__(why)
        self.alone = alone


@dataclass
class Round:
    """What one round did."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0
    reasons: list[str] = field(default_factory=list, compare=False)  # codes, why something was not taken

    def __add__(self, other: Round) -> Round:
        return Round(
            self.sent + other.sent,
            self.put_off + other.put_off,
            self.given_up + other.given_up,
            self.reasons + other.reasons,
        )

    def was_put_off(self, why: str) -> None:
        """One that is to be tried again."""
        self.put_off += 1
        self.reasons.append(why)

    def was_given_up(self, why: str) -> None:
        """One that will never be taken."""
        self.given_up += 1
        self.reasons.append(why)


class SendsDue(ABC):
    """Sends what is due, one after the other; how, and what an answer means, each kind says itself."""

    what: ClassVar[str]  # as the log calls one
    hold: ClassVar[timedelta]  # for so long one waits whose sender died
    kinds: ClassVar[Sequence[str]] = ()  # of notices; without any, mails

    def __init__(self, service: Premises, keys: OpeningKeys | None) -> None:
        self.service = service
        self.keys = keys

    def run(self) -> Round:
        """Send all that is due at any site, until the other side does not answer. Raises Unavailable."""
        done = Round()
        while self.is_set_up() and (notice := self._claim()) is not None:
            with at(notice.site):
                try:
                    self.send(notice)
                except ForGood as error:
                    self.give_up(notice, str(error))
                    done.was_given_up(str(error))
                except NotNow as error:
                    self._put_off(notice, str(error))
                    done.was_put_off(str(error))
                    if not error.alone:
                        break
                else:
                    done.sent += 1
        return done

    @abstractmethod
    def is_set_up(self) -> bool:
        """Whether the settings say where to."""

    def since(self) -> datetime | None:
        """Only what was written since then goes now; None: all of it."""
        return None

    @abstractmethod
    def send(self, notice: Notice) -> None:
        """One try, kept where it was taken. Raises ForGood, NotNow, Unavailable."""

    @abstractmethod
    def give_up(self, notice: Notice, why: str) -> None:
        """Keep that it will never be sent, for whoever waits for it."""

    def _claim(self) -> Notice | None:
        with writing(self.service.engine) as connection:
            return outbox.claim(
                connection, self.keys, self.service.now(), self.hold, self.kinds, self.since()
            )

    def _put_off(self, notice: Notice, why: str) -> None:
        log.warning(f"{self.what} put off", error=why)
        with writing(self.service.engine) as connection:
            outbox.put_off(connection, notice, self.service.now(), why)


def keep_delivering(delivery: SendsDue, ended: Event, pause: float = PAUSE) -> None:
    """Round after round until `ended`; a failure is logged and the next round tries again."""
    while not ended.is_set():
        try:
            delivery.run()
        except Unavailable:
            log.warning("outbox not reached", error="Unavailable")
        except Exception as error:  # a thread that dies sends nothing for ever, and nobody sees it
            log.error("delivery failed", error=type(error).__name__)
        ended.wait(pause)
