"""What an export is given of each request: plain data, already cut to what the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Clinic:
    """Whose papers these are."""

    name: str
    phone: str
    address: str
    zone: ZoneInfo
    language: str
    letter: Path  # the typst template of letters
    logo: Path | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One request. `health` is its health part as it was kept; None for those who may not see it.

    `decisions` are {flag, decision, note, by, at}, oldest first; `for_patient`: it is the patient's copy.
    """

    reference: str
    treatment: str
    title: str
    status: str
    received_at: datetime
    owner: str | None
    urgent: bool
    entered_by: str
    contact: tuple[Mapping[str, Any], ...]
    health: Mapping[str, Any] | None = None
    decisions: tuple[Mapping[str, str], ...] = ()
    for_patient: bool = False

    def day(self, zone: ZoneInfo) -> str:
        """The day on which it was received, at the clinic."""
        local = self.received_at.astimezone(zone)
        return f"{local.day} {local:%B %Y}"
