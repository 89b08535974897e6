"""The page against the rule set: nothing on it without a rule, no rule without its statement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.tracing import trace as tracing
from screening.tracing.pages import read_page
from screening.tracing.statements import items
from tests.authoring.writing import codes, flag, loaded, small

SAFETY = (
    "Please tell us if you take blood thinners, have diabetes, or have had reactions to latex or iodine. "
    "You may need company."
)
PAGE = """Page Title: Thumb Injection
Home > All Treatments > Hands > Thumb Injection
Overview
A thumb injection may calm pain. It is considered when tablets have not helped.
Who this helps
It may be considered for people with:
• A sore thumb
• A stiff hand
A consultation is required.
What to expect
-
A review of the plan
-
An injection
Safety note
@SAFETY@
Arrange a consultation to discuss it.
""".replace("@SAFETY@", SAFETY)
MARKDOWN = """# Thumb Injection

[Home](/) > All Treatments > Hands > Thumb Injection

## Overview
A thumb injection *may* calm pain. It is considered when tablets have not helped.

## Who this helps
It may be considered for people with:

- A sore thumb
- A **stiff** hand

A consultation is required.

## What to expect
1. A review of the plan
2. An injection

## Safety note
@SAFETY@

Arrange a consultation to discuss it.
""".replace("@SAFETY@", SAFETY)
HTML = """<!doctype html><html><head><title>Thumb Injection</title><style>p { color: red }</style>
<script>var x = "<h2>Safety note</h2>";</script></head><body>
<nav aria-label="Breadcrumb"><a href="/">Home</a><a>All Treatments</a><a>Hands</a>
<span>Thumb Injection</span></nav>
<h1>Thumb Injection</h1><h2>Overview</h2>
<p>A thumb injection may calm pain. It is considered when tablets have not helped.</p>
<h2>Who this helps</h2><p>It may be considered for people with:</p>
<ul><li>A sore&nbsp;thumb</li><li><p>A <b>stiff</b> hand</p></li></ul><p>A consultation is required.</p>
<h2>What to expect</h2><ol><li>A review of the plan<li>An injection</ol>
<h2>Safety note</h2>
<p>@SAFETY@</p>
<p>Arrange a consultation to discuss it.</p></body></html>
""".replace("@SAFETY@", SAFETY)
SHAPES = {"page.txt": PAGE, "page.md": MARKDOWN, "page.html": HTML}
NEEDED = [
    "A sore thumb", "A stiff hand", "take blood thinners", "have diabetes", "have had reactions to latex",
    "iodine", "You may need company.",
]  # fmt: skip
PHRASES = ["blood thinners", "diabetes", "latex", "iodine", "company"]


def _rules(**changes: object) -> dict[str, object]:
    data = small()
    second = {**data["indicators"][0], "id": "stiff", "source": {"section": "who", "phrase": "stiff hand"}}
    data["indicators"].append(second)
    data["flags"] = [
        flag(f"f{at}", {"fever": "yes"}, source={"section": "safety", "phrase": phrase})
        for at, phrase in enumerate(PHRASES)
    ]
    return {**data, **changes}


def _trace(
    folder: Path, page: str, data: dict[str, object] | None = None, name: str = "page.txt"
) -> tracing.Trace:
    path = folder / name
    path.write_text(page, encoding="utf-8")
    return tracing.trace(folder / "thumb.yaml", loaded(folder, data or _rules()), path)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_a_page_says_the_same(tmp_path: Path, name: str) -> None:
    found = _trace(tmp_path, SHAPES[name], name=name)
    assert [one.text for one in found.rules if one.needed] == NEEDED
    assert found.page.title == "Thumb Injection"
    assert found.page.crumbs == ("Home", "All Treatments", "Hands", "Thumb Injection")
    assert found.problems == ()


@pytest.mark.parametrize("name", SHAPES)
def test_statements_are_told_with_their_line(tmp_path: Path, name: str) -> None:
    found = _trace(tmp_path, SHAPES[name], name=name)
    lines = SHAPES[name].splitlines()
    assert all(
        one.text.split()[-1].rstrip(".") in lines[one.place.line - 1].replace("&nbsp;", " ")
        for one in found.rules
    )


@pytest.mark.parametrize("gone", range(5))
def test_a_statement_without_its_rule_is_told(tmp_path: Path, gone: int) -> None:
    data = _rules()
    flags = data["flags"]
    assert isinstance(flags, list)
    del flags[gone]
    assert codes(list(_trace(tmp_path, PAGE, data).problems)) == {"statement-uncovered"}


def test_a_phrase_stands_as_whole_words(tmp_path: Path) -> None:
    found = _trace(tmp_path, PAGE.replace("A sore thumb", "A sore thumbnail"))
    assert codes(list(found.problems)) == {"statement-uncovered", "phrase-missing"}


def test_a_phrase_in_two_statements_is_told(tmp_path: Path) -> None:
    found = _trace(tmp_path, PAGE.replace("• A stiff hand", "• A stiff hand\n• A sore thumb at night"))
    assert codes(list(found.problems)) == {"phrase-ambiguous"}


def test_overview_sentences_may_be_pointed_at_but_need_no_rule(tmp_path: Path) -> None:
    data = _rules(
        page={"sections": {"who": "Who this helps", "safety": "Safety note", "overview": "Overview"}}
    )
    assert _trace(tmp_path, PAGE, data).problems == ()
    extra = {
        **small()["indicators"][0],
        "id": "tried",
        "source": {"section": "overview", "phrase": "tablets"},
    }
    rules = data["indicators"]
    assert isinstance(rules, list)
    rules.append(extra)
    assert _trace(tmp_path, PAGE, data).problems == ()
    assert codes(list(_trace(tmp_path, PAGE.replace("tablets", "creams"), data).problems)) == {
        "phrase-missing"
    }


def test_a_page_without_the_sections_says_what_was_looked_for(tmp_path: Path) -> None:
    found = _trace(tmp_path, "Some page\nWith a sentence.\n")
    assert codes(list(found.problems)) == {"section-missing"}
    assert {"Who this helps", "Safety note"} <= set(
        re.findall(r'"([^"]+)"', " ".join(one.message for one in found.problems))
    )


SENTENCES = {
    "Please tell us if you take tablets, have asthma or are pregnant.": [
        "take tablets",
        "have asthma",
        "are pregnant",
    ],
    "If you have a pacemaker or take heparin, please tell us.": ["have a pacemaker", "take heparin"],
    "Tell us about allergies, infections and blood thinners.": ["allergies", "infections", "blood thinners"],
    "You may need someone with you.": ["You may need someone with you."],
    "If you smoke, tell us.": ["smoke"],
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_item_of_a_list_in_a_sentence_is_a_statement(sentence: str) -> None:
    assert items(sentence) == SENTENCES[sentence]


def _signed(folder: Path) -> Path:
    found = _trace(folder, PAGE)
    tracing.sign(folder / "thumb.yaml", loaded(folder, _rules()), found)
    return folder / "thumb.page.yaml"


def test_a_signed_page_that_did_not_change_has_no_problem(tmp_path: Path) -> None:
    _signed(tmp_path)
    assert _trace(tmp_path, PAGE).problems == ()
    assert _trace(tmp_path, PAGE.replace("A sore thumb", "A  sore THUMB")).problems == ()


def test_fingerprints_hold_no_word_of_the_page(tmp_path: Path) -> None:
    kept = _signed(tmp_path).read_text().casefold()
    words = {word for one in NEEDED for word in re.findall(r"[a-z]{4,}", one.casefold())}
    assert not [word for word in words - {"thumb", "stiff"} if word in kept]  # but the ids of rules are there


def test_changes_of_a_signed_page_are_named_exactly(tmp_path: Path) -> None:
    _signed(tmp_path)
    changed = PAGE.replace("A sore thumb", "A very sore thumb").replace(", have diabetes", "")
    found = _trace(tmp_path, changed.replace("• A stiff hand", "• A stiff hand\n• Cold fingers"))
    told = {one.code: one.message + one.remedy for one in found.problems if one.code.startswith("page-")}
    assert set(told) == {"page-changed", "page-removed", "page-added"}
    assert "pain" in told["page-changed"]
    assert "f1" in told["page-removed"]
    assert "Cold fingers" in told["page-added"]
    assert len([one for one in found.problems if one.code.startswith("page-")]) == 3


def test_a_new_warning_under_another_heading_is_told(tmp_path: Path) -> None:
    _signed(tmp_path)
    found = _trace(
        tmp_path, PAGE.replace("Safety note", "Who must not have it\n• People with a fever\nSafety note")
    )
    assert codes(list(found.problems)) == {"page-added"}


def test_a_broken_signature_is_told_with_its_place(tmp_path: Path) -> None:
    kept = _signed(tmp_path)
    kept.write_text(kept.read_text().replace("fingerprint", "finger"))
    with pytest.raises(RuleSetError):
        _trace(tmp_path, PAGE)


def test_a_page_of_thousands_of_lines_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Who this helps\n" + "• One more thing\n" * 3_000)
    assert len(read_page(path).blocks) == 3_001
