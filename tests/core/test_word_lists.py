"""Word lists: read strictly, each problem in its place; no part of any rule set."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import WORDS, load_words
from screening.core.outlines import Outline
from screening.core.word_lists import WordLists
from screening.settings import shipped
from tests.core.making import ASKED, FILE, HEAD, MARK, at_marks, refused
from tests.usual import rule_sets_in

LIST = "schema: screening-words/1\n"
SUBJECT = "subjects:\n  - {subject: pregnant, words: [expecting]}\n"


def words_in(tmp_path: Path, text: str, rules: str = ASKED, **blocks: str) -> WordLists:
    """The list written in `text`, beside a rule set and blocks."""
    (tmp_path / "common" / "words").mkdir(parents=True)
    (tmp_path / FILE).write_text(rules.replace(MARK, ""))
    (tmp_path / "common" / "words" / "w.yaml").write_text(text.replace(MARK, ""))
    for name, block in blocks.items():
        (tmp_path / "common" / f"{name}.yaml").write_text(block)
    return load_words(tmp_path, root=tmp_path, treatments=map(Outline.of, rule_sets_in(tmp_path)))


def problems_in(tmp_path: Path, text: str, rules: str = ASKED) -> tuple[Problem, ...]:
    """The problems, which are told at the marks and nowhere else."""
    with pytest.raises(RuleSetError) as caught:
        words_in(tmp_path, text, rules)
    at_marks(caught.value.problems, {"common/words/w.yaml": text, FILE: rules})
    return caught.value.problems


def test_the_shipped_lists_are_sound_and_name_every_safety_subject() -> None:
    lists = load_words(shipped("rules"))
    assert load_words(shipped("rules"), treatments=map(Outline.of, rule_sets_in(shipped("rules")))) == lists
    asked = {question.subject for found in rule_sets_in(shipped("rules")) for question in found.questions}
    assert {subject.subject for subject in lists.subjects} <= asked
    unlisted = {
        question.id
        for found in rule_sets_in(shipped("rules"))
        for question in found.questions
        if question.safety and question.subject not in {subject.subject for subject in lists.subjects}
    }
    nameless = {"someone_home", "steroid_reaction", "skin_back"}
    assert unlisted == nameless | {"allergy_kinds", "allergy_how_bad"}  # named with "allergies"


@pytest.mark.parametrize(
    "text",
    [
        "▸- a\n",
        LIST + "subjects: ▸many\n",
        LIST + "▸subject: []\nsubjects: []\n",
        "schema: ▸screening/1\n" + SUBJECT,
        LIST + "subjects:\n  - {subject: ▸Not A Word, words: [a]}\n",
        LIST + "subjects:\n  - {subject: pregnant, ▸wrods: [a], words: [b]}\n",
        LIST + "subjects:\n  - {subject: pregnant, words: ▸expecting}\n",
        LIST + 'subjects:\n  - {subject: pregnant, words: [a, ▸"..."]}\n',
        LIST + 'subjects:\n  - {subject: pregnant, answers: {yes: [▸"?"]}}\n',
        LIST + "subjects:\n  - ▸{subject: pregnant}\n",
        LIST + "subjects:\n  - {subject: pregnant, words: [a], ▸place: x}\n",
        "subjects: [\n▸",
    ],
)
def test_a_problem_is_told_where_it_stands(tmp_path: Path, text: str) -> None:
    assert problems_in(tmp_path, text)


def test_a_subject_that_no_question_is_about_is_told_with_what_was_meant(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, LIST + "subjects:\n  - {subject: ▸pregnent, words: [a]}\n")
    assert (problem.code, "pregnant" in problem.remedy) == ("unknown-name", True)


def test_a_question_about_a_subject_that_no_list_has_is_told(tmp_path: Path) -> None:
    rules = ASKED + "  - {id: q, ask: Q, type: text, about: ▸pregnent}\n"
    (problem,) = problems_in(tmp_path, LIST + SUBJECT, rules)
    assert (problem.code, "pregnant" in problem.remedy) == ("unknown-name", True)


def test_a_block_that_no_treatment_uses_asks_its_questions_too(tmp_path: Path) -> None:
    block = "schema: screening/1\ntitle: B\nquestions:\n  - {id: fever, ask: F, type: text}\n"
    found = words_in(tmp_path, LIST + "subjects:\n  - {subject: fever, words: [a]}\n", b=block)
    assert [subject.subject for subject in found.subjects] == ["fever"]


def test_a_folder_without_lists_has_none(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(ASKED + "  - {id: q, ask: Q, type: text, about: whatever}\n")
    assert load_words(tmp_path) == WordLists()


def test_a_list_is_neither_a_treatment_nor_a_block(tmp_path: Path) -> None:
    words_in(tmp_path, LIST + SUBJECT)
    (found,) = rule_sets_in(tmp_path)
    assert found.id == "t"
    assert refused(HEAD + "uses: [common/words]\nquestions: [{id: a, ask: A, type: text}]\n")


def test_a_list_changes_no_digest(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(ASKED)
    (before,) = rule_sets_in(tmp_path)
    words_in(tmp_path, LIST + SUBJECT)
    (after,) = rule_sets_in(tmp_path)
    assert (before.digest, before.document) == (after.digest, after.document)


def test_lists_are_shipped() -> None:
    assert list(shipped("rules").glob(WORDS))
