"""The code of every problem, and what finds it; docs/codes.md has a section for each."""

from __future__ import annotations

from collections.abc import Mapping

from screening.core.errors import Problem
from screening.proving import examination

LOADING = (
    "unreadable",
    "format",
    "unknown-name",
    "wrong-order",
    "duplicate-id",
    "not-sure-missing",
)
CHECK = (
    "no-source",
    "long-phrase",
    "nobody-told",
    "banned-word",
    "unused-exception",
    "to-review",
    "reading-age",
    "reads-alike",
    "hint-missing",
    "review-passed",
    "version-unchanged",
)
CASES = ("case-failed", "case-missing", "generated-unsigned")
MUTATE = ("change-unnoticed",)
TRACE = (
    "section-missing",
    "statement-uncovered",
    "phrase-missing",
    "phrase-ambiguous",
    "page-unsigned",
    "page-added",
    "page-changed",
    "page-removed",
)
DIFF = ("flag-quieter", "too-large")
PUBLISH = (
    "not-signed",
    "signed-other",
    "version-taken",
    "version-retired",
    "unknown-reason",
    "old-unreadable",
)
CODES: Mapping[str, str] = {
    **dict.fromkeys(LOADING, "every command"),
    **dict.fromkeys(CHECK, "check"),
    **dict.fromkeys(examination.CODES, "prove"),
    **dict.fromkeys(MUTATE, "mutate"),
    **dict.fromkeys(CASES, "cases"),
    **dict.fromkeys(TRACE, "trace"),
    **dict.fromkeys(DIFF, "diff"),
    **dict.fromkeys(PUBLISH, "publish"),
}


def finding_of(problem: Problem) -> examination.Finding:
    """A problem of the core, in the shape that every command reports."""
    return examination.Finding(problem.place, problem.code, problem.what, problem.remedy)
