"""Publishing: what refuses it, and that what is published never changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from screening.core.errors import Unavailable
from screening.core.loading import load
from screening.core.serialising import as_yaml
from screening.core.word_lists import LostName
from screening.publishing.publish import Candidate, history, publish, retire
from screening.publishing.sign import dossier, is_reason, signatures, write_copy
from screening.service.library import Library
from screening.storage import rule_sets, tables
from screening.storage.database import reading, writing

from .making import (
    CASES,
    ID,
    NOW,
    PAGE,
    QUIETER,
    REASON,
    TODAY,
    agreed_and_published,
    codes,
    keep_signature,
    publish_it,
    sign_it,
    write_rules,
)

LIGHT = (
    "accept:\n",
    "accept:\n  - {code: handling-light, where: flags.fever, reason: A nurse asks again.}\n",
)
NEXT = ("version: 1.0.0", "version: 1.1.0")


@pytest.fixture
def file(engine: Engine, tmp_path: Path) -> Path:
    """A rule set that passes everything, and is signed by both."""
    written = write_rules(tmp_path / "rules")
    sign_it(engine, written)
    return written


def change(engine: Engine, file: Path, *changes: tuple[str, str], reason: str = REASON) -> Path:
    """Write it anew, and have it signed."""
    write_rules(file.parent, *changes)
    sign_it(engine, file, reason=reason)
    return file


@pytest.mark.both_engines
def test_what_passes_and_is_signed_is_published_and_archived(engine: Engine, file: Path) -> None:
    outcome = publish_it(engine, file)
    assert outcome.problems == ()
    rule_set = load(file)
    (kept,) = history(engine, ID)
    assert (kept.digest, kept.version, kept.signed_name) == (rule_set.digest, "1.0.0", "Dr Robin Example")
    assert (kept.published_at, kept.signed_on, kept.traced, kept.stands) == (NOW, TODAY, True, True)
    assert (kept.seconded_name, kept.begins_on) == ("Dr Kim Other", TODAY)
    with reading(engine) as connection:
        assert rule_sets.load(connection, rule_set.digest) == rule_set.document


def test_publishing_again_changes_nothing(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    before = history(engine)
    outcome = publish_it(engine, file)
    assert outcome.again
    assert history(engine) == before


def test_a_page_that_changed_since_is_told_at_the_version_that_is_to_be_raised(
    engine: Engine, file: Path, tmp_path: Path
) -> None:
    publish_it(engine, file)
    page = tmp_path / "page.txt"
    page.write_text(PAGE + "- blood thinners\n")
    outcome = publish_it(engine, file, page)
    assert outcome.again
    assert codes(outcome) == {"page-changed", "statement-uncovered", "page-added"}
    line = file.read_text().splitlines().index("version: 1.0.0") + 1
    assert line in {problem.place.line for problem in outcome.problems if problem.code == "page-changed"}


def test_nothing_is_published_that_nobody_signed(engine: Engine, tmp_path: Path) -> None:
    assert codes(publish_it(engine, write_rules(tmp_path))) == {"not-signed"}
    assert history(engine) == []


def test_a_sign_off_is_void_once_the_content_changes_but_not_the_status(engine: Engine, file: Path) -> None:
    write_rules(file.parent, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    assert codes(publish_it(engine, file)) == {"signed-other"}
    write_rules(file.parent, ("status: live", "status: draft"))
    assert codes(publish_it(engine, file)) == {"not-live"}


# Each way in which a sign-off could be forged, or agreement be missing


def test_a_file_that_says_who_signed_publishes_nothing(engine: Engine, file: Path) -> None:
    rule_set = load(file)
    with reading(engine) as connection:
        found = signatures(connection, ID, dossier(file, rule_set).content)
    copy = write_copy(file, found)
    assert rule_set.digest in copy.read_text()
    write_rules(file.parent, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    copy.write_text(copy.read_text().replace(rule_set.digest, load(file).digest))
    assert codes(publish_it(engine, file)) == {"signed-other"}


def test_a_row_that_no_event_vouches_for_is_no_signature(engine: Engine, tmp_path: Path) -> None:
    file = write_rules(tmp_path)
    whole = dossier(file, load(file))
    for part, name in (("agreed", "Dr Robin Example"), ("seconded", "Dr Kim Other")):
        keep_signature(engine, whole, part, name, told=False)  # type: ignore[arg-type]  # both are parts
    assert codes(publish_it(engine, file)) == {"not-signed"}


def test_a_row_that_was_changed_after_signing_is_no_signature(engine: Engine, file: Path) -> None:
    other = write_rules(file.parent, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    with writing(engine) as connection:
        content = dossier(other, load(other)).content
        connection.execute(update(tables.sign_offs).values(content=content))
    assert codes(publish_it(engine, other)) == {"not-signed"}


def test_one_person_alone_publishes_nothing(engine: Engine, tmp_path: Path) -> None:
    file = write_rules(tmp_path)
    sign_it(engine, file, second="")
    assert codes(publish_it(engine, file)) == {"not-seconded"}
    keep_signature(engine, dossier(file, load(file)), "seconded", "Dr Robin Example")
    assert codes(publish_it(engine, file)) == {"not-seconded"}


def test_cases_that_were_gutted_after_signing_void_it(engine: Engine, file: Path) -> None:
    write_rules(file.parent, cases=CASES.replace("expect: {flags: {fever: answered}}", "expect: {}"))
    assert codes(publish_it(engine, file)) == {"signed-other", "one-way"}
    file.with_name(f"{ID}.more.cases.yaml").write_text(CASES)
    assert "signed-other" in codes(publish_it(engine, file))


def test_fingerprints_that_changed_after_signing_void_it(engine: Engine, file: Path) -> None:
    page = file.parent / f"{ID}.page.yaml"
    page.write_text(page.read_text().replace("rules: [fever]", "rules: [infection]"))
    page.write_text(page.read_text().replace("version: 1.0.0", "version: 0.9.0"))
    assert "signed-other" in codes(publish_it(engine, file))


def test_a_remark_in_the_cases_voids_nothing(engine: Engine, file: Path) -> None:
    file.with_name(f"{ID}.cases.yaml").write_text(CASES + "# read on Monday\n")
    assert publish_it(engine, file).problems == ()


def test_one_empty_case_shows_nothing(engine: Engine, file: Path) -> None:
    usual = CASES.partition("cases:")[0]
    write_rules(file.parent, cases=usual + "cases:\n  - {case: It is well., expect: {}}\n")
    sign_it(engine, file)
    assert codes(publish_it(engine, file)) == {"one-way"}


def test_generated_cases_that_wait_for_a_name_refuse_it(engine: Engine, file: Path) -> None:
    waiting = file.with_name(f"{ID}.generated.cases.yaml")
    waiting.write_text(CASES)
    sign_it(engine, file)
    assert codes(publish_it(engine, file)) == {"generated-unsigned"}


def test_a_page_that_is_not_given_or_has_no_fingerprints_refuses_it(engine: Engine, file: Path) -> None:
    without = publish(engine, Candidate(file, load(file), None), today=TODAY, now=NOW)
    assert codes(without) == {"page-not-given"}
    (file.parent / f"{ID}.page.yaml").unlink()
    sign_it(engine, file)
    assert codes(publish_it(engine, file)) == {"page-unsigned"}


@pytest.mark.parametrize(
    "change_of",
    [
        ("Check the temperature again.", "Nothing to check."),
        ("Do you have a high temperature?", "Are you quite hot?"),
        QUIETER,
    ],
)
def test_what_is_quieter_or_says_something_else_wants_a_reason_of_substance(
    engine: Engine, file: Path, change_of: tuple[str, str]
) -> None:
    publish_it(engine, file)
    change(engine, file, NEXT, change_of, reason=".")
    assert codes(publish_it(engine, file)) == {"flag-quieter"}


def test_a_reason_has_a_few_different_words() -> None:
    assert is_reason(REASON)
    assert not any(map(is_reason, ["", ".", "a b c d e f g h", "safe safe safe safe safe", "No reason"]))


@pytest.mark.parametrize("same", ["page", "title"])
def test_a_lighter_version_under_a_new_id_is_held_against_the_old_one(
    engine: Engine, file: Path, same: str
) -> None:
    publish_it(engine, file)
    other = ("Sore thumb injection", "Thumb") if same == "page" else ("/sore-thumb", "/thumb")
    gone = ("id: fever\n    label", "id: warm\n    label")
    text = write_rules(file.parent, other, gone).read_text().replace("id: sore-thumb", "id: thumb-two")
    new = file.with_name("thumb-two.yaml")
    new.write_text(text)
    assert "flag-quieter" in codes(publish_it(engine, new))


def test_another_treatment_is_held_to_the_flags_that_it_shares(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    others = (("Sore thumb injection", "Thumb"), ("/sore-thumb", "/thumb"))
    lighter = ("Check the temperature again.", "Nothing to check.")
    text = write_rules(file.parent, *others, lighter).read_text().replace("id: sore-thumb", "id: thumb-two")
    new = file.with_name("thumb-two.yaml")
    new.write_text(text)
    assert "flag-quieter" in codes(publish_it(engine, new))
    new.write_text(text.replace(lighter[1], lighter[0]))
    assert "flag-quieter" not in codes(publish_it(engine, new))


def test_going_back_is_publishing_anew(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    change(engine, file, NEXT, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    assert publish_it(engine, file, later=1).problems == ()
    write_rules(file.parent)
    assert codes(publish_it(engine, file)) == {"version-retired", "version-taken"}
    change(engine, file, ("version: 1.0.0", "version: 1.2.0"))
    assert publish_it(engine, file, later=2).problems == ()


def test_a_version_from_later_on_begins_then(engine: Engine, file: Path) -> None:
    later = ("status: live", "status: live\neffective_from: 2027-06-01")
    agreed_and_published(engine, write_rules(file.parent, later))
    assert history(engine)[0].begins_on == date(2027, 6, 1)


@pytest.mark.parametrize(
    ("changes", "cases", "page", "code"),
    [
        ([("Which thumb hurts?", "Are you suitable?")], CASES, None, "banned-word"),
        ([("{fever: [yes, not_sure]}", "{fever: yes}")], CASES, None, "lost-answer"),
        ([], CASES.replace("night_pain: matched", "night_pain: possible"), None, "case-failed"),
        ([], CASES.partition("cases:")[0] + "cases: []\n", None, "case-missing"),
        ([], CASES, "A page of something else\n", "section-missing"),
        ([], CASES, PAGE + "- blood thinners\n", "statement-uncovered"),
    ],
)
def test_each_gate_refuses_by_itself(
    engine: Engine,
    tmp_path: Path,
    changes: list[tuple[str, str]],
    cases: str,
    page: str | None,
    code: str,
) -> None:
    file = write_rules(tmp_path / "rules", *changes, cases=cases)
    sign_it(engine, file)
    treatment_page = tmp_path / "page.txt" if page is not None else None
    if treatment_page is not None:
        treatment_page.write_text(page or "")
    assert code in codes(publish_it(engine, file, treatment_page))
    assert history(engine) == []


def test_one_version_number_never_stands_for_two_contents(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    change(engine, file, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    assert "version-taken" in codes(publish_it(engine, file))
    change(engine, file, ("version: 1.0.0", "version: 0.9.0"))
    assert "version-taken" in codes(publish_it(engine, file))
    assert len(history(engine)) == 1


@pytest.mark.parametrize(
    "quieter",
    [
        QUIETER,
        (
            "handling: review_before_booking\n    say:\n      clinician: Check the t",
            "handling: discuss_at_consultation\n    say:\n      clinician: Check the t",
        ),
    ],
)
def test_a_flag_that_became_quieter_wants_a_reason(
    engine: Engine, file: Path, quieter: tuple[str, str]
) -> None:
    publish_it(engine, file)
    changes = [NEXT, quieter, *([LIGHT] if "handling" in quieter[1] else [])]
    change(engine, file, *changes, reason="")
    assert codes(publish_it(engine, file)) == {"flag-quieter"}
    change(engine, file, *changes)
    assert publish_it(engine, file, later=1).problems == ()
    assert list(history(engine)[0].reasons.values()) == [REASON]


def test_the_patient_who_would_lose_a_flag_is_shown(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    change(engine, file, NEXT, QUIETER, reason="")
    (problem,) = publish_it(engine, file).problems
    assert problem.witness is not None
    assert problem.witness.get("infection") != "no"


def test_a_flag_that_is_gone_wants_a_reason(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    cases = CASES.replace("flags: {fever:", "flags: {temperature:")
    write_rules(
        file.parent, NEXT, ("  - id: fever\n    label", "  - id: temperature\n    label"), cases=cases
    )
    sign_it(engine, file, reason="")
    refused = publish_it(engine, file)
    assert "flag-quieter" in codes(refused)
    assert any('"fever"' in problem.message for problem in refused.problems)


def test_a_retired_version_stays_retired(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    assert retire(engine, ID, because="The page has changed.", now=NOW) == 1
    assert retire(engine, ID, because="Again.", now=NOW) == 0
    assert codes(publish_it(engine, file)) == {"version-retired"}
    change(engine, file, NEXT)
    assert publish_it(engine, file, later=1).problems == ()
    assert [one.stands for one in history(engine)] == [True, False]


@pytest.mark.both_engines
def test_two_who_publish_at_once_publish_once(engine: Engine, file: Path) -> None:
    def attempt(_: int) -> bool:
        try:
            return publish_it(engine, file).publication is not None
        except Unavailable:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert any(pool.map(attempt, range(4)))
    assert len(history(engine)) == 1


def words(folder: Path, *names: str) -> None:
    """A word list of this folder that names an infection by these."""
    list_ = folder / "common" / "words" / "safety.yaml"
    list_.parent.mkdir(parents=True, exist_ok=True)
    subject = {"subject": "infection", "words": list(names)}
    list_.write_text(as_yaml({"schema": "screening-words/1", "title": "Own words", "subjects": [subject]}))


def test_a_word_list_that_was_gutted_after_signing_voids_it(engine: Engine, file: Path) -> None:
    words(file.parent, "cellulitis", "tooth abscess")
    sign_it(engine, file)
    words(file.parent, "cellulitis")
    assert codes(publish_it(engine, file)) == {"signed-other"}


def test_a_gutted_word_list_is_told_still_looked_for_and_wants_a_reason(engine: Engine, file: Path) -> None:
    words(file.parent, "cellulitis", "tooth abscess")
    agreed_and_published(engine, file)
    library = Library(file.parent, engine, trial=False)
    library.load(NOW)
    assert not library.lost_words
    words(file.parent, "cellulitis", "sepsis")
    library.load(NOW)
    assert library.lost_words == (LostName("infection", "tooth abscess"),)
    looked_for = {word for subject in library.words.subjects for word in subject.words}
    assert looked_for == {"cellulitis", "tooth abscess", "sepsis"}
    write_rules(file.parent, ("version: 1.0.0", "version: 1.1.0"))
    sign_it(engine, file, reason="")
    assert codes(publish_it(engine, file)) == {"words-fewer"}
    assert agreed_and_published(engine, file, later=1).problems == ()
    library.load(NOW)
    assert not library.lost_words
    assert {word for subject in library.words.subjects for word in subject.words} == {"cellulitis", "sepsis"}
