"""Which rule sets a command works on, and writing beside them without ever leaving half a file."""

from __future__ import annotations

import glob
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from screening.authoring.cases import Cases, check_cases, load_cases
from screening.core import checks
from screening.core.errors import Place, Problem, RuleSetError
from screening.core.loading import CASES, load, rule_files
from screening.core.rules import RuleSet

WITNESSES = ".witnesses" + CASES  # patients for whom a claim failed


def treatments(paths: Iterable[Path]) -> list[Path]:
    """The files of the rule sets at `paths`, each a file or a folder. Raises RuleSetError."""
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in paths:
        inside = rule_files(path) if path.is_dir() else [path]
        if not inside:
            what = "There is no rule set in this folder."
            remedy = "Name a folder that holds files such as lumbar-sympathetic-block.yaml."
            problems.append(Problem(Place(str(path)), what, remedy, "unreadable"))
        found |= dict.fromkeys(inside)
    if problems:
        raise RuleSetError(problems)
    return list(found)


def load_all(paths: Iterable[Path]) -> list[tuple[Path, RuleSet]]:
    """Every rule set at `paths`. Raises RuleSetError with the problems of all of them."""
    loaded: list[tuple[Path, RuleSet]] = []
    problems: list[Problem] = []
    for file in treatments(paths):
        try:
            loaded.append((file, load(file)))
        except RuleSetError as error:
            problems.extend(error.problems)
    problems.extend(clashing([rule_set for _, rule_set in loaded]))
    if problems:
        raise RuleSetError(problems)
    return loaded


def clashing(rule_sets: list[RuleSet]) -> Iterator[Problem]:
    """Rule sets that want one address."""
    for first, second in checks.clashes(rule_sets):
        what = f'The treatment id "{second.id}" is taken: {first.place} has it too.'
        yield Problem(second.place, what, "Give one of them another id.", "duplicate-id")


def beside(file: Path, suffix: str) -> Path:
    """The file with this suffix that belongs to a rule set: cases, fingerprints, versions."""
    return file.with_name(file.stem + suffix)


def cases_beside(file: Path, rule_set: RuleSet) -> list[Cases]:
    """The cases that people wrote, then the generated ones. Raises RuleSetError with all problems."""
    found: list[Cases] = []
    problems: list[Problem] = []
    own, others = beside(file, CASES), sorted(file.parent.glob(f"{glob.escape(file.stem)}.*{CASES}"))
    for path in [own, *others] if own.exists() else others:
        try:
            cases = load_cases(path)
            check_cases(rule_set, cases)
            found.append(cases)
        except RuleSetError as error:
            problems.extend(error.problems)
    if problems:
        raise RuleSetError(problems)
    return found


def made(folder: Path) -> Path:
    """The folder, there from now on. Raises RuleSetError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable("folder", folder, error) from None
    return folder


def write(path: Path, data: bytes) -> None:
    """Whole or not at all. Raises RuleSetError where it cannot be written."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise _unwritable("file", path, error) from None


def _unwritable(kind: str, path: Path, error: OSError) -> RuleSetError:
    what = f"The {kind} cannot be written: {error.strerror}."
    return RuleSetError([Problem(Place(str(path)), what, "Check the name and the folder.", "unreadable")])


class _Dumper(yaml.SafeDumper):
    """Quotes what our strict reader would take for something else than text, and nothing more."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 (PyYAML's own way)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


for _tag, _pattern, _first in (
    ("null", r"^(|~|null)$", ["", "~", "n"]),
    ("bool", r"^(true|false)$", ["t", "f"]),
    ("float", r"^-?[0-9]+\.[0-9]+$", list("-0123456789")),
    ("int", r"^-?[0-9]+$", list("-0123456789")),
):
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def as_yaml(data: Any) -> str:
    """Plain data as a strict document: `yes` stays a plain word, keys keep their order."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )
