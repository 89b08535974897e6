"""Common blocks: questions and flags that many treatments share."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.building import from_document
from screening.core.errors import RuleSetError
from screening.core.loading import Common, load
from screening.core.rules import RuleSet
from screening.proving.prove import prove
from tests.core.making import ASKED, FILE, HEAD, RULES, load_text, refused_at_marks

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


SAFETY, COMING, WHOM = "common/injection-safety", "common/before-you-come", "common/whom#for_whom"


def pieces(*uses: str) -> RuleSet:
    """A treatment that takes these of the shipped block."""
    names = ("injection-safety", "before-you-come", "whom")
    blocks = {name: (RULES / f"common/{name}.yaml").read_bytes() for name in names}
    page = "page: {sections: {safety: Safety}}\n"
    return load_text(f"{HEAD}uses: [{', '.join([WHOM, *uses])}]\n{page}{QUESTION}", **blocks)


def asked(taken: RuleSet) -> list[str]:
    """The questions, without those of whom it is for."""
    return [name for name, question in taken.by_id.items() if not question.place.file.endswith("whom.yaml")]


def test_a_question_is_used_alone_with_its_follow_ups_and_its_flag() -> None:
    taken = pieces(f"{SAFETY}#blood_thinners")
    assert asked(taken) == [
        "a", "blood_thinners", "which_blood_thinner", "blood_thinner_why", "other_blood_thinner",
    ]  # fmt: skip
    assert [flag.id for flag in taken.flags] == ["blood_thinners"]
    assert taken.accept == ()
    assert prove(taken).problems == ()


def test_a_flag_brings_whatever_else_it_looks_at() -> None:
    taken = pieces(f"{SAFETY}#infection")
    assert asked(taken) == ["a", "infection", "antibiotics", "infection_words"]
    assert [flag.id for flag in taken.flags] == ["active_infection"]


def test_a_follow_up_brings_what_it_hangs_on() -> None:
    assert asked(pieces(f"{SAFETY}#anaesthetic_what"))[1] == "anaesthetic_reaction"


def test_pieces_stand_in_the_order_of_their_block_with_what_was_let_stand() -> None:
    taken = pieces(f"{COMING}#needs", f"{COMING}#someone_home")
    assert asked(taken) == ["a", "someone_home", "needs"]
    assert [each.where for each in taken.accept] == ["questions.someone_home"]
    assert taken.by_id["needs"].section == "Getting ready"


def test_a_piece_of_a_block_that_is_used_whole_changes_nothing() -> None:
    assert pieces(SAFETY, f"{SAFETY}#diabetes").by_id == pieces(SAFETY).by_id


def test_all_pieces_are_the_whole() -> None:
    whole = pieces(SAFETY)
    every = pieces(*(f"{SAFETY}#{name}" for name in asked(whole)[1:]))
    assert every.digest == whole.digest


@pytest.mark.parametrize("name", ["diabetis", "", "active_infection"])
def test_a_piece_that_is_not_there_is_told_where_it_is_named(name: str) -> None:
    block = f"{BLOCK}questions: [{{id: diabetes, ask: B, type: text}}]\n"
    (problem,) = refused_at_marks(f"{HEAD}uses: [▸common/b#{name}]\n{QUESTION}", b=block)
    assert problem.code == "unknown-name"


MOVED = "uses: [common/b]\npage: {sections: {care: Take care}, borrowed: {f: %s}}\n"
BORROWED = BLOCK + "questions: [{id: b, ask: B, type: choose_one, answers: yes_no}]\n" + FLAG % "{b: yes}"
ELSEWHERE = BORROWED.replace("label: F", "label: F, source: {section: safety, phrase: blood thinners}")


@pytest.mark.parametrize(
    "source", ["{section: care, phrase: warfarin}", "{none: Asked of everybody who comes.}"]
)
def test_a_treatment_says_where_its_page_says_what_a_common_rule_asks_for(source: str) -> None:
    (flag,) = load_text(HEAD + MOVED % source + QUESTION, b=ELSEWHERE).flags
    said = (
        {"section": "care", "phrase": "warfarin"}
        if "care" in source
        else {"none": "Asked of everybody who comes."}
    )
    assert flag.source is not None
    assert not isinstance(flag.source, tuple)
    assert flag.source.model_dump(exclude_none=True) == said


def test_a_common_rule_with_another_source_is_the_same_otherwise_and_for_others_as_it_was(
    tmp_path: Path,
) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "b.yaml").write_text(ELSEWHERE)
    moved, plain = tmp_path / "moved.yaml", tmp_path / "plain.yaml"
    moved.write_text(HEAD + MOVED % "{section: care, phrase: warfarin}" + QUESTION)
    plain.write_text(f"{HEAD}uses: [common/b]\n{QUESTION}")
    common = Common()
    first, second = load(moved, common=common).flags[0], load(plain, common=common).flags[0]
    assert first.source != second.source
    assert first.model_copy(update={"source": second.source}) == second


def test_what_is_borrowed_comes_back_from_the_archive() -> None:
    loaded = load_text(HEAD + MOVED % "{section: care, phrase: warfarin}" + QUESTION, b=ELSEWHERE)
    again = from_document(loaded.document)
    assert (again.digest, again.flags) == (loaded.digest, loaded.flags)


@pytest.mark.parametrize(
    "borrowed",
    [
        "{▸nobody: {none: Asked of everybody.}}",
        "{▸own: {none: Asked of everybody.}}",
        "▸[f]",
        "{f: ▸warfarin}",
    ],
)
def test_what_cannot_be_borrowed_is_refused_where_it_stands(borrowed: str) -> None:
    own = QUESTION + FLAG.replace("id: f", "id: own") % "{b: yes}"
    refused_at_marks(f"{HEAD}uses: [common/b]\npage: {{borrowed: {borrowed}}}\n{own}", b=ELSEWHERE)
