"""Loading: every problem in one go, each where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.core.loading import load, rule_files
from screening.settings import shipped
from tests.core.making import ASKED, FILE, HEAD, load_text, refused, refused_at_marks
from tests.usual import rule_sets_in

QUESTION = "questions: [{id: a, ask: A, type: text}]\n"
FLAG = "flags: [{id: f, label: F, handling: arrange, raise_when: %s}]\n"
SOURCED = (
    "flags:\n  - ▸{id: f, label: F, handling: arrange, raise_when: {pregnant: yes}, "
    "source: {section: whom, phrase: p}}\n"
)
BLOCK = "schema: screening/1\ntitle: Block\n"


def question(keys: str) -> str:
    return f"{HEAD}questions:\n  - {{id: q, ask: Q, {keys}}}\n"


def test_every_problem_is_told_in_one_go() -> None:
    refused_at_marks(
        """\
schema: ▸screening/2
id: ▸Not An Address
version: ▸1.0
status: ▸lively
review_by: ▸2026-02-30
▸titel: T
title: T
questions:
  - {id: a, ask: ▸"", type: ▸radio}
  - {id: q, ask: A, type: text, ▸colour: red}
  - {id: b, ask: A, type: text, ▸range: [1, 2], ▸answers: yes_no, ask_when: {▸nobody: yes}}
  - ▸just words
indicators:
  - {id: i, matched_when: ▸{}, label: I}
flags:
  - {id: f, label: F, raise_when: {▸nobody: yes}, handling: ▸maybe}
"""
    )


@pytest.mark.parametrize("wrong", ["▸Q", "▸3", "▸[a]", "▸a-b", "▸a", "▸&x y", "▸!t z"])
def test_of_an_id_that_is_wrong_nothing_follows_for_who_names_it(wrong: str) -> None:
    """Which is told of those that name nobody once it is mended; it may be what they mean."""
    kind = "type: choose_one, safety: true, required: false"
    refused_at_marks(
        HEAD
        + f"""questions:
  - {{id: a, ask: A, type: text}}
  - {{id: {wrong}, ask: A, {kind}, answers: yes_no_not_sure}}
  - {{id: other, ask: A, {kind}, answers: [{{id: {wrong}, label: A}}, {{id: a, label: B}}]}}
flags:
  - {{id: f, label: F, raise_when: {{nobody: yes}}, handling: arrange}}
  - {{id: g, label: F, raise_when: {{other: [nothing]}}, handling: arrange}}
""".replace("id: ▸a, label: A}, {id: a,", "id: a, label: A}, {id: ▸a,")
    )


def test_what_is_missing_is_told_where_it_should_stand() -> None:
    refused_at_marks("▸id: t\n")
    refused_at_marks(HEAD + "questions:\n  - ▸{id: a}\n")
    refused_at_marks(HEAD + "questions: ▸[]\n")
    refused_at_marks(HEAD + QUESTION + "flags:\n  - ▸{id: f}\n")


def test_a_rule_set_is_a_list_of_keys() -> None:
    refused_at_marks("▸- a\n- b\n")
    refused_at_marks("▸just words\n")
    refused_at_marks(HEAD + "questions: ▸many\n")
    refused_at_marks(HEAD + QUESTION + "flags: ▸{}\nurgent:▸\nindicators: ▸1\n")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (ASKED + FLAG % "{▸pregnent: yes}", "pregnant"),
        (ASKED + FLAG % "{▸pregnant: not_shure}", "not_sure"),
        (HEAD + QUESTION + "▸catagory: x\n", "category"),
        (HEAD + QUESTION + "summary: {▸headding: x}\n", "heading"),
        (question("type: text, ▸requierd: true"), "required"),
        (question("type: choose_one, answers: ▸yes_no_not_shure"), "yes_no_not_sure"),
        (question("type: choose_one, answers: [{id: a, label: A, ▸hnit: x}]"), "hint"),
        (ASKED + "page: {sections: {who: W}}\n" + SOURCED, "who"),
    ],
)
def test_a_near_miss_is_named_with_what_was_probably_meant(text: str, meant: str) -> None:
    assert any(f'"{meant}"' in problem.remedy for problem in refused_at_marks(text))


@pytest.mark.parametrize(
    "condition",
    [
        *("▸{}", "▸[]", "▸yes", "▸5", "▸[pregnant]", "▸{pregnant: yes, a: yes}"),
        *("{all: ▸[]}", "{any: [▸yes]}", "{pregnant: ▸5}", "{pregnant: ▸[]}", "{pregnant: [yes, ▸5]}"),
        *("{pregnant: ▸{}}", "{pregnant: {▸more_than: 5}}", "{pregnant: {▸at_least: }}"),
    ],
)
def test_what_is_no_condition_is_told_where_it_stands(condition: str) -> None:
    refused_at_marks(ASKED + FLAG % condition)


@pytest.mark.parametrize(
    "keys",
    [
        "type: text, ▸range: [1, 2], ▸low: x, ▸partial: true",
        "type: scale, ▸unit: kg, ▸decimals: 1",
        "type: number, ▸limit: 5, ▸format: email",
        "type: date, ▸high: x, ▸answers: yes_no",
        "type: choose_one, answers: yes_no, ▸past: true",
        "type: choose_one, ▸answers: []",
        "type: choose_many, answers: [{id: a, label: A}, {id: ▸a, label: B}]",
        "type: choose_one, answers: [{id: ▸A B, label: A}, {id: ▸1, label: B}, ▸{id: c}]",
        "type: choose_one, ▸safety: true, answers: yes_no",
        "type: text, ▸safety: true",
        "type: number, ▸range: [7, 0]",
        "type: number, range: ▸5",
        "type: number, decimals: ▸7",
        "type: text, limit: ▸0, required: ▸yes, format: ▸fax",
        "type: text, contact: ▸fax",
    ],
)
def test_keys_fit_the_type_of_the_question(keys: str) -> None:
    refused_at_marks(question(keys))


@pytest.mark.parametrize(
    "line",
    [
        "hint: ▸Neck #1 sore",
        "hint: ▸Neck # 1 sore",
        "hint:▸ #1 finger",
        "why: ▸pain 😀\n      and #2 more",
        "answers:\n      - {id: a, label: A}\n      - id: b\n        label: ▸Neck #1 sore",
    ],
)
def test_a_text_that_a_remark_cuts_off_is_refused(line: str) -> None:
    answers = "" if "answers" in line else "    answers: yes_no_not_sure\n"
    (problem,) = refused_at_marks(
        HEAD + f"questions:\n  - id: q\n    ask: A\n    type: choose_one\n{answers}    {line}\n"
    )
    assert problem.code == "cut-text"


def test_remarks_stand_after_words_of_ours_and_after_quotes() -> None:
    text = HEAD + "status: draft  # | live\nquestions:  # all\n  - {id: q, ask: A, type: text}  # later\n"
    assert load_text(text + "category: 'Neck #1'  # as it is\n").category == "Neck #1"


def test_a_question_to_choose_from_needs_answers() -> None:
    refused_at_marks(HEAD + "questions:\n  - ▸{id: a, ask: A, type: choose_one}\n")


def test_not_sure_never_clears() -> None:
    answers = "[{id: yes, label: Y}, {id: not_sure, label: N, clears: true}]"
    refused_at_marks(f"{HEAD}questions:\n  - ▸{{id: q, ask: Q, type: choose_one, answers: {answers}}}\n")


@pytest.mark.parametrize(
    "condition",
    [
        "{▸nobody: yes}",
        "{▸pregnant: maybe}",
        "{▸severity: yes}",
        "{▸pregnant: {at_least: 1}}",
        "{▸severity: {at_least: 11}}",
        "{▸severity: {at_least: 1.5}}",
        "{▸severity: {at_least: 7, at_most: 3}}",
        "{▸severity: {at_least: {a: b}, at_most: {c: d}}}",
        "{severity: {▸at_least: }}",
        "{severity: {▸above: 3}}",
        "{severity: ▸{}}",
        "{severity: ▸3}",
        "{pregnant: ▸[]}",
        "{pregnant: [yes, ▸true, ▸[no]]}",
        "{any: ▸[]}",
        "{all: ▸yes}",
        "{any: [▸yes, ▸[], ▸{}, {▸pregnant: maybe}, {▸nobody: yes}]}",
        "▸{pregnant: yes, severity: {at_least: 3}}",
        "▸yes",
    ],
)
def test_a_condition_that_cannot_mean_anything_is_refused(condition: str) -> None:
    refused_at_marks(ASKED + FLAG % condition)


def test_references_are_checked_in_rules_whose_other_keys_are_broken() -> None:
    refused_at_marks(
        ASKED
        + "flags:\n  - {id: f, handling: ▸never, label: F, raise_when: {▸pregnent: yes}, ▸colour: red}\n"
    )
    refused_at_marks(
        HEAD + "questions:\n  - {id: a, ask: A, type: ▸radio}\n"
        "  - {id: b, ask: A, type: text, ask_when: {any: [{a: yes}, {▸c: yes}]}}\n"
    )


@pytest.mark.parametrize("other", ["later", "q"])
def test_a_question_looks_only_at_questions_above_it(other: str) -> None:
    refused_at_marks(
        f"{HEAD}questions:\n"
        f"  - {{id: q, ask: Q, type: choose_one, answers: yes_no, ask_when: {{▸{other}: yes}}}}\n"
        "  - {id: later, ask: L, type: choose_one, answers: yes_no}\n"
    )


@pytest.mark.parametrize("key", ["place", "digest", "document", "schema_"])
def test_what_we_fill_in_ourselves_cannot_be_written(key: str) -> None:
    refused_at_marks(f"{HEAD}▸{key}: x\n{QUESTION}")


def test_a_question_has_no_place_key() -> None:
    refused_at_marks(question("type: text, ▸place: x"))


@pytest.mark.parametrize("address", ["staff", "static", "health", "ready", "privacy", "accessibility"])
def test_addresses_of_the_service_are_no_treatments(address: str) -> None:
    refused_at_marks(f"schema: screening/1\nid: ▸{address}\nversion: 1.0.0\ntitle: T\n{QUESTION}")


@pytest.mark.parametrize("name", ["all", "any", "at_least", "at_most"])
def test_words_of_conditions_are_no_questions(name: str) -> None:
    refused_at_marks(f"{HEAD}questions:\n  - ▸{{id: {name}, ask: A, type: text}}\n")


@pytest.mark.parametrize("value", ["▸[t]", "▸{a: b}", "▸1", "▸~", "▸true", '▸"t\\n"'])
def test_an_id_is_a_word(value: str) -> None:
    refused_at_marks(f"schema: screening/1\nid: {value}\nversion: 1.0.0\ntitle: T\n{QUESTION}")
    refused_at_marks(f"{HEAD}questions:\n  - {{id: {value}, ask: A, type: text}}\n")


def test_one_contact_detail_is_asked_once() -> None:
    refused_at_marks(
        f"{HEAD}questions:\n  - {{id: a, ask: A, type: text, contact: name}}\n"
        "  - ▸{id: b, ask: A, type: text, contact: name}\n"
    )


@pytest.mark.parametrize(
    "day", ["2026-W01-1", "20260101", "2026-02-30", "2026-1-1", "1 May 2026", "[2026]", "2026"]
)
def test_a_date_is_written_in_one_way(day: str) -> None:
    refused_at_marks(f"{HEAD}effective_from: ▸{day}\n{QUESTION}")


def test_a_review_comes_after_the_beginning() -> None:
    refused_at_marks(f"{HEAD}effective_from: 2026-05-01\nreview_by: ▸2026-04-30\n{QUESTION}")


def test_ready_made_answers_are_written_out() -> None:
    asked = load_text(ASKED).by_id["pregnant"]
    assert [answer.id for answer in asked.answers] == ["yes", "no", "not_sure"]
    assert [answer.id for answer in asked.answers if answer.clears] == ["no"]


def test_a_section_holds_until_the_next_one() -> None:
    loaded = load_text(
        f"{HEAD}uses: [common/b]\nquestions:\n  - {{id: a, ask: A, type: text}}\n"
        "  - {id: b, ask: A, type: text, section: S}\n  - {id: c, ask: A, type: text}\n",
        b=f"{BLOCK}questions: [{{id: d, ask: A, type: text}}]\n",
    )
    assert [question.section for question in loaded.questions] == [None, "S", "S", None]


@pytest.mark.parametrize("make", ["nothing", "folder", "circle"])
def test_a_file_that_cannot_be_read_is_a_problem_not_a_crash(make: str, tmp_path: Path) -> None:
    file = tmp_path / FILE
    if make == "folder":
        file.mkdir()
    elif make == "circle":
        file.symlink_to(file)
    with pytest.raises(RuleSetError) as caught:
        load(file, root=tmp_path)
    assert [str(problem.place) for problem in caught.value.problems] == [f"{FILE}:1:1"]


def test_a_folder_is_loaded_whole_or_refused_with_the_problems_of_all_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text((HEAD + QUESTION).replace("id: t", f"id: {name}"))
    (tmp_path / "a.cases.yaml").write_text("not: [a rule set")
    assert [rule_set.id for rule_set in rule_sets_in(tmp_path)] == ["a", "b"]
    (tmp_path / "a.yaml").write_text("one: 1")
    (tmp_path / "b.yaml").write_text("two: 2")
    with pytest.raises(RuleSetError) as caught:
        rule_sets_in(tmp_path)
    files = {Path(problem.place.file).name for problem in caught.value.problems}
    assert files == {file.name for file in rule_files(tmp_path)} == {"a.yaml", "b.yaml"}


def test_treatments_that_share_blocks_are_each_what_they_are_alone() -> None:
    alone = [load(file, root=shipped("rules").parent) for file in rule_files(shipped("rules"))]
    together = rule_sets_in(shipped("rules"))
    assert [found.document for found in together] == [found.document for found in alone]
    assert [found.digest for found in together] == [found.digest for found in alone]


def test_a_problem_of_a_block_is_told_though_two_treatments_use_it(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "b.yaml").write_text("schema: screening/1\nquestion: []\n")
    for name in ("a", "c"):
        (tmp_path / f"{name}.yaml").write_text(
            HEAD.replace("id: t", f"id: {name}") + "uses: [common/b]\n" + QUESTION
        )
    with pytest.raises(RuleSetError) as caught:
        rule_sets_in(tmp_path)
    assert {Path(problem.place.file).name for problem in caught.value.problems} == {"b.yaml"}


def test_two_treatments_cannot_have_one_address(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(HEAD + QUESTION)
    with pytest.raises(RuleSetError) as caught:
        rule_sets_in(tmp_path)
    (problem,) = caught.value.problems
    assert problem.place.file.endswith("b.yaml")
    assert "a.yaml" in problem.message


def test_problems_are_sorted_and_told_once() -> None:
    problems = refused("{b: &x 1, a: &x 2}")
    assert list(problems) == sorted(set(problems), key=lambda problem: problem.order)
