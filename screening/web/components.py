"""The bridge to the design system's macros, and the addresses of what was compiled from it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias, cast

from flask import Flask, current_app, url_for
from flask_babel import format_date
from jinja2 import Environment, PackageLoader, PrefixLoader
from markupsafe import Markup, escape

# The style is compiled for these alone: another needs a line here and one in assets/style.scss.
COMPONENTS = frozenset(
    {
        "back-link",
        "button",
        "character-count",
        "checkboxes",
        "date-input",
        "details",
        "error-message",
        "error-summary",
        "fieldset",
        "hint",
        "input",
        "inset-text",
        "label",
        "notification-banner",
        "panel",
        "phase-banner",
        "radios",
        "select",
        "skip-link",
        "summary-list",
        "table",
        "tag",
        "textarea",
        "warning-text",
    }
)

_ADDRESS = f"address{secrets.token_hex(8)}"  # stands where one is put in
MEMO_SIZE = 2048  # a question takes 2 to 5 KB, so some 10 MB at most

Parameters: TypeAlias = dict[str, object]  # of a component, as the design system documents them
Solid: TypeAlias = "str | int | float | bool | list[Solid] | SolidParameters | None"
SolidParameters: TypeAlias = "dict[str, Solid]"  # without anything lazy or absent
Macro: TypeAlias = Callable[[SolidParameters], Markup]


def component(name: str, params: Mapping[str, object]) -> Markup:
    """The markup of `component("radios", {...})` and the like; the parameters are the design system's.

    Markup stays as it is and every other text is escaped, under `html` too. `None` counts as absent.
    Raises ValueError for a component that the style was not compiled for, or attributes given as text.
    """
    return _macro(name)(_plain_mapping(params))


def remembered(name: str, params: Mapping[str, object]) -> Markup:
    """The same markup as `component`, made once for equal parameters (it costs about 10 ms a page).

    NEVER with text a person typed: it would stay in memory after the draft it came from is gone.
    """
    plain = _plain_mapping(params)
    return _rendered(_Asked(name, repr(plain), plain))


def linked(name: str, href: str, params: Mapping[str, object]) -> Markup:
    """The same as `component` with this `href`; all but the address is made once, as by `remembered`."""
    before, _, after = remembered(name, {**params, "href": _ADDRESS}).partition(_ADDRESS)
    return before + href + after


def compile_now(app: Flask) -> None:
    """What patients' pages are made of, which else is compiled at the first page that needs it."""
    for name in COMPONENTS:
        _macro(name)
    for name in app.jinja_env.list_templates(extensions=["html"]):
        if name.startswith(("patient/", "shared/")) or name == "base.html":
            app.jinja_env.get_template(name)


def asset_url(name: str) -> str:
    """The address of a file under `static/`, which changes when its content does."""
    file = Path(current_app.static_folder or "", name)
    return url_for("static", filename=name, v=_version(file))


def init_app(app: Flask) -> None:
    """Every template may call them."""
    app.jinja_env.globals.update(
        component=component,
        remembered=remembered,
        linked=linked,
        asset_url=asset_url,
        day_in_words=day_in_words,
    )


@dataclass(frozen=True)
class _Asked:
    """A component and its parameters, equal when their text is.

    The text is `repr`, which tells Markup from str and 1 from True, where JSON would not.
    """

    name: str
    text: str
    params: SolidParameters = field(compare=False)


@lru_cache(maxsize=MEMO_SIZE)
def _rendered(asked: _Asked) -> Markup:
    return _macro(asked.name)(asked.params)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Apart from the app's own: the macros test for keys that are absent, which StrictUndefined forbids."""
    return Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        auto_reload=False,  # each macro imports others at each call, and would look at the disk each time
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=len(COMPONENTS))
def _macro(name: str) -> Macro:
    if name not in COMPONENTS:
        raise ValueError(
            f'there is no component "{name}": either use one of {", ".join(sorted(COMPONENTS))}, '
            "or add it to COMPONENTS and to assets/style.scss"
        )
    template = _environment().get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
    macro = getattr(template.module, "govuk" + name.title().replace("-", ""))
    return cast(Macro, macro)


def _plain_mapping(params: Mapping[str, object]) -> SolidParameters:
    return {key: _plain_under(key, value) for key, value in params.items() if value is not None}


def _plain_under(key: str, value: object) -> Solid:
    plain = _plain(value)
    if key == "attributes" and isinstance(plain, str):
        raise ValueError("attributes are a mapping of names to values: as text they would not be escaped")
    # The macros trust whatever stands under these keys; only Markup has earned that.
    if isinstance(plain, str) and key.lower().endswith("html"):
        return escape(plain)
    return plain


def _plain(value: object) -> Solid:
    """Lazy words become text here, for the macros ask what kind of thing a value is."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)


def _version(file: Path) -> str | None:
    """None for a file that was not built: the page is plain then, and still works."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return _short_hash(file, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=64)
def _short_hash(file: Path, *_changed: int) -> str:  # when the file changes, so does the key
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def day_in_words(day: date) -> str:
    """A day with its weekday, as a promise names it."""
    return str(format_date(day, "EEEE d MMMM y"))
