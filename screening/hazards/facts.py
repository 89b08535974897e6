"""What the papers say, from the log, the settings, the tables and the rule sets; nothing is judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import LargeBinary

from screening.core.findings import Place, Problem
from screening.core.rules import RuleSet
from screening.core.workflow import MOVES
from screening.exports import FORMATS
from screening.hazards.check import state
from screening.hazards.log import Hazard, HazardLog, Kind
from screening.hazards.matrix import RISKS, words
from screening.settings import PREFIX, Settings
from screening.storage.tables import metadata

SETTINGS = (  # those that bear on safety and on data; none of them is a secret
    "trial", "reply_days", "promise_hours", "working_hours", "holidays", "time_zone", "language",
    "draft_minutes", "draft_hours", "staff_idle_minutes", "staff_hours", "reception_sees_health", "smtp_tls",
    "log_level",
)  # fmt: skip
FILES = ("sealing_key", "opening_keys", "index_key", "audit_head")  # said to be set or not, never shown

PaperRow = tuple[str, ...]
Looked = Literal["run", "tree", "nothing"]  # what the controls were held against
HOW: Mapping[Looked, str] = {
    "run": "each test was held against the run of the suite that began at",
    "tree": "tests were looked up, and no run of them was given",
    "nothing": "not at all: neither the tests nor a report of them are in this installation",
}


@dataclass(frozen=True, slots=True)
class ControlShown:
    """A control, and for each thing that shows it its kind, its name and what became of it."""

    does: str
    evidence: tuple[PaperRow, ...]


@dataclass(frozen=True, slots=True)
class HazardShown:
    """A hazard with its number in the log, and whether it is open, accepted or controlled."""

    number: int
    hazard: Hazard
    state: str
    controls: tuple[ControlShown, ...]


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """Everything that the papers are filled from; rows are cells of tables, in words."""

    program: str
    log_version: str
    digest: str
    day: date
    looked: Looked
    began: str  # when the run began
    hazards: tuple[HazardShown, ...]
    problems: tuple[str, ...]
    rule_sets: tuple[PaperRow, ...]
    configured: tuple[PaperRow, ...]  # chosen settings: name, value, meaning
    tables: tuple[PaperRow, ...]
    formats: tuple[PaperRow, ...]
    moves: tuple[PaperRow, ...]
    contact: tuple[str, ...]
    clinic: str

    @property
    def how(self) -> str:
        """How the controls were looked at."""
        began = f" {self.began or 'a time that its report does not say'}" if self.looked == "run" else ""
        return HOW[self.looked] + began

    @property
    def open(self) -> tuple[HazardShown, ...]:
        """Those with work left."""
        return tuple(one for one in self.hazards if one.state == "open")

    @property
    def unacceptable(self) -> tuple[HazardShown, ...]:
        """Those whose residual risk nobody can accept."""
        return tuple(one for one in self.hazards if one.hazard.residual.risk > 3)

    @property
    def matrix(self) -> tuple[PaperRow, ...]:
        """Likelihood, and the risk for each severity, the most likely first."""
        return tuple((words(name), *map(str, risks)) for name, risks in RISKS.items())

    @property
    def counts(self) -> tuple[PaperRow, ...]:
        """Risk, hazards with it at first, hazards with it now; the highest first."""
        initial = Counter(one.hazard.initial.risk for one in self.hazards)
        residual = Counter(one.hazard.residual.risk for one in self.hazards)
        return tuple((str(number), str(initial[number]), str(residual[number])) for number in range(5, 0, -1))


def facts(
    log: HazardLog,
    settings: Settings,
    rule_sets: Sequence[RuleSet],
    problems: Sequence[Problem],
    *,
    program: str,
    day: date,
    looked: Looked,
    began: str = "",
) -> PaperFacts:
    """`problems` are those that `check` found; `began`: the run that it was given, as its report says."""
    wrong = {problem.place: problem.message for problem in problems}
    return PaperFacts(
        program=program,
        log_version=log.version,
        digest=log.digest,
        day=day,
        looked=looked,
        began=began,
        hazards=tuple(_hazard(log, index, wrong, looked) for index in range(len(log.hazards))),
        problems=tuple(map(str, problems)),
        rule_sets=tuple(map(_rule_set, rule_sets)),
        configured=tuple(_configured(settings)),
        tables=tuple(_tables()),
        formats=tuple(
            (one.name, ", ".join(sorted(one.roles)), "yes" if one.health else "no", str(one.largest))
            for one in FORMATS.values()
        ),
        moves=tuple(
            (move.name, ", ".join(move.who), "; ".join(need.name for need in move.needs)) for move in MOVES
        ),
        contact=tuple(
            dict.fromkeys(one.ask for rule_set in rule_sets for one in rule_set.questions if one.contact)
        ),
        clinic=settings.clinic_name,
    )


def _hazard(log: HazardLog, index: int, wrong: Mapping[Place, str], looked: Looked) -> HazardShown:
    hazard = log.hazards[index]
    controls = tuple(
        ControlShown(
            control.does,
            tuple(
                (one.kind, one.name, wrong.get(one.place) or _became(one.kind, looked))
                for one in log.evidence(index, number)
            ),
        )
        for number, control in enumerate(hazard.controls)
    )
    return HazardShown(index + 1, hazard, state(hazard), controls)


def _became(kind: Kind, looked: Looked) -> str:
    if looked == "nothing":
        return "not looked at here"
    if kind == "test":
        return "passed in this run" if looked == "run" else "is there; no run was given"
    return "is there" if kind == "page" else "holds"


def _rule_set(rule_set: RuleSet) -> PaperRow:
    review = str(rule_set.review_by or "not given")
    return (
        rule_set.title,
        rule_set.version,
        rule_set.status,
        review,
        str(len(rule_set.flags)),
        rule_set.digest[:12],
    )


def _configured(settings: Settings) -> Iterator[PaperRow]:
    for name in SETTINGS:
        yield f"{PREFIX}{name.upper()}", str(getattr(settings, name)), _about(name)
    for name in FILES:
        held = "a file of its own" if getattr(settings, name) else "in the instance folder"
        yield f"{PREFIX}{name.upper()}", held, _about(name)


def _about(name: str) -> str:
    return (Settings.model_fields[name].description or "").replace("`", "")


def _tables() -> Iterator[PaperRow]:
    """Each table: what is sealed in it, and what stands in the clear."""
    for table in metadata.sorted_tables:
        sealed = [
            one.name for one in table.columns if isinstance(one.type, LargeBinary) and "sealed" in one.name
        ]
        clear = [one.name for one in table.columns if one.name not in sealed]
        yield table.name, ", ".join(sealed) or "nothing", ", ".join(clear)
