"""The shipped rule sets: they load, their cases pass, and their cases are worth passing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

import pytest

from screening.authoring.cases import Case, Cases, check_cases, load_cases, run_case
from screening.authoring.files import GENERATED, cases_beside
from screening.authoring.mutants import Mutant
from screening.authoring.mutate import mutate
from screening.core.loading import CASES, beside, load, rule_files
from screening.core.rules import RuleSet
from screening.tracing import fingerprints
from screening.tracing.trace import sign, trace
from tests.thorough import usually
from tests.usual import rule_sets_in

ROOT = Path(__file__).parents[1]
RULES = ROOT / "rules"
PAGES = ROOT.parent / "shared" / "pages"
REASONS = {"answered", "not_sure", "not_answered", "not_raised"}


class Proven(NamedTuple):
    """A rule set with its cases."""

    rule_set: RuleSet
    cases: Cases

    def expected(self, of: str) -> Iterator[tuple[str, str]]:
        """What the cases say of each indicator or flag: its id, and its state or reason."""
        for case in self.cases.cases:
            if of == "indicators":
                yield from case.expect.indicators.items()
            else:
                yield from ((name, str(flag.reason)) for name, flag in case.expect.flags.items())


def proven(file: Path) -> Proven:
    return Proven(load(file, root=ROOT), load_cases(file.with_name(file.stem + CASES)))


PROVEN = {file.stem: proven(file) for file in rule_files(RULES)}
EVERY_CASE = [
    (name, cases, case)
    for name, one in PROVEN.items()
    for cases in cases_beside(RULES / f"{name}.yaml", one.rule_set)
    for case in cases.cases
]
every_rule_set = pytest.mark.parametrize("name", PROVEN)


def test_the_folder_loads() -> None:
    assert {rule_set.id for rule_set in rule_sets_in(RULES)} == set(PROVEN)


def test_every_cases_file_belongs_to_a_rule_set() -> None:
    written = {file.name.removesuffix(CASES) for file in RULES.glob(f"*{CASES}")}
    generated = {file.name.removesuffix(GENERATED) for file in RULES.glob(f"*{GENERATED}")}
    assert written - {f"{name}{GENERATED.removesuffix(CASES)}" for name in generated} == set(PROVEN)
    assert generated <= set(PROVEN)


@every_rule_set
def test_cases_speak_of_what_the_rule_set_has(name: str) -> None:
    assert PROVEN[name].cases.rule_set == PROVEN[name].rule_set.id == name
    check_cases(*PROVEN[name])


@pytest.mark.parametrize(
    ("name", "cases", "case"), EVERY_CASE, ids=[f"{name}: {case.case}" for name, _, case in EVERY_CASE]
)
def test_case(name: str, cases: Cases, case: Case) -> None:
    surprises = list(run_case(PROVEN[name].rule_set, cases, case))
    assert not surprises, f"{case.place}: {surprises}"


@every_rule_set
def test_every_indicator_appears_in_one_case_and_not_in_another(name: str) -> None:
    seen = set(PROVEN[name].expected("indicators"))
    for indicator in PROVEN[name].rule_set.indicators:
        for state, _ in indicator.tests:
            assert (indicator.id, state) in seen
        assert (indicator.id, "not_reported") in seen


@every_rule_set
def test_every_flag_has_a_case_for_each_reason_and_one_without_it(name: str) -> None:
    seen = set(PROVEN[name].expected("flags"))
    missing = {(flag.id, reason) for flag in PROVEN[name].rule_set.flags for reason in REASONS} - seen
    assert not missing


def test_every_conditional_question_is_asked_in_one_case_and_not_in_another() -> None:
    every = [
        one for proven in PROVEN.values() for one in proven.rule_set.questions if one.ask_when is not None
    ]
    asked, not_asked = set(), set()
    for rule_set, cases in PROVEN.values():
        for case in cases.cases:
            asked |= {rule_set.by_id[name].place for name in case.expect.asked}
            not_asked |= {rule_set.by_id[name].place for name in case.expect.not_asked}
    assert {f"{one.id} is never asked" for one in every if one.place not in asked} == set()
    assert {f"{one.id} is always asked" for one in every if one.place not in not_asked} == set()


@every_rule_set
def test_whoever_is_usual_has_answered_everything_that_must_be(name: str) -> None:
    rule_set, cases = PROVEN[name]
    answers = cases.answers(Case.model_construct(case="usual", differs={}))
    needed = {one.id for one in rule_set.questions if one.required and one.ask_when is None}
    assert needed <= set(answers)


@pytest.mark.slow
def test_nearly_every_mistake_in_the_shipped_rules_would_be_noticed() -> None:
    rule_set = PROVEN["lumbar-sympathetic-block"].rule_set
    every_fifth: Callable[[Sequence[Mutant]], Sequence[Mutant]] = itemgetter(slice(None, None, 5))
    some = usually(every_fifth, thorough=list)  # `screening rules mutate` makes them all
    report = mutate(rule_set, cases_beside(RULES / f"{rule_set.id}.yaml", rule_set), some)
    assert report.noticed
    assert report.by_both >= 0.99


@every_rule_set
def test_nobody_s_name_stands_under_generated_cases(name: str) -> None:
    path = beside(RULES / f"{name}.yaml", GENERATED)
    assert not path.exists() or not any(case.signed_off for case in load_cases(path).cases)


def stand_in(rule_set: RuleSet) -> str:
    """A page in our own words that says just what the rules stand for, and what is set aside."""
    sources = [source for one in rule_set.rules for source in one.sources]
    aside = rule_set.page.set_aside
    lines = [rule_set.title, *("It is said." for one in aside if one.section == rule_set.title)]
    for name, heading in rule_set.page.sections.items():
        phrases = list(dict.fromkeys(source.phrase for source in sources if source.section == name))
        sentences = " ".join(f"Tell us about this: {phrase}." for phrase in phrases)
        bullets = [f"• Some {phrase}" for phrase in phrases]
        lines += [heading, *([sentences] if heading == "Safety note" else bullets)]
        lines += [f"It says {one.phrase}." for one in aside if one.section == name]
    rest = [one.section for one in aside if one.phrase is None and one.section != rule_set.title]
    return "\n".join([*lines, *(line for heading in rest for line in (heading, "It is said."))]) + "\n"


class Page(NamedTuple):
    """A treatment page: a stand-in, or the clinic's own where it is here."""

    treatment: str
    text: str
    real: bool

    def __str__(self) -> str:
        return f"{self.treatment}, {'the page' if self.real else 'stand-in'}"


EVERY_PAGE = [Page(name, stand_in(one.rule_set), False) for name, one in PROVEN.items()]
EVERY_PAGE += [
    Page(file.stem, file.read_text(encoding="utf-8"), True) for file in sorted(PAGES.glob("*.txt"))
]
every_page = pytest.mark.parametrize("page", EVERY_PAGE, ids=str)


@every_page
def test_the_page_is_as_it_was_signed(page: Page, tmp_path: Path) -> None:
    copytree(RULES, tmp_path / "rules")
    file, saved = tmp_path / "rules" / f"{page.treatment}.yaml", tmp_path / "page.txt"
    saved.write_text(page.text, encoding="utf-8")
    rule_set = load(file)
    if not page.real:
        sign(file, rule_set, trace(file, rule_set, saved))
    found = trace(file, rule_set, saved)
    assert found.signed
    assert not found.problems


def test_every_statement_of_the_shipped_treatment_has_a_rule_or_a_reason() -> None:
    file = RULES / "lumbar-sympathetic-block.yaml"
    kept = fingerprints.load(file)
    assert kept is not None
    assert not fingerprints.stale(kept, load(file))


def statements(page: str, heading: str) -> list[str]:
    """The statements under a heading: its bullets, or the items and sentences of its prose."""
    lines = page.splitlines()
    under: list[str] = []
    for line in lines[lines.index(heading) + 1 :]:
        if _is_heading(line):
            break
        under.append(line)
    bullets = [line for line in under if line.startswith("•")]
    items = r"(?<=\.)\s+|,|\bor\b" if heading == "Safety note" else r"(?<=\.)\s+"
    return bullets or [item for line in under for item in re.split(items, line)]


def _is_heading(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("•", "-")) and line.rstrip()[-1] not in ".:"


@every_page
def test_every_source_phrase_stands_in_exactly_one_statement(page: Page) -> None:
    rule_set, text = PROVEN[page.treatment].rule_set, page.text
    assert all(one.source for one in rule_set.rules)
    for source in (source for one in rule_set.rules for source in one.sources):
        there = statements(text, rule_set.page.sections[source.section])
        found = [one for one in there if source.phrase.casefold() in one.casefold()]
        assert len(found) == 1, f"{source}: {found}"


@every_page
def test_every_bullet_of_whom_it_helps_has_an_indicator(page: Page) -> None:
    rule_set, text = PROVEN[page.treatment].rule_set, page.text
    phrases = [source.phrase.casefold() for one in rule_set.indicators for source in one.sources]
    for bullet in statements(text, rule_set.page.sections["who"]):
        assert any(phrase in bullet.casefold() for phrase in phrases), bullet
