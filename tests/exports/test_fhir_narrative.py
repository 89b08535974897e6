"""A document in FHIR can be read by whoever is shown its words alone."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from screening.core.paper_words import NO_RULE, NOT_PROVIDED
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports import Record
from screening.exports.fhir.bundles import bundle
from tests.usual import USUAL, whole

from .test_fhir_requests import CLINIC, FLAGGED, flagged, record, resources_of, shipped
from .test_fhir_shapes import holds

__all__ = ["flagged", "shipped"]


def words_of(made: Record) -> tuple[str, list[str]]:
    """What stands above it, and in each section."""
    found = bundle(made, CLINIC, "document")
    holds(found)
    (document,) = resources_of(found, "Composition")
    return shown(document), [shown(section) for section in document["section"]]


def shown(part: Plain) -> str:
    """What a reader sees of XHTML."""
    return "\n".join(ElementTree.fromstring(part["text"]["div"]).itertext())


def test_a_document_says_in_words_whose_it_is_every_flag_and_all_that_was_said(shipped: RuleSet) -> None:
    made = record(
        shipped, whole(shipped, FLAGGED | {"name": "Ann <O'Neill> & Co", "anything_else": "<b>5 < 6"})
    )
    head, (flags, said, *_others) = words_of(made)
    assert "Ann <O'Neill> & Co" in head
    assert made.reference in head
    assert [line.flag.label for line in made.flags if line.flag.label not in flags] == []
    for answer in made.answers:
        assert answer.asked in said
        lines = [line for text in answer.said for line in text.splitlines()] or [NOT_PROVIDED]
        assert [line for line in lines if line not in said] == []
    assert "<b>5 < 6" in said


def test_a_document_without_flags_calls_nothing_clear(shipped: RuleSet, flagged: Record) -> None:
    quiet = record(shipped, whole(shipped, USUAL))
    _, sections = words_of(replace(quiet, flags=()))
    assert NO_RULE in sections[0]
    assert NO_RULE not in words_of(flagged)[1][0]
