"""Questions that share a page, and what must not share one."""

from __future__ import annotations

from tests.core.making import HEAD, load_text, refused_at_marks

YES_NO = "type: choose_one, answers: yes_no_not_sure"


def written(*questions: str) -> str:
    return f"{HEAD}questions:\n" + "".join(
        f"  - {{id: {chr(97 + at)}, ask: A, {question}}}\n" for at, question in enumerate(questions)
    )


def test_neighbours_of_one_page_are_asked_together_and_others_alone() -> None:
    rule_set = load_text(
        written("type: text", "type: text, page: P", "type: text, page: P", "type: text, page: Q")
    )
    assert dict(rule_set.pages) == {"a": ("a",), "b": ("b", "c"), "c": ("b", "c"), "d": ("d",)}


def test_what_decides_on_a_question_is_asked_on_a_page_before() -> None:
    refused_at_marks(written(f"{YES_NO}, page: P", "type: text, page: P, ask_when: {▸a: yes}"))
    load_text(written(f"{YES_NO}, page: P", "type: text, page: Q, ask_when: {a: yes}"))


def test_a_page_is_not_interrupted() -> None:
    text = written("type: text, page: P", "type: text", "type: text, page: P")
    refused_at_marks(text.replace("- {id: c", "- ▸{id: c"))


def test_three_safety_questions_share_a_page_and_four_do_not() -> None:
    safety = f"{YES_NO}, safety: true, page: P"
    assert len(load_text(written(*[safety] * 3)).pages["a"]) == 3
    refused_at_marks(written(*[safety] * 4).replace("- {id: d", "- ▸{id: d"))


def test_for_whom_it_is_does_not_stand_beside_whose_name_it_is() -> None:
    whom = f"{YES_NO}, page: P, contact: for_whom"
    refused_at_marks(written(whom, "type: text, page: P, contact: name").replace("- {id: a", "- ▸{id: a"))
    load_text(written(whom, "type: text, page: Q, contact: name"))
