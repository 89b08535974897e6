"""Words of a page that nobody has gone on from: none of another page's is lost, nobody else's is shown."""

from __future__ import annotations

from screening.core.answers import typed_of
from screening.core.unfinished import MOST, still_theirs, with_page
from tests.core.making import load_data, question, rule_set

WHOM = [{"id": "me", "label": "Me"}, {"id": "someone_else", "label": "Somebody else"}]
RULES = load_data(
    rule_set(
        [
            question("whom", contact="for_whom", answers=WHOM),
            question("called", "text", contact="name"),
            question("words", "text", required=False),
            question("more", "text", required=False),
        ]
    )
)


def box(words: str) -> dict[str, list[str]]:
    """A text as its page gives it."""
    return {part: [words] for part in typed_of(RULES.by_id["words"], "x")}


def test_the_words_of_other_pages_stay_and_those_of_this_one_are_what_stands_there_now() -> None:
    kept = with_page({"more": box("begun")}, {"words": box("Canary")}, RULES, {})
    assert kept == {"more": box("begun"), "words": box("Canary")}
    assert with_page(kept, {"words": box("")}, RULES, {}) == {"more": box("begun")}


def test_what_says_no_more_than_its_answer_is_nothing_unfinished() -> None:
    stored = {"words": "Aspirin"}
    assert with_page({}, {"words": box("Aspirin")}, RULES, stored) == {}
    assert with_page({}, {"words": box("")}, RULES, stored) == {"words": {}}  # it was emptied
    assert with_page({}, {"words": box("Aspirin 75 mg")}, RULES, stored) == {"words": box("Aspirin 75 mg")}


def test_of_too_much_this_page_stays_alone_and_nothing_where_it_is_too_much_itself() -> None:
    half, whole = box("x" * (MOST // 2)), box("x" * MOST)
    assert with_page({"more": half}, {"words": half}, RULES, {}) == {"words": half}
    assert with_page({"more": half}, {"words": whole}, RULES, {}) == {}


def test_words_about_a_person_go_where_the_answers_mean_another_one_and_others_stay() -> None:
    kept = {"called": box("Ada"), "words": box("Canary")}
    me, other = {"whom": "me"}, {"whom": "someone_else"}
    assert still_theirs(kept, RULES, me, other) == {"words": box("Canary")}
    assert still_theirs(kept, RULES, me, me | {"words": "x"}) == kept
