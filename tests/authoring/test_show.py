"""The page to sign holds every question and rule, and nothing in the words becomes markup."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from screening.authoring import flow, sentences
from screening.authoring.cases import load_cases
from screening.authoring.files import cases_beside
from screening.authoring.show import as_html, as_pdf, contents
from screening.core.loading import load
from screening.core.sources import Source
from screening.proving.prove import prove
from tests.authoring.writing import SHIPPED, flag, loaded, question, small

LUMBAR = SHIPPED / "lumbar-sympathetic-block.yaml"
_BOX = r'<rect x="\d+" y="(\d+)" width="\d+" height="(\d+)"'
HOSTILE = '<script>alert(1)</script> #panic() *[x]* $1$ \\ "q" & {y}'


class _Tags(HTMLParser):
    """The tags, the addresses and the words of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def test_every_question_rule_case_and_the_proof_are_on_the_page() -> None:
    rule_set, cases = load(LUMBAR), load_cases(LUMBAR.with_suffix(".cases.yaml"))
    page = _Tags(as_html(contents(rule_set, [cases], prove(rule_set))))
    for one in rule_set.rules:
        assert one.label in page.words
        assert not isinstance(one.source, Source) or one.source.phrase in page.words
    assert all(one.ask in page.words for one in rule_set.questions)
    assert all(case.case in page.words for case in cases.cases)


def test_the_page_stands_alone_and_runs_nothing() -> None:
    page = _Tags(as_html(contents(load(LUMBAR))))
    assert not page.tags & {"script", "link", "img", "iframe", "object"}
    assert not page.attributes & {"src", "href", "onload", "onclick"}


def test_words_never_become_markup(tmp_path: Path) -> None:
    data = small(
        title=HOSTILE,
        questions=[question("hurts", ask=HOSTILE, hint=HOSTILE), question("fever", safety=True)],
        flags=[flag("fever", {"fever": ["yes", "not_sure"]}, label=HOSTILE, say={"clinician": HOSTILE})],
    )
    shown = contents(loaded(tmp_path, data))
    page = _Tags(as_html(shown))
    assert "script" not in page.tags
    assert HOSTILE in page.words
    assert as_pdf(shown).startswith(b"%PDF-")


def test_the_pdf_of_the_shipped_rule_set_has_twelve_pages_at_most() -> None:
    rule_set = load(LUMBAR)
    whole = contents(rule_set, cases_beside(LUMBAR, rule_set), prove(rule_set))
    assert len(PdfReader(BytesIO(as_pdf(whole))).pages) <= 12


def test_a_rule_set_without_rules_or_notices_can_be_shown(tmp_path: Path) -> None:
    shown = contents(loaded(tmp_path, small(indicators=[], flags=[])))
    assert as_html(shown)
    assert as_pdf(shown).startswith(b"%PDF-")


def test_a_sentence_names_every_answer_that_counts_in_the_words_of_the_patient() -> None:
    rule_set = load(LUMBAR)
    for one in rule_set.flags:
        stressed = {piece.text for piece in sentences.of_flag(rule_set, one) if piece.stressed}
        labels = {
            answer.label
            for name in one.looks_at
            for answer in rule_set.by_id[name].answers
            if not answer.clears
        }
        assert stressed == labels


def test_all_any_and_bounds_become_words(tmp_path: Path) -> None:
    asked = {"id": "bad", "ask": "How bad?", "type": "scale", "low": "No", "high": "Worst"}
    when = {"all": [{"bad": {"at_least": 3, "at_most": 5}}, {"any": [{"hurts": "yes"}, {"hurts": "no"}]}]}
    data = small(questions=[*small()["questions"], asked], flags=[flag("bad", when)])
    pieces = sentences.of_flag(rule_set := loaded(tmp_path, data), rule_set.flags[0])
    said = "".join(f"*{piece.text}*" if piece.stressed else piece.text for piece in pieces)
    assert "*at least 3* and *at most 5*" in said
    assert " or " in said


@pytest.mark.parametrize(
    ("age", "birthdays"),
    [({"at_least": 18}, {"18"}), ({"at_most": 17}, {"18"}), ({"at_least": 5, "at_most": 17}, {"5", "18"})],
)
def test_who_signs_reads_on_which_birthdays_the_age_rule_begins_and_ends(
    tmp_path: Path, age: dict[str, int], birthdays: set[str]
) -> None:
    born = {"id": "born", "ask": "When?", "type": "date", "contact": "birth_date"}
    asked = small(questions=[*small()["questions"], born])
    plain, ruled = (
        Counter(re.findall(r"\w+", _Tags(as_html(contents(loaded(tmp_path, asked | more)))).words))
        for more in ({}, {"age": age})
    )
    assert {word for word in ruled - plain if word.isdigit()} == birthdays


def test_the_picture_has_a_box_for_each_question_and_a_line_for_each_follow_up(tmp_path: Path) -> None:
    follow_up = question("more", ask_when={"hurts": "yes"})
    shown = contents(loaded(tmp_path, small(questions=[*small()["questions"], follow_up])))
    assert (shown["flow"].count("<rect "), shown["flow"].count("<path ")) == (3, 1)


def test_each_strip_of_the_picture_holds_whole_boxes_and_no_part_of_another() -> None:
    held: list[float] = []
    for strip in flow.pages(load(LUMBAR)):
        top, height = map(float, re.findall(r'viewBox="0 (\d+) \d+ (\d+)"', strip)[0])
        boxes = [(float(y), float(y) + float(tall)) for y, tall in re.findall(_BOX, strip)]
        inside = [box for box in boxes if box[0] < top + height and box[1] > top]
        assert all(top < box[0] and box[1] < top + height for box in inside)
        held += [box[0] for box in inside]
    assert held == sorted(set(held))
    assert len(held) == len(load(LUMBAR).questions)
