"""A page that was signed: what changed on it since is named, by fingerprints that hold no word of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.tracing import fingerprints
from screening.tracing import trace as tracing
from tests.authoring.writing import codes, loaded
from tests.tracing.thumb import ASIDE, NEEDED, PAGE, rules_of_thumb, setting_aside, traced


def _signed(folder: Path) -> Path:
    found = traced(folder, PAGE)
    tracing.sign(folder / "thumb.yaml", loaded(folder, rules_of_thumb()), found)
    return folder / "thumb.page.yaml"


def test_a_signed_page_that_did_not_change_has_no_problem(tmp_path: Path) -> None:
    _signed(tmp_path)
    assert traced(tmp_path, PAGE).problems == ()
    assert traced(tmp_path, PAGE.replace("A sore thumb", "A  sore THUMB")).problems == ()


def test_fingerprints_hold_no_word_of_the_page(tmp_path: Path) -> None:
    kept = _signed(tmp_path).read_text().casefold()
    words = {word for one in NEEDED for word in re.findall(r"[a-z]{4,}", one.casefold())}
    assert not [word for word in words - {"thumb", "stiff"} if word in kept]  # but the ids of rules are there


def test_changes_of_a_signed_page_are_named_exactly(tmp_path: Path) -> None:
    _signed(tmp_path)
    changed = PAGE.replace("A sore thumb", "A very sore thumb").replace(", have diabetes", "")
    found = traced(tmp_path, changed.replace("• A stiff hand", "• A stiff hand\n• Cold fingers"))
    told = {one.code: one.message + one.remedy for one in found.problems if one.code.startswith("page-")}
    assert set(told) == {"page-changed", "page-removed", "page-added"}
    assert "pain" in told["page-changed"]
    assert "f1" in told["page-removed"]
    assert "Cold fingers" in told["page-added"]
    assert len([one for one in found.problems if one.code.startswith("page-")]) == 3


def test_a_new_warning_under_another_heading_is_told(tmp_path: Path) -> None:
    _signed(tmp_path)
    found = traced(
        tmp_path, PAGE.replace("Safety note", "Who must not have it\n• People with a fever\nSafety note")
    )
    assert codes(list(found.problems)) == {"page-added", "statement-uncovered"}
    added = " ".join(one.message for one in found.problems if one.code == "page-added")
    assert "Who must not have it" in added  # a heading may warn by itself
    assert "People with a fever" in added


def test_a_broken_signature_is_told_with_its_place(tmp_path: Path) -> None:
    kept = _signed(tmp_path)
    kept.write_text(kept.read_text().replace("fingerprint", "finger"))
    with pytest.raises(RuleSetError):
        traced(tmp_path, PAGE)


def test_what_introduces_a_list_is_kept_too_since_it_may_turn_into_its_opposite(tmp_path: Path) -> None:
    _signed(tmp_path)
    found = traced(tmp_path, PAGE.replace("It may be considered for", "It is not for"))
    assert "page-changed" in codes(list(found.problems))


def test_fingerprints_of_another_set_of_sources_or_reasons_are_stale(tmp_path: Path) -> None:
    _signed(tmp_path)
    file = tmp_path / "thumb.yaml"
    kept = fingerprints.load(file)
    assert kept is not None
    assert not fingerprints.stale(kept, loaded(tmp_path, rules_of_thumb()))
    fewer = rules_of_thumb()
    flags = fewer["flags"]
    assert isinstance(flags, list)
    del flags[0]
    assert fingerprints.stale(kept, loaded(tmp_path, fewer))
    assert fingerprints.stale(kept, loaded(tmp_path, setting_aside(*ASIDE[1:])))


def test_a_page_that_was_signed_with_something_that_nobody_had_accounted_for_is_stale(tmp_path: Path) -> None:
    _signed(tmp_path)
    kept = fingerprints.load(tmp_path / "thumb.yaml")
    assert kept is not None
    for aside in (fingerprints.HEADING, fingerprints.LEAD_IN):
        bare = {
            name: tuple(
                one.model_copy(update={"aside": None}) if one.aside == aside else one for one in statements
            )
            for name, statements in kept.sections.items()
        }
        assert bare != kept.sections
        before = kept.model_copy(update={"sections": bare})
        assert fingerprints.stale(before, loaded(tmp_path, rules_of_thumb()))
