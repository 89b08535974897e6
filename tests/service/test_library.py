"""What is served: only what is proved and, out of trial, what was published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask

from screening.app import create_app
from screening.core.errors import RuleSetError
from screening.core.loading import load_words
from screening.core.rules import RuleSet
from screening.proving.prove import Proof, prove
from screening.publishing.publish import retire
from screening.service import examining, library
from screening.service.patient import Service
from screening.service.visit import Visit
from screening.settings import shipped
from screening.settings.environment import load_settings
from screening.storage import publications
from screening.storage.database import writing
from screening.web.door import service_of
from tests.actors import Clock
from tests.publishing.making import ID, NOW, agreed_and_published, write_rules

LOST = ("{fever: [yes, not_sure]}", "{fever: yes}")  # claim D


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "FRESH", 0.0)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with one live rule set."""
    write_rules(tmp_path / "rules")
    return tmp_path / "rules"


class Starter(Protocol):
    """Starts a service on this test's database."""

    def __call__(self, *, trial: bool = True) -> Flask: ...


@pytest.fixture
def start(tmp_path: Path, database_url: str) -> Iterator[Starter]:
    """Each service is closed when the test ends."""
    started: list[Flask] = []

    def begin(*, trial: bool = True) -> Flask:
        started.append(start_service(tmp_path, database_url, trial=trial))
        return started[-1]

    yield begin
    for app in started:
        service_of(app).engine.dispose()


def start_service(tmp_path: Path, database_url: str, *, trial: bool) -> Flask:
    folders = {"instance": tmp_path / "instance", "rules": tmp_path / "rules"}
    clinic = {"clinic_name": "The clinic", "clinic_phone": "01632 960 111"}
    given: dict[str, Any] = {**folders, **clinic, "log_level": "error"}
    return create_app(load_settings(**given, database_url=database_url, trial=trial))


def status(app: Flask, path: str = f"/{ID}") -> int:
    return app.test_client().get(path).status_code


def on_trial(app: Flask, path: str) -> bool:
    return "govuk-phase-banner" in app.test_client().get(path).get_data(as_text=True)


def test_a_live_rule_set_that_loses_a_safety_answer_does_not_start(rules: Path, start: Starter) -> None:
    file = write_rules(rules, LOST)
    with pytest.raises(RuleSetError) as refused:
        start()
    (problem,) = refused.value.problems
    line = next(number for number, words in enumerate(file.read_text().splitlines(), 1) if LOST[1] in words)
    assert (Path(problem.place.file).name, problem.place.line) == (file.name, line)
    assert problem.witness == {"fever": "not_sure"}
    assert "not_sure" in str(problem)


def test_a_draft_that_is_not_proved_stops_nobody(rules: Path, start: Starter) -> None:
    write_rules(rules, LOST, ("status: live", "status: draft"))
    assert status(start()) == 404


def test_a_reload_that_is_not_proved_keeps_the_last_good_version(rules: Path, start: Starter) -> None:
    app = start()
    write_rules(rules, LOST, ("Sore thumb injection", "Another title"))
    with pytest.raises(RuleSetError):
        service_of(app).library.load(NOW)
    page = app.test_client().get(f"/{ID}").get_data(as_text=True)
    assert "Sore thumb injection" in page
    assert "Another title" not in page


def test_what_did_not_change_is_not_proved_again(
    rules: Path, start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start()
    proved: list[str] = []

    def counting(rule_set: RuleSet) -> Proof:
        proved.append(rule_set.version)
        return prove(rule_set)

    monkeypatch.setattr(examining, "prove", counting)
    service_of(app).library.load(NOW)
    assert proved == []
    write_rules(rules, ("version: 1.0.0", "version: 1.0.1"))
    service_of(app).library.load(NOW)
    assert proved == ["1.0.1"]


def test_out_of_trial_only_what_was_published_is_served(rules: Path, start: Starter) -> None:
    file = rules / f"{ID}.yaml"
    app = start(trial=False)  # an unpublished file takes nothing down, and nobody can start it
    assert status(app) == 404
    assert [found.id for found in service_of(app).library.unpublished()] == [ID]
    assert agreed_and_published(service_of(app).engine, file).problems == ()
    assert status(start(trial=False)) == 200


def title(app: Flask) -> str:
    page = app.test_client().get(f"/{ID}").get_data(as_text=True)
    return page.partition("<h1")[2].partition(">")[2].partition("</h1>")[0].strip()


def test_what_is_published_stays_in_force_whatever_the_file_says_now(rules: Path, start: Starter) -> None:
    file = rules / f"{ID}.yaml"
    engine = service_of(start()).engine
    agreed_and_published(engine, file)
    write_rules(rules, ("version: 1.0.0", "version: 1.1.0"), ("title: Sore thumb", "title: Aching thumb"))
    assert agreed_and_published(engine, file, later=1).problems == ()
    for changes in (
        [],  # rolled back to the older version
        [("Sore thumb injection", "Lighter thumb")],  # edited, and signed by nobody
        [LOST],
        [("status: live", "status: draft")],
    ):
        write_rules(rules, *changes)
        assert title(start(trial=False)).startswith("Aching thumb")
    file.unlink()
    write_rules(rules, ("id: sore-thumb", "id: other-thumb"))
    assert status(start(trial=False)) == 404  # the folder says what is offered


@pytest.mark.parametrize("trial", [True, False])
def test_a_version_from_next_year_ends_the_present_one_on_its_day(
    rules: Path, start: Starter, trial: bool
) -> None:
    file, clock = rules / f"{ID}.yaml", Clock()
    engine = service_of(start()).engine
    agreed_and_published(engine, file)
    changes = ("status: live", "status: live\neffective_from: 2027-01-01"), ("title: Sore", "title: Aching")
    write_rules(rules, ("version: 1.0.0", "version: 2.0.0"), *changes)
    assert agreed_and_published(engine, file, later=1).problems == ()
    app = start(trial=trial)
    library_of_it = service_of(app).library
    for day, version in (
        (clock().date(), "1.0.0"),
        (date(2026, 12, 31), "1.0.0"),
        (date(2027, 1, 1), "2.0.0"),
    ):
        found = library_of_it.find_live(ID, day)
        assert found is not None
        assert found.version == version


def test_the_banner_stands_on_what_nobody_signed_until_it_is_published(rules: Path, start: Starter) -> None:
    app = start()
    pages = ("/", f"/{ID}", f"/{ID}/get-help-now", "/privacy")
    assert all(on_trial(app, page) for page in pages)
    agreed_and_published(service_of(app).engine, rules / f"{ID}.yaml")
    status(app)  # the running service sees it
    assert not any(on_trial(app, page) for page in pages)


def begun(app: Flask) -> Visit:
    """A draft with one answer, of a version that was published."""
    service = service_of(app)
    visit = service.visit(ID, None)
    assert visit is not None
    return service.save_answers(visit, {"where": "left"})


def test_a_retired_treatment_takes_nobody_new_and_is_not_sent_by_who_has_begun(
    rules: Path, start: Starter
) -> None:
    app = start()
    service = service_of(app)
    agreed_and_published(service.engine, rules / f"{ID}.yaml")
    visit = begun(app)
    for question in ("night", "infection", "fever"):
        visit = service.save_answers(visit, {question: "no"})
    retire(service.engine, ID, because="The page has changed.", now=NOW)
    sent = service.send(visit, "en")  # from a page that was opened before
    assert (sent.reference, sent.withdrawn) == (None, True)
    assert status(app) == 404
    assert service.treatments() == []
    found = service.visit(ID, visit.token)
    assert found is not None
    assert found.withdrawn
    assert found.answers == visit.answers


def test_who_has_begun_goes_on_with_the_version_in_use_and_keeps_what_is_asked_the_same(
    rules: Path, start: Starter
) -> None:
    app = start()
    service = service_of(app)
    visit = service.save_answers(begun(app), {"fever": "no"})
    typed = {"where": {"": ["right"]}, "fever": {"": ["yes"]}}
    assert service.keep_words(visit, typed, visit.opened(typed)) is not None
    recall_it(service, "1.0.0")
    write_rules(rules, ("version: 1.0.0", "version: 1.1.0"), ("a high temperature", "a temperature of 38"))
    service.library.load(NOW)
    found = service.visit(ID, visit.token)
    assert found is not None
    assert found.withdrawn
    renewed = service.renew(found)
    assert (renewed.rule_set.version, renewed.withdrawn) == ("1.1.0", False)
    assert renewed.answers == {"where": "left"}
    assert renewed.unfinished == {"where": {"": ["right"]}}
    again = service.visit(ID, visit.token)
    assert again is not None
    assert (again.rule_set.version, again.answers) == ("1.1.0", {"where": "left"})


@pytest.mark.both_engines
@pytest.mark.usefixtures("rules")
def test_a_recalled_version_takes_nobody_whether_or_not_it_was_published(start: Starter) -> None:
    app = start()
    recall_it(service_of(app), "1.0.0")
    assert status(app) == 404


def recall_it(service: Service, version: str) -> None:
    with writing(service.engine) as connection:
        publications.recall(connection, ID, version, by="Robin", because="Unsafe", now=NOW)
    service.library.load(NOW)


@pytest.mark.parametrize(("stops", "days", "expected"), [(True, 0, 200), (True, 1, 404), (False, 1, 200)])
def test_past_its_review_date_a_treatment_stops_where_the_clinic_says_so(
    rules: Path, database_url: str, stops: bool, days: int, expected: int
) -> None:
    write_rules(rules, ("status: live", "status: live\nreview_by: 2026-11-30"))
    clock = Clock()
    clock.forward(days=7 + days)
    given: dict[str, Any] = {"rules": rules, "instance": rules.parent / "instance", "log_level": "error"}
    settings = load_settings(**given, database_url=database_url, stop_past_review=stops)
    app = create_app(settings, clock)
    assert status(app) == expected
    service_of(app).engine.dispose()


# Word lists


def write_words(rules: Path, text: str) -> None:
    """The folder's own word list."""
    folder = rules / "common" / "words"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.yaml").write_text(f"schema: screening-words/1\nsubjects:\n  - {text}\n")


@pytest.mark.usefixtures("rules")
def test_a_folder_without_word_lists_uses_those_that_are_shipped(start: Starter) -> None:
    assert service_of(start()).library.words == load_words(shipped("rules"))


def test_a_folder_with_a_word_list_uses_its_own_and_reads_it_again(rules: Path, start: Starter) -> None:
    write_words(rules, "{subject: fever, words: [shivers]}")
    found = service_of(start()).library
    assert [subject.words for subject in found.words.subjects] == [("shivers",)]
    write_words(rules, "{subject: fever, words: [shivers, rigors]}")
    found.load(NOW)
    assert [subject.words for subject in found.words.subjects] == [("shivers", "rigors")]


def test_a_broken_word_list_stops_the_start_with_its_line_and_keeps_the_last_good_one(
    rules: Path, start: Starter
) -> None:
    write_words(rules, "{subject: fever, words: [shivers]}")
    found = service_of(start()).library
    write_words(rules, "{subject: fevre, words: [rigors]}")
    for trying in (start, lambda: found.load(NOW)):
        with pytest.raises(RuleSetError) as refused:
            trying()
        assert [str(problem.place) for problem in refused.value.problems] == [
            "rules/common/words/own.yaml:3:15"
        ]
    assert [subject.words for subject in found.words.subjects] == [("shivers",)]
