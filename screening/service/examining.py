"""Reads rule-set files and proves what would be served; many of them in several processes."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path

from screening.apart import can_fork_safely, end_with_whoever_began
from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import Common, load
from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.proving.prove import prove, serious

MANY = 24  # files; fewer are read sooner than other processes begin
BATCH = 25  # files that one process is given at a time: what it found of them is all that it holds


@dataclass(frozen=True, slots=True)
class ToProve:
    """Which rule sets are proved: live ones that are not proved yet; of `served` alone, where it is said."""

    proved: frozenset[str] = frozenset()
    served: frozenset[str] | None = None

    def names(self, found: Outline) -> bool:
        """Whether patients may start it, once it is proved."""
        return found.status == "live" and (self.served is None or found.digest in self.served)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedFile:
    """What became of one file: `problems` say why it is no rule set, `unproved` why it cannot be served.

    `document` is what is archived; without it, the file was not read but known.
    """

    file: Path
    outline: Outline | None = None
    document: str = ""
    problems: tuple[Problem, ...] = ()
    unproved: tuple[Problem, ...] = ()
    proved: bool = False
    whole: RuleSet | None = None


def examine(
    files: Iterable[Path], root: Path, wanted: ToProve, common: Common | None = None
) -> Iterator[ExaminedFile]:
    """Each file; places are named relative to `root`. `common` is what was read before, of the same files."""
    shared = common or Common()
    return (_examined(file, root, shared, wanted) for file in files)


def _examined(file: Path, root: Path, common: Common, wanted: ToProve) -> ExaminedFile:
    try:
        rule_set = load(file, root=root, common=common)
    except RuleSetError as error:
        return ExaminedFile(file=file, problems=tuple(error.problems))
    return proved(ExaminedFile(file=file, whole=rule_set, document=rule_set.document), rule_set, wanted)


def proved(found: ExaminedFile, rule_set: RuleSet, wanted: ToProve) -> ExaminedFile:
    """With what the proof says, where the rule set is to be proved."""
    outline = Outline.of(rule_set)
    ask = wanted.names(outline)
    unproved = serious(prove(rule_set)) if ask and rule_set.digest not in wanted.proved else ()
    return replace(found, outline=outline, unproved=unproved, proved=ask and not unproved)


def examine_all(files: Sequence[Path], root: Path, wanted: ToProve, processes: int) -> list[ExaminedFile]:
    """The same of many files, in their order, in so many processes; whole rule sets stay behind there.

    Whoever asks for several has no connection open: they may be made of this process, with all it has.
    """
    if processes < 2 or len(files) < MANY:
        return list(examine(files, root, wanted))
    from concurrent.futures import ProcessPoolExecutor  # who starts again has no use for these
    from multiprocessing import get_context

    batches = [files[at : at + BATCH] for at in range(0, len(files), BATCH)]
    how = get_context("fork" if can_fork_safely() else "spawn")  # who is forked has loaded everything
    try:
        with ProcessPoolExecutor(processes, how, _begin) as pool:
            return list(chain.from_iterable(pool.map(partial(_batch, root=root, wanted=wanted), batches)))
    except (BrokenExecutor, OSError):  # there is no room for more processes: then it takes longer
        return list(examine(files, root, wanted))


def _begin() -> None:
    end_with_whoever_began()
    gc.disable()  # nothing that is made here holds itself; what is inherited stays as it is


def _batch(files: Sequence[Path], *, root: Path, wanted: ToProve) -> list[ExaminedFile]:
    return [replace(found, whole=None) for found in examine(files, root, wanted, _of_this_process())]


@cache
def _of_this_process() -> Common:
    """Common blocks, for all that one process of a start is given: it ends with that start."""
    return Common()
