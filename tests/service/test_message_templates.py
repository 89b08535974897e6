"""Templates that come as files: a fault is told with its place, and none ships with one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from screening.core.errors import NotReady
from screening.core.messages import QUESTION, WAYS, compose, faults, health_words
from screening.service.message_templates import about_health, read_templates, shipped_templates
from screening.service.patient import Service

GOOD = "label: X\nsubject: From {clinic}\nwords: |\n  Hello,\n  ring {phone}.\n"
LONGEST_TEXT = 3 * 153  # characters of three parts


def test_what_ships_has_no_fault_and_no_word_about_health(service: Service) -> None:
    assert QUESTION in {template.id for template in shipped_templates()}
    assert [fault for one in shipped_templates() for fault in faults(one, about_health(service))] == []


def test_what_ships_can_be_sent_whatever_the_rules_speak_of(service: Service) -> None:
    every = " ".join(said for one in shipped_templates() for part, said in one.parts() if part != "label")
    speaking = replace(service.library.live(service.today())[0], title=re.sub(r"\{\w+\}", " ", every))
    assert [fault for one in shipped_templates() for fault in faults(one, health_words([speaking]))] == []


def test_a_text_with_the_longest_link_fits_three_parts() -> None:
    said = {
        "clinic": "The Clinic for Everybody in Town",
        "phone": "+44 1632 960 000",
        "reference": "78G-S6R-W4NV",
        "link": f"https://forms.clinic.example.org/answer/{'x' * 32}",
        "code": "123456",
        "day": "Wednesday 30 September",
    }
    letters = [compose(template, way, said) for template in shipped_templates() for way in WAYS]
    assert all("{" not in letter.words for letter in letters)
    assert max(len(letter.words) for letter in letters if not letter.subject) <= LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("{phone}", "{phonr}"), r"line 2, column 6.*\{phonr\}.*\{phone\}"),
        (GOOD.replace("subject", "subjekt"), "subjekt"),
        (GOOD.replace("words", "words:"), "x.yaml"),
        ("- a list\n", "x.yaml"),
        ("", "x.yaml"),
    ],
    ids=["field", "part", "syntax", "list", "empty"],
)
def test_a_file_with_a_fault_is_named_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(NotReady, match=told):
        read_templates(tmp_path)


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(GOOD)
    (found,) = read_templates(tmp_path)
    assert (found.id, found.words) == ("x", "Hello,\nring {phone}.\n")
