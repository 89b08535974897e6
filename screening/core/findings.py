"""The one kind of problem that every command, screen and start reports, and the code of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict, get_args

from screening.core.stored import Stored

LoadingCode = Literal[
    "unreadable", "format", "cut-text", "unknown-name", "wrong-order", "duplicate-id", "not-sure-missing"
]  # fmt: skip
CheckCode = Literal[
    "no-source", "long-phrase", "nobody-told", "banned-word", "unused-exception", "to-review",
    "unguarded-flag", "clears-raises", "label-contradicts", "no-urgent", "no-contact", "no-safety",
    "clears-unusual", "handling-light", "keep-taking", "beyond-today", "no-reason",
    "never-read", "reading-age", "reads-alike", "one-voice", "hint-missing", "not-shown", "review-passed",
    "version-unchanged",
]  # fmt: skip
ProofCode = Literal[
    "never-asked", "never-raised", "always-raised", "idle-condition", "lost-answer", "hidden-safety",
    "hidden-by-another", "unproved",
    "quieter-when-worse", "stale-answer-counts", "same-rule", "endless",
]  # fmt: skip
MutateCode = Literal["change-unnoticed"]
CasesCode = Literal["case-failed", "case-missing", "usual-missing", "generated-unsigned"]
TraceCode = Literal[
    "section-missing", "statement-uncovered", "phrase-missing", "phrase-ambiguous", "aside-refused",
    "page-unsigned", "page-added", "page-changed", "page-removed",
]  # fmt: skip
DiffCode = Literal["flag-quieter", "notice-quieter", "too-large"]
PublishCode = Literal[
    "not-signed", "signed-other", "not-seconded", "not-live", "one-way", "page-not-given",
    "version-taken", "version-retired", "old-unreadable", "words-fewer",
]  # fmt: skip
SafetyCode = Literal[
    "control-unknown", "control-not-run", "control-skipped", "control-failed", "risk-rose", "fall-unshown",
    "risk-left", "not-covered", "covers-nothing", "hazard-open",
]  # fmt: skip
FhirCode = Literal["no-place"]
Code = (
    LoadingCode
    | CheckCode
    | ProofCode
    | MutateCode
    | CasesCode
    | TraceCode
    | DiffCode
    | PublishCode
    | SafetyCode
    | FhirCode
)
FOUND_BY: Mapping[str, tuple[Code, ...]] = {  # the command that tells it -> its codes
    "every command": get_args(LoadingCode),
    "check": get_args(CheckCode),
    "prove": get_args(ProofCode),
    "mutate": get_args(MutateCode),
    "cases": get_args(CasesCode),
    "trace": get_args(TraceCode),
    "diff": get_args(DiffCode),
    "publish": get_args(PublishCode),
    "safety check": get_args(SafetyCode),
    "fhir export-questionnaire": get_args(FhirCode),
}
CODES: Mapping[Code, str] = {code: command for command, codes in FOUND_BY.items() for code in codes}


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where something stands in a file; lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ProblemData(TypedDict):
    """A problem as JSON data."""

    file: str
    line: int
    column: int
    code: Code
    message: str
    remedy: str
    witness: Stored | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing an author has to mend: where, what, and the remedy; docs/codes.md explains each code.

    `witness` is a patient's stored answers that show it, None where nobody can.
    """

    place: Place
    code: Code
    message: str
    remedy: str = ""
    witness: Stored | None = field(default=None, hash=False)

    def __str__(self) -> str:
        shown = f" A patient who shows it: {on_one_line(self.witness)}." if self.witness is not None else ""
        return f"{self.place}: {self.message}{shown} {self.remedy}".rstrip()

    @property
    def order(self) -> tuple[str, int, int, Code, str, str]:
        """By place: what lists of problems are sorted by."""
        at = self.place
        return at.file, at.line, at.column, self.code, self.message, self.remedy

    def data(self) -> ProblemData:
        """The problem for machines."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
            "witness": self.witness,
        }


def on_one_line(stored: Mapping[str, object]) -> str:
    """A patient's stored answers, for messages."""
    said = (f"{name}: {json.dumps(held, ensure_ascii=False)}" for name, held in stored.items())
    return "{" + ", ".join(said) + "}"
