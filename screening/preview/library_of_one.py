"""The one rule set under preview, as it stands in its file now, whatever its status says."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import load
from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.proving.prove import prove
from screening.service.library import Library


class PreviewLibrary(Library):
    """`edition` counts the readings; `problems` says why the last one cannot be shown."""

    def __init__(
        self, file: Path, engine: Engine, *, trial: bool = True, stop_past_review: bool = False
    ) -> None:
        del stop_past_review  # an author sees it whatever its days say
        super().__init__(file, engine, trial=trial)
        self.file = file
        self.edition = 0
        self.shown: RuleSet | None = None  # the last version that could be read
        self.problems: tuple[Problem, ...] = ()
        self.findings: tuple[Problem, ...] = ()

    def load(self, now: datetime) -> None:
        """Read the file again. A rule set that would not be served is shown all the same, with the proof."""
        del now  # nothing is archived
        try:
            rule_set = load(self.file)
        except RuleSetError as error:
            self.problems = error.problems
        else:
            self.findings = prove(rule_set).problems
            shown = rule_set.model_copy(update={"status": "live", "effective_from": None})
            self.problems, self.shown, self._current = (), shown, {shown.id: Outline.of(shown)}
        self.edition += 1

    def pinned(self, digest: str) -> RuleSet | None:
        """The version of now: an author who changes a rule wants to see it change."""
        del digest
        return self.shown

    def __len__(self) -> int:
        return 1  # a broken file is shown as such, so there is always something to serve
