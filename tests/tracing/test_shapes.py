"""What `draft` finds on pages of six shapes: no safety item is lost, none is taken for whom it helps."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.tracing.draft import draft
from screening.tracing.headings import taken_as
from screening.tracing.strange_words import StrangeWord
from screening.tracing.trace import trace
from tests.authoring.writing import SHIPPED
from tests.tracing.shapes import SHAPES, UNSEEN, Shape

EVERY_SHAPE = pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])


EVERY_PAGE = pytest.mark.parametrize(
    "shape", [*SHAPES, *UNSEEN], ids=[shape.name for shape in (*SHAPES, *UNSEEN)]
)


def drafted(folder: Path, shape: Shape) -> tuple[Path, RuleSet, Path, dict[str, str]]:
    suffix = ".html" if "<html" in shape.text else ".md" if shape.text.startswith("# ") else ".txt"
    page = folder / f"page{suffix}"
    page.write_text(shape.text, encoding="utf-8")
    copytree(SHIPPED / "common", folder / "common", dirs_exist_ok=True)
    made = draft(page, folder)
    file = folder / f"{made.id}.yaml"
    file.write_text(made.text, encoding="utf-8")
    return file, load(file), page, dict(made.headings)


def words(rules: RuleSet, kind: str) -> str:
    """All that the indicators, or the flags with their questions, speak of."""
    found = rules.indicators if kind == "indicators" else rules.flags
    asked = (rules.by_id[name].ask for rule in found for name in rule.looks_at)
    return " ".join([*(rule.label for rule in found), *asked]).casefold()


@EVERY_PAGE
def test_every_safety_item_is_a_flag_and_no_indicator(tmp_path: Path, shape: Shape) -> None:
    _, rules, _, _ = drafted(tmp_path, shape)
    flags, indicators = words(rules, "flags"), words(rules, "indicators")
    assert [item for item in shape.safety if item not in flags] == []
    assert [item for item in shape.safety if item in indicators] == []


@EVERY_SHAPE
def test_everything_that_it_helps_with_is_an_indicator_and_nothing_else(tmp_path: Path, shape: Shape) -> None:
    _, rules, _, _ = drafted(tmp_path, shape)
    assert [item for item in shape.helps if item not in words(rules, "indicators")] == []
    assert len(rules.indicators) == len(shape.helps)


@EVERY_PAGE
def test_the_draft_fits_its_page_and_every_heading_is_accounted_for(tmp_path: Path, shape: Shape) -> None:
    file, rules, page, headings = drafted(tmp_path, shape)
    assert trace(file, rules, page).problems == ()
    taken = {name for name in headings.values() if name != "never read"}
    assert taken == set(rules.page.sections)


@pytest.mark.parametrize("shape", UNSEEN, ids=[shape.name for shape in UNSEEN])
def test_on_pages_that_nothing_was_made_for_everything_that_it_helps_with_is_there(
    tmp_path: Path, shape: Shape
) -> None:
    """What stands beside it, such as the heads of a table, a person sets aside."""
    _, rules, _, _ = drafted(tmp_path, shape)
    assert [item for item in shape.helps if item not in words(rules, "indicators")] == []
    assert len(rules.indicators) <= 2 * len(shape.helps)


def test_a_statement_that_says_more_than_the_common_question_gets_one_of_its_own(tmp_path: Path) -> None:
    more = Shape("", SHAPES[2].text.replace("Pregnant women", "Pregnant or breastfeeding"), (), ())
    more = more._replace(text=more.text.replace("Who is this treatment not for?", "Safety note"))
    _, rules, _, _ = drafted(tmp_path, more)
    assert "breastfeeding" in words(rules, "flags")


def test_what_a_common_question_speaks_of_and_the_page_does_not_is_marked(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(UNSEEN[1].text)
    copytree(SHIPPED / "common", tmp_path / "common")
    found = draft(page, tmp_path).strange
    assert StrangeWord("pregnancy", "X-rays") in found
    page.write_text(UNSEEN[1].text + "\nIt is guided by X-ray.\n")
    assert StrangeWord("pregnancy", "X-rays") not in draft(page, tmp_path).strange


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Who this treatment helps", "who"),
        ("Contra-indications", "safety"),
        ("Who is this treatment not for?", "safety"),
        ("Who should not have it", "safety"),
        ("Is it right for me?", "who"),
        ("It is not right for everyone", "safety"),
        ("Which children may benefit", "who"),
        ("Before we inject", "safety"),
        ("Who pays for it?", "unread"),
        ("Who we are", "unread"),
        ("Aftercare", "unread"),
    ],
)
def test_a_heading_that_excludes_or_pays_is_not_whom_it_helps(heading: str, kind: str) -> None:
    assert taken_as(heading) == kind
