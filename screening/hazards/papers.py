"""The papers: Markdown templates filled from facts, as HTML that stands alone and as PDF."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from screening.hazards.blocks import blocks, escaped, reader
from screening.hazards.facts import PaperFacts
from screening.hazards.matrix import words
from screening.settings import shipped

PAPERS = (  # in the order in which an officer reads them
    "hazard-log",
    "safety-case-report",
    "risk-management-summary",
    "data-protection-impact",
    "technology-assessment",
)


def templates() -> Path:
    """The folder of the papers' templates."""
    return shipped("templates") / "safety"


def papers(facts: PaperFacts) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each file."""
    for name in PAPERS:
        yield f"{name}.html", as_html(name, facts).encode()
        yield f"{name}.pdf", as_pdf(name, facts)


def _filled(name: str, facts: PaperFacts) -> str:
    """Values are words, never markup: every expression of a template is escaped as it is put in."""
    pages = Environment(  # noqa: S701 (Markdown has its own escaping, which `finalize` does)
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        finalize=escaped,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["words"] = words
    return pages.get_template(f"{name}.md").render(facts=facts)


def as_html(name: str, facts: PaperFacts) -> str:
    """One self-contained file without scripts."""
    markdown = _filled(name, facts)
    pages = Environment(loader=FileSystemLoader(templates()), autoescape=True, undefined=StrictUndefined)
    body = Markup(reader().render(markdown))  # noqa: S704 (made by the reader, which lets no HTML through)
    return pages.get_template("page.html").render(body=body, title=_title(markdown), facts=facts)


def as_pdf(name: str, facts: PaperFacts) -> bytes:
    """Tagged for screen readers; its root is an empty folder, so that nothing else can be read."""
    markdown = _filled(name, facts)
    data = {"title": _title(markdown), "foot": _foot(facts), "blocks": blocks(markdown)}
    with tempfile.TemporaryDirectory() as empty:
        template = (templates() / "paper.typ").read_bytes()
        made = typst.Compiler(template, root=empty, sys_inputs={"data": json.dumps(data)}).compile(
            format="pdf"
        )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single PDF")
    return made


def _title(markdown: str) -> str:
    return "".join(piece for piece, _ in blocks(markdown)[0]["words"])


def _foot(facts: PaperFacts) -> str:
    return f"Hazard log {facts.log_version}, {facts.digest[:12]}; program {facts.program}; {facts.day}"
