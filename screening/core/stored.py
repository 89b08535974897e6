"""Stored answers: what one patient gave, as JSON holds it; `answers` says what each type makes of it."""

from __future__ import annotations

from collections.abc import Mapping

StoredAnswer = str | int | float | list[str]
Stored = Mapping[str, StoredAnswer | None]  # by question; None: shown, and left empty on purpose
