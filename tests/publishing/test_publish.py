"""Publishing: what refuses it, and that what is published never changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from screening.core.errors import RuleSetError, Unavailable
from screening.core.loading import SIGNED, load
from screening.publishing.publish import history, retire
from screening.publishing.sign import load_sign_off, sign
from screening.storage import rule_sets
from screening.storage.database import reading

from .making import CASES, ID, NOW, PAGE, QUIETER, TODAY, codes, publish_it, sign_it, write_rules

LIGHT = (
    "accept:\n",
    "accept:\n  - {code: handling-light, where: flags.fever, reason: A nurse asks again.}\n",
)
NEXT = ("version: 1.0.0", "version: 1.1.0")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A rule set that passes everything, and is signed off."""
    written = write_rules(tmp_path / "rules")
    sign_it(written)
    return written


def change(file: Path, *changes: tuple[str, str]) -> Path:
    """Write it anew, and have it signed."""
    write_rules(file.parent, *changes)
    sign_it(file)
    return file


@pytest.mark.both_engines
def test_what_passes_and_is_signed_is_published_and_archived(
    engine: Engine, file: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE)
    outcome = publish_it(engine, file, page)
    assert outcome.problems == ()
    rule_set = load(file)
    (kept,) = history(engine, ID)
    assert (kept.digest, kept.version, kept.signed_name) == (rule_set.digest, "1.0.0", "Dr Robin Example")
    assert (kept.published_at, kept.signed_on, kept.traced, kept.stands) == (NOW, TODAY, True, True)
    with reading(engine) as connection:
        assert rule_sets.load(connection, rule_set.digest) == rule_set.document


def test_publishing_again_changes_nothing(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    before = history(engine)
    outcome = publish_it(engine, file)
    assert outcome.again
    assert history(engine) == before


def test_nothing_is_published_that_nobody_signed(engine: Engine, file: Path) -> None:
    file.with_name(ID + SIGNED).unlink()
    assert codes(publish_it(engine, file)) == {"not-signed"}
    assert history(engine) == []


def test_a_sign_off_is_void_once_the_content_changes_but_not_the_status(engine: Engine, file: Path) -> None:
    write_rules(file.parent, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    assert codes(publish_it(engine, file)) == {"signed-other"}
    write_rules(file.parent, ("status: live", "status: draft"))
    assert codes(publish_it(engine, file)) == set()


def test_a_sign_off_dated_in_the_future_does_not_stand(engine: Engine, file: Path) -> None:
    sign(file, load(file), name="Dr Robin Example", role="Consultant", on=TODAY + timedelta(days=1))
    assert codes(publish_it(engine, file)) == {"not-signed"}


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
    sign_it(file)
    treatment_page = tmp_path / "page.txt" if page is not None else None
    if treatment_page is not None:
        treatment_page.write_text(page or "")
    assert code in codes(publish_it(engine, file, treatment_page))
    assert history(engine) == []


def test_one_version_number_never_stands_for_two_contents(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    change(file, ("Which thumb hurts?", "Which of your thumbs hurts?"))
    assert "version-taken" in codes(publish_it(engine, file))
    change(file, ("version: 1.0.0", "version: 0.9.0"))
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
    change(file, NEXT, quieter, *([LIGHT] if "handling" in quieter[1] else []))
    refused = publish_it(engine, file)
    assert codes(refused) == {"flag-quieter"}
    assert codes(publish_it(engine, file, fever=" ")) == {"flag-quieter"}
    assert publish_it(engine, file, fever="The nurse asks again.").problems == ()
    assert history(engine)[0].reasons == {"fever": "The nurse asks again."}


def test_the_patient_who_would_lose_a_flag_is_shown(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    change(file, NEXT, QUIETER)
    (problem,) = publish_it(engine, file).problems
    assert problem.witness is not None
    assert problem.witness.get("infection") != "no"


def test_a_flag_that_is_gone_wants_a_reason(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    cases = CASES.replace("flags: {fever:", "flags: {temperature:")
    write_rules(
        file.parent, NEXT, ("  - id: fever\n    label", "  - id: temperature\n    label"), cases=cases
    )
    sign_it(file)
    refused = publish_it(engine, file)
    assert "flag-quieter" in codes(refused)
    assert any('"fever"' in problem.message for problem in refused.problems)


def test_a_reason_for_a_flag_that_is_not_quieter_is_refused(engine: Engine, file: Path) -> None:
    assert codes(publish_it(engine, file, infection="No reason at all.")) == {"unknown-reason"}


def test_a_retired_version_stays_retired(engine: Engine, file: Path) -> None:
    publish_it(engine, file)
    assert retire(engine, ID, because="The page has changed.", now=NOW) == 1
    assert retire(engine, ID, because="Again.", now=NOW) == 0
    assert codes(publish_it(engine, file)) == {"version-retired"}
    change(file, NEXT)
    assert publish_it(engine, file).problems == ()
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


@pytest.mark.parametrize(
    "content", ["", "\x00", "schema: [", "schema: screening-sign-off/1\nname: x\n", "- 1"]
)
def test_a_sign_off_that_cannot_be_read_is_told_with_its_place(file: Path, content: str) -> None:
    path = file.with_name(ID + SIGNED)
    path.write_text(content)
    with pytest.raises(RuleSetError) as refused:
        load_sign_off(file)
    assert all(problem.place.file == str(path) for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("name", "role"), [("", "Consultant"), ("  ", "Consultant"), ("Dr Example", "x" * 201)]
)
def test_nobody_signs_without_a_name_and_a_role(file: Path, name: str, role: str) -> None:
    before = file.with_name(ID + SIGNED).read_bytes()
    with pytest.raises(RuleSetError):
        sign(file, load(file), name=name, role=role, on=TODAY)
    assert file.with_name(ID + SIGNED).read_bytes() == before
