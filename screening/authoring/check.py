"""Everything that can be said of a rule set without running it, all in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from screening.authoring import doubts, versions, words
from screening.authoring.files import misnamed_files, treatments
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.loading import (
    BESIDE,
    blocks_used_by_none,
    clashing,
    load,
    load_alone,
    load_words,
    rule_files,
    written_out,
)
from screening.core.nodes import Node
from screening.core.rules import Audience, Flag, Handling, Question, Rule, RuleSet
from screening.core.sources import Guidance, NoSource, SetAside, Source
from screening.proving.examination import named
from screening.tracing.statements import word_count

PHRASE_WORDS = 5  # at most, to point at a statement
REASON_WORDS = 3  # at least, to say why there is none
TOLD: Mapping[Handling, tuple[Audience, ...]] = {  # who acts on each handling, and so must have words
    "review_before_booking": ("clinician", "reception"),
    "discuss_at_consultation": ("clinician",),
    "arrange": ("reception",),
}


@dataclass
class CheckReport:
    """What was found: problems, and warnings that stop nobody."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    rule_sets: list[RuleSet] = field(default_factory=list)

    def add(self, other: CheckReport) -> None:
        """Takes over what another report found; common blocks are told once."""
        for mine, theirs in ((self.problems, other.problems), (self.warnings, other.warnings)):
            mine.extend(problem for problem in theirs if problem not in mine)
        self.rule_sets += other.rule_sets


def check(paths: Sequence[Path], today: date, against: Path | None = None) -> CheckReport:
    """Checks the files and folders at `paths`. Raises RuleSetError where there is nothing to check."""
    report = CheckReport()
    for file in treatments(paths):
        report.add(check_file(file, today, against))
    for folder in (path for path in paths if path.is_dir()):
        for block in blocks_used_by_none(folder):
            report.add(check_block(block, folder, today))
    report.problems += check_words(paths)
    report.problems += clashing(report.rule_sets)
    report.warnings += strays(paths)
    report.problems.sort(key=lambda problem: (problem.place, problem.code))
    report.warnings.sort(key=lambda problem: (problem.place, problem.code))
    return report


def check_words(paths: Sequence[Path]) -> list[Problem]:
    """What is wrong with the word lists that belong to these rule sets."""
    found: list[Problem] = []
    for folder in dict.fromkeys(path if path.is_dir() else path.parent for path in paths):
        try:
            load_words(folder)
        except RuleSetError as error:
            found += error.problems
    return found


def strays(paths: Sequence[Path]) -> Iterator[Problem]:
    """Files that would stand beside a rule set, but are called otherwise: no command ever reads them."""
    for folder in dict.fromkeys(path if path.is_dir() else path.parent for path in paths):
        treatments_here = [f"{file.stem}." for file in rule_files(folder)]
        for file in sorted(folder.glob("*.yaml")):
            if file.name.endswith(BESIDE) and not file.name.startswith(tuple(treatments_here)):
                what = "No rule set is called like this file, so nothing ever reads it."
                remedy = "Give it the name of its rule set's file, as in heel.yaml and heel.cases.yaml."
                yield Problem(Place(str(file)), "never-read", what, remedy)
        for file in misnamed_files(folder):
            what = "The name of this file does not end in .yaml, so nothing ever reads it."
            yield Problem(Place(str(file)), "never-read", what, f'Call it "{file.name.split(".")[0]}.yaml".')


def check_file(
    file: Path, today: date, against: Path | None = None, *, going_live: bool = False
) -> CheckReport:
    """Checks one rule set; what a broken one says in words is checked all the same.

    One that is `going_live` is held to what is asked of those that patients fill in.
    """
    report = CheckReport()
    try:
        rule_set = load(file)
    except RuleSetError as error:
        report.problems += error.problems
    else:
        report.rule_sets.append(rule_set)
        report.problems += check_rules(rule_set, today)
        report.warnings += _not_shown(rule_set)
        report.problems += versions.changed(file, rule_set, against)
    try:
        node = written_out(file)
    except RuleSetError:
        return report  # said already
    if report.rule_sets:
        report.problems += doubts.check(rule_set, node, today, going_live=going_live)
        report.problems += _set_aside(rule_set, node)
    problems, warnings = words.check(node)
    if not report.rule_sets:  # what an exception is for may stand in what cannot be read
        problems = [problem for problem in problems if problem.code != "unused-exception"]
    report.problems += problems
    report.warnings += warnings
    return report


def check_block(file: Path, folder: Path, today: date) -> CheckReport:
    """Checks a common block by itself, as one that no rule set of the folder uses yet is to be sound too."""
    report = CheckReport()
    try:
        rule_set, node = load_alone(file, folder)
    except RuleSetError as error:
        report.problems += error.problems
        return report
    report.problems += [*check_rules(rule_set, today), *doubts.check(rule_set, node, today, going_live=False)]
    problems, warnings = words.check(node)
    report.problems += problems
    report.warnings += warnings
    return report


def check_rules(rule_set: RuleSet, today: date) -> Iterator[Problem]:
    """Sources, audiences, hints and the review date."""
    for rule in rule_set.rules:
        yield from _source(rule)
    yield from _long_phrases(rule_set)
    for flag in rule_set.flags:
        yield from _audience(flag)
    for question in rule_set.questions:
        yield from _hint(question)
    if rule_set.review_by is not None and rule_set.review_by < today and rule_set.status != "retired":
        what = f"This rule set was to be reviewed by {rule_set.review_by}."
        remedy = "Have a clinician review it, then give a later review_by and a new version."
        yield Problem(rule_set.at("review_by"), "review-passed", what, remedy)


def _not_shown(rule_set: RuleSet) -> Iterator[Problem]:
    """Keys of older rule sets, which are read so that their archives open."""
    if rule_set.start.minutes is not None:
        what = "start.minutes is not shown: how long it takes is worked out from the questions."
        yield Problem(rule_set.at("start"), "not-shown", what, "Remove it.")


def _source(rule: Rule) -> Iterator[Problem]:
    if rule.source is None:
        what = f"The {named(rule)} does not say which statement of the page it stands for."
        remedy = (
            "Write source: {section: ..., phrase: ...}; where the page says nothing of it, "
            "source: {guidance: whose, reason: ...} or source: {none: why}."
        )
        yield Problem(rule.place, "no-source", what, remedy)
    elif isinstance(rule.source, NoSource | Guidance):
        reason = rule.source.none if isinstance(rule.source, NoSource) else rule.source.reason
        if word_count(reason) < REASON_WORDS:
            what = f"The {named(rule)} hardly says why it stands for no statement of the page."
            yield Problem(rule.place, "no-source", what, "Say in a few words who wants it, and why.")


def _long_phrases(rule_set: RuleSet) -> Iterator[Problem]:
    for rule in rule_set.sourced:
        for each in rule.sources:
            yield from _long_phrase(rule.place, f'of "{rule.id}"', each)


def _long_phrase(place: Place, whose: str, pointing: Source | SetAside) -> Iterator[Problem]:
    """A phrase points at a statement: the page's own text stays on the page."""
    if any(word_count(phrase or "") > PHRASE_WORDS for phrase in (pointing.phrase, pointing.under)):
        what = f"The phrase {whose} is longer than {PHRASE_WORDS} words."
        remedy = "Keep the few words that point at the statement: the page's own text stays on the page."
        yield Problem(place, "long-phrase", what, remedy)


def _set_aside(rule_set: RuleSet, node: Node) -> Iterator[Problem]:
    """Of what is set aside, each at the line where it is."""
    places = [entry.place for entry in node.at(("page", "set_aside")).items()]
    for place, each in zip(places, rule_set.page.set_aside, strict=True):
        yield from _long_phrase(place, f'of what is set aside in "{each.section}"', each)
        if word_count(each.because) < REASON_WORDS:
            what = f'It is hardly said why "{each.phrase or each.section}" is set aside.'
            remedy = "Say in a few words why no question and no rule is needed for it."
            yield Problem(place, "no-reason", what, remedy)


def _audience(flag: Flag) -> Iterator[Problem]:
    missing = [audience for audience in TOLD[flag.handling] if not getattr(flag.say, audience)]
    if missing:
        what = f"The {named(flag)} is handled as {flag.handling}, but says nothing to: {', '.join(missing)}."
        remedy = f"Write say: {{{missing[0]}: ...}} with what they are to do, or change the handling."
        yield Problem(flag.place, "nobody-told", what, remedy)


def _hint(question: Question) -> Iterator[Problem]:
    """What the field's practice wants said beside a question of this type (NHS service manual)."""
    wish = question.kind.wish(question)
    if wish is not None:
        what = f"The {named(question)} {wish.message}"
        yield Problem(question.place, "hint-missing", what, wish.remedy)
