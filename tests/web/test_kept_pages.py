"""Pages that are kept: the same as those that are made, and nothing in them that is one patient's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import Markup

from screening.storage.sealing.tokens import DraftToken
from screening.web import answers_shown
from screening.web.components import component
from screening.web.kept_pages import KeptPages, Shape, kept
from screening.web.summary_rows import SummaryRow, drawn, summary_list
from tests.actors import Patient
from tests.conftest import MakeApp
from tests.two_sites import NORTH, written
from tests.usual import TREATMENT

WORDS = "Zebra <b>crossing</b> & 'quarrel'"
ANSWERS = {"name": "Ottoline Quill", "what_happened": WORDS, "birth_date": "1953-07-29"}
GONE = DraftToken.new().encode()  # opens no draft
_CHANGES = re.compile(r'(name="csrf_token" value|data-expires-in)="[^"]*"')  # from one second to the next


def pages_of(app: Flask) -> KeptPages:
    found: KeptPages = app.extensions["kept_pages"]
    return found


def seen(patient: Patient, name: str) -> list[str]:
    page = patient.client.get(f"/{patient.treatment}/{name}").get_data(as_text=True)
    return words_and_tags(_CHANGES.sub("", page))


def words_and_tags(markup: str) -> list[str]:
    """Without what only sets lines apart."""
    return re.sub(r"\s*([<>])\s*", r" \1 ", markup).split()


def test_what_is_kept_holds_nothing_of_what_was_filled_in(patient: Patient) -> None:
    patient.fill_in(ANSWERS)
    patient.go("check-your-answers")
    token = patient.client.get_cookie("draft", path=f"/{patient.treatment}")
    texts = repr(pages_of(patient.app).pages)
    assert token is not None
    for given in ("Ottoline", "Zebra", "1953", token.value, 'csrf_token" value="I'):
        assert given not in texts


def test_no_control_is_kept_in_which_something_was_typed(patient: Patient) -> None:
    patient.fill_in(ANSWERS)
    assert ANSWERS["name"] in patient.go("name").text
    kept_controls = patient.app.extensions["controls"]
    drawn = kept_controls.cache_info().misses
    patient.answer("name", "Zebedee Quill")
    assert "Zebedee Quill" in patient.go("name").text
    assert kept_controls.cache_info().misses == drawn


def test_a_kept_page_is_the_one_that_was_made(patient: Patient) -> None:
    patient.fill_in(ANSWERS)
    names = ["", "get-help-now", "check-your-answers", *patient.rule_set.by_id]
    first = {name: seen(patient, name) for name in names}
    assert {name: seen(patient, name) for name in names} == first
    pages_of(patient.app).most = 0  # none are kept, and templates see the whole visit
    assert {name: seen(patient, name) for name in names} == first


def test_no_row_of_the_check_page_is_anothers(
    patient: Patient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.fill_in(ANSWERS)
    other = Patient(app)
    other.fill_in({"name": "Zebedee Quince", "birth_date": "1961-02-03", "side": "left"})
    shown = seen(other, "check-your-answers")
    assert not {"Ottoline", "Zebra", "1953"}.intersection(shown)
    monkeypatch.setattr(answers_shown, "MOST_ROWS", 0)
    answers_shown.rows_in.cache_clear()
    assert seen(other, "check-your-answers") == shown


def test_what_is_kept_is_of_one_clinic_and_one_place_where_it_is_mounted(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app(sites=written(tmp_path))
    places = [(mount, site) for mount in ("", "/forms") for site in ("", f"/at/{NORTH}")]
    pages = ("", "/get-help-now", "/for_whom")

    def shown() -> dict[tuple[str, str, str], list[str]]:
        return {
            (mount, site, page): words_and_tags(
                _CHANGES.sub("", page_at(app, mount, f"{site}/{TREATMENT}{page}"))
            )
            for page in pages
            for mount, site in places
        }

    first = shown()
    assert shown() == first
    pages_of(app).most = 0
    assert shown() == first
    for (mount, site, _page), words in first.items():
        links = {word for word in words if TREATMENT in word and "/static/" not in word}
        assert all(f'="{mount}{site}/{TREATMENT}' in link for link in links)
        assert ("North" in words) == bool(site)


def page_at(app: Flask, mount: str, path: str) -> str:
    """For somebody whose draft is gone, below where the service is mounted."""
    client = app.test_client()
    client.set_cookie("draft", GONE)
    page = client.get(path, environ_overrides={"SCRIPT_NAME": mount})
    assert page.status_code == 200
    return page.get_data(as_text=True)


def test_only_so_many_are_kept_and_the_longest_unused_go(app: Flask) -> None:
    pages_of(app).most = 2
    with app.test_request_context():
        for part in (1, 2, 1, 3):
            facts = {"part": part, "parts": 3, "section": "Pain", "least": 1, "most": 1}
            kept("shared/progress.html", Shape(facts))
    assert [asked.facts[0] for asked in pages_of(app).pages] == [("part", 1), ("part", 3)]


@pytest.mark.parametrize("link", [None, ("Change", WORDS)])
def test_a_summary_list_by_rows_is_the_design_systems(app: Flask, link: tuple[str, str] | None) -> None:
    values = [WORDS, "two\nlines", " blank ", Markup("<br>").join(["a", "b"]), ""]
    rows = [
        SummaryRow(f"{WORDS}?", Markup("{}").format(value), link, f"/a?b=1&c={number}")
        for number, value in enumerate(values)
    ]
    params = [{"key": {"text": row.key}, "value": {"html": row.value}} for row in rows]
    if link is not None:
        for row, given in zip(rows, params, strict=True):
            item = {"href": row.href, "text": link[0], "visuallyHiddenText": link[1]}
            given["actions"] = {"items": [item]}
    with app.test_request_context():
        by_rows, whole = summary_list([*map(drawn, rows)]), component("summary-list", {"rows": params})
    assert words_and_tags(by_rows) == words_and_tags(whole)
