"""The bridge to the design system: typed words never become markup, nothing is remembered wrongly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import Environment
from markupsafe import Markup

from screening.web import components
from screening.web.components import COMPONENTS, asset_url, compile_now, component, remembered
from tests.actors import Patient

EVIL = "\"><script>alert('x')</script>&"


def every_parameter(text: Any, html: Any) -> dict[str, Any]:
    """One set of parameters that fills whatever the components in use can print."""
    words = {"text": text, "classes": "a", "attributes": {"data-x": text}}
    marked = {"html": html}
    item = {
        **words,
        "value": text,
        "name": "n",
        "label": text,
        "hint": words,
        "href": text,
        "behaviour": "exclusive",
        "key": words,
        "actions": {"items": [{**words, "href": text, "visuallyHiddenText": text}]},
        "conditional": marked,
    }
    row = {"key": words, "value": words, "actions": item["actions"]}
    return {
        **words,
        "id": "i",
        "name": "n",
        "href": text,
        "value": text,
        "label": words,
        "hint": words,
        "errorMessage": words,
        "fieldset": {"legend": words},
        "legend": words,
        "items": [item],
        "rows": [row],
        "errorList": [words, {**words, "href": text}],
        "titleText": text,
        "descriptionText": text,
        "summaryText": text,
        "iconFallbackText": text,
        "tag": words,
        "maxlength": 9,
        "prefix": words,
        "suffix": words,
        "formGroup": {"beforeInput": words, "afterInput": marked},
        "card": {"title": words},
    }


def parameters(name: str, text: Any, html: Any) -> dict[str, Any]:
    params = every_parameter(text, html)
    if name == "table":
        params |= {"head": [params["label"]], "rows": [[params["label"]]], "caption": text}
    return params


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_text_is_escaped_in_every_component(name: str) -> None:
    markup = component(name, parameters(name, EVIL, EVIL))
    assert "<script" not in markup
    assert "&lt;script" in markup


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_no_component_breaks_the_content_policy(name: str) -> None:
    markup = component(name, parameters(name, "words", Markup("<b>words</b>")))
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", markup)


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_a_remembered_component_is_the_same_markup(name: str) -> None:
    params = parameters(name, "words", Markup("<b>words</b>"))
    first = remembered(name, params)
    assert first == remembered(name, params) == component(name, params)
    assert isinstance(first, Markup)


def test_markup_stays_markup_and_text_under_html_does_not_become_it() -> None:
    assert "<b>hi</b>" in component("inset-text", {"html": Markup("<b>hi</b>")})
    assert "<b>" not in component("inset-text", {"html": "<b>hi</b>"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"text": "<b>"}, {"text": Markup("<b>")}),
        ({"text": "a", "value": 1}, {"text": "a", "value": "1"}),
        ({"text": "a"}, {"text": "a", "classes": "b"}),
    ],
)
def test_parameters_that_differ_in_kind_alone_are_remembered_apart(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    for params in (one, other, one):
        assert remembered("button", params) == component("button", params)


class Lazy:
    """Like Flask-Babel's lazy string, which claims to be markup though it may hold anything."""

    def __init__(self, *words: str) -> None:
        self.words = iter(words)

    def __str__(self) -> str:
        return next(self.words)

    __html__ = __str__


def test_lazy_words_are_read_anew_each_time_and_escaped() -> None:
    lazy = Lazy("<b>one", "<b>two")
    assert "&lt;b&gt;one" in remembered("tag", {"text": lazy})
    assert "&lt;b&gt;two" in remembered("tag", {"text": lazy})


def test_none_counts_as_absent() -> None:
    params: Mapping[str, object] = {"name": "n", "label": {"text": "l"}, "value": None, "errorMessage": None}
    assert component("textarea", params) == component("textarea", {"name": "n", "label": {"text": "l"}})


def test_what_was_typed_comes_back_to_the_letter() -> None:
    typed = "one\n  two\n\n\tthree  \nfour"
    for name in ("textarea", "character-count"):
        markup = component(name, {"name": "n", "label": {"text": "l"}, "maxlength": 99, "value": typed})
        assert f">{typed}</textarea>" in markup


def test_attributes_given_as_text_are_refused() -> None:
    with pytest.raises(ValueError, match="attributes"):
        component("button", {"text": "a", "attributes": " onclick=x"})


def test_a_component_without_a_style_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match="COMPONENTS"):
        component("accordion", {})


def test_memory_stays_bounded() -> None:
    assert components._rendered.cache_parameters()["maxsize"] == components.MEMO_SIZE


@pytest.fixture
def site(tmp_path: Path) -> Flask:
    app = Flask("site", static_folder=str(tmp_path), static_url_path="/static")
    components.init_app(app)
    return app


def test_templates_find_the_components(site: Flask) -> None:
    names = ("component", "remembered", "asset_url")
    assert [name for name in names if name not in site.jinja_env.globals] == []


def test_an_address_changes_with_the_content_of_its_file(site: Flask, tmp_path: Path) -> None:
    with site.test_request_context():
        (tmp_path / "a.css").write_text("a")
        before = asset_url("a.css")
        (tmp_path / "a.css").write_text("bb")
        assert before != asset_url("a.css")


def test_an_asset_that_is_not_built_still_has_an_address(site: Flask) -> None:
    with site.test_request_context():
        assert asset_url("absent.css") == "/static/absent.css"


def test_once_all_is_compiled_no_page_of_a_patient_compiles_anything(
    app: Flask, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_now(app)

    compiled, compiles = [], Environment.compile

    def watched(environment: Environment, source: str, *named: Any, **given: Any) -> Any:
        compiled.append(named)
        return compiles(environment, source, *named, **given)

    monkeypatch.setattr(Environment, "compile", watched)
    patient.fill_in()
    patient.send()
    assert not compiled
