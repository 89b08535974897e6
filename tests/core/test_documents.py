"""Strict YAML: words stay words, and whatever cannot be read is refused with its place."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from screening.core import documents
from screening.core.errors import RuleSetError
from tests.core.making import FILE, HEAD, MARK, at_marks, load_text, refused, refused_at_marks


def parsed(text: str | bytes) -> Any:
    return documents.parse(text if isinstance(text, bytes) else text.encode(), "f.yaml").plain()


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """libyaml, and the parser that stands in where a machine has none."""
    monkeypatch.setattr(documents, "_Parser", getattr(yaml, request.param))


WORDS = ["yes", "no", "on", "off", "y", "n", "Yes", "NO", "True", "12:30", "010", "0x1F", "0o17", "1_000"]
WORDS += ["1e3", ".5", "5.", "+1", ".inf", ".nan", "2026-01-02", "=", "<<", "NULL", "00", "-"]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("word", WORDS[:-1])
def test_words_stay_words(word: str) -> None:
    assert parsed(f"{{key: {word}, {word}: key}}") == {"key": word, word: "key"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("true", True), ("false", False), ("null", None), ("~", None), ("", None)),
        *(
            ("0", 0),
            ("10", 10),
            ("-3", -3),
            ("2.50", 2.5),
            ("-0.5", -0.5),
            ('"10"', "10"),
            ("'true'", "true"),
        ),
    ],
)
def test_only_plain_json_values_are_more_than_words(written: str, value: object) -> None:
    found = parsed(f"key: {written}")["key"]
    assert found == value
    assert type(found) is type(value)


def test_a_byte_order_mark_moves_nothing() -> None:
    assert parsed(b"\xef\xbb\xbfa: b") == {"a": "b"}
    assert [str(problem.place) for problem in refused(b"\xef\xbb\xbfa: b\nb: \xff")] == ["t.yaml:2:4"]


def test_letters_written_in_two_ways_are_the_same_letter() -> None:
    assert parsed("{e\N{COMBINING ACUTE ACCENT}: 1}") == parsed("{é: 1}")


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n▸a: 2",
        "{a: 1, b: {c: 1, ▸c: 2}, ▸a: 3}",
        "a: ▸&x 1\nb: ▸*x",
        "▸&x a: 1\n▸*x : yes\nb: yes",
        "a: ▸!!str 1\nb: ▸!own {}",
        "a: ▸!!python/object/apply:os.system [ls]",
        "a: 1\n▸---\na: 2",
        "? ▸[a, b]\n: 1\nc: 2\n? ▸{d: e}\n: 3\nf: 4",
        "▸",
        'a: ▸"b\n',
        "a: b▸: c",
        "a:\n▸\tb: 2",
        'a: ▸"b\\0c"',
        "a: 1\n b▸: 2",
    ],
)
def test_what_is_not_plain_yaml_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(RuleSetError) as caught:
        documents.parse(text.replace(MARK, "").encode(), FILE)
    at_marks(caught.value.problems, {FILE: text})


@pytest.mark.slow
@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"# only a remark\n",
        b"\x00",
        b"a: \x00b",
        b"a: \x07",
        b"\xff\xfea\x00",
        bytes(range(256)),
        b"\x7fELF\x02\x01\x01" + bytes(64),
        "id: caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1"),
        b"a: " + b"x" * 1_000_000,
        b"[" * 5_000 + b"]" * 5_000,
        b"{a: " * 5_000 + b"}" * 5_000,
        b"- " * 5_000,
        b"\n".join(b" " * depth + b"a:" for depth in range(1_000)),
        b"[" + b"1," * 200_000 + b"]",
        b"a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
        b"%YAML 9.9\n---\na: 1",
        b"%TAG ! tag:x,2026:\n---\n!y a: 1",
        b'"\\ud800": 1',
        b"a: |9\n  b",
        b"%" * 3_000,
    ],
    ids=lambda data: repr(data[:20]),
)
def test_hostile_bytes_are_refused_with_a_place(data: bytes) -> None:
    for problem in refused(data):
        assert problem.place.file == "t.yaml"
        assert problem.place.line >= 1
        assert problem.place.column >= 1


def test_every_problem_of_a_file_is_told_at_once() -> None:
    with pytest.raises(RuleSetError) as caught:
        documents.parse(b"{a: &x 1, a: !!int 2, b: *x}", FILE)
    assert len(caught.value.problems) == 4


def test_what_is_no_plain_yaml_is_told_together_with_what_is_wrong_with_the_rule_set() -> None:
    refused_at_marks(
        f"{HEAD}▸title: Twice\n? ▸[a]\n: 1\nquestions:\n"
        "  - {id: q, ask: ▸*x , ▸typ: text, type: text}\n"
        "  - id: r\n    ask: ▸“Does it hurt?”\n    type: ▸texts\n    hint: ▸Say so #1 time\n"
        "▸flag: []\n"
    )


@pytest.mark.usefixtures("parser")
def test_half_of_a_character_is_refused() -> None:
    with pytest.raises(RuleSetError):
        documents.parse(b'a: "\\ud800"', "f.yaml")


def parses_or_is_refused(data: bytes) -> None:
    problems = None
    try:
        documents.parse(data, "f.yaml").plain()
    except RuleSetError as error:
        problems = error.problems
    assert problems is None or {problem.place.file for problem in problems} == {"f.yaml"}


@given(st.binary(max_size=200))
@example(b"? \n: ? ")
@example(b"!<")
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    parses_or_is_refused(data)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    parses_or_is_refused(text.encode())


PIECES = ["a", "b: ", "- ", "? ", ": ", "[", "]", "{", "}", ",", "\n", "  ", "&x ", "*x", "!t ", '"', "'"]
PIECES += ["|\n", ">-\n", "#", "---\n", "...\n", "%YAML 1.1\n", "\t", "\\", "\r", "\u2028", "\x85", "~", "<<"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_anything_that_looks_like_yaml_is_read_or_refused(text: str) -> None:
    parses_or_is_refused(text.encode())
    with suppress(RuleSetError):
        load_text(text)


scalars = st.none() | st.booleans() | st.integers(-9999, 9999) | st.text("ab yes01:-#é", max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abyes01", min_size=1), inner),
    max_leaves=20,
)


@given(values)
def test_whatever_is_written_by_another_tool_is_read_back(value: Any) -> None:
    written = yaml.safe_dump(value, allow_unicode=True, default_style='"' if isinstance(value, str) else None)
    assume("&" not in written and "!" not in written)
    assert _words(parsed(written)) == _words(value)


def _words(value: Any) -> Any:
    """Without what YAML 1.1 and 1.2 write in different ways."""
    if isinstance(value, dict):
        return {key: _words(inner) for key, inner in value.items()}
    return [_words(inner) for inner in value] if isinstance(value, list) else str(value).lower()
