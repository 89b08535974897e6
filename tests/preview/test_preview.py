"""The preview: the form as patients see it, the rules beside it, and nothing kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from screening.preview.starting import previewing
from screening.storage import requests, tables
from screening.storage.database import reading
from screening.web.door import service_of
from tests.actors import Page
from tests.publishing.making import ID, QUIETER, write_rules

PATIENCE = 20  # seconds until a wait is a failure
WHOLE = {"where": "left", "night": "yes", "infection": "yes", "fever": "no"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A draft, which nobody else would serve."""
    return write_rules(tmp_path / "rules", ("status: live", "status: draft"))


@pytest.fixture
def app(file: Path) -> Iterator[Flask]:
    """The preview of it."""
    with previewing(file) as (made, _):
        yield made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The author's browser."""
    return app.test_client()


def get(client: FlaskClient, path: str) -> Page:
    return Page(client.get(path, follow_redirects=True))


def beside(page: Page) -> str:
    """The panel."""
    return page.text.partition('id="preview"')[2].partition("</aside>")[0]


def saved(save: Callable[[], object], until: Callable[[], bool]) -> None:
    """Saved again each second until it shows: the watcher has no sign of being ready."""
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline
        save()
        time.sleep(1)


def test_a_draft_is_shown_and_every_page_is_marked(client: FlaskClient) -> None:
    for path in ("/", f"/{ID}", f"/{ID}/get-help-now", f"/{ID}?case=1"):
        page = get(client, path)
        assert page.status == 200
        assert page.title.startswith("Preview")


def test_the_rules_that_are_met_stand_beside_the_page_with_their_lines(
    client: FlaskClient, file: Path
) -> None:
    panel = beside(get(client, f"/{ID}?case=2"))
    met, _, others = panel.partition("not met")
    line = next(
        number
        for number, words in enumerate(file.read_text().splitlines(), 1)
        if "May have an infection" in words
    )
    assert 'data-rule="infection"' in met
    assert f"{file}:{line - 1}:" in met
    assert "infection: Yes" in met
    assert 'data-rule="night_pain"' in others


def test_it_opens_with_given_answers(file: Path) -> None:
    with previewing(file, WHOLE) as (app, _):
        page = get(app.test_client(), "/")
    assert page.name == "check-your-answers"
    assert 'data-rule="infection"' in beside(page).partition("not met")[0]


@pytest.mark.parametrize("case", ["2", "an infection is looked"])
def test_it_opens_with_a_case_by_number_or_words(client: FlaskClient, case: str) -> None:
    page = Page(client.get(f"/{ID}", query_string={"case": case}, follow_redirects=True))
    assert page.name == "check-your-answers"
    assert 'data-rule="infection"' in beside(page).partition("not met")[0]


@pytest.mark.parametrize("path", [f"/{ID}?case=99", f"/{ID}?case=zzz", "/-/witness/9", "/health", "/other"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert get(client, path).status == 404


def test_a_question_that_was_just_removed_leads_back_to_the_form(client: FlaskClient, file: Path) -> None:
    get(client, f"/{ID}?case=2")
    assert get(client, f"/{ID}/night").name == "night"
    text = file.read_text()
    saved(
        lambda: file.write_text(text.replace("id: night\n", "id: nights\n").replace("night: ", "nights: ")),
        lambda: get(client, f"/{ID}/night").name == ID,
    )
    assert get(client, f"/{ID}/night").status == 200


def test_sending_keeps_nothing_and_says_so(app: Flask, client: FlaskClient) -> None:
    page = get(client, f"/{ID}?case=1")
    sent = client.post(f"/{ID}/check-your-answers", data={"csrf_token": page.token})
    assert sent.status_code == 200
    assert "Nothing was sent" in sent.get_data(as_text=True)
    with reading(service_of(app).engine) as connection:
        assert requests.count(connection) == 0
        assert connection.execute(tables.rule_sets.select()).all() == []


def test_nothing_is_left_when_it_ends(file: Path) -> None:
    with previewing(file, WHOLE) as (app, settings):
        get(app.test_client(), "/")
        assert settings.instance.is_dir()
    assert not settings.instance.exists()


def test_the_real_service_is_not_touched(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_DATABASE_URL", f"sqlite:///{tmp_path}/real.db")
    monkeypatch.setenv("SCREENING_INSTANCE", str(tmp_path / "real"))
    monkeypatch.setenv("SCREENING_SEALING_KEY", "/nowhere/key")
    with previewing(file, WHOLE) as (app, settings):
        assert get(app.test_client(), "/").status == 200
        assert settings.host == "127.0.0.1"
    assert not (tmp_path / "real.db").exists()
    assert not (tmp_path / "real").exists()


def test_only_this_machine_may_ask(client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/-/", headers={"Host": "evil.example"}).status_code == 403


def test_a_save_is_shown_at_once_with_the_answers_so_far(client: FlaskClient, file: Path) -> None:
    get(client, f"/{ID}?case=2")
    saved(
        lambda: write_rules(file.parent, QUIETER),
        lambda: 'data-rule="fever"' in beside(get(client, f"/{ID}")).partition("not met")[2],
    )


def test_a_broken_save_shows_its_problems_and_a_mended_one_the_form(client: FlaskClient, file: Path) -> None:
    edition = client.get("/-/edition").get_json()["edition"]
    wrong = ("type: choose_one", "type: choose_ones")
    saved(lambda: write_rules(file.parent, wrong), lambda: get(client, f"/{ID}").status == 422)
    line = next(
        number for number, words in enumerate(file.read_text().splitlines(), 1) if "choose_ones" in words
    )
    assert f"{file}:{line}:" in get(client, f"/{ID}/where").text
    assert client.get("/-/edition").get_json()["edition"] > edition
    saved(lambda: write_rules(file.parent), lambda: get(client, f"/{ID}").status == 200)


def test_a_rule_set_that_would_not_be_served_is_shown_with_its_witness(tmp_path: Path) -> None:
    with previewing(write_rules(tmp_path / "rules", ("{fever: [yes, not_sure]}", "{fever: yes}"))) as (
        app,
        _,
    ):
        client = app.test_client()
        assert "/-/witness/1" in beside(get(client, f"/{ID}"))
        assert "fever: I’m not sure" in beside(get(client, "/-/witness/1"))
