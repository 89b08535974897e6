"""The first keys of a drafted rule set: how the treatment is called, and where it stands."""

from __future__ import annotations

import re

from screening.core.rules import RESERVED_ADDRESSES
from screening.core.serialising import Plain
from screening.tracing.headings import taken_as
from screening.tracing.treatment_page import TreatmentPage


def head_of(page: TreatmentPage, mark: str) -> Plain:
    """The first keys; where the page does not say how it is called, `mark` does."""
    title = page.title or _first_heading(page) or f"{mark}: the name of the treatment"
    slug = page.meta.get("url slug", "").rstrip("/").rsplit("/", 1)[-1] or title
    slug = "treatment" if mark in slug else slug
    address = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:100] or "treatment"
    address = (
        address if address[0].isalpha() and address not in RESERVED_ADDRESSES else f"treatment-{address}"
    )
    group = page.crumbs[-2] if len(page.crumbs) > 2 else "Treatments"
    return {
        "schema": "screening/1",
        "id": address,
        "version": "0.1.0",
        "status": "draft",
        "title": title if mark in title else _as_sentence(title),
        "category": _as_sentence(group),
    }


def _first_heading(page: TreatmentPage) -> str:
    """The name that stands above a page without levels; empty where it begins with what it says."""
    first = next(iter(page.headings), "")
    return first if taken_as(first) == "unread" else ""


def _as_sentence(heading: str) -> str:
    """Title Case as a sentence; names in capitals stay."""
    words = heading.split()
    return " ".join(
        word if number == 0 or not word.istitle() else word.lower() for number, word in enumerate(words)
    )
