"""Which rule sets a command works on, and writing beside them without ever leaving half a file."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from screening.authoring.cases import Cases, check_cases, load_cases
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.loading import CASES, Common, beside, clashing, load, rule_files
from screening.core.rules import RuleSet

GENERATED = ".generated" + CASES  # the few that the prover adds
WITNESSES = ".witnesses" + CASES  # patients for whom a claim failed


MISNAMED = re.compile(r"\.ya?ml(\.(txt|docx?|rtf))?$", re.IGNORECASE)  # as some editors call what they save


def misnamed_files(folder: Path) -> Iterator[Path]:
    """Files whose names do not end in .yaml, though somebody meant them to."""
    for file in sorted(folder.glob("*")):
        if MISNAMED.search(file.name) and file.suffix not in (".yaml", ".yml"):
            yield file


def treatments(paths: Iterable[Path]) -> list[Path]:
    """The files of the rule sets at `paths`, each a file or a folder. Raises RuleSetError."""
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in paths:
        inside = rule_files(path) if path.is_dir() else [path]
        if not inside:
            what = "There is no rule set in this folder."
            remedy = "Name a folder that holds files such as lumbar-sympathetic-block.yaml."
            if misnamed := next(misnamed_files(path), None):
                what = f'There is no rule set in this folder, but "{misnamed.name}", which is read as none.'
                remedy = f'Call it "{misnamed.name.split(".")[0]}.yaml".'
            problems.append(Problem(Place(str(path)), "unreadable", what, remedy))
        found |= dict.fromkeys(inside)
    if problems:
        raise RuleSetError(problems)
    return list(found)


def load_all(paths: Iterable[Path]) -> list[tuple[Path, RuleSet]]:
    """Every rule set at `paths`. Raises RuleSetError with the problems of all of them."""
    loaded: list[tuple[Path, RuleSet]] = []
    problems: list[Problem] = []
    common = Common()
    for file in treatments(paths):
        try:
            loaded.append((file, load(file, common=common)))
        except RuleSetError as error:
            problems.extend(error.problems)
    problems.extend(clashing([rule_set for _, rule_set in loaded]))
    if problems:
        raise RuleSetError(problems)
    return loaded


def cases_beside(file: Path, rule_set: RuleSet) -> list[Cases]:
    """The cases that people wrote, then the generated ones. Raises RuleSetError with all problems."""
    found: list[Cases] = []
    problems: list[Problem] = []
    own, others = beside(file, CASES), sorted(file.parent.glob(f"{glob.escape(file.stem)}.*{CASES}"))
    for path in [own, *others] if own.exists() else others:
        try:
            cases = check_cases(rule_set, load_cases(path))
            found.append(_completed(path, cases, found))
        except RuleSetError as error:
            problems.extend(error.problems)
    if problems:
        raise RuleSetError(problems)
    return found


def _completed(path: Path, cases: Cases, before: Sequence[Cases]) -> Cases:
    """Generated cases, with the usual answers that were written after they were generated."""
    if not before or not path.name.endswith(GENERATED):
        return cases
    return cases.model_copy(update={"usual": {**before[0].usual, **cases.usual}})
