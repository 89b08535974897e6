"""A small treatment page in three shapes, and the rules that trace it."""

from __future__ import annotations

from pathlib import Path

from screening.tracing import trace as tracing
from tests.authoring.writing import flag, loaded, small

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
WHY = "It asks for no question."
ASIDE = [
    {"section": "who", "phrase": "consultation is required", "because": WHY},
    {"section": "Overview", "because": WHY},
    {"section": "What to expect", "because": WHY},
]
PHRASES = ["blood thinners", "diabetes", "latex", "iodine", "company"]


def rules_of_thumb(**changes: object) -> dict[str, object]:
    data = small()
    second = {**data["indicators"][0], "id": "stiff", "source": {"section": "who", "phrase": "stiff hand"}}
    data["indicators"].append(second)
    data["flags"] = [
        flag(f"f{at}", {"fever": "yes"}, source={"section": "safety", "phrase": phrase})
        for at, phrase in enumerate(PHRASES)
    ]
    data["page"] = {**data["page"], "set_aside": ASIDE}
    return {**data, **changes}


def setting_aside(*entries: dict[str, str], sections: dict[str, str] | None = None) -> dict[str, object]:
    """The rules, with these entries in place of those that are set aside."""
    return rules_of_thumb(page={"sections": sections or small()["page"]["sections"], "set_aside": [*entries]})


def traced(
    folder: Path, page: str, data: dict[str, object] | None = None, name: str = "page.txt"
) -> tracing.Trace:
    path = folder / name
    path.write_text(page, encoding="utf-8")
    return tracing.trace(folder / "thumb.yaml", loaded(folder, data or rules_of_thumb()), path)
