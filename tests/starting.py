"""A service for each test, without the work that comes out the same every time.

What is shared within a process: the shipped rules as they were read and proved, and the compiled templates.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from screening.app import create_app, open_service
from screening.core.loading import load_folder
from screening.core.rules import RuleSet
from screening.service.library import Library
from screening.settings import load_settings, shipped
from screening.web.door import origin
from tests.actors import Clock

_PROVED: set[str] = set()  # digests


@cache
def _shipped_rules() -> list[RuleSet]:
    return load_folder(shipped("rules"))


class ReadOnce(Library):
    """A library that reads any other folder as it is each time."""

    def __init__(self, folder: Path, *given: Any, **named: Any) -> None:
        super().__init__(folder, *given, **named)
        self._proved = _PROVED

    def read(self) -> list[RuleSet]:
        """What the folder holds. Raises RuleSetError."""
        return list(_shipped_rules()) if self._folder == shipped("rules") else super().read()


def start(clock: Clock, compiled: Path, **given: Any) -> Flask:
    """The service with these settings; templates are compiled into the folder `compiled`."""
    settings = load_settings(**({"log_level": "error"} | given))
    app = create_app(settings, clock, open_service(settings, clock, ReadOnce, origin))
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    return app
