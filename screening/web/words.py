"""The words of the page that is made now, in its language: a page of the desk says hundreds of them.

Words of the program alone: what a person typed goes in beside them, as a value, and is not kept.
"""

from __future__ import annotations

from functools import lru_cache

from babel.support import NullTranslations
from flask import Flask
from flask_babel import get_domain, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from screening.web.at_hand import kept_at_hand

_UNTRANSLATED = NullTranslations()
_MEMO_SIZE = 4096  # more than the interface has words


class OwnWords(LazyString):  # type: ignore[misc]  # Flask-Babel ships no types
    """Of the program, with nothing put in: nobody typed them, so what is made of them alone may be kept."""


def gettext(text: str, **values: object) -> str:
    """In the language of the page, `values` put in; as it is where there is no app."""
    said = _said(_page_words(), text)
    return said % values if values else said


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """The same of so many, which goes in as `num`."""
    said: str = _page_words().ungettext(one, many, number)
    return said % {"num": number, **values}


def lazy_gettext(text: str, **values: object) -> LazyString:
    """The same, looked for when it is shown; `OwnWords` where no value goes in."""
    return LazyString(gettext, text, **values) if values else OwnWords(gettext, text)


def language() -> str:
    """That of the page, as Babel calls it; asked once for it."""
    here = kept_at_hand()
    if "language" not in here:
        here.language = str(get_locale())
    found: str = here.language
    return found


def init_app(app: Flask) -> None:
    """What templates say them by."""
    app.jinja_env.globals.update({"_": _html, "gettext": _html, "ngettext": _html_of_so_many})


def _page_words() -> NullTranslations:
    """Asked once for each page in which language it is, and not for each of its words."""
    try:
        here = kept_at_hand()
    except RuntimeError:
        return _UNTRANSLATED
    found: NullTranslations | None = here.get("translations")
    if found is None:
        found = here.translations = get_domain().get_translations()
    return found


@lru_cache(maxsize=_MEMO_SIZE)
def _said(words: NullTranslations, text: str) -> str:
    """Translated once for each language."""
    return str(words.ugettext(text))


def _html(text: str, **values: object) -> Markup:
    """A text without values is a format too, as Jinja's own has it; what is put in is escaped."""
    words = _page_words()
    return _html_of(_said(words, text)) % values if values else _plain_html(words, text)


@lru_cache(maxsize=_MEMO_SIZE)
def _plain_html(words: NullTranslations, text: str) -> Markup:
    return _html_of(_said(words, text)) % {}


def _html_of_so_many(one: str, many: str, number: int, **values: object) -> Markup:
    said = _page_words().ungettext(one, many, number)
    return _html_of(said) % {"num": number, **values}


def _html_of(said: str) -> Markup:
    return Markup(said)  # noqa: S704  the program's own words, in which "&nbsp;" may stand
