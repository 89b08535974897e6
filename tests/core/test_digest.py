"""The digest names the content; the document keeps it for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from screening.core.building import from_document
from screening.core.loading import load, rule_files
from screening.core.rules import RuleSet
from tests.core.generating import rule_sets
from tests.core.making import RULES, load_data, load_text

HEAD = "schema: screening/1\nid: t\nversion: 1.0.0\ntitle: Tired\nstatus: live\n"
QUESTION = """\
questions:
  - id: a
    section: S
    ask: Asked
    type: choose_one
    safety: true
    answers: yes_no_not_sure
"""
FLAG = """\
flags:
  - id: f
    label: Label
    raise_when: {a: [yes, not_sure]}
    handling: arrange
    say: {patient: Words}
"""
WHOLE = HEAD + QUESTION + FLAG


def digest(text: str | bytes, **blocks: str | bytes) -> str:
    return load_text(text, **blocks).digest


@pytest.mark.parametrize(
    "same",
    [
        HEAD + FLAG + QUESTION,
        WHOLE.replace("title: Tired\nstatus: live", "status: live\ntitle: 'Tired'"),
        "# remark\n\n" + WHOLE.replace("id: f", "id: f  # remark"),
        WHOLE.replace("ask: Asked", "ask: >-\n      Asked"),
        WHOLE.replace("\n", "\r\n"),
        "\ufeff" + WHOLE,
        WHOLE.replace("{a: [yes, not_sure]}", "\n      a:\n        - yes\n        - not_sure"),
        WHOLE.replace("status: live", "status: retired"),
        WHOLE.replace("status: live\n", ""),
        WHOLE.replace(
            "answers: yes_no_not_sure",
            "answers:\n      - {label: Yes, id: yes}\n      - {id: no, label: No, clears: true}\n"
            "      - {id: not_sure, label: I’m not sure, alone: true}",
        ),
    ],
    ids=["order", "quotes", "remarks", "folded", "CRLF", "BOM", "layout", "retired", "draft", "written-out"],
)  # fmt: skip
def test_the_same_content_has_the_same_digest(same: str) -> None:
    assert digest(same) == digest(WHOLE)


def test_moving_a_block_inline_changes_no_digest() -> None:
    block = "schema: screening/1\ntitle: B\n"
    assert digest(HEAD + "uses: [common/b]\n", b=block + QUESTION + FLAG) == digest(WHOLE)
    assert digest(HEAD + "uses: [common/b]\n" + QUESTION, b=block + FLAG) == digest(WHOLE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("1.0.0", "1.0.1"), ("id: t\n", "id: u\n"), ("Tired", "Tied"), ("Asked", "Asked?")),
        *(("section: S", "section: T"), ("safety: true", "safety: false")),
        *(("[yes, not_sure]", "[not_sure, yes]"), ("[yes, not_sure]", "yes")),
        *(("arrange", "review_before_booking"), ("patient: Words", "clinician: Words"), ("id: f", "id: g")),
        *(("type: choose_one", "type: choose_many"), ("Label", "label"), ("Words", "Words\u00a0")),
    ],
)  # fmt: skip
def test_other_content_has_another_digest(old: str, new: str) -> None:
    assert old in WHOLE
    assert digest(WHOLE.replace(old, new)) != digest(WHOLE)


def restored(rule_set: RuleSet) -> RuleSet:
    found = from_document(rule_set.document)
    for name in RuleSet.model_fields.keys() - {"places"}:  # an archive keeps the lines of rules alone
        assert getattr(found, name) == getattr(rule_set, name)
    assert (found.digest, found.document) == (rule_set.digest, rule_set.document)
    assert [one.place for one in found.flags] == [one.place for one in rule_set.flags]
    return found


@pytest.mark.parametrize("file", rule_files(RULES), ids=lambda file: file.stem)
def test_a_shipped_rule_set_comes_back_whole_from_its_document(file: Path) -> None:
    restored(load(file, root=RULES.parent))


@given(rule_sets())
def test_any_rule_set_comes_back_whole_from_its_document(data: dict[str, object]) -> None:
    restored(load_data(data))


def test_an_author_may_use_our_own_words_as_names() -> None:
    text = WHOLE.replace("id: a", "id: place").replace("{a:", "{place:")
    restored(load_text(text + "page: {sections: {place: Where, digest: What}}\n"))


def test_a_rule_set_cannot_be_changed() -> None:
    rule_set = load_text(WHOLE)
    with pytest.raises(Exception, match="frozen"):
        rule_set.title = "Other"
