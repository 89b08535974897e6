"""Rounds of sending what is due, whatever sends it: mails, texts, requests to another server."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from screening.core.errors import Unavailable
from screening.logs import log

PAUSE = 15.0  # seconds between two rounds while serving


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


class Sends(Protocol):
    """Whatever sends what is due."""

    def run(self) -> Round: ...


def keep_delivering(delivery: Sends, ended: Event, pause: float = PAUSE) -> None:
    """Round after round until `ended`; a failure is logged and the next round tries again."""
    while not ended.is_set():
        try:
            delivery.run()
        except Unavailable:
            log.warning("outbox not reached", error="Unavailable")
        except Exception as error:  # a thread that dies sends nothing for ever, and nobody sees it
            log.error("delivery failed", error=type(error).__name__)
        ended.wait(pause)
