"""Each question type: what is counted, what typed words mean, and what is a mistake."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.answers import TYPES, Circumstances, Mistake, is_empty, show, typed_of, understand
from screening.core.rules import Question
from tests.core.making import one_question

TODAY = Circumstances(date(2026, 6, 15))
OFFERED = [
    {"id": "a", "label": "An A"},
    {"id": "b", "label": "A B"},
    {"id": "none", "label": "None", "alone": True},
]

ONE = one_question("choose_one", answers=OFFERED)
MANY = one_question("choose_many", answers=OFFERED)
SCALE = one_question("scale")
NUMBER = one_question("number", range=[0, 7])
DECIMAL = one_question("number", range=[-5, 200.5], decimals=1, unit="kg")
ANY_NUMBER = one_question("number")
DATE = one_question("date", past=True)
PARTIAL = one_question("date", partial=True)
TEXT = one_question("text", limit=10)
LONG = one_question("text")
PHONE = one_question("text", format="phone")
EMAIL = one_question("text", format="email")
EVERY = [ONE, MANY, SCALE, NUMBER, DECIMAL, ANY_NUMBER, DATE, PARTIAL, TEXT, LONG, PHONE, EMAIL]


def field(*texts: str) -> dict[str, list[str]]:
    return {"": list(texts)}


def day(written: str) -> dict[str, list[str]]:
    """Day, month and year, parted by slashes."""
    return {part: [text] for part, text in zip(("day", "month", "year"), written.split("/"), strict=True)}


def mistake(question: Question, typed: dict[str, list[str]]) -> Mistake:
    with pytest.raises(Mistake) as caught:
        understand(question, typed, TODAY)
    return caught.value


def test_every_type_is_tried_here() -> None:
    assert {question.type for question in EVERY} == set(TYPES)


@pytest.mark.parametrize(
    ("question", "typed", "stored"),
    [
        (ONE, field("a"), "a"),
        (MANY, field("b", "a"), ["a", "b"]),
        (MANY, field("a", "a"), ["a"]),
        (MANY, field("none"), ["none"]),
        (SCALE, field("0"), 0),
        (SCALE, field("10"), 10),
        (NUMBER, field(" 7 "), 7),
        (NUMBER, field("７"), 7),
        (NUMBER, field("3.0"), 3),
        (DECIMAL, field("1 00,5"), 100.5),
        (DECIMAL, field("\N{MINUS SIGN}2.5"), -2.5),
        (DECIMAL, field("80"), 80),
        (ANY_NUMBER, field("-12"), -12),
        (DATE, day("1/2/1950"), "1950-02-01"),
        (DATE, day("31/Mar/1950"), "1950-03-31"),
        (DATE, day("３１/０３/１９５０"), "1950-03-31"),
        (DATE, day(" 31 / SEPT. / 1950 ".replace("31", "30")), "1950-09-30"),
        (DATE, day("29/february/2024"), "2024-02-29"),
        (DATE, day("15/6/2026"), "2026-06-15"),
        (PARTIAL, day("//1950"), "1950"),
        (PARTIAL, day("/5/1950"), "1950-05"),
        (PARTIAL, day("/june/2030"), "2030-06"),
        (PARTIAL, day("9/5/1950"), "1950-05-09"),
        (TEXT, field("  one\r\ntwo  "), "one\ntwo"),
        (TEXT, field("e\N{COMBINING ACUTE ACCENT}" * 10), "é" * 10),
        (PHONE, field("020 7946 0018"), "020 7946 0018"),
        (PHONE, field("+33 1 42 68 53 00"), "+33 1 42 68 53 00"),
        (PHONE, field("01632 960 001"), "01632 960 001"),
        (PHONE, field("07700 900 123"), "07700 900 123"),
        (PHONE, field("07911 123456\n(ask for Anne)"), "07911 123456 (ask for Anne)\n+44 7911 123456"),
        (EMAIL, field("sam@example.com"), "sam@example.com"),
        (EMAIL, field("sám@exämple.com"), "sám@exämple.com"),
    ],
)
def test_typed_words_are_understood(question: Question, typed: dict[str, list[str]], stored: Any) -> None:
    found = understand(question, typed, TODAY)
    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    ("question", "typed", "code"),
    [
        (ONE, field("c"), "not_offered"),
        (ONE, field("a", "b"), "not_offered"),
        (MANY, field("a", "c"), "not_offered"),
        (MANY, field("a", "none"), "alone"),
        (SCALE, field("11"), "not_offered"),
        (SCALE, field("-1"), "not_offered"),
        (SCALE, field("5.0"), "not_offered"),
        (SCALE, field("9" * 5_000), "not_offered"),
        (NUMBER, field("8"), "out_of_range"),
        (NUMBER, field("-1"), "out_of_range"),
        (NUMBER, field("2.5"), "not_whole"),
        (DECIMAL, field("2.55"), "too_precise"),
        (DECIMAL, field("200.6"), "out_of_range"),
        (NUMBER, field("two"), "not_a_number"),
        (NUMBER, field("1e1"), "not_a_number"),
        (NUMBER, field("nan"), "not_a_number"),
        (NUMBER, field("9" * 5_000), "not_a_number"),
        (DATE, day("30/2/1950"), "not_a_date"),
        (DATE, day("1/13/1950"), "not_a_date"),
        (DATE, day("0/1/1950"), "not_a_date"),
        (DATE, day("1/1/50"), "year_digits"),
        (DATE, day("1/1/1000"), "long_ago"),
        (DATE, day("1/1/1895"), "long_ago"),
        (DATE, day("1/1/0050"), "not_a_date"),
        (DATE, day("1/ma/1950"), "not_a_date"),
        (DATE, day("1/marmalade/1950"), "not_a_date"),
        (DATE, day("first/1/1950"), "not_a_date"),
        (DATE, day("16/6/2026"), "in_the_future"),
        (DATE, day("//1950"), "date_incomplete"),
        (PARTIAL, day("5//1950"), "date_incomplete"),
        (PARTIAL, day("5/5/"), "date_incomplete"),
        (PARTIAL, day("/13/1950"), "not_a_date"),
        (TEXT, field("x" * 11), "too_long"),
        (PHONE, field("12"), "not_a_phone"),
        (PHONE, field("999"), "not_a_phone"),
        (PHONE, field("01632 <960> & more"), "not_a_phone"),
        (PHONE, field("Sam"), "not_a_phone"),
        (PHONE, field("9" * 400), "not_a_phone"),
        (EMAIL, field("sam"), "not_an_email"),
        (EMAIL, field("sam@"), "not_an_email"),
        (EMAIL, field("a@b.example, c@d.example"), "not_an_email"),
    ],
)
def test_what_cannot_be_an_answer_is_a_mistake(
    question: Question, typed: dict[str, list[str]], code: str
) -> None:
    assert mistake(question, typed).code == code


@pytest.mark.parametrize("written", ["1,500", "1,000", "12,345"])
def test_a_comma_before_three_digits_is_asked_again_and_never_read_a_thousand_times_too_small(
    written: str,
) -> None:
    assert mistake(one_question("number", decimals=3), field(written)).code == "not_a_number"


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        (day("/1/1950"), ("day",)),
        (day("1//"), ("month", "year")),
        (day("32nd/1/1950"), ("day",)),
        (day("1/x/y"), ("month", "year")),
        (day("30/2/1950"), ("day", "month", "year")),
    ],
)
def test_a_mistaken_date_says_which_parts_to_mend(
    typed: dict[str, list[str]], parts: tuple[str, ...]
) -> None:
    assert mistake(DATE, typed).parts == parts


def test_figures_go_with_a_mistake() -> None:
    assert mistake(NUMBER, field("9")).figures == {"low": 0, "high": 7, "unit": ""}
    assert mistake(TEXT, field("x" * 12)).figures == {"limit": 10, "over": 2}


@pytest.mark.parametrize("question", EVERY, ids=lambda question: question.type)
@pytest.mark.parametrize(
    "typed", [{}, {"": []}, {"": ["", "  "]}, {"day": [" "], "month": [""], "year": ["\t"]}]
)
def test_nothing_typed_is_a_mistake_only_where_an_answer_is_needed(
    question: Question, typed: dict[str, list[str]]
) -> None:
    assert is_empty(typed)
    assert mistake(question, typed).code == "missing"
    optional = question.model_copy(update={"required": False})
    assert understand(optional, typed, TODAY) is None


JUNK: list[Any] = [
    *(None, True, 3.5, 11, -1, 10**30, float("nan"), float("inf")),
    *("", "  ", "zzz", "A", "1950-02-30", "0000-01-01", "1950-1-1", "x" * 501, "１"),
    *([], ["zzz"], [["a"]], ["a", "none"], ["a", 1], {}, {"a": 1}),
]


@pytest.mark.parametrize("question", [ONE, MANY, SCALE, NUMBER, DATE], ids=lambda question: question.type)
@pytest.mark.parametrize("stored", JUNK, ids=lambda stored: repr(stored)[:20])
def test_what_is_not_offered_is_never_counted(question: Question, stored: Any) -> None:
    assert question.read(stored) is None


@pytest.mark.parametrize(
    ("question", "stored", "counted"),
    [
        (ONE, "a", "a"),
        (MANY, ["b", "a"], frozenset("ab")),
        (MANY, "a", frozenset("a")),
        (SCALE, 0, 0),
        (NUMBER, 7.0, 7.0),
        (DATE, "1950-02-01", ("1950-02-01", "1950-02-01")),
        (PARTIAL, "1952-02", ("1952-02-01", "1952-02-29")),
        (PARTIAL, "1950", ("1950-01-01", "1950-12-31")),
        (TEXT, "words", "words"),
    ],
)
def test_stored_answers_are_counted(question: Question, stored: Any, counted: Any) -> None:
    assert question.read(stored) == counted


def test_a_part_of_a_date_is_an_answer_only_where_it_is_enough() -> None:
    assert [DATE.read(stored) for stored in ("1950", "1950-02")] == [None, None]


def test_a_stored_answer_is_shown_in_the_words_the_patient_saw() -> None:
    assert show(ONE, "a") == ("An A",)
    assert show(MANY, ["b", "a"]) == ("An A", "A B")
    assert show(DECIMAL, 2.5) == ("2.5 kg",)
    assert show(TEXT, "one\ntwo") == ("one", "two")
    assert show(PARTIAL, "1950-02") == ("1950-02",)


bits = st.sampled_from(
    ["a", "b", "none", "not_sure", "0", "7", "31", "3", "1950", "2024", "mar", "-", ".", ",", " "]
)
words = (
    st.lists(bits, max_size=4).map("".join)
    | st.text(max_size=30)
    | st.integers().map(str)
    | st.floats().map(str)
)
words |= st.from_regex(r"[+0-9 ()-]{3,20}|[a-z.]{1,9}@[a-z.-]{1,9}", fullmatch=True)
parts = st.sampled_from(["", "day", "month", "year", "other"])


@given(st.sampled_from(EVERY), st.dictionaries(parts, st.lists(words, max_size=3), max_size=4))
def test_whatever_is_typed_is_counted_or_is_a_mistake(
    question: Question, typed: dict[str, list[str]]
) -> None:
    try:
        stored = understand(question, typed, TODAY)
    except Mistake:
        return
    assert question.read(stored) is not None
    assert all(show(question, stored))


whole = st.integers(0, 11).map(str) | st.sampled_from(
    ["a", "b", "none", "31/12/1949", "words", "020 7946 0018"]
)


@given(st.sampled_from(EVERY), whole)
def test_what_is_shown_to_be_changed_is_understood_as_the_same(question: Question, text: str) -> None:
    typed = day(text) if text.count("/") == 2 else field(text)
    try:
        stored = understand(question, typed, TODAY)
    except Mistake:
        return
    again = field(*stored) if isinstance(stored, list) else field(str(stored))
    if question.type == "date":
        year, month, of_month = stored.split("-")
        again = day(f"{of_month}/{month}/{year}")
    assert understand(question, again, TODAY) == stored


def test_a_number_with_words_around_it_counts_is_shown_twice_and_comes_back_as_typed() -> None:
    typed = "Anne on 07911 123456, or 020 7946 0018 " + "x" * 400
    stored = understand(PHONE, field(typed), TODAY)
    assert PHONE.read(stored) == stored
    assert show(PHONE, stored) == (typed, "+44 7911 123456, +44 20 7946 0018")
    assert typed_of(PHONE, stored) == field(typed)
