"""The way through a rule set, worked out from the answers each time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screening.core.journey import asked_again, belongs_to, walk
from tests.core.generating import Data, answers_to, rule_sets, rule_sets_and_answers, sound
from tests.core.making import load_data, question, rule_set

CHAIN = load_data(
    rule_set(
        [
            question("first"),
            question("second", ask_when={"first": "yes"}),
            question("third", ask_when={"second": "yes"}),
            question("words", "text", required=False),
        ]
    )
)


def test_a_hidden_answer_counts_for_nothing_and_hides_what_hung_on_it() -> None:
    path = walk(CHAIN, {"first": "no", "second": "yes", "third": "yes", "words": "w"})
    assert path.asked == ("first", "words")
    assert dict(path.answers) == {"first": "no", "words": "w"}
    assert path.ignored == ("second", "third")


def test_a_hidden_answer_counts_again_when_the_patient_goes_back() -> None:
    path = walk(CHAIN, {"first": "yes", "second": "yes", "third": "yes"})
    assert path.asked == ("first", "second", "third", "words")
    assert path.ignored == ()


def test_an_optional_question_is_due_until_it_was_left_empty_on_purpose() -> None:
    answered = {"first": "no"}
    assert walk(CHAIN, answered).due == ("words",)
    left_empty = walk(CHAIN, answered | {"words": None})
    assert left_empty.due == ()
    assert left_empty.unanswered == ("words",)
    assert left_empty.ignored == ()


def test_a_required_question_cannot_be_left_empty_on_purpose() -> None:
    assert walk(CHAIN, {"first": None, "words": None}).due == ("first",)


def test_an_optional_answer_that_does_not_count_is_due_again() -> None:
    assert walk(CHAIN, {"first": "no", "words": 5}).due == ("words",)


PERSON = load_data(
    rule_set(
        [
            question(
                "whom",
                answers=[{"id": "me", "label": "Me"}, {"id": "someone_else", "label": "Somebody else"}],
                contact="for_whom",
            ),
            question("called", "text", contact="name"),
            question("born", "date", contact="birth_date"),
            question("words", "text"),
        ]
    )
)


def test_a_name_given_for_one_person_is_asked_again_for_another_and_only_where_it_was_given() -> None:
    named = {"whom": "me", "called": "Ada", "words": "w"}
    assert asked_again(PERSON, "whom", named) == ("called",)
    assert asked_again(PERSON, "whom", named | {"born": "1961-04-12"}) == ("called", "born")
    assert asked_again(PERSON, "whom", named | {"called": None}) == ()


def test_a_name_given_before_it_was_said_for_whom_stays() -> None:
    assert asked_again(PERSON, "whom", {"called": "Ada"}) == ()
    for other in ("called", "words", "gone"):
        assert asked_again(PERSON, other, {"whom": "me", "called": "Ada", "words": "w"}) == ()


def test_a_name_and_a_date_of_birth_belong_to_whom_it_is_for_and_nothing_else_does() -> None:
    me, other = {"whom": "me"}, {"whom": "someone_else"}
    for asked in ("called", "born"):
        assert belongs_to(PERSON, [asked], me) != belongs_to(PERSON, [asked], other)
        assert belongs_to(PERSON, ["words", asked], me) == belongs_to(PERSON, [asked], me)
    assert belongs_to(PERSON, ["words", "whom"], me) == belongs_to(PERSON, ["called"], {}) == ""


@given(rule_sets_and_answers())
def test_questions_are_asked_in_the_order_they_are_written(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    path = walk(loaded, drawn[1])
    assert list(path.asked) == [name for name in loaded.by_id if name in path.asked]
    assert set(path.due) <= set(path.unanswered) <= set(path.asked)
    assert set(path.answers).isdisjoint((*path.unanswered, *path.ignored))
    assert set(path.answers) | set(path.unanswered) == set(path.asked)


@given(rule_sets(), st.data())
def test_answering_what_is_due_comes_to_an_end(data: Data, draw: st.DataObject) -> None:
    loaded = load_data(data)
    stored = draw.draw(answers_to(data))
    for _ in data["questions"]:
        due = walk(loaded, stored).due
        if not due:
            break
        asked = next(one for one in data["questions"] if one["id"] == due[0])
        stored[due[0]] = draw.draw(sound(asked))
    assert walk(loaded, stored).due == ()


@given(rule_sets_and_answers())
def test_an_answer_never_changes_what_was_asked_before_it(drawn: tuple[Data, Data]) -> None:
    loaded = load_data(drawn[0])
    asked = walk(loaded, drawn[1]).asked
    for index, name in enumerate(asked):
        without = {key: answer for key, answer in drawn[1].items() if key != name}
        assert walk(loaded, without).asked[: index + 1] == asked[: index + 1]
