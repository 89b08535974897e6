"""docs/safety/hazards.yaml, read strictly; every entry keeps the place where it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from screening.core import complaints, documents
from screening.core.errors import RuleSetError, unreadable
from screening.core.findings import Place, Problem
from screening.core.nodes import Node
from screening.core.questions import Model, Text, Word
from screening.core.serialising import canonical
from screening.hazards.matrix import Likelihood, Severity, risk

Kind = Literal["test", "claim", "check", "case", "page"]
KINDS: tuple[Kind, ...] = ("test", "claim", "check", "case", "page")
Names = Annotated[
    tuple[Text, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]


class Estimate(Model):
    """How bad, and how likely."""

    severity: Severity
    likelihood: Likelihood

    @property
    def risk(self) -> int:
        """By the matrix."""
        return risk(self.severity, self.likelihood)


class HazardControl(Model):
    """What makes the hazard less likely or less bad, and the names of what shows that it does."""

    does: Text
    test: Names = ()  # tests/path.py::name
    claim: Names = ()  # of `rules prove`, by its code
    check: Names = ()  # a code of docs/codes.md
    case: Names = ()  # rule set: the sentence of the case
    page: Names = ()  # a file, and after :: words that stand in it


class Covers(Model):
    """What of the product this hazard is about; all of it must be in some hazard."""

    flags: tuple[Text, ...] = ()
    statuses: tuple[Text, ...] = ()
    urgent: tuple[Text, ...] = ()
    promises: tuple[Text, ...] = ()  # phrases of the README


class Acceptance(Model):
    """Who takes a risk of 3 on themselves, for one version of the program."""

    by: Text
    role: Text
    version: Text
    because: Text


class Hazard(Model):
    """One row of the log, in DCB0129's terms."""

    id: Word
    sources: tuple[Text, ...] = ()
    hazard: Text
    cause: Text
    effect: Text
    owner: Text
    initial: Estimate
    controls: tuple[HazardControl, ...] = ()
    residual: Estimate
    missing: Text | None = None  # what would lower the risk further, and is not there
    accepted: Acceptance | None = None
    covers: Covers = Covers()

    @property
    def open(self) -> bool:
        """Whether there is work left: no control yet, or something known to be missing."""
        return not self.controls or self.missing is not None


class WrittenHazard(Model):
    """The whole file."""

    schema_: Literal["screening-hazards/1"]
    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    hazards: tuple[Hazard, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that is said to show a control: `(kind, name)`, and where that is said."""

    kind: Kind
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class HazardLog:
    """What is written, and where."""

    version: str
    hazards: tuple[Hazard, ...]
    node: Node

    def place(self, *path: int | str) -> Place:
        """Of the deepest thing on the path that is written."""
        return self.node.at(("hazards", *path)).place

    def evidence(self, hazard: int, control: int) -> Iterator[Evidence]:
        """What shows a control, both counted from 0."""
        written = self.hazards[hazard].controls[control]
        for kind in KINDS:
            for index, name in enumerate(getattr(written, kind)):
                yield Evidence(kind, name, self.place(hazard, "controls", control, kind, index))

    @property
    def digest(self) -> str:
        """The same for the same content, however it is laid out."""
        return hashlib.sha256(canonical(self.node.plain()).encode()).hexdigest()


def load_log(path: Path) -> HazardLog:
    """The log in `path`. Raises RuleSetError with every problem of its form."""
    try:
        node = documents.parse(path.read_bytes(), path.as_posix())
    except OSError:
        what = "The hazard log cannot be read."
        remedy = "Name one: screening safety check docs/safety/hazards.yaml."
        raise unreadable(path, what, remedy) from None
    problems: list[Problem] = []
    written = complaints.model_of(WrittenHazard, node, problems)
    if written is None:
        raise RuleSetError(problems)
    return HazardLog(written.version, written.hazards, node)
