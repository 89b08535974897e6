"""The page against the rule set: nothing on it without a rule, no rule without its statement."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening.core.errors import RuleSetError
from screening.core.loading import load
from screening.tracing import fingerprints
from screening.tracing import trace as tracing
from screening.tracing.pages import read_page
from screening.tracing.shown_trace import shown_trace
from screening.tracing.statements import section_of
from tests.authoring.writing import codes, flag, loaded, question, small, written
from tests.tracing.thumb import (
    ASIDE,
    MARKDOWN,
    NEEDED,
    PAGE,
    SHAPES,
    WHY,
    rules_of_thumb,
    setting_aside,
    traced,
)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_a_page_says_the_same(tmp_path: Path, name: str) -> None:
    found = traced(tmp_path, SHAPES[name], name=name)
    assert [one.text for each in found.sections.values() for one in each.statements if one.needed] == NEEDED
    assert found.page.title == "Thumb Injection"
    assert found.page.crumbs == ("Home", "All Treatments", "Hands", "Thumb Injection")
    assert found.problems == ()


@pytest.mark.parametrize("name", SHAPES)
def test_statements_are_told_with_their_line(tmp_path: Path, name: str) -> None:
    found = traced(tmp_path, SHAPES[name], name=name)
    lines = SHAPES[name].splitlines()
    assert all(
        one.text.split()[-1].rstrip(".") in lines[one.place.line - 1].replace("&nbsp;", " ")
        for one in found.rules
    )


@pytest.mark.parametrize("gone", range(5))
def test_a_statement_without_its_rule_is_told(tmp_path: Path, gone: int) -> None:
    data = rules_of_thumb()
    flags = data["flags"]
    assert isinstance(flags, list)
    del flags[gone]
    assert codes(list(traced(tmp_path, PAGE, data).problems)) == {"statement-uncovered"}


def test_a_phrase_stands_as_whole_words(tmp_path: Path) -> None:
    found = traced(tmp_path, PAGE.replace("A sore thumb", "A sore thumbnail"))
    assert codes(list(found.problems)) == {"statement-uncovered", "phrase-missing"}


def test_a_phrase_in_two_statements_is_told(tmp_path: Path) -> None:
    found = traced(tmp_path, PAGE.replace("• A stiff hand", "• A stiff hand\n• A sore thumb at night"))
    assert codes(list(found.problems)) == {"phrase-ambiguous"}


def test_sentences_of_an_overview_have_a_rule_or_are_set_aside(tmp_path: Path) -> None:
    sections = {"who": "Who this helps", "safety": "Safety note", "overview": "Overview"}
    calm = {"section": "overview", "phrase": "may calm pain", "because": WHY}
    data = setting_aside(ASIDE[0], ASIDE[2], calm, sections=sections)
    assert codes(list(traced(tmp_path, PAGE, data).problems)) == {"statement-uncovered"}
    extra = {
        **small()["indicators"][0],
        "id": "tried",
        "source": {"section": "overview", "phrase": "tablets"},
    }
    rules = data["indicators"]
    assert isinstance(rules, list)
    rules.append(extra)
    assert traced(tmp_path, PAGE, data).problems == ()
    assert codes(list(traced(tmp_path, PAGE.replace("tablets", "creams"), data).problems)) == {
        "phrase-missing", "statement-uncovered"
    }  # fmt: skip


@pytest.mark.parametrize("entry", range(3))
def test_a_statement_that_is_not_set_aside_is_told_whatever_its_heading(tmp_path: Path, entry: int) -> None:
    rest = [each for at, each in enumerate(ASIDE) if at != entry]
    assert codes(list(traced(tmp_path, PAGE, setting_aside(*rest)).problems)) == {"statement-uncovered"}


def test_what_is_set_aside_of_a_section_with_a_short_name_may_name_its_heading(tmp_path: Path) -> None:
    by_heading = {**ASIDE[0], "section": "Who this HELPS"}
    assert traced(tmp_path, PAGE, setting_aside(by_heading, *ASIDE[1:])).problems == ()


GROWN = PAGE.replace("You may need company.", "You may need company. It is not for anyone under 18.")
BORN = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}


def _of_age(**age: object) -> dict[str, object]:
    return rules_of_thumb(questions=[*small()["questions"], BORN], **({"age": age} if age else {}))


def test_the_age_rule_stands_for_what_the_page_says_of_it(tmp_path: Path) -> None:
    source = {"section": "safety", "phrase": "under 18"}
    assert codes(list(traced(tmp_path, GROWN, _of_age(at_least=18)).problems)) == {"statement-uncovered"}
    rules = _of_age(at_least=18, source=source)
    found = traced(tmp_path, GROWN, rules)
    assert found.problems == ()
    tracing.sign(tmp_path / "thumb.yaml", loaded(tmp_path, rules), found)
    kept = fingerprints.load(tmp_path / "thumb.yaml")
    assert kept is not None
    assert not fingerprints.stale(kept, loaded(tmp_path, rules))
    assert fingerprints.stale(kept, loaded(tmp_path, _of_age(at_least=18)))
    told = [
        each.rules for section in shown_trace(loaded(tmp_path, rules), kept) for each in section.statements
    ]
    assert ("Who is under 18 is asked to ring.",) in told
    older = traced(tmp_path, GROWN.replace("under 18", "under 16"), rules).problems
    assert {"page-changed", "phrase-missing"} <= codes(list(older))
    assert all("age rule" in each.message for each in older if each.code == "page-changed")


@pytest.mark.parametrize("source", [{"section": "nowhere", "phrase": "18"}, {"phrase": "18"}, "18", []])
def test_a_source_of_the_age_rule_that_points_nowhere_is_told_at_its_line(
    tmp_path: Path, source: object
) -> None:
    file = written(tmp_path, _of_age(at_least=18, source=source))
    line = next(at for at, text in enumerate(file.read_text().splitlines(), 1) if "at_least: 18" in text)
    with pytest.raises(RuleSetError) as caught:
        load(file)
    assert {problem.place.line - line in range(6) for problem in caught.value.problems} == {True}


def test_a_phrase_of_what_is_set_aside_is_told_at_its_line(tmp_path: Path) -> None:
    entry = {"section": "who", "phrase": "never said", "because": WHY}
    (problem,) = traced(tmp_path, PAGE, setting_aside(*ASIDE, entry)).problems
    lines = (tmp_path / "thumb.yaml").read_text().splitlines()
    assert "section: who" in lines[problem.place.line - 1]
    assert "never said" in lines[problem.place.line]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"section": "who", "phrase": "sore thumb"}, "aside-refused"),  # a rule stands for it
        ({"section": "who", "phrase": "never said"}, "phrase-missing"),
        ({"section": "Overview", "phrase": "never said"}, "phrase-missing"),
        ({"section": "who", "phrase": "a"}, "phrase-ambiguous"),
        ({"section": "Nowhere"}, "section-missing"),
    ],
)
def test_what_cannot_be_set_aside_is_told(tmp_path: Path, entry: dict[str, str], code: str) -> None:
    found = traced(tmp_path, PAGE, setting_aside(*ASIDE, {**entry, "because": WHY}))
    assert code in codes(list(found.problems))


@pytest.mark.parametrize(
    "more",
    [
        "Before you come\n• Ring us if you take warfarin\n",
        "Who must not have it\n• Anyone with a fever\n",
        "After the injection\n• Seek urgent help for a hot, swollen thumb\n",
        "After the injection\n• A thumb that turns blue is an emergency\n",
        "After the injection\n• Get medical advice for a fever\n",
        "After the injection\n• Go to the nearest hospital with a fever\n",
        "After the injection\n• See a doctor straight away with a fever\n",
        "After the injection\n• Contact the clinic if the thumb turns blue\n",
    ],
)
def test_a_whole_heading_cannot_hide_what_the_patient_must_tell(tmp_path: Path, more: str) -> None:
    heading = more.partition("\n")[0]
    found = traced(tmp_path, PAGE + more, setting_aside(*ASIDE, {"section": heading, "because": WHY}))
    assert {"statement-uncovered", "aside-refused"} <= codes(list(found.problems))


@pytest.mark.parametrize(
    "words", ["Call us if the thumb turns blue.", "Contact the team at once with a fever."]
)
def test_what_to_do_in_danger_is_no_invitation(tmp_path: Path, words: str) -> None:
    found = traced(tmp_path, PAGE + f"After the injection\n{words}\n")
    assert codes(list(found.problems)) == {"statement-uncovered"}


def test_one_rule_stands_for_several_statements_and_several_for_one(tmp_path: Path) -> None:
    data = rules_of_thumb()
    flags = data["flags"]
    assert isinstance(flags, list)
    both = [{"section": "safety", "phrase": phrase} for phrase in ("latex", "iodine", "diabetes")]
    flags[2]["source"] = both
    del flags[3]
    found = traced(tmp_path, PAGE, data)
    assert found.problems == ()
    ids = [tuple(rule.id for rule in rules) for rules in found.rules.values()]
    assert ("f1", "f2") in ids
    assert ids.count(("f2",)) == 2


def test_a_notice_stands_for_what_the_page_calls_an_emergency(tmp_path: Path) -> None:
    data = rules_of_thumb()
    flags = data["flags"]
    assert isinstance(flags, list)
    del flags[4]
    notice = {"id": "alone", "level": "urgent", "heading": "Ring 111 if:", "items": ["nobody is there"]}
    data["urgent"] = [{**notice, "source": {"section": "safety", "phrase": "company"}}]
    assert traced(tmp_path, PAGE, data).problems == ()


NESTED = """# Thumb
## Who this helps
- A sore thumb
## Safety note
- Problems with blood:
  - in the last year
- Problems with the heart
  - in the last year
"""


def test_an_item_of_a_nested_list_is_told_from_its_like_by_what_it_is_under(tmp_path: Path) -> None:
    def source(**more: str) -> dict[str, str]:
        return {"section": "safety", "phrase": "in the last year", **more}

    flags = [
        flag("blood", {"fever": "yes"}, source=source(under="blood")),
        flag(
            "heart",
            {"fever": "yes"},
            source=[source(under="heart"), {"section": "safety", "phrase": "the heart"}],
        ),
    ]
    assert traced(tmp_path, NESTED, small(flags=flags), "page.md").problems == ()
    flags[0]["source"] = source()
    told = codes(list(traced(tmp_path, NESTED, small(flags=flags), "page.md").problems))
    assert told == {"phrase-ambiguous"}


def test_a_page_without_the_sections_says_what_was_looked_for(tmp_path: Path) -> None:
    found = traced(tmp_path, "Some page\nWith a sentence.\n")
    assert "section-missing" in codes(list(found.problems))
    assert {"Who this helps", "Safety note"} <= set(
        re.findall(r'"([^"]+)"', " ".join(one.message for one in found.problems))
    )


def test_a_page_of_thousands_of_lines_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("Who this helps\n" + "• One more thing\n" * 3_000)
    assert len(read_page(path).blocks) == 3_001


def test_what_stands_above_the_first_heading_is_read(tmp_path: Path) -> None:
    found = traced(tmp_path, PAGE.replace("Overview\n", "Tell us if you take warfarin.\nOverview\n", 1))
    assert codes(list(found.problems)) == {"statement-uncovered"}


MENUS = """<html><head><title>Thumb</title></head><body><nav><ul><li>Home</li></ul></nav>
<div class="cookie-banner"><p>We use cookies.</p></div><h1>Thumb</h1><p>An injection.</p></body></html>"""


def test_menus_and_cookie_banners_are_no_part_of_a_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(MENUS)
    assert [block.text for block in read_page(tmp_path / "page.html").blocks] == ["Thumb", "An injection."]


def test_lines_without_bullets_that_look_like_headings_are_no_way_past_it(tmp_path: Path) -> None:
    found = traced(tmp_path, f"{PAGE}Who must not have it\nPregnant women\nPeople with epilepsy\n")
    told = " ".join(each.message for each in found.problems)
    assert codes(list(found.problems)) == {"statement-uncovered"}
    assert "Pregnant women" in told
    assert "epilepsy" in told


DANGER = """
## When to get urgent help
Go to A&E if you cannot pass water, or you have new weakness in the legs.

## After you go home
Call 999 if:

- your face swells

Rest for a day.
"""


@pytest.mark.parametrize(("heading", "left"), [("When to get urgent help", 2), ("After you go home", 1)])
def test_what_to_do_in_danger_is_never_set_aside_with_all_of_a_heading(
    tmp_path: Path, heading: str, left: int
) -> None:
    aside = [{"section": heading, "because": "It asks for nothing at all."}]
    rules = loaded(tmp_path, small(page={**small()["page"], "set_aside": aside}))
    (tmp_path / "page.md").write_text(MARKDOWN + DANGER, encoding="utf-8")
    found = tracing.trace(tmp_path / "thumb.yaml", rules, tmp_path / "page.md")
    there = [each for section in found.every if section.name == heading for each in section.statements]
    assert len([each for each in there if not found.covered.has(each)]) == left


def test_the_remedy_for_a_heading_that_was_not_looked_at_covers_what_it_speaks_of(tmp_path: Path) -> None:
    text = MARKDOWN + DANGER.replace("Rest for a day.", "Rest for a day. Drink a lot.")
    (tmp_path / "page.md").write_text(text, encoding="utf-8")

    def told(**page: object) -> set[str]:
        rules = loaded(tmp_path, small(page={**small()["page"], **page}))
        problems = tracing.trace(tmp_path / "thumb.yaml", rules, tmp_path / "page.md").problems
        return {problem.message for problem in problems if problem.code == "statement-uncovered"}

    because = "It asks for nothing at all."
    gone = told() - told(set_aside=[{"section": "After you go home", "because": because}])
    assert len(gone) == 1


def test_a_common_rule_in_other_words_than_the_page_is_told_with_the_way_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    asked = {
        "questions": [question("ill", safety=True)],
        "flags": [flag("ill", {"ill": ["yes", "not_sure"]})],
    }
    written(tmp_path / "common", {"schema": "screening/1", "title": "C", **asked}, "c.yaml")
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    page = small()["page"]

    def misplaced(**more: object) -> list[str]:
        rules = loaded(tmp_path, small(uses=["common/c"], page={**page, **more}))
        problems = tracing.trace(tmp_path / "thumb.yaml", rules, tmp_path / "page.txt").problems
        return [
            problem.remedy
            for problem in problems
            if problem.code == "phrase-missing" and "ill" in problem.message
        ]

    (remedy,) = misplaced()
    assert "borrowed: {ill" in remedy
    assert misplaced(borrowed={"ill": {"section": "safety", "phrase": "iodine"}}) == []


@pytest.mark.parametrize("name", ["safety", "before"])
def test_what_a_heading_about_safety_lists_is_cut_whatever_its_short_name_is(
    tmp_path: Path, name: str
) -> None:
    page = MARKDOWN + "\n## Before your appointment\n\n- Tell us about a pacemaker or warfarin.\n"
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    read = read_page(tmp_path / "page.md")
    section = section_of(read, name, "Before your appointment")
    assert section is not None
    assert len(section.statements) == 2
