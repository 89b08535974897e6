"""The papers hold every hazard and setting, no secret, and nothing in their words becomes markup."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from screening import __version__
from screening.core.findings import Problem
from screening.hazards.check import check
from screening.hazards.facts import Looked, PaperFacts, facts
from screening.hazards.log import HazardLog, load_log
from screening.hazards.papers import PAPERS, as_html, as_pdf
from screening.settings.environment import load_settings
from screening.storage.tables import metadata
from tests.authoring.test_show import HOSTILE, _Tags

from .making import DAY, LOG, VERSION, changed, tree


def told(
    log: HazardLog, problems: tuple[Problem, ...] = (), looked: Looked = "tree", **given: Any
) -> PaperFacts:
    """What the papers of a log are filled from."""
    rule_sets = list(tree().rule_sets.values())
    settings = load_settings(**given)
    return facts(log, settings, rule_sets, problems, program=__version__, day=DAY, looked=looked)


@pytest.fixture(scope="module")
def shipped() -> PaperFacts:
    return told(load_log(LOG))


def page(name: str, of: PaperFacts) -> _Tags:
    return _Tags(as_html(name, of))


def words(name: str, of: PaperFacts) -> str:
    return " ".join(page(name, of).words.split())


@pytest.mark.parametrize("name", PAPERS)
def test_each_paper_says_which_log_it_is_of(shipped: PaperFacts, name: str) -> None:
    assert shipped.digest in words(name, shipped)
    pdf = PdfReader(io.BytesIO(as_pdf(name, shipped)))
    assert all(shipped.digest[:12] in sheet.extract_text() for sheet in pdf.pages)
    assert pdf.metadata is not None
    assert pdf.metadata.title
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize("name", PAPERS)
def test_the_page_stands_alone_and_runs_nothing(shipped: PaperFacts, name: str) -> None:
    shown = page(name, shipped)
    assert not shown.tags & {"script", "link", "img", "iframe", "object"}
    assert not shown.attributes & {"src", "href", "onload", "onclick"}


def test_every_word_of_every_hazard_is_in_the_log_on_paper(shipped: PaperFacts) -> None:
    shown = words("hazard-log", shipped)
    for hazard in load_log(LOG).hazards:
        said = [hazard.hazard, hazard.cause, hazard.effect, hazard.owner, hazard.missing or ""]
        by = [name for control in hazard.controls for name in (control.does, *control.test, *control.case)]
        assert all(one in shown for one in (*said, *by))


def test_every_table_and_contact_question_is_in_the_impact_assessment(shipped: PaperFacts) -> None:
    shown = words("data-protection-impact", shipped)
    assert all(name in shown for name in metadata.tables)
    asked = [one.ask for rule_set in tree().rule_sets.values() for one in rule_set.questions if one.contact]
    assert all(one in shown for one in asked)


@pytest.mark.parametrize("name", PAPERS)
def test_no_secret_is_on_paper(name: str) -> None:
    secrets: dict[str, Any] = {
        "secret_key": "s" * 32 + "ecret",
        "smtp_password": "pass-of-mail",
        "database_url": "postgresql://clinic:pass-of-db@localhost/x",
        "mail_reception": "desk@example.org",
    }
    shown = as_html(name, told(load_log(LOG), **secrets))
    assert not [one for one in (*secrets.values(), "pass-of-db") if one in shown]


def test_words_never_become_markup(tmp_path: Path) -> None:
    hostile = f"| a | # b ![x](y) [l](http://x) `c` 1. &amp; ~~d~~ <br> {HOSTILE}"
    log = changed(tmp_path, lambda hazards: hazards[0].update(hazard=hostile, owner=hostile, missing=hostile))
    shown = told(log, clinic_name=hostile)
    assert "script" not in page("hazard-log", shown).tags
    assert not page("hazard-log", shown).attributes & {"src", "href"}
    assert words("hazard-log", shown).count(" ".join(hostile.split())) == 3
    assert as_pdf("data-protection-impact", shown).startswith(b"%PDF-")


def test_what_is_wrong_with_the_log_stands_on_its_papers(tmp_path: Path) -> None:
    log = changed(tmp_path, lambda hazards: hazards[0].pop("missing"))
    found = check(log, tree(), VERSION).problems
    assert found
    for name in ("hazard-log", "safety-case-report"):
        shown = words(name, told(log, found))
        assert all(one.message in shown for one in found)


def test_an_accepted_risk_says_who_took_it(tmp_path: Path) -> None:
    taken = {"by": "Robin Example", "role": "Officer", "version": VERSION, "because": "It is rare."}
    log = changed(tmp_path, lambda hazards: hazards[0].update(accepted=taken))
    shown = words("hazard-log", told(log))
    assert all(one in shown for one in taken.values())


@pytest.mark.parametrize("looked", ["run", "tree", "nothing"])
@pytest.mark.parametrize("name", PAPERS)
def test_papers_are_made_however_the_controls_were_looked_at(name: str, looked: Looked) -> None:
    assert as_html(name, told(load_log(LOG), looked=looked))


def test_the_run_that_was_given_is_named() -> None:
    rule_sets = list(tree().rule_sets.values())
    shown = facts(
        load_log(LOG), load_settings(), rule_sets, (),
        program=__version__, day=DAY, looked="run", began="2026-12-01T09:30:00",
    )  # fmt: skip
    assert "2026-12-01T09:30:00" in words("safety-case-report", shown)


@pytest.mark.parametrize("name", PAPERS)
def test_a_log_without_open_hazards_makes_papers(tmp_path: Path, name: str) -> None:
    def keep_controlled(hazards: list[dict[str, Any]]) -> None:
        hazards[:] = [one for one in hazards if "missing" not in one]

    log = changed(tmp_path, keep_controlled)
    assert log.hazards
    assert as_pdf(name, told(log)).startswith(b"%PDF-")
