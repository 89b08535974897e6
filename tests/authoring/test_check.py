"""`check` says everything that is wrong, each with its code, its place and a remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from screening.authoring import versions
from screening.authoring.check import check
from screening.authoring.deciding import banned_words
from screening.authoring.language import reading_age
from screening.core.errors import RuleSetError
from screening.core.loading import load
from screening.settings import shipped
from tests.authoring.writing import SHIPPED, TODAY, codes, flag, found, live, loaded, question, small, written

Data = dict[str, Any]
HARD = (
    "Notwithstanding considerable interindividual variability, anticoagulation necessitates individualised "
    "perioperative deliberation regarding thromboembolic complications, haemorrhagic predisposition and "
    "multidisciplinary consultation preceding neuraxial interventional procedures."
)


def _flags(**changes: Any) -> Data:
    return small(flags=[{**flag("fever", {"fever": ["yes", "not_sure"]}), **changes}])


def _asks(**changes: Any) -> Data:
    questions = small()["questions"]
    return small(questions=[*questions, question("more", **changes)])


def _many(**changes: Any) -> Data:
    answers = [{"id": "a", "label": "Touch"}, {"id": "b", "label": "Warmth"}]
    return _asks(type="choose_many", answers=answers, **changes)


SPOILED: dict[str, tuple[str, Data]] = {
    "a flag looks at nobody's question": ("unknown-name", _flags(raise_when={"fevre": "yes"})),
    "a condition looks down": (
        "wrong-order",
        small(questions=[question("hurts", ask_when={"fever": "yes"}), question("fever", safety=True)]),
    ),
    "an id stands twice": ("duplicate-id", small(flags=[flag("fever", {"fever": "yes"})] * 2)),
    "a safety question without not sure": ("not-sure-missing", _asks(safety=True, answers="yes_no")),
    "a key that is none": ("format", small(colour="blue")),
    "a flag without a source": ("no-source", _flags(source=None)),
    "a flag without a source that does not say why": ("no-source", _flags(source={"none": "Because."})),
    "a source with a key that is none": ("format", _flags(source={"section": "safety", "frase": "fever"})),
    "a whole sentence as phrase": (
        "long-phrase",
        _flags(source={"section": "safety", "phrase": "one two three four five six"}),
    ),
    "a review that reception hears nothing of": ("nobody-told", _flags(say={"clinician": "Look."})),
    "something to arrange that reception hears nothing of": (
        "nobody-told",
        _flags(handling="arrange", say={"clinician": "Look."}),
    ),
    "a decision told to staff": ("banned-word", _flags(label="Not suitable")),
    "a decision told to patients": ("banned-word", small(title="Are you eligible?")),
    "advice in a hint": ("banned-word", _asks(hint="You may stop taking aspirin.")),
    "advice over two lines": ("banned-word", _asks(hint="It is safe\nto come.")),
    "a word that the clinic bans": ("banned-word", _asks(hint="Good luck!") | {"wording": {"ban": ["luck"]}}),
    "an exception for nothing": (
        "unused-exception",
        small(wording={"allow": [{"word": "suitable", "where": "title", "reason": "Its name."}]}),
    ),
    "words of a draft": ("to-review", _asks(why="TO REVIEW: why?")),
    "hard words": ("reading-age", _asks(hint=HARD)),
    "two answers that read alike": (
        "reads-alike",
        _asks(answers=[{"id": "a", "label": "In the leg"}, {"id": "b", "label": "The leg."}]),
    ),
    "two questions that read alike": ("reads-alike", _asks(ask="Does it hurt")),
    "a carer asked about themselves": (
        "one-voice",
        _asks(ask="For whom is it?", contact="for_whom", answers=[{"id": "me", "label": "Me"}]),
    ),
    "several answers without a hint": ("hint-missing", _many()),
    "a date without a hint": (
        "hint-missing",
        small(questions=[*small()["questions"], {"id": "day", "ask": "When?", "type": "date"}]),
    ),
    "a scale without words at its ends": (
        "hint-missing",
        small(questions=[*small()["questions"], {"id": "bad", "ask": "How bad?", "type": "scale"}]),
    ),
    "minutes that are worked out by now": ("not-shown", small(start={"minutes": 15})),
    "a review date that has passed": ("review-passed", small(review_by="2026-11-19")),
}


def test_a_rule_may_stand_for_no_statement_of_the_page_when_it_says_why(tmp_path: Path) -> None:
    assert found(tmp_path, _flags(source={"none": "Asked because of the guidance on steroids."})) == []


def test_a_sound_rule_set_has_no_problem_and_no_warning(tmp_path: Path) -> None:
    assert found(tmp_path, small()) == []


def test_the_shipped_rule_sets_have_no_problem() -> None:
    assert check([SHIPPED], TODAY).problems == []


@pytest.mark.parametrize("what", SPOILED)
def test_what_is_wrong_is_told_with_its_code_and_place(tmp_path: Path, what: str) -> None:
    code, data = SPOILED[what]
    told = [one for one in found(tmp_path, _without_empty(data)) if one.code == code]
    assert told
    assert all(one.place.file.endswith("thumb.yaml") and one.message and one.remedy for one in told)


def _without_empty(data: Data) -> Data:
    for one in data.get("flags", []):
        if one.get("source", ...) is None:
            del one["source"]
    return data


def test_a_heading_over_several_questions_is_told_once(tmp_path: Path) -> None:
    whom = question("whom", contact="for_whom", answers=[{"id": "me", "label": "Me"}], section="Who")
    asked = [question("a", section="Your thumb"), question("b"), question("c")]
    told = found(tmp_path, small(questions=[whom, *small()["questions"], *asked]))
    assert len([each for each in told if each.code == "one-voice" and ".section " in each.message]) == 1


def test_a_word_list_is_checked_with_the_rule_sets_beside_it(tmp_path: Path) -> None:
    file = written(tmp_path, small())
    assert check([file], TODAY).problems == []
    (tmp_path / "common" / "words").mkdir(parents=True)
    list_ = tmp_path / "common" / "words" / "w.yaml"
    list_.write_text("schema: screening-words/1\nsubjects:\n  - {subject: fevre, words: [shivers]}\n")
    for path in (file, tmp_path):
        (problem,) = check([path], TODAY).problems
        assert (problem.code, problem.place.file, problem.place.line) == ("unknown-name", str(list_), 3)


def test_everything_is_told_in_one_go(tmp_path: Path) -> None:
    data = small(
        title="Are you eligible?",
        flags=[flag("fever", {"fevre": "yes"}, label="Approved"), flag("other", {"hurts": "yes"}, say={})],
    )
    assert codes(found(tmp_path, data)) >= {"unknown-name", "banned-word"}


BREAKS: dict[str, Callable[[str], str]] = {
    "no YAML": lambda text: f"{text}  - [\n",
    "no list": lambda text: text.replace("\nquestions:", "\nquestions: x\nflag:", 1),
    "a type of no name": lambda text: text.replace("type: ", "type: un", 1),
    "an id of no name": lambda text: text.replace("- id: ", "- di: ", 1),
}


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize(
    "name", ["common/whom", "common/about-you", "common/lower-back", "common/words/safety"]
)
def test_of_what_is_in_a_file_that_cannot_be_read_nothing_untrue_is_told(
    tmp_path: Path, name: str, how: str
) -> None:
    rules = copytree(shipped("rules"), tmp_path / "rules")
    file = rules / f"{name}.yaml"
    file.write_text(BREAKS[how](file.read_text()))
    assert {problem.place.file for problem in check([rules], TODAY).problems} <= {str(file)}


def test_what_is_wrong_in_other_files_is_told_beside_one_that_cannot_be_read(tmp_path: Path) -> None:
    rules = copytree(shipped("rules"), tmp_path / "rules")
    unread, *others = (
        rules / f"{name}.yaml"
        for name in ("example-knee-injection", "common/lower-back", "lumbar-sympathetic-block", "common/whom")
    )
    unread.write_text(BREAKS["no YAML"](unread.read_text()))
    for file in others:
        file.write_text(file.read_text().replace("type: ", "type: un", 1))
    lists = rules / "common" / "words" / "safety.yaml"
    lists.write_text(lists.read_text() + "    word: [x]\n")
    found = {problem.place.file for problem in check([rules], TODAY).problems}
    assert found == {str(file) for file in (unread, *others, lists)}


def test_a_word_is_told_where_it_stands(tmp_path: Path) -> None:
    (told,) = found(tmp_path, small(title="Are you eligible?"))
    assert (told.place.line, told.place.column) == (4, 8)


@pytest.mark.parametrize("where", ["title", "flags.fever", "flags.fever.label"])
def test_a_banned_word_may_stand_where_a_reason_is_given(tmp_path: Path, where: str) -> None:
    data = _flags(label="Suitable shoes") if where != "title" else small(title="Suitable shoes")
    allow = [{"word": "suitable", "where": where, "reason": "Shoes, not people."}]
    assert found(tmp_path, {**data, "wording": {"allow": allow}}) == []


@pytest.mark.parametrize("reason", ["", None, " "])
def test_an_exception_without_a_reason_is_none(tmp_path: Path, reason: str | None) -> None:
    allow = [{"word": "suitable", "where": "title", "reason": reason}]
    assert "banned-word" in codes(found(tmp_path, small(title="Suitable", wording={"allow": allow})))


def test_an_exception_holds_in_its_place_only(tmp_path: Path) -> None:
    data = small(title="Suitable", category="Suitable")
    allow = [{"word": "suitable", "where": "title", "reason": "Its name."}]
    told = found(tmp_path, {**data, "wording": {"allow": allow}})
    assert codes(told) == {"banned-word"}


@pytest.mark.parametrize(
    "words", ["Unsuitable shoes", "unsafely", "We will stop. Taking tablets", "approach"]
)
def test_a_ban_is_of_whole_words(words: str) -> None:
    assert not [
        one for one in banned_words(words) if one in ("suitable", "unsafe", "stop taking", "approve*")
    ]


@pytest.mark.parametrize("words", ["You’re ELIGIBLE", "disapproved", "don’t take", "qualifies"])
def test_case_endings_and_quotes_hide_no_banned_word(words: str) -> None:
    assert list(banned_words(words))


def test_longer_words_and_sentences_need_an_older_reader() -> None:
    assert reading_age("Do you have pain? Tell us.") < 9 < 14 < reading_age(HARD)


def test_the_day_decides_whether_a_review_is_due(tmp_path: Path) -> None:
    data = small(review_by="2026-11-20")
    assert found(tmp_path, data, date(2026, 11, 20)) == []
    assert codes(found(tmp_path, data, date(2026, 11, 21))) == {"review-passed"}


def test_a_retired_rule_set_needs_no_review(tmp_path: Path) -> None:
    assert found(tmp_path, small(review_by="2020-01-01", status="retired")) == []


def test_a_recorded_version_that_changed_is_told_until_its_number_is_raised(tmp_path: Path) -> None:
    before = live()
    versions.record(tmp_path / "thumb.yaml", loaded(tmp_path, before))
    assert found(tmp_path, before) == []
    changed = {**before, "title": "Another title"}
    (problem,) = found(tmp_path, changed)
    assert problem.code == "version-unchanged"
    assert written(tmp_path, changed).read_text().splitlines()[problem.place.line - 1] == "version: 1.0.0"
    assert found(tmp_path, {**changed, "version": "1.0.1"}) == []


def test_a_record_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "thumb.yaml"
    versions.record(file, loaded(tmp_path, small()))
    versions.record(file, loaded(tmp_path, small(title="Another title")))
    assert codes(found(tmp_path, small(title="Another title"))) == {"version-unchanged"}


@pytest.mark.parametrize("kept", ["document.json", "copy.yaml"])
def test_an_archived_copy_tells_a_changed_version(tmp_path: Path, kept: str) -> None:
    before = loaded(tmp_path, small())
    copy = written(tmp_path, small() if kept.endswith("yaml") else before.document, kept)
    file = written(tmp_path, small(title="Another title"))
    assert codes(check([file], TODAY, copy).problems) == {"version-unchanged"}
    assert check([written(tmp_path, small())], TODAY, copy).problems == []


SPOILERS: dict[str, Callable[[str], str]] = {
    "half": lambda text: text[: len(text) // 2],
    "no list": lambda text: text.replace('"versions"', '"version"'),
    "numbers": lambda _: json.dumps({"schema": "screening-versions/1", "versions": {"1.0.0": 3}}),
}


@pytest.mark.parametrize("spoiled", SPOILERS)
def test_a_broken_record_is_told(tmp_path: Path, spoiled: str) -> None:
    file = written(tmp_path, small())
    record = {"schema": "screening-versions/1", "versions": {"1.0.0": "abc"}}
    file.with_name("thumb.versions.yaml").write_text(SPOILERS[spoiled](json.dumps(record)))
    assert check([file], TODAY).problems


def test_fingerprints_and_records_are_no_rule_sets(tmp_path: Path) -> None:
    versions.record(tmp_path / "thumb.yaml", loaded(tmp_path, small()))
    written(tmp_path, "schema: screening-page/1\n", "thumb.page.yaml")
    assert [one.id for one in check([tmp_path], TODAY).rule_sets] == ["thumb"]
    assert load(tmp_path / "thumb.yaml").wording.allow == ()


def test_a_file_that_no_rule_set_is_called_like_is_told(tmp_path: Path) -> None:
    data = small(id="other")
    (tmp_path / "other.cases.yaml").write_text("schema: screening-cases/1\n")
    assert "never-read" in codes(found(tmp_path, data))
    (tmp_path / "other.cases.yaml").rename(tmp_path / "thumb.cases.yaml")
    assert "never-read" not in codes(found(tmp_path, data))


def test_a_folder_in_which_only_a_misnamed_rule_set_stands_names_it(tmp_path: Path) -> None:
    (tmp_path / "heel.yaml.txt").write_text("schema: screening/1\n")
    with pytest.raises(RuleSetError, match=r"heel\.yaml\.txt"):
        check([tmp_path], TODAY)


def test_a_question_that_stands_twice_is_told_once(tmp_path: Path) -> None:
    data = small()
    again = {**data["questions"][-1], "ask": "And something else?"}
    said = found(tmp_path, {**data, "questions": [*data["questions"], again]})
    assert [problem.code for problem in said] == ["duplicate-id"]


@pytest.mark.parametrize("name", ["heel.yaml.txt", "heel.YAML", "heel.yml.docx"])
def test_a_file_whose_name_ends_otherwise_is_told(tmp_path: Path, name: str) -> None:
    assert "never-read" not in codes(found(tmp_path, small()))
    (tmp_path / name).write_text("schema: screening/1\n")
    assert "never-read" in codes(found(tmp_path, small()))


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("    answers: [{id: a, label: Yes, often}]", "quotes"),
        ("    answers: [{id: a, label: “Yes, often”}]", "quotes"),
        ("\u00a0\u00a0ask: x", "spaces"),
    ],
)
def test_a_comma_in_a_text_and_blanks_that_are_none_are_named(tmp_path: Path, line: str, meant: str) -> None:
    head = (
        "schema: screening/1\nid: t\nversion: 1.0.0\ntitle: T\nquestions:\n  - id: q\n    type: choose_one\n"
    )
    remedies = [each.remedy for each in found(tmp_path, f"{head}{line}\n") if each.place.line == 8]
    assert any(meant in remedy for remedy in remedies)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("ask: Which", "axk: Which"),  # a key that there is not
        ("type: choose_one", "type: choose_won"),
        ("questions:", "questions: ["),  # no YAML
        ("label: Left", "label: You are approved"),  # words that decide
    ],
)
def test_a_common_block_that_no_rule_set_uses_is_checked_too(tmp_path: Path, was: str, now: str) -> None:
    written(tmp_path, small())
    block = tmp_path / "common" / "spare.yaml"
    block.parent.mkdir()
    asks = "questions:\n  - id: spare_side\n    ask: Which side?\n    type: choose_one\n    answers:\n"
    asks += "      - {id: l, label: Left}\n      - {id: r, label: Right}\n"
    block.write_text(asks)
    assert check([tmp_path], TODAY).problems == []
    block.write_text(asks.replace(was, now))
    problems = check([tmp_path], TODAY).problems
    assert problems
    assert {problem.place.file for problem in problems} == {str(block)}


def test_what_only_whoever_uses_a_block_can_know_is_not_told_of_it(tmp_path: Path) -> None:
    written(tmp_path, small())
    block = tmp_path / "common" / "spare.yaml"
    block.parent.mkdir()
    block.write_text(
        "questions:\n  - id: spare\n    ask: {me: Do you?, other: Does the patient?}\n    type: choose_one\n"
        "    answers: yes_no_not_sure\n    ask_when: {asked_elsewhere: yes}\n"
    )
    assert check([tmp_path], TODAY).problems == []
    block.write_text("urgent:\n  - {id: now, level: urgent, heading: Ring 111 if, items: [a, b]}\n")
    assert {problem.code for problem in check([tmp_path], TODAY).problems} <= {"no-source"}


@pytest.mark.parametrize(
    ("condition", "told"),
    [({"age": {"at_least": 65}}, "Ask it"), ({"fever": "yes, not_sure"}, "[yes, not_sure]")],
)
def test_what_no_condition_says_is_told_with_what_to_write(
    tmp_path: Path, condition: dict[str, object], told: str
) -> None:
    with pytest.raises(RuleSetError) as caught:
        loaded(tmp_path, small(flags=[flag("fever", condition)]))
    (problem,) = caught.value.problems
    assert told in problem.remedy
