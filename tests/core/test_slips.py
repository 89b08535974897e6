"""The slips of everyday YAML are named as slips, where they were made."""

from __future__ import annotations

import pytest
import yaml

from screening.core import documents
from screening.core.errors import RuleSetError

HEAD = "title: T\nquestions:\n  - id: q\n"
SLIPS: dict[str, tuple[int, str]] = {  # what was done -> line, text
    "a colon in a text": (4, HEAD + "    ask: Tell us: does it hurt?\n"),
    "a colon in curly quotes": (4, HEAD + "    ask: “Tell us: now”\n"),
    "a tab before a key": (4, HEAD + "\task: x\n"),
    "a tab before a dash": (3, "title: T\nquestions:\n\t- id: q\n"),
    "curly quotes": (4, HEAD + "    ask: “Does it hurt?”\n"),
    "too far in": (4, HEAD + "      ask: x\n"),
    "not far enough in": (4, HEAD + "   ask: x\n"),
    "a double quote left open": (4, HEAD + '    ask: "Does it hurt?\n    type: text\n'),
    "a single quote left open": (4, HEAD + "    ask: 'Does it hurt?\n    type: text\n"),
    "an apostrophe in single quotes": (4, HEAD + "    ask: 'I'm not sure'\n"),
    "quotes in quotes": (4, HEAD + '    ask: "Say "no" now"\n'),
    "a square bracket left open": (5, HEAD + "    answers: [{id: a, label: A}\n    x: y\n"),
    "a brace left open": (5, HEAD + "    a: {id: a, label: A\n    x: y\n"),
    "an ampersand first": (4, HEAD + "    ask: & pain\n"),
    "a long dash before a text": (3, "title: T\nabout:\n  – one text\n"),
    "a bullet of a letter before a text": (3, "title: T\nabout:\n  • one text\n"),
    "no dash before an entry": (5, HEAD + "    ask: x\n    id: r\n    ask: y\n    why: z\n    ask: y\n"),
    "no blank after a colon": (5, HEAD + "    ask:Does it hurt?\n    type: text\n"),
    "no blank after a dash": (4, "title: T\nquestions:\n  -id: q\n   ask: x\n"),
    "a sign that no text begins with": (4, HEAD + "    ask: @home\n"),
    "a sign that begins something else": (4, HEAD + "    ask: |Pain\n"),
    "a question mark first": (4, HEAD + "    ask: ? Pain\n"),
    "no blank after the first colon": (2, "schema:x\ntitle: T\n"),
    "a list on the line of its key": (4, HEAD + "    ask: - a\n"),
    "a word in square brackets first": (4, HEAD + "    ask: [Which] thumb hurts?\n"),
    "a word in braces first": (4, HEAD + "    ask: {Which} thumb hurts?\n"),
    "a word in stars first": (4, HEAD + "    ask: *Which* thumb hurts?\n"),
    "a path in double quotes": (4, HEAD + '    ask: "C:\\Users"\n'),
    "a brace too many": (4, HEAD + "    answers: [{id: a, label: A}}]\n"),
    "a long dash before a key": (4, HEAD + "  – id: r\n    ask: x\n"),
    "a bullet before a key": (4, HEAD + "  • id: r\n    ask: x\n"),
    "no blank after the dash of the second entry": (4, HEAD + "  -id: r\n    ask: x\n"),
    "a backslash in double quotes": (4, HEAD + '    ask: "Back\\slash"\n'),
    "a blank of a web page before a key": (4, HEAD + "  \u00a0 ask: x\n"),
    "a double quote left open, with another below": (
        4,
        HEAD + '    ask: "Does it hurt?\n    hint: x\n    why: "y"\n',
    ),
    "a blank of a web page after a colon": (2, "schema:\u00a0x\ntitle: T\n"),
}


@pytest.mark.parametrize("what", SLIPS)
def test_a_slip_is_told_at_its_line_and_not_in_the_words_of_yaml(what: str) -> None:
    line, text = SLIPS[what]
    with pytest.raises(RuleSetError) as caught:
        documents.parse(text.encode(), "f.yaml")
    (problem,) = caught.value.problems
    assert problem.place.line == line
    assert problem.remedy
    try:
        list(yaml.parse(text, Loader=yaml.CSafeLoader))
        said = problem.message + "!"
    except yaml.MarkedYAMLError as error:
        said = str(error.problem)
    assert said not in problem.message


@pytest.mark.parametrize("key", ["items", "about", "have_ready"])
def test_a_comma_between_brackets_does_not_break_a_text_in_two_unsaid(key: str) -> None:
    line = f"title: T\n{key}: [it is hard to breathe, swallow or speak]\n"
    with pytest.raises(RuleSetError) as caught:
        documents.parse(line.encode(), "f.yaml")
    assert [(problem.place.line, problem.code) for problem in caught.value.problems] == [(2, "cut-text")]
    for sound in (
        f'{key}: ["it is hard", "to speak"]',
        f"{key}: [it is hard]",
        f"{key}: [cough, fever]",
        f"{key}:\n  - it is hard, now\n  - you",
    ):
        documents.parse(sound.encode(), "f.yaml")


def test_who_put_a_text_in_curly_quotes_is_not_told_to_put_it_in_quotes() -> None:
    def told(ask: str) -> str:
        with pytest.raises(RuleSetError) as caught:
            documents.parse(f"{HEAD}    ask: {ask}\n".encode(), "f.yaml")
        return caught.value.problems[0].message

    bare = told("Tell us: now")
    assert told("‘Tell us: now’") == told("“Tell us: now”") != bare
    assert told("If it’s new: now") == bare


def test_different_slips_have_different_words() -> None:
    messages = set()
    for _, text in SLIPS.values():
        with pytest.raises(RuleSetError) as caught:
            documents.parse(text.encode(), "f.yaml")
        messages |= {problem.message for problem in caught.value.problems}
    assert len(messages) >= 10


def test_a_word_in_stars_is_told_by_its_star() -> None:
    with pytest.raises(RuleSetError) as caught:
        documents.parse(b"title: *new* class\n", "rules.yaml")
    assert '"*"' in caught.value.problems[0].message
