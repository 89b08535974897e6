"""Whatever the format, a page keeps every word that people see, each where it belongs, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.tracing.pages import parse_page, read_page

MARKDOWN = """# Thumb injection

Page title: Thumb
Home > Hands > Thumb injection
Wrapped words go
on here.

- outer
  goes on
  - inner

  outer paragraph
-
alone

1. numbered

    indented

```
fenced
```

[Warning]: defined

> quoted

| cell | other |
|------|-------|
| third | fourth |

Hard\\
break and <b>tagged</b> ![picture](a.png) [linked](b) **bold** &amp; e\\*scaped
"""
HTML = """<h2>Heading <b>bold</b></h2>loose<div>boxed<div>deeper</div>after</div>
<ul><li>outer<ul><li>inner</li></ul>tail</li><li><p>first</p><p>second</p></li><li>unclosed</ul>
<table><tr><th>cell<td>other</table><dl><dt>term</dt><dd>meaning</dd></dl>broken<br>line
<details><summary>summed</summary>folded</details><div hidden>hushed</div>
<script>var unseen = "<p>unseen</p>"</script><style>unseen{}</style><!-- <p>unseen</p> -->
<template><p>unseen</p></template><noscript>unseen</noscript><svg><title>unseen</title></svg>
<form><button>unseen</button></form>"""


def _said(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in parse_page(text, "page").blocks]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{4,}", text))


def test_no_word_of_markdown_is_lost() -> None:
    page = parse_page(MARKDOWN, "page")
    kept = _words(" ".join([*(block.text.casefold() for block in page.blocks), *page.meta, "thumb"]))
    assert _words(MARKDOWN.casefold()) - kept <= {"title"}


def test_markdown_says_what_is_a_bullet_and_where_a_paragraph_ends() -> None:
    said = _said(MARKDOWN)
    for kind, text in [
        ("heading", "Thumb injection"),
        ("paragraph", "Home > Hands > Thumb injection"),
        ("paragraph", "Wrapped words go on here."),
        ("bullet", "outer goes on"),
        ("bullet", "inner"),
        ("bullet", "outer paragraph"),
        ("bullet", "alone"),
        ("bullet", "numbered"),
        ("paragraph", "Hard"),
        ("paragraph", "break and <b>tagged</b> picture linked bold & e*scaped"),
    ]:
        assert (kind, text) in said


def test_each_block_of_markdown_knows_its_line() -> None:
    lines = MARKDOWN.splitlines()
    for block in parse_page(MARKDOWN, "page").blocks:
        assert block.text.split()[0] in lines[block.place.line - 1]


def test_headings_that_the_rule_set_names_are_headings_in_markdown_however_they_look() -> None:
    page = parse_page("# Page\n\n**Safety note**\nTell us.\n", "page", ("Safety note",))
    assert [block.text for block in page.section("Safety note") or ()] == ["Tell us."]


def test_what_a_browser_shows_is_kept_and_nothing_else() -> None:
    said = _said(HTML)
    assert not [text for _, text in said if "unseen" in text]
    assert ("heading", "Heading bold") in said
    paragraphs = ["loose", "boxed", "deeper", "after", "cell", "other", "term", "meaning", "broken", "line"]
    for text in [*paragraphs, "summed", "folded", "hushed"]:  # a page may show what it hides at first
        assert ("paragraph", text) in said
    for text in ["outer", "inner", "tail", "first", "second", "unclosed"]:
        assert ("bullet", text) in said


def test_words_of_pictures_of_headings_that_open_and_inside_a_form_around_the_page_are_kept() -> None:
    page = parse_page(
        "<form><header><h1>Knee</h1><img alt='Our logo'></header><h2><button>Safety note</button></h2>"
        "<p>Tell us.</p><img src=x alt='Not if pregnant'><form><label>Search</label></form></form>",
        "page.html",
    )
    assert [block.text for block in page.blocks] == ["Knee", "Safety note", "Tell us.", "Not if pregnant"]


def test_a_page_that_is_nested_deeply_is_read_whole_or_refused() -> None:
    for depth in (500, 5_000):
        try:
            said = _said(f"<p>first</p>{'<div>' * depth}deep{'</div>' * depth}<p>last</p>")
        except RuleSetError:
            assert depth > 500
        else:
            assert [text for _, text in said] == ["first", "deep", "last"]


@pytest.mark.parametrize("page", ["<!doctype html>", "<p>", "<html", "<p></p>", "# ", "#\n", "<h1></h1>"])
def test_a_page_without_words_has_no_blocks(page: str) -> None:
    assert _said(page) in ([], [("paragraph", "#")], [("paragraph", "<html")])


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", b"a\0b", b"x" * 1_000_001])
def test_what_is_no_page_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.txt").write_bytes(content)
    with pytest.raises(RuleSetError):
        read_page(tmp_path / "page.txt")
