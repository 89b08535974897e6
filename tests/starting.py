"""A service for each test, without the work that comes out the same every time.

What is shared within a process: the shipped rules and word lists as they were read and proved, what a text in
YAML says, the compiled templates, what Werkzeug makes of the addresses, and SQLAlchemy of statements. Secrets
of authenticator apps are wrapped at little cost: how slow that is, is the subject of no test.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from passlib.totp import AppWallet
from sqlalchemy import create_engine
from werkzeug.routing import Rule

from screening.app import create_app, open_service
from screening.core import documents, nodes
from screening.core.loading import load, load_words, rule_files
from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.core.word_lists import WordLists
from screening.service.examining import ExaminedFile, ToProve, examine
from screening.service.library import Library
from screening.settings import shipped
from screening.settings.environment import load_settings
from screening.storage import postgresql, sqlite
from screening.web.door import origin
from tests.actors import Clock

_PROVED: set[str] = set()  # digests
_BUILDERS: dict[object, Callable[..., tuple[str, str]]] = {}
_compile_builder = Rule._compile_builder


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """A function of the address's text alone, unless it has defaults; compiling it is slow."""
    if rule.defaults:
        return _compile_builder(rule, append_unknown)
    key = (rule.rule, tuple(rule._trace), append_unknown)
    if key not in _BUILDERS:
        _BUILDERS[key] = _compile_builder(rule, append_unknown)
    return _BUILDERS[key]


Rule._compile_builder = _builder  # type: ignore[assignment, method-assign]
AppWallet.encrypt_cost = 4


class _Statements(dict[tuple[Any, ...], Any]):
    """Compiled statements by what they say and the kind of database, not for each engine anew."""

    @staticmethod
    def _key(key: tuple[Any, ...]) -> tuple[Any, ...]:
        dialect, *statement = key
        return (dialect.name, *statement)

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """What was compiled."""
        return super().get(self._key(key), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(self._key(key), compiled)


_create_engine = partial(create_engine, execution_options={"compiled_cache": _Statements()})
sqlite.create_engine = _create_engine  # type: ignore[attr-defined]
postgresql.create_engine = _create_engine  # type: ignore[attr-defined]


_parse = documents.parse


@cache
def _parsed(data: bytes, file: str) -> bytes:
    return pickle.dumps(_parse(data, file))


def _parse_once(data: bytes, file: str) -> nodes.Node:
    """A copy of its own each time, for whoever reads it goes on to write in it."""
    node: nodes.Node = pickle.loads(_parsed(data, file))  # written a moment ago, by us
    return node


documents.parse = _parse_once


@cache
def _shipped_rules() -> list[ExaminedFile]:
    return list(examine(rule_files(shipped("rules")), shipped("rules").parent, ToProve()))


@cache
def _shipped_rule_set(file: Path) -> RuleSet:
    return load(file, root=shipped("rules").parent)


@cache
def _shipped_words() -> WordLists:
    return load_words(shipped("rules"))


class ReadOnce(Library):
    """A library that reads any other folder as it is each time."""

    def __init__(self, folder: Path, *given: Any, **named: Any) -> None:
        super().__init__(folder, *given, **named)
        self._proved = _PROVED

    def load(self, now: datetime) -> None:
        """Look through the folder; nothing is kept of it."""
        self.known = None
        super().load(now)

    def examine(self, files: Sequence[Path], wanted: ToProve) -> list[ExaminedFile]:
        """What the folder holds."""
        return _shipped_rules() if self._folder == shipped("rules") else super().examine(files, wanted)

    def _read(self, file: Path) -> RuleSet:
        return _shipped_rule_set(file) if self._folder == shipped("rules") else super()._read(file)

    def read_words(self, treatments: Sequence[Outline]) -> WordLists:
        """The folder's word lists. Raises RuleSetError."""
        return _shipped_words() if self._folder == shipped("rules") else super().read_words(treatments)


def start(clock: Clock, compiled: Path, **given: Any) -> Flask:
    """The service with these settings; templates are compiled into the folder `compiled`."""
    settings = load_settings(**({"log_level": "error"} | given))
    service = open_service(settings, clock, ReadOnce, origin, starts=True)
    try:
        app = create_app(settings, clock, service)
    except BaseException:
        service.engine.dispose()  # what is refused before it takes the service over leaves it open
        raise
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    return app
