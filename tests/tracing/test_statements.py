"""What on a page is a statement: each item of a list, in a sentence or a bullet."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.tracing.statements import items, items_of_bullet
from tests.authoring.writing import codes
from tests.tracing.thumb import PAGE, traced

SENTENCES = {
    "Please tell us if you take tablets, have asthma or are pregnant.": [
        "take tablets",
        "have asthma",
        "are pregnant",
    ],
    "If you have a pacemaker or take heparin, please tell us.": ["have a pacemaker", "take heparin"],
    "Tell us about allergies, infections and blood thinners.": ["allergies", "infections", "blood thinners"],
    "You may need someone with you.": ["You may need someone with you."],
    "If you smoke, tell us.": ["smoke"],
    "Do not have it after a stroke, or if you are pregnant.": [
        "Do not have it after a stroke",
        "are pregnant",
    ],
    "Tell us about allergies and if you take heparin.": ["Tell us about allergies", "take heparin"],
    "Before you come, if you smoke, tell us.": ["Before you come", "smoke"],
    "It may not suit people who are pregnant, who bleed easily, or who have an infection.": [
        "are pregnant",
        "bleed easily",
        "have an infection",
    ],
    "Tell us if you take warfarin or methotrexate, or if you weigh over 130 kg (20 st 7 lb).": [
        "take warfarin",
        "methotrexate",
        "weigh over 130 kg (20 st 7 lb)",
    ],
    "If you take warfarin and methotrexate, please tell us.": ["take warfarin", "methotrexate"],
    "Not in pregnancy, or for people with epilepsy.": ["Not in pregnancy", "epilepsy"],
    "People with a pacemaker must ring us if you need a scan.": ["a pacemaker must ring us", "need a scan"],
    "It is not given with a pacemaker or during pregnancy.": [
        "It is not given with a pacemaker",
        "during pregnancy.",
    ],
    "Tell us about allergies or infections.": ["allergies", "infections"],
    "Tell us if you take blood thinners, such as warfarin, or are pregnant.": [
        "take blood thinners, such as warfarin",
        "are pregnant",
    ],
    "Tell us if you take blood thinners such as warfarin or insulin.": [
        "take blood thinners such as warfarin",
        "insulin",
    ],
    "Tell us if you have fallen twice or more, or use a frame.": ["have fallen twice or more", "use a frame"],
    "Do not drive for 24 hours.": ["Do not drive for 24 hours."],
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_item_of_a_list_in_a_sentence_is_a_statement(sentence: str) -> None:
    assert items(sentence) == SENTENCES[sentence]


BULLETS = {
    "A pacemaker or warfarin": ["A pacemaker", "warfarin"],
    "A pacemaker and warfarin": ["A pacemaker", "warfarin"],
    "Diabetes, a pacemaker, or heart failure": ["Diabetes", "a pacemaker", "heart failure"],
    "If you take warfarin or have a pacemaker": ["If you take warfarin", "have a pacemaker"],
    "Tablets, such as warfarin or heparin": ["Tablets, such as warfarin or heparin"],
    "Anticoagulants such as warfarin or apixaban": ["Anticoagulants such as warfarin or apixaban"],
    "Tablets, such as warfarin or a pacemaker": ["Tablets, such as warfarin", "a pacemaker"],
    "Tablets, such as warfarin or are pregnant": ["Tablets, such as warfarin", "are pregnant"],
    "Tablets such as warfarin, or asthma": ["Tablets such as warfarin", "asthma"],
    "Recent surgery (e.g. a new hip, or a fused spine) or a fall": [
        "Recent surgery (e.g. a new hip, or a fused spine)",
        "a fall",
    ],
    "Metal (if you have a pacemaker or clips)": ["Metal (if you have a pacemaker", "clips)"],
    "Epilepsy, unless free of fits for a year": ["Epilepsy, unless free of fits for a year"],
    "A fall twice or more this year, or asthma": ["A fall twice or more this year", "asthma"],
    "Pain for 2 years or more than one stroke": ["Pain for 2 years", "more than one stroke"],
    "Anticoagulants, e.g. Warfarin": ["Anticoagulants, e.g. Warfarin"],
    "Warfarin, if you take it": ["Warfarin", "if you take it"],
    "Diabetes. A pacemaker.": ["Diabetes.", "A pacemaker."],
    "Pregnancy": ["Pregnancy"],
    "An injection in the last 2 or 3 weeks": ["An injection in the last 2 or 3 weeks"],
    "A weight between 20 and 130 kg": ["A weight between 20 and 130 kg"],
}


@pytest.mark.parametrize("bullet", BULLETS)
def test_each_item_of_a_bullet_of_the_safety_note_is_a_statement(tmp_path: Path, bullet: str) -> None:
    page = PAGE.replace("Arrange a", f"• {bullet}\nArrange a")
    found = traced(tmp_path, page)
    added = [one.text for one in found.sections["safety"].statements][-len(BULLETS[bullet]) :]
    assert added == BULLETS[bullet]
    told = [problem for problem in found.problems if problem.code == "statement-uncovered"]
    assert len(told) == len(added)


def test_a_bullet_of_another_section_stays_whole(tmp_path: Path) -> None:
    found = traced(tmp_path, PAGE.replace("• A sore thumb", "• A sore thumb or wrist"))
    assert "A sore thumb or wrist" in [one.text for one in found.sections["who"].statements]


def test_a_sentence_before_one_that_introduces_a_list_is_a_statement(tmp_path: Path) -> None:
    found = traced(tmp_path, PAGE.replace("It may be considered for", "It is for adults. It may be for"))
    assert codes(list(found.problems)) == {"statement-uncovered"}


@pytest.mark.parametrize(
    ("bullet", "found"),
    [
        ("is, or could be, pregnant", 1),
        ("who reacted badly, including to creams", 1),
        ("a pacemaker or warfarin", 2),
        ("metal, for example in an eye", 1),
    ],
)
def test_what_says_nothing_by_itself_is_no_statement(bullet: str, found: int) -> None:
    assert len(items_of_bullet(bullet)) == found
