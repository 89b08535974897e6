"""A draft passes `check` but for what a person must decide, and `trace` at once."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree

import pytest
import yaml

from screening.authoring.check import check
from screening.core import documents
from screening.core.errors import RuleSetError
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import as_yaml
from screening.core.voices import VOICES
from screening.proving.prove import prove
from screening.tracing.draft import draft
from screening.tracing.said_ages import rule_for, said_age
from screening.tracing.trace import trace
from tests.authoring.writing import SHIPPED, TODAY, codes
from tests.tracing.thumb import HTML, MARKDOWN, PAGE

KNOWN = (
    "Please tell us if you take blood thinners, have diabetes, allergies, active infection, are pregnant, "
    "or have had previous reactions to local anaesthetic or contrast dye. You may need someone to accompany "
    "you home."
)
LINKED = PAGE[: PAGE.index("Please tell us")] + KNOWN + "\n"


def _drafted(folder: Path, page: str, name: str = "page.txt") -> tuple[Path, RuleSet, Path]:
    path = folder / name
    path.write_text(page, encoding="utf-8")
    copytree(SHIPPED / "common", folder / "common", dirs_exist_ok=True)
    made = draft(path, folder)
    file = folder / f"{made.id}.yaml"
    file.write_text(made.text, encoding="utf-8")
    return file, load(file), path


@pytest.mark.parametrize(
    ("name", "page"), [("a.txt", PAGE), ("a.md", MARKDOWN), ("a.html", HTML), ("b.txt", LINKED)]
)
def test_a_draft_waits_only_for_words_and_fits_its_page(tmp_path: Path, name: str, page: str) -> None:
    file, rule_set, path = _drafted(tmp_path, page, name)
    assert codes(check([file], TODAY).problems) == {"to-review"}
    assert trace(file, rule_set, path).problems == ()
    assert prove(rule_set).problems == ()


def test_title_category_and_status_are_read_off_the_page(tmp_path: Path) -> None:
    _, rule_set, _ = _drafted(tmp_path, PAGE)
    assert (rule_set.title, rule_set.category, rule_set.id) == ("Thumb injection", "Hands", "thumb-injection")
    assert rule_set.status == "draft"


def test_a_stroke_in_the_name_of_the_treatment_cuts_no_address(tmp_path: Path) -> None:
    _, rule_set, _ = _drafted(tmp_path, PLAIN.replace("Heel injection", "Heel/foot injection"))
    assert rule_set.id == "heel-foot-injection"


def test_known_items_are_linked_to_the_common_block(tmp_path: Path) -> None:
    file, rule_set, _ = _drafted(tmp_path, LINKED)
    assert "common/injection-safety" in file.read_text()
    assert {flag.place.file.rsplit("/", 1)[-1] for flag in rule_set.flags} == {
        "injection-safety.yaml",
        "before-you-come.yaml",
    }


def test_unknown_items_get_a_question_and_a_flag_of_their_own(tmp_path: Path) -> None:
    _, rule_set, _ = _drafted(tmp_path, LINKED.replace("diabetes", "a pacemaker"))
    own = [flag for flag in rule_set.flags if "pacemaker" in flag.id]
    assert [rule_set.by_id[name].safety for flag in own for name in flag.looks_at] == [True]
    assert not [flag for flag in rule_set.flags if flag.id == "diabetes"]


def test_health_questions_stand_under_the_heading_of_the_common_ones_for_a_carer_too(tmp_path: Path) -> None:
    _, rule_set, _ = _drafted(tmp_path, LINKED.replace("diabetes", "a pacemaker"))
    for voice in VOICES:
        asked = [each for each in rule_set.speaking(voice).questions if each.safety]
        own = {each.section for each in asked if "pacemaker" in each.id}
        assert own <= {each.section for each in asked if "pacemaker" not in each.id}


def test_every_bullet_has_one_indicator(tmp_path: Path) -> None:
    _, rule_set, _ = _drafted(tmp_path, PAGE)
    assert len(rule_set.indicators) == 2


@pytest.mark.parametrize(
    "page", ["Nothing here.", "Who this helps\n• A sore thumb\n", "Safety note\nTell us if you cough.\n"]
)
def test_a_page_without_the_sections_is_refused_saying_what_was_looked_for(tmp_path: Path, page: str) -> None:
    with pytest.raises(RuleSetError) as caught:
        _drafted(tmp_path, page)
    assert {problem.code for problem in caught.value.problems} == {"section-missing"}


def test_a_heading_about_safety_with_nothing_below_is_told_like_one_that_is_not_there(tmp_path: Path) -> None:
    empty = "# Heel\n\n## Who this helps\n\n- A sore heel\n\n## Safety note\n\n## Costs\n\nNothing.\n"
    with pytest.raises(RuleSetError) as caught:
        _drafted(tmp_path, empty, "page.md")
    assert codes(list(caught.value.problems)) == {"section-missing"}


def test_bullets_in_any_script_and_with_odd_marks_get_ids(tmp_path: Path) -> None:
    page = PAGE.replace("• A sore thumb", "• 痛み: “?”\n• 2 sore thumbs # & {all: any}\n• yes")
    file, rule_set, path = _drafted(tmp_path, page)
    assert len(rule_set.indicators) == 4
    assert trace(file, rule_set, path).problems == ()


PLAIN = """Heel injection

An injection under the heel.

Who this treatment helps
- Heel pain in the morning

Before your injection
Please tell us if you:
- have diabetes
- have a pacemaker

After the injection
Rest for two days. If the heel becomes hot and red, ring 111.
"""


def test_a_page_without_levels_has_the_name_that_stands_first(tmp_path: Path) -> None:
    _, rule_set, _ = _drafted(tmp_path, PLAIN)
    assert (rule_set.id, rule_set.title) == ("heel-injection", "Heel injection")
    assert {flag.id for flag in rule_set.flags} == {"diabetes", "pacemaker"}


def test_a_name_that_the_page_does_not_say_waits_for_a_person(tmp_path: Path) -> None:
    file, rule_set, _ = _drafted(tmp_path, PLAIN[PLAIN.index("Who this") :])
    told = [each for each in check([file], TODAY).problems if each.code == "to-review"]
    title = next(n for n, line in enumerate(file.read_text().splitlines(), 1) if line.startswith("title:"))
    assert title in {each.place.line for each in told}
    assert rule_set.id == "treatment"


def test_where_the_page_says_whom_to_ring_in_danger_a_notice_waits_for_a_person(tmp_path: Path) -> None:
    file, rule_set, page = _drafted(tmp_path, PLAIN)
    (notice,) = rule_set.urgent
    assert notice.level == "urgent"
    assert trace(file, rule_set, page).problems == ()
    lines = file.read_text().splitlines()
    waiting = [each for each in check([file], TODAY).problems if each.code == "to-review"]
    below = lines.index("urgent:")
    assert len([each for each in waiting if each.place.line > below]) == 2  # its heading, and what is a sign


def test_bullets_that_say_when_to_call_999_are_one_notice(tmp_path: Path) -> None:
    more = "Call 999 if:\n- your face swells\n- you cannot breathe\nGo to A&E if the heel turns black.\n"
    file, rule_set, page = _drafted(tmp_path, f"{PLAIN}{more}Ring us if you are worried.\n")
    assert [(each.level, len(each.items)) for each in rule_set.urgent] == [
        ("urgent", 1), ("emergency", 1), ("emergency", 2)
    ]  # fmt: skip
    (left,) = trace(file, rule_set, page).problems
    assert "Ring us" in left.message  # no notice, and not set aside unseen


def test_what_stands_under_safety_stays_a_question_though_it_names_a_and_e(tmp_path: Path) -> None:
    asked = "- have a pacemaker\n- were in A&E last month"
    _, rule_set, _ = _drafted(tmp_path, PLAIN.replace("- have a pacemaker", asked))
    assert len(rule_set.urgent) == 1
    assert any("last month" in each.ask for each in rule_set.questions if each.safety)


UNUSUAL = LINKED.replace("Who this helps", "What we use it for").replace("Safety note", "Things to mention")


def test_headings_in_other_words_are_named_by_whoever_drafts(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(UNUSUAL, encoding="utf-8")
    copytree(SHIPPED / "common", tmp_path / "common")
    with pytest.raises(RuleSetError):
        draft(page, tmp_path)
    taken = {"what we use it for": "who", "Things to mention:": "safety"}
    made = dict(draft(page, tmp_path, taken).headings)
    assert (made["What we use it for"], made["Things to mention"]) == ("who", "safety")
    with pytest.raises(RuleSetError) as caught:
        draft(page, tmp_path, {**taken, "Nowhere": "safety"})
    assert codes(list(caught.value.problems)) == {"section-missing"}


def test_a_common_question_is_used_whichever_heading_about_safety_names_it(tmp_path: Path) -> None:
    more = "Precautions\nPlease tell us if you have a pacemaker.\nSafety note\n"
    file, rule_set, path = _drafted(tmp_path, LINKED.replace("Safety note\n", more))
    assert {flag.id for flag in rule_set.flags} >= {"blood_thinners", "diabetes", "pregnancy"}
    assert "safety_2" in {source.section for flag in rule_set.flags for source in flag.sources}
    assert trace(file, rule_set, path).problems == ()
    assert codes(check([file], TODAY).problems) == {"to-review"}


AGES = PLAIN.replace("An injection under the heel.", "For people aged 18 to 80.").replace(
    "- have diabetes", "- are under 18\n- have diabetes"
)


def test_what_says_an_age_waits_with_the_age_rule_that_it_may_be(tmp_path: Path) -> None:
    file, rule_set, path = _drafted(tmp_path, AGES)
    assert codes(check([file], TODAY).problems) == {"to-review"}
    assert "age: {at_least: 18, at_most: 80}" in " ".join(each.because for each in rule_set.page.set_aside)
    (asked,) = (each for each in rule_set.questions if "under 18" in each.ask)
    (proposed,) = re.findall(r"age: {.*}}", asked.ask)
    data = documents.parse(file.read_bytes(), "drafted").plain()  # whoever reads it does what stands there
    for key in ("questions", "flags"):
        data[key] = [each for each in data[key] if each["id"] != asked.id]
    file.write_text(as_yaml({**data, **documents.parse(proposed.encode(), "proposed").plain()}))
    again = load(file)
    assert again.age is not None
    assert trace(file, again, path).problems == ()


NO_AGES = (
    "BP over 180/100",
    "weigh over 130 kg",
    "more than 20 weeks pregnant",
    "surgery under 2 years ago",
    "pain for 3 months or more",
    "a fracture within the last 12 weeks",
)


@pytest.mark.parametrize("said", NO_AGES)
def test_a_figure_that_is_no_age_proposes_none(said: str) -> None:
    assert said_age(said) == {}


@pytest.mark.parametrize(
    "phrase", ["18", "no", "under 16, unless a parent comes", "Age: under 16", "#16s 'x'"]
)
def test_a_proposed_rule_reads_back_whatever_words_of_the_page_it_points_at(phrase: str) -> None:
    source = {"section": "safety", "phrase": phrase}
    assert yaml.safe_load(rule_for({"at_least": 16}, source)) == {"age": {"at_least": 16, "source": source}}


@pytest.mark.parametrize(
    "lost",
    [
        "Please tell us if you:\nhave diabetes\nHave a pacemaker\nAsthma, or bad lungs\n",
        "have diabetes\nHave a pacemaker\nAsthma, or bad lungs\n",
        "Have a pacemaker\nAsthma, or bad lungs\nhave diabetes\n",
    ],
)
def test_a_list_that_lost_its_bullets_is_read_as_one(tmp_path: Path, lost: str) -> None:
    whole = "Please tell us if you:\n- have diabetes\n- have a pacemaker\n"
    file, rule_set, path = _drafted(tmp_path, PLAIN.replace(whole, lost))
    assert codes(check([file], TODAY).problems) == {"to-review"}
    assert trace(file, rule_set, path).problems == ()
    labels = " ".join(flag.label for flag in rule_set.flags).casefold()
    assert all(word in labels for word in ("diabetes", "pacemaker", "asthma", "bad lungs"))


def test_of_lines_far_apart_that_may_be_a_list_none_is_lost(tmp_path: Path) -> None:
    whole = "- have diabetes\n- have a pacemaker\n"
    lost = "\nHave diabetes\n\nHave a pacemaker\n\nBad lungs\n\nWe ask for your safety.\n"
    file, rule_set, path = _drafted(tmp_path, PLAIN.replace(whole, lost).replace("you:", "you smoke."))
    told = " ".join(each.message for each in trace(file, rule_set, path).problems)
    assert all(words in told for words in ("Have diabetes", "Have a pacemaker", "Bad lungs"))
