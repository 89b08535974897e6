"""What a start found out about rule-set files, for the next one, which need not read and prove them again.

A file is known when its bytes, those of every common block and this very program are what they were; anything
else, and anything odd about what is kept, means that it is read and proved. What patients are asked is never
taken from here: a rule set is read from its own file, so whoever could write here could at most have one
served that an author wrote and nobody proved, or listed under another title.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import screening
from screening.core.outlines import Outline
from screening.core.serialising import canonical, from_plain, to_plain
from screening.service.examining import ExaminedFile, ToProve
from screening.storage.files import PRIVATE, write_whole

FILE = "known-rules"  # in the instance folder
UNREADABLE = ""  # no digest
_ROOMS = ("core", "proving", "service")  # the program that reads and proves
_LIBRARIES = ("pydantic", "pydantic-core", "PyYAML", "python-sat")


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file by its name and the digest of its bytes; `proved`: nothing is in the way of serving it."""

    name: str
    source: str
    proved: bool
    outline: Outline


@dataclass(frozen=True, slots=True)
class KnownRules:
    """What is kept about a folder in the file `place`; `sources` are the digests of its files of now."""

    place: Path
    around: str
    sources: Mapping[Path, str]
    kept: Mapping[str, KnownFile]

    @classmethod
    def read(cls, place: Path, folder: Path, files: Sequence[Path]) -> KnownRules:
        """Nothing is known where the file is not ours, not whole, or of other surroundings."""
        around = _surroundings(folder)
        return cls(place, around, {file: _source(file) for file in files}, _kept(place, around))

    def recognised(self, wanted: ToProve) -> dict[Path, ExaminedFile]:
        """The files that say what they said, and are proved where they are to be."""
        return {
            file: ExaminedFile(file=file, outline=each.outline, proved=each.proved)
            for file, source in self.sources.items()
            if (each := self.kept.get(file.name)) is not None
            and each.source == source != UNREADABLE
            and (each.proved or not wanted.names(each.outline))
        }

    def has_more_than(self, files: Iterable[Path]) -> bool:
        """Whether files are gone that were there."""
        return not self.kept.keys() <= {file.name for file in files}

    def keep(self, found: Iterable[ExaminedFile]) -> None:
        """In place of what was kept; where it cannot be written, the next start takes longer."""
        known = tuple(
            KnownFile(each.file.name, self.sources[each.file], each.proved, each.outline)
            for each in found
            if each.outline is not None and not each.unproved
        )
        text = canonical(to_plain(known)).encode()
        with suppress(OSError):
            write_whole(self.place, _seal(self.around, text) + b"\n" + text, PRIVATE)


def _kept(place: Path, around: str) -> Mapping[str, KnownFile]:
    with suppress(OSError, ValueError, TypeError, LookupError, RecursionError):
        if _nobody_else_writes(place):
            seal, _, text = place.read_bytes().partition(b"\n")
            if seal == _seal(around, text):
                return {each.name: each for each in from_plain(tuple[KnownFile, ...], json.loads(text))}
    return {}


def _seal(around: str, text: bytes) -> bytes:
    return _digest(around.encode() + text).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _source(file: Path) -> str:
    try:
        return _digest(file.read_bytes())
    except OSError:  # whoever examines it says so
        return UNREADABLE


def _surroundings(folder: Path) -> str:
    """All that decides what a file of this folder says and proves, besides its own bytes."""
    blocks = (f"{file.relative_to(folder)} {_source(file)}" for file in sorted(folder.glob("*/*.yaml")))
    return _digest("\n".join((program(), folder.resolve().name, *blocks)).encode())


@cache
def program() -> str:
    """This very program, as far as it reads and proves rule sets, with the libraries that it does it by."""
    home = Path(screening.__file__).parent
    files = (file for room in _ROOMS for file in sorted((home / room).rglob("*.py")))
    sources = (f"{file.relative_to(home)} {_source(file)}" for file in files)
    return "\n".join((sys.version, *(f"{name} {version(name)}" for name in _LIBRARIES), *sources))


def _nobody_else_writes(place: Path) -> bool:
    about = place.stat()
    ours = about.st_uid == os.geteuid() if hasattr(os, "geteuid") else True
    return ours and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
