"""Common blocks: questions and flags that many treatments share."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.core.loading import load
from tests.core.making import ASKED, FILE, HEAD, load_text, refused_at_marks

QUESTION = "questions: [{id: a, ask: A, type: text}]\n"
FLAG = "flags: [{id: f, label: F, handling: arrange, raise_when: %s}]\n"
BLOCK = "schema: screening/1\ntitle: Block\n"


def test_an_id_that_stands_twice_names_both_places() -> None:
    block = f"{BLOCK}questions: [{{id: ▸a, ask: A, type: text}}]\n"
    (problem,) = refused_at_marks(f"{HEAD}uses: [common/b]\n{QUESTION}", b=block)
    assert f"{FILE}:6:18" in problem.message
    notice = "  - {id: %su, level: urgent, heading: H, items: [i]}\n"
    (problem,) = refused_at_marks(ASKED + "urgent:\n" + notice % "" + notice % "▸")
    assert f"{FILE}:9:10" in problem.message


def test_a_block_brings_questions_and_flags() -> None:
    block = BLOCK + "questions: [{id: %s, ask: B, type: choose_one, answers: yes_no}]\n"
    loaded = load_text(
        f"{HEAD}uses: [common/one, common/two]\n{QUESTION}",
        one=block % "b" + FLAG % "{b: yes}",
        two=block % "c",
    )
    assert [question.id for question in loaded.questions] == ["a", "b", "c"]
    assert [flag.place.file for flag in loaded.flags] == ["common/one.yaml"]


def test_a_treatment_says_where_its_own_questions_stand_among_its_blocks() -> None:
    block = BLOCK + "questions: [{id: %s, ask: B, type: text}]\n"
    loaded = load_text(
        f"{HEAD}uses: [common/one, own, common/two]\n{QUESTION}", one=block % "b", two=block % "c"
    )
    assert [question.id for question in loaded.questions] == ["b", "a", "c"]


@pytest.mark.parametrize(
    "uses",
    [
        *(
            "[▸../t]",
            "[▸/etc/passwd]",
            "[▸common/../../x]",
            '[▸"a\\tb"]',
            "[▸common/nothing]",
            '[▸""]',
            "[▸..]",
        ),
        *("[▸.]", "▸common/one", "▸{a: b}", "▸[[common/one]]", f"[▸{'x' * 400}]", f"[▸a/{'x' * 199}]"),
    ],
)
def test_a_block_that_cannot_be_had_is_refused_where_it_is_named(uses: str) -> None:
    refused_at_marks(f"{HEAD}uses: {uses}\n{QUESTION}")


def test_a_link_that_leads_out_of_the_rules_is_not_followed(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (tmp_path / "secret.yaml").write_text(f"{BLOCK}{QUESTION}")
    (rules / "block.yaml").symlink_to(tmp_path / "secret.yaml")
    (rules / "circle.yaml").symlink_to(rules / "circle.yaml")
    (rules / FILE).write_text(f"{HEAD}uses: [block, circle]\n")
    with pytest.raises(RuleSetError) as caught:
        load(rules / FILE, root=rules)
    assert {str(problem.place) for problem in caught.value.problems} >= {f"{FILE}:5:8", f"{FILE}:5:15"}


@pytest.mark.parametrize(
    "block",
    [
        *("▸- a", "▸words", f"{BLOCK}▸uses: [common/two]\n", f"{BLOCK}▸id: b\n▸status: live\n"),
        *(f"{BLOCK}flags:▸\n", f"{BLOCK}questions: ▸{{}}\n"),
    ],
)
def test_a_broken_block_is_refused(block: str) -> None:
    refused_at_marks(f"{HEAD}uses: [common/b]\n{QUESTION}", b=block)


def test_problems_of_a_block_and_of_the_rule_set_are_told_together() -> None:
    refused_at_marks(
        f"{HEAD}uses: [common/b]\nquestions: [{{id: a, ask: A, type: ▸radio}}]\n",
        b=f"{BLOCK}flags: [{{id: f, label: F, handling: arrange, raise_when: {{▸nobody: yes}}}}]\n",
    )
